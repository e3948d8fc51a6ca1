"""What the web apps need of the runtime. All of it is in memory and answers at once, on the event loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import msgspec

from jikimi.disclosure.views import Views
from jikimi.ingest.ports import Intake
from jikimi.model.access import Grant
from jikimi.model.decision import PairView, Transition
from jikimi.model.order import Order, Pair
from jikimi.model.policy import Policy
from jikimi.model.record import Security
from jikimi.orders.clerk import Clerk

T = TypeVar("T")


class DeviceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How a person's device is doing. Times in whole milliseconds; unknown is None. No coordinates."""

    heard_ms: int | None
    fix_time_ms: int | None
    error_m: float | None
    battery_pct: float | None


class Sos(msgspec.Struct, frozen=True, kw_only=True):
    """An SOS of a protected person. ``cancelled_ms`` is None while it stands."""

    sos_id: str
    person_id: str
    at_ms: int
    silent: bool
    cancelled_ms: int | None = None


class TrailPoint(msgspec.Struct, frozen=True, array_like=True):
    """One past position of a monitored person. Holds coordinates: only the gate may pass it on."""

    latitude: float
    longitude: float
    at_ms: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a subscriber is told: a pair moved (all else None) or changed state, or an SOS.

    A security event belongs to no pair (``pair_id`` is empty) and reaches only those who subscribed to all.
    """

    number: int
    pair_id: str
    transition: Transition | None = None
    sos: Sos | None = None
    security: Security | None = None


class Watch(Protocol):
    """The running core, seen from the apps. Nothing here checks who asks: the gate does."""

    intake: Intake

    @property
    def her_views(self) -> Views:
        """What the gate remembers of her views."""
        ...

    def now_ms(self) -> int: ...
    def late_s(self) -> float:
        """How far the server is behind: 0 while a fix is judged as it comes."""
        ...

    def pair(self, pair_id: str) -> Pair | None: ...
    def pairs(self) -> Sequence[Pair]: ...
    def pairs_of_owner(self, person_id: str) -> Sequence[Pair]: ...
    def order(self, order_id: str) -> Order | None: ...
    def orders_protecting(self, person_id: str) -> Sequence[Order]:
        """Return the orders in force that protect a person, also those without a tag."""
        ...

    def calls_without_pair(self) -> Sequence[Sos]:
        """Return the SOS calls that stand and show on no pair."""
        ...

    def policy(self, order_id: str) -> Policy: ...
    def view(self, pair_id: str) -> PairView | None: ...
    def worst(self, limit: int) -> Sequence[PairView]:
        """Return the ``limit`` most urgent pairs, an SOS first, then the worst (tier, sight, time to contact)."""
        ...

    def trail(self, pair_id: str, since_ms: int) -> Sequence[TrailPoint]: ...
    def transitions(self, pair_id: str, limit: int) -> Sequence[Transition]:
        """Return the newest transitions of a pair, newest first, from memory."""
        ...

    def number(self) -> int:
        """Return the number of the newest change."""
        ...

    def changes_after(self, number: int, pair_ids: Sequence[str] | None) -> Sequence[Change] | None:
        """Return the transitions and SOS after ``number`` (oldest first), or None when it is too long ago."""
        ...

    def health(self, person_id: str) -> DeviceHealth | None: ...
    def sos_of(self, person_id: str) -> Sos | None:
        """Return the SOS that stands for this person, if any."""
        ...

    def in_incident(self, pair: Pair) -> bool:
        """Return whether an incident of its two persons is open in which somebody must be found; no exercise is one."""
        ...

    def grant(self, pair_id: str) -> Grant | None:
        """Return the view of him that a person at the desk opened to her, or None."""
        ...

    def give_view(self, pair_id: str, grant: Grant) -> Awaitable[None]:
        """Open a view of him to her; the awaitable ends when it is written down, and only then does it open."""
        ...

    def renewed_ms(self, person_id: str) -> int | None:
        """Return when she last renewed her view, or None."""
        ...

    def renew_view(self, person_id: str) -> None:
        """Take note that she still looks."""
        ...

    def has_accepted(self, person_id: str) -> bool:
        """Return whether she accepted the terms of her law, or it has none."""
        ...

    def went_towards(self, recipient: str, pair_id: str) -> None:
        """Take note that she goes towards him while she sees where he is. Nobody waits for it."""
        ...

    def raise_sos(self, sos: Sos) -> Awaitable[None]:
        """Record an SOS (or, with ``cancelled_ms``, its end); the awaitable ends when it is durable."""
        ...

    def subscribe(self, pair_ids: Sequence[str] | None, wake: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``wake`` on the event loop for each change of these pairs (None: all); returns the way to stop."""
        ...

    def disclosed(self, recipient: str, audience: str, pair_id: str, purpose: str, scope: str) -> Awaitable[None]:
        """Record that a view opened or closed; the awaitable ends when it is durable."""
        ...


class Office(Protocol):
    """The clerk of the register of orders, on a thread of its own."""

    number: int
    """Another one whenever something in the books may have changed."""

    def ask(self, call: Callable[[Clerk], T]) -> Awaitable[T]:
        """Read something from the books."""
        ...

    def do(self, call: Callable[[Clerk], T]) -> Awaitable[T]:
        """Have the clerk change something; what follows from it happens at once."""
        ...
