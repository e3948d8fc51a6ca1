"""Recorded drives as ways of a story: moved and turned as a whole, otherwise as they were."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from jikimi.core.geodesy import displacement
from jikimi.scenarios.score.stories.ground import Metres, Point
from jikimi.scenarios.tracks import read

LEAP_M: Final = 8.0
"""Nobody drives so far within the first second after a stop."""
DATA: Final = Path(__file__).parents[2] / "data"


def munich(end: Point, *, backwards: bool = False) -> Metres:
    """Return the recorded 20-minute drive through Munich, one position a second, so that it ends at a point."""
    return _ending(_drive("munich-drive.json"), end, backwards=backwards)


def highway(end: Point) -> Metres:
    """Return comma2k19's minute from a ramp to 70 km/h, straight on, one position a second, so that it ends at a point."""
    return _ending(_drive("comma2k19-ground-truth.csv"), end, backwards=False)


def _ending(points: Metres, end: Point, *, backwards: bool) -> Metres:
    told = points[::-1] if backwards else points
    moved: Metres = told - told[-1] + np.array(end)
    return moved


def _alive(steps: Metres) -> npt.NDArray[np.bool_]:
    """Return which points were measured: a receiver without reception repeats its last one, and leaps when it sees again."""
    alive = np.ones(len(steps), dtype=np.bool_)
    since = 0
    for index in range(1, len(steps)):
        moved_m = float(np.hypot(*(steps[index] - steps[index - 1])))
        if moved_m > LEAP_M:
            alive[since + 1 : index] = False
        if moved_m > 0.0:
            since = index
    return alive


@lru_cache(maxsize=2)
def _drive(file: str) -> Metres:
    """Return a recording as metres from its first point, even between its moments and over the times in which it was frozen."""
    track = read(DATA / file)
    first = track[0]
    steps = np.array([displacement(first.latitude, first.longitude, point.latitude, point.longitude) for point in track])
    times: npt.NDArray[np.float64] = np.array([(point.time_ms - first.time_ms) * 0.001 for point in track])
    alive = _alive(steps)
    seconds = np.arange(0.0, times[-1])
    steps, times = steps[alive], times[alive]
    return np.column_stack([np.interp(seconds, times, axis) for axis in steps.T])
