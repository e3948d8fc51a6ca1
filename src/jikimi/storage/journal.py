"""The durable journal in a folder: sealed segments, a thread that writes them, and checkpoints beside them."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, Self

from jikimi.runtime.ports import JournalFailedError, Past
from jikimi.storage import files
from jikimi.storage.cases import Cases
from jikimi.storage.checkpoints import Checkpoints
from jikimi.storage.keys import subkey
from jikimi.storage.seal import Sealer
from jikimi.storage.segments import KEYS, JournalDamagedError, Segments
from jikimi.storage.writer import Writer, failure

__all__ = ["JournalDamagedError", "SqliteJournal"]

LOCK: Final = "writer.lock"


def utc_today() -> dt.date:
    """Return the day in UTC."""
    return dt.datetime.now(dt.UTC).date()


class SqliteJournal:
    """A ``Journal`` in a folder. One process writes it; any number read it meanwhile.

    Args:
        folder: where it lies; made when missing.
        key: 32 bytes, for this journal alone.
        today: gives the day in UTC that names a new segment.
        reading: see ``open_for_reading``.

    Raises:
        JournalFailedError: another process writes this journal.
        JournalDamagedError: the end of the journal cannot be found.
    """

    def __init__(self, folder: Path, key: bytes, today: Callable[[], dt.date] = utc_today, *, reading: bool = False) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._segments = Segments(folder, Sealer(subkey(key, "segment keys")))
        self._checkpoints = Checkpoints(folder, Sealer(subkey(key, "checkpoints")))
        self.cases = Cases(folder, Sealer(subkey(key, "cases")))
        """What past cases are run again from that left the journal."""
        self._writer: Writer | None = None
        if not reading:
            self._lock = _locked(folder)
            self._begin(folder, today)

    @classmethod
    def open_for_reading(cls, folder: Path, key: bytes) -> Self:
        """Open beside a process that writes: everything works but ``append``."""
        return cls(folder, key, reading=True)

    def _begin(self, folder: Path, today: Callable[[], dt.date]) -> None:
        try:
            files.sweep(folder)
            files.sweep(folder / KEYS)
            self._writer = Writer(self._segments, self._last_number(), today)
        except BaseException:
            os.close(self._lock)
            raise

    def append(self, records: Sequence[bytes]) -> asyncio.Future[int]:
        """Queue encoded records, in order and in one transaction; the future gives the last record's number.

        Called on the event loop; never blocks. The future raises ``JournalFailedError`` where nothing was stored.
        """
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self._writer is None:
            future.set_exception(failure("This journal is closed, or was opened for reading."))
        else:
            self._writer.put(records, future)
        return future

    def read(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield (number, record) of the records above ``after`` that were stored when reading began, in order.

        What a segment held whose key was erased is passed over.

        Raises:
            JournalDamagedError: the next record is missing or is not what was written.
        """
        # Whoever reads from the beginning takes the journal as it is; old segments may have been removed.
        expected = after + 1 if after > 0 else None
        for span in self._segments.spans():
            if span.last <= after:
                continue
            if expected is not None and span.first > expected:
                raise JournalDamagedError(str(span.name), expected, "records before this segment are missing")
            yield from self._segments.read(span, after)
            expected = span.last + 1

    def turn(self) -> asyncio.Future[int]:
        """Begin a new segment; the future gives the last record's number before it. From then on older segments can be dropped."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self._writer is None:
            future.set_exception(failure("This journal is closed, or was opened for reading."))
        else:
            self._writer.turn(future)
        return future

    def last(self) -> int:
        """Return the number of the last record; 0 where there was never one."""
        return self._last_number()

    def drop(self, until: int) -> int:
        """Erase the segments all of whose records have numbers up to ``until``; return how many. Never the newest: it may be written.

        The caller has made sure that nobody needs them: no start, no follower. Killed in between, doing it again does the rest.
        """
        older = self._segments.names()[:-1]
        full = {span.name: span for span in self._segments.spans()}
        gone = [name for name in older if (name not in full or full[name].last <= until)]
        for name in gone:
            self._segments.drop(name)
        return len(gone)

    def first(self) -> int:
        """Return the number of the first record that is still there, or of the next one where none is."""
        return min((span.first for span in self._segments.spans()), default=self._last_number() + 1)

    def last_before(self, before: dt.date) -> int:
        """Return the last number of the segments of days before this one; 0 where there are none."""
        return max((span.last for span in self._segments.spans() if span.name.day < f"{before:%Y%m%d}"), default=0)

    @property
    def checkpoints(self) -> Checkpoints:
        """The states beside the records."""
        return self._checkpoints

    def past(self) -> Past | None:
        """Return where a replay begins, and everything from there; None where it begins with the first record."""
        case = self.cases.load()
        if case is not None and self.first() <= case.head.until + 1:
            return Past(case.head.number, case.head.state, chain(case.records, self.read(case.head.until)))
        base = self._checkpoints.load_base()
        return Past(*base, self.read(base[0])) if base is not None else None

    def save_checkpoint(self, number: int, state: bytes) -> asyncio.Future[None]:
        """Keep ``state`` as the engine's state after record ``number``, written in a thread; keeps the newest two."""
        return asyncio.get_running_loop().run_in_executor(None, self._save_checkpoint, number, state)

    def load_checkpoint(self) -> tuple[int, bytes] | None:
        """Return number and state of the newest checkpoint that is whole, or None."""
        return self._checkpoints.load()

    def close(self) -> None:
        """Commit what is queued and close. Blocks."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
            os.close(self._lock)

    def _save_checkpoint(self, number: int, state: bytes) -> None:
        try:
            self._checkpoints.save(number, state)
        except OSError as error:
            raise JournalFailedError(f"The checkpoint could not be written: {error.strerror}.") from None

    def _last_number(self) -> int:
        # A checkpoint knows of records that are gone only where the journal was damaged; their numbers are not given again,
        # or the next start would take new records for old ones.
        last = max((span.last for span in self._segments.spans()), default=0)
        return max(last, self._checkpoints.newest())


def _locked(folder: Path) -> int:
    try:
        return files.hold(folder / LOCK)
    except BlockingIOError:
        raise JournalFailedError("Another process writes this journal.") from None
