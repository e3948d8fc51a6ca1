"""Approaches from far away: on foot, by bicycle, by car on fast roads and through streets, by bus."""

from __future__ import annotations

from math import hypot, pi
from typing import TYPE_CHECKING, Final

import msgspec

from jikimi.model.decision import Approach
from jikimi.scenarios.score.case import Case, Kind, Mode
from jikimi.scenarios.score.stories.body import FAST, Body
from jikimi.scenarios.score.stories.people import at_home, far, lingers, near_her, waiting
from jikimi.scenarios.score.stories.recorded import munich
from jikimi.scenarios.score.stories.road import road
from jikimi.scenarios.score.stories.variant import Sky, Variant, intervals, sizes

if TYPE_CHECKING:
    from jikimi.scenarios.score.stories.ground import Point
    from jikimi.scenarios.score.stories.stage import Stage

FOOT_M: Final = (2900.0, 3400.0)
BICYCLE_M: Final = (5200.0, 6500.0)
CITY_M: Final = (7200.0, 8800.0)
FAST_S: Final = 1000.0
"""A fast road begins so far away: more than the quarter of an hour that any tier looks ahead."""

ON_FOOT: Final = (*intervals(), Variant(sky=Sky.URBAN), Variant(sky=Sky.INDOOR), Variant(interval_s=60.0, sky=Sky.URBAN))
BY_BICYCLE: Final = (*intervals((5.0, 15.0, 60.0)), Variant(sky=Sky.URBAN))
BY_CAR_FAST: Final = (
    *sizes("{} km/h", (50.0, 70.0, 90.0, 110.0)),
    *sizes("{} km/h", (50.0, 90.0), interval_s=5.0),
    *sizes("{} km/h", (50.0,), interval_s=1.0),
    *sizes("{} km/h", (50.0, 70.0), interval_s=60.0),
    *sizes("{} km/h", (50.0,), interval_s=300.0),
    *sizes("{} km/h", (60.0,), sky=Sky.URBAN),
)
BY_CAR_CITY: Final = (
    *intervals((1.0, 5.0, 15.0, 60.0, None)),
    Variant(sky=Sky.URBAN),
    Variant(sky=Sky.INDOOR),
    Variant(what="Munich drive", size=1.0),
    Variant(interval_s=5.0, what="Munich drive", size=1.0),
    Variant(interval_s=60.0, what="Munich drive", size=1.0),
    Variant(what="Munich drive backwards", size=-1.0),
)
BY_BUS: Final = (*intervals((5.0, 15.0, 60.0)), Variant(sky=Sky.URBAN))


def on_foot(stage: Stage) -> Case:
    """He walks some 3 km through the streets to her door."""
    start = far(stage, *FOOT_M)
    him = waiting(stage, start).along(stage.rng, [*stage.city.walk(stage.rng, start, stage.home_node), near_her(stage)], "walk")
    return _comes(stage, him, Mode.FOOT)


def by_bicycle(stage: Stage) -> Case:
    """He cycles some 6 km to her door."""
    start = far(stage, *BICYCLE_M)
    him = waiting(stage, start).along(stage.rng, [*stage.city.drive(start, stage.home_node), near_her(stage)], "cycle")
    return _comes(stage, him, Mode.BICYCLE)


def by_car_fast(stage: Stage) -> Case:
    """He drives a fast road without lights, a quarter of an hour and more, that ends near her door."""
    speed_mps = stage.variant.size / 3.6
    points = _long_road(stage, speed_mps * FAST_S)
    him = Body(points[0]).stay(stage.rng.uniform(60.0, 180.0))
    him.go(points, msgspec.structs.replace(FAST, cruise_mps=speed_mps))
    return _comes(stage, him, Mode.CAR)


def by_car_city(stage: Stage) -> Case:
    """He drives through streets, with turns and lights, to her door: drawn, or the recorded drive through Munich."""
    if stage.variant.size != 0.0:
        points = munich(near_her(stage), backwards=stage.variant.size < 0.0)
        him = Body((float(points[0, 0]), float(points[0, 1]))).stay(stage.rng.uniform(120.0, 300.0)).trace(points)
        return _comes(stage, him, Mode.CAR)
    start = far(stage, *CITY_M)
    him = waiting(stage, start).along(stage.rng, [*stage.city.drive(start, stage.home_node), near_her(stage)], "drive")
    return _comes(stage, him, Mode.CAR)


def by_bus(stage: Stage) -> Case:
    """He walks to a stop, rides, gets off some 300 m from her, and walks."""
    rng, city = stage.rng, stage.city
    start, stop = far(stage, *CITY_M), far(stage, 250.0, 420.0)
    board = city.nearest(stage.around(city.points[start], 150.0, 350.0))
    him = waiting(stage, start).along(rng, city.walk(rng, start, board), "walk").stay(rng.uniform(30.0, 240.0))
    him.along(rng, city.drive(board, stop), "ride").stay(rng.uniform(5.0, 20.0))
    him.along(rng, [*city.walk(rng, stop, stage.home_node), near_her(stage)], "walk")
    return _comes(stage, him, Mode.BUS)


def _comes(stage: Stage, him: Body, mode: Mode) -> Case:
    """Return the case of somebody who has come to her door: he lingers, and in half of the stories goes again."""
    lingers(stage, him, goes=stage.rng.random() < 0.5)
    return stage.case(Kind.APPROACH, mode, him, at_home(stage, him.now_s), approacher=Approach.MONITORED)


def _long_road(stage: Stage, length_m: float) -> list[Point]:
    """Return a road to her that begins at least half its length away, as the crow flies."""
    while True:
        points = road(stage.rng, near_her(stage), length_m, stage.rng.uniform(0.0, 2.0 * pi), radius_m=3500.0)
        if hypot(points[-1][0] - stage.home[0], points[-1][1] - stage.home[1]) > 0.5 * length_m:
            return points[::-1]
