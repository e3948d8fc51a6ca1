"""The desk's office: whose task is due when, which records may be one man's, how far each way to protection is."""

from __future__ import annotations

import datetime as dt

import pytest

from jikimi.apps.ports import Sos
from jikimi.model.order import DeviceKind
from jikimi.model.register import Act
from jikimi.orders.matching import Identifiers
from tests.apps.client import Browser
from tests.apps.test_her_orders import DAY_MS, enter, order_of, story
from tests.disclosure.cases import HER, ORDER

OTHER = "other-order"


def page_of(answer):
    assert answer.status == 200, answer.body
    return answer.json


async def seen(world, language="en"):
    return page_of(await world.staff.get("/api/office?language=" + language))


def enter_twice(world):
    """Two orders about men with one name and one day of birth; the second carries a tag."""
    one = order_of(world, tagged=False)
    two = order_of(world, tagged=True)
    change = {"order_id": OTHER, "monitored_ids": ("person-n",), "protected": ()}
    values = {name: getattr(two, name) for name in two.__struct_fields__} | change | {"measures": two.measures[1:]}
    who = Identifiers(names=("Hong Gildong",), birth_date=dt.date(1990, 1, 2))
    world.clerk.enter(one, now_ms=world.watch.now_ms(), by="x", who={"person-m": who})
    world.clerk.enter(type(two)(**values), now_ms=world.watch.now_ms(), by="x", who={"person-n": who})


@story
async def test_a_way_to_protection_shows_its_clocks_and_owners(world):
    enter(world)
    (way,) = (await seen(world))["ways"]
    assert [step["step"] for step in way["steps"]] == ["ordered", "notified", "fitted", "paired", "first_fix", "drill_done"]
    assert way["steps"][0]["done_ms"] is not None
    assert way["steps"][1]["due_ms"] > way["steps"][0]["done_ms"]
    assert way["steps"][3]["owner"] == "officer-han"
    assert way["person"] == world.register.labels["person-h"]


@story
async def test_a_task_is_said_in_the_operators_language_with_its_owner_and_time(world):
    enter(world)
    await world.her.post("/api/consent", {"given": False, "terms": "2026-11"})
    english, korean = [next(t for t in (await seen(world, lang))["tasks"] if t["reason"] == "declined") for lang in ("en", "ko")]
    assert (english["title"], korean["title"]) == ("She declined or left", "피해자의 거부 또는 탈퇴")
    assert (english["owner"], english["due_ms"] - english["made_ms"], english["by_hand"]) == ("officer-han", 60_000, True)


@story
async def test_nothing_new_is_not_sent_twice_and_every_change_is(world):
    enter(world)
    version = (await seen(world))["version"]
    assert (await world.staff.get("/api/office?version=" + version)).status == 204
    world.clerk_reads, overview = 0, world.clerk.overview
    world.clerk.overview = lambda: setattr(world, "clerk_reads", world.clerk_reads + 1) or overview()
    for _ in range(5):
        await seen(world)
    assert world.clerk_reads == 0, "the books are not read again for what is known"
    await world.her.post("/api/consent", {"given": True, "terms": "2026-11"})
    assert (await seen(world))["version"] != version
    assert next(event["act"] for event in (await seen(world))["events"]) == "consent"


@story
async def test_a_task_that_is_done_by_hand_goes_and_another_kind_does_not(world):
    enter(world)
    await world.her.post("/api/consent", {"given": False, "terms": "2026-11"})
    (task,) = [one for one in (await seen(world))["tasks"] if one["reason"] == "declined"]
    assert (await world.staff.post("/api/tasks", {"task": task["task"], "outcome": "called her"})).status == 204
    assert task["task"] not in {one["task"] for one in (await seen(world))["tasks"]}
    assert (await world.staff.post("/api/tasks", {"task": task["task"], "outcome": "again"})).error == "refused"
    assert (await world.staff.post("/api/tasks", {"task": "nothing", "outcome": "x"})).error == "task_unknown"


@pytest.mark.parametrize("confirmed", [True, False])
def test_two_records_are_one_mans_or_not_once_somebody_says_so(confirmed):
    @story
    async def settled(world):
        enter_twice(world)
        (link,) = (await seen(world))["links"]
        assert (link["strength"], link["order"], link["tag_order"]) == ("likely", ORDER.order_id, OTHER)
        body = {"link": link["link"], "confirmed": confirmed, "reason": "compared the records"}
        assert (await world.staff.post("/api/links", body)).status == 204
        after = await seen(world)
        assert after["links"] == []
        assert any(task["reason"] == "link_confirmed" for task in after["tasks"]) is confirmed
        assert (await world.staff.post("/api/links", body)).error == "refused"
        assert (await world.staff.post("/api/links", body | {"link": "nothing"})).error == "link_unknown"

    settled()


@story
async def test_a_call_without_a_tag_is_on_the_office_page_at_once(world):
    enter(world, tagged=False)
    version = (await seen(world))["version"]
    await world.watch.raise_sos(Sos(sos_id="s1", person_id=HER, at_ms=world.watch.now_ms(), silent=True))
    page = page_of(await world.staff.get("/api/office?version=" + version))
    assert [(call["person"], call["silent"], call["protected"]) for call in page["calls"]] == [
        (world.register.labels["person-h"], True, True)
    ]


@story
async def test_only_staff_see_the_office_and_only_well_formed_answers_count(world):
    guest = Browser(world.desk, "desk")
    assert (await guest.get("/api/office")).status == 401
    for path in ("/api/links", "/api/tasks"):
        assert (await guest.post(path, {})).status == 401
        assert (await world.staff.post(path, {"link": "x", "confirmed": True, "reason": "", "task": "", "outcome": ""})).status == 400
    assert (await world.her.get("/api/office")).status == 404, "her app has no such door"


@story
async def test_a_silent_device_and_an_ended_order(world):
    enter(world)
    now = world.watch.now_ms()
    await world.office.do(lambda clerk: clerk.give_out(ORDER.order_id, "t", DeviceKind.TAG, "person-m", now_ms=now, by="x"))
    await world.office.do(lambda clerk: clerk.advance(now + 16 * 60_000))
    tasks = (await seen(world))["tasks"]
    assert "not_reporting" in {task["reason"] for task in tasks}
    later = now + DAY_MS
    await world.office.do(lambda clerk: clerk.act(ORDER.order_id, Act.REVOKE, at_ms=later, now_ms=later, by="x", reason="decision"))
    after = await seen(world)
    assert after["ways"] == []
    assert after["events"][0]["after"] == "revoked"
