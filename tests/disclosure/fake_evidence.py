"""What is believed, set by hand; and a record of who saw it that can be slow or fail."""

from __future__ import annotations

import asyncio

import msgspec

from jikimi.disclosure.views import Views
from jikimi.model.decision import PairView
from jikimi.model.order import Order, Pair
from jikimi.model.policy import Policy
from tests.disclosure.cases import HOME, KOREA, ORDER, PAIR


class Point(msgspec.Struct):
    latitude: float
    longitude: float
    at_ms: int


class FakeEvidence:
    def __init__(self) -> None:
        self.policies: dict[str, Policy] = {ORDER.order_id: KOREA}
        self.orders: dict[str, Order] = {ORDER.order_id: ORDER}
        self.known: dict[str, Pair] = {PAIR.pair_id: PAIR, HOME.pair_id: HOME}
        self.views: dict[str, PairView] = {}
        self.points: list[Point] = []
        self.calls: dict[str, object] = {}
        self.recorded: list[tuple[str, str, str, str, str]] = []
        self.incidents: set[str] = set()
        self.grants: dict[str, object] = {}
        self.renewals: dict[str, int] = {}
        self.her_views = Views()
        self.without_terms: set[str] = set()
        self.towards: list[tuple[str, str]] = []
        self.hold: asyncio.Event | None = None
        self.fails = False

    def pair(self, pair_id):
        return self.known.get(pair_id)

    def order(self, order_id):
        return self.orders.get(order_id)

    def policy(self, order_id):
        return self.policies[order_id]

    def view(self, pair_id):
        return self.views.get(pair_id)

    def trail(self, pair_id, since_ms):
        return list(self.points)

    def sos_of(self, person_id):
        return self.calls.get(person_id)

    def in_incident(self, pair):
        return pair.pair_id in self.incidents

    def grant(self, pair_id):
        return self.grants.get(pair_id)

    def renewed_ms(self, person_id):
        return self.renewals.get(person_id)

    def has_accepted(self, person_id):
        return person_id not in self.without_terms

    def went_towards(self, recipient, pair_id):
        self.towards.append((recipient, pair_id))

    async def give_view(self, pair_id, grant):
        await self.disclosed(grant.by, "desk", pair_id, "own_safety", f"granted {grant.reason}")
        self.grants[pair_id] = grant

    def renew_view(self, person_id):
        self.renewals[person_id] = self.now_ms()

    async def disclosed(self, recipient, audience, pair_id, purpose, scope):
        if self.hold is not None:
            await self.hold.wait()
        if self.fails:
            raise OSError
        self.recorded.append((recipient, audience, pair_id, purpose, scope))
