"""What the best judge could know: exact positions at the moment of each report, and nothing between two reports.

Nobody who hears only the devices can do better. A contact that no report told of cannot be warned of except by an alarm that
sounds without any sign; and where two ways look alike two minutes before, whoever warns of the one sounds for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from jikimi.core.geodesy import displacement
from jikimi.scenarios.score.case import Case, Kind, Mode
from jikimi.scenarios.score.truth import BACK_M, Metres, straight_m

AHEAD_S: Final = 120.0
"""The goal of the first audible alarm by car."""
COURSE_S: Final = 30.0
REST_S: Final = 60.0
SWAY_M: Final = 10.0
"""Who came nearer by no more than this within a minute had not set out."""
DRIVES: Final = frozenset({Mode.CAR, Mode.BUS})


class Ahead(NamedTuple):
    """Two who drive towards or past each other, two minutes before they are nearest, as they truly were: what any judge had to go by.

    Attributes:
        distance_m: between them.
        aside_m: by how much the course of the last half minute, gone on straight, leads past.
        angle: the same as a share of the distance.
    """

    distance_m: float
    aside_m: float
    angle: float


def told_s(case: Case, distances: Metres, step: int, contact_m: float) -> float | None:
    """Return how long before an entry a report first told that they come nearer; None if none did before it.

    A report tells when the places of both, true when each was measured last, are nearer than when the last way there began: by 100 m,
    or by half of what there was to close.
    """
    since = set_out(distances, step, case.truth.step_ms * 0.001)
    began, at_ms = float(distances[since]), _ms(case, step)
    least = began - min(BACK_M, 0.5 * max(began - contact_m, 0.0))
    received, his, hers = _reported(case)
    inside = np.flatnonzero((received >= _ms(case, since)) & (received < at_ms) & (his >= 0) & (hers >= 0))
    found = _between(case, his[inside], hers[inside])
    told = inside[found < least]
    return float(at_ms - received[told[0]]) * 0.001 if len(told) else None


def set_out(distances: Metres, step: int, step_s: float) -> int:
    """Return the step at which the last way up to ``step`` began: up to then they had come no nearer for a minute."""
    back = max(1, round(REST_S / step_s))
    for at in range(step - 1, back - 1, -1):
        if not distances[at] < distances[at - back] - SWAY_M:
            return at
    return 0


def _ms(case: Case, step: int) -> int:
    return case.truth.start_ms + step * case.truth.step_ms


def _reported(case: Case) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return for each report when it was received, and the steps at which each side was measured last by then; -1 for never."""
    received = np.array([one.now_ms for one in case.heard], dtype=np.int64)
    measured = np.array([min(one.fix.fix_time_ms, one.now_ms) for one in case.heard], dtype=np.int64)
    steps = np.clip((measured - case.truth.start_ms) // case.truth.step_ms, 0, len(case.truth.monitored.latitude) - 1)
    his = np.array([one.side == "monitored" for one in case.heard], dtype=bool)
    last = [np.maximum.accumulate(np.where(mine, steps, -1)) if len(steps) else steps for mine in (his, ~his)]
    return received, last[0], last[1] if case.zone is None else np.zeros_like(last[0])


def _between(case: Case, his: npt.NDArray[np.int64], hers: npt.NDArray[np.int64]) -> Metres:
    him, her = case.truth.monitored, case.truth.protected
    return straight_m(case, him.latitude[his], him.longitude[his], her.latitude[hers], her.longitude[hers])


def ahead(case: Case, distances: Metres, contact_m: float) -> Ahead | None:
    """Return what there was to go by two minutes before; None where nobody drives there or past, or too little came before it."""
    if case.mode not in DRIVES or case.kind not in {Kind.APPROACH, Kind.PASS_BY} or case.zone is not None:
        return None
    inside = np.flatnonzero(distances <= contact_m)
    nearest = int(inside[0]) if case.kind is Kind.APPROACH and len(inside) else int(np.nanargmin(distances))
    at = nearest - round(AHEAD_S * 1000.0 / case.truth.step_ms)
    before = at - round(COURSE_S * 1000.0 / case.truth.step_ms)
    if before < 0:
        return None
    east_0, north_0 = _place(case, before)
    east, north = _place(case, at)
    distance, way = hypot(east, north), hypot(east - east_0, north - north_0)
    if distance <= 0.0 or way <= 0.0 or (east - east_0) * east + (north - north_0) * north >= 0.0:
        # Who does not come nearer leads past by all the distance there is.
        return Ahead(distance, distance, 1.0)
    aside = abs(east_0 * north - north_0 * east) / way
    return Ahead(distance, aside, aside / distance)


def _place(case: Case, step: int) -> tuple[float, float]:
    """Return where he is, seen from her: metres east and north."""
    him, her = case.truth.monitored, case.truth.protected
    places = her.latitude[step], her.longitude[step], him.latitude[step], him.longitude[step]
    return displacement(*(float(one) for one in places))


def price(coming: Sequence[Ahead], passing: Sequence[Ahead], share: float) -> float | None:
    """Return which share of those who pass a judge sounds for that warns of so many who come, two minutes before.

    Of three ways to tell them apart (distance, how far the course leads past, its angle) the one that costs least, its limit set in
    hindsight.
    """
    if not coming or not passing:
        return None
    return min(_price([one[by] for one in coming], [one[by] for one in passing], share) for by in range(len(Ahead._fields)))


def _price(coming: list[float], passing: list[float], share: float) -> float:
    limit = sorted(coming)[max(0, round(share * len(coming)) - 1)]
    return sum(one <= limit for one in passing) / len(passing)
