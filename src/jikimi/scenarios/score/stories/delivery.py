"""A driver with 80 deliveries all over her part of the city."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING, Final

import numpy as np

from jikimi.scenarios.score.case import Case, Kind, Mode
from jikimi.scenarios.score.stories.body import Body
from jikimi.scenarios.score.stories.people import at_home, far
from jikimi.scenarios.score.stories.variant import Variant

if TYPE_CHECKING:
    from jikimi.scenarios.score.stories.city import Node
    from jikimi.scenarios.score.stories.stage import Stage

STOPS: Final = 80
AREA_M: Final = (350.0, 2600.0)
STEP_S: Final = 5.0
AT_HER_DOOR: Final = 1.0
AVOIDS_M: Final = 150.0
"""Whoever delivers nothing to her street stays farther away than this."""

DELIVERY: Final = (
    Variant(what="80 stops, none at her door"),
    Variant(interval_s=60.0, what="80 stops, none at her door"),
    Variant(interval_s=5.0, what="80 stops, none at her door"),
    Variant(what="80 stops, one at her door", size=AT_HER_DOOR),
)


def delivery(stage: Stage) -> Case:
    """He drives from stop to stop for half a day, up to some 2.6 km around her; she is at home."""
    while True:
        him = _round(stage, _stops(stage))
        nearest_m = float(np.hypot(*(him.way() - np.array(stage.home)).T).min())
        if stage.variant.size == AT_HER_DOOR or nearest_m > AVOIDS_M:
            her = Body(stage.home, STEP_S).trace(at_home(stage, him.now_s).way()[:: int(STEP_S)][1:])
            return stage.case(Kind.ORDINARY, Mode.CAR, him, her)


def _stops(stage: Stage) -> list[Node]:
    """Return the stops in the order of the tour: always the nearest that is left, as such tours are about."""
    left = {far(stage, *AREA_M) for _ in range(STOPS)}
    while len(left) < STOPS:
        left.add(far(stage, *AREA_M))
    if stage.variant.size == AT_HER_DOOR:
        left = {*sorted(left)[1:], stage.home_node}
    here, tour = far(stage, 4500.0, 6000.0), []
    while left:
        here = min(sorted(left), key=lambda node: _between_m(stage, here, node))
        left.remove(here)
        tour.append(here)
    return tour


def _round(stage: Stage, stops: list[Node]) -> Body:
    depot = far(stage, 4500.0, 6000.0)
    him, here = Body(stage.door(depot), STEP_S).stay(600.0), depot
    for stop in [*stops, depot]:
        him.along(stage.rng, [*stage.city.drive(here, stop), stage.door(stop)], "drive").stay(stage.rng.uniform(40.0, 150.0))
        here = stop
    return him


def _between_m(stage: Stage, one: Node, other: Node) -> float:
    a, b = stage.city.points[one], stage.city.points[other]
    return hypot(b[0] - a[0], b[1] - a[1])
