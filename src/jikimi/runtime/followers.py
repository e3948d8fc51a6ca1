"""What keeps a server in step: it follows the register, and has its state written down."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import structlog

from jikimi.model.order import Device, Order, Pair
from jikimi.model.policy import Policy
from jikimi.orders.calendar import in_force, next_change_ms
from jikimi.orders.pairs import pairs_of
from jikimi.policy.resolve import SharedRules
from jikimi.runtime.directory import MemoryDirectory
from jikimi.runtime.hub import Hub
from jikimi.storage.register import SqlRegister

log = structlog.get_logger()

LOOK_S: Final = 0.5


class RegisterFollower:
    """Takes over devices and orders as they change, whichever process changed them, and as orders begin and end."""

    def __init__(self, hub: Hub, register: SqlRegister, directory: MemoryDirectory, policies: Mapping[str, Policy]) -> None:
        self._hub = hub
        self._register = register
        self._directory = directory
        self._policies = policies
        self._orders: list[Order] = []
        self._version: int | None = None
        self._change_ms: int | None = None
        self._look = asyncio.Event()
        self.changed: Callable[[], None] = _nobody
        """Called when any process changed the register."""
        self.unwatched: list[Order] = []
        """Orders in force that carry a tag and have no pair under watch: nobody would be warned."""

    def look_now(self) -> None:
        """Look at the register at once: something in it was just changed."""
        self._look.set()

    async def follow(self) -> None:
        """Follow for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), LOOK_S)
            self._look.clear()
            await self.follow_once()

    async def follow_once(self) -> None:
        """Take over what changed since the last look."""
        version, loaded = await asyncio.to_thread(self._load)
        if loaded is not None:
            self._version = version
            devices, self._orders = loaded
            self._directory.set(devices)
            self.changed()
        if loaded is not None or (self._change_ms is not None and self._hub.now_ms() >= self._change_ms):
            self._take_orders()

    def _load(self) -> tuple[int, tuple[list[Device], list[Order]] | None]:
        version = self._register.version()
        return version, None if version == self._version else (self._register.devices(), self._register.orders())

    def _take_orders(self) -> None:
        now = self._hub.now_ms()
        standing = in_force(self._orders, now)
        orders = [order for order in standing if order.policy_id in self._policies]
        if len(orders) < len(standing):
            log.error("orders name a policy that is not installed; they are not watched")
        rules = SharedRules()
        pairs_by_order = {order.order_id: self._pairs_of(order, rules) for order in orders}
        pairs = [pair for own in pairs_by_order.values() for pair in own]
        self.unwatched = [order for order in standing if order.tagged and _asks(order) and not pairs_by_order.get(order.order_id)]
        self._hub.set_orders(orders, pairs)
        self._change_ms = next_change_ms(self._orders, now)

    def _pairs_of(self, order: Order, rules: SharedRules) -> list[Pair]:
        """Return an order's pairs. One that cannot be judged is said, and becomes an incident; no other order suffers for it."""
        try:
            return pairs_of(order, self._policies[order.policy_id], rules)
        except ValueError:
            log.exception("an order cannot be judged; it is not watched")
            return []


def _asks(order: Order) -> bool:
    """Whether an order asks for anything to be watched: a person who takes part, or a place."""
    return order.in_person or bool(order.places)


def _nobody() -> None:
    """Nobody wants to know."""


class Checkpoints:
    """Has the state written down by another process, which reads the journal: the one that decides is never held up."""

    def __init__(self, hub: Hub, every: int, config: Path | None, replayed: int) -> None:
        self._hub = hub
        self._every = every
        self._config = config
        self._done = -replayed

    async def write(self) -> None:
        """Write for ever, whenever enough has come in."""
        while True:
            await asyncio.sleep(1.0)
            if self._hub.appended - self._done >= self._every:
                self._done = self._hub.appended
                await self._write_one()

    async def _write_one(self) -> None:
        arguments = ["--config", str(self._config)] if self._config is not None else []
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "jikimi.runtime.checkpoint", *arguments)
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            raise
        if status != 0:
            log.error("a checkpoint could not be written; a restart will take longer", status=status)
