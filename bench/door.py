"""Through the front door: requests per second, fixes per second, and the time from a fix to the page's stream."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

import msgspec

from bench.figures import Figure
from bench.world import HOST, World, world
from jikimi.scenarios.load import Plan, Report

PAIRS = 1_000
PROBES = 100
PROBE_ROUNDS = 12
ROUNDS = 3


def load(plan: Plan) -> subprocess.Popen[bytes]:
    """Start the load generator in a process of its own."""
    process = subprocess.Popen([sys.executable, "-m", "jikimi.scenarios.load", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(plan))
    process.stdin.close()
    return process


def report(process: subprocess.Popen[bytes]) -> Report:
    """Wait for the load to end; return what came of it."""
    assert process.stdout is not None
    return msgspec.json.decode(process.stdout.read(), type=Report)


def flat_out(w: World, batch: int, seconds: float, connections: int, depth: int) -> Report:
    """Send as fast as the server takes it; the median of some rounds by fixes per second."""
    everybody = (*w.monitored, *w.protected)
    plan = Plan(
        url=f"http://{HOST}:{w.settings.device_port}",
        credentials=everybody,
        seconds=seconds,
        batch=batch,
        connections=connections,
        depth=depth,
    )
    reports = sorted((report(load(plan)) for _ in range(ROUNDS)), key=lambda r: r.fixes_per_s)
    return reports[len(reports) // 2]


def head(method: str, path: str, port: int, *lines: str) -> bytes:
    """Return the head of a request."""
    return "\r\n".join((f"{method} {path} HTTP/1.1", f"Host: {HOST}:{port}", *lines, "", "")).encode()


class Page:
    """One open page: reads its stream, and knows when the newest state came."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.arrived: asyncio.Future[float] | None = None
        self.states = 0

    async def read(self, port: int) -> None:
        """Read for ever."""
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(head("GET", "/api/stream", port, f"Cookie: __Host-jikimi-protected={self.token}"))
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(f"the stream answered {status!r}")
        while line := await reader.readline():
            if line.startswith(b"event: state"):
                self.states += 1
                if self.arrived is not None and not self.arrived.done():
                    self.arrived.set_result(time.perf_counter())


class Probe:
    """A tag and a page of one pair: sends a fix, and waits until the page has it."""

    def __init__(self, number: int, credential: str, page: Page) -> None:
        self.number, self.credential, self.page = number, credential, page
        self.count = 0

    async def connect(self, port: int) -> None:
        """Open the tag's connection."""
        self.reader, self.writer = await asyncio.open_connection(HOST, port)
        self.port = port

    async def once(self) -> float:
        """Return the milliseconds from writing a fix to its state on the page."""
        self.count += 1
        north = 37.55 + self.number * 1e-3 + self.count * 1e-5
        fix = {
            "id": f"probe{self.count}",
            "time": time.time_ns() // 1_000_000,
            "lat": north,
            "lon": 127.0,
            "error_m": 5.0,
            "source": "gnss",
        }
        body = json.dumps({"fixes": [fix]}).encode()
        request = head("POST", "/v1/fixes", self.port, f"Authorization: Bearer {self.credential}", f"Content-Length: {len(body)}")
        self.page.arrived = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        self.writer.write(request + body)
        arrived = await asyncio.wait_for(self.page.arrived, 10)
        status = await self.reader.readline()
        assert b" 200 " in status, status
        length = 0
        while (line := await self.reader.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        await self.reader.readexactly(length)
        return (arrived - began) * 1000


async def latencies(w: World, seconds: float) -> tuple[list[float], Report]:
    """Measure with every page open and everybody reporting once a second."""
    pages = [Page(token) for token in w.sessions]
    readers = [asyncio.create_task(page.read(w.settings.protected_port)) for page in pages]
    await asyncio.sleep(2)
    others = (*w.monitored[PROBES:], *w.protected)
    running = load(Plan(url=f"http://{HOST}:{w.settings.device_port}", credentials=others, seconds=seconds, connections=64, paced=True))
    probes = [Probe(n, w.monitored[n], pages[n]) for n in range(PROBES)]
    for probe in probes:
        await probe.connect(w.settings.device_port)
    await asyncio.sleep(3)
    found: list[float] = []
    for _ in range(PROBE_ROUNDS):
        for probe in probes:
            found.append(await probe.once())
            await asyncio.sleep(0.005)
    answer = await asyncio.to_thread(report, running)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    return found, answer


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def measure() -> list[Figure]:
    """Measure all of it."""
    with world(PAIRS, PAIRS) as w:
        found, paced = asyncio.run(latencies(w, 18.0))
        single = flat_out(w, 1, 5.0, 32, 4)
        batch = flat_out(w, 1000, 5.0, 4, 1)
        small = flat_out(w, 50, 5.0, 16, 2)
    beside = f"{PAIRS} pages open, {paced.requests_per_s:,.0f} fixes/s beside it"
    note = f"{beside}, journal durable; {len(found)} probes, client and server on the same 2 cores"
    return [
        Figure("fix by HTTP to the page's stream, p50", statistics.median(found), "ms", 2, "lower", note),
        Figure("fix by HTTP to the page's stream, p99", percentile(found, 0.99), "ms", 10, "lower", note),
        Figure(
            "native batch ingest, durable and decided",
            batch.fixes_per_s,
            "fixes/s",
            100_000,
            "higher",
            "1,000 fixes a request, 4 connections",
        ),
        Figure("the same, 50 fixes a request", small.fixes_per_s, "fixes/s", None, "higher", "16 connections"),
        Figure(
            "single-fix requests, authenticated, durable, decided",
            single.requests_per_s,
            "requests/s",
            15_000,
            "higher",
            f"32 connections; p99 {single.p99_ms or 0:.1f} ms",
        ),
    ]
