"""What people do in many stories: she is at home, he waits, comes, stays a while, and perhaps goes again."""

from __future__ import annotations

from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING, Final

from jikimi.scenarios.motion import WALK
from jikimi.scenarios.score.stories.body import Body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jikimi.scenarios.score.stories.ground import Point
    from jikimi.scenarios.score.stories.stage import Stage

POTTER_M: Final = 40.0
"""How far from her door she goes while at home."""
CUT_STEP_M: Final = 4.0
NEAR_M: Final = (5.0, 45.0)
"""Where an approach ends, from her door."""


def at_home(stage: Stage, until_s: float, home: Point | None = None) -> Body:
    """Return her, at home until a time: at rest, or (in two of five stories) about house and yard."""
    home = home if home is not None else stage.home
    her = Body(home)
    if stage.rng.random() < 0.6:
        return her.until(until_s)
    while her.now_s < until_s:
        her.stay(stage.rng.uniform(20.0, 400.0)).go([stage.around(home, 2.0, POTTER_M)], WALK)
    return her


def far(stage: Stage, least_m: float, most_m: float) -> int:
    """Return a crossing at a distance from her, as the crow flies."""
    return stage.city.nearest(stage.around(stage.home, least_m, most_m))


def waiting(stage: Stage, node: int) -> Body:
    """Return him, a few minutes at a door near a crossing."""
    return Body(stage.door(node)).stay(stage.rng.uniform(120.0, 300.0))


def lingers(stage: Stage, him: Body, *, goes: bool) -> Body:
    """Let him stay some minutes where he is, and then, if he ``goes``, walk off for ten minutes or more."""
    him.stay(stage.rng.uniform(240.0, 480.0))
    if goes:
        away = stage.city.walk(stage.rng, stage.city.nearest(him.here), far(stage, 900.0, 1400.0))
        him.along(stage.rng, away, "walk").stay(120.0)
    return him


def near_her(stage: Stage) -> Point:
    """Return a point close to her door."""
    return stage.around(stage.home, *NEAR_M)


def cut(points: Sequence[Point], centre: Point, at_m: float) -> tuple[list[Point], list[Point]]:
    """Return a way before and after it first comes so near to a centre; both hold the point of the cut.

    Raises:
        ValueError: it never does.
    """
    for index, (before, after) in enumerate(pairwise(points)):
        legs = max(int(hypot(after[0] - before[0], after[1] - before[1]) / CUT_STEP_M), 1)
        for leg in range(legs + 1):
            share = leg / legs
            here = before[0] + share * (after[0] - before[0]), before[1] + share * (after[1] - before[1])
            if hypot(here[0] - centre[0], here[1] - centre[1]) <= at_m:
                return [*points[: index + 1], here], [here, *points[index + 1 :]]
    msg = "The way never comes so near."
    raise ValueError(msg)


def on_foot_to_her(stage: Stage, least_m: float, most_m: float) -> tuple[Body, list[Point]]:
    """Return him, waiting so far from her, and his way to her door by streets."""
    start = far(stage, least_m, most_m)
    return waiting(stage, start), [*stage.city.walk(stage.rng, start, stage.home_node), near_her(stage)]


def by_car_to_her(stage: Stage, least_m: float, most_m: float) -> tuple[Body, list[Point]]:
    """Return him, waiting so far from her, and his way to her door by car."""
    start = far(stage, least_m, most_m)
    return waiting(stage, start), [*stage.city.drive(start, stage.home_node), near_her(stage)]
