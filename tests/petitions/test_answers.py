"""Which questions are asked, what is missing, and what stops a petition: on which day, why, and which ways are open then."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.petition import Kind
from jikimi.petitions.answers import Fault, asked, filed, last_day, standing
from tests.petitions import vectors
from tests.petitions.case import FILED, FORM, answers

CHECK = next(one for one in FORM.checks if one.check_id == "within_90_days")


def told(day):
    return answers(declined_on=(day.isoformat()))


def test_a_whole_petition_can_be_filed():
    assert standing(FORM, answers(), FILED).ready


def test_given_police_declined_when_she_files_on_day_89_it_is_taken():
    declined = dt.date(2027, 5, 3)
    assert standing(FORM, told(declined), declined + dt.timedelta(days=89)).ready


def test_given_police_declined_when_she_files_on_day_91_it_is_stopped_with_the_reason_and_other_ways():
    declined = dt.date(2027, 5, 1)  # day 90 is Friday, 30 July
    found = standing(FORM, told(declined), declined + dt.timedelta(days=91))
    (stop,) = found.stops
    assert not found.ready
    assert (stop.check.check_id, stop.last_day) == ("within_90_days", dt.date(2027, 7, 30))
    ways = {one.way_id: one for one in FORM.ways}
    assert [ways[name].call for name in stop.check.ways] == ["112", None, None, "1366"]
    assert all(ways[name].say[language] for name in stop.check.ways for language in FORM.languages)


def test_given_day_90_is_a_sunday_when_she_files_on_monday_it_is_taken():
    assert standing(FORM, told(dt.date(2027, 5, 3)), dt.date(2027, 8, 2)).ready


@given(st.dates(dt.date(2027, 1, 1), dt.date(2040, 1, 1)))
def test_the_last_day_is_day_90_or_the_monday_after(declined):
    last, plain = last_day(CHECK, declined), declined + dt.timedelta(days=90)
    assert last.weekday() < 5
    assert dt.timedelta(0) <= last - plain <= dt.timedelta(days=2)
    assert last == plain or plain.weekday() >= 5


@given(st.dates(dt.date(2027, 4, 22), dt.date(2040, 1, 1)), st.integers(0, 400))
def test_waiting_never_opens_the_way_again(declined, days):
    today = declined + dt.timedelta(days=days)
    if standing(FORM, told(declined), today).stops:
        assert standing(FORM, told(declined), today + dt.timedelta(days=1)).stops


def test_before_its_day_it_can_be_written_and_not_filed():
    early = standing(FORM, answers(declined_on="2027-04-01", last_act="2027-03-01"), dt.date(2027, 4, 21))
    assert (early.opens, early.ready) == (dt.date(2027, 4, 22), False)
    assert (early.missing, early.wrong, early.stops) == ([], [], [])


def test_an_empty_petition_names_what_is_missing_in_the_order_of_the_form():
    missing = [one.question_id for one in standing(FORM, {}, FILED).missing]
    assert missing == [one.question_id for one in FORM.questions() if one.required and one.when is None]


def test_a_question_that_depends_is_asked_only_then():
    assert "threats_how" in {one.question_id for one in asked(FORM, answers())}
    assert "threats_how" not in {one.question_id for one in asked(FORM, answers(threats=False))}
    assert standing(FORM, answers(threats_how=None), FILED).missing[0].question_id == "threats_how"
    assert standing(FORM, answers(threats_how=None, threats=False), FILED).ready


def test_what_is_not_asked_any_more_is_not_filed_and_stops_nothing():
    kept = filed(FORM, answers(threats=False))
    assert "threats_how" not in kept
    assert standing(FORM, answers(threats=False), FILED).ready


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("your_name", "x" * 201, Fault.TOO_LONG),
        ("your_name", ("x",), Fault.WRONG_KIND),
        ("your_birth", "2. 1. 1990", Fault.NO_DAY),
        ("your_birth", "1990-02-30", Fault.NO_DAY),
        ("your_birth", "19900102", Fault.NO_DAY),
        ("relation", "enemy", Fault.NOT_A_CHOICE),
        ("relation", True, Fault.WRONG_KIND),
        ("measures", ("prison",), Fault.NOT_A_CHOICE),
        ("measures", ("no_contact", "no_contact"), Fault.NOT_A_CHOICE),
        ("measures", "no_contact", Fault.WRONG_KIND),
        ("threats", "yes", Fault.WRONG_KIND),
        ("places", ("x" * 2001,), Fault.TOO_LONG),
        ("places", ("x",) * 201, Fault.TOO_LONG),
        ("places", "home", Fault.WRONG_KIND),
        ("truth", "yes", Fault.WRONG_KIND),
        ("shoe_size", "42", Fault.UNKNOWN_QUESTION),
    ],
)
def test_a_wrong_answer_is_named(name, value, fault):
    found = standing(FORM, answers(**{name: value}), FILED)
    assert [(one.question_id, one.fault) for one in found.wrong] == [(name, fault)]
    assert not found.ready


def test_her_word_that_it_is_true_cannot_be_a_no():
    assert [one.question_id for one in standing(FORM, answers(truth=False), FILED).missing] == ["truth"]


def test_no_is_an_answer_and_blanks_are_none():
    assert standing(FORM, answers(violence=False), FILED).ready
    assert standing(FORM, answers(his_name="  "), FILED).missing[0].question_id == "his_name"


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"declined_on": "2027-06-11"}, "declined_not_later"),
        ({"last_act": "2027-06-11"}, "last_not_later"),
        ({"first_act": "2027-05-30"}, "last_after_first"),
    ],
)
def test_days_that_cannot_be_are_to_be_mended(changed, check):
    found = standing(FORM, answers(**changed), FILED)
    assert [one.check.check_id for one in found.mend] == [check]
    assert not found.ready


JUNK = st.booleans() | st.text(max_size=30) | st.lists(st.text(max_size=5), max_size=4).map(tuple)


@given(st.dictionaries(st.sampled_from([one.question_id for one in FORM.questions()]) | st.text(max_size=8), JUNK, max_size=30))
def test_whatever_is_answered_is_judged_and_never_raises(given_answers):
    found = standing(FORM, given_answers, FILED)
    assert not found.ready or all(one.question_id in given_answers for one in FORM.questions() if one.required and one.when is None)


def test_every_kind_of_question_stands_in_the_form():
    assert {one.kind for one in FORM.questions()} == set(Kind)


def test_her_page_is_tested_against_what_the_server_says_now():
    """``web/protected/papers/answers.test.ts`` runs these cases; write them anew with ``python -m tests.petitions.vectors``."""
    assert vectors.FILE.read_text(encoding="utf-8") == vectors.written()
