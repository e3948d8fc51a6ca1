"""The clerk beside a server: a moment is met when it comes, a change at once, and no fix ever waits for it."""

from __future__ import annotations

import asyncio
import time

from jikimi.model.order import DeviceKind
from jikimi.model.register import Act, Status
from jikimi.orders.clerk import Clerk
from jikimi.orders.tasks import Reason
from jikimi.policy.durations import tables
from jikimi.runtime.office import LONGEST_S, Office
from tests.apps.jump_loop import run
from tests.orders.fake_books import FakeBooks
from tests.orders.world import at, court_order

BEGIN = at("2026-03-02")
MINUTE_MS = 60_000


class Desk:
    """An office on the event loop's time; counts how often the server is told to look."""

    def __init__(self, begin=BEGIN):
        self.begin = begin
        self.told = []
        self.clerk = Clerk(FakeBooks(), tables(), bytes(32))
        self.office = Office(self.clerk, self.now, lambda: self.told.append(self.now()))
        self.working = asyncio.create_task(self.office.work())

    def now(self):
        return self.begin + round(asyncio.get_running_loop().time() * 1000)

    def tasks(self, reason):
        with self.clerk._books.reading() as page:
            return [task for task in page.tasks(is_open=True) if task.reason is reason]


def story(function):
    async def whole():
        desk = Desk()
        await function(desk)
        desk.working.cancel()

    def test():
        run(whole())

    test.__name__ = function.__name__
    return test


async def entered(desk):
    order = court_order(decided_ms=BEGIN)
    await desk.office.do(lambda clerk: clerk.enter(order, now_ms=desk.now(), by="x"))


@story
async def test_an_order_expires_in_the_books_within_a_minute_of_its_last_moment(desk):
    await entered(desk)
    end = at("2026-06-02")
    desk.begin += end - desk.now() - 10 * MINUTE_MS  # three quiet months: an idle office does nothing in them, as below
    await asyncio.sleep((end - desk.now()) / 1000 - 1)
    assert desk.clerk.order("order-1").status is Status.IN_FORCE
    await asyncio.sleep(61)
    assert desk.clerk.order("order-1").status is Status.EXPIRED
    assert any(end <= told <= end + MINUTE_MS for told in desk.told), "and the server is told to look"


@story
async def test_what_was_planned_happens_at_its_time(desk):
    await entered(desk)
    later = desk.now() + 3_600_000
    await desk.office.do(lambda clerk: clerk.act("order-1", Act.REVOKE, at_ms=later, now_ms=desk.now(), by="x", reason="decision"))
    await asyncio.sleep(3_599)
    assert desk.clerk.order("order-1").status is Status.IN_FORCE
    await asyncio.sleep(2)
    assert desk.clerk.order("order-1").status is Status.REVOKED


@story
async def test_a_change_wakes_it_at_once_and_an_idle_office_sleeps(desk):
    await asyncio.sleep(10 * LONGEST_S)
    idle = desk.office.number
    assert idle <= 12
    await entered(desk)
    await asyncio.sleep(0.01)
    assert desk.office.number >= idle + 2, "once for the change, once for what follows from it"


@story
async def test_another_process_changed_the_books_and_its_moment_is_met(desk):
    await asyncio.sleep(1)
    desk.clerk.enter(court_order(decided_ms=BEGIN), now_ms=desk.now(), by="x")
    desk.clerk.act("order-1", Act.REVOKE, at_ms=desk.now() + 2_000, now_ms=desk.now(), by="x", reason="decision")
    desk.office.look_now()
    await asyncio.sleep(2.1)
    assert desk.clerk.order("order-1").status is Status.REVOKED


@story
async def test_a_device_that_never_reports_becomes_a_task_after_a_quarter_of_an_hour(desk):
    await entered(desk)
    await desk.office.do(lambda clerk: clerk.give_out("order-1", "tag-1", DeviceKind.TAG, "m-1", now_ms=desk.now(), by="x"))
    await asyncio.sleep(14 * 60)
    assert desk.tasks(Reason.NOT_REPORTING) == []
    await asyncio.sleep(61)
    (task,) = desk.tasks(Reason.NOT_REPORTING)
    assert (task.about, task.owner) == ("tag-1", "officer-yoon")
    desk.office.located("tag-1")
    await asyncio.sleep(0.01)
    assert desk.tasks(Reason.NOT_REPORTING) == [], "it was heard at last"


@story
async def test_a_step_over_its_limit_is_its_owners_task_and_a_page_that_asks_sees_it_though_nobody_did_anything(desk):
    await entered(desk)
    await asyncio.sleep(3_590)
    assert desk.tasks(Reason.STEP_LATE) == []
    before = desk.office.number
    await asyncio.sleep(70)
    (task,) = desk.tasks(Reason.STEP_LATE)
    assert (task.about, task.owner) == ("notified", "officer-yoon")
    assert desk.office.number > before, "the desk's page asks every three seconds whether the number is another one"


@story
async def test_a_device_that_reports_at_once_is_nobodys_task(desk):
    await entered(desk)
    desk.office.located("tag-1")
    await desk.office.do(lambda clerk: clerk.give_out("order-1", "tag-1", DeviceKind.TAG, "m-1", now_ms=desk.now(), by="x"))
    await asyncio.sleep(0.01)
    desk.office.located("tag-1")
    assert desk.clerk.awaited() == {"tag-1"}, "whoever decides a fix does not wait for the books"
    await asyncio.sleep(0.01)
    assert desk.clerk.awaited() == frozenset()
    await asyncio.sleep(16 * 60)
    assert desk.tasks(Reason.NOT_REPORTING) == []


@story
async def test_broken_books_stop_nothing_and_are_tried_again(desk):
    await entered(desk)
    await desk.office.do(lambda clerk: clerk.give_out("order-1", "tag-1", DeviceKind.TAG, "m-1", now_ms=desk.now(), by="x"))
    await asyncio.sleep(0.01)
    advance, desk.clerk.advance = desk.clerk.advance, lambda _now: 1 / 0
    desk.office.located("tag-1")
    await asyncio.sleep(60)
    assert not desk.working.done()
    desk.clerk.advance = advance
    await asyncio.sleep(6)
    assert desk.clerk.awaited() == frozenset()


def test_in_real_time_an_end_is_met_within_a_second():
    now = time.time_ns() // 1_000_000

    async def whole():
        clerk = Clerk(FakeBooks(), tables(), bytes(32))
        told = asyncio.Event()
        office = Office(clerk, lambda: time.time_ns() // 1_000_000, told.set)
        work = asyncio.create_task(office.work())
        days = {"from_ms": now - 1_000, "until_ms": now + 300}
        measures = [type(one)(**{name: getattr(one, name) for name in one.__struct_fields__} | days) for one in court_order().measures]
        await office.do(lambda clerk: clerk.enter(court_order(*measures, decided_ms=now), now_ms=now, by="x"))
        async with asyncio.timeout(2):
            while clerk.order("order-1").status is not Status.EXPIRED:
                told.clear()
                await told.wait()
        work.cancel()

    asyncio.run(whole())
    assert time.time_ns() // 1_000_000 <= now + 1_300 + 700
