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
        self.coming = Tier.CLEAR
        self.nearing = False
        self.came_ms: int | None = None
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

    def _overdue(self, belief: Belief, now_ms: int) -> bool:
        """Whether the next fix should have come by now."""
        stale_ms = round(self.rules.stale_after_s * 1000)
        due_ms = min(int(self.rules.overdue_intervals * belief.pace_s * 1000), round(self.rules.blind_after_s * 1000))
        if belief.rests:
            lull_s = min(self.rules.overdue_intervals * belief.lull_s, self.rules.lull_most_s)
            due_ms = max(due_ms, int(lull_s * 1000), stale_ms)
        return now_ms - belief.t_ms >= (due_ms if belief.pace_s > 0.0 else stale_ms)

    def _lost(self, now_ms: int) -> bool:
        """Whether they came nearer when last seen, and one is not seen any more."""
        sides = self.sides.values()
        return self.nearing and any(not self._fresh(belief, now_ms) and self._overdue(belief, now_ms) for belief in sides)

    def comes(self, now_ms: int) -> Tier:
        """Return the highest tier for which somebody comes."""
        return max(self.coming, Tier.WARNING) if self._lost(now_ms) else self.coming

    def low(self, now_ms: int) -> float:
        """Return the low end of the separation."""
        return max(0.0, self.gap - self.growth(now_ms))

    def near(self, tier: Tier, now_ms: int) -> float:
        """Return what a tier is judged by: a region grows when its next fix is overdue, for an alarm at a walk unless somebody comes."""
        grown = 0.0
        for side, belief in self.sides.items():
            if belief.known and self._overdue(belief, now_ms):
                walks = tier > max(Tier.WATCH, self.comes(now_ms))
                speed = self.rules.assumed_speed_mps if walks else self.caps[side]
                grown += speed * min((now_ms - belief.t_ms) / 1000, self.rules.growth_max_s)
        return max(0.0, self.gap - grown)

    def ring(self, tier: Tier) -> float:
        """Return a tier's ring."""
        return {Tier.WATCH: self.rules.watch_m, Tier.WARNING: self.rules.warning_m, Tier.DANGER: self.rules.danger_m}[tier]

    def floor(self, tier: Tier) -> float:
        """Return the distance within which a tier holds whoever comes."""
        return {Tier.WATCH: self.reach(tier), Tier.WARNING: self.rules.warning_floor_m, Tier.DANGER: self.rules.danger_m}[tier]

    def entry(self, tier: Tier, now_ms: int) -> float:
        """Return the distance within which a tier is entered."""
        return self.reach(tier) if self.comes(now_ms) >= tier else self.floor(tier)

    def reach(self, tier: Tier) -> float:
        """Return the distance within which a tier holds if somebody comes."""
        time = {Tier.WATCH: self.rules.watch_s, Tier.WARNING: self.rules.warning_s, Tier.DANGER: self.rules.danger_s}[tier]
        reach = max(self.ring(tier), time * self.closing)
        if (
            tier is Tier.WARNING
            and self.movement is Movement.APPROACHING
            and min(side.pace_s for side in self.sides.values()) >= self.rules.untold_s
        ):
            reach = max(reach, min(time * sum(side.shown for side in self.sides.values()), self.reach(Tier.WATCH)))
        return reach

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
            higher = [t for t in (Tier.WATCH, Tier.WARNING, Tier.DANGER) if t > tier]
            tier = max([tier, *(t for t in higher if self.near(t, now_ms) <= self.entry(t, now_ms))])
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
        way = self._measure(now_ms)
        suspect = self._suspected(now_ms)
        self.coming = self._comes(self.near(Tier.WATCH, now_ms), now_ms)
        if self.coming > Tier.CLEAR or (self.tier >= Tier.WARNING and self._follows(now_ms)):
            self.came_ms = now_ms
        tier = Tier.CLEAR
        for candidate in (Tier.WATCH, Tier.WARNING, Tier.DANGER):
            near, margin, entry = self.near(candidate, now_ms), 0.0, self.entry(candidate, now_ms)
            if candidate <= self.tier:
                margin = self.rules.leave_margin_m
                entry = self.reach(candidate) if self.comes(now_ms) > Tier.CLEAR else entry
                remembered = self.came_ms is not None and now_ms - self.came_ms <= self.rules.evidence_memory_s * 1000
                entry = max(entry, self.ring(candidate)) if remembered else entry
            found = ((near, entry), (way, self.floor(candidate)), (suspect, self.reach(candidate)))
            if any(not self.compare.over(distance, limit + margin, self.gap + 2 * self.spread) for distance, limit in found):
                tier = candidate
        if tier >= self.tier:
            self.below_since_ms = None
            return tier
        if self.below_since_ms is None:
            self.below_since_ms = now_ms
        vague = any(self.compare.over(belief.error_m, self.rules.vague_error_m) for belief in self.sides.values())
        longer_s = self.rules.evidence_memory_s if vague and self.tier > Tier.WATCH else 0.0
        dwell_s = max(longer_s, self.rules.leave_dwell_s)
        dwelt = now_ms - self.below_since_ms >= dwell_s * 1000
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
        self.spread = math.hypot(*(belief.error_m for belief in self.sides.values()))
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
        shown = [self.rules.suspect_share * belief.shown for belief in self.sides.values() if belief.suspect is not None]
        near = not self.compare.over(nearest, self.rules.close_contact_s * max(self.rules.assumed_closing_mps, *shown, 0.0))
        return nearest if near else INFINITE

    def _suspected_low(self, suspect: Suspect, side: Side, now_ms: int) -> float:
        if self.place is not None:
            at = self.place.at(suspect.lat, suspect.lon)
            return max(0.0, self.place.distance_m(at, at) - suspect.error_m)
        other_side: Side = "protected" if side == "monitored" else "monitored"
        other = self.sides[other_side]
        distance = float(np.hypot(*between(other.lat, other.lon, suspect.lat, suspect.lon)))
        grown = self.caps[other_side] * min((now_ms - other.t_ms) / 1000, self.rules.growth_max_s)
        return max(0.0, distance - math.hypot(suspect.error_m, other.error_m) - grown)

    # -- who comes -----------------------------------------------------------------------------------------------

    def _comes(self, near: float, now_ms: int) -> Tier:
        if self._lost(now_ms):
            return Tier.WARNING
        approaching = self.movement is Movement.APPROACHING
        self.nearing = approaching and not self.compare.over(near, self.reach(Tier.WATCH), self.gap + 2 * self.spread)
        anew = any(belief.anew for belief in self.sides.values())
        if anew and not self.compare.over(near / self.closing, self.rules.warning_s):
            return Tier.WARNING
        lately, gone = self._widths(near, now_ms)
        if not self.compare.over(max(lately, gone), self.rules.danger_cone_m):
            return Tier.DANGER
        if not self.compare.over(gone if approaching else max(lately, gone), self.rules.warning_cone_m):
            return Tier.WARNING
        creep = self._creep(now_ms) if self.movement is not Movement.LEAVING else None
        if creep is not None and not self.compare.over(near, creep, self.gap + 2 * self.spread):
            return Tier.WARNING
        way = self.rules.soon_intervals * sum(self.caps[side] * belief.pace_s for side, belief in self.sides.items())
        unseen = self.rules.danger_m + max(way, self.rules.soon_least_m)
        soon = approaching and not self.compare.over(near, unseen, self.gap + 2 * self.spread)
        return Tier.WARNING if soon and not self._misses() else Tier.CLEAR

    def _creep(self, now_ms: int) -> float | None:
        """From how far the way of who made a stride lately, too slow to be said to move, leads there within a warning's time."""
        assert self.before is not None
        place = self.before[0]
        distance = float(np.hypot(*place))
        velocity, sign = np.zeros(2), 1.0
        for belief in self.sides.values():
            if self._fresh(belief, now_ms) and belief.stride_s <= self.rules.creep_stride_s:
                velocity = velocity + sign * belief.heading()[0]
            sign = -1.0
        closing = -float(velocity @ place) / distance if distance > 0.0 else 0.0
        creeps = self.compare.over(closing, self.rules.creep_mps) and not self.compare.over(closing, 0.4)
        if not creeps or self._leads_past(velocity, self.rules.soon_slope, closing):
            return None
        return self.rules.danger_m + self.rules.warning_s * closing

    def _misses(self) -> bool:
        """Whether the present course, and of devices that report seldom the way gone too, leads past the other."""
        assert self.before is not None
        place = self.before[0]
        course = self._relative([belief.course() for belief in self.sides.values()])
        if not self._leads_past(course, self.rules.soon_slope, float(np.hypot(*course))):
            return False
        seldom = max(belief.pace_s for belief in self.sides.values())
        if seldom < self.rules.seldom_s or seldom >= self.rules.untold_s:
            return seldom < self.rules.seldom_s
        gone = self._relative([belief.heading()[0] for belief in self.sides.values()])
        goes = self.compare.over(-float(gone @ place), 0.4 * float(np.hypot(*place)), float(np.hypot(*place)))
        return not goes or self._leads_past(gone, self.rules.seldom_slope, float(np.hypot(*gone)))

    @staticmethod
    def _relative(velocities: Sequence[Vector]) -> Vector:
        return velocities[0] - velocities[1] if len(velocities) > 1 else velocities[0]

    def _leads_past(self, velocity: Vector, slope: float, speed: float) -> bool:
        """Whether a course misses the other by more than the order's distance and a share of the way there."""
        assert self.before is not None
        place = self.before[0]
        aside = abs(float(velocity[0] * place[1] - velocity[1] * place[0]))
        return self.compare.over(aside, (self._target() + slope * float(np.hypot(*place))) * speed, float(np.hypot(*velocity)))

    def _follows(self, now_ms: int) -> bool:
        """Whether both made a stride lately, and go much the same way."""
        if len(self.sides) < 2 or not all(self._fresh(belief, now_ms) for belief in self.sides.values()):
            return False
        his, hers = (belief.heading()[0] for belief in self.sides.values())
        slower, product = min(float(np.hypot(*his)), float(np.hypot(*hers))), float(np.hypot(*his)) * float(np.hypot(*hers))
        walk = max(belief.stride_s for belief in self.sides.values()) <= self.rules.follow_s
        return (
            walk
            and self.compare.over(slower, 0.4)
            and self.compare.over(float(his @ hers), math.cos(math.radians(self.rules.follow_deg)) * product, product)
        )

    def _target(self) -> float:
        """The distance that the order forbids, from the middle of a place or from her."""
        if self.place is None:
            return self.rules.danger_m
        monitored = self.sides["monitored"]
        at = self.place.at(monitored.lat, monitored.lon)
        return self.rules.danger_m + float(np.hypot(*at)) - self.place.distance_m(at, at)

    def _widths(self, near: float, now_ms: int) -> tuple[float, float]:
        """Half the widths of both cones, of the last half minute and of the way gone; very near, the first is enough."""
        target = self._target()
        lately = self._cone([(belief.lag / 30.0, 30.0) for belief in self.sides.values()], target, now_ms)
        if not self.compare.over(near / self.closing, self.rules.close_contact_s):
            return lately, lately
        return lately, self._cone([belief.heading() for belief in self.sides.values()], target, now_ms)

    def _cone(self, velocities: Sequence[tuple[Vector, float]], target: float, now_ms: int) -> float:
        """Half the width, at the other's distance, of the cone into which the relative velocity points; infinite if it misses."""
        relative, variance, sign = np.zeros(2), 0.0, 1.0
        for (velocity, seconds), belief in zip(velocities, self.sides.values(), strict=True):
            if self._fresh(belief, now_ms):
                relative = relative + sign * velocity
                turning = math.radians(self.rules.turn_spread_deg) ** 2 + belief.wander() ** 2
                variance += float(velocity @ velocity) * turning + (belief.error_m / SIGMAS_95 / seconds) ** 2
            sign = -1.0
        assert self.before is not None
        place = self.before[0]
        distance = float(np.hypot(*place))
        if distance == 0.0:
            return 0.0
        closing = -float(relative @ place) / distance
        aside = abs(float(relative[0] * place[1] - relative[1] * place[0])) / distance
        edge = math.hypot(target * closing / distance, self.rules.cone_sigmas * math.sqrt(variance))
        moving = self.compare.over(closing, 0.4)
        within = not self.compare.over(distance, max(self.rules.heading_reach_m, self.rules.heading_reach_s * closing))
        met = not self.compare.over(aside, edge, float(np.hypot(*relative)))
        return distance * math.sqrt(variance) / closing if moving and within and met else INFINITE

    # -- movement ------------------------------------------------------------------------------------------------

    def _toward(self, belief: Belief, unit: Vector) -> tuple[float, float]:
        quick = float(belief.velocity @ unit)
        sigma = math.sqrt(belief.covariance[2, 2])
        if not belief.still and self.compare.over(abs(quick), 2 * sigma + 0.3):
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
