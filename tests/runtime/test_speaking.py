"""What a person at the desk says from the screen, and what goes to him: over real sockets, with a played telephone and text gateway."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from jikimi.delivery.endpoint import Endpoint
from jikimi.delivery.leak import check
from jikimi.delivery.setup import DeliverySettings
from jikimi.delivery.signing import is_signed, secret_bytes
from jikimi.policy.load import presets
from jikimi.runtime.server import Server
from jikimi.storage.addresses import SqlAddresses
from tests.runtime.test_dispatch import PORT, SECRET, listening
from tests.runtime.test_drills import begin, far
from tests.runtime.test_field import phone
from tests.runtime.test_response import Station, now_ms

pytestmark = pytest.mark.sockets


class Bridges:
    """A telephone service and a gateway for text messages, played."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.texts: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        body = message["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        assert is_signed(secret_bytes(SECRET), headers, body, now_ms() // 1000)
        (self.calls if scope["path"] == "/voice" else self.texts).append(json.loads(body))
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def until(self, name: str, count: int) -> Any:
        for _ in range(200):
            if len(getattr(self, name)) >= count:
                return getattr(self, name)
            await asyncio.sleep(0.05)
        raise AssertionError(f"{len(getattr(self, name))} {name}")


def house(folder: Path, *names: str) -> Station:
    station = Station(folder, PORT)
    made = {name: Endpoint(f"http://127.0.0.1:{PORT + 3}/{name}", SECRET) for name in names}
    station.settings = msgspec.structs.replace(station.settings, delivery=DeliverySettings(endpoints=made), field_port=PORT + 4)
    addresses = SqlAddresses(station.register.engine)
    for person, number in (("p", "+821000000001"), ("m", "+821000000002"), ("kim", "+821000000003")):
        for channel in ("sms_http", "voice"):
            addresses.put(person, channel, number)
    return station


@asynccontextmanager
async def running(station: Station) -> Any:
    bridges = Bridges()
    async with (
        listening(bridges),
        Server(station.settings, presets()),
        httpx2.AsyncClient(timeout=20) as client,
        station.operator() as desk,
    ):
        yield bridges, client, desk


def test_the_desk_calls_and_writes_to_her_and_his_texts_are_the_versioned_ones(tmp_path: Path) -> None:
    station = house(tmp_path, "sms", "voice")

    async def story() -> None:
        async with running(station) as (bridges, client, desk):
            await station.approach(client)
            incident = (await desk.until(1))["rows"][0]["incident"]
            path = f"incidents/{incident}"
            before = len(bridges.calls)
            assert await desk.do(f"{path}/call", {"to": "protected"}) == 204
            calls = await bridges.until("calls", before + 1)
            made = next(one for one in calls if "connect" in one)
            assert (made["to"], made["connect"], made["confirm"]) == ("+821000000001", "+821000000003", "1")
            assert await desk.do(f"{path}/message", {"to": "protected", "text": "Please stay indoors."}) == 204
            for _ in range(400):
                if any("Please stay indoors." in one["text"] for one in bridges.texts):
                    break
                await asyncio.sleep(0.05)
            else:
                raise AssertionError("her message did not leave")
            # To him: nothing but the versioned texts, whatever is written.
            for body in (
                {"text": "She is north of you."},
                {"text": "Leave."},
                {},
                {"text_key": "approach"},
                {"text_key": "leave_area", "text": "x"},
            ):
                assert await desk.do(f"{path}/message", {"to": "monitored", **body}) == 409
            assert await desk.do(f"{path}/call", {"to": "monitored"}) == 409
            for key in ("leave_area", "call_office", "charge"):
                assert await desk.do(f"{path}/message", {"to": "monitored", "text_key": key}) == 204
            for _ in range(400):
                his = [one["text"] for one in bridges.texts if one["to"] == "+821000000002"]
                if len(his) == 3:
                    break
                await asyncio.sleep(0.05)
            assert len(set(his)) == 3
            for text in his:
                check(text)
            whats = [(one["what"], one["by"], one["reason"]) for one in (await desk.page(incident))["entries"] if one["by"] == "kim"]
            assert whats == [
                ("call_protected", "kim", None),
                ("message_protected", "kim", "Please stay indoors."),
                ("instructed_leave_area", "kim", None),
                ("instructed_call_office", "kim", None),
                ("instructed_charge", "kim", None),
            ]

    asyncio.run(story())


def test_one_agency_of_those_who_were_sent_is_written_to_and_in_a_drill_he_hears_nothing(tmp_path: Path) -> None:
    station = house(tmp_path, "sms", "voice")

    async def story() -> None:
        async with running(station) as (bridges, client, desk):
            await station.pair(client)
            await far(station, client)
            assert await begin(station, client) == 202
            rows = (await desk.until(1))["rows"]
            path = f"incidents/{rows[0]['incident']}"
            assert rows[0]["drill"]
            for word in ("message", "call"):
                answer = await desk.client.post(f"/api/{path}/{word}", json={"to": "monitored", "text_key": "call_office"})
                assert (answer.status_code, "drill" in answer.json()["message"]) == (409, True)
            assert await desk.do(f"{path}/message", {"to": "responder", "agency": "nobody", "text": "x"}) == 409
            assert all(one["to"] != "+821000000002" for one in bridges.texts)

    asyncio.run(story())


def test_what_leads_nowhere_is_said(tmp_path: Path) -> None:
    station = house(tmp_path)

    async def story() -> None:
        async with running(station) as (_bridges, client, desk):
            await station.pair(client)
            await station.approach(client)
            incident = (await desk.until(1))["rows"][0]["incident"]
            answer = await desk.client.post(f"/api/incidents/{incident}/call", json={"to": "protected"})
            assert (answer.status_code, "telephone service" in answer.json()["message"]) == (409, True)
            assert await desk.do(f"incidents/{incident}/message", {"to": "responder", "text": "Hello"}) == 409
            assert await desk.do(f"incidents/{incident}/message", {"to": "protected"}) == 409
            assert await desk.do("incidents/" + "0" * 24 + "/message", {"to": "protected", "text": "x"}) == 409

    asyncio.run(story())


def test_nothing_rings_near_her_while_she_calls_silently(tmp_path: Path) -> None:
    station = house(tmp_path, "sms", "voice")

    async def story() -> None:
        async with running(station) as (bridges, client, desk):
            await station.events(client, "phone", {"id": "s1", "event": "sos", "detail": "silent"})
            row = (await desk.until(1))["rows"][0]
            assert "silent_sos" in row["standing"]
            before = len(bridges.calls), len(bridges.texts)
            answer = await desk.client.post(f"/api/incidents/{row['incident']}/call", json={"to": "protected"})
            assert (answer.status_code, "silently" in answer.json()["message"]) == (409, True)
            for word in ("message", "call"):
                answer = await desk.client.post(
                    f"/api/incidents/{row['incident']}/{word}", json={"to": "monitored", "text_key": "call_office"}
                )
                assert (answer.status_code, "he would know" in answer.json()["message"]) == (409, True)
            page = await desk.page(row["incident"])
            assert [one["him"] for one in page["scripts"]] == [[]], "nothing is read to him who may be beside her"
            assert await desk.do(f"incidents/{row['incident']}/message", {"to": "protected", "text": "We see you."}) == 204
            await asyncio.sleep(0.5)
            assert (len(bridges.calls), len(bridges.texts)) == before

    asyncio.run(story())


def test_his_own_tag_tells_him_to_call_the_office_and_nothing_of_hers_does(tmp_path: Path) -> None:
    station = house(tmp_path, "sms")

    async def story() -> None:
        async with running(station) as (bridges, client, desk):
            await station.events(client, "phone", {"id": "h1", "event": "tamper"}, {"id": "h2", "event": "battery_low", "battery_pct": 3})
            await desk.until(1)
            await station.events(client, "tag", {"id": "t1", "event": "strap"}, {"id": "t2", "event": "battery_low", "battery_pct": 3})
            for _ in range(200):
                his = [one["text"] for one in bridges.texts if one["to"] == "+821000000002"]
                if len(his) == 2:
                    break
                await asyncio.sleep(0.05)
            assert len(his) == 2, "one of each, and none because of her telephone"
            assert any("전화" in text for text in his)
            assert any("충전" in text for text in his)

    asyncio.run(story())


def test_a_link_goes_to_an_officers_phone_as_a_text_and_no_history_keeps_it(tmp_path: Path) -> None:
    station = house(tmp_path, "sms")

    async def story() -> None:
        async with running(station) as (bridges, client, desk):
            await station.approach(client)
            incident = (await desk.until(1))["rows"][0]["incident"]
            body = {"where": "protected", "officer": "Kim 7", "phone": "+821055550000"}
            answer = (await desk.client.post(f"/api/incidents/{incident}/field", json=body)).json()
            assert answer["texted"]
            for _ in range(200):
                found = [one["text"] for one in bridges.texts if one["to"] == "+821055550000"]
                if found:
                    break
                await asyncio.sleep(0.05)
            url = found[0].split("\n")[1]
            assert url == answer["url"]
            page = await desk.page(incident)
            assert url not in json.dumps(page)
            assert "+821055550000" not in json.dumps(page)
            async with phone(station) as officer:
                assert (await officer.open(url)).status_code == 204

    asyncio.run(story())
