"""What truly happened between two ways: distances by exact geodesics, and entries into a radius. No part of the core is used."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from jikimi.model.decision import Approach
from jikimi.model.zone import Circle
from jikimi.scenarios.score.case import Case

EARTH: Final = Geod(ellps="WGS84")
Metres = npt.NDArray[np.float64]
OUTSIDE_M: Final = 200.0
OUTSIDE_S: Final = 120.0
"""An entry counts anew only after both were farther apart than the radius and this, for so long."""
BACK_M: Final = 100.0
"""Going away again by less than this, round a corner or with a street, is part of the way there."""
LOOK_BACK_S: Final = 120.0
SHARE: Final = 0.25
"""Who closed at least this share of what the other closed came as well."""


def distances_m(case: Case) -> Metres:
    """Return the true distance at each step, NaN where it is not known; to the edge of a place, 0 inside.

    Raises:
        TypeError: the place is no circle.
    """
    him, her = case.truth.monitored, case.truth.protected
    return straight_m(case, him.latitude, him.longitude, her.latitude, her.longitude)


def straight_m(case: Case, his_latitude: Metres, his_longitude: Metres, her_latitude: Metres, her_longitude: Metres) -> Metres:
    """Return the distances between places of his and of hers; where a place is protected, to its edge, wherever she is.

    Raises:
        TypeError: the place is no circle.
    """
    if case.zone is None:
        return _between(his_latitude, his_longitude, her_latitude, her_longitude)
    if not isinstance(case.zone, Circle):
        raise TypeError("only circles are scored as places")
    ones = np.ones_like(his_latitude)
    found = _between(his_latitude, his_longitude, ones * case.zone.latitude, ones * case.zone.longitude)
    return np.maximum(found - case.zone.radius_m, 0.0)


def _between(lat_1: Metres, lon_1: Metres, lat_2: Metres, lon_2: Metres) -> Metres:
    known = np.isfinite(lat_1) & np.isfinite(lat_2)
    found = np.full(len(lat_1), np.nan)
    found[known] = EARTH.inv(lon_1[known], lat_1[known], lon_2[known], lat_2[known])[2]
    return found


def entries(distances: Metres, step_s: float, radius_m: float) -> list[int]:
    """Return the steps at which the radius is entered; whoever begins inside has entered at step 0."""
    inside = np.flatnonzero(distances <= radius_m)
    outside = distances > radius_m + OUTSIDE_M
    found: list[int] = []
    need = max(1, round(OUTSIDE_S / step_s))
    before = -1
    for step in inside.tolist():
        if not found or (step - before > need and _longest(outside[before + 1 : step]) >= need):
            found.append(step)
        before = step
    return found


def closing_since(distances: Metres, step: int) -> int:
    """Return the step at which the path that closes up to ``step`` began: the farthest they were since they were nearer by ``BACK_M``.

    What is not known ends the path.
    """
    farthest = step
    for at in range(step, -1, -1):
        if not distances[at] >= distances[farthest] - BACK_M:
            break
        if distances[at] > distances[farthest]:
            farthest = at
    return farthest


def _longest(flags: npt.NDArray[np.bool_]) -> int:
    """Return the length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def who(case: Case, step: int) -> Approach | None:
    """Return who truly closed the distance over the two minutes before a step; None where it did not close or is not known.

    Each is credited with what the distance would have shrunk had the other stood still.
    """
    if case.zone is not None:
        return None
    back = step - round(LOOK_BACK_S * 1000.0 / case.truth.step_ms)
    if back < 0:
        return None
    him, her = case.truth.monitored, case.truth.protected
    m0, m1 = (him.latitude[back], him.longitude[back]), (him.latitude[step], him.longitude[step])
    p0, p1 = (her.latitude[back], her.longitude[back]), (her.latitude[step], her.longitude[step])
    began = _metres(m0, p0)
    from_m, from_p = began - _metres(m1, p0), began - _metres(m0, p1)
    if not np.isfinite(from_m + from_p) or began - _metres(m1, p1) < 10.0:
        return None
    if min(from_m, from_p) >= SHARE * max(from_m, from_p):
        return Approach.BOTH
    return Approach.MONITORED if from_m >= from_p else Approach.PROTECTED


def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    if not np.isfinite(a[0] + b[0]):
        return float("nan")
    return float(EARTH.inv(a[1], a[0], b[1], b[0])[2])
