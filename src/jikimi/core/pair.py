"""What the core believes about one pair, and how it judges it.

Where a person can be is a disc: around the filtered position, as wide as the 95 % error, growing with the age of the
fix at the person's credible speed (what he has shown lately, at least what the policy assumes), for at most
``growth_max_s``. The separation is the interval between the two discs. It only shrinks while nothing is heard, so
time alone never lowers a tier.

A tier holds while the separation's low end is within its *reach*: the policy's ring or the distance that the closing
speed covers in the policy's time, whichever is longer. Distance alone decides about ``watch``, and about the *floor* of
the others: the rings that a law or a court set. Beyond the floor they also ask whether somebody *comes*: heads for the
other, now and for some minutes, within a cone as wide as he has wandered. A tier is entered at once and left only after
the whole region has stayed outside by a margin for the dwell time, with both sides seen.
"""

from __future__ import annotations

from math import ceil, sqrt
from typing import Final

from jikimi.core.coming import Target, cones_m, creep_m, follows, leads_past, share, shown_mps, soon_m, suspect_low_m, target_m
from jikimi.core.geodesy import displacement
from jikimi.core.limits import (
    APPROACHING,
    BLIND,
    CLEAR,
    DANGER,
    LEAVING,
    LIVE,
    MOVEMENTS,
    NEVER_MS,
    RING_RULES,
    SIGHTS,
    SLOW_MPS,
    STEADY,
    TIERS,
    TIME_RULES,
    UNKNOWN,
    WARNING,
    WATCH,
    Limits,
)  # fmt: skip
from jikimi.core.track import SURE_SIGMAS, Track
from jikimi.core.zone import Shape, segment_point_m
from jikimi.model.decision import Approach, Cause, Reason, Transition
from jikimi.model.order import Pair

NONE: Final = Approach.NONE
CANNOT_TELL: Final = Approach.CANNOT_TELL
"""By names of their own: asking an enumeration for its member takes as long as three multiplications."""
DEGREE_M: Final = 112_000.0
"""No degree of latitude or longitude is longer."""


class Watched:
    """One pair under watch: what was found when it was last judged, and its alarm clock.

    ``coming`` is the highest tier for which somebody came when it was last judged, ``coming_ms`` when that was so last. ``last``
    is the transition that led here while anything but clear and live stands; a quiet pair explains nothing.
    """

    __slots__ = (
        "alarm_ms", "approach", "below_since_ms", "closing_mps", "coming", "coming_ms", "index", "last", "limits", "monitored",
        "movement", "nearing", "number", "placed", "protected", "shape", "sight_m", "sight_p", "since_ms", "spec", "tier",
    )  # fmt: skip

    def __init__(self, index: int, spec: Pair, limits: Limits, at_ms: int) -> None:
        self.index = index
        self.specify(spec, limits)
        self.placed: bool = False
        self.nearing: bool = False
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
        self.closing_mps: float = limits.assumed_closing_mps
        self.coming: int = CLEAR
        self.coming_ms: int = 0
        self.movement: int = UNKNOWN
        self.approach: Approach = CANNOT_TELL

    def specify(self, spec: Pair, limits: Limits) -> None:
        """Take over what the order says: parties, place and rules."""
        self.spec = spec
        self.limits = limits
        self.shape: Shape | None = Shape(spec.zone) if spec.zone is not None else None

    def meet(self, monitored: Track | None, protected: Track | None) -> None:
        """Take over the tracks of both sides, as far as there are any."""
        self.monitored = monitored
        self.protected = protected
        self.placed = monitored is not None and (protected is not None or self.shape is not None)

    def growth_m(self, now_ms: int) -> float:
        """Return by how much both regions have grown since their last fixes."""
        limits = self.limits
        grown = 0.0
        if self.monitored is not None:
            grown = limits.growth_m(self.monitored, now_ms)
        if self.protected is not None:
            grown += limits.growth_m(self.protected, now_ms)
        return grown

    def near_m(self, tier: int, gap: float, now_ms: int) -> float:
        """Return the least separation by which a tier is judged.

        Between two fixes that come as they always do, silence says nothing: a region grows when the next one is overdue. Then by
        the credible speed; but who was not coming has not driven to her unseen, and for an alarm only walked.
        """
        limits = self.limits
        walks = tier > WATCH and tier > self.coming
        for track in (self.monitored, self.protected):
            if track is not None:
                age_ms = now_ms - track.t_ms
                if age_ms >= limits.overdue_ms(track):
                    age_s = age_ms * 0.001
                    speed = limits.assumed_speed_mps if walks else limits.credible_mps(track)
                    gap -= speed * (age_s if age_s < limits.growth_max_s else limits.growth_max_s)
        return gap if gap > 0.0 else 0.0

    def gap_m(self) -> float:
        """Return the distance between both regions as they were at the last fixes: below 0 where they overlap, 0 if unknown."""
        m = self.monitored
        p = self.protected
        shape = self.shape
        if m is None or (p is None and shape is None):
            return 0.0
        if shape is not None:
            return shape.distance_m(shape.local(m.lat, m.lon)) - m.error_m
        assert p is not None
        east, north = displacement(p.lat, p.lon, m.lat, m.lon)
        return sqrt(east * east + north * north) - self.spread_m()

    def spread_m(self) -> float:
        """Return the radius that holds the one's place, seen from the other's, with 95 %: errors of two that err apart."""
        m = self.monitored
        p = self.protected
        if m is None:
            return p.error_m if p is not None else 0.0
        return sqrt(m.error_m * m.error_m + p.error_m * p.error_m) if p is not None else m.error_m

    def low_m(self, now_ms: int) -> float:
        """Return the least possible separation."""
        return max(0.0, self.gap_m() - self.growth_m(now_ms))

    def high_m(self, now_ms: int) -> float:
        """Return the greatest possible separation."""
        return self.gap_m() + 2.0 * self.spread_m() + self.growth_m(now_ms)

    def reach_m(self, tier: int) -> float:
        """Return the distance within which a tier holds if somebody comes."""
        limits = self.limits
        ring = limits.rings_m[tier]
        by_time = limits.times_s[tier] * self.closing_mps
        if tier == WARNING and self.movement == APPROACHING:
            shown = limits.times_s[WARNING] * shown_mps(limits, self.monitored, self.protected)
            if shown > by_time:
                # Never from farther than a watch: whoever is warned of was noticed.
                watched = self.reach_m(WATCH)
                by_time = shown if shown < watched else watched
        return ring if ring > by_time else by_time

    def entry_m(self, tier: int) -> float:
        """Return the distance within which a tier is entered."""
        return self.reach_m(tier) if tier <= WATCH or tier <= self.coming else self.limits.floors_m[tier]

    def stay_m(self, tier: int, now_ms: int) -> float:
        """Return the distance within which a tier that holds goes on: its whole ring for a while after somebody came.

        While anybody still comes, however surely, no tier is left that was entered for it.
        """
        limits = self.limits
        inner = self.reach_m(tier) if tier <= WATCH or self.coming > CLEAR else limits.floors_m[tier]
        if now_ms - self.coming_ms <= limits.memory_ms and limits.rings_m[tier] > inner:
            inner = limits.rings_m[tier]
        return inner + limits.margin_m

    # -- judging -------------------------------------------------------------------------------------------------

    def judge(self, now_ms: int, moved: Track | None, was_lat: float, was_lon: float, out: list[Transition]) -> int:
        """Judge the pair after an input and append what changed; return when its alarm must ring, if that came nearer.

        ``moved`` is the track that went straight on from the point given, None if neither did.
        """
        if not self.placed:
            return self._settle(self.tier, 0.0, now_ms, [], out)
        gap = self._measure(now_ms)
        m = self.monitored
        p = self.protected
        assert m is not None
        if self.tier > CLEAR or m.suspect is not None or (p is not None and p.suspect is not None):
            return self._judge_near(gap, moved, was_lat, was_lon, now_ms, out)
        limits = self.limits
        closest = gap
        if moved is not None:
            closest -= DEGREE_M * (abs(moved.lat - was_lat) + abs(moved.lon - was_lon))
        outside = closest - limits.growth_max_m(m, p) - limits.margin_m
        if outside <= limits.watch_m or outside <= limits.watch_s * self.closing_mps:
            return self._judge_clear(gap, closest, moved, was_lat, was_lon, now_ms, out)
        # Most reports are of two people so far apart that neither the way here nor any silence can matter.
        self.coming = CLEAR
        self.nearing = False
        if self.sight_m == LIVE and self.sight_p == LIVE:
            # And of two who are seen as they were: what ``_settle`` would find, at a third of its cost.
            since_ms = now_ms - limits.stale_ms
            vague_m = limits.vague_m
            if m.t_ms > since_ms and m.error_m <= vague_m and (p is None or (p.t_ms > since_ms and p.error_m <= vague_m)):
                return NEVER_MS
        return self._settle(CLEAR, gap, now_ms, [], out)

    def _judge_clear(
        self, gap: float, closest: float, moved: Track | None, was_lat: float, was_lon: float, now_ms: int, out: list[Transition]
    ) -> int:
        """Judge a pair that was clear and has no suspect; ``closest`` is nearer than it was on the way here."""
        signs: list[Reason] = []
        low = self._look(gap, now_ms, signs)
        limits = self.limits
        least = low - (gap - closest)
        if least <= limits.widest_m or least <= limits.longest_s * self.closing_mps:
            return self._decide(gap, moved, was_lat, was_lon, now_ms, signs, out)
        # No tier has a ring or a reach so wide: it stays as it is.
        self.below_since_ms = -1
        return self._settled(CLEAR, gap, now_ms, [], out)

    def _judge_near(self, gap: float, moved: Track | None, was_lat: float, was_lon: float, now_ms: int, out: list[Transition]) -> int:
        signs: list[Reason] = []
        self._look(gap, now_ms, signs)
        return self._decide(gap, moved, was_lat, was_lon, now_ms, signs, out)

    def _look(self, gap: float, now_ms: int, signs: list[Reason]) -> float:
        """Take note of who comes; return the least separation, by the fastest that silence allows."""
        low = self.near_m(WATCH, gap, now_ms)
        self.coming = self._comes(low, now_ms, signs)
        if self.coming > CLEAR or (self.tier >= WARNING and follows(self.limits, self.monitored, self.protected, now_ms)):
            self.coming_ms = now_ms
        return low

    def _decide(
        self, gap: float, moved: Track | None, was_lat: float, was_lon: float, now_ms: int, signs: list[Reason], out: list[Transition]
    ) -> int:
        limits = self.limits
        nearest = self._way_m(moved, was_lat, was_lon) if moved is not None else gap
        suspect = suspect_low_m(limits, self.shape, self.monitored, self.protected, now_ms)
        reasons: list[Reason] = []
        tier = self._tier_for(gap, nearest, suspect, now_ms, reasons)
        if tier > self.tier and tier > WATCH and self.near_m(tier, gap, now_ms) > limits.floors_m[tier]:
            reasons += signs
        return self._settled(tier, gap, now_ms, reasons, out)

    def _settled(self, tier: int, gap: float, now_ms: int, reasons: list[Reason], out: list[Transition]) -> int:
        """Settle it; return the next moment at which time alone may change something."""
        due = self._settle(tier, gap, now_ms, reasons, out)
        growth_ms = self._growth_alarm_ms(gap, now_ms)
        if growth_ms < due:
            due = growth_ms
        lost_ms = self._lost_alarm_ms(now_ms) if self.nearing else NEVER_MS
        return lost_ms if lost_ms < due else due

    def ring(self, now_ms: int, out: list[Transition]) -> int:
        """Judge what time alone has changed and append it; return when to ring next. A tier only rises here."""
        tier = self.tier
        gap = self.gap_m()
        reasons: list[Reason] = []
        if tier < DANGER and self.placed:
            lost: list[Reason] = []
            if self._lost(now_ms, lost) and self.coming < WARNING:
                self.coming = WARNING
            while tier < DANGER and self.near_m(tier + 1, gap, now_ms) <= self.entry_m(tier + 1):
                tier += 1
            if tier > self.tier:
                self.below_since_ms = -1
                if tier > WATCH:
                    reasons += lost
                reasons.append(Reason(Cause.GROWTH, RING_RULES[tier], self.near_m(tier, gap, now_ms), self.entry_m(tier)))
        due = self._settle(tier, gap, now_ms, reasons, out)
        return due if due < NEVER_MS else self.next_alarm_ms(gap, now_ms)

    def next_alarm_ms(self, gap: float, now_ms: int) -> int:
        """Return a moment not later than the next one at which time alone changes the tier or a sight."""
        due = self.limits.next_sight_ms(self.monitored, now_ms)
        other = self.limits.next_sight_ms(self.protected, now_ms)
        if other < due:
            due = other
        return min(due, self._growth_alarm_ms(gap, now_ms), self._lost_alarm_ms(now_ms))

    def _lost_alarm_ms(self, now_ms: int) -> int:
        """Return when one who came nearer is lost if nothing is heard of him, or NEVER_MS if that changes nothing any more."""
        due = NEVER_MS
        if self.nearing and self.coming < WARNING:
            for track in (self.monitored, self.protected):
                if track is not None:
                    lost_ms = track.t_ms + max(self.limits.stale_ms, self.limits.overdue_ms(track))
                    if now_ms < lost_ms < due:
                        due = lost_ms
        return due

    def _growth_alarm_ms(self, gap: float, now_ms: int) -> int:
        """Return a moment just before the region grows into the next ring, or NEVER_MS if it never does."""
        if self.tier == DANGER or not self.placed:
            return NEVER_MS
        limits = self.limits
        above = self.tier + 1
        walks = above > WATCH and above > self.coming
        left_m = gap - self.entry_m(above)
        speed = 0.0
        most_m = 0.0
        overdue_at_ms = NEVER_MS
        for track in (self.monitored, self.protected):
            if track is not None:
                credible = limits.assumed_speed_mps if walks else limits.credible_mps(track)
                age_ms = now_ms - track.t_ms
                age_s = age_ms * 0.001
                overdue_ms = limits.overdue_ms(track)
                if age_ms < overdue_ms:
                    # Not yet, but then at once by all that it has grown since the fix.
                    overdue_at_ms = min(overdue_at_ms, track.t_ms + overdue_ms)
                    most_m += credible * limits.growth_max_s
                elif age_s < limits.growth_max_s:
                    left_m -= credible * age_s
                    speed += credible
                    most_m += credible * (limits.growth_max_s - age_s)
                else:
                    left_m -= credible * limits.growth_max_s
        if left_m > most_m + 1.0:
            return NEVER_MS
        if speed <= 0.0:
            return overdue_at_ms
        # A millisecond early, for rounding: the alarm then finds the very first one, from whenever it was set.
        return min(overdue_at_ms, now_ms + max(1, ceil(left_m / speed * 1000.0) - 1))

    def _tier_for(self, gap: float, nearest: float, suspect: float, now_ms: int, reasons: list[Reason]) -> int:
        tier = DANGER
        while tier > CLEAR and not self._holds(tier, self.near_m(tier, gap, now_ms), nearest, suspect, now_ms):
            tier -= 1
        if tier < self.tier:
            return self._leave(tier, min(self.near_m(tier + 1, gap, now_ms), nearest, suspect), now_ms, reasons)
        self.below_since_ms = -1
        if tier > self.tier:
            self._explain(tier, self.near_m(tier, gap, now_ms), nearest, suspect, reasons)
        return tier

    def _holds(self, tier: int, low: float, nearest: float, suspect: float, now_ms: int) -> bool:
        """Return whether a tier is entered or goes on. Where one was in between counts for the floor alone."""
        if tier > self.tier:
            return low <= self.entry_m(tier) or nearest <= self._floor_m(tier) or suspect <= self.reach_m(tier)
        margin = self.limits.margin_m
        return low <= self.stay_m(tier, now_ms) or nearest <= self._floor_m(tier) + margin or suspect <= self.reach_m(tier) + margin

    def _floor_m(self, tier: int) -> float:
        return self.reach_m(tier) if tier <= WATCH else self.limits.floors_m[tier]

    def _leave(self, tier: int, found: float, now_ms: int, reasons: list[Reason]) -> int:
        """Lower the tier only when the region has been outside for the dwell time, at a moment when both sides are seen.

        A stale side has shrunk the reach, since nobody knows its movement: silence must not lower what movement raised. While a side
        is vague an alarm dwells as long as the memory of who came.
        """
        if self.below_since_ms < 0:
            self.below_since_ms = now_ms
        limits = self.limits
        since_ms = now_ms - limits.stale_ms
        m = self.monitored
        p = self.protected
        seen = m is not None and m.t_ms > since_ms and (p is None or p.t_ms > since_ms)
        dwell_ms = max(limits.dwell_ms, limits.memory_ms) if self._vague() else limits.dwell_ms
        if not seen or now_ms - self.below_since_ms < dwell_ms:
            return self.tier
        self.below_since_ms = -1
        reasons.append(Reason(Cause.LEFT, RING_RULES[tier + 1], found, self.stay_m(tier + 1, now_ms)))
        return tier

    def _vague(self) -> bool:
        """Return whether an alarm stands and a side's place is vague: each fix is elsewhere then, and one outside proves no leaving."""
        m = self.monitored
        p = self.protected
        vague_m = self.limits.vague_m
        return self.tier > WATCH and ((m is not None and m.error_m > vague_m) or (p is not None and p.error_m > vague_m))

    def _explain(self, tier: int, low: float, nearest: float, suspect: float, reasons: list[Reason]) -> None:
        ring = self.limits.rings_m[tier]
        floor = self._floor_m(tier)
        entry = self.entry_m(tier)
        reach = self.reach_m(tier)
        if low <= min(ring, entry):
            reasons.append(Reason(Cause.DISTANCE, RING_RULES[tier], low, ring))
        elif low <= entry:
            reasons.append(Reason(Cause.TIME, TIME_RULES[tier], low / self.closing_mps, self.limits.times_s[tier]))
        elif nearest <= floor:
            reasons.append(Reason(Cause.SEGMENT, RING_RULES[tier], nearest, floor))
        if suspect <= reach and low > entry:
            m = self.monitored
            side = "monitored" if m is not None and m.suspect is not None else "protected"
            reasons.append(Reason(Cause.SUSPECT, RING_RULES[tier], suspect, reach, side))

    def _settle(self, tier: int, gap: float, now_ms: int, reasons: list[Reason], out: list[Transition]) -> int:
        """Take the new tier and sights over and tell if anything changed; return when to ring, or NEVER_MS if nothing did."""
        limits = self.limits
        sight_m = limits.sight(self.monitored, now_ms)
        sight_p = LIVE if self.shape is not None else limits.sight(self.protected, now_ms)
        if tier == self.tier and sight_m == self.sight_m and sight_p == self.sight_p:
            return NEVER_MS
        self._explain_sight(self.sight_m, sight_m, self.monitored, "monitored", now_ms, reasons)
        self._explain_sight(self.sight_p, sight_p, self.protected, "protected", now_ms, reasons)
        self.number += 1
        transition = self._transition(tier, sight_m, sight_p, gap, now_ms, reasons)
        out.append(transition)
        if tier != self.tier:
            self.since_ms = now_ms
            self.tier = tier
        self.sight_m = sight_m
        self.sight_p = sight_p
        self.last = transition if tier > CLEAR or sight_m > LIVE or sight_p > LIVE else None
        return self.next_alarm_ms(gap, now_ms)

    def _explain_sight(self, before: int, after: int, track: Track | None, side: str, now_ms: int, reasons: list[Reason]) -> None:
        if after == before:
            return
        rules = self.limits.rules
        if track is None:
            # A party who was never heard took the place of another: unseen for as long as it takes to be blind.
            reasons.append(Reason(Cause.AGED, "blind_after_s", rules.blind_after_s, rules.blind_after_s, side))
            return
        age_s = (now_ms - track.t_ms) * 0.001
        if after < before:
            reasons.append(Reason(Cause.SEEN, "stale_after_s", age_s, rules.stale_after_s, side))
        elif now_ms - track.t_ms < self.limits.stale_ms:
            reasons.append(Reason(Cause.VAGUE, "vague_error_m", track.error_m, rules.vague_error_m, side))
        elif after == BLIND:
            reasons.append(Reason(Cause.AGED, "blind_after_s", age_s, rules.blind_after_s, side))
        else:
            reasons.append(Reason(Cause.AGED, "stale_after_s", age_s, rules.stale_after_s, side))

    def _transition(self, tier: int, sight_m: int, sight_p: int, gap: float, now_ms: int, reasons: list[Reason]) -> Transition:
        low: float | None = None
        high: float | None = None
        if self.placed:
            grown = self.growth_m(now_ms)
            low = max(0.0, gap - grown)
            high = gap + 2.0 * self.spread_m() + grown
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
            high,
            self.contact_s(low) if low is not None else None,
            MOVEMENTS[self.movement],
            self.approach,
            self.monitored.fix_id if self.monitored is not None else None,
            self.protected.fix_id if self.protected is not None else None,
            self.spec.order_id,
            self.limits.rules.version,
        )

    # -- measuring -----------------------------------------------------------------------------------------------

    def _measure(self, now_ms: int) -> float:
        """Measure the movement anew; return the distance between the regions, as ``gap_m`` does."""
        m = self.monitored
        assert m is not None
        p = self.protected
        shape = self.shape
        if shape is not None:
            east, north = shape.local(m.lat, m.lon)
            length = sqrt(east * east + north * north)
            gap = shape.distance_m((east, north)) - m.error_m
        else:
            assert p is not None
            east, north = displacement(p.lat, p.lon, m.lat, m.lon)
            length = sqrt(east * east + north * north)
            gap = length - sqrt(m.error_m * m.error_m + p.error_m * p.error_m)
        since_ms = now_ms - self.limits.stale_ms
        fresh_m = m.t_ms > since_ms
        fresh_p = p is None or p.t_ms > since_ms
        if length > 0.0 and fresh_m and fresh_p:
            self._move(m, p, east / length, north / length)
            return gap
        self.movement = UNKNOWN
        self.approach = CANNOT_TELL
        self.closing_mps = self.limits.assumed_closing_mps
        if length > 0.0 and fresh_m:
            self._close(m, -east / length, -north / length)
        elif length > 0.0 and fresh_p and p is not None:
            self._close(p, east / length, north / length)
        return gap

    def _close(self, track: Track, ux: float, uy: float) -> None:
        """Credit the only side that is seen with its movement towards where the other was: too little for a word on it."""
        speed, sigma = track.toward_mps(ux, uy)
        if speed > SLOW_MPS and speed > SURE_SIGMAS * sigma and speed + sigma > self.closing_mps:
            self.closing_mps = speed + sigma

    def _way_m(self, moved: Track, was_lat: float, was_lon: float) -> float:
        """Return the least separation on the straight way since the last measurement."""
        m = self.monitored
        p = self.protected
        assert m is not None
        shape = self.shape
        if shape is not None:
            return shape.segment_m(shape.local(was_lat, was_lon), shape.local(m.lat, m.lon)) - m.error_m
        assert p is not None
        east, north = displacement(p.lat, p.lon, m.lat, m.lon)
        if moved is m:
            east_1, north_1 = displacement(p.lat, p.lon, was_lat, was_lon)
        else:
            east_1, north_1 = displacement(was_lat, was_lon, m.lat, m.lon)
        return segment_point_m(east_1, north_1, east, north, 0.0, 0.0) - self.spread_m()

    def _move(self, m: Track, p: Track | None, ux: float, uy: float) -> None:
        """Find the closing speed, its sign and whose it is. The unit vector points from the protected side to the other."""
        from_m, sigma = m.toward_mps(-ux, -uy)
        closing = from_m
        from_p = 0.0
        sigma_m = sigma
        sigma_p = 0.0
        if p is not None:
            from_p, sigma_p = p.toward_mps(ux, uy)
            closing = from_m + from_p
            sigma = sqrt(sigma_m * sigma_m + sigma_p * sigma_p)
        bar = SURE_SIGMAS * sigma
        assumed = self.closing_mps = self.limits.assumed_closing_mps
        if closing > SLOW_MPS and closing > bar:
            self.movement = APPROACHING
            self.approach = share(from_m, sigma_m, from_p, sigma_p)
            if closing + sigma > assumed:
                self.closing_mps = closing + sigma
            return
        self.approach = NONE
        if -closing > SLOW_MPS and -closing > bar:
            self.movement = LEAVING
        elif bar <= 2.0 * SLOW_MPS:
            self.movement = STEADY
        else:
            self.movement = UNKNOWN
            self.approach = CANNOT_TELL

    # -- who comes -----------------------------------------------------------------------------------------------

    def _comes(self, low: float, now_ms: int, signs: list[Reason]) -> int:
        """Return the highest tier for which one comes to the other; CLEAR if nobody does.

        The way gone must lead there, and so must the last half minute; very near, the last half minute is enough. For a warning
        the way gone is enough of one who comes nearer: round a corner the last half minute points elsewhere. Who comes nearer
        and could be there before the next report comes as well; and so does who was lost while coming nearer, or turns up
        within the time of a warning, unseen on the way.
        """
        m = self.monitored
        p = self.protected
        assert m is not None
        limits = self.limits
        if self.nearing and self._lost(now_ms, signs):
            return WARNING
        self.nearing = self.movement == APPROACHING and low <= self.reach_m(WATCH)
        if (m.anew or (p is not None and p.anew)) and low <= limits.times_s[WARNING] * self.closing_mps:
            side = "monitored" if m.anew else "protected"
            # Who is there already needs no time, even under rules that credit nobody with a speed.
            contact_s = low / self.closing_mps if low > 0.0 else 0.0
            signs.append(Reason(Cause.ANEW, "warning_s", contact_s, limits.times_s[WARNING], side))
            return WARNING
        target = target_m(limits, self.shape, m, p)
        lately, gone = cones_m(limits, target, m, p, low, self.closing_mps, now_ms)
        width = gone if gone > lately else lately
        if width <= limits.danger_cone_m:
            signs.append(Reason(Cause.HEADING, "danger_cone_m", width, limits.danger_cone_m))
            return DANGER
        if width > limits.warning_cone_m and self.movement == APPROACHING:
            width = gone
        if width <= limits.warning_cone_m:
            signs.append(Reason(Cause.HEADING, "warning_cone_m", width, limits.warning_cone_m))
            return WARNING
        soon = self._soon_m(target, m, p, low, now_ms)
        if low > soon:
            return CLEAR
        signs.append(Reason(Cause.SOON, "danger_m", low, soon))
        return WARNING

    def _lost(self, now_ms: int, signs: list[Reason]) -> bool:
        """Return whether they came nearer when they were last seen, and one is not seen any more."""
        limits = self.limits
        if self.nearing:
            for side, track in (("monitored", self.monitored), ("protected", self.protected)):
                if track is not None and now_ms - track.t_ms >= max(limits.stale_ms, limits.overdue_ms(track)):
                    signs.append(Reason(Cause.LOST, "stale_after_s", (now_ms - track.t_ms) * 0.001, limits.rules.stale_after_s, side))
                    return True
        return False

    def _soon_m(self, target: Target, m: Track, p: Track | None, low: float, now_ms: int) -> float:
        """Return from how far one comes to the other so soon that no later moment is better for a warning; -1 if nobody does."""
        limits = self.limits
        if self.movement != LEAVING and low <= limits.creep_most_m:
            creep = creep_m(limits, target, m, p, now_ms)
            if low <= creep:
                return creep
        if self.movement == APPROACHING:
            unseen = soon_m(limits, m, p)
            if low <= unseen and not leads_past(limits, target, m, p):
                return unseen
        return -1.0

    def contact_s(self, low_m: float) -> float | None:
        """Return the time to contact over a distance, None where the rules credit nobody with a speed."""
        return low_m / self.closing_mps if self.closing_mps > 0.0 else None
