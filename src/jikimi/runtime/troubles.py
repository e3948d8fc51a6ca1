"""Orders that protect nobody become incidents: looked for whenever the register changed, and every half minute besides.

What is wrong is read anew each time, so a new process goes on where the last one ended, and what is answered ends by itself in the
incident's history; the incident itself waits for a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final, NamedTuple

import structlog

from jikimi.incidents.incident import CALLS, Incident, Kind, Party
from jikimi.incidents.opening import Signal, strands_of
from jikimi.model.order import Order
from jikimi.orders.clerk import Clerk
from jikimi.orders.troubles import Problem, Trouble
from jikimi.runtime import parties
from jikimi.runtime.hub import Hub
from jikimi.storage.incidents import SqlIncidents

log = structlog.get_logger()

PERIOD_S: Final = 2.0
LONGEST_S: Final = 30.0
DAY_MS: Final = 86_400_000
"""A lapse older than this, found at a first start, is history."""
KINDS: Final = {Problem.NO_SHOW: Kind.NO_SHOW, Problem.NOT_REPORTING: Kind.ORDER, Problem.LAPSED: Kind.ORDER}
_ALARMS: Final = frozenset({Kind.APPROACH, *CALLS})
Ask = Callable[..., Awaitable[Any]]


class Found(NamedTuple):
    """Something that is wrong at a pair now; ``name`` is the same at each look."""

    name: str
    kind: Kind
    party: Party


class OrderWatch:
    """Looks after orders.

    Args:
        hub: the running core.
        clerk: reads the register of orders, on the thread of the books.
        books: the incidents.
        version: returns another number whenever the register may have changed.
        unwatched: returns the orders in force that carry a tag and have no pair under watch.
        ask: does something on the thread of the books.
        tell: takes what was found, for the incidents.
    """

    def __init__(
        self,
        hub: Hub,
        clerk: Clerk,
        books: SqlIncidents,
        version: Callable[[], int],
        unwatched: Callable[[], list[Order]],
        ask: Ask,
        tell: Callable[[Signal], None],
    ) -> None:
        self._hub = hub
        self._clerk = clerk
        self._books = books
        self._version = version
        self._unwatched = unwatched
        self._ask = ask
        self._tell = tell
        self._seen: int | None = None
        self._next_s = 0.0
        self._told: set[str] = set()

    async def work(self) -> None:
        """Look for ever."""
        loop = asyncio.get_running_loop()
        while True:
            version = self._version()
            if version != self._seen or loop.time() >= self._next_s:
                try:
                    await self.look()
                    self._seen, self._next_s = version, loop.time() + LONGEST_S
                except Exception as error:  # noqa: BLE001 - whatever the register's fault is, alarms go on, and it is tried again
                    log.warning("orders could not be looked after; it is tried again", kind=type(error).__name__)
            await asyncio.sleep(PERIOD_S)

    async def look(self) -> None:
        """Tell what began and what ended since the last look."""
        now_ms = self._hub.now_ms()
        troubles, open_now = await self._ask(self._read, now_ms)
        found = [*self._of_register(troubles), *self._of_core(), *self._ended(open_now)]
        for one in found:
            if one.name not in self._told:
                self._tell(_signal(one.name, now_ms, one, began=True))
        self._told = {one.name for one in found}
        standing = {(one.party.pair_id, one.kind) for one in found}
        for incident in open_now:
            for strand in strands_of(incident):
                for kind in strand.standing & {Kind.ORDER, Kind.NO_SHOW}:
                    if (strand.pair_id, kind) not in standing:
                        self._tell(_over(incident, strand.pair_id, kind, now_ms))

    def _read(self, now_ms: int) -> tuple[list[Trouble], list[Incident]]:
        with self._books.reading() as page:
            open_now = page.open_incidents()
        return self._clerk.troubles(now_ms - DAY_MS), open_now

    def _of_register(self, troubles: list[Trouble]) -> Iterator[Found]:
        for one in troubles:
            party = parties.of_court_order(self._hub, one.order, one.person_id)
            if party is not None:
                yield Found(one.trouble_id, KINDS[one.problem], party)

    def _of_core(self) -> Iterator[Found]:
        """An order in force that carries a tag, and nothing is watched."""
        for order in self._unwatched():
            yield Found(f"unwatched.{order.order_id}", Kind.ORDER, parties.of_order(self._hub, order, order.protected_ids[0]))

    def _ended(self, open_now: list[Incident]) -> Iterator[Found]:
        """An alarm stands, and no order joins the two any more: who is on the way must know that."""
        for one in open_now:
            orders = self._hub.orders_protecting(one.party.protected_id)
            if one.standing & _ALARMS and all(order.monitored_id != one.party.monitored_id for order in orders):
                yield Found(f"ended.{one.incident_id}", Kind.ORDER, one.party)


def _signal(name: str, at_ms: int, found: Found, *, began: bool) -> Signal:
    return Signal(signal_id=name, at_ms=at_ms, party=found.party, kind=found.kind, began=began)


def _over(incident: Incident, pair_id: str, kind: Kind, at_ms: int) -> Signal:
    """Return the end of a kind at one pair of an incident; another end, later, has another name."""
    name = f"over.{incident.incident_id}.{kind}.{incident.entries}"
    party = parties.at(incident.party, pair_id)
    return Signal(signal_id=name, at_ms=at_ms, party=party, kind=kind, began=False)
