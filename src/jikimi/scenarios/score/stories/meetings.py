"""Meetings to which she comes too: from both sides, through her alone, in one train."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from jikimi.model.decision import Approach
from jikimi.scenarios.score.case import Case, Kind, Mode, Side
from jikimi.scenarios.score.stories.body import TRAIN, Body, PlaneLine
from jikimi.scenarios.score.stories.people import far, near_her, waiting
from jikimi.scenarios.score.stories.variant import Sky, Variant, intervals
from jikimi.scenarios.sensor import Outage

if TYPE_CHECKING:
    from jikimi.scenarios.score.stories.city import Node
    from jikimi.scenarios.score.stories.ground import Metres, Point
    from jikimi.scenarios.score.stories.stage import Stage

BY_CAR: Final = 1.0
UNDERGROUND: Final = 1.0
HALF_FOOT_M: Final = (1700.0, 2100.0)
HALF_CAR_M: Final = (6000.0, 7500.0)
LINE_M: Final = 8500.0
"""Her station lies so far before his."""
BEYOND_M: Final = 2800.0
STATION_M: Final = 1000.0
CARRIAGE_M: Final = 45.0
"""He sits so far behind her in the train."""

BOTH_SIDES: Final = (
    *(msgspec.structs.replace(variant, what="on foot") for variant in intervals((5.0, 15.0, 60.0))),
    Variant(what="by car", size=BY_CAR),
    Variant(sky=Sky.URBAN, what="on foot"),
)
SHE_WALKS: Final = (*intervals((5.0, 15.0, 60.0)), Variant(sky=Sky.URBAN), Variant(what="by car", size=BY_CAR))
SAME_TRAIN: Final = (
    Variant(what="above ground"),
    Variant(interval_s=60.0, what="above ground"),
    Variant(what="underground", size=UNDERGROUND),
    Variant(interval_s=5.0, what="above ground"),
)


def both_sides(stage: Stage) -> Case:
    """Both set out from opposite sides, at the same pace, and meet halfway."""
    drives = stage.variant.size == BY_CAR
    start = far(stage, *(HALF_CAR_M if drives else HALF_FOOT_M))
    east, north = stage.city.points[start]
    other = stage.city.nearest((2.0 * stage.home[0] - east, 2.0 * stage.home[1] - north))
    his, hers = (_way_to(stage, node, drives=drives) for node in (start, other))
    last_s = max(len(his), len(hers)) + stage.rng.uniform(120.0, 240.0)
    him, her = (_arriving(way, last_s).stay(300.0) for way in (his, hers))
    return stage.case(Kind.APPROACH, Mode.CAR if drives else Mode.FOOT, him, her, approacher=Approach.BOTH)


def she_walks(stage: Stage) -> Case:
    """He stands at a place; she comes to it from far away."""
    drives = stage.variant.size == BY_CAR
    start = far(stage, *((7200.0, 8800.0) if drives else (2900.0, 3400.0)))
    points = stage.city.drive(start, stage.home_node) if drives else stage.city.walk(stage.rng, start, stage.home_node)
    her = waiting(stage, start).along(stage.rng, [*points, near_her(stage)], "drive" if drives else "walk").stay(300.0)
    him = Body(stage.home).until(her.now_s)
    return stage.case(Kind.APPROACH, Mode.CAR if drives else Mode.FOOT, him, her, approacher=Approach.PROTECTED)


def same_train(stage: Stage) -> Case:
    """She boards far away; her train comes to his station, he boards too, and they ride on some carriages apart."""
    rng = stage.rng
    board = far(stage, LINE_M - 300.0, LINE_M)
    ride = _ride(stage, stage.city.points[board])
    behind = _behind(ride)
    comes = int(np.argmax(np.hypot(*(ride - np.array(stage.home)).T) < 2.0))
    her = _to_platform(stage, board, ride[0]).stay(rng.uniform(120.0, 300.0))
    departs_s = her.now_s
    him = _to_platform(stage, stage.home_node, behind[comes])
    him = _arriving(him.way(), departs_s + comes - rng.uniform(90.0, 240.0)).until(departs_s + comes)
    boards_s = him.now_s
    him.trace(behind[comes:])
    her.trace(ride)
    below: dict[Side, tuple[float, float]] = {"monitored": (boards_s - 60.0, him.now_s), "protected": (departs_s - 60.0, her.now_s)}
    _goes_on(stage, him)
    _goes_on(stage, her)
    if stage.variant.size != UNDERGROUND:
        return stage.case(Kind.APPROACH, Mode.METRO, him, her)
    tag, phone = (msgspec.structs.replace(stage.sensor(side), outages=(Outage(from_s=a, to_s=b),)) for side, (a, b) in below.items())
    silences = tuple((side, *span) for side, span in below.items())
    return stage.case(Kind.APPROACH, Mode.METRO, him, her, sensors=(tag, phone), silences=silences)


def _way_to(stage: Stage, start: Node, *, drives: bool) -> Metres:
    """Return a way from a crossing to the middle, without any waiting before."""
    points = stage.city.drive(start, stage.home_node) if drives else stage.city.walk(stage.rng, start, stage.home_node)
    return Body(stage.door(start)).along(stage.rng, [*points, near_her(stage)], "drive" if drives else "walk").way()


def _arriving(way: Metres, at_s: float) -> Body:
    """Return somebody who waits where a way begins, so as to have gone it at a time."""
    start: Point = (float(way[0, 0]), float(way[0, 1]))
    return Body(start).stay(at_s - len(way)).trace(way)


def _ride(stage: Stage, start: Point) -> Metres:
    """Return a train's way, from her station past his (at ``home``) to one beyond, with a stop at each."""
    rng, (east, north) = stage.rng, stage.home
    bow, length_m = rng.uniform(-0.15, 0.15), hypot(east - start[0], north - start[1])
    ahead = (east - start[0]) / length_m, (north - start[1]) / length_m
    middle = 0.5 * (start[0] + east) - bow * length_m * ahead[1], 0.5 * (start[1] + north) + bow * length_m * ahead[0]
    points = [start, middle, stage.home, (east + BEYOND_M * ahead[0], north + BEYOND_M * ahead[1])]
    his_m = PlaneLine(points).marks_m[2]
    stations = [his_m - number * STATION_M for number in range(-2, int(his_m / STATION_M))]
    return Body(start).go(points, TRAIN, [(mark, rng.uniform(*TRAIN.stop_s)) for mark in sorted(stations)]).way()


def _behind(ride: Metres) -> Metres:
    """Return the same ride some carriages behind."""
    marks = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(ride, axis=0).T))))
    moving = np.concatenate(([True], np.diff(marks) > 0.0))
    return np.column_stack([np.interp(marks - CARRIAGE_M, marks[moving], axis[moving]) for axis in ride.T])


def _to_platform(stage: Stage, station: Node, platform: Metres) -> Body:
    """Return somebody who waits some minutes at a door, and walks to a place on a platform near a crossing."""
    start = stage.city.nearest(stage.around(stage.city.points[station], 350.0, 700.0))
    end: Point = (float(platform[0]), float(platform[1]))
    return waiting(stage, start).along(stage.rng, [*stage.city.walk(stage.rng, start, station), end], "walk")


def _goes_on(stage: Stage, rider: Body) -> None:
    """Let somebody walk from where the train stands to a place some streets on."""
    here = stage.city.nearest(rider.here)
    goal = stage.city.nearest(stage.around(rider.here, 500.0, 900.0))
    rider.along(stage.rng, stage.city.walk(stage.rng, here, goal), "walk").stay(180.0)
