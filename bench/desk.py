"""The desk under load: a key pressed while a thousand incidents are open, and a control room with alarms at twenty times a day's rate.

Run alone: ``python -m bench desk``.
"""

from __future__ import annotations

import asyncio
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx2
import msgspec
from playwright.sync_api import Page, sync_playwright
from tests.browser.conftest import FLAGS, chromium

from bench.figures import Figure
from bench.incidents import ALARMS_A_DAY, OPEN, OPERATORS, TAGS, alarm, sign_in
from bench.journal import percentile
from bench.world import World, populate, start, world
from jikimi.identity.roles import Role
from jikimi.incidents.room import Room
from jikimi.incidents.status import Status
from jikimi.orders.codes import new_code
from jikimi.policy.responders import tables
from jikimi.runtime.commands import DAY_MS, now_ms
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.identity import SqlStaff
from jikimi.storage.incidents import SqlIncidents

PORT = 18_770
PRESSES = 60
SPEED = 20
RUN_S = 60.0
ALARMING = 300
"""Pairs in which somebody comes near during the run; the tags of all others report in between."""
REPORT_S = 3.0
"""A report a minute, at twenty times its speed."""
BATCH = 50
DRAWN = [*(one for one in FLAGS if "swiftshader" not in one), "--disable-gpu"]
"""Chromium draws by itself, as on a machine without a graphics card. The tests of maps have a card emulated: 200 ms for some pictures."""
PRESS = """async () => {
  const chosen = () => document.querySelector('.queue li.chosen strong + span, .queue li.chosen')?.textContent ?? '';
  const whole = () => document.querySelector('.whole h2')?.textContent ?? '';
  const frame = () => new Promise((done) => requestAnimationFrame(() => done()));
  const before = [chosen(), whole()];
  const began = performance.now();
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
  while (chosen() === before[0]) await frame();
  await frame();
  const seen = performance.now() - began;
  while (whole() === before[1]) await frame();
  return [seen, performance.now() - began];
}"""


def account(settings: Settings, names: list[str]) -> list[str]:
    """Make operators' accounts; return a code for each."""
    staff, until_ms = SqlStaff(Stores(settings).register().engine), now_ms() + DAY_MS
    codes = [new_code() for _ in names]
    staff.add("chief", Role.ADMINISTRATOR, "chief", None, now_ms=now_ms(), until_ms=until_ms)
    for name, code in zip(names, codes, strict=True):
        staff.add(name, Role.OPERATOR, "chief", code, now_ms=now_ms(), until_ms=until_ms)
    return codes


@contextmanager
def a_full_queue() -> Iterator[tuple[Settings, str]]:
    """Run a server in which a thousand incidents are open."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
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
        populate(settings, OPEN, 0)
        books, chance = SqlIncidents(Stores(settings).register().engine), random.Random(11)
        made = [alarm(number, chance) for number in range(OPEN)]
        parties = [msgspec.structs.replace(one.party, protected_id=f"p{number}") for number, one in enumerate(made)]
        # Two minutes ago, so that no notice of it lives any more; each taken by somebody, so that no clock runs.
        signals = [msgspec.structs.replace(one, party=party) for one, party in zip(made, parties, strict=True)]
        Room(books, tables()).signals(signals, now_ms() - 120_000)
        with books.writing() as page:
            for one in page.open_incidents():
                calm = {"rung_due_ms": None, "contact_due_ms": None, "task_due_ms": None}
                page.put_incident(msgspec.structs.replace(one, status=Status.ACKNOWLEDGED, owner="kim", **calm))
        (code,) = account(settings, ["kim"])
        process = start(settings)
        try:
            yield settings, code
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def pressed() -> list[Figure]:
    """Go down the queue by keyboard while a thousand incidents are open."""
    with a_full_queue() as (settings, code), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=DRAWN)
        page = browser.new_context(viewport={"width": 1_280, "height": 800}, locale="en-GB").new_page()
        page.goto(f"{settings.url('desk')}/#code={code}")
        page.locator("tbody tr").first.wait_for(timeout=30_000)
        page.locator("button", has_text="Incidents").filter(has_text=f"{OPEN}").wait_for(timeout=60_000)
        page.keyboard.press("i")
        page.locator(".queue li").first.wait_for(timeout=30_000)
        took = sorted(each(page))
        browser.close()
    first, whole = sorted(one for one, _ in took), sorted(one for _, one in took)
    note = f"{OPEN:,} open, {len(took)} presses in Chromium, drawn without a graphics card"
    return [
        Figure("desk: key to the next incident chosen on screen, p99", percentile(first, 0.99), "ms", 100.0, "lower", note),
        Figure("desk: the same, p50", percentile(first, 0.5), "ms", None, "lower", note),
        Figure("desk: key to the next incident in full, p99", percentile(whole, 0.99), "ms", None, "lower", note),
    ]


def each(page: Page) -> list[tuple[float, float]]:
    """Press, and return the milliseconds until the choice and until the incident in full stood on the screen."""
    return [tuple(page.evaluate(PRESS)) for _ in range(PRESSES)]


class Shift:
    """Fourteen operators, and whoever watches how long an alarm has nobody."""

    def __init__(self, w: World) -> None:
        self.w = w
        self.base, self.door = w.settings.url("desk"), w.settings.url("device")
        self.sent: dict[str, float] = {}
        self.owned: dict[str, float] = {}
        self.closed = 0
        self.failed = 0

    async def seat(self, code: str) -> httpx2.AsyncClient:
        """Return the browser of somebody who signed in."""
        client = httpx2.AsyncClient(timeout=30, headers={"Origin": self.base})
        await sign_in(client, self.base, code)
        return client

    async def operator(self, client: httpx2.AsyncClient) -> None:
        """Take what one has, speak with her, close it; look again every second."""
        await client.post(f"{self.base}/api/duty", json={"on": True})
        while True:
            for row in (await self.rows(client))["rows"]:
                if row["mine"]:
                    await self.work(client, row["incident"], row["status"])
            await asyncio.sleep(1.0)

    async def work(self, client: httpx2.AsyncClient, name: str, status: str) -> None:
        """Do the next thing about one incident."""
        path = f"{self.base}/api/incidents/{name}"
        if status == "open":
            await client.post(f"{path}/acknowledge")
        elif status == "acknowledged":
            await client.post(f"{path}/contact")
        else:
            done = await client.post(f"{path}/resolve", json={"outcome": "warned", "reason": "He was told to leave."})
            self.closed += done.status_code == 204

    async def rows(self, client: httpx2.AsyncClient) -> Any:
        """Return the queue."""
        return (await client.get(f"{self.base}/api/incidents")).json()

    async def watch(self, client: httpx2.AsyncClient) -> None:
        """Look four times a second who has which alarm."""
        while True:
            found = await self.rows(client)
            self.failed = found["failed"]
            for row in found["rows"]:
                if row["owner"] is not None and "approach" in row["kinds"]:
                    self.owned.setdefault(str(row["label_monitored"]), time.perf_counter())
            await asyncio.sleep(0.25)

    async def report(self, client: httpx2.AsyncClient, credential: str, north_m: float, number: int) -> None:
        """Let one device say where it is."""
        fix = {"id": f"{credential[:8]}-{number}", "time": now_ms(), "lat": 36.5 + north_m / 111_000, "lon": 128.0, "error_m": 5.0}
        await client.post(f"{self.door}/v1/fixes", json={"fixes": [fix]}, headers={"Authorization": f"Bearer {credential}"})

    async def comes_near(self, client: httpx2.AsyncClient, pair: int) -> None:
        """Let a man come near a woman."""
        await self.report(client, self.w.protected[pair], 0.0, 0)
        await self.report(client, self.w.monitored[pair], 3_000.0, 0)
        self.sent[f"m{pair}"] = time.perf_counter()
        for number in (1, 2):
            await self.report(client, self.w.monitored[pair], 50.0, number)

    async def alarms(self) -> None:
        """Let one alarm follow the other at twenty times a day's rate."""
        every_s = 86_400 / ALARMS_A_DAY / SPEED
        async with httpx2.AsyncClient(timeout=30) as client:
            for pair in range(min(ALARMING, round(RUN_S / every_s))):
                began = time.perf_counter()
                await self.comes_near(client, pair)
                await asyncio.sleep(max(0.0, every_s - (time.perf_counter() - began)))

    async def quiet(self) -> None:
        """Let all other tags report, each once in three seconds."""
        others = self.w.monitored[ALARMING:]
        slices = [others[start::30] for start in range(30)]
        async with httpx2.AsyncClient(timeout=30, limits=httpx2.Limits(max_connections=BATCH)) as client:
            number = 0
            while True:
                number += 1
                for piece in slices:
                    began = time.perf_counter()
                    await asyncio.gather(*(self.report(client, one, 9_000.0, number) for one in piece))
                    await asyncio.sleep(max(0.0, REPORT_S / 30 - (time.perf_counter() - began)))


async def a_shift(w: World, codes: list[str]) -> Shift:
    """Run it."""
    shift = Shift(w)
    # One after the other: at the door, so many at once from one address look like guessing.
    seats = [await shift.seat(code) for code in codes]
    beside = [asyncio.create_task(shift.operator(one)) for one in seats[1:]]
    beside += [asyncio.create_task(shift.watch(seats[0])), asyncio.create_task(shift.quiet())]
    await asyncio.sleep(3.0)
    await shift.alarms()
    for _ in range(60):
        if len(shift.owned) >= len(shift.sent):
            break
        await asyncio.sleep(0.25)
    for one in beside:
        one.cancel()
    for one in beside:
        with suppress(asyncio.CancelledError):
            await one
    for seat in seats:
        await seat.aclose()
    return shift


def load_run() -> list[Figure]:
    """Run a control room at twenty times a day's rate. An alarm that nobody ever had ends the bench."""
    with world(TAGS, 0, PORT + 10) as w:
        codes = account(w.settings, ["watcher", *(f"operator-{n}" for n in range(OPERATORS))])
        shift = asyncio.run(a_shift(w, codes))
    missing = shift.sent.keys() - shift.owned.keys()
    if missing or shift.failed:
        raise AssertionError(f"{len(missing)} alarms had nobody, {shift.failed} became no incident.")
    took = sorted(shift.owned[name] - at_s for name, at_s in shift.sent.items())
    note = f"{TAGS:,} tags, {OPERATORS} operators, {len(took)} alarms in {RUN_S:.0f} s, {shift.closed} closed meanwhile"
    return [
        Figure("desk: he comes near until an operator has it, worst", took[-1], "s", 10.0, "lower", note),
        Figure("desk: the same, p50", percentile(took, 0.5), "s", None, "lower", "looked at four times a second"),
    ]


def measure() -> list[Figure]:
    """Measure both."""
    return [*(pressed() if chromium() is not None else []), *load_run()]
