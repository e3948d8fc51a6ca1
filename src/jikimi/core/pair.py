"""What the core believes about one pair, and how it judges it.

Where a person can be is a disc: around the filtered position, as wide as the 95 % error, growing with the age of the
fix at the person's credible speed (what he has shown lately, at least what the policy assumes), for at most
``growth_max_s``. The separation is the interval between the two discs. It only shrinks while nothing is heard, so
time alone never lowers a tier.

A tier holds while the separation's low end is within its *reach*: the policy's ring or the distance that the closing
speed covers in the policy's time, whichever is longer. It is entered at once and left only after the whole region
has stayed outside by a margin for the dwell time, with both sides seen.
"""

from __future__ import annotations

from math import ceil, hypot, sqrt
from typing import Final

from jikimi.core.geodesy import displacement
from jikimi.core.track import LAG_S, REGION_SIGMAS, Suspect, Track
from jikimi.core.zone import Point, Shape, segment_point_m
from jikimi.model.decision import Approach, Cause, Movement, Reason, Sight, Tier, Transition
from jikimi.model.order import Pair
from jikimi.model.policy import PairRules

CLEAR: Final = 0
WATCH: Final = 1
DANGER: Final = 3
LIVE: Final = 0
STALE: Final = 1
BLIND: Final = 2
NEVER_MS: Final = 1 << 62
"""Later than any alarm."""
FAR_M: Final = 1e9
"""Farther than any two places on Earth."""

SURE_SIGMAS: Final = 2.0
SLOW_MPS: Final = 0.4
"""A closing speed below this is no movement: people sway, and fixes of a standing phone wander."""
SIDE_MPS: Final = 0.3
SHARE: Final = 0.25
"""A side counts as approaching beside the other when it adds at least this share of the other's speed."""

UNKNOWN: Final = 0
STEADY: Final = 1
APPROACHING: Final = 2
LEAVING: Final = 3
MOVEMENTS: Final = (Movement.UNKNOWN, Movement.STEADY, Movement.APPROACHING, Movement.LEAVING)
TIERS: Final = (Tier.CLEAR, Tier.WATCH, Tier.WARNING, Tier.DANGER)
SIGHTS: Final = (Sight.LIVE, Sight.STALE, Sight.BLIND)
RING_RULES: Final = ("", "watch_m", "warning_m", "danger_m")
TIME_RULES: Final = ("", "watch_s", "warning_s", "danger_s")


class Limits:
    """The numbers of ``PairRules`` as the kernel reads them; shared by every pair under the same rules."""

    __slots__ = (
        "assumed_closing_mps", "assumed_speed_mps", "blind_ms", "close_contact_s", "dwell_ms", "growth_max_s",
        "margin_m", "rings_m", "rules", "stale_ms", "times_s", "vague_m",
    )  # fmt: skip

    def __init__(self, rules: PairRules) -> None:
        self.rules = rules
        self.rings_m: tuple[float, float, float, float] = (0.0, float(rules.watch_m), float(rules.warning_m), float(rules.danger_m))
        self.times_s: tuple[float, float, float, float] = (0.0, float(rules.watch_s), float(rules.warning_s), float(rules.danger_s))
        self.margin_m: float = float(rules.leave_margin_m)
        self.dwell_ms: int = round(rules.leave_dwell_s * 1000.0)
        self.stale_ms: int = round(rules.stale_after_s * 1000.0)
        self.blind_ms: int = round(rules.blind_after_s * 1000.0)
        self.vague_m: float = float(rules.vague_error_m)
        self.assumed_speed_mps: float = float(rules.assumed_speed_mps)
        self.assumed_closing_mps: float = float(rules.assumed_closing_mps)
        self.growth_max_s: float = float(rules.growth_max_s)
        self.close_contact_s: float = float(rules.close_contact_s)

    def sight(self, track: Track | None, now_ms: int) -> int:
        """Return how well a side is seen."""
        if track is None:
            return BLIND
        age_ms = now_ms - track.t_ms
        if age_ms >= self.stale_ms:
            return BLIND if age_ms >= self.blind_ms else STALE
        return STALE if track.error_m > self.vague_m else LIVE

    def next_sight_ms(self, track: Track | None, now_ms: int) -> int:
        """Return when time alone will worsen that."""
        if track is None:
            return NEVER_MS
        if now_ms - track.t_ms < self.stale_ms:
            return track.t_ms + self.stale_ms
        return track.t_ms + self.blind_ms if now_ms - track.t_ms < self.blind_ms else NEVER_MS


def sure(speed_mps: float, sigma_mps: float) -> bool:
    """Return whether a speed stands out from its own error."""
    return speed_mps > SURE_SIGMAS * sigma_mps + SIDE_MPS


def toward_mps(track: Track, ux: float, uy: float) -> tuple[float, float]:
    """Return (speed along the unit vector, its standard deviation): the quick estimate if it is sure, else the slow one."""
    quick = track.ve * ux + track.vn * uy
    sigma = sqrt(track.vv)
    if sure(abs(quick), sigma):
        return quick, sigma
    return (track.lag_e * ux + track.lag_n * uy) / LAG_S, track.error_m / (REGION_SIGMAS * LAG_S)


class Watched:
    """One pair under watch: what was found when it was last judged, and its alarm clock."""

    __slots__ = (
        "alarm_ms", "approach", "below_since_ms", "cap_m", "cap_p", "closing_mps", "gap_m", "index", "last", "limits",
        "monitored", "movement", "number", "placed", "protected", "rel_e", "rel_n", "seats_m", "seats_p", "shape",
        "sight_m", "sight_p", "since_ms", "spec", "spread_m", "tier",
    )  # fmt: skip

    def __init__(self, index: int, spec: Pair, limits: Limits, at_ms: int) -> None:
        self.index = index
        self.specify(spec, limits)
        self.placed: bool = False
        self.monitored: Track | None = None
        self.protected: Track | None = None
        self.tier: int = CLEAR
        self.sight_m: int = BLIND
        self.sight_p: int = LIVE if self.shape is not None else BLIND
        self.since_ms = at_ms
        self.number: int = 0
        self.last: Transition | None = None
        self.below_since_ms: int = -1
        self.alarm_ms: int = NEVER_MS
        self.gap_m: float = 0.0
        self.spread_m: float = 0.0
        self.cap_m: float = 0.0
        self.cap_p: float = 0.0
        self.rel_e: float = 0.0
        self.rel_n: float = 0.0
        self.seats_p: int = -1
        self.closing_mps: float = limits.assumed_closing_mps
        self.movement: int = UNKNOWN
        self.approach: Approach = Approach.CANNOT_TELL

    def specify(self, spec: Pair, limits: Limits) -> None:
        """Take over what the order says: parties, place and rules."""
        self.spec = spec
        self.limits = limits
        self.shape: Shape | None = Shape(spec.zone) if spec.zone is not None else None
        self.seats_m: int = -1

    def growth_m(self, now_ms: int) -> float:
        """Return by how much both regions have grown since their last fixes."""
        limit = self.limits.growth_max_s
        grown = 0.0
        if self.monitored is not None:
            age_s = (now_ms - self.monitored.t_ms) * 0.001
            grown = self.cap_m * (age_s if age_s < limit else limit)
        if self.protected is not None:
            age_s = (now_ms - self.protected.t_ms) * 0.001
            grown += self.cap_p * (age_s if age_s < limit else limit)
        return grown

    def low_m(self, now_ms: int) -> float:
        """Return the least possible separation."""
        low = self.gap_m - self.growth_m(now_ms)
        return max(0.0, low)

    def high_m(self, now_ms: int) -> float:
        """Return the greatest possible separation."""
        return self.gap_m + 2.0 * self.spread_m + self.growth_m(now_ms)

    def reach_m(self, tier: int) -> float:
        """Return the distance within which a tier holds."""
        ring = self.limits.rings_m[tier]
        by_time = self.limits.times_s[tier] * self.closing_mps
        return max(ring, by_time)

    # -- judging -------------------------------------------------------------------------------------------------

    def judge(self, now_ms: int) -> Transition | None:
        """Judge the pair after an input of either side; return the transition, if there is one."""
        tier = self.tier
        reasons: list[Reason] = []
        if self.placed:
            tier = self._tier_after_input(now_ms, reasons)
        return self._settle(tier, now_ms, reasons)

    def ring(self, now_ms: int) -> Transition | None:
        """Judge what time alone has changed; the alarm clock calls this. A tier only rises here."""
        tier = self.tier
        reasons: list[Reason] = []
        if self.placed:
            low = self.low_m(now_ms)
            while tier < DANGER and low <= self.reach_m(tier + 1):
                tier += 1
            if tier > self.tier:
                self.below_since_ms = -1
                reasons.append(Reason(Cause.GROWTH, RING_RULES[tier], low, self.reach_m(tier)))
        return self._settle(tier, now_ms, reasons)

    def next_alarm_ms(self, now_ms: int) -> int:
        """Return a moment not later than the next one at which time alone changes the tier or a sight."""
        due = min(self.limits.next_sight_ms(self.monitored, now_ms), self.limits.next_sight_ms(self.protected, now_ms))
        if self.tier < DANGER and self.placed:
            due = min(due, self._growth_alarm_ms(now_ms))
        return due

    def _growth_alarm_ms(self, now_ms: int) -> int:
        limit_ms = self.limits.growth_max_s * 1000.0
        speed = 0.0
        if self.monitored is not None and now_ms - self.monitored.t_ms < limit_ms:
            speed = self.cap_m
        if self.protected is not None and now_ms - self.protected.t_ms < limit_ms:
            speed += self.cap_p
        if speed == 0.0:
            return NEVER_MS
        left_m = self.gap_m - self.growth_m(now_ms) - self.reach_m(self.tier + 1)
        return now_ms + max(1, ceil(left_m / speed * 1000.0))

    def _tier_after_input(self, now_ms: int, reasons: list[Reason]) -> int:
        nearest = self._measure(now_ms)
        low = self.low_m(now_ms)
        suspect = self._suspect_low_m(now_ms)
        found = min(low, nearest, suspect)
        if self.tier == CLEAR and found > self.reach_m(WATCH):
            return CLEAR
        tier = DANGER
        while tier > CLEAR and found > self.reach_m(tier) + (self.limits.margin_m if tier <= self.tier else 0.0):
            tier -= 1
        if tier < self.tier:
            return self._leave(tier, found, now_ms, reasons)
        self.below_since_ms = -1
        if tier > self.tier:
            self._explain(tier, low, nearest, suspect, reasons)
        return tier

    def _leave(self, tier: int, found: float, now_ms: int, reasons: list[Reason]) -> int:
        """Lower the tier only when the region has been outside for the dwell time and both sides are seen."""
        if self.below_since_ms < 0:
            self.below_since_ms = now_ms
        limits = self.limits
        blind = limits.sight(self.monitored, now_ms) == BLIND or (self.shape is None and limits.sight(self.protected, now_ms) == BLIND)
        if blind or now_ms - self.below_since_ms < limits.dwell_ms:
            return self.tier
        self.below_since_ms = -1
        reasons.append(Reason(Cause.LEFT, RING_RULES[tier + 1], found, self.reach_m(tier + 1) + limits.margin_m))
        return tier

    def _explain(self, tier: int, low: float, nearest: float, suspect: float, reasons: list[Reason]) -> None:
        ring = self.limits.rings_m[tier]
        reach = self.reach_m(tier)
        if low <= ring:
            reasons.append(Reason(Cause.DISTANCE, RING_RULES[tier], low, ring))
        elif low <= reach:
            reasons.append(Reason(Cause.TIME, TIME_RULES[tier], low / self.closing_mps, self.limits.times_s[tier]))
        elif nearest <= reach:
            reasons.append(Reason(Cause.SEGMENT, RING_RULES[tier], nearest, reach))
        if suspect <= reach < low:
            reasons.append(Reason(Cause.SUSPECT, RING_RULES[tier], suspect, reach, "monitored"))

    def _settle(self, tier: int, now_ms: int, reasons: list[Reason]) -> Transition | None:
        """Take the new tier and sights over; tell if anything changed."""
        sight_m = self.limits.sight(self.monitored, now_ms)
        sight_p = LIVE if self.shape is not None else self.limits.sight(self.protected, now_ms)
        if tier == self.tier and sight_m == self.sight_m and sight_p == self.sight_p:
            return None
        self._explain_sight(self.sight_m, sight_m, self.monitored, "monitored", now_ms, reasons)
        self._explain_sight(self.sight_p, sight_p, self.protected, "protected", now_ms, reasons)
        self.number += 1
        transition = self._transition(tier, sight_m, sight_p, now_ms, reasons)
        if tier != self.tier:
            self.since_ms = now_ms
            self.tier = tier
        self.sight_m = sight_m
        self.sight_p = sight_p
        self.last = transition
        return transition

    def _explain_sight(self, before: int, after: int, track: Track | None, side: str, now_ms: int, reasons: list[Reason]) -> None:
        if after == before or track is None:
            return
        age_s = (now_ms - track.t_ms) * 0.001
        rules = self.limits.rules
        if after < before:
            reasons.append(Reason(Cause.SEEN, "stale_after_s", age_s, rules.stale_after_s, side))
        elif now_ms - track.t_ms < self.limits.stale_ms:
            reasons.append(Reason(Cause.VAGUE, "vague_error_m", track.error_m, rules.vague_error_m, side))
        elif after == BLIND:
            reasons.append(Reason(Cause.AGED, "blind_after_s", age_s, rules.blind_after_s, side))
        else:
            reasons.append(Reason(Cause.AGED, "stale_after_s", age_s, rules.stale_after_s, side))

    def _transition(self, tier: int, sight_m: int, sight_p: int, now_ms: int, reasons: list[Reason]) -> Transition:
        placed = self.placed
        low = self.low_m(now_ms) if placed else None
        return Transition(
            self.spec.pair_id,
            self.number,
            now_ms,
            TIERS[self.tier],
            TIERS[tier],
            SIGHTS[self.sight_m],
            SIGHTS[sight_m],
            SIGHTS[self.sight_p],
            SIGHTS[sight_p],
            tuple(reasons),
            low,
            self.high_m(now_ms) if placed else None,
            low / self.closing_mps if low is not None else None,
            MOVEMENTS[self.movement],
            self.approach,
            self.monitored.fix_id if self.monitored is not None else None,
            self.protected.fix_id if self.protected is not None else None,
            self.spec.order_id,
            self.limits.rules.version,
        )

    # -- measuring -----------------------------------------------------------------------------------------------

    def _measure(self, now_ms: int) -> float:
        """Measure the pair anew; return the least separation on the straight way since the last measurement."""
        m = self.monitored
        assert m is not None
        p = self.protected
        shape = self.shape
        if shape is not None:
            at = shape.local(m.lat, m.lon)
            east, north = at
            self.spread_m = m.error_m
            seats_p = 0
            distance = shape.distance_m(at)
        else:
            assert p is not None
            east, north = displacement(p.lat, p.lon, m.lat, m.lon)
            distance = hypot(east, north)
            self.spread_m = m.error_m + p.error_m
            seats_p = p.seats
            self.cap_p = max(self.limits.assumed_speed_mps, p.shown_mps)
        self.cap_m = max(self.limits.assumed_speed_mps, m.shown_mps)
        self.gap_m = distance - self.spread_m
        same = self.seats_m == m.seats and self.seats_p == seats_p
        step = abs(east - self.rel_e) + abs(north - self.rel_n)
        before = (self.rel_e, self.rel_n)
        self.rel_e = east
        self.rel_n = north
        self.seats_m = m.seats
        self.seats_p = seats_p
        self._move(m, p, east, north, now_ms)
        # The way came no nearer than its end less its length: measure it only where that could matter.
        if not same or self.gap_m - step > self.reach_m(WATCH) + self.limits.margin_m:
            return self.gap_m
        return self._way_m(before, (east, north)) - self.spread_m

    def _way_m(self, before: Point, now: Point) -> float:
        if self.shape is not None:
            return self.shape.segment_m(before, now)
        return segment_point_m(before[0], before[1], now[0], now[1], 0.0, 0.0)

    def _move(self, m: Track, p: Track | None, east: float, north: float, now_ms: int) -> None:
        """Find the closing speed, its sign and whose it is."""
        limits = self.limits
        length = hypot(east, north)
        fresh = now_ms - m.t_ms < limits.stale_ms and (p is None or now_ms - p.t_ms < limits.stale_ms)
        if length == 0.0 or not fresh:
            self.closing_mps = limits.assumed_closing_mps
            self.movement = UNKNOWN
            self.approach = Approach.CANNOT_TELL
            return
        from_m, sigma_m = toward_mps(m, -east / length, -north / length)
        from_p, sigma_p = toward_mps(p, east / length, north / length) if p is not None else (0.0, 0.0)
        closing = from_m + from_p
        sigma = hypot(sigma_m, sigma_p)
        bar = SURE_SIGMAS * sigma
        credible = closing + sigma
        self.closing_mps = limits.assumed_closing_mps
        if closing > SLOW_MPS and closing > bar:
            self.movement = APPROACHING
            self.approach = share(from_m, sigma_m, from_p, sigma_p)
            if credible > limits.assumed_closing_mps:
                self.closing_mps = credible
            return
        self.approach = Approach.NONE
        if -closing > SLOW_MPS and -closing > bar:
            self.movement = LEAVING
        elif bar <= 2.0 * SLOW_MPS:
            self.movement = STEADY
        else:
            self.movement = UNKNOWN
            self.approach = Approach.CANNOT_TELL

    def _suspect_low_m(self, now_ms: int) -> float:
        """Return the least separation that a waiting suspect fix of either side allows, if contact is that near."""
        m = self.monitored
        p = self.protected
        if (m is None or m.suspect is None) and (p is None or p.suspect is None):
            return FAR_M
        low = FAR_M
        if m is not None and m.suspect is not None:
            low = self._suspected_m(m.suspect, p, now_ms, self.cap_p)
        if p is not None and p.suspect is not None:
            low = min(low, self._suspected_m(p.suspect, m, now_ms, self.cap_m))
        return low if low / self.closing_mps <= self.limits.close_contact_s else FAR_M

    def _suspected_m(self, suspect: Suspect, other: Track | None, now_ms: int, cap: float) -> float:
        if other is None:
            assert self.shape is not None
            return max(0.0, self.shape.distance_m(self.shape.local(suspect.lat, suspect.lon)) - suspect.error_m)
        east, north = displacement(other.lat, other.lon, suspect.lat, suspect.lon)
        grown = cap * min((now_ms - other.t_ms) * 0.001, self.limits.growth_max_s)
        return max(0.0, hypot(east, north) - suspect.error_m - other.error_m - grown)


def share(from_m: float, sigma_m: float, from_p: float, sigma_p: float) -> Approach:
    """Say whose movement closes the distance, from both sides' speeds towards each other."""
    sure_m = from_m > SIDE_MPS and from_m > SURE_SIGMAS * sigma_m
    sure_p = from_p > SIDE_MPS and from_p > SURE_SIGMAS * sigma_p
    if sure_m and sure_p and min(from_m, from_p) >= SHARE * max(from_m, from_p):
        return Approach.BOTH
    if sure_m and (not sure_p or from_m >= from_p):
        return Approach.MONITORED
    return Approach.PROTECTED if sure_p else Approach.CANNOT_TELL
