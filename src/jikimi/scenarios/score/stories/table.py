"""The suite's stories, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from jikimi.scenarios.score.case import Case
from jikimi.scenarios.score.stories import approaches, crossings, delivery, lives, meetings, metro, pass_bys, positions, silences, stalking
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
    "by_metro": Story(metro.by_metro, metro.BY_METRO),
    "stops_and_waits": Story(stalking.stops_and_waits, stalking.STOPS_AND_WAITS),
    "slow_creep": Story(stalking.slow_creep, stalking.SLOW_CREEP),
    "following": Story(stalking.following, stalking.FOLLOWING),
    "following_contact": Story(stalking.following_contact, stalking.FOLLOWING_CONTACT),
    "edge_play": Story(stalking.edge_play, stalking.EDGE_PLAY),
    "both_sides": Story(meetings.both_sides, meetings.BOTH_SIDES),
    "she_walks": Story(meetings.she_walks, meetings.SHE_WALKS),
    "same_train": Story(meetings.same_train, meetings.SAME_TRAIN),
    "ring_road": Story(pass_bys.ring_road, pass_bys.RING_ROAD),
    "bus_pass_by": Story(pass_bys.bus_pass_by, pass_bys.BUS_PASS_BY),
    "opposite_directions": Story(pass_bys.opposite_directions, pass_bys.OPPOSITE),
    "delivery": Story(delivery.delivery, delivery.DELIVERY),
    "tag_silent": Story(silences.tag_silent, silences.TAG_SILENT),
    "phone_silent": Story(silences.phone_silent, silences.PHONE_SILENT),
    "battery_death": Story(silences.battery_death, silences.BATTERY_DEATH),
    "late_burst": Story(silences.late_burst, silences.LATE_BURST),
    "tag_clock": Story(silences.tag_clock, silences.TAG_CLOCK),
    "both_indoors": Story(positions.both_indoors, positions.BOTH_INDOORS),
    "cell_only": Story(positions.cell_only, positions.CELL_ONLY),
    "resting_jump": Story(positions.resting_jump, positions.RESTING_JUMP),
    "still_pair": Story(positions.still_pair, positions.STILL_PAIR),
    "mixed_intervals": Story(positions.mixed_intervals, positions.MIXED_INTERVALS),
    "crossing": Story(crossings.crossing, crossings.CROSSING),
    "lives_apart": Story(lives.lives_apart, lives.PAIRS),
    "lives_overlap": Story(lives.lives_overlap, lives.PAIRS[:4]),
    "neighbours": Story(lives.neighbours, lives.PAIRS[:4]),
}
"""Every story of the suite."""
