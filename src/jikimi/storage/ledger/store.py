"""The ledger that the gate writes to: one process writes it, any number read it meanwhile."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from jikimi.disclosure.ledger.checkpoint import read_text
from jikimi.disclosure.ledger.leaf import Act, LeafError, check
from jikimi.disclosure.ledger.note import Verifier
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.disclosure.ledger.whence import told
from jikimi.storage import files
from jikimi.storage.gather import Gatherer, Waiting
from jikimi.storage.ledger.identity import signer_of
from jikimi.storage.ledger.tables import LedgerDamagedError
from jikimi.storage.ledger.writer import Cosign, Erase, Sign, Work, Writer

LOCK: Final = "writer.lock"
EVERY: Final = 1000
EVERY_S: Final = 10.0
_ENTRY_BYTES: Final = 1500
_FAILED: Final = "The ledger could not write this down; nothing may be shown."


def wall_ms() -> int:
    """Return the wall clock's time."""
    return time.time_ns() // 1_000_000


class SqliteLedger:
    """A ``Ledger`` in a folder.

    Args:
        folder: where it lies; made when missing.
        key: 32 bytes, for this ledger alone.
        every: a checkpoint is signed when so many entries are new,
        every_s: or when new ones have waited for so many seconds.
        now_ms: the time that stands beside a checkpoint.

    Raises:
        LedgerUnavailableError: another process writes this ledger.
        LedgerDamagedError: it cannot be opened, or does not hold what its newest checkpoint says.
    """

    def __init__(
        self, folder: Path, key: bytes, *, every: int = EVERY, every_s: float = EVERY_S, now_ms: Callable[[], int] = wall_ms
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._signer = signer_of(key)
        self._lock = _held(folder)
        try:
            writer = Writer(folder, key, self._signer, every=every, every_s=every_s, now_ms=now_ms)
        except BaseException:
            os.close(self._lock)
            raise
        self._gatherer: Gatherer[Work, int] | None = Gatherer("ledger", writer.store, failure=failure, end=writer.finish, idle=writer.idle)

    @property
    def verifier(self) -> Verifier:
        """The key that checks this ledger's checkpoints; its name is the ledger's."""
        return self._signer.verifier

    def append(self, act: Act) -> asyncio.Future[int]:
        """Queue an entry; see ``Ledger``. Only when the future has a result may what it is about be shown."""
        try:
            check(act)
        except LeafError as error:
            future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            future.set_exception(error)
            return future
        return self._queued(told(act), _ENTRY_BYTES)

    def checkpoint(self) -> asyncio.Future[int]:
        """Sign what the ledger holds now; the future gives how many entries that is, when it is durable."""
        return self._queued(Sign())

    def erase(self, subject: str) -> asyncio.Future[int]:
        """Erase a person (or an order) from the ledger: when the future is done, the key is gone, and with it every salt and value.

        The entries stay, and so do all proofs. What is left beside them, unreadable, is cleaned away in small steps afterwards,
        also after a restart.
        """
        return self._queued(Erase(subject))

    def add_cosignature(self, note: str, line: str) -> asyncio.Future[int]:
        """Keep a witness's line with the checkpoint it was made for; the future gives 1, or 0 where there is no such checkpoint.

        Args:
            note: the checkpoint as it was sent to the witness.
            line: the signature line, which the caller has checked with the witness's key (``checkpoint.cosigned_at``).
        """
        size = read_text(note.partition("\n\n")[0] + "\n").size
        return self._queued(Cosign(size, line))

    def close(self) -> None:
        """Write what is queued and close. Blocks."""
        gatherer, self._gatherer = self._gatherer, None
        if gatherer is not None:
            gatherer.close()
            os.close(self._lock)

    def _queued(self, work: Work, size: int = 1) -> asyncio.Future[int]:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self._gatherer is None:
            future.set_exception(LedgerUnavailableError("This ledger is closed."))
        else:
            self._gatherer.put(Waiting(work, size, future))
        return future


def failure() -> LedgerUnavailableError:
    """Return the error of one future."""
    return LedgerUnavailableError(_FAILED)


def _held(folder: Path) -> int:
    try:
        return files.hold(folder / LOCK)
    except BlockingIOError:
        raise LedgerUnavailableError("Another process writes this ledger.") from None
    except OSError as error:
        raise LedgerDamagedError(f"The ledger's folder cannot be written: {error.strerror}.") from None
