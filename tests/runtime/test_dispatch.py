"""From an approach to an agency that received, sent, arrived and is done: over real sockets, signed both ways."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx2
import msgspec
import pytest
import uvicorn

from jikimi.delivery.cap import NAMESPACE
from jikimi.delivery.decision import Decided
from jikimi.delivery.endpoint import Endpoint
from jikimi.delivery.setup import DeliverySettings
from jikimi.delivery.signing import is_signed, secret_bytes, signed_headers
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.orders.clerk import Clerk
from jikimi.orders.tasks import Task
from jikimi.policy.load import presets
from jikimi.runtime.server import Server
from jikimi.scenarios.agency import Agency
from tests.runtime.ports import free_base
from tests.runtime.test_response import Station
from tests.runtime.test_server import HERE

pytestmark = pytest.mark.sockets
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
PORT = free_base()


async def at_once(_step: str) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, port=PORT + 3, lifespan="off", log_config=None, access_log=False))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def comes(house: Station, client: httpx2.AsyncClient) -> None:
    """He is seen within the 100 m of her order, from the first."""
    await house.send(client, "phone", 0.0, number=1)
    for number in range(1, 5):
        await house.send(client, "tag", 82.0 - 2.0 * number, number=number)


class Watching:
    """Listens to what is written down before it is shown; where told so, it cannot be."""

    def __init__(self, server: Server, monkeypatch: pytest.MonkeyPatch, *, fails: bool = False) -> None:
        self.recorded: list[tuple[str, ...]] = []
        disclosed = server.hub.disclosed

        def told(*given: str) -> Any:
            self.recorded.append(given)
            return broken() if fails else disclosed(*given)

        async def broken() -> None:
            raise LedgerUnavailableError("full")

        monkeypatch.setattr(server.hub, "disclosed", told)


def house_with_police(folder: Path) -> Station:
    house = Station(folder, PORT)
    delivery = DeliverySettings(endpoints={"police": Endpoint(f"http://127.0.0.1:{PORT + 3}/jikimi", SECRET)})
    house.settings = msgspec.structs.replace(house.settings, delivery=delivery)
    return house


def signed(body: bytes, *, secret: str = SECRET, mark: str = "msg_1", age_s: int = 0) -> dict[str, str]:
    return signed_headers(secret_bytes(secret), mark, int(time.time()) - age_s, body)


def test_an_approach_reaches_the_agency_and_its_answers_the_incident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = house_with_police(tmp_path)

    async def story() -> None:
        async with Server(house.settings, presets()) as running, httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            server = Watching(running, monkeypatch)
            agency = Agency(SECRET, f"{house.url('device')}/v1/answers/police", client, at_once)
            async with listening(agency):
                await comes(house, client)
                queue = await desk.until(1)
                for _ in range(200):
                    queue = await desk.queue()
                    if all(task["status"] == "done" for row in queue["rows"] for task in row["tasks"]):
                        break
                    await asyncio.sleep(0.05)
                row = queue["rows"][0]
                assert await desk.do(f"incidents/{row['incident']}/acknowledge") == 204
                assert await desk.do(f"incidents/{row['incident']}/resolve", {"outcome": "helped", "reason": "She is safe."}) == 204
                for _ in range(200):
                    if any(one.data.topic.endswith("closed.responder.incident") for one in agency.seen.values()):
                        break
                    await asyncio.sleep(0.05)
            assert {(task["where"], task["responder"], task["status"]) for task in row["tasks"]} == {
                ("protected", "police", "done"),
                ("monitored", "police", "done"),
            }
            assert row["task_due_ms"] is None, "nobody is asked again"
            whats = [(one["what"], one["by"]) for one in (await desk.page(row["incident"]))["entries"]]
            for where in ("protected", "monitored"):
                steps = [what for what, by in whats if what.startswith(f"task_{where}_") and by == "police"]
                assert steps == [f"task_{where}_{step}" for step in ("received", "sent", "arrived", "done")]
            # Positions stand in the report, through the gate, and nowhere else.
            asked = [one.data for one in agency.seen.values() if ".at_protected" in one.data.topic]
            report = asked[0].report
            assert report is not None
            assert (report["level"], report["silent"], report["order"]["distance_m"]) == ("danger", False, 100.0)
            assert abs(report["map"]["monitored"]["latitude"] - HERE[0] - 80 / 111_000) < 0.0002
            assert 0.0 <= report["low_m"] < 90.0
            assert report["reasons"]
            for one in agency.seen.values():
                assert str(HERE[0])[:4] not in f"{one.data.title} {one.data.text} {one.data.cap}"
                alert = ET.fromstring(one.data.cap or "")
                assert alert.findtext(f"{{{NAMESPACE}}}addresses") == '"police"'
            # One report with versions, one chain of alerts: each names all before it, and the last takes them back.
            reports = sorted((one.data.report or {} for one in agency.seen.values()), key=lambda one: one["version"])
            assert len({one["report"] for one in reports}) == 1
            assert [one["version"] for one in reports] == list(range(1, len(reports) + 1))
            assert reports[-1]["map"] is None
            assert reports[-1]["live"] is None
            assert reports[0]["live"].startswith(house.url("field"))
            alerts = {int((one.data.report or {})["version"]): ET.fromstring(one.data.cap or "") for one in agency.seen.values()}
            kinds = [alerts[number].findtext(f"{{{NAMESPACE}}}msgType") for number in sorted(alerts)]
            assert kinds == ["Alert", *["Update"] * (len(alerts) - 2), "Cancel"]
            for number, alert in alerts.items():
                named = (alert.findtext(f"{{{NAMESPACE}}}references") or "").split()
                before = [alerts[one].findtext(f"{{{NAMESPACE}}}identifier") for one in sorted(alerts) if one < number]
                assert [one.split(",")[1] for one in named] == before
            looks = [one for one in server.recorded if one[1] == "responder"]
            assert {(who, purpose) for who, _, _, purpose, _ in looks} == {("police", "response")}

    asyncio.run(story())


def test_what_cannot_be_written_down_is_not_shown_and_the_request_goes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = house_with_police(tmp_path)

    async def story() -> None:
        async with Server(house.settings, presets()) as running, httpx2.AsyncClient(timeout=20) as client:
            Watching(running, monkeypatch, fails=True)
            agency = Agency(SECRET, f"{house.url('device')}/v1/answers/police", client, at_once)
            async with listening(agency):
                await house.approach(client)
                for _ in range(200):
                    if len(agency.seen) >= 2:
                        break
                    await asyncio.sleep(0.05)
            reports = [one.data.report for one in agency.seen.values()]
            assert len(reports) >= 2
            assert all(report is not None and report["map"] is None and report["level"] == "danger" for report in reports)

    asyncio.run(story())


def test_what_is_forged_late_doubled_or_not_asked_moves_nothing(tmp_path: Path) -> None:
    house = house_with_police(tmp_path)

    async def story() -> None:
        async with Server(house.settings, presets()), httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            await house.approach(client)
            row = (await desk.until(1))["rows"][0]
            url = f"{house.url('device')}/v1/answers"
            told = {"incident": row["incident"], "where": "protected", "status": "received"}
            body = msgspec.json.encode(told)

            async def posted(content: bytes, headers: dict[str, str], agency: str = "police") -> int:
                return (await client.post(f"{url}/{agency}", content=content, headers=headers)).status_code

            other = "whsec_" + base64.b64encode(bytes(32)).decode()
            assert await posted(body, {}) == 401
            assert await posted(body, signed(body, secret=other)) == 401
            assert await posted(body, signed(body, age_s=400)) == 401
            assert await posted(body + b" ", signed(body)) == 401
            assert await posted(body, signed(body), "tag_authority") == 401
            for number, unreadable in enumerate((b"{}", b"", b"\x80")):
                assert await posted(unreadable, signed(unreadable, mark=f"u{number}")) == 400
            assert await posted(b"x" * 20_000, signed(b"x")) == 413
            assert (await client.get(f"{url}/police")).status_code == 405
            for wrong in ({"incident": "0" * 24}, {"status": "arrived"}):
                content = msgspec.json.encode(told | wrong)
                assert await posted(content, signed(content, mark=f"m{wrong}")) == 409
            assert {task["status"] for one in (await desk.queue())["rows"] for task in one["tasks"]} == {"waiting"}
            # The same answer again, word for word or anew, is taken and counts once.
            for mark in ("msg_1", "msg_1", "msg_2"):
                assert await posted(body, signed(body, mark=mark)) == 204
            noted = msgspec.json.encode(told | {"status": "sent", "note": "Unit 7 is on its way."})
            assert await posted(noted, signed(noted, mark="msg_3")) == 204
            page = await desk.page(row["incident"])
            assert [one["what"] for one in page["entries"] if one["by"] == "police"] == [
                "task_protected_received",
                "task_protected_sent",
                "note",
            ]
            assert page["entries"][-1]["reason"] == "Unit 7 is on its way."

    asyncio.run(story())


def test_a_courts_decision_reaches_the_police_and_their_signed_word_closes_the_task(tmp_path: Path) -> None:
    """Over real sockets: the running server posts it, and takes the word of whoever it told, and of nobody else."""
    house = house_with_police(tmp_path)
    delivery = msgspec.structs.replace(house.settings.delivery, decisions={"police": "police"})
    house.settings = msgspec.structs.replace(house.settings, delivery=delivery)
    got: list[tuple[dict[str, str], bytes]] = []

    async def records(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        got.append(({name.decode(): value.decode() for name, value in scope["headers"]}, body))
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def story() -> None:
        async with Server(house.settings, presets()) as running, httpx2.AsyncClient(timeout=20) as client, listening(records):
            at_ms = running.hub.now_ms()

            def decide(clerk: Clerk) -> Task:
                (task,) = clerk.ask_to_tell("kept", ["police"], now_ms=at_ms, one_of="grant 1")
                running.telling.post([task], Decided("grant", "seoul", at_ms, ends=False), clerk)
                return task

            task = await running.office.do(decide)
            running.telling.kept()
            await until(lambda: bool(got))
            headers, body = got[0]
            event = msgspec.json.decode(body)
            assert is_signed(secret_bytes(SECRET), headers, body, int(time.time()))
            assert (event["type"], event["id"], event["data"]["order"]) == ("jikimi.decision", task.task_id, "kept")
            word = msgspec.json.encode({"key": event["data"]["key"], "status": "received"})
            address = house.url("device") + event["data"]["acknowledge"]
            assert (await client.post(address, content=word, headers={"webhook-id": "w"})).status_code == 401
            assert [one.task_id for one in await running.office.ask(lambda clerk: clerk.untold())] == [task.task_id]
            assert (await client.post(address, content=word, headers=signed(word))).status_code == 204
            for _ in range(200):
                if not await running.office.ask(lambda clerk: clerk.untold()):
                    break
                await asyncio.sleep(0.05)
            assert await running.office.ask(lambda clerk: clerk.untold()) == []

    asyncio.run(story())


async def until(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError
