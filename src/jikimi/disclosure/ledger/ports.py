"""What writes entries down. ``storage.ledger`` implements it; tests have a fake."""

from __future__ import annotations

import asyncio
from typing import Protocol

from jikimi.disclosure.ledger.leaf import Act
from jikimi.model.storing import NotStoredError


class LedgerUnavailableError(NotStoredError):
    """An entry could not be written down (disk full, file gone, ledger closed). Whatever it was about must not happen."""


class Ledger(Protocol):
    """Where the gate writes before it answers."""

    def append(self, act: Act) -> asyncio.Future[int]:
        """Queue an entry; the future gives its number (from 0) when it is durable.

        Called on the event loop, never blocks. The future raises ``LedgerUnavailableError`` where nothing was written down, and
        ``LeafError`` where the act may not be written down as it is.
        """
        ...
