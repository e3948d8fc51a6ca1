"""A straight way through a small protected place, with a fix every 100 m."""

from __future__ import annotations

from math import cos, hypot, pi, sin
from typing import TYPE_CHECKING, Final

import msgspec

from jikimi.model.decision import Approach
from jikimi.model.zone import Circle
from jikimi.scenarios.score.case import Case, Kind, Mode
from jikimi.scenarios.score.stories.body import FAST, Body
from jikimi.scenarios.score.stories.recorded import highway
from jikimi.scenarios.score.stories.variant import Sky, Variant

if TYPE_CHECKING:
    from jikimi.scenarios.score.stories.stage import Stage

RADIUS_M: Final = 60.0
HALF_M: Final = 6000.0
FIX_M: Final = 100.0
REACH_M: Final = 300.0
"""The recorded minute ends so far behind the place."""
RECORDED_MPS: Final = 18.0

CROSSING: Final = (
    *(
        Variant(interval_s=FIX_M / speed_mps, what=f"{speed_mps:g} m/s, {off_m} m off the middle", size=speed_mps)
        for speed_mps in (5.0, 10.0, 14.0, 20.0, 28.0)
        for off_m in (0, 40)
    ),
    Variant(interval_s=FIX_M / 14.0, sky=Sky.URBAN, what="14 m/s, 20 m off the middle", size=14.0),
    Variant(interval_s=FIX_M / RECORDED_MPS, what="recorded, 0 m off the middle", size=RECORDED_MPS),
)


def crossing(stage: Stage) -> Case:
    """He passes straight through a place 120 m wide, at even speed, and goes on."""
    off_m = float(stage.variant.what.split(", ")[1].split(" ")[0])
    him = _recorded(stage) if stage.variant.what.startswith("recorded") else _straight(stage, off_m)
    latitude, longitude = stage.ground.place(stage.home)
    zone = Circle(latitude=latitude, longitude=longitude, radius_m=RADIUS_M)
    place = Body(stage.home).until(him.now_s)
    sensors = stage.sensor("monitored"), None
    return stage.case(Kind.CROSSING, Mode.CAR, him, place, sensors=sensors, zone=zone, approacher=Approach.MONITORED)


def _straight(stage: Stage, off_m: float) -> Body:
    course, (east, north) = stage.rng.uniform(0.0, 2.0 * pi), stage.home
    east, north = east - off_m * sin(course), north + off_m * cos(course)
    start, end = ((east + sign * HALF_M * cos(course), north + sign * HALF_M * sin(course)) for sign in (-1.0, 1.0))
    style = msgspec.structs.replace(FAST, cruise_mps=stage.variant.size)
    return Body(start).stay(60.0).go([end], style).stay(60.0)


def _recorded(stage: Stage) -> Body:
    """Return the recorded minute from a ramp to 70 km/h, through the middle of the place."""
    way = highway(stage.home)
    ahead = way[-1] - way[-20]
    way = way + ahead * (REACH_M / hypot(*ahead.tolist()))
    return Body((float(way[0, 0]), float(way[0, 1]))).stay(120.0).trace(way)
