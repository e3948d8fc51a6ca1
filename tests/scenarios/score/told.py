"""The suite of one seed, built once for all tests of it, and its distances by the exact geodesic."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from jikimi.scenarios.score.case import Case
from jikimi.scenarios.score.stories import STORIES, suite

WGS84 = Geod(ellps="WGS84")
SEED = 11
CONTACT_M = 100.0


@cache
def told() -> dict[str, list[Case]]:
    """Return the cases of the seed by story, in the order of its variants."""
    cases: dict[str, list[Case]] = {name: [] for name in STORIES}
    for case in suite([SEED]):
        cases[case.story].append(case)
    return cases


def every() -> list[Case]:
    return [case for cases in told().values() for case in cases]


def with_sizes(story: str):
    """Return (case, its variant's number) of a story."""
    return [(case, variant.size) for case, variant in zip(told()[story], STORIES[story].variants, strict=True)]


def distances(case: Case) -> npt.NDArray[np.float64]:
    """Return the metres between both, one value a step."""
    his, hers = case.truth.monitored, case.truth.protected
    return np.asarray(WGS84.inv(his.longitude, his.latitude, hers.longitude, hers.latitude)[2])


def contact_s(case: Case) -> float | None:
    """Return the seconds until contact, or None without."""
    steps = np.flatnonzero(distances(case) <= CONTACT_M)
    return float(steps[0]) * case.truth.step_ms * 0.001 if steps.size else None


def way_m(latitude, longitude) -> float:
    """Return the length of a way."""
    return float(WGS84.line_length(longitude, latitude))


def times_ms(case: Case, side: str) -> list[int]:
    """Return when a side's fixes were heard."""
    return [heard.now_ms for heard in case.heard if heard.side == side]
