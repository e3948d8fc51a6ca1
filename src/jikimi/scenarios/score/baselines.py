"""What others do, built from their public descriptions, behind the same interface.

All of them take the latest fix of each side as it is: no error, no filter, no margin, no growth. Products in use tell a centre
when a device was not heard for some minutes; so each of these calls a side stale after ``SILENT_MS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import hypot
from typing import Final, NamedTuple

from jikimi.core.geodesy import displacement
from jikimi.model.decision import Approach, Sight, Tier
from jikimi.model.fix import Fix
from jikimi.model.policy import PairRules, TrackRules
from jikimi.model.zone import Circle
from jikimi.scenarios.score.case import Case, Judge, Said, Side

SILENT_MS: Final = 300_000
NAIVE_CONTACT_M: Final = 150.0
NAIVE_HORIZON_S: Final = 240.0


class Latest(NamedTuple):
    """The latest two fixes of one side, None where there are none."""

    before: Fix | None
    now: Fix | None


class Seen(NamedTuple):
    """What a baseline looks at: both sides' latest fixes, who just reported, the rules and the place if there is one."""

    monitored: Latest
    protected: Latest
    mover: Side
    rules: PairRules
    place: Circle | None

    def distance_m(self) -> float | None:
        """Return the distance between the latest fixes, or to the place's edge; None while a side is not known."""
        him = self.monitored.now
        if him is None:
            return None
        if self.place is not None:
            way = hypot(*displacement(self.place.latitude, self.place.longitude, him.latitude, him.longitude))
            return max(0.0, way - self.place.radius_m)
        her = self.protected.now
        return None if her is None else hypot(*displacement(her.latitude, her.longitude, him.latitude, him.longitude))


Rule = Callable[[Seen], Tier | None]
"""Returns the tier, or None to leave it as it is."""


class Baseline:
    """A rule over the latest fixes."""

    def __init__(self, name: str, rule: Rule) -> None:
        self.name = name
        self._rule = rule

    def judge(self, case: Case, rules: PairRules, track_rules: TrackRules) -> list[Said]:  # noqa: ARG002 - part of the interface
        """Return each change of tier or of a side's sight."""
        return list(self._changes(case, rules))

    def _changes(self, case: Case, rules: PairRules) -> Iterator[Said]:
        place = case.zone if isinstance(case.zone, Circle) else None
        latest = {"monitored": Latest(None, None), "protected": Latest(None, None)}
        heard_ms: dict[Side, int | None] = {"monitored": None, "protected": None if place is None else 1 << 62}
        said = Said(case.truth.start_ms, Tier.CLEAR, Sight.BLIND, Sight.BLIND, Approach.CANNOT_TELL)
        for now_ms, side, fix in case.heard:
            for due_ms in _silences(heard_ms, now_ms):
                said = said._replace(
                    at_ms=due_ms, monitored=_sight(heard_ms["monitored"], due_ms), protected=_sight(heard_ms["protected"], due_ms)
                )
                yield said
            latest[side] = Latest(latest[side].now, fix)
            heard_ms[side] = now_ms
            tier = self._rule(Seen(latest["monitored"], latest["protected"], side, rules, place))
            found = Said(
                now_ms,
                said.tier if tier is None else tier,
                _sight(heard_ms["monitored"], now_ms),
                _sight(heard_ms["protected"], now_ms),
                Approach.CANNOT_TELL,
            )
            if found[1:] != said[1:]:
                said = found
                yield said
        end_ms = case.truth.start_ms + len(case.truth.monitored.latitude) * case.truth.step_ms
        for due_ms in _silences(heard_ms, end_ms):
            said = said._replace(
                at_ms=due_ms, monitored=_sight(heard_ms["monitored"], due_ms), protected=_sight(heard_ms["protected"], due_ms)
            )
            yield said


def _silences(heard_ms: dict[Side, int | None], until_ms: int) -> list[int]:
    """Return when a side falls silent before ``until_ms``, and has not fallen silent before."""
    dues = sorted(heard + SILENT_MS for heard in heard_ms.values() if heard is not None and heard + SILENT_MS < until_ms)
    latest = max((heard for heard in heard_ms.values() if heard is not None and heard < 1 << 61), default=0)
    return [due for due in dues if due > latest]


def _sight(heard_ms: int | None, now_ms: int) -> Sight:
    if heard_ms is None:
        return Sight.BLIND
    return Sight.STALE if now_ms - heard_ms >= SILENT_MS else Sight.LIVE


def ring(metres: float) -> Rule:
    """One fixed ring: an alarm inside, nothing outside. What the usual two-piece systems do with the order's distance."""

    def rule(seen: Seen) -> Tier | None:
        distance = seen.distance_m()
        return None if distance is None else Tier.WARNING if distance <= metres else Tier.CLEAR

    return rule


def two_rings(metres: float) -> Rule:
    """France: an alert at the judge's distance, a pre-alert at twice that, which warns him and not her (CPP art. R. 24-18)."""

    def rule(seen: Seen) -> Tier | None:
        distance = seen.distance_m()
        if distance is None:
            return None
        return Tier.WARNING if distance <= metres else Tier.WATCH if distance <= 2.0 * metres else Tier.CLEAR

    return rule


def three_rings(danger_m: float) -> Rule:
    """Uruguay: exclusion zone, alert zone and pre-alert zone, at one, two and three times the distance of the order."""

    def rule(seen: Seen) -> Tier | None:
        distance = seen.distance_m()
        if distance is None:
            return None
        for times, tier in ((1.0, Tier.DANGER), (2.0, Tier.WARNING), (3.0, Tier.WATCH)):
            if distance <= times * danger_m:
                return tier
        return Tier.CLEAR

    return rule


def mover_only(metres: float) -> Rule:
    """Open trackers: the geofence is judged when the tracked device reports; her own fixes only move the fence."""
    inside = ring(metres)

    def rule(seen: Seen) -> Tier | None:
        return inside(seen) if seen.mover == "monitored" else None

    return rule


def naive(seen: Seen) -> Tier | None:
    """Closest approach under 150 m within 4 minutes at constant velocity, from the latest two fixes of each side."""
    him = seen.monitored.now
    if him is None or (seen.place is None and seen.protected.now is None):
        return None
    lat, lon = (seen.place.latitude, seen.place.longitude) if seen.place is not None else _position(seen.protected.now)
    east, north = displacement(lat, lon, him.latitude, him.longitude)
    ve, vn = _velocity(seen.monitored)
    if seen.place is None:
        her_e, her_n = _velocity(seen.protected)
        ve, vn = ve - her_e, vn - her_n
    square = ve * ve + vn * vn
    at_s = min(max(-(east * ve + north * vn) / square, 0.0), NAIVE_HORIZON_S) if square > 0.0 else 0.0
    return Tier.WARNING if hypot(east + ve * at_s, north + vn * at_s) <= NAIVE_CONTACT_M else Tier.CLEAR


def _position(fix: Fix | None) -> tuple[float, float]:
    assert fix is not None
    return fix.latitude, fix.longitude


def _velocity(latest: Latest) -> tuple[float, float]:
    before, now = latest
    if before is None or now is None or now.fix_time_ms <= before.fix_time_ms:
        return 0.0, 0.0
    east, north = displacement(before.latitude, before.longitude, now.latitude, now.longitude)
    seconds = (now.fix_time_ms - before.fix_time_ms) * 0.001
    return east / seconds, north / seconds


def baselines(legal_m: Mapping[str, float]) -> list[Judge]:
    """Return every baseline.

    Args:
        legal_m: for each preset, the distance that its law or court states (``warning_floor_m``): its legal minimum sounds
            there and nowhere else.
    """
    return [
        Baseline("ring of 500 m", ring(500.0)),
        Baseline("ring of 1 km", ring(1000.0)),
        Baseline("ring of 2 km", ring(2000.0)),
        Baseline("two rings, 1 and 2 km", two_rings(1000.0)),
        Baseline("two rings, 2 and 4 km", two_rings(2000.0)),
        Baseline("three rings of 500 m", three_rings(500.0)),
        Baseline("only the mover, 500 m", mover_only(500.0)),
        Baseline("150 m within 4 min", naive),
        *(Baseline(f"legal minimum of {name}, {metres:g} m", ring(metres)) for name, metres in legal_m.items()),
    ]
