"""What a reporting schedule costs: a battery model, so that whoever asks for more reports is charged for them.

Power, not current: ``idle + receiver * its share of time + radio * its share of time``. A receiver is on for some seconds at
each fix, a radio for a moment at each transmission and for the tail that the network keeps it awake afterwards; what comes
more often than that keeps them on for good. So reports cost less, each, the more often they come, and a day has a greatest cost.

Sources. Phone: Huang et al., *A Close Examination of Performance and Power Characteristics of 4G LTE Networks* (MobiSys 2012):
a tail of some 11.6 s at some 1,060 mW. Carroll and Heiser, *An Analysis of Power Consumption in a Smartphone*
(USENIX ATC 2010): GPS some 143 mW. Both figures are quoted from memory and
were not checked against the papers again. Both phones are old; newer ones use less, so what is charged here is too much rather than
too little. All other numbers are assumptions, marked as such; a deployer puts the data sheet of the tag there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import msgspec

from jikimi.scenarios.score.case import Heard, Side

HOUR_S: Final = 3600.0
DAY_S: Final = 86_400.0


class Drain(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of device. Joules, watts, seconds.

    Attributes:
        full_j: charge of a full battery.
        idle_w: power with neither receiver nor radio.
        receiver_w: power of the receiver while it measures.
        fix_s: how long it measures for one fix, warm.
        radio_w: power of the radio while it sends and in its tail.
        tail_s: how long that lasts for one transmission.
    """

    full_j: float
    idle_w: float
    receiver_w: float
    fix_s: float
    radio_w: float
    tail_s: float


PHONE: Final = Drain(
    full_j=62_400.0,  # assumption: 4,500 mAh at 3.85 V
    idle_w=0.2,  # assumption: screen off, other apps asleep: some 87 h
    receiver_w=0.143,  # Carroll and Heiser 2010
    fix_s=4.0,  # assumption: a warm start
    radio_w=1.06,  # Huang et al. 2012, the tail of LTE
    tail_s=11.6,  # the same
)
TAG: Final = Drain(
    full_j=24_000.0,  # assumption: 1,800 mAh at 3.7 V, what a bracelet has room for
    idle_w=0.02,  # assumption: processor, strap sensor, paging
    receiver_w=0.1,  # assumption: a receiver of some 25 mA at 3.7 V; data sheets of 2020 and later say 25 to 100 mW
    fix_s=4.0,  # assumption: a warm start
    radio_w=0.25,  # assumption: LTE-M in connected mode with discontinuous reception
    tail_s=10.0,  # assumption: the network's inactivity timer, 10 s being usual
)


class Spell(NamedTuple):
    """Some time at one interval."""

    interval_s: float
    duration_s: float


def power_w(interval_s: float, drain: Drain) -> float:
    """Return the mean power of a device that reports, each fix by itself, at an interval above 0."""
    return drain.idle_w + _share(drain.fix_s, interval_s) * drain.receiver_w + _share(drain.tail_s, interval_s) * drain.radio_w


def life_h(schedule: Sequence[Spell], drain: Drain = TAG) -> float:
    """Return for how many hours a full battery lasts if a schedule repeats itself.

    Raises:
        ValueError: the schedule is empty, or an interval or duration is not above 0.
    """
    if not schedule or any(spell.interval_s <= 0.0 or spell.duration_s <= 0.0 for spell in schedule):
        raise ValueError("A schedule has spells, each with an interval and a duration above 0.")
    used_j = sum(power_w(spell.interval_s, drain) * spell.duration_s for spell in schedule)
    return drain.full_j / (used_j / sum(spell.duration_s for spell in schedule)) / HOUR_S


def cost(heard: Iterable[Heard], side: Side, drain: Drain = TAG) -> float | None:
    """Return the share of a full charge that one side's device uses in a day, judged by what was heard of it.

    Each fix is charged with its measurement, each moment of reception with one transmission (a batch is one). None: fewer than
    two moments were heard, so that nothing is known of its schedule.
    """
    own = [item for item in heard if item.side == side]
    sent_ms = sorted({item.now_ms for item in own})
    fixed_ms = sorted({item.fix.fix_time_ms for item in own})
    if len(sent_ms) < 2:
        return None
    span_s = (max(sent_ms[-1], fixed_ms[-1]) - min(sent_ms[0], fixed_ms[0])) * 0.001
    receiver = min(1.0, _on_s(fixed_ms, drain.fix_s) / span_s)
    radio = min(1.0, _on_s(sent_ms, drain.tail_s) / span_s)
    return (drain.idle_w + receiver * drain.receiver_w + radio * drain.radio_w) * DAY_S / drain.full_j


def _share(on_s: float, interval_s: float) -> float:
    return min(1.0, on_s / interval_s)


def _on_s(moments_ms: Sequence[int], on_s: float) -> float:
    """Return for how long something is on that each moment turns on for ``on_s``, up to the last moment."""
    return sum(min((after - before) * 0.001, on_s) for before, after in pairwise(moments_ms))
