"""Judges that see everything but the future: what they sound for, and that the best one answers."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from jikimi.core.geodesy import offset
from jikimi.model.zone import Circle
from jikimi.scenarios.score import oracle
from jikimi.scenarios.score.case import Case, Kind, Mode, Way
from jikimi.scenarios.score.measure import Score, Truthful, measure
from jikimi.scenarios.score.oracle import Oracle, answers, family, held, line, said
from jikimi.scenarios.score.run import OURS
from tests.scenarios.score.hand import HOME, case, coming

NARROW = Oracle(120.0, 60.0, 60.0, 0.0, 30.0)


def passing() -> Case:
    """Return him walking north on a line that passes her at 250 m."""
    one = case([float(north) for north in range(-600, 600)])
    lat, lon = offset(*HOME, 250.0, 0.0)
    her = Way(np.full(1200, lat), np.full(1200, lon))
    return msgspec.structs.replace(one, truth=one.truth._replace(protected=her))


def scored(one: Oracle, played: Case) -> Score:
    truth = Truthful(played)
    return measure(truth, said(played, one.sounds(truth)))


def test_who_walks_straight_at_her_is_warned_of_as_far_ahead_as_the_reach_goes() -> None:
    # Given he walks at 1 m/s straight at her from 900 m
    lead_s = [scored(NARROW._replace(reach_s=seconds), case(coming(900))).contacts[0].lead_s for seconds in (60.0, 300.0)]
    assert lead_s == [pytest.approx(60.0, abs=2.0), pytest.approx(300.0, abs=2.0)]


def test_who_leads_past_or_goes_away_is_no_alarm_and_who_is_within_the_floor_always_is() -> None:
    # Given he only goes away from her, from 200 m on
    away = case([200.0 + second for second in range(400)])
    assert scored(NARROW, away).alarms == 0
    # Given a line that passes her at 250 m
    wide = NARROW._replace(reach_m=1000.0)
    assert scored(wide, passing()).alarms == 0
    assert scored(wide._replace(aside_m=300.0), passing()).alarms == 1
    # Given a place: its floor counts and no course
    place = msgspec.structs.replace(case(coming(900)), zone=Circle(*HOME, 60.0))
    assert scored(wide, place).contacts[0].lead_s == pytest.approx(1.0)


def test_a_sign_holds_for_a_while() -> None:
    flags = np.array([False, True, False, False, False, True])
    assert held(flags, 2).tolist() == [False, True, True, True, False, True]


def test_the_best_of_all_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a drive that ends with her and one that passes at 250 m
    drives = [
        msgspec.structs.replace(case(coming(900)), mode=Mode.CAR),
        msgspec.structs.replace(passing(), kind=Kind.PASS_BY, mode=Mode.CAR),
    ]
    monkeypatch.setattr(oracle, "suite", lambda _seeds: drives)
    oracles, others = oracle.played([1])
    assert len(oracles) == len(family())
    found = dict(answers(oracles, others))
    quiet = found["most pass-bys silent, by car 60 s at the median"]
    assert quiet is not None
    assert oracle.silent(quiet) == 1.0
    assert found["most pass-bys silent, by car 180 s at the median"] is not None
    assert "pass-bys silent 100 %" in line(quiet)
    assert others[OURS].missed() == 0.0
