"""A ledger in memory, which may be out of order."""

from __future__ import annotations

import asyncio

from jikimi.disclosure.ledger.leaf import LeafError, check
from jikimi.disclosure.ledger.ports import LedgerUnavailableError


class FakeLedger:
    def __init__(self) -> None:
        self.acts: list = []
        self.broken = False

    def append(self, act):
        future = asyncio.get_running_loop().create_future()
        try:
            check(act)
        except LeafError as error:
            future.set_exception(error)
            return future
        if self.broken:
            future.set_exception(LedgerUnavailableError("The ledger cannot be written."))
        else:
            self.acts.append(act)
            future.set_result(len(self.acts) - 1)
        return future
