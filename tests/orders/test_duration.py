"""How long an order may last, by its basis; and tags that end on another day than the measure they serve."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.durations import Length
from jikimi.model.register import Extension, Protected, Standing
from jikimi.orders.days import day_of, latest_end_ms, months_later
from jikimi.orders.duration import Mismatch, end_mismatches, entry_refusals
from jikimi.policy.durations import tables
from tests.orders.world import SEOUL, at, away, court_order, measure, tag

KR = tables()["kr"]


def refusals(*measures, **more):
    return entry_refusals(court_order(*measures, **more), KR)


def extended(one, *ends):
    for end in ends:
        step = Extension(at_ms=0, from_ms=one.until_ms, until_ms=at(end))
        one = msgspec.structs.replace(one, until_ms=at(end), extensions=(*one.extensions, step))
    return one


def test_three_months_are_lawful_for_a_provisional_measure_and_a_day_more_is_not():
    assert refusals(away(until="2026-06-02"), tag(until="2026-06-02")) == []
    (sentence,) = refusals(away(until="2026-06-03"), tag(until="2026-06-02"))
    assert "no_approach may last until the end of 2026-06-01" in sentence
    assert "art. 9(7)" in sentence


def test_an_urgent_measure_lasts_a_month_and_carries_no_tag():
    assert refusals(away(until="2026-04-02"), basis_id="kr-urgent") == []
    assert "2026-04-01" in refusals(away(until="2026-04-03"), basis_id="kr-urgent")[0]
    assert "knows no measure monitoring" in refusals(away(until="2026-04-02"), tag(until="2026-04-02"), basis_id="kr-urgent")[0]


def test_detention_lasts_a_month_and_is_not_extended():
    cell = measure("detention", "2026-03-02", "2026-04-02")
    assert refusals(cell) == []
    assert "cannot be extended" in refusals(extended(cell, "2026-05-02"))[0]


def test_two_extensions_of_three_months_are_lawful_and_a_third_is_not():
    assert refusals(extended(away(), "2026-09-02", "2026-12-02")) == []
    assert "as often as the law allows" in refusals(extended(away(), "2026-09-02", "2026-12-02", "2027-01-02"))[0]
    assert "2026-09-01" in refusals(extended(away(), "2026-09-03"))[0]
    assert "must end later" in refusals(extended(away(), "2026-06-02"))[0]


def test_a_first_time_that_was_too_long_is_not_healed_by_an_extension():
    assert "2026-06-01" in refusals(extended(away(until="2026-06-10"), "2026-07-01"))[0]


def test_extensions_end_where_the_law_sets_a_total():
    one = away(until="2027-03-02")
    ends = ["2027-05-02", "2027-07-02", "2027-09-02", "2027-11-02", "2028-01-02", "2028-03-02"]
    ends += ["2028-05-02", "2028-07-02", "2028-09-02", "2028-11-02", "2029-01-02", "2029-03-02"]
    assert refusals(extended(one, *ends), basis_id="kr-victim-protection") == []
    assert "three years in all" in refusals(extended(one, *ends, "2029-04-02"), basis_id="kr-victim-protection")[0]


def test_only_what_a_law_leaves_open_may_be_without_an_end():
    assert "needs an end" in refusals(away(until=None))[0]
    assert refusals(away(until=None), tag(until=None), basis_id="kr-parole") == []
    spain = court_order(away(until=None), basis_id="es-protection", policy_id="es")
    assert entry_refusals(spain, tables()["es"]) == []


def test_an_entry_that_makes_no_sense_is_refused_with_every_reason():
    assert "known are kr-urgent" in refusals(basis_id="kr-nothing")[0]
    assert "ends before it begins" in refusals(away(until="2026-03-02"))[0]
    assert "0 m or more" in refusals(away(distance_m=-1.0))[0]
    assert "0 m or more" in refusals(away(distance_m=float("nan")))[0]
    same = (Protected(person_id="m-1", standing=Standing.FAMILY), Protected(person_id="m-1", standing=Standing.VICTIM))
    sentences = refusals(away(), away(place_ids=("moon",)), protected=same)
    assert [sentence[:25] for sentence in sentences] == [
        "Nobody can be protected f",
        "A person stands twice on ",
        "Two measures have the sam",
        "The measure no_approach c",
    ]
    assert "needs somebody whom it protects" in refusals(away(), protected=())[0]
    assert refusals(tag(until="2036-03-02"), protected=(), basis_id="kr-attachment") == []


def test_a_distance_of_nothing_is_a_distance():
    assert refusals(away(distance_m=0.0)) == []


def test_a_tag_that_outlives_its_measure_and_one_that_falls_short_are_told_apart():
    (one,) = end_mismatches(court_order(away(until="2026-05-02"), tag()))
    assert one == ("m-1", Mismatch.TAG_OUTLIVES, at("2026-06-02"), at("2026-05-02"))
    (one,) = end_mismatches(court_order(away(), tag(until="2026-05-02")))
    assert one.mismatch is Mismatch.TAG_FALLS_SHORT
    (one,) = end_mismatches(court_order(away(until=None), tag()))
    assert (one.mismatch, one.away_until_ms) == (Mismatch.TAG_FALLS_SHORT, None)
    assert end_mismatches(court_order()) == []
    assert end_mismatches(court_order(away())) == [], "an order without a tag has nothing to compare"


def test_each_monitored_persons_ends_are_compared_with_his_own():
    order = court_order(
        away(name="a", monitored_ids=("m-1",), until="2026-05-02"),
        away(name="b", monitored_ids=("m-2",)),
        tag(name="c", monitored_ids=("m-1",), until="2026-05-02"),
        tag(name="d", monitored_ids=("m-2",), until="2026-04-02"),
        monitored_ids=("m-1", "m-2"),
    )
    assert [one.monitored_id for one in end_mismatches(order)] == ["m-2"]


@given(
    st.integers(0, 5 * 366 * 86_400),
    st.sampled_from([("kr-urgent", "no_approach", 1), ("kr-provisional", "monitoring", 3), ("kr-provisional", "detention", 1)]),
)
def test_the_latest_lawful_end_is_accepted_and_a_millisecond_more_is_not(after_s, case):
    basis_id, kind, number = case
    begin = at("2026-01-01") + after_s * 1_000
    latest = latest_end_ms(begin, Length(months=number, source="x"), SEOUL)
    one = msgspec.structs.replace(measure(kind, "2026-03-02", "2026-03-03"), from_ms=begin, until_ms=latest)
    assert entry_refusals(court_order(one, basis_id=basis_id), KR) == []
    assert len(entry_refusals(court_order(msgspec.structs.replace(one, until_ms=latest + 1), basis_id=basis_id), KR)) == 1
    assert day_of(latest, SEOUL) == months_later(day_of(begin, SEOUL), number)


@pytest.mark.parametrize("policy_id", ["kr", "es", "fr"])
def test_every_basis_has_a_lawful_order(policy_id):
    table = tables()[policy_id]
    for basis in table.bases:
        kinds = [limit.measures[0] for limit in basis.limits if limit.most is None]
        measures = [measure(kind, "2026-03-02", None) for kind in kinds]
        measures += [measure(limit.measures[0], "2026-03-02", "2026-03-20") for limit in basis.limits if limit.most is not None]
        assert entry_refusals(court_order(*measures, policy_id=policy_id, basis_id=basis.basis_id), table) == []
