"""What distances are worth: how long a warning is at each speed, and how often somebody passes by without meaning her.

Plain arithmetic for whoever sets a distance; see docs/rings.md. A warning begins at the ring or at the policy's time to
contact, whichever is farther out, and ends when contact is possible. Both are the best case: straight on, seen at once.

Pass-bys: paths laid at random over a city cross a circle of radius r, on average, ``4 r L / A`` times, where L is their length
and A the city's area (Crofton's formula; Buffon's noodle, Ramaley 1969: the paths may bend). Each pass crosses twice, so
``2 r L / A`` passes. A straight way through a round city of radius R is ``pi R / 2`` long on average (Cauchy), which makes it
``r / R`` passes a trip: the share of chords that meet the ring (Santalo, *Integral Geometry*, 1976, section 3.2). Independent
trips make the number a day nearly Poisson.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from jikimi.model.order import Order
from jikimi.model.policy import PairRules, Policy
from jikimi.policy.resolve import pair_rules


class Mode(NamedTuple):
    """A way to come, and how fast, m/s."""

    name: str
    speed_mps: float


MODES: Final = (
    Mode("on foot", 1.4),
    Mode("bicycle", 4.5),
    Mode("car in town, 30 km/h", 8.3),
    Mode("car in town, 50 km/h", 13.9),
    Mode("fast road, 80 km/h", 22.0),
)


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """How the monitored person moves about, for the expected pass-bys.

    Attributes:
        trips_a_day: ways from one place to another in a day, 0 or more. Default 3: household travel surveys count 2 to 3.5.
        city_radius_m: radius of the disc in which these ways lie, above 0. Default 10,000: a city of some 300 square kilometres.
        trip_m: mean length of a trip along its way, 0 or more; None: a straight way through the city, ``pi R / 2``.
    """

    trips_a_day: float = 3.0
    city_radius_m: float = 10_000.0
    trip_m: float | None = None

    def __post_init__(self) -> None:
        """Hold the numbers to their ranges.

        Raises:
            ValueError: one is out of range.
        """
        if not 0.0 <= self.trips_a_day < math.inf or not 0.0 < self.city_radius_m < math.inf:
            raise ValueError("The trips a day must be 0 or more, and the city's radius above 0 m.")
        if self.trip_m is not None and not 0.0 <= self.trip_m < math.inf:
            raise ValueError("The length of a trip must be 0 m or more.")


class Passes(msgspec.Struct, frozen=True):
    """Expected pass-bys a day, and the share of days with at least one."""

    a_day: float
    days: float


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """How long a warning lasts until contact, at one speed.

    Attributes:
        mode: how he comes.
        speed_mps: how fast.
        ring_s: from the ring alone.
        warned_s: from the ring or the policy's time to contact, whichever is earlier.
        enough: whether ``warned_s`` is as long as the police need; None when that is unknown.
    """

    mode: str
    speed_mps: float
    ring_s: float
    warned_s: float
    enough: bool | None


class RingAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """One ring. ``passes`` is None for a ring that is not smaller than the city."""

    tier: str
    metres: float
    contact_s: float
    warned: tuple[Warned, ...]
    passes: Passes | None


class Needed(msgspec.Struct, frozen=True, kw_only=True):
    """The distance that alone gives her as long as the police need, at one speed, and what it costs in pass-bys."""

    mode: str
    speed_mps: float
    metres: float
    passes: Passes | None


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What the distances of an order are worth.

    Attributes:
        rules: policy and version that the distances and times come from.
        police_s: how long the police need to her, seconds; None: unknown.
        traffic: how he is taken to move about.
        rings: from the outermost.
        needed: for each way to come; empty while ``police_s`` is unknown.
    """

    rules: str
    police_s: float | None
    traffic: Traffic
    rings: tuple[RingAdvice, ...]
    needed: tuple[Needed, ...]


def rules_for(policy: Policy, *, distance_m: float | None = None, alert_m: float | None = None, place: bool = False) -> PairRules:
    """Return the rules that an order with these distances would have.

    Args:
        policy: the jurisdiction's policy.
        distance_m: the no-approach distance of the order, or None.
        alert_m: the alert distance where the law asks for one, or None.
        place: True for a place, False for a person.

    Raises:
        ValueError: a distance is negative or not finite.
    """
    order = Order(
        order_id="",
        policy_id=policy.policy_id,
        monitored_id="",
        protected_ids=(),
        distance_m=distance_m,
        alert_m=alert_m,
        from_ms=0,
        until_ms=0,
        legal_basis="",
    )
    return pair_rules(policy, order, place=place)


def advise_on(policy: Policy, told: Mapping[str, float | None], *, place: bool = False) -> Advice:
    """Return what distances of an order are worth where a policy applies.

    Args:
        policy: the jurisdiction's policy; its ``advice`` is taken for what is not told.
        told: what the asker says, by name: ``distance_m``, ``alert_m``, ``police_s``, ``trips_a_day``, ``city_radius_m``,
            ``trip_m``; None is not told.
        place: True for a place, False for a person.

    Raises:
        ValueError: a number is out of its range.
    """
    usual = policy.advice

    def number(name: str) -> float | None:
        said = told.get(name)
        return getattr(usual, name) if said is None else said

    rules = rules_for(policy, distance_m=told.get("distance_m"), alert_m=told.get("alert_m"), place=place)
    moves = Traffic(**{name: number(name) for name in Traffic.__struct_fields__})  # type: ignore[arg-type]  # None only where it may be
    return advise(rules, number("police_s"), moves)


def advise(rules: PairRules, police_s: float | None = None, traffic: Traffic | None = None) -> Advice:
    """Return what the rings and times of a pair are worth.

    Args:
        rules: the pair's.
        police_s: how long the police need to her, seconds from 0; None: unknown.
        traffic: how he moves about; None for the stated defaults.

    Raises:
        ValueError: the police time is negative or not finite.
    """
    if police_s is not None and not 0.0 <= police_s < math.inf:
        raise ValueError("The time of the police must be 0 s or more.")
    moves = Traffic() if traffic is None else traffic
    rings = (
        ("watch", rules.watch_m, rules.watch_s),
        ("warning", rules.warning_m, rules.warning_s),
        ("danger", rules.danger_m, rules.danger_s),
    )
    return Advice(
        rules=rules.version,
        police_s=police_s,
        traffic=moves,
        rings=tuple(_ring(tier, metres, time_s, rules, police_s, moves) for tier, metres, time_s in rings),
        needed=() if police_s is None else tuple(_needed(mode, police_s, moves) for mode in MODES),
    )


def _ring(tier: str, metres: float, time_s: float, rules: PairRules, police_s: float | None, traffic: Traffic) -> RingAdvice:
    warned = tuple(_warned(mode, metres, time_s, rules.assumed_closing_mps, police_s) for mode in MODES)
    return RingAdvice(tier=tier, metres=metres, contact_s=time_s, warned=warned, passes=passes(metres, traffic))


def _warned(mode: Mode, metres: float, time_s: float, assumed_mps: float, police_s: float | None) -> Warned:
    seconds = warned_s(metres, time_s, mode.speed_mps, assumed_mps)
    return Warned(
        mode=mode.name,
        speed_mps=mode.speed_mps,
        ring_s=metres / mode.speed_mps,
        warned_s=seconds,
        enough=None if police_s is None else seconds >= police_s,
    )


def _needed(mode: Mode, police_s: float, traffic: Traffic) -> Needed:
    metres = police_s * mode.speed_mps
    return Needed(mode=mode.name, speed_mps=mode.speed_mps, metres=metres, passes=passes(metres, traffic))


def warned_s(ring_m: float, time_s: float, speed_mps: float, assumed_mps: float) -> float:
    """Return the seconds from the first word of a tier to contact, for somebody who comes straight on.

    The core judges the time to contact by the closing speed, at least the assumed one: whoever comes slower is warned of earlier.
    """
    return max(ring_m, time_s * max(speed_mps, assumed_mps)) / speed_mps


def passes(ring_m: float, traffic: Traffic) -> Passes | None:
    """Return the expected pass-bys within a ring, or None where the ring is not smaller than the city."""
    radius_m = traffic.city_radius_m
    if ring_m >= radius_m:
        return None
    way_m = math.pi * radius_m / 2.0 if traffic.trip_m is None else traffic.trip_m
    a_day = traffic.trips_a_day * 2.0 * ring_m * way_m / (math.pi * radius_m * radius_m)
    return Passes(a_day, -math.expm1(-a_day))
