"""Roads out of town: smooth curves, no corners."""

from __future__ import annotations

from math import cos, dist, pi, sin
from typing import TYPE_CHECKING, Final

import numpy as np

from jikimi.scenarios.score.stories.ground import Metres, Point

if TYPE_CHECKING:
    from random import Random

OUT: Final = 0.6
"""A road that passes a point ends at least so much of its length away from it."""
TRIES: Final = 200
LEG_M: Final = 40.0
BEND_LENGTH_M: Final = 900.0
"""Way over which a bend comes and goes."""


def road(rng: Random, start: Point, length_m: float, course: float, *, radius_m: float = 1500.0, lean: float = 0.0) -> list[Point]:
    """Return a curve from a point on.

    Args:
        rng: chance.
        start: its first point.
        length_m: its length.
        course: radians at its start, anticlockwise from the right.
        radius_m: how tight its usual bends are.
        lean: curvature it keeps on the whole, 1/m; a ring road has one.
    """
    points, bend, keep = [start], 0.0, 1.0 - LEG_M / BEND_LENGTH_M
    for _ in range(int(length_m / LEG_M)):
        bend = keep * bend + rng.gauss(0.0, (1.0 - keep * keep) ** 0.5 / radius_m)
        course += LEG_M * (bend + lean)
        points.append((points[-1][0] + LEG_M * cos(course), points[-1][1] + LEG_M * sin(course)))
    return points


def through(rng: Random, middle: Point, half_m: float, *, radius_m: float = 1500.0, lean: float = 0.0) -> list[Point]:
    """Return a curve of ``half_m`` on both sides of a point, with both ends far from it."""
    while True:
        course = rng.uniform(0.0, 2.0 * pi)
        back = road(rng, middle, half_m, course + pi, radius_m=radius_m, lean=-lean)
        ahead = road(rng, middle, half_m, course, radius_m=radius_m, lean=lean)
        if min(dist(middle, back[-1]), dist(middle, ahead[-1])) > OUT * half_m:
            return [*reversed(back), *ahead[1:]]


def beside(rng: Random, way: Metres, lateral_m: float, shares: tuple[float, float] = (0.42, 0.62)) -> Point | None:
    """Return a point so far beside a way that it never comes nearer than ``lateral_m`` - 10 m, or None where none was found.

    Args:
        rng: chance.
        way: the way, one position a step.
        lateral_m: how far beside it.
        shares: between which shares of the steps.
    """
    for _ in range(TRIES):
        index = int(len(way) * rng.uniform(*shares))
        ahead = way[min(index + 20, len(way) - 1)] - way[max(index - 20, 0)]
        length = float(np.hypot(*ahead))
        if length < 5.0:
            continue
        side = rng.choice((-1.0, 1.0)) * lateral_m / length
        point = way[index] + np.array((-ahead[1], ahead[0])) * side
        nearest = float(np.hypot(*(way - point).T).min())
        if lateral_m - 10.0 <= nearest <= lateral_m + 10.0:
            return float(point[0]), float(point[1])
    return None
