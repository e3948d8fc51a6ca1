"""Which of the office's matters the desk hears of: those in which nobody is protected, as long as they stand."""

from __future__ import annotations

import pytest

from jikimi.model.order import DeviceKind
from jikimi.model.register import Act, Status
from jikimi.orders.clerk import Clerk
from jikimi.orders.funnel import Step
from jikimi.orders.troubles import Problem
from jikimi.policy.durations import tables
from tests.orders.fake_books import FakeBooks
from tests.orders.world import at, away, court_order

BEGIN = at("2026-03-02")
MINUTE_MS = 60_000


@pytest.fixture
def clerk():
    made = Clerk(FakeBooks(), tables(), bytes(32))
    made.enter(court_order(decided_ms=BEGIN), now_ms=BEGIN, by="x")
    return made


def standing(clerk, since_ms=BEGIN):
    return [(one.problem, one.person_id) for one in clerk.troubles(since_ms)]


def test_a_device_given_out_and_not_heard_stands_until_it_is_heard_or_comes_back(clerk):
    clerk.give_out("order-1", "t", DeviceKind.TAG, "m-1", now_ms=BEGIN, by="x")
    clerk.advance(BEGIN + 14 * MINUTE_MS)
    assert standing(clerk) == []
    clerk.advance(BEGIN + 15 * MINUTE_MS)
    assert (Problem.NOT_REPORTING, "m-1") in standing(clerk)
    clerk.heard("t", at_ms=BEGIN + 16 * MINUTE_MS)
    assert standing(clerk) == []


def test_who_did_not_come_to_be_fitted_is_a_no_show_and_other_late_steps_stay_the_office_s(clerk):
    clerk.advance(BEGIN + 61 * MINUTE_MS)
    assert standing(clerk) == [], "that she was not told of the order is her officer's task, and no incident"
    clerk.step("order-1", Step.NOTIFIED, at_ms=BEGIN + 61 * MINUTE_MS, by="x")
    clerk.advance(BEGIN + 61 * MINUTE_MS + 1440 * MINUTE_MS)
    assert standing(clerk) == [(Problem.NO_SHOW, "p-1")]
    clerk.step("order-1", Step.FITTED, at_ms=BEGIN + 1502 * MINUTE_MS, by="x")
    assert standing(clerk) == []


def test_a_lapse_is_told_and_the_end_of_an_order_answers_what_stood(clerk):
    urgent = court_order(away("2026-03-02", "2026-03-30"), order_id="u", basis_id="kr-urgent", status=Status.DRAFTED, decided_ms=BEGIN)
    clerk.enter(urgent, now_ms=BEGIN, by="x")
    clerk.advance(BEGIN + 5 * 1440 * MINUTE_MS)
    assert [one.problem for one in clerk.troubles(BEGIN) if one.order.order_id == "u"] == [Problem.LAPSED]
    assert [one for one in clerk.troubles(BEGIN + 6 * 1440 * MINUTE_MS) if one.problem is Problem.LAPSED] == []
    clerk.give_out("order-1", "t", DeviceKind.TAG, "m-1", now_ms=BEGIN + 5 * 1440 * MINUTE_MS, by="x")
    now_ms = BEGIN + 6 * 1440 * MINUTE_MS
    clerk.advance(now_ms)
    assert Problem.NOT_REPORTING in {problem for problem, _ in standing(clerk)}
    clerk.act("order-1", Act.REVOKE, at_ms=now_ms, now_ms=now_ms, by="x", reason="court")
    assert Problem.NOT_REPORTING not in {problem for problem, _ in standing(clerk)}
