"""A ledger in memory, for tests of those who write to it."""

import asyncio

from jikimi.disclosure.ledger.leaf import Act, LeafError, check
from jikimi.disclosure.ledger.ports import LedgerUnavailableError


class FakeLedger:
    """Keeps acts in a list. ``down`` stands for a full disk."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.down = False

    def append(self, act: Act) -> asyncio.Future[int]:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        try:
            check(act)
        except LeafError as error:
            future.set_exception(error)
            return future
        if self.down:
            future.set_exception(LedgerUnavailableError("The ledger could not write this down; nothing may be shown."))
        else:
            self.acts.append(act)
            future.set_result(len(self.acts) - 1)
        return future
