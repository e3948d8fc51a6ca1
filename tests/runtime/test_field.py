"""An officer's phone: from the request's link to a closed part, over real sockets; and everything that must not open."""

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

from jikimi.policy.load import presets
from jikimi.runtime.server import Server
from tests.runtime.test_dispatch import PORT, Watching, comes, house_with_police, signed
from tests.runtime.test_response import Desk, Station

pytestmark = pytest.mark.sockets
FIELD = PORT + 4


class Officer:
    """An officer's phone, without a page."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client

    async def open(self, url: str, officer: str | None = None) -> httpx2.Response:
        body = {"token": url.partition("#t=")[2]} | ({} if officer is None else {"officer": officer})
        answer = await self.client.post("/api/open", json=body)
        if answer.status_code == 204:
            self.client.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
        return answer

    async def step(self, status: str, **more: str) -> int:
        return (await self.client.post("/api/task", json={"status": status, **more})).status_code

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[Any]:
        async with self.client.stream("GET", "/api/stream") as stream:
            assert stream.status_code == 200
            yield _events(stream)

    async def state(self, wanted: Any = lambda _state: True) -> Any:
        async with self.stream() as events, asyncio.timeout(15):
            async for name, data in events:
                if name == "state" and wanted(data):
                    return data
        raise AssertionError


async def _events(stream: httpx2.Response) -> AsyncIterator[tuple[str, Any]]:
    name = ""
    async for line in stream.aiter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


@asynccontextmanager
async def phone(house: Station) -> AsyncIterator[Officer]:
    url = house.url("field")
    async with httpx2.AsyncClient(timeout=20, base_url=url, headers={"Origin": url}) as client:
        yield Officer(client)


def house(folder: Path) -> Station:
    found = house_with_police(folder)
    found.settings = msgspec.structs.replace(found.settings, field_port=FIELD)
    return found


async def given(desk: Desk, incident: str, **more: str) -> Any:
    answer = await desk.client.post(f"/api/incidents/{incident}/field", json={"where": "protected", **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["url"]


def test_an_officer_sees_both_and_his_steps_move_the_incident_until_it_closes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    station = house(tmp_path)

    async def story() -> None:
        async with Server(station.settings, presets()) as running, httpx2.AsyncClient(timeout=20) as client, station.operator() as desk:
            watching = Watching(running, monkeypatch)
            await comes(station, client)
            row = (await desk.until(1))["rows"][0]
            url = await given(desk, row["incident"], officer="Kim 7")
            assert url.startswith(station.url("field"))
            async with phone(station) as officer:
                assert (await officer.client.get("/api/me")).status_code == 401
                assert (await officer.open(url)).status_code == 204
                me = (await officer.client.get("/api/me")).json()
                assert me["viewer"] == "police: Kim 7"
                assert {note["key"] for note in me["notes"]} >= {"between", "silent"}
                seen = await officer.state(lambda state: state["pair"] is not None and state["pair"]["map"] is not None)
                assert (seen["where"], seen["status"], seen["level"], seen["drill"]) == ("protected", "waiting", "danger", False)
                assert seen["pair"]["map"]["monitored"]["latitude"] > seen["pair"]["map"]["protected"]["latitude"]
                assert seen["pair"]["words"]["bearing_deg"] is not None
                assert "between" in seen["notes"]
                # Each look is in the ledger before it is shown, under his name.
                looks = [one for one in watching.recorded if one[1] == "field"]
                assert {(who, purpose) for who, _, _, purpose, _ in looks} == {("police: Kim 7", "response")}
                assert await officer.step("arrived") == 409, "no step is left out"
                for step in ("received", "sent", "arrived"):
                    assert await officer.step(step) == 204
                    assert await officer.step(step) == 204, "pressed twice counts once"
                assert (await officer.state())["status"] == "arrived"
                assert await officer.step("done") == 400
                async with officer.stream() as events:
                    assert await officer.step("done", outcome="warned", note="He left.") == 204
                    ended = [data async for name, data in events if name == "end"]
                    assert ended == [{"reason": "session_ended"}]
                assert (await officer.client.get("/api/me")).status_code == 401
                assert (await officer.client.get("/api/stream")).status_code == 401
                assert await officer.step("received") == 401
            page = await desk.page(row["incident"])
            lines = [(one["what"], one["by"]) for one in page["entries"] if one["by"] == "police: Kim 7"]
            assert lines == [
                ("link_opened", "police: Kim 7"),
                *((f"task_protected_{step}", "police: Kim 7") for step in ("received", "sent", "arrived", "done")),
                ("outcome_warned", "police: Kim 7"),
            ]
            for _ in range(100):
                if any(one[1] == "field" and one[4] == "closed" for one in watching.recorded):
                    break
                await asyncio.sleep(0.05)
            else:
                raise AssertionError("the closing was not written down")

    asyncio.run(story())


def test_a_link_opens_once_and_a_second_phone_is_refused_with_a_record(tmp_path: Path) -> None:
    station = house(tmp_path)

    async def story() -> None:
        async with Server(station.settings, presets()), httpx2.AsyncClient(timeout=20) as client, station.operator() as desk:
            await station.approach(client)
            row = (await desk.until(1))["rows"][0]
            url = await given(desk, row["incident"])
            async with phone(station) as first, phone(station) as second:
                asked = await first.open(url)
                assert (asked.status_code, asked.json()["error"]) == (409, "officer_needed")
                assert (await first.open(url, "<script>")).status_code == 409
                assert (await first.open(url, "Lee")).status_code == 204
                refused = await second.open(url, "Lee")
                assert (refused.status_code, refused.json()["error"]) == (403, "link_used")
                assert (await second.client.get("/api/me")).status_code == 401
                lines = [(one["what"], one["by"]) for one in (await desk.page(row["incident"]))["entries"]]
                assert ("link_refused", "police: Lee") in lines
                # Given anew to the same officer: the first phone goes dark, and both stand in the history.
                anew = await given(desk, row["incident"], officer="Lee")
                for _ in range(100):
                    if (await first.client.get("/api/me")).status_code == 401:
                        break
                    await asyncio.sleep(0.1)
                else:
                    raise AssertionError("the first phone still sees")
                assert (await second.open(anew)).status_code == 204
                assert (await second.client.get("/api/me")).status_code == 200
                links = (await desk.client.get(f"/api/incidents/{row['incident']}/field")).json()
                assert [one["ended_ms"] is None for one in links if one["officer"] == "Lee"] == [False, True]
                assert station.url("field") not in json.dumps(links)
                # Taken back: nothing more is given, also to a stream that is open.
                async with second.stream() as events:
                    body = {"link": links[-1]["link"]}
                    assert await desk.do(f"incidents/{row['incident']}/field/end", body) == 204
                    assert [data async for name, data in events if name == "end"] == [{"reason": "session_ended"}]
                assert (await second.client.get("/api/me")).status_code == 401

    asyncio.run(story())


def test_a_closed_incident_opens_nothing_and_goes_dark_within_seconds(tmp_path: Path) -> None:
    station = house(tmp_path)

    async def story() -> None:
        async with Server(station.settings, presets()), httpx2.AsyncClient(timeout=20) as client, station.operator() as desk:
            await station.approach(client)
            incident = (await desk.until(1))["rows"][0]["incident"]
            urls = [await given(desk, incident, officer=name) for name in ("Kim", "Lee")]
            async with phone(station) as officer, phone(station) as late:
                await officer.open(urls[0])
                async with officer.stream() as events:
                    assert await desk.do(f"incidents/{incident}/acknowledge") == 204
                    assert await desk.do(f"incidents/{incident}/resolve", {"outcome": "helped", "reason": "She is safe."}) == 204
                    assert [data async for name, data in events if name == "end"] == [{"reason": "session_ended"}]
                assert (await officer.client.get("/api/me")).status_code == 401
                shut = await late.open(urls[1])
                assert (shut.status_code, shut.json()["error"]) == (403, "link_incident_closed")
            assert (await desk.client.post(f"/api/incidents/{incident}/field", json={"where": "protected"})).status_code == 409

    asyncio.run(story())


def test_forged_links_open_nothing_and_are_counted(tmp_path: Path) -> None:
    station = house(tmp_path)

    async def story() -> None:
        async with Server(station.settings, presets()) as running, phone(station) as officer:
            alarms: list[str] = []
            running.hub.security = lambda kind, _device, protocol: alarms.append(f"{protocol}:{kind}")  # type: ignore[method-assign]
            for token in ("A" * 38, "x", "0" * 64, "ㅁ" * 20):
                answer = await officer.client.post("/api/open", json={"token": token})
                assert (answer.status_code, answer.json()["error"]) == (403, "link_unknown")
            assert (await officer.client.post("/api/open", json={"token": "A" * 65})).status_code == 400
            assert (
                await officer.client.post("/api/open", json={"token": "A" * 38}, headers={"Origin": "https://evil.example"})
            ).status_code == 403
            assert set(alarms) == {"field:forged_link"}
            for audience in ("protected", "desk"):
                assert (await officer.client.get(f"{station.url(audience)}/api/me")).status_code == 401

    asyncio.run(story())


def test_an_agency_that_sends_a_unit_gets_a_link_for_it(tmp_path: Path) -> None:
    station = house(tmp_path)

    async def story() -> None:
        async with Server(station.settings, presets()), httpx2.AsyncClient(timeout=20) as client, station.operator() as desk:
            await station.approach(client)
            incident = (await desk.until(1))["rows"][0]["incident"]
            body = msgspec.json.encode({"incident": incident, "where": "protected", "status": "sent", "officer": "Unit 7"})
            url = f"{station.url('device')}/v1/answers/police"
            answer = await client.post(url, content=body, headers=signed(body, mark="m1"))
            assert answer.status_code == 200
            again = await client.post(url, content=body, headers=signed(body, mark="m1"))
            assert again.json() == answer.json(), "the same answer again gives the same link"
            async with phone(station) as officer:
                assert (await officer.open(answer.json()["live"])).status_code == 204
                assert (await officer.client.get("/api/me")).json()["viewer"] == "police: Unit 7"

    asyncio.run(story())
