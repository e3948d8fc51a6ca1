"""A past incident on the desk: through the same gate, as of then.

What the desk could not see then it does not see now, and what it sees is written down before. The order must be in force now as
well: nobody sees a position once it has ended.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Final

import msgspec

from jikimi.disclosure.frames import Alias, Labels, map_of, place_kind, row_of
from jikimi.disclosure.gate import Audience, in_force
from jikimi.disclosure.ports import Evidence, Past
from jikimi.disclosure.viewer import Viewer
from jikimi.disclosure.views import Views
from jikimi.disclosure.wire import Calling, MapFrame, Row
from jikimi.model.access import Grant
from jikimi.model.decision import PairView
from jikimi.model.order import Order, Pair
from jikimi.model.policy import Policy

REPLAY: Final = "map:replay"
"""The scope under which an opened replay is recorded."""


class Then(msgspec.Struct, frozen=True):
    """What was believed at one moment, and whether a call of hers stood. Holds coordinates: only the gate may pass it on."""

    at_ms: int
    view: PairView
    sos: bool


class RetoldFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of a past incident as the desk may see it. ``hers``: what her own screen could show then."""

    at_ms: int
    viewer: str
    row: Row
    map: MapFrame | None
    closed: str | None
    hers: HerScreen


class HerScreen(msgspec.Struct, frozen=True):
    """Whether her screen told distance and direction, and showed a map, at that moment; and the tier it showed."""

    tier: str
    words: bool
    map: bool


class _Moment:
    """``Evidence`` as of one moment."""

    def __init__(self, now: Evidence, then: Then, trail: Sequence[Past], since_ms: int | None, now_ms: int) -> None:
        self._now = now
        self._since_ms = since_ms
        self._then = then
        self._trail = trail
        self._now_ms = now_ms
        self.her_views = Views()

    def pair(self, pair_id: str) -> Pair | None:
        return self._now.pair(pair_id)

    def order(self, order_id: str) -> Order | None:
        order = self._now.order(order_id)
        return order if in_force(order, self._now_ms) else None

    def policy(self, order_id: str) -> Policy:
        return self._now.policy(order_id)

    def view(self, pair_id: str) -> PairView | None:
        return self._then.view if self._then.view.pair_id == pair_id else None

    def trail(self, pair_id: str, since_ms: int) -> Sequence[Past]:
        return [point for point in self._trail if since_ms <= point.at_ms <= self._then.at_ms] if pair_id else []

    def sos_of(self, person_id: str) -> object | None:
        return person_id if self._then.sos else None

    def in_incident(self, _pair: Pair) -> bool:
        return self._since_ms is not None and self._then.at_ms >= self._since_ms

    def grant(self, _pair_id: str) -> Grant | None:
        return None

    def renewed_ms(self, _person_id: str) -> int | None:
        return self._then.at_ms

    def has_accepted(self, person_id: str) -> bool:
        return self._now.has_accepted(person_id)

    def went_towards(self, recipient: str, pair_id: str) -> None:
        """What happened then was noted then."""

    def disclosed(self, recipient: str, audience: str, pair_id: str, purpose: str, scope: str) -> Awaitable[None]:
        """Record it as a look back, which opens and closes as any other does."""
        return self._now.disclosed(recipient, audience, pair_id, purpose, REPLAY if scope.startswith("map") else scope)


class PastViewer:
    """Somebody at the desk who looks back at one pair.

    Args:
        evidence: the running core, for orders and records.
        subject: who looks.
        moments: what was believed, oldest first; at least one.
        trail: his way.
        since_ms: since when the incident opened positions to the desk; None: by itself it never did.
    """

    def __init__(self, evidence: Evidence, subject: str, moments: Sequence[Then], trail: Sequence[Past], since_ms: int | None) -> None:
        self._evidence = evidence
        self._subject = subject
        self._moments = moments
        self._trail = trail
        self._since_ms = since_ms
        self._viewer: Viewer | None = None

    @property
    def times_ms(self) -> list[int]:
        """The moments, oldest first."""
        return [one.at_ms for one in self._moments]

    async def look(self, at_ms: int, alias: Alias, labels: Labels, now_ms: int) -> RetoldFrame | None:
        """Return the last moment until a time; None while its order is not in force."""
        then = next((one for one in reversed(self._moments) if one.at_ms <= at_ms), self._moments[0])
        moment = _Moment(self._evidence, then, self._trail, self._since_ms, now_ms)
        self._viewer = self._viewer if self._viewer is not None else Viewer(moment, Audience.DESK, self._subject)
        self._viewer.look_through(moment)
        pair = moment.pair(then.view.pair_id)
        glance = None if pair is None else self._viewer.judge(pair, then.view, then.at_ms)
        if pair is None or glance is None:
            return None
        (glance,) = await self._viewer.admit([glance])
        hers = Viewer(moment, Audience.PROTECTED, pair.owner_id).judge(pair, then.view, then.at_ms)
        return RetoldFrame(
            at_ms=then.at_ms,
            viewer=self._subject,
            row=row_of(
                glance,
                alias,
                labels,
                None,
                None,
                place=place_kind(pair, moment.order(pair.order_id)),
                sos=Calling(since_ms=then.at_ms, silent=False) if then.sos else None,
            ),
            map=map_of(glance, moment, then.at_ms),
            closed=None if glance.opening.closed is None else glance.opening.closed.value,
            hers=HerScreen(
                tier=then.view.tier.name.lower(),
                words=hers is not None and hers.opening.words,
                map=hers is not None and hers.opening.ground is not None,
            ),
        )

    def leave(self) -> None:
        """Close it."""
        if self._viewer is not None:
            self._viewer.leave()
