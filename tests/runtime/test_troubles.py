"""An order that protects nobody is an incident on a whole server, and one that ends in the middle of an alarm is said in it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from jikimi.model.order import DeviceKind
from jikimi.model.register import Act
from jikimi.policy.load import presets
from jikimi.runtime import troubles
from jikimi.runtime.server import Server
from tests.runtime.test_response import Desk, Station
from tests.runtime.test_server import now_ms

pytestmark = pytest.mark.sockets
HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(troubles, "PERIOD_S", 0.05)


async def until(desk: Desk, wanted: Any) -> Any:
    for _ in range(200):
        found = [row for row in (await desk.queue())["rows"] if wanted(row)]
        if found:
            return found[0]
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come")


def test_a_tag_that_was_given_out_and_is_not_heard_is_an_incident_and_its_end_stands_in_the_history(tmp_path: Path) -> None:
    house = Station(tmp_path, 18_520)
    house.clerk().give_out("kept", "tag", DeviceKind.TAG, "m", now_ms=now_ms() - HOUR_MS, by="x")

    async def story() -> None:
        async with Server(house.settings, presets()), httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            row = await until(desk, lambda one: one["kinds"] == ["order"])
            assert (row["standing"], row["tasks"]) == (["order"], []), "nobody is sent: his officer has the task"
            await house.send(client, "tag", 5000.0, number=1)
            row = await until(desk, lambda one: one["kinds"] == ["order"] and one["standing"] == [])
            assert row["status"] == "open", "a person looks at it all the same"
        house.desk_code = house.new_desk_code()
        async with Server(house.settings, presets()), house.operator() as desk:
            await asyncio.sleep(0.3)
            page = await desk.page((await desk.until(1))["rows"][0]["incident"])
            whats = [one["what"] for one in page["entries"] if one["what"].endswith("_order")]
            assert whats == ["opened_order", "ended_order"], "a new process tells nothing twice"

    asyncio.run(story())


def test_an_order_that_ends_while_an_alarm_stands_is_said_in_its_incident(tmp_path: Path) -> None:
    house = Station(tmp_path, 18_524)

    async def story() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            await house.approach(client)
            await until(desk, lambda one: one["kinds"] == ["approach"])
            at_ms = now_ms()
            await server.office.do(lambda clerk: clerk.act("kept", Act.REVOKE, at_ms=at_ms, now_ms=at_ms, by="x", reason="court"))
            row = await until(desk, lambda one: "order" in one["standing"])
            assert row["kinds"] == ["approach", "order"]
            assert len((await desk.queue())["rows"]) == 1

    asyncio.run(story())


def test_an_order_in_force_that_is_not_watched_is_an_incident(tmp_path: Path) -> None:
    house = Station(tmp_path, 18_528)
    strange = msgspec.structs.replace(house.order, order_id="strange", policy_id="nowhere", until_ms=now_ms() + HOUR_MS)
    house.register.add_order(strange)

    async def story() -> None:
        async with Server(house.settings, presets()), house.operator() as desk:
            row = await until(desk, lambda one: one["kinds"] == ["order"])
            assert row["level"] == "clear"

    asyncio.run(story())
