"""Kill the whole server in the middle of incidents: nothing is lost or counted twice, no act forgotten, and no clock begins anew.

Given men who come near women and go away, and an operator who takes what comes, when the server is killed with SIGKILL at any moment
and started again, then every transition that asks something of people stands in exactly one history, every act that was answered
stands there once, histories have no gap, and an incident that nobody took is due when it was due before.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from jikimi.incidents.incident import Incident
from jikimi.incidents.opening import kinds_of
from jikimi.incidents.status import Status
from jikimi.model.record import Decided
from jikimi.orders.codes import new_code
from jikimi.runtime import recovery
from jikimi.runtime.stores import Stores
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.schema import incident_signals, incidents, notices, outbox
from tests.accounts import sign_up
from tests.faults.test_server_kill import SECRET, Site, now_ms

pytestmark = [pytest.mark.faults, pytest.mark.sockets]
ROUNDS = int(os.environ.get("JIKIMI_FAULT_ROUNDS", "2"))
PAIRS = 6


class Life:
    """What happens on a desk: approaches and retreats, and an operator who takes what comes; remembers what was answered."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.rnd = site, random.Random(seed)
        self.taken: set[str] = set()
        self.number = 0

    async def send(self, client: httpx2.AsyncClient, device: str, north_m: float) -> None:
        self.number += 1
        fix = {"id": f"{device}-{self.number}", "time": now_ms(), "lat": 37.5 + north_m / 111_000, "lon": 127.0, "error_m": 5.0}
        url = f"http://127.0.0.1:{self.site.settings.device_port}/v1/fixes"
        await client.post(url, json={"fixes": [fix]}, headers={"Authorization": f"Bearer {device}.{SECRET}"})

    async def men(self) -> None:
        async with httpx2.AsyncClient(timeout=5) as client:
            while True:
                n = self.rnd.randrange(PAIRS)
                north_m = self.rnd.choice((30.0, 60.0, 9_000.0))
                try:
                    await self.send(client, f"p{n}", 0.0)
                    for _ in range(3):
                        await self.send(client, f"m{n}", north_m + self.rnd.gauss(0, 2))
                except httpx2.TransportError:
                    return
                await asyncio.sleep(0.01)

    async def operator(self, client: httpx2.AsyncClient, base: str) -> None:
        try:
            await client.post(f"{base}/api/duty", json={"on": True})
            while True:
                rows: list[dict[str, Any]] = (await client.get(f"{base}/api/incidents")).json()["rows"]
                waiting = [row["incident"] for row in rows if row["status"] == "open"]
                # Half of them are left to the clock.
                for name in [one for one in waiting if int(one[:2], 16) % 2][:1]:
                    if (await client.post(f"{base}/api/incidents/{name}/acknowledge")).status_code == 204:
                        self.taken.add(name)
                await asyncio.sleep(0.05)
        except httpx2.TransportError:
            return

    async def until_killed(self, seconds: float) -> None:
        code, base = new_code(), f"http://localhost:{self.site.settings.desk_port}"
        sign_up(self.site.register, f"kim-{code[:5]}", code)
        async with httpx2.AsyncClient(timeout=5, headers={"Origin": base}) as client:
            answer = await client.post(f"{base}/api/pair", json={"code": code})
            client.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
            working = [asyncio.create_task(self.men()), asyncio.create_task(self.operator(client, base))]
            await asyncio.sleep(seconds)
            self.site.kill()
            await asyncio.gather(*working)


def open_now(site: Site) -> dict[str, Incident]:
    with SqlIncidents(site.register.engine).reading() as page:
        return {one.incident_id: one for one in page.open_incidents()}


def signals_of_journal(site: Site) -> set[str]:
    """Return the names of all that the journal holds and people must act on."""
    journal = Stores(site.settings).reading()
    found = [record.transition for _, record in recovery.records(journal) if isinstance(record, Decided)]
    return {f"{one.pair_id}.{one.number}.{kind}" for one in found for kind, _ in kinds_of(one)}


async def settled(site: Site) -> None:
    """Wait until the new process has taken in what the journal holds."""
    wanted = signals_of_journal(site)
    for _ in range(200):
        with site.register.engine.connect() as connection:
            known = set(connection.execute(sa.select(incident_signals.c.signal_id)).scalars())
        if wanted <= known:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{len(wanted - known)} of what the journal holds became nothing")


def unposted(site: Site) -> set[str]:
    """Return notices that are in no outbox, as the kill left the books."""
    with site.register.engine.connect() as connection:
        made = set(connection.execute(sa.select(notices.c.notice_id)).scalars())
        return made - set(connection.execute(sa.select(outbox.c.notice_key)).scalars())


def check(site: Site, life: Life, before: dict[str, Incident]) -> None:
    books, told = SqlIncidents(site.register.engine), Counter[tuple[str | None, int]]()
    with site.register.engine.connect() as connection:
        names = list(connection.execute(sa.select(incidents.c.incident_id)).scalars())
        keys = list(connection.execute(sa.select(notices.c.notice_id)).scalars())
    assert len(keys) == len(set(keys))
    with books.reading() as page:
        for name in names:
            incident, entries = page.incident(name), page.entries(name)
            assert incident is not None
            assert [one.number for one in entries] == list(range(1, incident.entries + 1)), "a history has no gap and nothing twice"
            assert sum(one.what.startswith("opened_") for one in entries) == 1
            asked_anew = sum(one.what == "to_acknowledge" for one in entries)
            assert sum(one.what == "acknowledge" for one in entries) <= 1 + asked_anew
            told.update((one.pair_id, one.told.number) for one in entries if one.told is not None and "approach" in one.what)
        assert all(count == 1 for count in told.values()), "a transition stands in two histories"
        for name in life.taken:
            assert any(one.what == "acknowledge" for one in page.entries(name)), "an act that was answered is forgotten"
    for name, incident in open_now(site).items():
        known = before.get(name)
        if known is not None and known.status is Status.OPEN and incident.rung == known.rung:
            assert incident.rung_due_ms == known.rung_due_ms, "its clock began anew"


def test_incidents_their_clocks_and_their_histories_survive_being_killed(tmp_path: Path) -> None:
    site = Site(tmp_path, 18_540)

    async def story() -> None:
        await site.start()
        life = Life(site, seed=3)
        for _ in range(ROUNDS):
            await life.until_killed(life.rnd.uniform(1.0, 2.5))
            assert unposted(site) == set(), "a notice was made without its passage"
            before = open_now(site)
            await site.start()
            await settled(site)
            check(site, life, before)
        assert life.taken
        assert open_now(site)

    try:
        asyncio.run(story())
    finally:
        site.kill()
