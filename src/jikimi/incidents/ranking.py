"""Which incident comes first: the one that can do most harm soonest, whenever it arrived."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from typing import Final

import msgspec

from jikimi.incidents.incident import Harm, Incident
from jikimi.model.decision import Sight, Tier

FLOOD_PER_OPERATOR: Final = 25
"""More open incidents than this for each operator on duty is a flood: those of one man are then shown as one."""

Key = tuple[int, float, int, int, int, int, str]


class Row(msgspec.Struct, frozen=True):
    """One line of the queue: the worst of its incidents, and the others of the same man, worst first. None is left out."""

    worst: Incident
    others: tuple[Incident, ...] = ()


def level(harm: Harm) -> Tier:
    """Return how bad it must be taken to be: a call for help is danger; tamper and blindness are a warning at least."""
    if harm.sos:
        return Tier.DANGER
    if harm.tampered or harm.sight is Sight.BLIND:
        return max(harm.tier, Tier.WARNING)
    return max(harm.tier, Tier.WATCH) if harm.sight is Sight.STALE else harm.tier


def urgency(harm: Harm) -> tuple[int, float, int, int, int]:
    """Return what grows with harm: level, nearness in time, sight, tamper and SOS, breaches. Unknown contact counts as far."""
    contact_s = harm.contact_s if harm.contact_s is not None else math.inf
    return (level(harm), -contact_s, harm.sight, int(harm.tampered) + int(harm.sos), harm.breaches)


def key(incident: Incident) -> Key:
    """Return a key that sorts the worst first. Equals keep the sequence in which they came; the name decides what is left."""
    bad, near, sight, tampered, breaches = urgency(incident.harm)
    return (-bad, -near, -sight, -tampered, -breaches, incident.opened_ms, incident.incident_id)


def ranked(incidents: Iterable[Incident]) -> list[Incident]:
    """Return all, the worst first."""
    return sorted(incidents, key=key)


def first(incidents: Iterable[Incident], most: int) -> list[Incident]:
    """Return the worst ``most``, the same as the head of ``ranked``."""
    return heapq.nsmallest(most, incidents, key=key)


def is_flood(count: int, operators: int) -> bool:
    """Whether more is open than those on duty can look at one by one."""
    return count > FLOOD_PER_OPERATOR * max(1, operators)


def rows(incidents: Iterable[Incident], *, flood: bool) -> list[Row]:
    """Return the queue. In a flood the incidents of one man are one line, which stands where its worst stands."""
    if not flood:
        return [Row(one) for one in ranked(incidents)]
    of_man: dict[str, list[Incident]] = {}
    for one in ranked(incidents):
        of_man.setdefault(one.party.monitored_id, []).append(one)
    return [Row(group[0], tuple(group[1:])) for group in of_man.values()]
