"""Every score, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from jikimi.model.decision import Approach, Tier
from jikimi.model.zone import Circle
from jikimi.scenarios.score.case import Case, Kind, Mode, Said
from jikimi.scenarios.score.measure import Score, Truthful, measure
from jikimi.scenarios.score.totals import Totals, band
from jikimi.scenarios.score.truth import closing_since, distances_m, entries, who
from tests.scenarios.score.hand import HOME, T0, case, coming, said

CLEAR, WATCH, WARNING, DANGER = Tier


def scored(of: Case, *what: Said) -> Score:
    return measure(Truthful(of), what)


def test_distances_are_those_of_the_ellipsoid() -> None:
    assert distances_m(case([100.0, 50.0, None]))[:2] == pytest.approx([100.0, 50.0], abs=1e-3)
    assert np.isnan(distances_m(case([100.0, 50.0, None]))[2])


def test_a_place_is_measured_to_its_edge() -> None:
    assert distances_m(case([100.0, 50.0], zone=Circle(*HOME, 60.0))) == pytest.approx([40.0, 0.0], abs=1e-3)


def test_an_entry_counts_anew_after_two_minutes_well_outside() -> None:
    d = np.array([500.0] * 5 + [90.0] * 5 + [250.0] * 300 + [90.0] * 5 + [301.0] * 119 + [90.0] * 5 + [301.0] * 120 + [90.0])
    assert entries(d, 1.0, 100.0) == [5, len(d) - 1]
    assert entries(np.array([50.0, 500.0]), 1.0, 100.0) == [0]
    assert entries(np.array([np.nan, 500.0]), 1.0, 100.0) == []


def test_lead_is_from_the_beginning_of_what_stood_to_contact() -> None:
    # He is within 100 m after 900 s of walking from 1,000 m.
    score = scored(case(coming(1000)), said(100, WATCH), said(500, WARNING))
    assert [(one.lead_s, one.notice_s, one.silent) for one in score.contacts] == [(400.0, 800.0, False)]


def test_a_lead_on_the_path_counts_only_since_they_began_to_close() -> None:
    # Nearer by 600 m once, away again, then straight to her from 1,000 m.
    way = [float(1000 - second) for second in range(600)] + [float(400 + second) for second in range(600)] + coming(1000)
    totals = Totals("one", [scored(case(way), said(100, WATCH), said(300, WARNING))])
    assert totals.leads_s(notice=True) == [2000.0]
    assert totals.leads_s(notice=True, path=True) == [pytest.approx(900.0, abs=1.0)]
    assert totals.leads_s(notice=False, path=True) == [pytest.approx(900.0, abs=1.0)]


def test_a_bend_by_less_than_a_hundred_metres_does_not_begin_a_new_path() -> None:
    bent = np.array([1000.0, 500.0, 590.0, 100.0])
    assert closing_since(bent, 3) == 0
    assert closing_since(np.array([1000.0, 500.0, 610.0, 100.0]), 3) == 2
    assert closing_since(np.array([1000.0, np.nan, 610.0, 100.0]), 3) == 2


def test_entries_into_each_radius_have_leads_and_a_side_of_their_own() -> None:
    score = scored(case(coming(1500)), said(100, WATCH), said(700, WARNING))
    leads = [entered[0].lead_s for entered in score.entries]
    assert leads == [pytest.approx(700.0, abs=2.0), pytest.approx(500.0, abs=2.0), pytest.approx(300.0, abs=2.0), None]
    assert {one.side for entered in score.entries for one in entered} == {Approach.MONITORED}
    totals = Totals("one", [score])
    assert (totals.warned(), totals.warned(1000.0), totals.leads_s(notice=False, radius_m=300.0)) == (1.0, 0.0, [leads[1]])


def test_the_worst_minute_is_told() -> None:
    tiers = [said(200 + 10 * step, (WATCH, CLEAR)[step % 2]) for step in range(4)]
    assert scored(case([2000.0] * 1000), *tiers, said(260, WATCH)).minute_changes == 4


def test_a_short_gap_is_bridged_and_a_long_one_is_not() -> None:
    bridged = scored(case(coming(1000)), said(300, WARNING), said(400, CLEAR), said(519, WARNING))
    assert bridged.contacts[0].lead_s == 600.0
    apart = scored(case(coming(1000)), said(300, WARNING), said(400, CLEAR), said(520, WARNING))
    assert apart.contacts[0].lead_s == 380.0
    assert scored(case(coming(1000)), said(300, WARNING), said(780, CLEAR)).contacts[0].lead_s == 600.0
    assert scored(case(coming(1000)), said(300, WARNING), said(779, CLEAR)).contacts[0].lead_s is None


def test_a_miss_is_silent_unless_blindness_is_said() -> None:
    assert scored(case(coming(1000))).contacts[0].silent
    assert scored(case(coming(1000)), said(100, WATCH)).contacts[0].silent
    assert not scored(case(coming(1000)), said(100, CLEAR, unseen="monitored")).contacts[0].silent


def test_a_contact_in_the_first_minute_is_not_scored() -> None:
    assert scored(case(coming(150))).contacts == ()


def test_an_alarm_is_false_when_nothing_comes_of_it() -> None:
    passing = [float(abs(2000 - second)) + 200.0 for second in range(4000)]
    score = scored(case(passing), said(1900, WARNING), said(2000, CLEAR))
    assert (score.alarms, score.false) == (1, (1, 0, 0, 0))
    assert scored(case(passing), said(400, WARNING), said(450, CLEAR)).false == (1, 1, 1, 0)
    assert scored(case(coming(1000)), said(0, WARNING)).false == (0, 0, 0, 0)


def test_an_alarm_is_right_while_it_stands_however_long() -> None:
    slow = [3000.0] * 3000 + coming(1000)
    assert scored(case(slow), said(100, WARNING)).false[0] == 0
    assert scored(case(slow), said(100, WARNING), said(200, CLEAR)).false[0] == 1


def test_where_too_little_is_known_no_alarm_is_false() -> None:
    gap = [2000.0] * 600 + [None] * 3000
    assert scored(case(gap), said(500, DANGER), said(550, CLEAR)).false == (0, 0, 0, 0)
    assert scored(case(gap), said(500, DANGER), said(550, CLEAR)).top == 0
    assert scored(case([2000.0] * 1200), said(500, DANGER), said(550, CLEAR)).false[0] == 1


def test_the_top_tier_is_right_when_contact_follows() -> None:
    score = scored(case(coming(1000)), said(800, DANGER))
    assert (score.top, score.top_right) == (1, 1)
    far = scored(case([2000.0] * 3000), said(800, DANGER), said(900, WATCH))
    assert (far.top, far.top_right) == (1, 0)


def test_time_in_a_wrong_state() -> None:
    # Contact from second 900 on to the end at 1,060, and no word of it.
    assert scored(case(coming(1000))).wrong_s == 161.0
    assert scored(case(coming(1000)), said(500, WARNING)).wrong_s == 0.0
    assert scored(case([2000.0] * 3000), said(100, WARNING), said(199, CLEAR)).wrong_s == 99.0


def test_who_truly_came() -> None:
    both = case([1000.0 - second for second in range(200)], [float(second) for second in range(200)])
    assert who(both, 150) is Approach.BOTH
    assert who(case(coming(1000)), 150) is Approach.MONITORED
    assert who(case([1000.0] * 200, [float(second) for second in range(200)]), 150) is Approach.PROTECTED
    assert who(case([1000.0] * 200), 150) is None
    assert who(case(coming(1000)), 119) is None


def test_what_is_said_of_who_comes_is_held_against_it() -> None:
    walk = case(coming(1000))
    assert [scored(walk, said(500, WARNING)).who_right, scored(walk, said(500, WARNING, approach=Approach.BOTH)).who_wrong] == [1, 1]
    assert scored(walk, said(500, WARNING, approach=Approach.CANNOT_TELL)).who_cannot == 1


def test_blindness_is_late_from_a_minute_after_the_last_report() -> None:
    quiet = case([2000.0] * 101 + [None] * 900, silent=(("monitored", T0 + 100_000, T0 + 1_000_000),))
    assert scored(quiet, said(0, CLEAR), said(190, CLEAR, unseen="monitored")).blind_s == (30.0,)
    assert scored(quiet, said(0, CLEAR), said(130, CLEAR, unseen="monitored")).blind_s == (0.0,)
    assert scored(quiet, said(0, CLEAR)).blind_s == (None,)
    assert scored(quiet, said(0, CLEAR, unseen="protected")).blind_s == (None,)


def test_only_changes_far_from_contact_count_as_jumps() -> None:
    resting = case([1000.0] * 600, kind=Kind.JUMP, mode=Mode.STILL)
    score = scored(resting, said(30, WATCH), said(300, WARNING), said(400, WATCH))
    assert (score.changes, score.far_changes) == (2, 2)
    assert scored(case([150.0] * 600), said(300, WARNING)).far_changes == 0


def test_totals_keep_misses_and_false_alarms_together() -> None:
    scores = [scored(case(coming(1000)), said(500, WARNING)), scored(case(coming(1000))), scored(case([500.0] * 86_400), said(90, WARNING))]
    totals = Totals("ours", scores)
    assert totals.warned() == 0.5
    assert totals.silent_misses() == 1
    assert totals.false() == 1
    assert totals.days == pytest.approx((2 * 1061 + 86_400) / 86_400)
    assert totals.leads_s(notice=False) == [0.0, 400.0]
    assert totals.of(kind=Kind.PASS_BY).warned() is None
    (low, high), (least, most) = band(totals)
    assert low == high == 0.5
    assert least == most == totals.false_a_day()
