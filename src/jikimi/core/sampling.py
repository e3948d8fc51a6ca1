"""The interval at which a person's device should report, from what the core believes.

For a protected person: the shortest that any of the pairs needs. Far away, so many reports as the rules ask for come before
the next ring can be reached at the closing speed or the speeds both have shown, whichever is more; in an alarm, the shortest
step. A nearer, faster or worse-known pair never gives a longer interval: ``clear`` lies between the last step and ``watch_s``,
``watch`` between ``watch_s`` and the first step, the alarms at the first.

For a monitored person the rules say by what: by default by his own track alone, so that nothing he can see on his device
depends on where anybody else is. Whoever is monitored in one pair and protected in another counts as monitored.

Steps instead of hysteresis: nothing is remembered here. Whoever sends the command sends it on a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot, inf
from typing import Final

import msgspec

from jikimi.core.limits import CLEAR, DANGER, LIVE, WATCH
from jikimi.core.pair import Watched
from jikimi.core.track import Track
from jikimi.model.sampling import MonitoredBy, SamplingRules

FIRST_ALARM: Final = WATCH + 1


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """What an interval depends on, for one pair.

    Attributes:
        tier: 0 to 3.
        worst_sight: of both sides, 0 (live) to 2 (blind).
        next_ring_m: how far the next ring is away at the least, 0 or less within it; None where a side was never heard.
        speed_mps: how fast the distance may shrink.
        stale_after_s: the policy's age at which a side is stale.
    """

    tier: int
    worst_sight: int
    next_ring_m: float | None
    speed_mps: float
    stale_after_s: float


def need(pair: Watched, now_ms: int) -> Need:
    """Return what an interval depends on, for a pair as believed at ``now_ms`` (not before its last input)."""
    limits = pair.limits
    speed_mps = 0.0
    for track in (pair.monitored, pair.protected):
        if track is not None:
            speed_mps += limits.credible_mps(track)
    next_ring_m = None
    if pair.placed:
        next_ring_m = pair.low_m(now_ms) - pair.reach_m(min(pair.tier + 1, DANGER))
    return Need(
        tier=pair.tier,
        worst_sight=max(limits.sight(pair.monitored, now_ms), LIVE if pair.shape is not None else limits.sight(pair.protected, now_ms)),
        next_ring_m=next_ring_m,
        speed_mps=max(speed_mps, pair.closing_mps),
        stale_after_s=limits.stale_ms * 0.001,
    )


def interval_s(found: Need, rules: SamplingRules) -> float:
    """Return the interval that a pair needs: one of ``rules.steps_s``."""
    shortest = rules.steps_s[0]
    if found.tier >= FIRST_ALARM:
        return shortest
    least = rules.watch_s if found.tier == CLEAR else shortest
    most = rules.steps_s[-1] if found.tier == CLEAR else rules.watch_s
    if found.worst_sight > LIVE or found.next_ring_m is None:
        most = min(most, rules.unseen_s)
    wanted = max(least, min(most, time_s(found) / rules.reports_before))
    return stepped_s(min(wanted, rules.stale_share * found.stale_after_s), rules)


def time_s(found: Need) -> float:
    """Return how soon the next ring can be reached, seconds."""
    if found.next_ring_m is None:
        return inf
    if found.next_ring_m <= 0.0:
        return 0.0
    return found.next_ring_m / found.speed_mps if found.speed_mps > 0.0 else inf


def stepped_s(wanted_s: float, rules: SamplingRules) -> float:
    """Return the longest step that is not longer than wanted; the shortest one where all are."""
    found = rules.steps_s[0]
    for step_s in rules.steps_s:
        if step_s <= wanted_s:
            found = step_s
    return found


def own_interval_s(track: Track | None, rules: SamplingRules) -> float:
    """Return the interval for a person's own movement, whoever is near."""
    if track is None or track.suspect is not None:
        return rules.ride_s
    speed_mps = max(hypot(*track.velocity()), track.shown_mps)
    if speed_mps < rules.rest_mps:
        return rules.rest_s
    return rules.walk_s if speed_mps < rules.ride_mps else rules.ride_s


def person_interval_s(person_id: str, track: Track | None, pairs: Sequence[tuple[Watched, SamplingRules]], now_ms: int) -> float | None:
    """Return the interval for a person's device; None for somebody whom no order watches.

    Args:
        person_id: the person.
        track: what is believed of the person, or None.
        pairs: those in which the person is on either side (``Engine.pairs_of``), each with the numbers of its policy.
        now_ms: as of when; not before the last input.
    """
    if not pairs:
        return None
    # In lists: every report asks, nearly always of one pair, and a generator costs more than what it does for one.
    own = [True for pair, rules in pairs if pair.spec.monitored_id == person_id and rules.monitored_by is MonitoredBy.OWN_MOVEMENT]
    if own:
        return min([_unrelated_s(track, pair, rules) for pair, rules in pairs])
    return min([interval_s(need(pair, now_ms), rules) for pair, rules in pairs])


def _unrelated_s(track: Track | None, pair: Watched, rules: SamplingRules) -> float:
    """Return the interval for a person's own movement, short enough that the person never looks silent to a pair."""
    return stepped_s(min(own_interval_s(track, rules), rules.stale_share * pair.limits.stale_ms * 0.001), rules)
