"""What nobody could do better without the future: judges that see both places and courses exactly, every second, and no device.

Each sounds while somebody is within the floor, or has headed for the other within the last ten minutes: within a reach in metres or
seconds, on a course that leads past by so much at most. All settings are tried, and of each question the best one answers, chosen
in hindsight. So no judge of this kind can do better, and one that hears devices has their errors and intervals besides. A judge of
another kind might: this is a measurement, no proof.

    python -m jikimi.scenarios.score.oracle 1 2 3
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from jikimi.core.geodesy import metric
from jikimi.model.decision import Approach, Sight, Tier
from jikimi.scenarios.score.case import Case, Judge, Kind, Mode, Said
from jikimi.scenarios.score.goals import HALF_RINGS
from jikimi.scenarios.score.matched import LED, leads_s
from jikimi.scenarios.score.measure import CONTACT_M, Score, Truthful, measure
from jikimi.scenarios.score.ours import Ours
from jikimi.scenarios.score.run import OURS, numbers, rivals
from jikimi.scenarios.score.stories import suite
from jikimi.scenarios.score.totals import Totals

HOLDS_S: Final = 600.0
"""For so long one who headed there is still said to come, as ours has it."""
CLOSING_MPS: Final = 0.4
REACHES_M: Final = (120.0, 1000.0, 2500.0)
REACHES_S: Final = (15.0, 30.0, 60.0, 150.0, 300.0)
ASIDE: Final = ((60.0, 0.0), (100.0, 0.05), (100.0, 0.3), (1e9, 0.0))
"""Metres by which the course may lead past, and share of the distance besides; the last: whoever comes nearer."""
COURSES_S: Final = (30.0, 120.0)
MOST_M: Final = 4000.0
WARNED: Final = 0.99
LEADS_S: Final = (30.0, 60.0, 95.0, 120.0, 180.0)
SHARES: Final = (0.42, 0.9, 0.99)
Flags = npt.NDArray[np.bool_]
Plane = npt.NDArray[np.float64]


class Oracle(NamedTuple):
    """One such judge."""

    reach_m: float
    reach_s: float
    aside_m: float
    slope: float
    course_s: float

    @property
    def name(self) -> str:
        """Return it in words."""
        past = "any course" if self.aside_m > MOST_M else f"past by {self.aside_m:g} m and {self.slope:g} of the distance"
        return f"within {self.reach_m:g} m or {self.reach_s:g} s, {past}, course of {self.course_s:g} s"

    def sounds(self, truth: Truthful) -> Flags:
        """Return at which steps it sounds."""
        near = truth.distances <= CONTACT_M
        # One step early: whoever sees so well sounds before a contact at the latest.
        near[:-1] |= near[1:]
        return near if truth.case.zone is not None else near | held(self.heads(truth), round(HOLDS_S / truth.step_s))

    def heads(self, truth: Truthful) -> Flags:
        """Return at which steps one heads for the other."""
        east, north = plane(truth.case)
        back = max(1, round(self.course_s / truth.step_s))
        gone_e, gone_n = (axis - np.concatenate((np.repeat(axis[:1], back), axis[:-back])) for axis in (east, north))
        distance = np.maximum(np.hypot(east, north), 1.0)
        closing = -(gone_e * east + gone_n * north) / distance / self.course_s
        aside = np.abs(gone_e * north - gone_n * east) / np.maximum(np.hypot(gone_e, gone_n), 1e-6)
        reach = np.minimum(np.maximum(self.reach_m, CONTACT_M + self.reach_s * closing), MOST_M)
        found: Flags = (closing > CLOSING_MPS) & (distance <= reach) & (aside <= self.aside_m + self.slope * distance)
        return found


def plane(case: Case) -> tuple[Plane, Plane]:
    """Return where he is, seen from her: metres east and north at each step."""
    him, her = case.truth.monitored, case.truth.protected
    east_degree_m, north_degree_m = metric(float(np.nanmean(her.latitude)))
    turn = (him.longitude - her.longitude + 180.0) % 360.0 - 180.0
    return turn * east_degree_m, (him.latitude - her.latitude) * north_degree_m


def held(flags: Flags, steps: int) -> Flags:
    """Return at which steps one of the last so many was set."""
    last = np.maximum.accumulate(np.where(flags, np.arange(len(flags)), -steps - 1))
    found: Flags = np.arange(len(flags)) - last <= steps
    return found


def said(case: Case, flags: Flags) -> list[Said]:
    """Return what a judge says that sounds at these steps, and sees both sides always."""
    turns = np.flatnonzero(np.diff(np.concatenate(([False], flags)).astype(np.int8)))
    words = {True: Tier.WARNING, False: Tier.CLEAR}
    return [
        Said(case.truth.start_ms + int(step) * case.truth.step_ms, words[bool(flags[step])], Sight.LIVE, Sight.LIVE, Approach.CANNOT_TELL)
        for step in turns
    ]


def family() -> list[Oracle]:
    """Return every setting."""
    return [Oracle(metres, seconds, *aside, course) for metres, seconds, aside, course in product(REACHES_M, REACHES_S, ASIDE, COURSES_S)]


def played(seeds: Sequence[int]) -> tuple[list[Totals], dict[str, Totals]]:
    """Return what each oracle does on the suite, and what ours and the rings do that have goals."""
    oracles = {one.name: one for one in family()}
    rows: dict[str, list[Score]] = {name: [] for name in (*oracles, OURS, *HALF_RINGS)}
    judges: dict[str, Judge] = {OURS: Ours(), **{one.name: one for one in rivals() if one.name in HALF_RINGS}}
    for case in suite(seeds):
        rules, track = numbers("kr", place=case.zone is not None)
        truth = Truthful(case)
        for name, one in oracles.items():
            rows[name].append(measure(truth, said(case, one.sounds(truth))))
        for name, judge in judges.items():
            rows[name].append(measure(truth, judge.judge(case, rules, track)))
    totals = {name: Totals(name, scores) for name, scores in rows.items()}
    return [totals[name] for name in oracles], {name: totals[name] for name in (OURS, *HALF_RINGS)}


def silent(one: Totals) -> float:
    """Return the share of pass-bys without an alarm."""
    return one.of(kind=Kind.PASS_BY).quiet() or 0.0


def leads_car_s(one: Totals) -> float:
    """Return the median lead by car."""
    return leads_s(one)[LED.index(Mode.CAR)]


def matches(one: Totals, other: Totals) -> bool:
    """Return whether a judge misses no more than another and leads no shorter."""
    return one.missed() <= other.missed() and all(a >= b for a, b in zip(leads_s(one), leads_s(other), strict=True))


def answers(oracles: Sequence[Totals], others: dict[str, Totals]) -> Iterator[tuple[str, Totals | None]]:
    """Yield each question with the oracle that answers it best."""
    warns = [one for one in oracles if 1.0 - one.missed() >= WARNED]
    for lead_s in LEADS_S:
        early = [one for one in warns if leads_car_s(one) >= lead_s]
        yield f"most pass-bys silent, by car {lead_s:g} s at the median", max(early, key=silent, default=None)
    for share in SHARES:
        quiet = [one for one in warns if silent(one) >= share]
        yield f"longest lead by car, {share:.0%} of pass-bys silent", max(quiet, key=leads_car_s, default=None)
    for name in HALF_RINGS:
        equal = [one for one in oracles if matches(one, others[name])]
        yield f"fewest false alarms at no more misses and no shorter lead than a {name}", min(equal, key=Totals.false, default=None)


def line(one: Totals) -> str:
    """Return what a judge does in one line."""
    foot, bicycle, car = leads_s(one)
    return (
        f"{one.name}: {one.false()} false, {100.0 * one.missed():.1f} % missed, pass-bys silent {100.0 * silent(one):.0f} %,"
        f" first alarm {foot:.0f}, {bicycle:.0f}, {car:.0f} s"
    )


def main(seeds: Sequence[int]) -> None:
    """Print the answers."""
    oracles, others = played(seeds)
    for one in others.values():
        sys.stdout.write(f"{line(one)}\n")
    for question, found in answers(oracles, others):
        sys.stdout.write(f"{question}: {'none' if found is None else line(found)}\n")


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]])
