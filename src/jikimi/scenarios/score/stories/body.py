"""A person's way as it is told: stay here, go there, follow this line; one position a step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, hypot
from typing import TYPE_CHECKING, Final, Self

import msgspec
import numpy as np
import numpy.typing as npt

from jikimi.scenarios.motion import CYCLE, DRIVE, RIDE, WALK, Journey, Line, Place, Style
from jikimi.scenarios.score.stories.ground import Metres, Point

if TYPE_CHECKING:
    from random import Random

FAST: Final = msgspec.structs.replace(DRIVE, accel_mps2=1.5, brake_mps2=2.0, corner_mps=4.0)
"""A car on a road without lights; its cruise is the story's."""
TRAIN: Final = Style(cruise_mps=19.0, accel_mps2=0.9, brake_mps2=0.9, corner_mps=16.0, stop_every_m=1000.0, stop_s=(25.0, 40.0))
HALTS: Final = {"walk": (0.12, (3.0, 30.0)), "cycle": (0.12, (5.0, 35.0)), "drive": (0.16, (6.0, 55.0)), "ride": (0.28, (10.0, 35.0))}
"""Share of the crossings at which one waits, and how long; a bus also stands at its stops."""
STYLES: Final = {"walk": WALK, "cycle": CYCLE, "drive": DRIVE, "ride": RIDE}
STOP_LINE_M: Final = 3.0
"""One waits before the crossing, not on it."""
METRIC_PLACE: Final[Place] = (0.0, 0.0)


class Body:
    """One person on the way. Every method returns the body, so that a story reads as a sentence."""

    def __init__(self, start: Point, step_s: float = 1.0) -> None:
        self.step_s = step_s
        self._pieces: list[Metres] = [np.array([start])]
        self._count = 1

    @property
    def now_s(self) -> float:
        """Return the time told so far."""
        return (self._count - 1) * self.step_s

    @property
    def here(self) -> Point:
        """Return where the way ends so far."""
        east, north = self._pieces[-1][-1]
        return float(east), float(north)

    def stay(self, for_s: float) -> Self:
        """Stay where one is."""
        return self._add(np.repeat(self._pieces[-1][-1:], max(round(for_s / self.step_s), 0), axis=0))

    def until(self, time_s: float) -> Self:
        """Stay until a time; nothing if it is past."""
        return self.stay(time_s - self.now_s)

    def go(self, points: Sequence[Point], style: Style, halts: Sequence[tuple[float, float]] = ()) -> Self:
        """Go along points (after where one is) from rest to rest; ``halts`` are (way in metres, seconds)."""
        points = apart([self.here, *points])
        if len(points) < 2:
            return self
        line = PlaneLine(points)
        journey = Journey(line, style, halts)
        times = np.minimum(np.arange(1, ceil(journey.length_s / self.step_s) + 1) * self.step_s, journey.length_s)
        return self._add(at(line, points, _ways_m(journey, times)))

    def along(self, rng: Random, points: Sequence[Point], manner: str) -> Self:
        """Go along streets on foot, by bicycle, car or bus (a key of ``STYLES``), with the waits at crossings that belong to it."""
        points = apart([self.here, *points])
        share, wait_s = HALTS[manner]
        marks = PlaneLine(points).marks_m if len(points) > 1 else []
        halts = [(mark - STOP_LINE_M, rng.uniform(*wait_s)) for mark in marks[1:-1] if rng.random() < share and mark > STOP_LINE_M]
        style = STYLES[manner]
        pace = msgspec.structs.replace(style, cruise_mps=style.cruise_mps * rng.uniform(0.9, 1.08))
        return self.go(points, pace, halts)

    def trace(self, points: Metres) -> Self:
        """Be at these points, one a step."""
        return self._add(points)

    def way(self) -> Metres:
        """Return all positions, the first at time 0."""
        return np.concatenate(self._pieces)

    def _add(self, points: Metres) -> Self:
        if len(points):
            self._pieces.append(points)
            self._count += len(points)
        return self


class PlaneLine(Line):
    """A line whose places are points of the plane: no rounding of the Earth in the ways of a story."""

    def __init__(self, points: Sequence[Point]) -> None:
        """Take at least two points, neighbours apart."""
        super().__init__((METRIC_PLACE, (0.0, 1.0)))
        self.places = list(points)
        self.legs = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
        self.marks_m = [0.0, *np.cumsum([hypot(*leg) for leg in self.legs]).tolist()]


def apart(points: Sequence[Point]) -> list[Point]:
    """Return the points without those nearer than 0.1 m to the one before."""
    kept = [points[0]]
    kept += [b for a, b in pairwise(points) if hypot(b[0] - a[0], b[1] - a[1]) > 0.1]
    return kept


def at(line: Line, points: Sequence[Point], ways_m: npt.NDArray[np.float64]) -> Metres:
    """Return the places after so much way each; ``points`` are the line's."""
    east, north = np.array(points).T
    return np.column_stack((np.interp(ways_m, line.marks_m, east), np.interp(ways_m, line.marks_m, north)))


def _ways_m(journey: Journey, times_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the way gone at each time: ``Journey.at`` for many times at once."""
    phases = np.array(journey.phases)
    index = np.maximum(np.searchsorted(phases[:, 0], times_s, side="right") - 1, 0)
    from_s, from_m, speed_mps, accel_mps2 = phases[index].T
    since = times_s - from_s
    ways: npt.NDArray[np.float64] = from_m + since * (speed_mps + 0.5 * accel_mps2 * since)
    return ways
