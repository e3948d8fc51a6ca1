"""The demonstration's police: a request goes out signed, its answers come back and stand at the desk, and the officers' page opens."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
import msgspec
import pytest

from jikimi.policy.load import presets
from jikimi.runtime.played import PlayedPolice
from jikimi.runtime.server import Server
from tests.runtime.test_dispatch import PORT
from tests.runtime.test_field import phone
from tests.runtime.test_response import Station

pytestmark = pytest.mark.sockets


def test_the_played_police_answer_and_tell_of_the_officers_page(tmp_path: Path) -> None:
    lines: list[str] = []
    police = PlayedPolice(lines.append, {"received": 0.0, "sent": 3.0, "arrived": 0.0, "done": 0.0})
    station = Station(tmp_path, PORT)
    station.settings = msgspec.structs.replace(station.settings, delivery=police.delivery(), field_port=PORT + 4)

    async def story() -> None:
        async with Server(station.settings, presets()), httpx2.AsyncClient(timeout=20) as client, station.operator() as desk:
            working = asyncio.create_task(police.work(station.settings))
            await station.approach(client)
            await desk.until(1)
            for _ in range(200):
                if lines:
                    break
                await asyncio.sleep(0.05)
            url = next(word for word in lines[0].split() if word.startswith("http"))
            async with phone(station) as officer:
                assert (await officer.open(url, "Kim")).status_code == 204
                assert (await officer.client.get("/api/me")).json()["viewer"] == "police: Kim"
            for _ in range(400):
                row = (await desk.queue())["rows"][0]
                if all(task["status"] == "done" for task in row["tasks"]):
                    break
                await asyncio.sleep(0.05)
            whats = [one["what"] for one in (await desk.page(row["incident"]))["entries"] if one["by"] == "police"]
            assert whats.count("task_protected_done") == 1
            assert [what for what in whats if what.startswith("task_protected")] == [
                f"task_protected_{step}" for step in ("received", "sent", "arrived", "done")
            ]
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    asyncio.run(story())
