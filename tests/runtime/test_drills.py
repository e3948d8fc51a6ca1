"""A drill on her real screens: marked everywhere, known to no police, and over the moment something real happens."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx2
import msgspec
import pytest

from jikimi.delivery.endpoint import Endpoint
from jikimi.delivery.setup import DeliverySettings
from jikimi.policy.load import presets
from jikimi.runtime.drills import Drills
from jikimi.runtime.server import Server
from jikimi.scenarios.agency import Agency
from tests.runtime.test_dispatch import PORT, SECRET, at_once, listening
from tests.runtime.test_handsets import HER, Watched, run
from tests.runtime.test_response import Station, notices

pytestmark = pytest.mark.sockets


def house(folder: Path, *names: str) -> Station:
    station = Station(folder, PORT)
    made = {name: Endpoint(f"http://127.0.0.1:{PORT + 3}/x", SECRET) for name in names}
    station.settings = msgspec.structs.replace(station.settings, delivery=DeliverySettings(endpoints=made))
    return station


async def far(station: Station, client: httpx2.AsyncClient) -> None:
    await station.send(client, "phone", 0.0, number=1)
    await station.send(client, "tag", 9000.0, number=1)


async def begin(station: Station, client: httpx2.AsyncClient) -> int:
    for _ in range(100):
        answer = await client.post(f"{station.url('protected')}/api/drill", headers={"Origin": station.url("protected")})
        if answer.status_code != 409:
            return answer.status_code
        await asyncio.sleep(0.1)
    return 409


@pytest.mark.parametrize("names", [("police",), ("police", "police_drill")])
def test_a_drill_is_marked_everywhere_and_reaches_no_police(tmp_path: Path, names: tuple[str, ...]) -> None:
    station = house(tmp_path, *names)

    async def story() -> None:
        async with Server(station.settings, presets()), httpx2.AsyncClient(timeout=20) as client, station.operator() as desk:
            agency = Agency(SECRET, f"{station.url('device')}/v1/answers/none", client, at_once)
            async with listening(agency):
                await station.pair(client)
                await far(station, client)
                async with notices(station, client) as told, station.page(client) as until:
                    await until(lambda state: all(pair["tier"] == "clear" for pair in state["pairs"]))
                    assert await begin(station, client) == 202
                    assert (await until(lambda state: state["drill"] is not None))["drill"]["tier"] == "watch"
                    state = await until(lambda state: (state["drill"] or {}).get("tier") == "warning")
                    assert all(pair["tier"] == "clear" for pair in state["pairs"]), "what is real stays as it is"
                    row = (await desk.until(1))["rows"][0]
                    assert row["drill"]
                    page = await desk.page(row["incident"])
                    for _ in range(100):
                        page = await desk.page(row["incident"])
                        if any(one["title"].startswith("[훈련]") for one in told) and any(len(one["tries"]) > 0 for one in page["notices"]):
                            break
                        await asyncio.sleep(0.05)
                    assert page["notices"]
                    assert all(one["title"].startswith("[훈련]") and one["text"].startswith("[훈련]") for one in page["notices"])
                    assert all(one["drill"] and one["title"].startswith("[훈련]") for one in told if "approach" in one["topic"])
                    await asyncio.sleep(0.5)
                    if "police_drill" in names:
                        reports = [one.data.report or {} for one in agency.seen.values()]
                        assert reports
                        assert all(one["drill"] for one in reports)
                        assert all(one.data.title.startswith("[훈련]") for one in agency.seen.values())
                    else:
                        assert agency.seen == {}
                    answer = await client.delete(f"{station.url('protected')}/api/drill", headers={"Origin": station.url("protected")})
                    assert answer.status_code == 204
                    assert (await until(lambda state: state["drill"] is None))["drill"] is None
                    for _ in range(200):
                        if (await desk.queue())["rows"] == []:
                            break
                        await asyncio.sleep(0.05)
                    else:
                        raise AssertionError(json.dumps(await desk.queue()))

    asyncio.run(story())


def test_a_real_transition_ends_a_drill_at_once_and_none_begins_while_he_is_near(tmp_path: Path) -> None:
    station = house(tmp_path)

    async def story() -> None:
        async with Server(station.settings, presets()), httpx2.AsyncClient(timeout=20) as client, station.operator() as desk:
            await station.pair(client)
            await far(station, client)
            async with station.page(client) as until:
                assert await begin(station, client) == 202
                await until(lambda state: (state["drill"] or {}).get("tier") == "warning")
                assert (await desk.until(1))["rows"][0]["drill"]
                for number in (2, 3, 4):
                    await station.send(client, "tag", 60.0, number=number)
                state = await until(lambda state: any(pair["tier"] == "danger" for pair in state["pairs"]))
                assert state["drill"] is None
                for _ in range(200):
                    rows = (await desk.queue())["rows"]
                    if rows and not rows[0]["drill"]:
                        break
                    await asyncio.sleep(0.05)
                assert [row["drill"] for row in rows] == [False]
                headers = {"Origin": station.url("protected")}
                refused = await client.post(f"{station.url('protected')}/api/drill", headers=headers)
                assert (refused.status_code, refused.json()["error"]) == (409, "refused")
                board = await desk.client.get("/api/incidents")
                pair = board.json()["rows"][0]["pair"]
                assert (await desk.client.post(f"/api/pairs/{pair}/drill")).status_code == 409
                assert (await desk.client.post("/api/pairs/nobody/drill")).status_code == 404

    asyncio.run(story())


def test_a_drill_counts_as_played_only_from_its_top_and_once() -> None:
    async def story() -> None:
        scene, told = Watched(), []
        scene.reports()
        drills = Drills(scene.hub, told.append)
        assert drills.start(HER, HER) is None
        await asyncio.sleep(15)
        drills.stop(HER)
        assert not drills.was_played(HER), "ended before the alarm was at its top"
        assert drills.start(HER, HER) is None
        await asyncio.sleep(60)
        assert drills.frame(HER) is None
        assert drills.was_played(HER)
        assert not drills.was_played(HER)

    run(story())


def test_the_desk_begins_and_ends_a_drill_and_a_restart_ends_one(tmp_path: Path) -> None:
    station = house(tmp_path)

    async def begun() -> None:
        async with Server(station.settings, presets()), httpx2.AsyncClient(timeout=20) as client, station.operator() as desk:
            await station.pair(client)
            await far(station, client)
            assert await begin(station, client) == 202
            pair = (await desk.until(1))["rows"][0]["pair"]
            assert (await desk.client.delete(f"/api/pairs/{pair}/drill")).status_code == 204
            await desk.until(0)
            assert (await desk.client.post(f"/api/pairs/{pair}/drill")).status_code == 202
            await desk.until(1)

    async def again() -> None:
        station.desk_code = station.new_desk_code()
        async with Server(station.settings, presets()), station.operator() as desk:
            await desk.until(0)

    asyncio.run(begun())
    asyncio.run(again())
