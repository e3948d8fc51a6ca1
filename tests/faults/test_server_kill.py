"""Kill the whole server under load: what was acknowledged is there, once, and the tiers are what they were.

Given a server that devices report to as fast as they can, when it is killed with SIGKILL at any moment and started again,
then every fix that was acknowledged stands in the journal exactly once, and every pair has the tier and the sights that
the journal alone leads to.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import httpx2
import msgspec
import pytest

from jikimi.ingest.credentials import new_secret
from jikimi.model.decision import Sight, Tier
from jikimi.model.order import Device, DeviceKind, Order
from jikimi.model.record import Fixes
from jikimi.orders.codes import new_code
from jikimi.policy.load import presets
from jikimi.policy.resolve import track_rules
from jikimi.runtime import recovery
from jikimi.runtime.mind import Mind
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from tests.accounts import sign_up

pytestmark = [pytest.mark.faults, pytest.mark.sockets]

ROUNDS = int(os.environ.get("JIKIMI_FAULT_ROUNDS", "4"))
PAIRS = 12
SECRET, DIGEST = new_secret()
DAY_MS = 86_400_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Site:
    """A server's folder with some pairs in its register, and the server as a process."""

    def __init__(self, folder: Path, port: int) -> None:
        self.settings = Settings(
            staff_codes=True,
            data_dir=str(folder),
            device_port=port,
            protected_port=port + 1,
            desk_port=port + 2,
            field_port=0,
            helper_port=0,
            court_port=0,
            oversight_port=port + 1_000,
            log_level="error",
            checkpoint_every=400,
        )
        self.register = Stores(self.settings).register()
        for n in range(PAIRS):
            self._enter(n)
        self.process: subprocess.Popen[bytes] | None = None

    def _enter(self, n: int) -> None:
        for role, kind in (("m", DeviceKind.TAG), ("p", DeviceKind.HANDSET)):
            self.register.add_person(f"{role}{n}", f"{role}{n}")
            self.register.add_device(Device(device_id=f"{role}{n}", kind=kind, person_id=f"{role}{n}", secret_sha256=DIGEST))
        begin = now_ms() - DAY_MS
        until = begin + 9 * DAY_MS
        self.register.add_order(
            Order(
                order_id=f"o{n}",
                policy_id="kr",
                monitored_id=f"m{n}",
                protected_ids=(f"p{n}",),
                from_ms=begin,
                until_ms=until,
                legal_basis="test",
            )
        )

    async def start(self) -> None:
        values = {
            f"JIKIMI_{k.upper()}": str(v) for k, v in msgspec.structs.asdict(self.settings).items() if isinstance(v, str | int | float)
        }
        self.process = subprocess.Popen([sys.executable, "-m", "jikimi.cli", "serve"], env={**os.environ, **values})
        async with httpx2.AsyncClient() as client:
            for _ in range(400):
                with contextlib.suppress(httpx2.TransportError):
                    if (await client.get(f"http://127.0.0.1:{self.settings.device_port}/healthz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    async def tiers(self) -> dict[str, tuple[str, str, str]]:
        """Return what the desk shows: tier and sights of every pair, by the monitored person's label."""
        code = new_code()
        sign_up(self.register, f"operator-{code[:5]}", code)
        base = f"http://localhost:{self.settings.desk_port}"
        async with httpx2.AsyncClient(timeout=20) as client:
            answer = await client.post(f"{base}/api/pair", json={"code": code}, headers={"Origin": base})
            assert answer.status_code == 204, answer.text
            client.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
            async with client.stream("GET", f"{base}/api/stream") as stream:
                board = ""
                async for line in stream.aiter_lines():
                    if line == "event: board":
                        board = line
                    elif board and line.startswith("data: "):
                        rows = json.loads(line[6:])["rows"]
                        return {row["label_monitored"]: (row["tier"], row["seen"], row["handset"]) for row in rows}
        raise AssertionError("the desk said nothing")


class Load:
    """Everybody reports without a pause; remembers what was acknowledged, and sends again what was not."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.rnd = site, random.Random(seed)
        self.acknowledged: list[str] = []
        self.pending: dict[str, dict[str, list[dict[str, object]]]] = {}
        self.numbers = Counter[str]()
        self.north = {
            f"{role}{n}": 0.0 if role == "p" else self.rnd.choice((50.0, 300.0, 1500.0, 9000.0)) for n in range(PAIRS) for role in "mp"
        }

    def body(self, device: str) -> dict[str, list[dict[str, object]]]:
        fixes: list[dict[str, object]] = []
        for _ in range(self.rnd.choice((1, 1, 5))):
            self.numbers[device] += 1
            north = self.north[device] + self.rnd.gauss(0, 3)
            fixes.append(
                {"id": f"{device}-{self.numbers[device]}", "time": now_ms(), "lat": 37.5 + north / 111_000, "lon": 127.0, "error_m": 5.0}
            )
        return {"fixes": fixes}

    async def run(self) -> None:
        async with httpx2.AsyncClient(timeout=5) as client, asyncio.TaskGroup() as group:
            for device in self.north:
                group.create_task(self._report(client, device))

    async def _report(self, client: httpx2.AsyncClient, device: str) -> None:
        headers = {"Authorization": f"Bearer {device}.{SECRET}"}
        url = f"http://127.0.0.1:{self.site.settings.device_port}/v1/fixes"
        while True:
            body = self.pending.setdefault(device, self.body(device))
            try:
                answer = await client.post(url, json=body, headers=headers)
            except httpx2.TransportError:
                return
            if answer.status_code == 200:
                self.acknowledged += [str(fix["id"]) for fix in body["fixes"]]
                del self.pending[device]
            await asyncio.sleep(0.002)


def journalled(site: Site) -> list[str]:
    """Return the ids of every fix in the journal, in order."""
    journal = Stores(site.settings).reading()
    return [fix.fix_id for _, record in recovery.records(journal) if isinstance(record, Fixes) for fix in record.fixes]


def from_journal_alone(site: Site) -> Mind:
    """Return what the journal leads to from its first record, with no checkpoint's help; its every decision the same."""
    journal = Stores(site.settings).reading()
    retelling = recovery.Retelling(Mind(track_rules(presets()["kr"])))
    number = 0
    for number, record in recovery.records(journal):
        retelling.take(number, record)
    retelling.end(number)
    assert retelling.difference is None
    return retelling.mind


async def one_round(site: Site, load: Load) -> None:
    running = asyncio.create_task(load.run())
    await asyncio.sleep(load.rnd.uniform(0.2, 1.5))
    site.kill()
    await running
    assert load.acknowledged, "the load reached the server"

    held = Counter(journalled(site))
    assert not set(load.acknowledged) - set(held), "an acknowledged fix is lost"
    assert max(held.values()) == 1, "a fix stands twice"

    expected = from_journal_alone(site)
    await site.start()
    shown = await site.tiers()
    expected.engine.advance(now_ms())
    assert shown == {
        pair.spec.monitored_id: (Tier(pair.tier).name.lower(), Sight(pair.sight_m).name.lower(), Sight(pair.sight_p).name.lower())
        for pair in expected.engine.pairs()
    }


def test_acknowledged_fixes_and_tiers_survive_being_killed(tmp_path: Path) -> None:
    site = Site(tmp_path, 18_950)

    async def rounds() -> None:
        await site.start()
        load = Load(site, seed=1)
        for _ in range(ROUNDS):
            await one_round(site, load)

    try:
        asyncio.run(rounds())
    finally:
        site.kill()
