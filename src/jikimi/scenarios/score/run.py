"""Every judge on every case, on some processes. A seed's cases are built once and judged by all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

import msgspec

from jikimi.model.order import Order
from jikimi.model.policy import PairRules, TrackRules
from jikimi.policy.load import preset
from jikimi.policy.resolve import pair_rules, track_rules
from jikimi.scenarios.score.baselines import baselines
from jikimi.scenarios.score.case import Case, Judge
from jikimi.scenarios.score.measure import Score, Truthful, measure
from jikimi.scenarios.score.ours import Ours
from jikimi.scenarios.score.sensitivity import SETTINGS, scaled
from jikimi.scenarios.score.stories import suite
from jikimi.scenarios.score.totals import Totals

OURS: Final = Ours.name
PROCESSES: Final = 2


class Job(msgspec.Struct, frozen=True):
    """What one process does at once."""

    seed: int
    only: tuple[str, ...] | None
    preset: str
    curve: bool
    others: bool


def numbers(name: str, *, place: bool = False) -> tuple[PairRules, TrackRules]:
    """Return a preset's rules for an order that states no distance."""
    policy = preset(name)
    order = Order(
        order_id="order", policy_id=name, monitored_id="m", protected_ids=("p",), from_ms=0, until_ms=1 << 60, legal_basis="none: a score"
    )
    return pair_rules(policy, order, place=place), track_rules(policy)


def setting_name(sensitivity: float) -> str:
    """Return the name under which a setting of our own judge is scored."""
    return OURS if sensitivity == 1.0 else f"{OURS} x {sensitivity:g}"


def judged(case: Case, name: str, *, curve: bool, others: bool) -> dict[str, Score]:
    """Return each judge's score on one case."""
    rules, track = numbers(name, place=case.zone is not None)
    truth = Truthful(case)
    found: dict[str, Score] = {}
    for sensitivity in SETTINGS if curve else (1.0,):
        found[setting_name(sensitivity)] = measure(truth, Ours().judge(case, scaled(rules, sensitivity), track))
    judges: list[Judge] = baselines() if others else []
    for judge in judges:
        found[judge.name] = measure(truth, judge.judge(case, rules, track))
    return found


def work(job: Job) -> list[dict[str, Score]]:
    """Judge one seed's cases."""
    return [judged(case, job.preset, curve=job.curve, others=job.others) for case in suite([job.seed], job.only)]


def run(
    seeds: Sequence[int],
    *,
    name: str = "kr",
    only: Collection[str] | None = None,
    curve: bool = True,
    others: bool = True,
    told: Callable[[int], object] = lambda _done: None,
) -> dict[str, Totals]:
    """Return what every judge did, by name.

    Args:
        seeds: of the suite.
        name: the preset.
        only: stories; all if None.
        curve: whether our own judge is scored at every setting.
        others: whether the baselines are.
        told: called with the number of seeds done.
    """
    jobs = [Job(seed, None if only is None else tuple(sorted(only)), name, curve, others) for seed in seeds]
    rows: list[dict[str, Score]] = []
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        for done, found in enumerate(pool.map(work, jobs), 1):
            rows += found
            told(done)
    return added(rows)


def added(rows: Iterable[dict[str, Score]]) -> dict[str, Totals]:
    """Return the totals of each judge over the cases."""
    by_name: dict[str, list[Score]] = {}
    for row in rows:
        for name, score in row.items():
            by_name.setdefault(name, []).append(score)
    return {name: Totals(name, scores) for name, scores in by_name.items()}
