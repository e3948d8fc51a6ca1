"""One judge on one case, in numbers. docs/scoring.md says in plain words what each means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Final

import msgspec
import numpy as np

from jikimi.model.decision import Approach, Sight, Tier
from jikimi.scenarios.battery import PHONE, TAG, cost
from jikimi.scenarios.score.bound import Ahead, ahead, told_s
from jikimi.scenarios.score.case import Case, Heard, Kind, Mode, Said, Side
from jikimi.scenarios.score.spells import BRIDGE_MS, Spell, spells, standing, unseen
from jikimi.scenarios.score.truth import Metres, closing_since, distances_m, entries, who

RADII_M: Final = (100.0, 300.0, 500.0, 1000.0)
CONTACT_M: Final = 100.0
HORIZON_MS: Final = 1_200_000
"""An alarm is right if contact comes while it stands or within 20 minutes of its beginning."""
KNOWN_SHARE: Final = 0.5
"""Where less than this of that time is known (a gap, the end of a recording), nobody can say that an alarm was false."""
SETTLED_MS: Final = 60_000
"""A contact in the first minute of a case had no time to be warned of and is not scored."""
SILENT_S: Final = 60.0
SILENT_INTERVALS: Final = 2.0
"""A side is truly unseen from a minute, or two of its intervals, after its last report."""
MINUTE_MS: Final = 60_000
FAR_S: Final = 60.0
WALK_MPS: Final = 1.5


class Contact(msgspec.Struct, frozen=True):
    """One contact, or entry into another radius.

    Attributes:
        lead_s, notice_s: how long before it the alarm, or the notice, began; None where nothing was said.
        silent: nothing audible stood, and it was not even said that a side is unseen.
        path_s: how long they had been closing.
        side: who truly closed the distance over the last two minutes; None where nobody did or nobody knows.
        told_s: how long before it a report first told that they came; None: none did, and nobody could know (``bound``).
    """

    lead_s: float | None
    notice_s: float | None
    silent: bool
    path_s: float
    side: Approach | None
    told_s: float | None


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """What one judge did on one case.

    Attributes:
        story, variant, seed, kind, mode, interval_s: of the case.
        days: time in which both were known, in days.
        entries: for each of ``RADII_M`` the entries into it, with their leads; the first are the contacts.
        alarms: audible alarms.
        false: of them, those that no entry into each of ``RADII_M`` followed, as far as that is known.
        top, top_right: alarms of the top tier of which it is known, and those that a contact followed.
        changes: of the tier after the first minute; ``hours``: of the whole case.
        wrong_s: seconds in a state that is wrong: in contact and not audible, or audible and no contact within the horizon.
        who_right, who_wrong, who_cannot: at the beginning of each alarm in which somebody truly closed the distance.
        blind_s: for each true silence, how long after it became true it was said; None: never.
        far_changes: changes of the tier while contact was more than a minute away at a walk.
        minute_changes: most changes of the tier within one minute, after the first.
        tag_charge, phone_charge: share of a charge a day that the reports of each side cost (``scenarios.battery``).
        ahead: what there was to go by two minutes before two who drive were nearest; None elsewhere (``bound``).
    """

    story: str
    variant: str
    seed: int
    kind: Kind
    mode: Mode
    interval_s: float | None
    days: float
    entries: tuple[tuple[Contact, ...], ...]
    alarms: int
    false: tuple[int, ...]
    top: int
    top_right: int
    changes: int
    hours: float
    wrong_s: float
    who_right: int
    who_wrong: int
    who_cannot: int
    blind_s: tuple[float | None, ...]
    far_changes: int
    minute_changes: int
    tag_charge: float | None
    phone_charge: float | None
    ahead: Ahead | None

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Entries into the least radius."""
        return self.entries[0]


class Truthful:
    """The truth of a case, computed once for all judges."""

    def __init__(self, case: Case, contact_m: float = CONTACT_M) -> None:
        self.case = case
        self.contact_m = contact_m
        self.step_s = case.truth.step_ms * 0.001
        self.distances: Metres = distances_m(case)
        self.end_ms = case.truth.start_ms + len(self.distances) * case.truth.step_ms
        self.entries_ms = [[self.ms(step) for step in entries(self.distances, self.step_s, radius)] for radius in (contact_m, *RADII_M[1:])]
        self.tag_charge, self.phone_charge = _charges(case.heard)
        self.ahead = ahead(case, self.distances, contact_m)
        self._told_s: dict[int, float | None] = {}

    def hearing(self, heard: Sequence[Heard]) -> Truthful:
        """Return the same truth of which only a part was heard."""
        other = copy(self)
        other.case = msgspec.structs.replace(self.case, heard=heard)
        other.tag_charge, other.phone_charge = _charges(heard)
        other._told_s = {}  # noqa: SLF001 - a copy of this class
        return other

    def told_s(self, at_ms: int) -> float | None:
        """Return how long before an entry a report told that they came; the same for every judge."""
        if at_ms not in self._told_s:
            self._told_s[at_ms] = told_s(self.case, self.distances, self.step(at_ms), self.contact_m)
        return self._told_s[at_ms]

    def ms(self, step: int) -> int:
        """Return the time of a step."""
        return self.case.truth.start_ms + step * self.case.truth.step_ms

    def step(self, ms: int) -> int:
        """Return the step at or before a time, clamped to the case."""
        return min(max((ms - self.case.truth.start_ms) // self.case.truth.step_ms, 0), len(self.distances) - 1)

    def nearest_m(self, from_ms: int, to_ms: int) -> float:
        """Return the least known distance between two times; infinite where none is known."""
        found = self.distances[self.step(from_ms) : self.step(to_ms) + 1]
        known = found[np.isfinite(found)]
        return float(known.min()) if len(known) else float("inf")


def _charges(heard: Sequence[Heard]) -> tuple[float | None, float | None]:
    return cost(heard, "monitored", TAG), cost(heard, "protected", PHONE)


def measure(truth: Truthful, said: Sequence[Said]) -> Score:
    """Score what a judge said."""
    case = truth.case
    audible = spells(said, Tier.WARNING, truth.end_ms)
    notices = spells(said, Tier.WATCH, truth.end_ms)
    top = spells(said, Tier.DANGER, truth.end_ms)
    began_ms = case.truth.start_ms + SETTLED_MS
    changed_ms = [at_ms for at_ms in _changes_ms(said) if at_ms > began_ms]
    right, wrong, cannot = _who(truth, audible)
    return Score(
        story=case.story,
        variant=case.variant,
        seed=case.seed,
        kind=case.kind,
        mode=case.mode,
        interval_s=case.interval_s,
        days=float(np.isfinite(truth.distances).sum()) * truth.step_s / 86_400.0,
        entries=tuple(
            tuple(_contact(truth, at_ms, audible, notices, said) for at_ms in entered if at_ms > began_ms) for entered in truth.entries_ms
        ),
        alarms=len(audible),
        false=tuple(sum(followed(truth, spell, radius) is False for spell in audible) for radius in RADII_M),
        top=sum(followed(truth, spell, truth.contact_m) is not None for spell in top),
        top_right=sum(followed(truth, spell, truth.contact_m) is True for spell in top),
        changes=len(changed_ms),
        hours=len(truth.distances) * truth.step_s / 3600.0,
        wrong_s=_wrong_s(truth, audible),
        who_right=right,
        who_wrong=wrong,
        who_cannot=cannot,
        blind_s=tuple(_latency_s(side, true_ms, said) for side, true_ms in _silences(case)),
        far_changes=sum(float(truth.distances[truth.step(at)]) - truth.contact_m > FAR_S * WALK_MPS for at in changed_ms),
        minute_changes=max((sum(0 <= at - since < MINUTE_MS for at in changed_ms) for since in changed_ms), default=0),
        tag_charge=truth.tag_charge,
        phone_charge=truth.phone_charge,
        ahead=truth.ahead,
    )


def _changes_ms(said: Sequence[Said]) -> Iterator[int]:
    """Yield when the tier changed."""
    tier = Tier.CLEAR
    for one in said:
        if one.tier != tier:
            yield one.at_ms
        tier = one.tier


def followed(truth: Truthful, spell: Spell, radius_m: float) -> bool | None:
    """Return whether he came as near while it stood, or within the horizon of its beginning; None where too little is known."""
    until_ms = max(spell.to_ms, spell.from_ms + HORIZON_MS)
    if truth.nearest_m(spell.from_ms, until_ms) <= radius_m:
        return True
    known_ms = np.isfinite(truth.distances[truth.step(spell.from_ms) : truth.step(until_ms) + 1]).sum() * truth.case.truth.step_ms
    return False if known_ms >= KNOWN_SHARE * (until_ms - spell.from_ms) else None


def _contact(truth: Truthful, at_ms: int, audible: list[Spell], notices: list[Spell], said: Sequence[Said]) -> Contact:
    lead_s, notice_s = _lead_s(audible, at_ms), _lead_s(notices, at_ms)
    step = truth.step(at_ms)
    path_s = (step - closing_since(truth.distances, step)) * truth.step_s
    return Contact(
        lead_s, notice_s, lead_s is None and not unseen(standing(said, at_ms)), path_s, who(truth.case, step), truth.told_s(at_ms)
    )


def _lead_s(found: list[Spell], at_ms: int) -> float | None:
    """Return how long before a contact the spell began that stood at it, or ended less than a bridge before."""
    return next(((at_ms - one.from_ms) * 0.001 for one in reversed(found) if one.from_ms < at_ms <= one.to_ms + BRIDGE_MS), None)


def _wrong_s(truth: Truthful, audible: list[Spell]) -> float:
    sounding = np.zeros(len(truth.distances), dtype=bool)
    idle = np.zeros(len(truth.distances), dtype=bool)
    for spell in audible:
        part = slice(truth.step(spell.from_ms), truth.step(spell.to_ms - 1) + 1)
        sounding[part] = True
        idle[part] = followed(truth, spell, truth.contact_m) is False
    return float((idle | ((truth.distances <= truth.contact_m) & ~sounding)).sum()) * truth.step_s


def _who(truth: Truthful, audible: list[Spell]) -> tuple[int, int, int]:
    right = wrong = cannot = 0
    for spell in audible:
        true = who(truth.case, truth.step(spell.from_ms))
        if true is None:
            continue
        if spell.approach in {Approach.CANNOT_TELL, Approach.NONE}:
            cannot += 1
        elif spell.approach is true:
            right += 1
        else:
            wrong += 1
    return right, wrong, cannot


def _silences(case: Case) -> Iterator[tuple[Side, int]]:
    """Yield each side that was truly silent for long enough to be unseen, and since when it was."""
    for side, from_ms, until_ms in case.silent:
        heard = [one.now_ms for one in case.heard if one.side == side and one.now_ms <= from_ms]
        wait_s = max(SILENT_S, SILENT_INTERVALS * (case.interval_s or 0.0))
        true_ms = (heard[-1] if heard else from_ms) + int(wait_s * 1000.0)
        if true_ms < until_ms:
            yield side, true_ms


def _latency_s(side: Side, true_ms: int, said: Sequence[Said]) -> float | None:
    """Return how long after a silence became true it was said; 0 if it was said before, None if never."""
    place = ("monitored", "protected").index(side)
    if _known_blind(said, true_ms, place):
        return 0.0
    return next(
        ((one.at_ms - true_ms) * 0.001 for one in said if one.at_ms > true_ms and (one.monitored, one.protected)[place] > Sight.LIVE), None
    )


def _known_blind(said: Sequence[Said], at_ms: int, place: int) -> bool:
    one = standing(said, at_ms)
    return one is None or (one.monitored, one.protected)[place] > Sight.LIVE
