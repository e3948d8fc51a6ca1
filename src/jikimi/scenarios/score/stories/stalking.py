"""Ways of coming that hide: a pause, a creep, following at a distance, playing at the edge of a ring."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from jikimi.model.decision import Approach
from jikimi.scenarios.motion import WALK
from jikimi.scenarios.score.case import Case, Kind, Mode
from jikimi.scenarios.score.stories.body import Body, PlaneLine, apart, at
from jikimi.scenarios.score.stories.people import at_home, by_car_to_her, cut, lingers, on_foot_to_her
from jikimi.scenarios.score.stories.variant import Sky, Variant, sizes

if TYPE_CHECKING:
    from jikimi.scenarios.score.stories.ground import Metres, Point
    from jikimi.scenarios.score.stories.stage import Stage

CAR_FROM_M: Final = 1200.0
"""Who waits farther away than this came by car."""
CREEP_M: Final = (2750.0, 2900.0)
CREEP_STEP_M: Final = 80.0
FOLLOW_MPS: Final = 1.75
"""The fastest he walks to keep her in sight."""
UNSEEN_M: Final = 115.0
"""Who follows at a distance stays farther away than this."""
END_GAP_M: Final = 25.0
CLOSES_S: Final = 240.0
TOUCHES: Final = 7
INSIDE_M, OUTSIDE_M = 40.0, 160.0
"""How far he goes inside and outside of a ring at whose edge he plays."""

STOPS_AND_WAITS: Final = (
    *sizes("waits at {} m", (300.0, 700.0, 1500.0, 2200.0)),
    *sizes("waits at {} m", (700.0, 1500.0), interval_s=60.0),
)
SLOW_CREEP: Final = (
    Variant(what="0.35 m/s", size=0.35),
    Variant(interval_s=60.0, what="0.35 m/s", size=0.35),
    Variant(what="80 m, then a pause"),
    Variant(sky=Sky.URBAN, what="80 m, then a pause"),
)
FOLLOWING: Final = (*sizes("gap {} m", (200.0, 400.0, 800.0)), *sizes("gap {} m", (400.0,), interval_s=60.0))
FOLLOWING_CONTACT: Final = (*sizes("gap {} m", (200.0, 500.0)), *sizes("gap {} m", (500.0,), interval_s=5.0))
EDGE_PLAY: Final = (*sizes("ring {} m", (300.0, 500.0, 1000.0, 2000.0)), *sizes("ring {} m", (1000.0,), interval_s=5.0))


def stops_and_waits(stage: Stage) -> Case:
    """He comes, waits 10 to 25 minutes at some distance, and comes on."""
    drives = stage.variant.size >= CAR_FROM_M
    him, points = by_car_to_her(stage, 7200.0, 8800.0) if drives else on_foot_to_her(stage, 2900.0, 3400.0)
    before, after = cut(points, stage.home, stage.variant.size)
    manner = "drive" if drives else "walk"
    him.along(stage.rng, before, manner).stay(stage.rng.uniform(600.0, 1500.0)).along(stage.rng, after, manner)
    return _comes(stage, him, Mode.CAR if drives else Mode.FOOT)


def slow_creep(stage: Stage) -> Case:
    """He comes far below walking speed, for two hours and more: steadily, or by stretches with pauses."""
    him, points = on_foot_to_her(stage, *CREEP_M)
    if stage.variant.size > 0.0:
        pace = msgspec.structs.replace(WALK, cruise_mps=stage.variant.size, corner_mps=min(stage.variant.size, WALK.corner_mps))
        return _comes(stage, him.go(points, pace), Mode.FOOT)
    line = PlaneLine(apart([him.here, *points]))
    marks = np.append(np.arange(CREEP_STEP_M, line.length_m, CREEP_STEP_M), line.length_m)
    for from_m, to_m in pairwise([0.0, *marks.tolist()]):
        inner = [point for mark, point in zip(line.marks_m, line.places, strict=True) if from_m < mark < to_m]
        end = at(line, line.places, np.array([to_m]))[0]
        him.go([*inner, (float(end[0]), float(end[1]))], WALK).stay(stage.rng.uniform(60.0, 180.0))
    return _comes(stage, him, Mode.FOOT)


def following(stage: Stage) -> Case:
    """She goes about; he comes from far, follows her at a distance for half an hour, and never comes into contact."""
    while True:
        him, her = _follow(stage, closes=False)
        if float(np.hypot(*(him.way() - her.way()[: len(him.way())]).T).min()) > UNSEEN_M:
            return stage.case(Kind.ORDINARY, Mode.FOOT, him, her)


def following_contact(stage: Stage) -> Case:
    """The same, but in the end he closes the gap."""
    him, her = _follow(stage, closes=True)
    return stage.case(Kind.APPROACH, Mode.FOOT, him, her, approacher=Approach.MONITORED)


def edge_play(stage: Stage) -> Case:
    """He comes from outside to a ring, and goes in and out of its edge again and again, by one and the same street."""
    ring_m = stage.variant.size
    him, points = on_foot_to_her(stage, max(2900.0, ring_m + 700.0), max(3400.0, ring_m + 1200.0))
    outer, rest = cut(points, stage.home, ring_m + OUTSIDE_M)
    inner, _ = cut(rest, stage.home, ring_m - INSIDE_M)
    him.along(stage.rng, outer, "walk")
    for _ in range(TOUCHES):
        him.stay(stage.rng.uniform(20.0, 120.0)).along(stage.rng, inner, "walk")
        him.stay(stage.rng.uniform(10.0, 60.0)).along(stage.rng, inner[::-1], "walk")
    him.along(stage.rng, outer[::-1], "walk").stay(120.0)
    return stage.case(Kind.ORDINARY, Mode.FOOT, him, at_home(stage, him.now_s))


def _comes(stage: Stage, him: Body, mode: Mode) -> Case:
    lingers(stage, him, goes=False)
    return stage.case(Kind.APPROACH, mode, him, at_home(stage, him.now_s), approacher=Approach.MONITORED)


def _follow(stage: Stage, *, closes: bool) -> tuple[Body, Body]:
    """Return both: she stays at home until he is near, then walks a round; he is on her trail, a gap behind."""
    him, points = on_foot_to_her(stage, 2900.0, 3400.0)
    come = apart([him.here, *points[:-1], stage.home])
    lead_s = PlaneLine(come).length_m / FOLLOW_MPS + him.now_s + 120.0
    her = _round(stage, Body(stage.home).until(lead_s))
    told = her.way()
    trail = np.concatenate((np.array(come[:-1]), told))
    marks = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(trail, axis=0).T))))
    ways = _gap_kept(marks[len(come) - 1 :], him.now_s, stage.variant.size, closes=closes)
    east, north = (np.interp(ways, marks, axis) for axis in trail.T)
    start: Point = (float(east[0]), float(north[0]))
    return Body(start).trace(np.column_stack((east, north))[1:]), her


def _round(stage: Stage, her: Body) -> Body:
    """Let her walk to two places some 700 m on, with stays, for half an hour and more."""
    here = stage.home_node
    for _ in range(3):
        there = stage.city.nearest(stage.around(stage.city.points[here], 600.0, 1000.0))
        her.along(stage.rng, stage.city.walk(stage.rng, here, there), "walk").stay(stage.rng.uniform(60.0, 400.0))
        here = there
    return her.stay(300.0)


def _gap_kept(hers_m: Metres, wait_s: float, gap_m: float, *, closes: bool) -> list[float]:
    """Return his way at each second: as fast as he walks towards a gap behind hers; at the end, if he ``closes``, to her."""
    ways, count = [0.0], len(hers_m)
    for second in range(1, count):
        near = closes and second > count - CLOSES_S - gap_m / 0.7
        wish = float(hers_m[second]) - (END_GAP_M if near else gap_m)
        step = min(max((wish - ways[-1]) / 8.0, 0.0), FOLLOW_MPS) if second > wait_s else 0.0
        ways.append(ways[-1] + step)
    return ways
