"""Allowed meetings make an alarm less urgent, at their place and time, and never within the order's distance."""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.zone import Circle, Polygon
from jikimi.orders.permissions import Dispatch, Flaw, Once, Permission, PermissionKind, Seen, Weekly, dispatch, doubts, spans
from jikimi.orders.project import Span
from tests.orders.world import at

COURT = Circle(37.5, 127.0, 200.0)
OFFICE = Circle(37.52, 127.02, 150.0)
CORRIDOR = Polygon(((37.498, 126.998), (37.498, 127.002), (37.522, 127.022), (37.522, 127.018)))
ORDER = Span(at("2026-03-02"), at("2026-06-02"))
T = dt.time.fromisoformat
D = dt.date.fromisoformat


def once(begin, end, zone=COURT, name="hearing", kind="hearing", time_zone="Asia/Seoul"):
    (a, b), (c, d) = begin.split(), end.split()
    when = Once(from_day=D(a), from_time=T(b), until_day=D(c), until_time=T(d))
    return permission(when, zone, name, kind, time_zone)


def weekly(days, begin, end, zone=OFFICE, name="work", kind="work", time_zone="Asia/Seoul", first="2026-03-02", last="2026-06-01"):
    when = Weekly(weekdays=frozenset(days), from_time=T(begin), until_time=T(end), first_day=D(first), last_day=D(last))
    return permission(when, zone, name, kind, time_zone)


def permission(when, zone, name, kind, time_zone):
    return Permission(
        permission_id=name,
        order_id="order-1",
        monitored_id="m-1",
        kind=PermissionKind(kind),
        zone=zone,
        when=when,
        time_zone=time_zone,
        decided_by="court, 2026-03-02",
    )


HEARING = once("2026-03-10 10:00", "2026-03-10 12:00")
THERE = Seen(37.5, 127.0, live=True, low_m=150.0)


def test_a_hearing_downgrades_at_its_place_and_time_only():
    assert dispatch([HEARING], at("2026-03-10 10:00"), THERE, 100.0) == (Dispatch.DOWNGRADED, "hearing")
    for now, seen in (
        (at("2026-03-10 09:59"), THERE),
        (at("2026-03-10 12:00"), THERE),
        (at("2026-03-10 11:00"), THERE._replace(latitude=37.51)),
    ):
        assert dispatch([HEARING], now, seen, 100.0) == (Dispatch.FULL, None)


@given(low=st.none() | st.floats(0, 100), live=st.booleans())
def test_nothing_is_downgraded_within_the_orders_distance_or_where_it_is_unknown(low, live):
    assert dispatch([HEARING], at("2026-03-10 11:00"), THERE._replace(low_m=low, live=live), 100.0) == (Dispatch.FULL, None)


def test_who_is_not_seen_live_is_not_where_he_was():
    assert dispatch([HEARING], at("2026-03-10 11:00"), THERE._replace(live=False), 100.0)[0] is Dispatch.FULL
    assert dispatch([HEARING], at("2026-03-10 11:00"), None, 100.0)[0] is Dispatch.FULL


def test_a_night_shift_runs_into_the_next_day():
    shift = weekly([4], "22:00", "06:00")
    assert spans(shift, *ORDER)[0] == (at("2026-03-06 22:00"), at("2026-03-07 06:00"))
    seen = Seen(37.52, 127.02, live=True, low_m=500.0)
    assert dispatch([shift], at("2026-03-07 05:59"), seen, 100.0)[0] is Dispatch.DOWNGRADED
    assert dispatch([shift], at("2026-03-08 05:59"), seen, 100.0)[0] is Dispatch.FULL


def test_ten_oclock_is_ten_oclock_at_the_place():
    madrid = once("2026-03-10 10:00", "2026-03-10 12:00", time_zone="Europe/Madrid")
    assert spans(madrid, *ORDER) == [(at("2026-03-10 10:00", ZoneInfo("Europe/Madrid")), at("2026-03-10 12:00", ZoneInfo("Europe/Madrid")))]


def test_clocks_that_change_permit_the_shorter_reading():
    zone = ZoneInfo("Europe/Madrid")
    whole = Span(at("2026-03-01"), at("2026-12-01"))
    # 29 March: 02:00 to 03:00 never comes. 25 October: it comes twice.
    (spring,) = spans(once("2026-03-29 01:00", "2026-03-29 02:30", time_zone="Europe/Madrid"), *whole)
    assert spring.until_ms - spring.from_ms == 30 * 60_000
    (autumn,) = spans(once("2026-10-25 02:30", "2026-10-25 04:00", time_zone="Europe/Madrid"), *whole)
    assert autumn.from_ms == at("2026-10-25 03:00", zone) - 30 * 60_000


MINUTES = st.builds(dt.time, st.integers(0, 23), st.integers(0, 59))


@given(st.sets(st.integers(0, 6)), MINUTES, MINUTES, st.sampled_from(["Asia/Seoul", "Europe/Madrid", "America/New_York"]))
def test_the_times_of_any_week_never_overlap_each_other_and_none_is_lost(days, begin, end, zone):
    one = weekly(days, begin.isoformat(), end.isoformat(), time_zone=zone)
    found = spans(one, *ORDER)
    assert all(a.until_ms <= b.from_ms for a, b in pairwise(found))
    # One time at most is lost: the one that stands in the hour that clocks skip.
    assert len(days) * 13 - 2 <= len(found) <= len(days) * 14


def test_a_schedule_that_permits_nothing_is_asked_about():
    assert [doubt.flaw for doubt in doubts([once("2026-03-10 12:00", "2026-03-10 10:00")], ORDER)] == [Flaw.EMPTY]
    assert [doubt.flaw for doubt in doubts([weekly([], "09:00", "18:00")], ORDER)] == [Flaw.EMPTY]


def test_a_time_outside_the_order_is_asked_about():
    (doubt,) = doubts([once("2026-06-01 23:00", "2026-06-02 01:00")], ORDER)
    assert doubt == (Flaw.OUTSIDE, ("hearing",), (at("2026-06-01 23:00"), at("2026-06-02 01:00")))


def test_a_gap_between_a_corridor_and_where_it_leads_is_asked_about():
    way = weekly(range(5), "08:00", "08:50", zone=CORRIDOR, name="way", kind="transit")
    work = weekly(range(5), "09:00", "18:00")
    (doubt,) = doubts([way, work], ORDER)
    assert doubt == (Flaw.GAP, ("way", "work"), (at("2026-03-02 08:50"), at("2026-03-02 09:00")))
    assert doubts([weekly(range(5), "08:00", "09:00", zone=CORRIDOR, name="way", kind="transit"), work], ORDER) == []
    assert doubts([weekly(range(5), "03:00", "04:00", zone=CORRIDOR, name="way", kind="transit"), work], ORDER) == []


@pytest.mark.parametrize(("zone", "flaws"), [(COURT, [Flaw.OVERLAP]), (CORRIDOR, []), (Circle(37.5205, 127.02, 10.0), [])])
def test_two_places_at_once_are_asked_about_unless_they_touch(zone, flaws):
    other = once("2026-03-10 10:00", "2026-03-10 12:00", zone=zone)
    assert [doubt.flaw for doubt in doubts([weekly(range(5), "09:00", "18:00"), other], ORDER)] == flaws
