"""From a jurisdiction's policy and one order to the numbers that judge one pair.

The court's distances are the floor: whatever a policy says, no ring that an order sets is ever smaller than the order
says, and no outer ring is smaller than the one inside it.
"""

from __future__ import annotations

import math

from jikimi.model.order import Order
from jikimi.model.policy import PairRules, Policy, Ring, TrackRules


def pair_rules(policy: Policy, order: Order, *, place: bool) -> PairRules:
    """Return the rules for one pair of ``order``.

    Args:
        policy: the policy the order names.
        order: whose distances count.
        place: True where a place stands in for the protected person.

    Raises:
        ValueError: a distance of the order is negative or not a finite number.
    """
    rings = policy.place_rings if place else policy.rings
    distance_m = _checked(order.distance_m, "distance_m")
    alert_m = _checked(order.alert_m, "alert_m")
    danger_m = stated_m(rings.danger, distance_m, alert_m)
    if distance_m is not None:
        danger_m = max(danger_m, distance_m)
    warning_m = max(stated_m(rings.warning, distance_m, alert_m), danger_m)
    floor_m = warning_m if rings.warning.always else max(danger_m, ordered_m(rings.warning, distance_m, alert_m) or 0.0)
    watch_m = max(stated_m(rings.watch, distance_m, alert_m), warning_m)
    judging = policy.judging
    return PairRules(
        version=f"{policy.policy_id} {policy.version}",
        watch_m=watch_m,
        warning_m=warning_m,
        danger_m=danger_m,
        warning_floor_m=floor_m,
        watch_s=policy.times.watch_s,
        warning_s=policy.times.warning_s,
        danger_s=policy.times.danger_s,
        leave_margin_m=judging.leave_margin_m,
        leave_dwell_s=judging.leave_dwell_s,
        stale_after_s=judging.stale_after_s,
        blind_after_s=judging.blind_after_s,
        vague_error_m=judging.vague_error_m,
        assumed_speed_mps=judging.assumed_speed_mps,
        assumed_closing_mps=judging.assumed_closing_mps,
        growth_max_s=judging.growth_max_s,
        close_contact_s=judging.close_contact_s,
        overdue_intervals=judging.overdue_intervals,
        lull_most_s=judging.lull_most_s,
        soon_intervals=judging.soon_intervals,
        soon_slope=judging.soon_slope,
        turn_spread_deg=judging.turn_spread_deg,
        cone_sigmas=judging.cone_sigmas,
        warning_cone_m=judging.warning_cone_m,
        danger_cone_m=judging.danger_cone_m,
        heading_reach_m=judging.heading_reach_m,
        heading_reach_s=judging.heading_reach_s,
        evidence_memory_s=judging.evidence_memory_s,
        soon_least_m=judging.soon_least_m,
        seldom_s=judging.seldom_s,
        seldom_slope=judging.seldom_slope,
        untold_s=judging.untold_s,
        creep_mps=judging.creep_mps,
        creep_stride_s=judging.creep_stride_s,
        suspect_share=judging.suspect_share,
        follow_s=judging.follow_s,
        follow_deg=judging.follow_deg,
    )


class SharedRules:
    """``pair_rules`` for many orders: those of one policy with the same distances share one set of numbers, made once.

    For as long as the policies stay the same: a policy is known by its id.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, float | None, float | None, bool], PairRules] = {}

    def __call__(self, policy: Policy, order: Order, *, place: bool) -> PairRules:
        """Return the rules for one pair of ``order``; see ``pair_rules``."""
        key = (policy.policy_id, order.distance_m, order.alert_m, place)
        rules = self._made.get(key)
        if rules is None:
            rules = self._made[key] = pair_rules(policy, order, place=place)
        return rules


def track_rules(policy: Policy) -> TrackRules:
    """Return what a deployment under ``policy`` believes about fixes."""
    return policy.track


def stated_m(ring: Ring, distance_m: float | None, alert_m: float | None) -> float:
    """Return one ring in metres, before the rings are compared with each other.

    The law's bounds apply to the order's number times the factor; the order's own number is never undercut, even where it
    is beyond the law's greatest (then the order, not the protection, is what must be mended: ``order_doubts``).
    """
    said_m = ordered_m(ring, distance_m, alert_m)
    if said_m is None:
        return ring.metres
    metres = said_m * ring.factor
    if ring.most_m is not None:
        metres = min(metres, ring.most_m)
    if ring.least_m is not None:
        metres = max(metres, ring.least_m)
    return max(metres, said_m)


def ordered_m(ring: Ring, distance_m: float | None, alert_m: float | None) -> float | None:
    """Return the number of the order that sets this ring, or None."""
    if ring.order_field is None:
        return None
    return {"distance_m": distance_m, "alert_m": alert_m}[ring.order_field]


def order_doubts(policy: Policy, order: Order) -> list[str]:
    """Return a sentence for each distance of the order that the policy's law does not expect; empty when all is well.

    For whoever enters an order. The order is judged in any case, on the safe side.
    """
    doubts: list[str] = []
    for name, rings in (("", policy.rings), ("place ", policy.place_rings)):
        for tier, ring in (("watch", rings.watch), ("warning", rings.warning), ("danger", rings.danger)):
            doubts += _ring_doubts(f"{name}{tier} ring", ring, order)
    return list(dict.fromkeys(doubts))


def _ring_doubts(label: str, ring: Ring, order: Order) -> list[str]:
    said_m = ordered_m(ring, order.distance_m, order.alert_m)
    if ring.order_field == "alert_m" and said_m is None:
        return [f"The order states no alert_m, which the judge sets under this policy; the {label} is taken as {ring.metres:g} m."]
    if said_m is None:
        return []
    metres = said_m * ring.factor
    if ring.least_m is not None and metres < ring.least_m:
        return [f"The order's {ring.order_field} makes the {label} {metres:g} m; the least is {ring.least_m:g} m, which is used."]
    if ring.most_m is not None and metres > ring.most_m:
        used_m = stated_m(ring, order.distance_m, order.alert_m)
        return [
            f"The order's {ring.order_field} makes the {label} {metres:g} m; the law's most is {ring.most_m:g} m, {used_m:g} m is used."
        ]
    return []


def _checked(metres: float | None, field: str) -> float | None:
    if metres is not None and not 0.0 <= metres < math.inf:
        raise ValueError(f"The order's {field} must be a distance of 0 m or more.")
    return metres
