"""What disclosure needs of the running core. The core is one ``Evidence``; tests have a fake."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Protocol

from jikimi.disclosure.views import Views
from jikimi.model.access import Grant
from jikimi.model.decision import PairView
from jikimi.model.order import Order, Pair
from jikimi.model.policy import Policy


class Past(Protocol):
    """One past position. Holds coordinates: only ``frames`` may pass it on."""

    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...
    @property
    def at_ms(self) -> int: ...


class Health(Protocol):
    """How a person's device is doing. Unknown is None."""

    @property
    def heard_ms(self) -> int | None: ...
    @property
    def fix_time_ms(self) -> int | None: ...
    @property
    def error_m(self) -> float | None: ...
    @property
    def battery_pct(self) -> float | None: ...


class Evidence(Protocol):
    """What is believed and decided now, and the record of who saw it."""

    @property
    def her_views(self) -> Views:
        """What the gate remembers of her views, whichever of her screens asks."""
        ...

    def pair(self, pair_id: str) -> Pair | None: ...
    def order(self, order_id: str) -> Order | None: ...
    def policy(self, order_id: str) -> Policy: ...
    def view(self, pair_id: str) -> PairView | None: ...
    def trail(self, pair_id: str, since_ms: int) -> Sequence[Past]: ...
    def sos_of(self, person_id: str) -> object | None: ...
    def in_incident(self, pair: Pair) -> bool:
        """Return whether an incident of its two persons is open in which somebody must be found; no exercise is one."""
        ...

    def grant(self, pair_id: str) -> Grant | None:
        """Return the view of him that a person at the desk opened to her, or None."""
        ...

    def renewed_ms(self, person_id: str) -> int | None:
        """Return when she last renewed her view, or None."""
        ...

    def has_accepted(self, person_id: str) -> bool:
        """Return whether she accepted the terms of her law, or it has none."""
        ...

    def went_towards(self, recipient: str, pair_id: str) -> None:
        """Take note that she goes towards him while she sees where he is. Nobody waits for it."""
        ...

    def disclosed(self, recipient: str, audience: str, pair_id: str, purpose: str, scope: str) -> Awaitable[None]:
        """Record that a view opened or closed; the awaitable ends when it is durable."""
        ...
