"""What a court must do by when, in Seoul's days and hours."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from jikimi.petitions.clocks import HOUR_MS, Clock, dues, extension, in_time, telling
from jikimi.policy.durations import tables
from tests.orders.world import at
from tests.petitions.case import FORM, answers

RECEIVED = at("2027-06-10 23:30")


def running(**more):
    plain = {"received_ms": RECEIVED, "wants_interim": True, "interim_ms": None, "told_ms": None}
    return dues(FORM, **{**plain, **more})


def test_an_interim_order_is_due_in_48_hours_and_comes_first():
    first, second = running()
    assert first == (Clock.INTERIM, RECEIVED + 48 * HOUR_MS)
    assert second == (Clock.DECISION, at("2027-07-11"))


def test_an_interim_clock_stops_when_it_is_decided_or_was_never_asked_for():
    assert [one.clock for one in running(interim_ms=RECEIVED + 1)] == [Clock.DECISION]
    assert [one.clock for one in running(wants_interim=False)] == [Clock.DECISION]


def test_a_decision_that_was_told_can_be_appealed_for_seven_whole_days():
    assert running(told_ms=at("2027-06-20 09:00")) == [(Clock.APPEAL, at("2027-06-28"))]


def test_a_decision_is_told_within_three_whole_days():
    assert telling(FORM, at("2027-06-20 09:00")) == (Clock.TELL, at("2027-06-24"))


def test_an_extension_is_asked_for_two_weeks_ahead():
    assert extension(FORM, at("2028-06-15")) == (Clock.EXTENSION, at("2028-06-01"))


def test_the_court_sees_whether_90_days_were_kept():
    told = answers(declined_on="2027-05-03")
    (kept,) = in_time(FORM, told, dt.date(2027, 7, 31))
    assert (kept.check_id, kept.last_day, kept.kept) == ("within_90_days", dt.date(2027, 8, 2), True)
    (late,) = in_time(FORM, told, dt.date(2027, 8, 3))
    assert not late.kept
    assert in_time(FORM, answers(declined_on=None), dt.date(2027, 8, 3)) == []


@given(st.integers(0, 4_000_000_000_000))
def test_no_clock_has_run_out_when_it_begins(received_ms):
    assert all(one.at_ms > received_ms for one in running(received_ms=received_ms))


def test_what_a_form_becomes_is_known_to_the_table_of_durations():
    durations = tables()[FORM.policy_id]
    for basis_id in (FORM.basis_id, FORM.interim_basis_id):
        basis = durations.basis(basis_id)
        assert basis is not None
        known = {kind for limit in basis.limits for kind in limit.measures}
        assert {one.kind for one in FORM.measures} <= known
