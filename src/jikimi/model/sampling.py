"""How often a device is asked to report: the numbers, with their reasons. See docs/sampling.md."""

from __future__ import annotations

import enum

import msgspec


class MonitoredBy(enum.StrEnum):
    """What the interval of a monitored person's device may depend on."""

    OWN_MOVEMENT = "own_movement"
    """On his own movement alone: whatever he watches on his device, it says nothing about her."""
    DANGER = "danger"
    """On the pair, as hers does. He can then find out from his device where she is: for closed tags under a law that accepts it."""


class SamplingRules(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers for the interval at which a device should report. Seconds, m/s.

    Attributes:
        steps_s: the intervals that are asked for, rising, each 1 to 300. A command on every fix would wear a phone out, so there
            are few; the shortest is what the pair needs in an alarm, the longest what a quiet one needs. Default 5, 15, 30, 60:
            5 s is a tenth of a minute's notice by car; 60 s is within the 90 s after which the presets call a side stale.
        watch_s: the longest interval while a pair is in ``watch``, and the shortest while it is ``clear``; one of the steps.
            Default 15: the issue's fifth percentile of notice, 2 minutes, is asked for "where fixes come at least every 15 s".
        unseen_s: the longest interval while a side of the pair is stale, blind or never heard. Default 30: when the other's
            first fix comes, one's own is fresh.
        reports_before: so many reports at least come before the next ring can be reached, 1 to 20. Default 4: an interval of 60 s
            needs 4 minutes. One report may be lost, one refused as a surprise, one confirms it, and one command is on its way.
        stale_share: an interval is at most this share of the policy's ``stale_after_s``, 0.1 to 1. Default 0.7: whoever obeys
            never looks silent, though a report be some seconds late.
        rest_mps: slower than this is rest, 0.1 to 1.4. Default 0.6: half of a slow walk, twice what the noise of a phone at rest
            looks like over the 30 s that the core averages.
        ride_mps: faster than this is riding, 1.5 to 10. Default 2.5: faster than anybody walks, slower than a bicycle.
        rest_s: interval of a monitored person's device at rest, one of the steps. Default 60.
        walk_s: the same on foot. Default 15: he comes 21 m farther between two reports.
        ride_s: the same when he rides, and when his movement is not known. Default 5: at 50 km/h he comes 70 m farther.
        monitored_by: what that device's interval may depend on.
        repeat_s: after so long an unchanged interval is told again, 60 to 86,400; a change is told at once. Default 600: a device
            that lost its settings is wrong for 10 minutes at most.
    """

    steps_s: tuple[float, ...] = (5.0, 15.0, 30.0, 60.0)
    watch_s: float = 15.0
    unseen_s: float = 30.0
    reports_before: float = 4.0
    stale_share: float = 0.7
    rest_mps: float = 0.6
    ride_mps: float = 2.5
    rest_s: float = 60.0
    walk_s: float = 15.0
    ride_s: float = 5.0
    monitored_by: MonitoredBy = MonitoredBy.OWN_MOVEMENT
    repeat_s: float = 600.0

    def __post_init__(self) -> None:
        """Hold the numbers to their invariants.

        Raises:
            ValueError: the steps do not rise, or an interval is none of them or breaks the order that keeps it monotone.
        """
        if not self.steps_s or list(self.steps_s) != sorted(set(self.steps_s)) or self.steps_s[0] <= 0.0:
            raise ValueError("steps_s must rise from above 0")
        if not {self.watch_s, self.unseen_s, self.rest_s, self.walk_s, self.ride_s} <= set(self.steps_s):
            raise ValueError("watch_s, unseen_s, rest_s, walk_s and ride_s must each be one of steps_s")
        if not self.watch_s <= self.unseen_s:
            raise ValueError("unseen_s must not be shorter than watch_s")
        if not self.ride_s <= self.walk_s <= self.rest_s or not 0.0 < self.rest_mps < self.ride_mps:
            raise ValueError("a faster movement must not have a longer interval")
        if not 0.0 < self.stale_share <= 1.0 or not self.reports_before >= 1.0 or not self.repeat_s > 0.0:
            raise ValueError("stale_share must be above 0 and at most 1, reports_before at least 1, repeat_s above 0")


SAMPLING = SamplingRules()
"""What a policy means by a number that it leaves out."""
