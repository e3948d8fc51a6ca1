"""Months as lawyers count them: short months, leap years, and the midnight of the right place."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.durations import Length
from jikimi.orders.days import begin_ms, day_of, days_before_ms, last_day, latest_end_ms, months_later
from tests.orders.world import SEOUL, at

MADRID = ZoneInfo("Europe/Madrid")
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1))


def months(number, **more):
    return Length(months=number, source="x", **more)


@pytest.mark.parametrize(
    ("first", "number", "last"),
    [
        ("2026-03-02", 3, "2026-06-01"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-01-28", 1, "2026-02-27"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-01-29", 1, "2028-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-02-28", 1, "2026-03-27"),
        ("2026-10-01", 3, "2026-12-31"),
        ("2026-01-01", 12, "2026-12-31"),
    ],
)
def test_months_end_with_the_day_before_their_first_days_number_or_with_a_short_month(first, number, last):
    assert months_later(dt.date.fromisoformat(first), number) - dt.timedelta(days=1) == dt.date.fromisoformat(last)


@given(DAYS, st.integers(1, 36))
def test_a_later_beginning_never_ends_earlier(day, number):
    assert months_later(day, number) <= months_later(day + dt.timedelta(days=1), number)


@given(DAYS, st.integers(1, 36))
def test_a_period_of_months_is_as_long_as_those_months_are(day, number):
    end = months_later(day, number)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) in {number, number + 1}
    assert end.day == day.day or end.day == 1
    assert abs((end - day).days - number * 30.4369) < 4


def test_seouls_midnight_counts_and_not_greenwichs():
    begin = at("2026-03-02 00:30")
    assert dt.datetime.fromtimestamp(begin / 1000, dt.UTC).date() == dt.date(2026, 3, 1)
    assert latest_end_ms(begin, months(3), SEOUL) == at("2026-06-02")


def test_where_the_first_day_does_not_count_the_next_one_does_unless_it_began_at_midnight():
    assert latest_end_ms(at("2026-03-02 14:00"), months(1, first_day_counts=False), SEOUL) == at("2026-04-03")
    assert latest_end_ms(at("2026-03-02"), months(1, first_day_counts=False), SEOUL) == at("2026-04-02")


def test_days_are_calendar_days_also_when_clocks_change():
    begin = at("2026-03-20", MADRID)
    end = latest_end_ms(begin, Length(days=30, source="x"), MADRID)
    assert end == at("2026-04-19", MADRID)
    assert end - begin == 30 * 86_400_000 - 3_600_000
    assert days_before_ms(at("2026-04-05 12:00", MADRID), 14, MADRID) == at("2026-03-22 12:00", MADRID)


@given(DAYS, st.sampled_from([SEOUL, MADRID, ZoneInfo("America/Sao_Paulo")]))
def test_a_day_begins_on_that_day_and_the_moment_before_is_the_day_before(day, zone):
    assert day_of(begin_ms(day, zone), zone) == day
    assert last_day(begin_ms(day, zone), zone) == day - dt.timedelta(days=1)
