"""The journal's writer: what its thread does with all that waits, under one sync."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

from jikimi.runtime.ports import JournalFailedError
from jikimi.storage.gather import Gatherer, Waiting
from jikimi.storage.segments import Segments, SegmentWriter

TURN: Final[list[bytes]] = []
"""Stands for no record, and asks for a new segment. Known by itself, not by what it holds: an empty append is another thing."""
_FAILED: Final = "The journal could not store these records; nothing of them was kept."


class Writer:
    """Owns the thread, the segment being written and the record numbers.

    Args:
        segments: where to write.
        last: number of the last record stored so far.
        today: gives the day in UTC.
    """

    def __init__(self, segments: Segments, last: int, today: Callable[[], dt.date]) -> None:
        self._segments = segments
        self._last = last
        self._today = today
        self._day: dt.date | None = None
        self._segment: SegmentWriter | None = None
        self._gatherer = Gatherer[Sequence[bytes], int]("journal", self._commit, failure=failure, end=self._leave_segment)

    def put(self, records: Sequence[bytes], future: asyncio.Future[int]) -> None:
        """Queue the records of one append. Never blocks. After the end its future fails."""
        self._gatherer.put(Waiting(records, sum(map(len, records)), future))

    def turn(self, future: asyncio.Future[int]) -> None:
        """Queue the beginning of a new segment: whatever was put before stands in segments that are never written again."""
        self._gatherer.put(Waiting(TURN, 1, future))

    def close(self) -> None:
        """Commit what is queued and end the thread. Blocks."""
        self._gatherer.close()

    def _commit(self, appends: Sequence[Sequence[bytes]]) -> list[int]:
        try:
            return self._store(appends)
        except Exception:
            self._abandon_segment()
            raise

    def _store(self, appends: Sequence[Sequence[bytes]]) -> list[int]:
        records: list[bytes] = []
        numbers: list[int] = []
        for append in appends:
            records += append
            numbers.append(self._last + len(records))
        if records:
            self._segment_of_today().write(self._last + 1, records)
            self._last = numbers[-1]
        if not any(append is TURN for append in appends):
            return numbers
        # What was gathered with it stands in the old segment too, whatever came after it: that is what it answers.
        self._begin_segment(self._today())
        return [numbers[-1] if append is TURN else number for append, number in zip(appends, numbers, strict=True)]

    def _segment_of_today(self) -> SegmentWriter:
        today = self._today()
        # A clock set back by an hour at midnight must not begin a third segment.
        if self._segment is None or self._day is None or today > self._day:
            return self._begin_segment(today)
        return self._segment

    def _begin_segment(self, today: dt.date) -> SegmentWriter:
        """Begin a segment, after all there are."""
        self._abandon_segment()
        self._segment = self._segments.create(today)
        self._day = today
        return self._segment

    def _leave_segment(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.close()

    def _abandon_segment(self) -> None:
        # After an error nobody knows what of it is on the disk. A new segment has a new key, so that the numbers, which
        # are the nonces, may be given again.
        segment = self._segment
        self._leave_segment()
        if segment is not None and segment.empty:
            self._segments.discard(segment.name)


def failure(why: str = _FAILED) -> JournalFailedError:
    """Return the error of one future."""
    return JournalFailedError(why)
