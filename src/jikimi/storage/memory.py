"""A journal that forgets everything with its process: the fake for tests of those who use one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from jikimi.runtime.ports import JournalFailedError, Past
from jikimi.storage.checkpoints import KEPT


class MemoryJournal:
    """Implements ``Journal`` in memory. While ``full`` is True every append fails, as on a full disk."""

    def __init__(self) -> None:
        self.full = False
        self._closed = False
        self._records: list[bytes] = []
        self._checkpoints: dict[int, bytes] = {}

    def append(self, records: Sequence[bytes]) -> asyncio.Future[int]:
        """Keep records; the future is resolved in a later turn of the loop, as a real one would be."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = loop.create_future()
        if self._closed or self.full:
            reason = "The journal is closed, or open for reading only." if self._closed else "The journal could not store a batch: full."
            loop.call_soon(_unless_done, future, JournalFailedError(reason))
        else:
            self._records += records
            loop.call_soon(_unless_done, future, len(self._records))
        return future

    def read(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield (number, record) above ``after`` up to what was there when the reading began."""
        return iter(list(enumerate(self._records, start=1))[after:])

    def save_checkpoint(self, number: int, state: bytes) -> asyncio.Future[None]:
        """Keep a state; the newest two stay."""
        self._checkpoints[number] = state
        for older in sorted(self._checkpoints)[:-KEPT]:
            del self._checkpoints[older]
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future

    def load_checkpoint(self) -> tuple[int, bytes] | None:
        """Return the newest state, or None."""
        return max(self._checkpoints.items(), default=None)

    def past(self) -> Past | None:
        """Return None: nothing ever leaves it."""

    def close(self) -> None:
        """Take nothing more in."""
        self._closed = True


def _unless_done(future: asyncio.Future[int], outcome: int | JournalFailedError) -> None:
    if future.done():
        return
    if isinstance(outcome, JournalFailedError):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
