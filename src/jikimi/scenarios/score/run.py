"""Every judge on every case, on some processes. A seed's cases are built once and judged by all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeVar, cast

import msgspec

from jikimi.model.order import Order
from jikimi.model.policy import PairRules, TrackRules
from jikimi.policy.load import preset
from jikimi.policy.resolve import pair_rules, track_rules
from jikimi.scenarios.score.baselines import baselines
from jikimi.scenarios.score.case import Case, Judge
from jikimi.scenarios.score.heeding import heed, heeds
from jikimi.scenarios.score.measure import Score, Truthful, measure
from jikimi.scenarios.score.ours import Ours
from jikimi.scenarios.score.recorded import Person, cases, read_folder
from jikimi.scenarios.score.sensitivity import SETTINGS, scaled
from jikimi.scenarios.score.stories import suite
from jikimi.scenarios.score.totals import Totals

OURS: Final = Ours.name
ASKED: Final = f"{OURS}, devices asked"
"""Ours where devices report as often as they are asked to: scored on some of the cases, so it is no judge beside the others."""
PROCESSES: Final = 2
PARTS: Final = 8
PRESETS: Final = ("kr", "es", "fr")


class Job(msgspec.Struct, frozen=True):
    """What one process does at once."""

    seed: int
    only: tuple[str, ...] | None
    preset: str
    curve: bool
    others: bool
    foreign: tuple[str, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """Which part of a folder of recorded tracks one process judges at once."""

    folder: str
    preset: str
    part: int
    foreign: tuple[str, ...] = ()


AnyJob = TypeVar("AnyJob", Job, Part)


@lru_cache
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


def judged(case: Case, name: str, *, curve: bool, others: bool, foreign: tuple[str, ...] = ()) -> dict[str, Score]:
    """Return each judge's score on one case."""
    rules, track = numbers(name, place=case.zone is not None)
    truth = Truthful(case)
    found: dict[str, Score] = {}
    for sensitivity in SETTINGS if curve else (1.0,):
        found[setting_name(sensitivity)] = measure(truth, Ours().judge(case, scaled(rules, sensitivity), track))
    for judge in (*(rivals() if others else ()), *named(foreign)):
        found[judge.name] = measure(truth, judge.judge(case, rules, track))
    if others and heeds(case):
        heeded = heed(case, rules, track, preset(name).sampling)
        found[ASKED] = measure(truth.hearing(heeded.heard), heeded.said)
    return found


@lru_cache
def rivals() -> tuple[Judge, ...]:
    """Return the baselines."""
    return tuple(baselines({name: numbers(name)[0].warning_floor_m for name in PRESETS}))


@lru_cache
def named(foreign: tuple[str, ...]) -> tuple[Judge, ...]:
    """Return judges that others wrote, each named as ``module:attribute``.

    Raises:
        ValueError: there is no such module or attribute, or it does not judge.
    """
    return tuple(_judge(name) for name in foreign)


def _judge(name: str) -> Judge:
    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"There is no judge {name}: name it as module:attribute, where Python finds the module.") from error
    judge = found() if isinstance(found, type) else found
    if not callable(getattr(judge, "judge", None)) or not isinstance(getattr(judge, "name", None), str):
        raise ValueError(f"{name} is no judge: it needs a name and judge(case, rules, track_rules).")  # noqa: TRY004 - told to whoever typed the name
    return cast("Judge", judge)


def work(job: Job) -> list[dict[str, Score]]:
    """Judge one seed's cases."""
    return [judged(case, job.preset, curve=job.curve, others=job.others, foreign=job.foreign) for case in suite([job.seed], job.only)]


def run(
    seeds: Sequence[int],
    *,
    name: str = "kr",
    only: Collection[str] | None = None,
    curve: bool = True,
    others: bool = True,
    foreign: tuple[str, ...] = (),
    told: Callable[[int], object] = lambda _done: None,
) -> dict[str, Totals]:
    """Return what every judge did, by name.

    Args:
        seeds: of the suite.
        name: the preset.
        only: stories; all if None.
        curve: whether our own judge is scored at every setting.
        others: whether the baselines are.
        foreign: judges that others wrote, each ``module:attribute``.
        told: called with the number of seeds done.
    """
    jobs = [Job(seed, None if only is None else tuple(sorted(only)), name, curve, others, foreign) for seed in seeds]
    return added(_spread(work, jobs, told))


def run_recorded(
    folder: Path, *, name: str, foreign: tuple[str, ...] = (), told: Callable[[int], object] = lambda _done: None
) -> dict[str, Totals]:
    """Return what every judge did on recorded tracks, each ordered pair an order of one preset.

    Raises:
        FolderError: there are no two readable tracks.
    """
    jobs = [Part(str(folder), name, part, foreign) for part in range(PARTS)]
    return added(_spread(work_recorded, jobs, told))


def work_recorded(part: Part) -> list[dict[str, Score]]:
    """Judge every so many-th case of a folder."""
    people = _people(part.folder)
    mine = (case for number, case in enumerate(cases(people)) if number % PARTS == part.part)
    return [judged(case, part.preset, curve=True, others=True, foreign=part.foreign) for case in mine]


@lru_cache(1)
def _people(folder: str) -> list[Person]:
    return read_folder(Path(folder))[0]


def _spread(
    do: Callable[[AnyJob], list[dict[str, Score]]], jobs: Sequence[AnyJob], told: Callable[[int], object]
) -> list[dict[str, Score]]:
    rows: list[dict[str, Score]] = []
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        for done, found in enumerate(pool.map(do, jobs), 1):
            rows += found
            told(done)
    return rows


def added(rows: Iterable[dict[str, Score]]) -> dict[str, Totals]:
    """Return the totals of each judge over the cases."""
    by_name: dict[str, list[Score]] = {}
    for row in rows:
        for name, score in row.items():
            by_name.setdefault(name, []).append(score)
    return {name: Totals(name, scores) for name, scores in by_name.items()}
