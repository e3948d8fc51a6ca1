"""Kill the whole server while an officer has a link and a drill plays: the link goes on as it was, once, and no drill is left open."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from jikimi.orders.codes import new_code
from tests.accounts import sign_up
from tests.faults.test_incidents_kill import Life
from tests.faults.test_server_kill import DAY_MS, Site, now_ms

pytestmark = [pytest.mark.faults, pytest.mark.sockets]
PORT = 18_580


async def entered(client: httpx2.AsyncClient, code: str) -> None:
    client.headers["Origin"] = str(client.base_url).rstrip("/")
    answer = await client.post("/api/pair", json={"code": code})
    assert answer.status_code == 204, answer.text
    client.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]


async def rows_of(desk: httpx2.AsyncClient, *, drill: bool, count: int) -> list[dict[str, Any]]:
    for _ in range(200):
        rows = [one for one in (await desk.get("/api/incidents")).json()["rows"] if one["drill"] is drill]
        if len(rows) == count:
            return rows
        await asyncio.sleep(0.05)
    raise AssertionError(rows)


async def killed(site: Site) -> None:
    site.kill()
    await site.start()


async def comes_near(site: Site, client: httpx2.AsyncClient) -> None:
    life = Life(site, seed=1)
    await life.send(client, "p0", 0.0)
    for north_m in (5_000.0, 60.0, 59.0, 58.0):
        await life.send(client, "m0", north_m)
    await life.send(client, "p1", 0.0)
    await life.send(client, "m1", 9_000.0)


def test_a_link_and_a_drill_survive_a_kill_as_they_should(tmp_path: Path) -> None:
    site = Site(tmp_path, PORT)
    site.settings = msgspec.structs.replace(site.settings, field_port=PORT + 3)
    hers, theirs = new_code(), new_code()
    sign_up(site.register, "kim", theirs)
    site.register.add_invitation(hers, "protected", "p1", now_ms() + DAY_MS)

    def at(port: int) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(timeout=20, base_url=f"http://localhost:{port}")

    async def story() -> None:
        await site.start()
        settings = site.settings
        async with at(settings.desk_port) as desk, at(settings.protected_port) as her, at(settings.field_port) as officer:
            await entered(desk, theirs)
            await entered(her, hers)
            await comes_near(site, her)
            path = f"/api/incidents/{(await rows_of(desk, drill=False, count=1))[0]['incident']}/field"
            given = await desk.post(path, json={"where": "protected", "officer": "Lee"})
            assert given.status_code == 200, given.text
            assert (await her.post("/api/drill")).status_code == 202
            await rows_of(desk, drill=True, count=1)
            await killed(site)
            await rows_of(desk, drill=True, count=0)
            token = given.json()["url"].partition("#t=")[2]
            officer.headers["Origin"] = str(officer.base_url).rstrip("/")
            opened = await officer.post("/api/open", json={"token": token})
            assert opened.status_code == 204, opened.text
            officer.headers["Cookie"] = opened.headers["set-cookie"].split(";")[0]
            await killed(site)
            assert (await officer.get("/api/me")).status_code == 200, "his page goes on"
            assert (await officer.post("/api/open", json={"token": token})).json()["error"] == "link_used", "and opens once"
            links = (await desk.get(path)).json()
            assert [(one["officer"], one["ended_ms"]) for one in links] == [("Lee", None)]

    try:
        asyncio.run(story())
    finally:
        site.kill()
