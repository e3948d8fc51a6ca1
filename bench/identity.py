"""An account disabled by another process: from the act to the end of its open stream, on a whole server over sockets.

Run alone: ``python -m bench identity``. A running server looks at the register's counter of changes twice a second; most of the
time is that. Each round rests a little longer, so that the acts fall evenly between two looks.
"""

from __future__ import annotations

import asyncio
import tempfile
import time

import httpx2

from bench.figures import Figure
from bench.journal import percentile
from jikimi.identity.roles import Role
from jikimi.orders.codes import new_code
from jikimi.runtime import logs, policies
from jikimi.runtime.commands import DAY_MS, now_ms
from jikimi.runtime.followers import LOOK_S
from jikimi.runtime.server import Server
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.identity import SqlStaff

ROUNDS = 20
PORT = 18_740
CHIEF = "chief"
GOAL_S = 2.0


async def closed_after_s(staff: SqlStaff, base: str, name: str, rest_s: float) -> float:
    """Sign in, open a stream, rest a while, disable the account beside the server; return the seconds until the stream ended."""
    code = new_code()
    staff.add(name, Role.OPERATOR, CHIEF, code, now_ms=now_ms(), until_ms=now_ms() + DAY_MS)
    async with httpx2.AsyncClient(timeout=20) as client:
        answer = await client.post(f"{base}/api/pair", json={"code": code}, headers={"Origin": base})
        client.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
        async with client.stream("GET", f"{base}/api/stream") as stream:
            lines = stream.aiter_lines()
            while await anext(lines) != "event: board":
                pass
            await asyncio.sleep(rest_s)
            begin = time.perf_counter()
            await asyncio.to_thread(lambda: staff.disable(name, CHIEF, now_ms=now_ms()))
            async for _line in lines:
                pass
            return time.perf_counter() - begin


async def rounds(folder: str) -> list[float]:
    """Run a server and disable one account after another."""
    settings = Settings(
        staff_codes=True,
        data_dir=folder,
        device_port=PORT,
        protected_port=PORT + 1,
        desk_port=PORT + 2,
        field_port=0,
        helper_port=0,
        court_port=0,
        oversight_port=PORT + 1_000,
        log_level="error",
    )
    logs.configure(settings.log_level)
    staff = SqlStaff(Stores(settings).register().engine)
    staff.add(CHIEF, Role.ADMINISTRATOR, CHIEF, None, now_ms=now_ms(), until_ms=now_ms())
    async with Server(settings, policies.load(settings)):
        return [await closed_after_s(staff, settings.url("desk"), f"staff-{number}", LOOK_S * number / ROUNDS) for number in range(ROUNDS)]


def measure() -> list[Figure]:
    """Measure all of it."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        found = sorted(asyncio.run(rounds(folder)))
    return [
        Figure("identity: account disabled to closed stream, p50", percentile(found, 0.5), "s", None, "lower"),
        Figure("identity: account disabled to closed stream, worst", found[-1], "s", GOAL_S, "lower", f"{ROUNDS} rounds"),
    ]
