"""Ways past her that go on: ring roads, bus lines, the other bank of a river."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from jikimi.scenarios.motion import WALK
from jikimi.scenarios.score.case import Case, Kind, Mode
from jikimi.scenarios.score.stories.body import FAST, Body
from jikimi.scenarios.score.stories.people import far, waiting
from jikimi.scenarios.score.stories.road import beside, through
from jikimi.scenarios.score.stories.variant import Sky, Variant, sizes

if TYPE_CHECKING:
    from collections.abc import Callable

    from jikimi.scenarios.score.stories.ground import Point
    from jikimi.scenarios.score.stories.stage import Stage

LATERALS_M: Final = (150.0, 300.0, 600.0, 1000.0, 1500.0)
HALF_RING_M: Final = 17_000.0
RING_LEAN: Final = 1.0 / 9000.0
"""A ring road goes round the whole city."""

RING_ROAD: Final = (
    *sizes("lateral {} m", LATERALS_M),
    *sizes("lateral {} m", (300.0, 1000.0), interval_s=60.0),
    *sizes("lateral {} m", (300.0,), interval_s=1.0),
    *sizes("lateral {} m", (600.0,), interval_s=300.0),
    *sizes("lateral {} m", (600.0,), sky=Sky.URBAN),
)
BUS_PASS_BY: Final = (
    *sizes("lateral {} m", LATERALS_M[:4]),
    *sizes("lateral {} m", (300.0, 1000.0), interval_s=60.0),
    *sizes("lateral {} m", (150.0, 600.0), sky=Sky.URBAN),
    Variant(interval_s=5.0, what="lateral 300 m", size=300.0),
)
OPPOSITE: Final = (
    *sizes("on foot, lateral {} m", (150.0, 300.0)),
    *sizes("by car, lateral {} m", (150.0, 400.0)),
    *sizes("by car, lateral {} m", (400.0,), interval_s=60.0),
)


def ring_road(stage: Stage) -> Case:
    """He drives past on a fast road, a quarter of an hour and more on either side of her."""

    def drive() -> Body:
        points = through(stage.rng, stage.home, HALF_RING_M, radius_m=3000.0, lean=RING_LEAN)
        style = msgspec.structs.replace(FAST, cruise_mps=stage.rng.uniform(16.0, 25.0))
        return Body(points[0]).stay(60.0).go(points, style).stay(60.0)

    return _passed(stage, drive, Mode.CAR)


def bus_pass_by(stage: Stage) -> Case:
    """He rides a bus through the city that passes her and goes on."""

    def ride() -> Body:
        start = far(stage, 6000.0, 7500.0)
        east, north = stage.city.points[start]
        goal = stage.city.nearest(stage.around((2.0 * stage.home[0] - east, 2.0 * stage.home[1] - north), 0.0, 1500.0))
        return waiting(stage, start).along(stage.rng, stage.city.drive(start, goal), "ride").stay(60.0)

    return _passed(stage, ride, Mode.BUS)


def _passed(stage: Stage, go: Callable[[], Body], mode: Mode) -> Case:
    """Return the case in which she rests at the variant's distance beside his way; another way is drawn if it leaves no room."""
    where = None
    while where is None:
        him = go()
        where = beside(stage.rng, him.way(), stage.variant.size)
    return stage.case(Kind.PASS_BY, mode, him, Body(where).until(him.now_s))


def opposite_directions(stage: Stage) -> Case:
    """Both travel along the same river on its two banks, in opposite directions, and pass each other."""
    drives = stage.variant.what.startswith("by car")
    half_m, speed_mps = (9000.0, stage.rng.uniform(14.0, 20.0)) if drives else (2600.0, stage.rng.uniform(1.2, 1.5))
    style = msgspec.structs.replace(FAST if drives else WALK, cruise_mps=speed_mps)
    points = through(stage.rng, stage.home, half_m, radius_m=2500.0, lean=RING_LEAN)
    across = other_bank(points, stage.variant.size)[::-1]
    him, her = (Body(way[0]).stay(stage.rng.uniform(60.0, 120.0)).go(way, style).stay(60.0) for way in (points, across))
    return stage.case(Kind.PASS_BY, Mode.CAR if drives else Mode.FOOT, him, her)


def other_bank(points: list[Point], lateral_m: float) -> list[Point]:
    """Return the line that keeps a distance to the left of a smooth one."""
    line = np.array(points)
    ahead = np.gradient(line, axis=0)
    left = np.column_stack((-ahead[:, 1], ahead[:, 0])) / np.hypot(*ahead.T)[:, None]
    return [(east, north) for east, north in (line + lateral_m * left).tolist()]
