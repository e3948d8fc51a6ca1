"""Many scores of one judge, added up: the numbers that stand in the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from statistics import median
from typing import Final

from jikimi.scenarios.score.case import Kind, Mode
from jikimi.scenarios.score.measure import RADII_M, Contact, Score

BANDS: Final = 400
"""Draws of the seeds for a confidence band."""


class Totals:
    """What one judge did on some cases."""

    def __init__(self, name: str, scores: Sequence[Score]) -> None:
        self.name = name
        self.scores = list(scores)

    def of(self, *, kind: Kind | None = None, story: str | None = None, mode: Mode | None = None) -> Totals:
        """Return those of one kind, story or mode."""
        kept = [s for s in self.scores if kind in {None, s.kind} and story in {None, s.story} and mode in {None, s.mode}]
        return Totals(self.name, kept)

    @property
    def days(self) -> float:
        """Pair-days in which both were known."""
        return sum(score.days for score in self.scores)

    def contacts(self, radius_m: float = RADII_M[0]) -> list[Contact]:
        """Return every contact, or entry into another of ``RADII_M``."""
        return [contact for score in self.scores for contact in score.entries[RADII_M.index(radius_m)]]

    def warned(self, radius_m: float = RADII_M[0]) -> float | None:
        """Return the share of contacts (entries) that an audible alarm came before."""
        return _share(contact.lead_s is not None for contact in self.contacts(radius_m))

    def missed(self) -> float:
        """Return the share that it did not come before; 0 where there was no contact."""
        warned = self.warned()
        return 0.0 if warned is None else 1.0 - warned

    def silent_misses(self) -> int:
        """Return contacts before which nothing was heard, and not even blindness said."""
        return sum(contact.silent for contact in self.contacts())

    def false(self, radius_m: float = RADII_M[0]) -> int:
        """Return audible alarms that nothing came of."""
        return sum(score.false[RADII_M.index(radius_m)] for score in self.scores)

    def false_a_day(self, radius_m: float = RADII_M[0]) -> float | None:
        """Return them per pair-day."""
        return self.false(radius_m) / self.days if self.days > 0.0 else None

    def leads_s(self, *, notice: bool, path: bool = False, radius_m: float = RADII_M[0]) -> list[float]:
        """Return the lead of every contact (entry), 0 where nothing was said, in rising order.

        Args:
            notice: of the first notice of any kind; else of the first audible alarm.
            path: count it only since they began to close.
            radius_m: of the entry.
        """
        return sorted(_lead_s(contact, notice=notice, path=path) for contact in self.contacts(radius_m))

    def top_precision(self) -> float | None:
        """Return the share of top-tier alarms that a contact followed."""
        top = sum(score.top for score in self.scores)
        return sum(score.top_right for score in self.scores) / top if top else None

    def wrong_share(self) -> float | None:
        """Return the share of time in a state that is wrong."""
        return sum(score.wrong_s for score in self.scores) / (self.days * 86_400.0) if self.days > 0.0 else None

    def changes_an_hour(self) -> float | None:
        """Return changes of the tier per hour."""
        return sum(score.changes for score in self.scores) / (self.days * 24.0) if self.days > 0.0 else None

    def who(self) -> tuple[float | None, float | None]:
        """Return (right of those decided, share of "cannot tell")."""
        right, wrong, cannot = (sum(getattr(score, name) for score in self.scores) for name in ("who_right", "who_wrong", "who_cannot"))
        decided = right + wrong
        return right / decided if decided else None, cannot / (decided + cannot) if decided + cannot else None

    def quiet(self) -> float | None:
        """Return the share of cases without any audible alarm."""
        return _share(score.alarms == 0 for score in self.scores)

    def found(self) -> float | None:
        """Return the share of cases with an audible alarm."""
        return _share(score.alarms > 0 for score in self.scores)


def _lead_s(contact: Contact, *, notice: bool, path: bool) -> float:
    lead_s = contact.notice_s if notice else contact.lead_s
    if lead_s is None:
        return 0.0
    return min(lead_s, contact.path_s) if path else lead_s


def _share(flags: Iterable[bool]) -> float | None:
    found = list(flags)
    return sum(found) / len(found) if found else None


def middle(values: Sequence[float]) -> float | None:
    """Return the median, or None of nothing."""
    return median(values) if values else None


def low(values: Sequence[float]) -> float | None:
    """Return the 5th percentile of rising values, or None of nothing."""
    return values[int(len(values) * 0.05)] if values else None


def band(totals: Totals) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return 90 % bands of (share of misses, false alarms a pair-day), from drawing the seeds anew; wider than that is chance."""
    rng = Random(0)  # noqa: S311 - draws of seeds, no secret
    by_seed: dict[int, list[Score]] = {}
    for score in totals.scores:
        by_seed.setdefault(score.seed, []).append(score)
    seeds = list(by_seed)
    misses: list[float] = []
    false: list[float] = []
    for _ in range(BANDS if len(seeds) > 1 else 1):
        drawn = Totals(totals.name, [score for seed in rng.choices(seeds, k=len(seeds)) for score in by_seed[seed]])
        misses.append(drawn.missed())
        false.append(drawn.false_a_day() or 0.0)
    return _middle_90(misses), _middle_90(false)


def _middle_90(values: list[float]) -> tuple[float, float]:
    values.sort()
    return values[int(len(values) * 0.05)], values[min(int(len(values) * 0.95), len(values) - 1)]
