"""One pair judged from its whole history, slowly and obviously.

Differences to the engine on purpose: exact geodesics, full matrices, shapely for shapes, and time alone is tried
second by second, then millisecond by millisecond, instead of being solved for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from shapely import LineString, Point, Polygon

from jikimi.core.spec.belief import SIGMAS_95, Belief, Suspect, Vector, between
from jikimi.core.spec.compare import Compare
from jikimi.model.decision import Approach, Movement, Sight, Tier
from jikimi.model.fix import Fix, Verdict
from jikimi.model.order import Pair
from jikimi.model.policy import TrackRules
from jikimi.model.zone import Circle

Side = Literal["monitored", "protected"]
INFINITE = 1e9
# What a fix must be to say anything new; the others change nothing.
TELLING = {Verdict.USED, Verdict.CONFIRMED, Verdict.FUTURE, Verdict.OUTLIER, Verdict.IMPOSSIBLE_SPEED}
TIE_MS = 60


class Input(NamedTuple):
    """A fix of one side, as received."""

    now_ms: int
    side: Side
    fix: Fix


class Change(NamedTuple):
    """A transition as the spec states it: what a reader would check first."""

    at_ms: int
    tier: Tier
    monitored: Sight
    protected: Sight
    low_m: float | None
    high_m: float | None
    contact_s: float | None
    movement: Movement
    approach: Approach


class Result(NamedTuple):
    """Changes and verdicts up to the first tie; ``tie_at_ms`` is when that came, or None."""

    changes: list[Change]
    verdicts: list[Verdict]
    tie_at_ms: int | None


class Place:
    """A zone in an azimuthal equidistant plane around its middle."""

    def __init__(self, pair: Pair) -> None:
        zone = pair.zone
        assert zone is not None
        if isinstance(zone, Circle):
            self.lat, self.lon = zone.latitude, zone.longitude
            self.shape = None
            self.radius_m = zone.radius_m
        else:
            self.lat = float(np.mean([lat for lat, _ in zone.corners]))
            first = zone.corners[0][1]
            self.lon = first + float(np.mean([math.remainder(lon - first, 360) for _, lon in zone.corners]))
            self.shape = Polygon([between(self.lat, self.lon, lat, lon) for lat, lon in zone.corners])

    def at(self, lat: float, lon: float) -> Vector:
        """Return a position in this plane."""
        return between(self.lat, self.lon, lat, lon)

    def distance_m(self, before: Vector, now: Vector) -> float:
        """Return the distance from the straight way to the zone."""
        way = Point(now) if np.array_equal(before, now) else LineString([before, now])
        if self.shape is None:
            return max(0.0, float(way.distance(Point(0, 0))) - self.radius_m)
        return float(way.distance(self.shape))


class Judge:
    """Folds a history into changes."""

    def __init__(self, pair: Pair, rules: TrackRules, from_ms: int) -> None:
        self.compare = Compare()
        self.rules = pair.rules
        self.place = Place(pair) if pair.zone is not None else None
        self.sides: dict[Side, Belief] = {"monitored": Belief(rules, self.compare)}
        if self.place is None:
            self.sides["protected"] = Belief(rules, self.compare)
        self.now_ms = from_ms
        self.tier = Tier.CLEAR
        self.sights = self._sights(from_ms)
        self.below_since_ms: int | None = None
        self.before: tuple[Vector, tuple[int, ...]] | None = None
        self.gap = self.spread = 0.0
        self.caps: dict[Side, float] = {"monitored": 0.0, "protected": 0.0}
        self.closing = pair.rules.assumed_closing_mps
        self.movement = Movement.UNKNOWN
        self.approach = Approach.CANNOT_TELL
        self.changes: list[Change] = []

    # -- what a side looks like ----------------------------------------------------------------------------------

    def _sight(self, belief: Belief, now_ms: int) -> Sight:
        if not belief.known:
            return Sight.BLIND
        age_ms = now_ms - belief.t_ms
        if age_ms >= self.rules.blind_after_s * 1000:
            return Sight.BLIND
        if age_ms >= self.rules.stale_after_s * 1000:
            return Sight.STALE
        return Sight.STALE if self.compare.over(belief.error_m, self.rules.vague_error_m) else Sight.LIVE

    def _sights(self, now_ms: int) -> tuple[Sight, Sight]:
        monitored = self._sight(self.sides["monitored"], now_ms)
        return monitored, Sight.LIVE if self.place is not None else self._sight(self.sides["protected"], now_ms)

    @property
    def placed(self) -> bool:
        """Whether there is a separation at all."""
        return all(belief.known for belief in self.sides.values())

    def growth(self, now_ms: int) -> float:
        """Return the growth of both regions."""
        return sum(
            self.caps[side] * min((now_ms - belief.t_ms) / 1000, self.rules.growth_max_s)
            for side, belief in self.sides.items()
            if belief.known
        )

    def low(self, now_ms: int) -> float:
        """Return the low end of the separation."""
        return max(0.0, self.gap - self.growth(now_ms))

    def reach(self, tier: Tier) -> float:
        """Return the distance within which a tier holds."""
        ring = {Tier.WATCH: self.rules.watch_m, Tier.WARNING: self.rules.warning_m, Tier.DANGER: self.rules.danger_m}[tier]
        time = {Tier.WATCH: self.rules.watch_s, Tier.WARNING: self.rules.warning_s, Tier.DANGER: self.rules.danger_s}[tier]
        return max(ring, time * self.closing)

    # -- time alone ----------------------------------------------------------------------------------------------

    def wait(self, until_ms: int) -> None:
        """Let time pass up to ``until_ms`` inclusive, trying every moment that time alone may have changed something."""
        while (changed_ms := self._first_change(until_ms)) is not None:
            self._note_tie(changed_ms, until_ms)
            self._settle(self._risen(changed_ms), changed_ms)
            self.now_ms = changed_ms
        self.now_ms = until_ms
        self.compare.tie |= self._risen(until_ms + TIE_MS) != self.tier

    def _first_change(self, until_ms: int) -> int | None:
        """Try every ten seconds; in the first ten that changed every second, and so on to the millisecond."""
        start, end = self.now_ms, until_ms
        for step in (10_000, 1_000, 100, 10, 1):
            tried = [*range(start + step, end, step), end] if end > start else []
            found = next((ms for ms in tried if self._changed_by_time(ms)), None)
            if found is None:
                return None
            start, end = max(start, found - step), found
        return end

    def _note_tie(self, now_ms: int, until_ms: int) -> None:
        """A region's growth is known to a part in ten thousand: another event that near may come before or after it."""
        rises = self._risen(now_ms) != self.tier
        if rises and (until_ms - now_ms < TIE_MS or self._sights(now_ms - TIE_MS) != self._sights(now_ms + TIE_MS)):
            self.compare.tie = True

    def _risen(self, now_ms: int) -> Tier:
        tier = self.tier
        if self.placed:
            low = self.low(now_ms)
            tier = max([tier, *(t for t in (Tier.WATCH, Tier.WARNING, Tier.DANGER) if t > tier and low <= self.reach(t))])
        return tier

    def _changed_by_time(self, now_ms: int) -> bool:
        return self._risen(now_ms) != self.tier or self._sights(now_ms) != self.sights

    # -- inputs --------------------------------------------------------------------------------------------------

    def take(self, item: Input) -> Verdict:
        """Judge one input."""
        self.wait(item.now_ms)
        belief = self.sides[item.side]
        verdict = belief.take(item.fix, item.now_ms)
        if verdict in TELLING:
            tier = self._tier(item.now_ms) if self.placed else self.tier
            self._settle(tier, item.now_ms)
        return verdict

    def _tier(self, now_ms: int) -> Tier:
        nearest = self._measure(now_ms)
        found = min(self.low(now_ms), nearest, self._suspected(now_ms))
        tier = Tier.CLEAR
        for candidate in (Tier.WATCH, Tier.WARNING, Tier.DANGER):
            margin = self.rules.leave_margin_m if candidate <= self.tier else 0.0
            if not self.compare.over(found, self.reach(candidate) + margin, self.gap + 2 * self.spread):
                tier = candidate
        if tier >= self.tier:
            self.below_since_ms = None
            return tier
        if self.below_since_ms is None:
            self.below_since_ms = now_ms
        dwelt = now_ms - self.below_since_ms >= self.rules.leave_dwell_s * 1000
        if not all(self._fresh(belief, now_ms) for belief in self.sides.values()) or not dwelt:
            return self.tier
        self.below_since_ms = None
        return tier

    def _measure(self, now_ms: int) -> float:
        monitored = self.sides["monitored"]
        if self.place is not None:
            now = self.place.at(monitored.lat, monitored.lon)
            distance = self.place.distance_m(now, now)
            toward = now
        else:
            protected = self.sides["protected"]
            now = toward = between(protected.lat, protected.lon, monitored.lat, monitored.lon)
            distance = float(np.hypot(*now))
        self.spread = sum(belief.error_m for belief in self.sides.values())
        self.gap = distance - self.spread
        for side, belief in self.sides.items():
            self.caps[side] = max(self.rules.assumed_speed_mps, belief.shown)
        self._move(toward, now_ms)
        seats = tuple(belief.seats for belief in self.sides.values())
        way = self.gap
        if self.before is not None and self.before[1] == seats:
            before = self.before[0]
            if self.place is not None:
                way = self.place.distance_m(before, now) - self.spread
            else:
                line = Point(now) if np.array_equal(before, now) else LineString([before, now])
                way = float(line.distance(Point(0, 0))) - self.spread
        self.before = (now, seats)
        return way

    def _suspected(self, now_ms: int) -> float:
        nearest = INFINITE
        for side, belief in self.sides.items():
            if belief.suspect is not None:
                nearest = min(nearest, self._suspected_low(belief.suspect, side, now_ms))
        near = not self.compare.over(nearest / self.closing, self.rules.close_contact_s)
        return nearest if near else INFINITE

    def _suspected_low(self, suspect: Suspect, side: Side, now_ms: int) -> float:
        if self.place is not None:
            at = self.place.at(suspect.lat, suspect.lon)
            return max(0.0, self.place.distance_m(at, at) - suspect.error_m)
        other_side: Side = "protected" if side == "monitored" else "monitored"
        other = self.sides[other_side]
        distance = float(np.hypot(*between(other.lat, other.lon, suspect.lat, suspect.lon)))
        grown = self.caps[other_side] * min((now_ms - other.t_ms) / 1000, self.rules.growth_max_s)
        return max(0.0, distance - suspect.error_m - other.error_m - grown)

    # -- movement ------------------------------------------------------------------------------------------------

    def _toward(self, belief: Belief, unit: Vector) -> tuple[float, float]:
        quick = float(belief.velocity @ unit)
        sigma = math.sqrt(belief.covariance[2, 2])
        if self.compare.over(abs(quick), 2 * sigma + 0.3):
            return quick, sigma
        return float(belief.lag @ unit) / 30.0, belief.error_m / (SIGMAS_95 * 30.0)

    def _fresh(self, belief: Belief, now_ms: int) -> bool:
        return now_ms - belief.t_ms < self.rules.stale_after_s * 1000

    def _move(self, rel: Vector, now_ms: int) -> None:
        self.closing = self.rules.assumed_closing_mps
        self.movement, self.approach = Movement.UNKNOWN, Approach.CANNOT_TELL
        length = float(np.hypot(*rel))
        if length == 0:
            return
        toward = {"monitored": -rel / length, "protected": rel / length}
        speeds = {"monitored": (0.0, 0.0), "protected": (0.0, 0.0)}
        fresh = {side: belief for side, belief in self.sides.items() if self._fresh(belief, now_ms)}
        for side, belief in fresh.items():
            speeds[side] = self._toward(belief, toward[side])
        closing = sum(speed for speed, _ in speeds.values())
        sigma = math.hypot(*(s for _, s in speeds.values()))
        bar = max(0.4, 2 * sigma)
        approaching = self.compare.over(closing, bar)
        if approaching:
            self.closing = max(self.closing, closing + sigma)
        if len(fresh) < len(self.sides):
            return
        if approaching:
            self.movement = Movement.APPROACHING
            self.approach = self._share(*speeds["monitored"], *speeds["protected"])
        elif self.compare.over(-closing, bar):
            self.movement, self.approach = Movement.LEAVING, Approach.NONE
        elif not self.compare.over(2 * sigma, 0.8):
            self.movement, self.approach = Movement.STEADY, Approach.NONE

    def _share(self, from_m: float, sigma_m: float, from_p: float, sigma_p: float) -> Approach:
        sure_m = self.compare.over(from_m, max(0.3, 2 * sigma_m))
        sure_p = self.compare.over(from_p, max(0.3, 2 * sigma_p))
        if not sure_m and not sure_p:
            return Approach.CANNOT_TELL
        if sure_m and sure_p and not self.compare.over(max(from_m, from_p), 4 * min(from_m, from_p)):
            return Approach.BOTH
        if sure_m and not (sure_p and from_p > from_m):
            return Approach.MONITORED
        return Approach.PROTECTED

    # -- changes -------------------------------------------------------------------------------------------------

    def _settle(self, tier: Tier, now_ms: int) -> None:
        sights = self._sights(now_ms)
        if (tier, sights) == (self.tier, self.sights):
            return
        if tier > self.tier:
            self.below_since_ms = None
        self.tier, self.sights = tier, sights
        low = self.low(now_ms) if self.placed else None
        high = self.gap + 2 * self.spread + self.growth(now_ms) if self.placed else None
        contact = low / self.closing if low is not None else None
        self.changes.append(Change(now_ms, tier, *sights, low, high, contact, self.movement, self.approach))


def judge(pair: Pair, rules: TrackRules, from_ms: int, history: Sequence[Input], until_ms: int) -> Result:
    """Return what the whole history of a pair means, up to ``until_ms`` or the first tie."""
    judge_ = Judge(pair, rules, from_ms)
    verdicts: list[Verdict] = []
    for item in history:
        verdict = judge_.take(item)
        if judge_.compare.tie:
            return Result(judge_.changes, verdicts, item.now_ms)
        verdicts.append(verdict)
    judge_.wait(until_ms)
    return Result(judge_.changes, verdicts, None)
