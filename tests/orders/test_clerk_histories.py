"""Whatever is done to orders in whatever sequence: what must always hold."""

from contextlib import suppress

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.model.order import DeviceKind
from jikimi.model.register import Act, MeasureKind, Protected, Standing, Status
from jikimi.orders.calendar import in_force
from jikimi.orders.clerk import Clerk
from jikimi.orders.duration import RefusedError
from jikimi.orders.funnel import Step
from jikimi.orders.status import ENDED, HOLDING, NotAllowedError, after
from jikimi.policy.durations import tables
from tests.orders.fake_books import FakeBooks
from tests.orders.world import at, away, court_order, tag

DAY = 86_400_000
BEGIN = at("2026-03-02")
KEY = bytes(32)
PEOPLE = (Protected(person_id="p-1", standing=Standing.VICTIM), Protected(person_id="p-2", standing=Standing.FAMILY))

ACTS = st.tuples(st.just("act"), st.sampled_from([Act.REQUEST, Act.SUSPEND, Act.RESUME, Act.REVOKE, Act.ACQUIT]), st.integers(-20, 20))
EXTENSIONS = st.tuples(
    st.just("extend"), st.sampled_from([("no_approach",), ("monitoring",), ("no_approach", "monitoring")]), st.integers(1, 100)
)
OTHERS = st.tuples(
    st.sampled_from(["consent", "step", "give", "back", "hear", "end measure", "add tag", "advance"]), st.integers(0, 5), st.integers(0, 1)
)
HISTORIES = st.lists(st.tuples(ACTS | EXTENSIONS | OTHERS, st.integers(0, 30)), max_size=14)


def do(clerk, doing, now):
    what, one, other = doing
    if what == "act":
        clerk.act("order-1", one, at_ms=now + other * DAY, now_ms=now, by="x", reason="x")
    elif what == "extend":
        clerk.extend("order-1", dict.fromkeys(one, now + other * DAY), at_ms=now, now_ms=now, by="x", reason="x")
    elif what == "consent":
        clerk.consent("order-1", f"p-{one % 2 + 1}", given=bool(other), terms="t", now_ms=now, by="x")
    elif what == "step":
        clerk.step("order-1", list(Step)[one], at_ms=now, by="x")
    elif what == "give":
        clerk.give_out("order-1", "tag-1", DeviceKind.TAG, "m-1", now_ms=now, by="x")
    elif what == "back":
        clerk.take_back("tag-1", now_ms=now, by="x")
    elif what == "end measure":
        name = ["no_approach", "monitoring"][other]
        clerk.end_measure("order-1", name, at_ms=now, now_ms=now, by="x", reason="x")
    elif what == "add tag":
        later = msgspec.structs.replace(tag(name=f"tag-{one}"), from_ms=now, until_ms=now + 20 * DAY)
        clerk.add_measure("order-1", later, at_ms=now, now_ms=now, by="x", reason="x")
    elif what == "hear":
        clerk.heard("tag-1", at_ms=now)
    else:
        clerk.advance(now)


@settings(max_examples=80, deadline=None)
@given(HISTORIES, st.booleans())
def test_in_every_history_what_must_hold_holds(history, tagged):
    books = FakeBooks()
    clerk = Clerk(books, tables(), KEY)
    measures = (away(), tag(until="2026-05-02")) if tagged else (away(),)
    clerk.enter(court_order(*measures, decided_ms=BEGIN, protected=PEOPLE), now_ms=BEGIN, by="x")
    now, ended_before = BEGIN, None
    for doing, days in history:
        now += days * DAY
        clerk.advance(now)
        with suppress(RefusedError, NotAllowedError, LookupError):
            do(clerk, doing, now)
        order = books.page.dossier("order-1").order
        told = in_force(books.orders(), now)
        # What engine and gate go by is what the status says, at every moment, and a tag alone protects nobody.
        protecting = any(one.kind is not MeasureKind.MONITORING and one.from_ms <= now < one.until_ms for one in order.measures)
        assert bool(told) == (order.status in HOLDING and protecting)
        # From an ended order nothing leads back, and its end does not move.
        if ended_before is not None:
            assert (order.status, order.ended_ms) == ended_before
            assert told == []
        if order.status in ENDED:
            ended_before = (order.status, order.ended_ms)
            assert clerk.next_due_ms() is None
        # Nothing is left behind the clock, what the act itself made due among it, and every task has an owner.
        clerk.advance(now)
        due = clerk.next_due_ms()
        assert due is None or due > now
        assert all(task.owner for task in books.page.tasks())
    # The log tells the whole story: numbered without gaps, each state following from the one before by the table.
    status = Status.DRAFTED
    for number, event in enumerate(books.page.events("order-1"), start=1):
        assert (event.number, event.before) == (number, status)
        status = after(status, event.act)
        assert event.after is status
    assert books.page.dossier("order-1").order.status is status


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 200), max_size=20), st.integers(1, 90))
def test_how_often_the_clerk_wakes_changes_neither_events_nor_tasks(wakings, tag_days):
    def story(moments):
        books = FakeBooks()
        clerk = Clerk(books, tables(), KEY)
        ends_then = msgspec.structs.replace(tag(), until_ms=BEGIN + tag_days * DAY)
        clerk.enter(court_order(away(), ends_then, decided_ms=BEGIN, protected=PEOPLE), now_ms=BEGIN, by="x")
        clerk.give_out("order-1", "tag-1", DeviceKind.TAG, "m-1", now_ms=BEGIN, by="x")
        for moment in moments:
            clerk.advance(BEGIN + moment * DAY // 2)
        clerk.advance(BEGIN + 101 * DAY)
        events = [(one.act, one.at_ms, one.after) for one in books.page.events("order-1")]
        tasks = [(one.task_id, one.owner, one.made_ms, one.due_ms) for one in books.page.tasks()]
        return events, tasks

    assert story(sorted(wakings)) == story([])
