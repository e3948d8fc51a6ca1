"""Pairs, orders, policies and views for the tests of the gate and of the apps."""

from __future__ import annotations

import msgspec

from jikimi.model.decision import Approach, Cause, Movement, PairView, Reason, SideView, Sight, Tier, Transition
from jikimi.model.fix import Source
from jikimi.model.order import Order, Pair, Place
from jikimi.model.policy import MapView, Policy
from jikimi.model.zone import Circle
from jikimi.policy.load import preset
from jikimi.policy.resolve import pair_rules

NOW_MS = 1_795_000_000_000
HER = "person-h"
HIM = "person-m"

KOREA = preset("kr")
ORDER = Order(
    order_id="order-1",
    policy_id="kr",
    monitored_id=HIM,
    protected_ids=(HER,),
    places=(Place("place-1", "home", Circle(37.55, 127.01, 50.0)),),
    from_ms=NOW_MS - 1_000_000,
    until_ms=NOW_MS + 100_000_000,
    legal_basis="test",
)
PAIR = Pair(
    pair_id="pair-1", order_id="order-1", monitored_id=HIM, owner_id=HER, protected_id=HER, rules=pair_rules(KOREA, ORDER, place=False)
)
HOME = Pair(
    pair_id="pair-home",
    order_id="order-1",
    monitored_id=HIM,
    owner_id=HER,
    place_id="place-1",
    zone=ORDER.places[0].zone,
    rules=pair_rules(KOREA, ORDER, place=True),
)
HIS_AT = (37.566535, 126.977969)
HER_AT = (37.561234, 126.991111)


def policy(**view: object) -> Policy:
    """Korea's policy with another view."""
    return msgspec.structs.replace(KOREA, view=msgspec.structs.replace(KOREA.view, **view))


ALWAYS = policy(map_view=MapView.CONTINUOUS)
NEVER = policy(map_view=MapView.NEVER)


def side(at: tuple[float, float] = HIS_AT, age_s: float = 3.0, now_ms: int = NOW_MS, **change: object) -> SideView:
    """One side, seen a moment ago."""
    found = SideView(
        latitude=at[0],
        longitude=at[1],
        error_m=12.0,
        reach_m=16.0,
        age_s=age_s,
        fix_time_ms=now_ms - int(age_s * 1000),
        speed_mps=1.4,
        course_deg=91.0,
        source=Source.GNSS,
    )
    return msgspec.structs.replace(found, **change)


def view(low_m: float | None = 420.0, *, tier: Tier = Tier.WARNING, now_ms: int = NOW_MS, pair: Pair = PAIR, **change: object) -> PairView:
    """A pair at one moment."""
    found = PairView(
        pair_id=pair.pair_id,
        order_id=pair.order_id,
        tier=tier,
        monitored_sight=Sight.LIVE,
        protected_sight=Sight.LIVE,
        since_ms=now_ms - 60_000,
        at_ms=now_ms,
        monitored=side(now_ms=now_ms),
        protected=side(HER_AT, now_ms=now_ms) if pair.zone is None else None,
        distance_m=None if low_m is None else low_m + 20.0,
        bearing_deg=None if low_m is None else 215.5,
        low_m=low_m,
        high_m=None if low_m is None else low_m + 40.0,
        contact_s=None if low_m is None else low_m / 1.4,
        closing_mps=1.4,
        cpa_m=10.0,
        cpa_s=100.0,
        movement=Movement.APPROACHING,
        approach=Approach.MONITORED,
        last=None,
    )
    return msgspec.structs.replace(found, **change)


def transition(number: int = 1, tier: Tier = Tier.WARNING, before: Tier = Tier.WATCH, at_ms: int = NOW_MS, pair: Pair = PAIR) -> Transition:
    """A change of tier."""
    return Transition(
        pair_id=pair.pair_id,
        number=number,
        at_ms=at_ms,
        tier_before=before,
        tier=tier,
        monitored_before=Sight.LIVE,
        monitored=Sight.LIVE,
        protected_before=Sight.LIVE,
        protected=Sight.STALE,
        reasons=(Reason(Cause.DISTANCE, "warning_m", 987.04, 1000.0, None),),
        low_m=987.04,
        high_m=1010.0,
        contact_s=700.0,
        movement=Movement.APPROACHING,
        approach=Approach.MONITORED,
        monitored_fix="f1",
        protected_fix="f2",
        order_id="order-1",
        rules="kr 2026-06",
    )


def numbers(*sides: tuple[float, float]) -> list[bytes]:
    """How coordinates look on the wire, to search for."""
    return [str(value).encode() for at in sides for value in at]
