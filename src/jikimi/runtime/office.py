"""The clerk at work beside a running server: woken by a moment that is due or by a change, never looking around by luck.

The clerk's books are a database; so all of it happens on a thread, and nothing here is ever waited for while a fix is decided.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, TypeVar

import structlog

from jikimi.orders.clerk import Clerk

log = structlog.get_logger()

LONGEST_S: Final = 30.0
"""The clock on the wall may be set while we sleep: so nothing is later than this, whatever it shows."""
RETRY_S: Final = 5.0
T = TypeVar("T")


class Office:
    """Runs a clerk.

    Args:
        clerk: keeps the register of orders.
        now_ms: the server's time.
        changed: called when the clerk may have changed something that the core is told.
    """

    def __init__(self, clerk: Clerk, now_ms: Callable[[], int], changed: Callable[[], None]) -> None:
        self.clerk = clerk
        self.number = 0
        """Another one whenever something in the books may have changed."""
        self.now_ms = now_ms
        self._changed = changed
        self._wake = asyncio.Event()
        self._awaited: frozenset[str] = frozenset()
        self._heard: dict[str, int] = {}

    async def work(self) -> None:
        """Meet every moment as it falls due, for ever."""
        while True:
            self._wake.clear()
            wait_s = await self._round()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait_s)

    def look_now(self) -> None:
        """Look into the books at once: somebody, perhaps another process, changed them."""
        self._wake.set()

    def located(self, device_id: str) -> None:
        """Take note that a device was heard with a position. Costs one look into a set, unless it is awaited."""
        if device_id in self._awaited and device_id not in self._heard:
            self._heard[device_id] = self.now_ms()
            self._wake.set()

    async def ask(self, call: Callable[[Clerk], T]) -> T:
        """Read something from the books."""
        return await asyncio.to_thread(call, self.clerk)

    async def do(self, call: Callable[[Clerk], T]) -> T:
        """Have the clerk change something; what follows from it happens at once."""
        done = await asyncio.to_thread(call, self.clerk)
        self._told()
        self._wake.set()
        return done

    async def _round(self) -> float:
        """Do what is to be done now; return for how long there is nothing else."""
        heard = dict(self._heard)
        try:
            due_ms, self._awaited = await asyncio.to_thread(self._meet, heard)
        except Exception as error:  # noqa: BLE001 - whatever the books' fault is, devices and alarms go on, and it is tried again
            log.warning("the register's clock could not be met; it is tried again", kind=type(error).__name__)
            return RETRY_S
        for device_id in heard:
            del self._heard[device_id]
        self._told()
        return LONGEST_S if due_ms is None else min(LONGEST_S, max(0.0, (due_ms - self.now_ms()) / 1000.0))

    def _meet(self, heard: dict[str, int]) -> tuple[int | None, frozenset[str]]:
        for device_id, at_ms in heard.items():
            self.clerk.heard(device_id, at_ms=at_ms)
        self.clerk.advance(self.now_ms())
        return self.clerk.next_due_ms(), self.clerk.awaited()

    def _told(self) -> None:
        self.number += 1
        self._changed()
