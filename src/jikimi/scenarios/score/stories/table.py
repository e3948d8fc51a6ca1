"""The suite's stories, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from jikimi.scenarios.score.case import Case
from jikimi.scenarios.score.stories import approaches, lives, pass_bys
from jikimi.scenarios.score.stories.stage import Stage
from jikimi.scenarios.score.stories.variant import Variant


class Story(NamedTuple):
    """A story: how it is built on a stage, and its variants."""

    tell: Callable[[Stage], Case]
    variants: tuple[Variant, ...]


STORIES: Final[dict[str, Story]] = {
    "on_foot": Story(approaches.on_foot, approaches.ON_FOOT),
    "by_bicycle": Story(approaches.by_bicycle, approaches.BY_BICYCLE),
    "by_car_fast": Story(approaches.by_car_fast, approaches.BY_CAR_FAST),
    "by_car_city": Story(approaches.by_car_city, approaches.BY_CAR_CITY),
    "by_bus": Story(approaches.by_bus, approaches.BY_BUS),
    "ring_road": Story(pass_bys.ring_road, pass_bys.RING_ROAD),
    "bus_pass_by": Story(pass_bys.bus_pass_by, pass_bys.BUS_PASS_BY),
    "lives_apart": Story(lives.lives_apart, lives.PAIRS),
    "lives_overlap": Story(lives.lives_overlap, lives.PAIRS[:4]),
    "neighbours": Story(lives.neighbours, lives.PAIRS[:4]),
}
"""Every story of the suite."""
