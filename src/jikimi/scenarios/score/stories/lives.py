"""Two ordinary lives in one city, for a whole day: areas that overlap, or that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from jikimi.scenarios.score.case import Case, Kind, Mode
from jikimi.scenarios.score.stories.day import STEP_S, Day, Outages
from jikimi.scenarios.score.stories.stage import at_rest
from jikimi.scenarios.score.stories.variant import Sky, Variant
from jikimi.scenarios.sensor import Outage

if TYPE_CHECKING:
    from jikimi.scenarios.score.case import Side
    from jikimi.scenarios.score.stories.ground import Metres, Point
    from jikimi.scenarios.score.stories.stage import Silence, Stage
    from jikimi.scenarios.sensor import Sensor

APART_M: Final = 1000.0
"""Every place of his day is farther than this from every place of hers."""
RADIUS_M: Final = 3500.0
REST_S: Final = 60.0
"""Interval of a device whose wearer rests."""
MOVING_S: Final = (15.0, 30.0, 60.0)
PAIRS: Final = tuple(Variant(interval_s=None, sky=(Sky.URBAN, Sky.OPEN)[number % 2], what=f"pair {number}") for number in range(1, 11))


def lives_apart(stage: Stage) -> Case:
    """Two days in one city whose areas do not overlap."""
    while True:
        hers = Day(stage.rng, stage.city, stage.home_node, RADIUS_M)
        his = _day_at(stage, 3000.0, 7000.0)
        if _gap_m(his.body.way(), hers.body.way()) > APART_M:
            return of_days(stage, his, hers)


def lives_overlap(stage: Stage) -> Case:
    """Two days in one city whose areas overlap: they may pass, or meet, by chance."""
    return of_days(stage, _day_at(stage, 1200.0, 2800.0), Day(stage.rng, stage.city, stage.home_node, RADIUS_M))


def neighbours(stage: Stage) -> Case:
    """Two days of people who live a few streets apart."""
    return of_days(stage, _day_at(stage, 100.0, 600.0), Day(stage.rng, stage.city, stage.home_node, RADIUS_M))


def of_days(stage: Stage, his: Day, hers: Day) -> Case:
    """Return the case of two days; devices measure seldom while their wearers rest, and nothing underground."""
    tag = _sensor(stage, "monitored", his.body.way(), his.outages)
    phone = _sensor(stage, "protected", hers.body.way(), hers.outages)
    silences: list[Silence] = [("monitored", *span) for span in his.outages]
    silences += [("protected", *span) for span in hers.outages]
    return stage.case(Kind.ORDINARY, Mode.MIXED, his.body, hers.body, sensors=(tag, phone), silences=tuple(silences))


def _day_at(stage: Stage, least_m: float, most_m: float) -> Day:
    home: Point = stage.around(stage.home, least_m, most_m)
    return Day(stage.rng, stage.city, stage.city.nearest(home), RADIUS_M)


def _sensor(stage: Stage, side: Side, way: Metres, outages: Outages) -> Sensor:
    sensor = msgspec.structs.replace(stage.sensor(side), interval_s=stage.rng.choice(MOVING_S))
    tunnels = tuple(Outage(from_s=a, to_s=b) for a, b in outages)
    return msgspec.structs.replace(at_rest(sensor, way, STEP_S, REST_S), outages=tunnels)


def _gap_m(his: Metres, hers: Metres) -> float:
    """Return how near any place of his comes to any of hers, at whatever time; to 100 m."""
    mine, yours = (np.unique(np.round(way / 50.0), axis=0) * 50.0 for way in (his, hers))
    return float(np.hypot(*(mine[:, None] - yours[None]).T).min())
