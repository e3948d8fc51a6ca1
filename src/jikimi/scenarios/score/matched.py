"""Our judge beside another one at equal misses and equal leads, along the curve of its sensitivity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Final, NamedTuple

from jikimi.scenarios.score.case import Kind, Mode
from jikimi.scenarios.score.totals import BANDS, Totals, middle

LED: Final = (Mode.FOOT, Mode.BICYCLE, Mode.CAR)
"""Median leads by these ways to come are compared."""


class Counts(NamedTuple):
    """What one judge did on one seed."""

    contacts: int
    missed: int
    false: int


def leads_s(totals: Totals) -> tuple[float, ...]:
    """Return the median audible lead of approaches by each mode of ``LED``; 0 where there was none."""
    coming = totals.of(kind=Kind.APPROACH)
    return tuple(middle(coming.of(mode=mode).leads_s(notice=False)) or 0.0 for mode in LED)


def matched(curve: Iterable[Totals], other: Totals, *, leads: bool) -> Totals | None:
    """Return the setting with the fewest false alarms that misses no more than another judge, and (if asked) leads no shorter.

    None where no setting of the curve does.
    """
    least = leads_s(other)
    found = [
        one
        for one in curve
        if one.missed() <= other.missed() and (not leads or all(a >= b for a, b in zip(leads_s(one), least, strict=True)))
    ]
    return min(found, key=Totals.false, default=None)


def worse_side(curve: Sequence[Totals], other: Totals) -> float:
    """Return in which share of draws of the seeds some setting misses no more than another judge with fewer false alarms."""
    ours, theirs = [_by_seed(one) for one in curve], _by_seed(other)
    seeds = list(theirs)
    rng = Random(0)  # noqa: S311 - draws of seeds, no secret
    draws = [rng.choices(seeds, k=len(seeds)) for _ in range(BANDS)] if len(seeds) > 1 else [seeds]
    return sum(any(_better(_sum(one, drawn), _sum(theirs, drawn)) for one in ours) for drawn in draws) / len(draws)


def _by_seed(totals: Totals) -> dict[int, Counts]:
    found: dict[int, Counts] = {}
    for score in totals.scores:
        missed = sum(contact.lead_s is None for contact in score.contacts)
        before = found.get(score.seed, Counts(0, 0, 0))
        found[score.seed] = Counts(before.contacts + len(score.contacts), before.missed + missed, before.false + score.false[0])
    return found


def _sum(by_seed: dict[int, Counts], drawn: Sequence[int]) -> Counts:
    return Counts(*(sum(values) for values in zip(*(by_seed[seed] for seed in drawn), strict=True)))


def _better(one: Counts, other: Counts) -> bool:
    """Return whether one misses no more of the same contacts, with fewer false alarms."""
    return one.missed <= other.missed and one.false < other.false
