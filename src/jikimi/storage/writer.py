"""The journal's writer thread: everything that waits goes to disk together, under one sync."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from jikimi.runtime.ports import JournalFailedError
from jikimi.storage.segments import Segments, SegmentWriter

# What one commit takes at most, unless a single append is larger: a reader holds a whole row in memory.
COMMIT_BYTES: Final = 1 << 20

_FAILED: Final = "The journal could not store these records; nothing of them was kept."


class Entry(NamedTuple):
    """One call of ``append`` that waits; ``size`` in bytes."""

    records: Sequence[bytes]
    size: int
    future: asyncio.Future[int]


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
        self._ended = False
        self._queue: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def put(self, entry: Entry) -> None:
        """Queue one entry. Never blocks. After the end its future fails."""
        self._queue.put(entry)
        if self._ended:
            self._refuse_rest()

    def close(self) -> None:
        """Commit what is queued and end the thread. Blocks."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            entries, going = self._next()
            if entries:
                self._commit(entries)
        self._leave_segment()
        # Whoever queues from now on sees the flag; whoever queued before is refused here. Nobody waits for ever.
        self._ended = True
        self._refuse_rest()

    def _refuse_rest(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                entry = self._queue.get_nowait()
                if entry is not None:
                    _tell([entry], None)

    def _next(self) -> tuple[list[Entry], bool]:
        """Wait for an entry; return it with all that is queued behind it, and whether more may come."""
        entries: list[Entry] = []
        size = 0
        entry = self._queue.get()
        while entry is not None:
            entries.append(entry)
            size += entry.size
            if size >= COMMIT_BYTES:
                return entries, True
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                return entries, True
        return entries, False

    def _commit(self, entries: list[Entry]) -> None:
        try:
            numbers = self._store(entries)
        except Exception:  # noqa: BLE001 - whatever went wrong: those who wait must hear of it, and the thread must live
            self._abandon_segment()
            _tell(entries, None)
        else:
            _tell(entries, numbers)

    def _store(self, entries: list[Entry]) -> list[int]:
        records: list[bytes] = []
        numbers: list[int] = []
        for entry in entries:
            records += entry.records
            numbers.append(self._last + len(records))
        if records:
            self._segment_of_today().write(self._last + 1, records)
            self._last = numbers[-1]
        return numbers

    def _segment_of_today(self) -> SegmentWriter:
        today = self._today()
        # A clock set back by an hour at midnight must not begin a third segment.
        if self._segment is None or self._day is None or today > self._day:
            self._leave_segment()
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
    """Return the error of one future: each has its own, since raising one writes a traceback into it."""
    return JournalFailedError(why)


def _tell(entries: list[Entry], numbers: list[int] | None) -> None:
    answers: list[int | None] = [None] * len(entries) if numbers is None else [*numbers]
    for loop in {entry.future.get_loop() for entry in entries}:
        mine = [(entry.future, answer) for entry, answer in zip(entries, answers, strict=True) if entry.future.get_loop() is loop]
        # A loop that is closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, mine)


def _settle(answers: Iterable[tuple[asyncio.Future[int], int | None]]) -> None:
    for future, number in answers:
        if future.done():
            continue
        if number is None:
            future.set_exception(failure())
        else:
            future.set_result(number)
