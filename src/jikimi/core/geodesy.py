"""Distances on the WGS-84 ellipsoid by a local metric.

Metres per radian north and east are taken from the radii of curvature at the mean latitude (Bomford, *Geodesy*,
4th ed., 1980, section 2.06: ``M`` in the meridian, ``N`` in the prime vertical). Against the exact geodesic the
error is below 0.001 mm at 1 km, 1 mm at 10 km and 0.12 m at 50 km between 33° and 39° N; it grows towards the
poles and is not meant for them. Haversine, as cheap, is 0.26 % wrong there.
"""

from __future__ import annotations

from math import cos, pi, sin, sqrt
from typing import Final

EQUATOR_M: Final = 6378137.0
"""Semi-major axis of WGS-84."""
ECCENTRICITY_2: Final = 0.0066943799901413165
"""First eccentricity squared of WGS-84, f * (2 - f) with f = 1/298.257223563."""
RADIAN: Final = pi / 180.0
EQUATOR_DEGREE_M: Final = RADIAN * EQUATOR_M
MERIDIAN_DEGREE_M: Final = RADIAN * EQUATOR_M * (1.0 - ECCENTRICITY_2)


def turn_deg(lon_1: float, lon_2: float) -> float:
    """Return how far east of ``lon_1`` the meridian ``lon_2`` lies, degrees in (-180, 180]."""
    turn = lon_2 - lon_1
    if turn > 180.0:
        return turn - 360.0
    return turn + 360.0 if turn <= -180.0 else turn


def metric(lat: float) -> tuple[float, float]:
    """Return metres per degree (of longitude, of latitude) at a latitude in degrees."""
    phi = lat * RADIAN
    s = sin(phi)
    w = 1.0 - ECCENTRICITY_2 * s * s
    root = sqrt(w)
    return EQUATOR_DEGREE_M * cos(phi) / root, MERIDIAN_DEGREE_M / (w * root)


def displacement(lat_1: float, lon_1: float, lat_2: float, lon_2: float) -> tuple[float, float]:
    """Return (east_m, north_m) from the first point to the second, degrees in, across the antimeridian too."""
    turn = lon_2 - lon_1
    if turn > 180.0 or turn <= -180.0:
        turn = turn_deg(lon_1, lon_2)
    # As ``metric`` has it: the innermost call of all, and a call costs as much as the sine.
    phi = (lat_1 + lat_2) * 0.5 * RADIAN
    s = sin(phi)
    w = 1.0 - ECCENTRICITY_2 * s * s
    root = sqrt(w)
    return turn * (EQUATOR_DEGREE_M * cos(phi) / root), (lat_2 - lat_1) * (MERIDIAN_DEGREE_M / (w * root))


def offset(lat: float, lon: float, east_m: float, north_m: float) -> tuple[float, float]:
    """Return the point (latitude, longitude) that lies ``east_m`` and ``north_m`` from the given one.

    The inverse of ``displacement`` to a micrometre at 1 km: the mean latitude is found in two steps.
    """
    _, north_degree_m = metric(lat)
    middle = lat + north_m * 0.5 / north_degree_m
    east_degree_m, north_degree_m = metric(middle)
    return lat + north_m / north_degree_m, turn_deg(0.0, lon + east_m / east_degree_m)
