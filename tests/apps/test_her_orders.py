"""Her app and her orders: signing in is a step, leaving is a task, and an order without a tag is an order."""

from __future__ import annotations

import msgspec
import pytest

from jikimi.model.register import CourtOrder, Measure, MeasureKind, Protected, Standing
from jikimi.orders.funnel import Step
from jikimi.orders.project import core_orders
from jikimi.orders.tasks import Reason
from tests.apps.client import TOKEN, Browser, World
from tests.apps.jump_loop import run
from tests.apps.test_stream import fresh, pause
from tests.disclosure.cases import HER, NOW_MS, ORDER, PAIR

DAY_MS = 86_400_000


def story(function):
    async def whole():
        await function(World())

    def test():
        run(whole())

    test.__name__ = function.__name__
    return test


def order_of(world, *, tagged):
    now = world.watch.now_ms()
    span = {"from_ms": now, "until_ms": now + 20 * DAY_MS}
    tag = (Measure(measure_id="tag", kind=MeasureKind.MONITORING, **span),) if tagged else ()
    return CourtOrder(
        order_id=ORDER.order_id,
        policy_id="kr",
        basis_id="kr-provisional" if tagged else "kr-urgent",
        legal_basis="test",
        owner="owner",
        protecting_officer="officer-han",
        monitored_ids=("person-m",),
        protected=(Protected(person_id=HER, standing=Standing.VICTIM),),
        measures=(Measure(measure_id="away", kind=MeasureKind.NO_APPROACH, **span), *tag),
        decided_ms=now,
    )


def enter(world, *, tagged=True):
    """Enter her order with the clerk, and let the core go by it."""
    order = order_of(world, tagged=tagged)
    world.clerk.enter(order, now_ms=world.watch.now_ms(), by="x")
    (told,) = core_orders(world.clerk.order(ORDER.order_id))
    world.watch.orders = {told.order_id: told}
    if not tagged:
        world.watch.known.clear()
        world.watch.views.clear()


def tasks(world, reason):
    with world.clerk._books.reading() as page:
        return [task for task in page.tasks(is_open=True) if task.reason is reason]


@story
async def test_a_code_that_is_redeemed_is_a_step_towards_protection(world):
    enter(world)
    world.register.codes["7KQ2M-9XWPA"] = ("protected", HER)
    assert (await Browser(world.protected, "protected").post("/api/pair", {"code": "7KQ2M-9XWPA"})).status == 204
    await pause(0.1)
    with world.clerk._books.reading() as page:
        (funnel,) = page.funnels(ORDER.order_id)
    assert Step.PAIRED in funnel.done


@story
async def test_signing_in_does_not_fail_with_the_books(world):
    world.clerk.signed_in = lambda *_, **__: 1 / 0
    world.register.codes["7KQ2M-9XWPA"] = ("protected", HER)
    assert (await Browser(world.protected, "protected").post("/api/pair", {"code": "7KQ2M-9XWPA"})).status == 204
    await pause(0.1)


@story
async def test_who_leaves_is_the_task_of_her_officer_before_the_answer(world):
    enter(world)
    assert (await world.her.post("/api/consent", {"given": False, "terms": "2026-11"})).status == 204
    (task,) = tasks(world, Reason.DECLINED)
    assert (task.owner, task.person_id) == ("officer-han", HER)
    assert task.due_ms - task.made_ms <= 60_000
    assert (await world.her.post("/api/consent", {"given": False, "terms": "2026-11"})).status == 204
    assert len(tasks(world, Reason.DECLINED)) == 1, "said twice, it is one leaving"
    assert [one["given"] for one in (await world.her.get("/api/me")).json["orders"]] == [False]


@story
async def test_she_may_accept_and_come_back(world):
    enter(world)
    for given in (True, False, True):
        assert (await world.her.post("/api/consent", {"given": given, "terms": "2026-11"})).status == 204
        assert world.clerk.order(ORDER.order_id).protected[0].consent.given is given


@story
async def test_an_answer_needs_a_session_our_own_page_and_a_shape(world):
    enter(world)
    assert (await Browser(world.protected, "protected").post("/api/consent", {"given": False, "terms": "x"})).status == 401
    for body in ({"given": "no", "terms": "x"}, {"given": False}, {"given": False, "terms": ""}, {"given": False, "terms": "x" * 41}):
        assert (await world.her.post("/api/consent", body)).status == 400
    foreign = Browser(world.protected, "protected", TOKEN)
    foreign.site = "cross-site"
    assert (await foreign.post("/api/consent", {"given": False, "terms": "x"})).status == 403
    assert tasks(world, Reason.DECLINED) == []


@story
async def test_an_order_without_a_tag_keeps_her_session_and_her_call_for_help(world):
    enter(world, tagged=False)
    line = world.her.listen()
    await pause(30.0)
    assert line.of("end") == []
    assert all(state["pairs"] == [] for state in line.of("state"))
    me = (await world.her.get("/api/me")).json
    assert me["policy"]["emergency_number"]
    assert me["orders"] == [{"tagged": False, "given": None, "measures": [{"kind": "no_approach", "until_ms": NOW_MS + 20 * DAY_MS}]}]
    assert (await world.her.post("/api/sos", {"id": "s1", "silent": False})).status == 202
    assert [call.sos_id for call in world.watch.calls_without_pair()] == ["s1"]
    world.watch.orders.clear()
    await pause(15.0)
    assert line.of("end") == [{"reason": "order_ended"}]


@story
async def test_an_order_with_a_tag_says_until_when_each_measure_runs(world):
    enter(world)
    (order,) = (await world.her.get("/api/me")).json["orders"]
    assert order["tagged"] is True
    assert [one["kind"] for one in order["measures"]] == ["no_approach", "monitoring"]


@pytest.mark.parametrize("until_ms", [NOW_MS + DAY_MS, 253_402_300_800_000])
def test_an_order_that_the_clerk_does_not_know_or_cannot_say_is_still_shown(until_ms):
    async def whole():
        world = World()
        world.watch.orders[ORDER.order_id] = msgspec.structs.replace(ORDER, until_ms=until_ms)
        world.watch.views[PAIR.pair_id] = fresh(world)
        world.clerk.protecting = lambda _person: 1 / 0
        me = (await world.her.get("/api/me")).json
        end = until_ms if until_ms < NOW_MS + 2 * DAY_MS else None
        assert me["orders"] == [{"tagged": True, "given": None, "measures": [{"kind": "no_approach", "until_ms": end}]}]

    run(whole())
