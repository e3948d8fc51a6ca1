"""The evidence behind a pair at one moment, for the gate to pass on in part."""

from __future__ import annotations

from math import atan2, degrees, hypot
from typing import Final

from jikimi.core.geodesy import displacement
from jikimi.core.limits import MOVEMENTS, SIGHTS, TIERS, Limits
from jikimi.core.pair import Watched
from jikimi.core.track import SIDE_MPS, Suspect, Track
from jikimi.core.zone import Point
from jikimi.model.decision import PairView, SideView, Unconfirmed

COAST_S: Final = 10.0
"""For so long a person is shown to have kept his course; a velocity in a city lasts less than a minute."""


def course_deg(east: float, north: float) -> float:
    """Return the direction of a vector, clockwise from north in [0, 360)."""
    return degrees(atan2(east, north)) % 360.0


def side(track: Track | None, limits: Limits, now_ms: int) -> SideView | None:
    """Return one side as believed now."""
    if track is None:
        return None
    age_s = max(0.0, (now_ms - track.t_ms) * 0.001)
    east, north = track.velocity()
    speed = hypot(east, north)
    moving = speed > SIDE_MPS
    return SideView(
        latitude=track.lat,
        longitude=track.lon,
        error_m=track.error_m,
        reach_m=track.error_m + limits.growth_m(track, now_ms),
        age_s=age_s,
        fix_time_ms=track.t_ms,
        speed_mps=speed if moving else None,
        course_deg=course_deg(east, north) if moving else None,
        source=track.source,
    )


def _coasted(track: Track, now_ms: int) -> Point:
    """Return how far (east, north) the person has gone since the fix if he kept his course."""
    east, north = track.velocity()
    seconds = min((now_ms - track.t_ms) * 0.001, COAST_S)
    return east * seconds, north * seconds


def _relative(pair: Watched, now_ms: int) -> tuple[Point, Point] | None:
    """Return position and velocity of the monitored person relative to the protected side, east and north."""
    m = pair.monitored
    p = pair.protected
    if m is None or (p is None and pair.shape is None):
        return None
    speed = m.velocity()
    gone = _coasted(m, now_ms)
    if pair.shape is not None:
        at = pair.shape.local(m.lat, m.lon)
        return (at[0] + gone[0], at[1] + gone[1]), speed
    assert p is not None
    at = displacement(p.lat, p.lon, m.lat, m.lon)
    other = p.velocity()
    back = _coasted(p, now_ms)
    return (at[0] + gone[0] - back[0], at[1] + gone[1] - back[1]), (speed[0] - other[0], speed[1] - other[1])


def _closest(at: Point, speed: Point) -> tuple[float, float]:
    """Return (distance, seconds) of the closest approach on a straight course, from now on."""
    square = speed[0] * speed[0] + speed[1] * speed[1]
    seconds = max(0.0, -(at[0] * speed[0] + at[1] * speed[1]) / square) if square > 0.0 else 0.0
    return hypot(at[0] + speed[0] * seconds, at[1] + speed[1] * seconds), seconds


def _unconfirmed(pair: Watched, low_m: float, now_ms: int) -> Unconfirmed | None:
    """Return the report that waits to be confirmed and would put the two nearer than is believed; the nearer one of two."""
    sides = (("monitored", pair.monitored, pair.protected), ("protected", pair.protected, pair.monitored))
    found = [
        Unconfirmed(name, _suspected_m(pair, track.suspect, other, now_ms))
        for name, track, other in sides
        if track is not None and track.suspect is not None
    ]
    nearest = min(found, key=lambda one: one.low_m, default=None)
    return nearest if nearest is not None and nearest.low_m < low_m else None


def _suspected_m(pair: Watched, suspect: Suspect, other: Track | None, now_ms: int) -> float:
    """Return the least separation if a suspect is right; the other side is a track, or the place of the pair."""
    if other is None:
        assert pair.shape is not None
        return max(0.0, pair.shape.distance_m(pair.shape.local(suspect.lat, suspect.lon)) - suspect.error_m)
    east, north = displacement(other.lat, other.lon, suspect.lat, suspect.lon)
    return max(0.0, hypot(east, north) - hypot(suspect.error_m, other.error_m) - pair.limits.growth_m(other, now_ms))


def view(pair: Watched, now_ms: int) -> PairView:
    """Return the pair as believed at ``now_ms`` (not before its last input)."""
    relative = _relative(pair, now_ms)
    distance = bearing = closing = cpa_m = cpa_s = None
    if relative is not None:
        at, speed = relative
        distance = pair.shape.distance_m(at) if pair.shape is not None else hypot(at[0], at[1])
        bearing = course_deg(at[0], at[1])
        if hypot(at[0], at[1]) > 0.0:
            closing = -(at[0] * speed[0] + at[1] * speed[1]) / hypot(at[0], at[1])
        cpa_m, cpa_s = _closest(at, speed)
    low = pair.low_m(now_ms) if relative is not None else None
    return PairView(
        pair_id=pair.spec.pair_id,
        order_id=pair.spec.order_id,
        tier=TIERS[pair.tier],
        monitored_sight=SIGHTS[pair.sight_m],
        protected_sight=SIGHTS[pair.sight_p],
        since_ms=pair.since_ms,
        at_ms=now_ms,
        monitored=side(pair.monitored, pair.limits, now_ms),
        protected=side(pair.protected, pair.limits, now_ms),
        distance_m=distance,
        bearing_deg=bearing,
        low_m=low,
        high_m=pair.high_m(now_ms) if relative is not None else None,
        contact_s=pair.contact_s(low) if low is not None else None,
        closing_mps=closing,
        cpa_m=cpa_m,
        cpa_s=cpa_s,
        movement=MOVEMENTS[pair.movement],
        approach=pair.approach,
        last=pair.last,
        unconfirmed=None if low is None else _unconfirmed(pair, low, now_ms),
    )
