"""Durable appends: how many a second, how long each waits, and what a fix costs on disk.

Run alone: ``python -m bench journal``. Times depend on the disk's fsync; 0.2 ms is a disk with a write-back cache.
"""

from __future__ import annotations

import asyncio
import secrets
import statistics
import tempfile
import time
from pathlib import Path

import uvloop

from bench.figures import Figure
from jikimi.model.fix import Fix, Source, Verdict
from jikimi.model.record import Fixes, encode
from jikimi.storage.journal import SqliteJournal

CALLERS = (1, 32, 256)
SECONDS = 2.0


def fixes_record(count: int) -> bytes:
    """Return a record of ``count`` fixes of one device."""
    start = 1_780_000_000_000
    fixes = [Fix(f"f{start + i}", start + 1000 * i, 37.5 + i * 1e-5, 127.0 - i * 1e-5, 8.5, Source.GNSS, 1.4, 88.0) for i in range(count)]
    return encode(Fixes(start, "tag-1f2e3d4c", "person-1f2e3d4c", fixes, [Verdict.USED] * count))


async def load(journal: SqliteJournal, callers: int, record: bytes, seconds: float) -> list[float]:
    """Append from ``callers`` tasks at once, each waiting for its own answer; return every wait in ms."""
    waits: list[float] = []
    end = time.perf_counter() + seconds

    async def caller() -> None:
        while (begin := time.perf_counter()) < end:
            await journal.append([record])
            waits.append((time.perf_counter() - begin) * 1e3)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return waits


def percentile(values: list[float], share: float) -> float:
    """Return the value below which ``share`` of all lie."""
    return statistics.quantiles(values, n=1000)[round(share * 1000) - 1]


async def with_callers(folder: Path, callers: int) -> list[Figure]:
    """Measure single-fix appends of ``callers`` tasks."""
    journal = SqliteJournal(folder / f"callers-{callers}", secrets.token_bytes(32))
    record = fixes_record(1)
    await load(journal, callers, record, 0.2)
    waits = await load(journal, callers, record, SECONDS)
    journal.close()
    name = f"journal, {callers} callers"
    goal = 80_000 if callers >= 32 else None
    return [
        Figure(f"{name}: durable appends", len(waits) / SECONDS, "1/s", goal, "higher"),
        Figure(f"{name}: wait p50", percentile(waits, 0.5), "ms", None, "lower"),
        Figure(f"{name}: wait p99", percentile(waits, 0.99), "ms", None, "lower"),
    ]


async def batches(folder: Path) -> list[Figure]:
    """Measure records of 10,000 fixes, and what a fix costs on disk."""
    journal = SqliteJournal(folder / "batches", secrets.token_bytes(32))
    record = fixes_record(10_000)
    waits = []
    for _ in range(50):
        begin = time.perf_counter()
        await journal.append([record])
        waits.append((time.perf_counter() - begin) * 1e3)
    journal.close()
    size = sum(path.stat().st_size for path in (folder / "batches").glob("*.db"))
    return [
        Figure(f"journal, a record of 10,000 fixes ({len(record) / 1e6:.2f} MB): wait p50", statistics.median(waits), "ms", 10, "lower"),
        Figure("journal, on disk, records of 10,000", size / 500_000, "bytes/fix", None, "lower"),
    ]


async def single_size(folder: Path) -> list[Figure]:
    """Measure what a fix costs on disk when 32 share a commit."""
    journal = SqliteJournal(folder / "single", secrets.token_bytes(32))
    record = fixes_record(1)
    for _ in range(500):
        await asyncio.gather(*(journal.append([record]) for _ in range(32)))
    journal.close()
    size = sum(path.stat().st_size for path in (folder / "single").glob("*.db"))
    return [Figure("journal, on disk, 32 single fixes a commit", size / 16_000, "bytes/fix", None, "lower", f"a record: {len(record)}")]


async def call_cost(folder: Path) -> list[Figure]:
    """Measure what ``append`` costs the event loop."""
    journal = SqliteJournal(folder / "cost", secrets.token_bytes(32))
    record = [fixes_record(1)]
    begin = time.perf_counter()
    futures = [journal.append(record) for _ in range(20_000)]
    cost_us = (time.perf_counter() - begin) / 20_000 * 1e6
    await asyncio.gather(*futures)
    journal.close()
    return [Figure("journal, append() on the event loop", cost_us, "us", 3, "lower")]


async def measured() -> list[Figure]:
    """Return all figures, each from a journal of its own."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as name:
        folder = Path(name)
        found = await call_cost(folder)
        for callers in CALLERS:
            found += await with_callers(folder, callers)
        return [*found, *await batches(folder), *await single_size(folder)]


def measure() -> list[Figure]:
    """Measure on the event loop that the server uses."""
    return uvloop.run(measured())
