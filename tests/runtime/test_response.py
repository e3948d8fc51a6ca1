"""From a fix to a closed incident on a whole server: who is told what, in which order, and exactly once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import sqlalchemy as sa

from jikimi.delivery.handset import Trouble
from jikimi.delivery.words import read_book
from jikimi.identity.roles import Role
from jikimi.incidents.incident import Kind, Outcome
from jikimi.model.event import EventKind
from jikimi.model.notice import Side
from jikimi.orders.codes import new_code
from jikimi.policy.durations import tables
from jikimi.policy.load import presets
from jikimi.runtime import parties
from jikimi.runtime.parties import with_bases as parties_with_bases
from jikimi.runtime.server import Server
from jikimi.runtime.stores import Stores
from tests.accounts import sign_up
from tests.runtime.test_server import House, kept_order, now_ms

pytestmark = pytest.mark.sockets

HER_BATTERY = {"id": "b1", "event": "battery_low", "battery_pct": 4}


class Station(House):
    """A house with an order that the clerk keeps, and an operator."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder, port)
        self.register.add_order(msgspec.structs.replace(self.order, until_ms=now_ms() - 1))
        clerk = self.clerk()
        clerk.enter(kept_order(), now_ms=now_ms(), by="x")
        self.desk_code = self.new_desk_code()

    def new_desk_code(self) -> str:
        code = new_code()
        sign_up(self.register, "kim", code, Role.OPERATOR)
        return code

    def clerk(self) -> Any:
        return Stores(self.settings).clerk(self.register, tables())

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Desk]:
        async with httpx2.AsyncClient(timeout=20, base_url=self.url("desk"), headers={"Origin": self.url("desk")}) as client:
            answer = await client.post("/api/pair", json={"code": self.desk_code})
            client.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
            yield Desk(client)

    async def events(self, client: httpx2.AsyncClient, device: str, *events: dict[str, Any]) -> None:
        request = self.request(device, 0.0, number=0)
        request["json"] = {"fixes": [], "events": list(events)}
        assert (await client.post(**request)).status_code == 200

    async def approach(self, client: httpx2.AsyncClient) -> None:
        await self.send(client, "phone", 0.0, number=1)
        await self.send(client, "tag", 5000.0, number=1)
        for number in (2, 3, 4):
            await self.send(client, "tag", 60.0, number=number)
            await asyncio.sleep(0.05)


class Desk:
    """The desk's page, without a page."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client

    async def queue(self) -> Any:
        return (await self.client.get("/api/incidents")).json()

    async def until(self, count: int) -> Any:
        for _ in range(200):
            found = await self.queue()
            if len(found["rows"]) == count:
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"there are {len(found['rows'])} incidents, not {count}")

    async def do(self, path: str, body: dict[str, Any] | None = None) -> int:
        return (await self.client.post(f"/api/{path}", json=body or {})).status_code

    async def page(self, incident: str) -> Any:
        return (await self.client.get(f"/api/incidents/{incident}?language=en")).json()


@asynccontextmanager
async def notices(house: House, client: httpx2.AsyncClient) -> AsyncIterator[list[Any]]:
    """Collect the notices on her stream, and tell that each was shown."""
    found: list[Any] = []

    async def listen() -> None:
        async with client.stream("GET", f"{house.url('protected')}/api/stream") as stream:
            name = ""
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: ") and name == "notice":
                    found.append(json.loads(line[6:]))
                    receipt = {"key": found[-1]["key"], "step": "shown"}
                    headers = {"Origin": house.url("protected")}
                    answer = await client.post(f"{house.url('protected')}/api/receipts", json=receipt, headers=headers)
                    assert answer.status_code == 204, answer.text

    task = asyncio.create_task(listen())
    await asyncio.sleep(0.2)
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def of_person(queue: Any, kind: str) -> Any:
    """Return the incident of this kind."""
    return next(row for row in queue["rows"] if kind in row["kinds"])


def test_from_an_approach_to_a_closed_incident(tmp_path: Path) -> None:
    house = Station(tmp_path, 18_940)

    async def story() -> None:
        async with Server(house.settings, presets()), httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            # Given an operator on duty and her page open
            await house.pair(client)
            assert await desk.do("duty", {"on": True}) == 204
            async with notices(house, client) as shown:
                # When he comes near her (and near the home that the order protects: one thing for people)
                await house.approach(client)
                queue = await desk.until(1)
                row = queue["rows"][0]
                assert (row["level"], row["status"], row["mine"], row["owner"]) == ("danger", "open", True, "kim")
                assert (row["label_monitored"], row["label_protected"]) == ("M", "P")
                # Then each side has a responder, hers first, and both are the police: a tag before trial
                assert [(task["where"], task["responder"]) for task in row["tasks"]] == [("protected", "police"), ("monitored", "police")]
                for _ in range(100):
                    if shown:
                        break
                    await asyncio.sleep(0.05)
                assert shown, "her open page is told"
                assert all(one["title"] == "확인해 주세요" and "앱" in one["text"] for one in shown), "nothing telling on a locked screen"
            name = row["incident"]
            assert await desk.do(f"incidents/{name}/resolve", {"outcome": "helped", "reason": "x"}) == 409, "nobody looked at it yet"
            assert await desk.do(f"incidents/{name}/acknowledge") == 204
            assert await desk.do(f"incidents/{name}/task", {"where": "protected", "status": "sent"}) == 204
            assert await desk.do(f"incidents/{name}/task", {"where": "protected", "status": "received"}) == 409
            assert await desk.do(f"incidents/{name}/contact") == 204
            assert await desk.do(f"incidents/{name}/note", {"text": "She is indoors."}) == 204
            assert await desk.do(f"incidents/{name}/resolve", {"outcome": "settled", "reason": "x"}) == 409, "only time settles"
            assert await desk.do(f"incidents/{name}/resolve", {"outcome": "warned", "reason": " "}) == 409
            assert await desk.do(f"incidents/{name}/resolve", {"outcome": "warned", "reason": "He left."}) == 204
            page = await desk.page(name)
            whats = [entry["what"] for entry in page["entries"] if entry["by"] == "kim"]
            assert whats == ["acknowledge", "task_protected_sent", "contact", "note", "resolved_warned"]
            assert page["row"]["status"] == "resolved"
            assert page["scripts"][0]["kind"] == "approach"
            states = {one["title"]: one["state"] for one in page["notices"]}
            assert states["확인해 주세요"] == "shown"
            assert {"접근", "출동 요청"} <= states.keys()
            asked = [one["state"] for one in page["notices"] if one["title"] == "출동 요청"]
            assert len(asked) == 2
            assert "replaced" not in asked, "one agency is asked twice: to her and to him, and not again for her home"
            assert (await desk.queue())["rows"] == []

    asyncio.run(story())


def test_nothing_is_lost_and_nothing_doubled_when_a_process_ends_before_it_worked(tmp_path: Path) -> None:
    house = Station(tmp_path, 18_943)

    async def story() -> None:
        async with Server(house.settings, presets()) as first, httpx2.AsyncClient(timeout=20) as client:
            # Given a process in which nothing takes in what happens: it ends before its incidents were kept
            first.hub.heard = lambda _record: None
            await house.approach(client)
            assert await first.attendance.response.queue() == ([], [])
        for _ in range(2):
            async with Server(house.settings, presets()), house_operator(house) as desk:
                # Then the next one takes in what the journal holds, and the one after it nothing anew
                queue = await desk.until(1)
                page = await desk.page(queue["rows"][0]["incident"])
                assert [entry["what"] for entry in page["entries"]].count("opened_approach") == 1

    asyncio.run(story())


@asynccontextmanager
async def house_operator(house: Station) -> AsyncIterator[Desk]:
    house.desk_code = house.new_desk_code()
    async with house.operator() as desk:
        yield desk


def test_her_battery_is_hers_and_his_is_his(tmp_path: Path) -> None:
    house = Station(tmp_path, 18_946)

    async def story() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            await house.events(client, "phone", HER_BATTERY)
            row = of_person(await desk.until(1), "phone_battery")
            assert row["kinds"] == ["phone_battery"]
            told = server.attendance.response.books.notices_after(0)
            assert Side.MONITORED not in {notice.audience for _, notice in told}, "nothing of her phone reaches him"
            assert "instruction.protected.charge" in {notice.text_key for _, notice in told}
            await house.events(client, "phone", {"id": "b2", "event": "charging"})
            await desk.until(0)
            await house.events(client, "tag", HER_BATTERY)
            assert of_person(await desk.until(1), "battery")
            to_him = [notice for _, notice in server.attendance.response.books.notices_after(0) if notice.audience is Side.MONITORED]
            assert [(one.recipient_id, one.text_key, one.arguments) for one in to_him] == [("m", "instruction.monitored.charge", {})]
            # His device calling for help is no call of hers.
            await house.events(client, "tag", {"id": "s1", "event": "sos"})
            await house.events(client, "tag", {"id": "t1", "event": "tamper"})
            row = of_person(await desk.until(1), "removal")
            assert "sos" not in row["kinds"]

    asyncio.run(story())


def test_an_sos_is_on_the_desk_whatever_else_and_waits_for_a_person(tmp_path: Path) -> None:
    house = Station(tmp_path, 18_949)

    async def story() -> None:
        async with Server(house.settings, presets()), httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            await house.pair(client)
            headers = {"Origin": house.url("protected")}
            # Given nobody on duty and no position at all
            answer = await client.post(f"{house.url('protected')}/api/sos", json={"id": "s1", "silent": True}, headers=headers)
            assert answer.status_code == 202
            row = of_person(await desk.until(1), "silent_sos")
            assert row["contact_due_ms"] is None, "nobody is pressed to ring her"
            assert (row["level"], row["owner"], [task["where"] for task in row["tasks"]]) == ("danger", None, ["protected"])
            page = await desk.page(row["incident"])
            assert "근무자 없음" in {one["title"] for one in page["notices"]}, "the supervisor is told that nobody is there"
            assert "확인해 주세요" not in {one["title"] for one in page["notices"]}, "a silent call rings nowhere near her"
            await client.post(f"{house.url('protected')}/api/sos/cancel", json={"id": "s1"}, headers=headers)
            await asyncio.sleep(0.3)
            row = of_person(await desk.until(1), "silent_sos")
            assert (row["standing"], row["status"]) == ([], "open"), "it ended, and still somebody must look"
            # When an operator comes, it is hers at once
            assert await desk.do("duty", {"on": True}) == 204
            assert of_person(await desk.queue(), "silent_sos")["mine"]

    asyncio.run(story())


def test_one_poisoned_case_hurts_no_other_and_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = Station(tmp_path, 18_952)

    homes: set[str] = set()

    def poisoned(party: Any, clerk: Any) -> Any:
        if party.pair_id in homes:
            raise RuntimeError("a fault of ours")
        return parties_with_bases(party, clerk)

    monkeypatch.setattr(parties, "with_bases", poisoned)

    async def story() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            homes.update(pair.pair_id for pair in server.hub.pairs() if pair.place_id is not None)
            assert homes
            await house.approach(client)
            queue = await desk.until(1)
            assert queue["rows"][0]["kinds"] == ["approach"]
            assert queue["failed"] >= 1

    asyncio.run(story())


def test_a_database_that_fails_is_asked_again_calmly_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = Station(tmp_path, 18_955)

    async def story() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            room, calls = server.attendance.response.room, []
            working = room.signals

            def failing(*given: Any) -> None:
                calls.append(1)
                raise sa.exc.OperationalError("", None, Exception("locked"))

            monkeypatch.setattr(room, "signals", failing)
            await house.approach(client)
            await asyncio.sleep(1.0)
            assert 1 <= len(calls) <= 10, "a quarter of a second lies between two tries"
            assert (await desk.queue())["rows"] == []
            monkeypatch.setattr(room, "signals", working)
            assert len((await desk.until(1))["rows"]) == 1

    asyncio.run(story())


def test_every_text_that_is_asked_for_is_there_and_none_besides() -> None:
    book = read_book()
    keys = {f"alarm.operator.{kind}" for kind in Kind} | {
        "alarm.operator.assigned", "alarm.supervisor.nobody_on_duty", "alarm.protected.approach", "alarm.protected.silence",
        "instruction.protected.charge", "instruction.protected.handset", "instruction.monitored.charge",
        "escalation.operator.unacknowledged", "escalation.supervisor.unacknowledged", "escalation.responder.unacknowledged",
        "escalation.operator.contact_due", "escalation.supervisor.contact_due",
        *(f"escalation.{to}.{what}" for to in ("operator", "supervisor") for what in ("task_due", "task_unsent", "task_late")),
        "escalation.responder.task",
        "task.responder.at_monitored", "task.responder.at_protected", "repeat.responder.distance", "closed.responder.incident",
        *(f"instruction.protected.{trouble}" for trouble in Trouble), "task.responder.at_both",
        "instruction.monitored.leave_area", "instruction.monitored.call_office",
        *(f"desk.{to}.{what}" for to in ("protected", "responder") for what in ("call", "message")), "field.responder.link",
        "copy.operator.unpermitted",
    }  # fmt: skip
    assert {name for name in book.words if "." in name} == keys
    assert set(book.terms) == {kind.value for kind in Kind} | {outcome.value for outcome in Outcome}
    assert EventKind.BATTERY_LOW.value == HER_BATTERY["event"]
