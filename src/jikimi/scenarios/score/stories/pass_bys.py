"""Ways past her that go on: ring roads and bus lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from jikimi.model.decision import Approach
from jikimi.scenarios.score.case import Case, Kind, Mode
from jikimi.scenarios.score.stories.body import FAST, Body
from jikimi.scenarios.score.stories.people import far, waiting
from jikimi.scenarios.score.stories.road import beside, through
from jikimi.scenarios.score.stories.variant import Sky, Variant, sizes

if TYPE_CHECKING:
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


def ring_road(stage: Stage) -> Case:
    """He drives past on a fast road, a quarter of an hour and more on either side of her."""
    speed_mps = stage.rng.uniform(16.0, 25.0)
    points = through(stage.rng, stage.home, HALF_RING_M, radius_m=3000.0, lean=RING_LEAN)
    him = Body(points[0]).stay(60.0).go(points, msgspec.structs.replace(FAST, cruise_mps=speed_mps)).stay(60.0)
    return passed(stage, him, Mode.CAR)


def bus_pass_by(stage: Stage) -> Case:
    """He rides a bus through the city that passes her and goes on."""
    rng, city = stage.rng, stage.city
    start = far(stage, 6000.0, 7500.0)
    east, north = city.points[start]
    goal = city.nearest(stage.around((2.0 * stage.home[0] - east, 2.0 * stage.home[1] - north), 0.0, 1500.0))
    him = waiting(stage, start).along(rng, city.drive(start, goal), "ride").stay(60.0)
    return passed(stage, him, Mode.BUS)


def passed(stage: Stage, him: Body, mode: Mode) -> Case:
    """Return the case in which she rests at the variant's distance beside his way."""
    where: Point = beside(stage.rng, him.way(), stage.variant.size)
    her = Body(where).until(him.now_s)
    return stage.case(Kind.PASS_BY, mode, him, her, approacher=Approach.NONE)
