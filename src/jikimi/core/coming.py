"""The signs that one comes to the other, each a pure function of the rules and of what is believed of both sides.

``m`` is the monitored person's track, ``p`` the protected person's, None where a place stands in for her; ``shape`` is that place.
"""

from __future__ import annotations

from math import hypot, sqrt
from typing import Final

from jikimi.core.geodesy import displacement
from jikimi.core.limits import DANGER, FAR_M, SLOW_MPS, WARNING, Limits
from jikimi.core.track import REGION_SIGMAS, SIDE_MPS, SURE_SIGMAS, Suspect, Track
from jikimi.core.zone import Shape
from jikimi.model.decision import Approach

SHARE: Final = 0.25
"""A side counts as approaching beside the other when it adds at least this share of the other's speed."""

Target = tuple[float, float, float]
"""Where the monitored person is, seen from the other (east, north), and how far from there the order's distance reaches, metres."""


def target_m(limits: Limits, shape: Shape | None, m: Track, p: Track | None) -> Target:
    """Return where the monitored person is, seen from the other (east, north), and how far from there the order's distance reaches."""
    target = limits.rings_m[DANGER]
    if shape is not None:
        east, north = shape.local(m.lat, m.lon)
        return east, north, target + sqrt(east * east + north * north) - shape.distance_m((east, north))
    assert p is not None
    east, north = displacement(p.lat, p.lon, m.lat, m.lon)
    return east, north, target


def cones_m(limits: Limits, target: Target, m: Track, p: Track | None, low: float, closing_mps: float, now_ms: int) -> tuple[float, float]:
    """Return half the widths of the cones in which one heads for the other, at the other's place; FAR_M if nobody does.

    By the last half minute and by the way gone; very near, by the last half minute alone.
    """
    since_ms = now_ms - limits.stale_ms
    him = m if m.t_ms > since_ms else None
    her = p if p is not None and p.t_ms > since_ms else None
    lately = _cone_m(limits, him, her, target, lately=True)
    if low <= limits.close_contact_s * closing_mps:
        return lately, lately
    return lately, _cone_m(limits, him, her, target, lately=False)


def _cone_m(limits: Limits, m: Track | None, p: Track | None, target: Target, *, lately: bool) -> float:
    """Return half the width of the cone into which both move, where it reaches the target; FAR_M if it misses the target.

    The velocity is that of the last half minute (``lately``) or of the way gone. The cone is as wide as each has wandered off
    his direction, plus what people turn unforeseen, plus what the error hides.
    """
    east, north, edge_m = target
    distance = sqrt(east * east + north * north)
    if distance <= 0.0:
        return 0.0
    ve = vn = m_east = m_north = p_east = p_north = 0.0
    m_s = p_s = 1.0
    if m is not None:
        m_east, m_north, m_s = m.lately_mps() if lately else m.heading_mps()
        ve = m_east
        vn = m_north
    if p is not None:
        p_east, p_north, p_s = p.lately_mps() if lately else p.heading_mps()
        ve -= p_east
        vn -= p_north
    closing = -(ve * east + vn * north) / distance
    if closing <= SLOW_MPS or (distance > limits.heading_reach_m and distance > limits.heading_reach_s * closing):
        return FAR_M
    spread_2 = _spread_2(limits, m, m_east, m_north, m_s) + _spread_2(limits, p, p_east, p_north, p_s)
    aside = (ve * north - vn * east) / distance
    edge = edge_m * closing / distance
    return distance * sqrt(spread_2) / closing if aside * aside <= edge * edge + limits.cone_2 * spread_2 else FAR_M


def _spread_2(limits: Limits, track: Track | None, east_mps: float, north_mps: float, seconds: float) -> float:
    """Return the square of how far aside of his velocity one may go, m/s; 0 for nobody."""
    if track is None:
        return 0.0
    sigma = track.error_m / (REGION_SIGMAS * seconds)
    return (east_mps * east_mps + north_mps * north_mps) * (limits.turn_2 + track.wander_2()) + sigma * sigma


def leads_past(limits: Limits, target: Target, m: Track, p: Track | None) -> bool:
    """Return whether the course leads past the other farther off than the order's distance and what turns allow.

    The present one; where reports are seldom the way gone must lead past as well, and where they are very seldom none counts.
    """
    east, north, edge_m = target
    ve, vn = m.velocity()
    if p is not None:
        east_mps, north_mps = p.velocity()
        ve -= east_mps
        vn -= north_mps
    speed = sqrt(ve * ve + vn * vn)
    distance = sqrt(east * east + north * north)
    if abs(ve * north - vn * east) <= (edge_m + limits.soon_slope * distance) * speed:
        return False
    seldom_s = m.pace_s if p is None or p.pace_s < m.pace_s else p.pace_s
    if seldom_s < limits.seldom_s or seldom_s >= limits.untold_s:
        return seldom_s < limits.seldom_s
    ve, vn, _ = m.heading_mps()
    if p is not None:
        east_mps, north_mps, _ = p.heading_mps()
        ve -= east_mps
        vn -= north_mps
    speed = sqrt(ve * ve + vn * vn)
    goes = -(ve * east + vn * north) > SLOW_MPS * distance
    return not goes or abs(ve * north - vn * east) > (edge_m + limits.seldom_slope * distance) * speed


def soon_m(limits: Limits, m: Track, p: Track | None) -> float:
    """Return from how far they can come as near as the order forbids before their devices report again, or very soon."""
    way = limits.credible_mps(m) * m.pace_s
    if p is not None:
        way += limits.credible_mps(p) * p.pace_s
    way *= limits.soon_intervals
    return limits.rings_m[DANGER] + (way if way > limits.soon_least_m else limits.soon_least_m)


def creep_m(limits: Limits, target: Target, m: Track, p: Track | None, now_ms: int) -> float:
    """Return from how far one too slow to be said to move is within the order's distance in a warning's time; -1 if nobody is.

    The way gone is counted in strides that no error pretends: over minutes it shows what no speed shows.
    """
    east, north, edge_m = target
    since_ms = now_ms - limits.stale_ms
    ve = vn = 0.0
    sign = 1.0
    for track in (m, p):
        if track is not None and track.t_ms > since_ms and track.stride_s <= limits.creep_stride_s:
            east_mps, north_mps, _ = track.heading_mps()
            ve += sign * east_mps
            vn += sign * north_mps
        sign = -1.0
    distance = sqrt(east * east + north * north)
    if distance <= 0.0:
        return -1.0
    closing = -(ve * east + vn * north) / distance
    if closing <= limits.creep_mps or closing > SLOW_MPS or abs(ve * north - vn * east) > (edge_m + limits.soon_slope * distance) * closing:
        return -1.0
    return limits.rings_m[DANGER] + limits.times_s[WARNING] * closing


def follows(limits: Limits, m: Track | None, p: Track | None, now_ms: int) -> bool:
    """Return whether both are under way the same way: who goes where the other goes has not gone away."""
    if m is None or p is None or max(m.stride_s, p.stride_s) > limits.follow_s:
        return False
    since_ms = now_ms - limits.stale_ms
    ve, vn, _ = m.heading_mps()
    east_mps, north_mps, _ = p.heading_mps()
    his, hers = sqrt(ve * ve + vn * vn), sqrt(east_mps * east_mps + north_mps * north_mps)
    alike = ve * east_mps + vn * north_mps > limits.follow_cosine * his * hers
    return alike and min(his, hers) > SLOW_MPS and m.t_ms > since_ms and p.t_ms > since_ms


def shown_mps(limits: Limits, m: Track | None, p: Track | None) -> float:
    """Return how fast both have shown that they go, where every device reports so seldom that no course counts; else 0.

    Their closing speed is then the mean of minutes, with every rest in it: who drives on may come sooner than the next report.
    """
    if m is None or m.pace_s < limits.untold_s or (p is not None and p.pace_s < limits.untold_s):
        return 0.0
    return m.shown_mps + p.shown_mps if p is not None else m.shown_mps


def suspect_low_m(limits: Limits, shape: Shape | None, m: Track | None, p: Track | None, now_ms: int) -> float:
    """Return the least separation that a waiting suspect fix of either side allows, if contact is that near."""
    low = FAR_M
    speed = limits.assumed_closing_mps
    for track, other in ((m, p), (p, m)):
        if track is not None and track.suspect is not None:
            low = min(low, _suspected_m(limits, shape, track.suspect, other, now_ms))
            speed = max(speed, limits.suspect_share * track.shown_mps)
    return low if low <= limits.close_contact_s * speed else FAR_M


def _suspected_m(limits: Limits, shape: Shape | None, suspect: Suspect, other: Track | None, now_ms: int) -> float:
    if other is None:
        assert shape is not None
        return max(0.0, shape.distance_m(shape.local(suspect.lat, suspect.lon)) - suspect.error_m)
    east, north = displacement(other.lat, other.lon, suspect.lat, suspect.lon)
    return max(0.0, hypot(east, north) - hypot(suspect.error_m, other.error_m) - limits.growth_m(other, now_ms))


def share(from_m: float, sigma_m: float, from_p: float, sigma_p: float) -> Approach:
    """Say whose movement closes the distance, from both sides' speeds towards each other."""
    sure_m = from_m > SIDE_MPS and from_m > SURE_SIGMAS * sigma_m
    sure_p = from_p > SIDE_MPS and from_p > SURE_SIGMAS * sigma_p
    if sure_m and sure_p and min(from_m, from_p) >= SHARE * max(from_m, from_p):
        return Approach.BOTH
    if sure_m and (not sure_p or from_m >= from_p):
        return Approach.MONITORED
    return Approach.PROTECTED if sure_p else Approach.CANNOT_TELL
