"""Ours and the baselines behind one interface; every one of them hears the same and nothing else."""

from __future__ import annotations

import pytest

from jikimi.model.decision import Approach, Sight, Tier
from jikimi.model.policy import PairRules, TrackRules
from jikimi.scenarios.asked import CHOICES, STORIES
from jikimi.scenarios.score.asked import asked_figures
from jikimi.scenarios.score.case import Case, Judge, Said
from jikimi.scenarios.score.goals import figures
from jikimi.scenarios.score.ours import Ours
from jikimi.scenarios.score.run import ASKED, OURS, added, judged, named, numbers, rivals, setting_name
from jikimi.scenarios.score.sensitivity import SETTINGS, scaled
from jikimi.scenarios.score.stories import suite
from tests.scenarios.score.hand import T0, case, coming

RULES, TRACK = numbers("kr")
BY_NAME = {judge.name: judge for judge in rivals()}


def first(said: list[Said], least: Tier) -> float:
    return next((one.at_ms - T0) / 1000 for one in said if one.tier >= least)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_walker_is_noticed_where_the_description_says(name: str) -> None:
    at_s = first(BY_NAME[name].judge(case(coming(3000)), RULES, TRACK), Tier.WARNING)
    expected_m = {
        "ring of 500 m": 500,
        "ring of 1 km": 1000,
        "ring of 2 km": 2000,
        "two rings, 1 and 2 km": 1000,
        "three rings of 500 m": 1000,
        "only the mover, 500 m": 500,
        "150 m within 4 min": 390,
        "two rings, 2 and 4 km": 2000,
        "legal minimum of kr, 100 m": 100,
        "legal minimum of es, 500 m": 500,
        "legal minimum of fr, 1000 m": 1000,
    }[name]
    assert at_s == pytest.approx(3000 - expected_m, abs=10)


def test_only_the_mover_is_judged_when_he_reports() -> None:
    # She walks to him, and his tag does not report any more.
    walk = case([1000.0] * 11 + [None] * 989, [float(second) for second in range(1000)])
    assert all(one.tier is Tier.CLEAR for one in BY_NAME["only the mover, 500 m"].judge(walk, RULES, TRACK))
    assert first(BY_NAME["ring of 500 m"].judge(walk, RULES, TRACK), Tier.WARNING) == pytest.approx(500, abs=10)


def test_baselines_say_after_five_minutes_that_a_device_is_silent() -> None:
    said = BY_NAME["ring of 500 m"].judge(case([3000.0] * 11 + [None] * 989), RULES, TRACK)
    assert [(one.at_ms - T0) / 1000 for one in said if one.monitored is Sight.STALE] == [310.0]


def test_ours_is_the_engine_up_to_the_end_of_the_truth() -> None:
    said = Ours().judge(case([3000.0] * 11 + [None] * 989), RULES, TRACK)
    assert [(one.at_ms - T0) / 1000 for one in said if one.monitored is Sight.BLIND and one.at_ms > T0] == [310.0]
    assert first(Ours().judge(case(coming(3000)), RULES, TRACK), Tier.WARNING) < 2700


def test_nobody_hears_the_truth() -> None:
    judges: list[Judge] = [Ours(), *rivals()]
    told, other = case(coming(1000)), case(coming(1000), truth=case([9000.0] * 1061).truth)
    for judge in judges:
        assert judge.judge(told, RULES, TRACK) == judge.judge(other, RULES, TRACK)


def test_more_sensitive_means_no_fewer_alarms_and_the_floor_stays() -> None:
    for setting in SETTINGS:
        rules = scaled(RULES, setting)
        assert rules.warning_floor_m == RULES.warning_floor_m
        assert rules.danger_m <= rules.warning_floor_m <= rules.warning_m <= rules.watch_m
    ours = [first(Ours().judge(case(coming(3000)), scaled(RULES, setting), TRACK), Tier.WARNING) for setting in SETTINGS]
    assert ours == sorted(ours, reverse=True)


def test_figures_come_of_a_small_suite() -> None:
    rows = [judged(one, "kr", curve=False, others=True) for one in suite([1], ["on_foot", "ring_road"])]
    found = added(rows)
    assert set(found) == {OURS, ASKED, *BY_NAME}
    told = {figure.name: figure for figure in figures(found)}
    assert told["contacts warned of before"].value == 100.0
    assert told["silent misses"].met is True
    assert told["silent misses, devices asked"].value == 0.0
    assert not any(ASKED in name for name in told)
    assert setting_name(1.0) == OURS


class Crier:
    """A judge of somebody else's."""

    name = "crier"

    def judge(self, of: Case, rules: PairRules, track_rules: TrackRules) -> list[Said]:
        return [Said(of.truth.start_ms, Tier.WARNING, Sight.LIVE, Sight.LIVE, Approach.CANNOT_TELL)]


def test_a_judge_of_somebody_else_is_scored_beside_ours() -> None:
    one = next(iter(suite([1], ["on_foot"])))
    found = judged(one, "kr", curve=False, others=False, foreign=(f"{__name__}:Crier",))
    assert set(found) == {OURS, "crier"}
    assert found["crier"].contacts[0].lead_s is not None


@pytest.mark.parametrize("name", ["nowhere:Judge", f"{__name__}:Nobody", f"{__name__}:T0", "json", ":"])
def test_what_is_no_judge_is_named_in_a_sentence(name: str) -> None:
    with pytest.raises(ValueError, match="judge"):
        named((name,))


def test_asking_for_intervals_is_scored_with_its_charge() -> None:
    figures = list(asked_figures("kr"))
    assert len(figures) == len(CHOICES) * len(STORIES)
    lives = {figure.name: figure.note for figure in figures}
    assert lives["first alarm, tag asked by own_movement: on foot, from 3 km"] == "a tag lasts 70 h"
    assert all(figure.value is not None and figure.value > 0.0 for figure in figures)
