"""What the gate opened, in the shape of the wire contract. Here, and nowhere else, a coordinate is copied for a screen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from jikimi.disclosure.gate import Opening, pinned, valid_s
from jikimi.disclosure.ports import Evidence, Health
from jikimi.disclosure.viewer import Glance
from jikimi.disclosure.wire import (
    Calling,
    HealthFrame,
    MapFrame,
    Moment,
    PairState,
    ReasonFrame,
    RingFrame,
    Row,
    Side,
    State,
    TransitionFrame,
    Words,
)
from jikimi.model.decision import Movement, PairView, Reason, SideView, Sight, Tier, Transition, Unconfirmed
from jikimi.model.order import Order, Pair
from jikimi.model.policy import PairRules

_TIERS = {tier: tier.name.lower() for tier in Tier}
_SIGHTS = {sight: sight.name.lower() for sight in Sight}
_PLACES = frozenset({"home", "work", "school", "shelter"})

STEP_M: Final = 100.0
STEP_S: Final = 10.0
"""While positions are closed the desk is told distances and times in such steps."""

Alias = Callable[[str], str]
"""Turns a pair's id into the name this session knows it by."""


class Labels(msgspec.Struct, frozen=True):
    """What the desk calls the two persons of a pair."""

    monitored: str | None
    protected: str | None


def state_of(glances: Iterable[Glance], evidence: Evidence, alias: Alias, *, late_s: float, now_ms: int) -> State:
    """Return the whole truth for her screen.

    Args:
        glances: her pairs, admitted by a viewer.
        evidence: for his trail.
        alias: the session's name for a pair.
        late_s: how far the server is behind.
        now_ms: the time.
    """
    pairs = [_pair_state(glance, evidence, alias, now_ms) for glance in sorted(glances, key=_urgency)]
    return State(at_ms=now_ms, late_s=late_s, pairs=pairs)


def _urgency(glance: Glance) -> tuple[int, int, float, bool, int, str]:
    """Sort key, worst first: among equals the nearest by the distance that she is told, and she herself before a place.

    Where the distance is closed it takes no part, or the order would tell which of two is nearer.
    """
    view = glance.view
    told = _words(view, glance.opening)
    low_m = told.low_m if told is not None else math.inf
    sight = max(view.monitored_sight, view.protected_sight)
    return -view.tier, -sight, low_m, glance.pair.zone is not None, -view.since_ms, view.pair_id


def _pair_state(glance: Glance, evidence: Evidence, alias: Alias, now_ms: int) -> PairState:
    view, opening = glance.view, glance.opening
    return PairState(
        pair=alias(view.pair_id),
        place=place_kind(glance.pair, evidence.order(glance.pair.order_id)),
        tier=_TIERS[view.tier],
        seen=_SIGHTS[view.monitored_sight],
        handset=_SIGHTS[view.protected_sight],
        since_ms=view.since_ms,
        words=_words(view, opening),
        map=map_of(glance, evidence, now_ms),
        closed=None if opening.closed is None else opening.closed.value,
    )


def _words(view: PairView, opening: Opening) -> Words | None:
    low_m, high_m = view.low_m, view.high_m
    if not opening.words or low_m is None or high_m is None or view.monitored is None:
        return None
    fresh = opening.fresh
    return Words(
        low_m=round(low_m, 1),
        high_m=round(high_m, 1),
        bearing_deg=_rounded(view.bearing_deg, 1) if fresh else None,
        movement=(view.movement if fresh else Movement.UNKNOWN).value,
        contact_s=_rounded(view.contact_s, 1) if fresh else None,
        fix_age_s=round(view.monitored.age_s, 1),
        unconfirmed=None if view.unconfirmed is None else view.unconfirmed.side,
    )


def map_of(glance: Glance, evidence: Evidence, now_ms: int) -> MapFrame | None:
    """Return everything a map shows, or None while it is closed."""
    opening, rules = glance.opening, glance.pair.rules
    if opening.ground is None:
        return None
    return MapFrame(
        monitored=_side(glance.view.monitored, rules) if opening.monitored else None,
        protected=_side(glance.view.protected, rules) if opening.protected else None,
        rings=(RingFrame("watch", rules.watch_m), RingFrame("warning", rules.warning_m), RingFrame("danger", rules.danger_m)),
        zone=glance.pair.zone,
        trail=_trail(glance, evidence),
        valid_s=round(valid_s(opening, now_ms), 1),
    )


def _side(side: SideView | None, rules: PairRules) -> Side | None:
    if side is None:
        return None
    return Side(
        latitude=round(side.latitude, 6),
        longitude=round(side.longitude, 6),
        error_m=round(side.error_m, 1),
        age_s=round(side.age_s, 1),
        course_deg=_rounded(side.course_deg, 1),
        speed_mps=_rounded(side.speed_mps, 2),
        pin=pinned(side, rules),
    )


def _trail(glance: Glance, evidence: Evidence) -> list[tuple[float, float, int]]:
    since_ms = glance.opening.trail_since_ms
    if since_ms is None:
        return []
    points = evidence.trail(glance.pair.pair_id, since_ms)
    return [(round(point.latitude, 6), round(point.longitude, 6), point.at_ms) for point in points if point.at_ms >= since_ms]


def place_kind(pair: Pair, order: Order | None) -> str | None:
    """Return which kind of place stands in for her, or None where she stands for herself."""
    if pair.place_id is None or order is None:
        return None if pair.zone is None else "other"
    labels = {place.place_id: place.label for place in order.places}
    label = labels.get(pair.place_id)
    return label if label in _PLACES else "other"


def transition_of(transition: Transition, alias: Alias) -> TransitionFrame:
    """Return a transition for her screen: no number in it."""
    return TransitionFrame(
        pair=alias(transition.pair_id),
        at_ms=transition.at_ms,
        tier=_TIERS[transition.tier],
        tier_before=_TIERS[transition.tier_before],
        seen=_SIGHTS[transition.monitored],
        handset=_SIGHTS[transition.protected],
    )


def moment_of(transition: Transition, alias: Alias) -> Moment:
    """Return a transition for the desk."""
    return Moment(
        pair=alias(transition.pair_id),
        at_ms=transition.at_ms,
        tier_before=_TIERS[transition.tier_before],
        tier=_TIERS[transition.tier],
        seen_before=_SIGHTS[transition.monitored_before],
        seen=_SIGHTS[transition.monitored],
        handset_before=_SIGHTS[transition.protected_before],
        handset=_SIGHTS[transition.protected],
        low_m=_rounded(transition.low_m, 1),
        high_m=_rounded(transition.high_m, 1),
        contact_s=_rounded(transition.contact_s, 1),
        movement=transition.movement.value,
        approach=transition.approach.value,
        reasons=reasons_of(transition.reasons),
        rules=transition.rules,
        order=transition.order_id,
    )


def row_of(
    glance: Glance, alias: Alias, labels: Labels, tag: Health | None, phone: Health | None, *, place: str | None, sos: Calling | None
) -> Row:
    """Return one pair on the desk's board.

    Args:
        glance: the pair, judged for the desk.
        alias: the session's name for it.
        labels: what the two persons are called.
        tag: how his device is doing.
        phone: how hers is doing; it counts only where she stands for herself.
        place: the kind of place that stands in for her, or None.
        sos: her call for help while it stands, or None.
    """
    view, told = glance.view, glance.opening.words
    near = _told(view) if glance.opening.ground is not None else _roughly(view)
    return Row(
        pair=alias(view.pair_id),
        label_monitored=labels.monitored,
        label_protected=labels.protected,
        place=place,
        tier=_TIERS[view.tier],
        seen=_SIGHTS[view.monitored_sight],
        handset=_SIGHTS[view.protected_sight],
        since_ms=view.since_ms,
        low_m=near.low_m if told else None,
        high_m=near.high_m if told else None,
        contact_s=near.contact_s if told else None,
        movement=view.movement.value if told else Movement.UNKNOWN.value,
        approach=view.approach.value,
        unconfirmed=_unconfirmed(view, near) if told else None,
        sos=sos,
        reasons=[] if view.last is None else reasons_of(view.last.reasons),
        tag=_health(tag, view.at_ms),
        phone=_health(phone, view.at_ms) if glance.pair.zone is None else None,
    )


class _Near(msgspec.Struct, frozen=True):
    """How far apart and how soon, as the desk is told; ``unconfirmed_m``: as a report says that waits to be confirmed."""

    low_m: float | None
    high_m: float | None
    contact_s: float | None
    unconfirmed_m: float | None


def _told(view: PairView) -> _Near:
    found = None if view.unconfirmed is None else view.unconfirmed.low_m
    return _Near(_rounded(view.low_m, 1), _rounded(view.high_m, 1), _rounded(view.contact_s, 1), _rounded(found, 1))


def _roughly(view: PairView) -> _Near:
    """Return the same in steps, while positions are closed: to the side of caution, so that no danger looks smaller.

    Whoever sees him for the sake of another woman could find her by exact distances.
    """
    found = None if view.unconfirmed is None else view.unconfirmed.low_m
    high_m = None if view.high_m is None else math.ceil(view.high_m / STEP_M) * STEP_M
    return _Near(_step(view.low_m, STEP_M), high_m, _step(view.contact_s, STEP_S), _step(found, STEP_M))


def _step(value: float | None, step: float) -> float | None:
    return None if value is None else math.floor(value / step) * step


def _unconfirmed(view: PairView, near: _Near) -> Unconfirmed | None:
    found = view.unconfirmed
    return None if found is None or near.unconfirmed_m is None else Unconfirmed(found.side, near.unconfirmed_m)


def _health(health: Health | None, now_ms: int) -> HealthFrame:
    if health is None:
        return HealthFrame(heard_s=None, fix_age_s=None, battery_pct=None, error_m=None)
    return HealthFrame(
        heard_s=_since(health.heard_ms, now_ms),
        fix_age_s=_since(health.fix_time_ms, now_ms),
        battery_pct=_rounded(health.battery_pct, 0),
        error_m=_rounded(health.error_m, 1),
    )


def _since(at_ms: int | None, now_ms: int) -> float | None:
    return None if at_ms is None else round(max(0, now_ms - at_ms) / 1000.0, 1)


def reasons_of(reasons: Iterable[Reason]) -> list[ReasonFrame]:
    """Return reasons for the desk."""
    return [ReasonFrame(cause=r.cause.value, rule=r.rule, value=round(r.value, 1), limit=r.limit, side=r.side) for r in reasons]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def moments_of(transitions: Sequence[Transition], alias: Alias) -> list[Moment]:
    """Return transitions for the desk, in the order given."""
    return [moment_of(transition, alias) for transition in transitions]
