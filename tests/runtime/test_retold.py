"""A past incident on a whole server: told again from the journal, through the gate as of then, written down before, and closed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from jikimi.identity.roles import Role
from jikimi.model.register import Act
from jikimi.orders.codes import new_code
from jikimi.policy.load import presets
from jikimi.runtime.server import Server
from tests.accounts import sign_up
from tests.runtime.test_response import Station
from tests.runtime.test_server import HERE, now_ms

pytestmark = pytest.mark.sockets


def station(folder: Path, port: int, role: Role) -> Station:
    house = Station(folder, port)
    house.desk_code = new_code()
    sign_up(house.register, "eve", house.desk_code, role)
    return house


async def settled(desk: Any) -> str:
    """Return the incident once its approach is confirmed."""
    name: str = (await desk.until(1))["rows"][0]["incident"]
    await asyncio.sleep(0.5)
    return name


def test_an_incident_is_told_again_as_it_was_and_each_look_is_written_down_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = station(tmp_path, 18_560, Role.SUPERVISOR)

    async def story() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            recorded: list[str] = []
            working = server.hub.disclosed

            def disclosed(recipient: str, audience: str, pair_id: str, purpose: str, scope: str) -> Any:
                recorded.append(f"{recipient} {audience} {purpose} {scope}")
                return working(recipient, audience, pair_id, purpose, scope)

            monkeypatch.setattr(server.hub, "disclosed", disclosed)
            await house.approach(client)
            path = f"/api/incidents/{await settled(desk)}/replay"
            assert (await desk.client.get(f"{path}?at=1")).status_code == 404, "nothing is shown that was not opened"
            opened = (await desk.client.post(path)).json()
            assert opened["same"], "the core says today what it said then"
            assert opened["times"] == sorted(opened["times"])
            assert recorded == [], "nothing was shown yet"
            before = (await desk.client.get(f"{path}?at={opened['times'][0]}")).json()
            assert before["row"]["tier"] == "clear"
            seen = before["map"] and before["map"]["monitored"]
            assert seen is None, "what the desk could not see then it does not see now"
            after = (await desk.client.get(f"{path}?at={opened['times'][-1]}")).json()
            assert after["row"]["tier"] == "danger"
            assert abs(after["map"]["monitored"]["latitude"] - HERE[0]) < 0.002
            assert set(recorded) == {"eve desk response map:replay"}
            assert after["hers"]["tier"] == "danger"
            assert (await desk.client.delete(path)).status_code == 204
            assert (await desk.client.get(f"{path}?at={opened['times'][-1]}")).status_code == 404
            assert recorded[-1] == "eve desk response closed"

    asyncio.run(story())


def test_once_the_order_has_ended_no_replay_shows_a_position(tmp_path: Path) -> None:
    house = station(tmp_path, 18_566, Role.SUPERVISOR)

    async def story() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            await house.approach(client)
            path = f"/api/incidents/{await settled(desk)}/replay"
            times = (await desk.client.post(path)).json()["times"]
            at_ms = now_ms()
            await server.office.do(lambda clerk: clerk.act("kept", Act.REVOKE, at_ms=at_ms, now_ms=at_ms, by="x", reason="court"))
            await asyncio.sleep(1.0)
            answer = await desk.client.get(f"{path}?at={times[-1]}")
            assert (answer.status_code, "order has ended" in answer.json()["message"]) == (409, True)

    asyncio.run(story())


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.POLICE])
def test_without_the_right_there_is_no_replay(tmp_path: Path, role: Role) -> None:
    house = station(tmp_path, 18_572, role)

    async def story() -> None:
        async with Server(house.settings, presets()), house.operator() as desk:
            for answer in (await desk.client.post("/api/incidents/x/replay"), await desk.client.get("/api/incidents/x/replay?at=1")):
                assert (answer.status_code, answer.json()["error"]) == (403, "no_right")

    asyncio.run(story())
