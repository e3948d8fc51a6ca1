"""Keeping and erasing: a whole record out and in again, and an erasure from end to end.

Run alone: ``python -m bench keeping``. The record is measured on fewer fixes than the goal names, since the cost of each is the same, and
scaled: CPU time, for others may use the machine as well. Set JIKIMI_BENCH_FIXES=10000000 to measure all of them.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.figures import Figure
from jikimi.model.fix import Fix, Source, Verdict
from jikimi.model.order import Device, DeviceKind
from jikimi.model.record import Fixes, encode
from jikimi.model.register import Act as OrderAct
from jikimi.model.register import CourtOrder, Measure, MeasureKind, Protected, Standing
from jikimi.policy.durations import tables
from jikimi.runtime import record
from jikimi.runtime.keeper import opened
from jikimi.runtime.response import JOURNAL
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.incidents import SqlIncidents

GOAL_FIXES = 10_000_000
GOAL_S = 600
DAY_MS = 86_400_000
NOW = 20_600 * DAY_MS
TOGETHER = 250


def measure() -> list[Figure]:
    """Return all figures."""
    count = int(os.environ.get("JIKIMI_BENCH_FIXES", "400000"))
    return [*whole_record(count), *erasure(20_000)]


def whole_record(count: int) -> list[Figure]:
    """Return how long ten million fixes take out of one system and into another, hashes and the comparison included."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=f"{folder}/here", log_level="critical")
        make(settings, count)
        with opened(settings, NOW) as keeper:
            keeper.look()
        wish = record.Wish("order", None, "one", second="two", reason="bench")
        began, began_wall = time.process_time(), time.perf_counter()
        done = record.export(settings, wish, Path(folder) / "record", NOW)
        out, out_wall = time.process_time(), time.perf_counter()
        record.bring_in(Settings(data_dir=f"{folder}/there", log_level="critical"), Path(folder) / "record", None, NOW)
        back, back_wall = time.process_time(), time.perf_counter()
    scale = GOAL_FIXES / done.fixes
    out_s, back_s = out_wall - began_wall, back_wall - out_wall
    note = f"CPU time of {done.fixes:,} fixes{'' if done.fixes == GOAL_FIXES else ', scaled'}; these took on the wall "
    return [
        Figure("record, 10 million fixes exported", (out - began) * scale, "s", GOAL_S, "lower", f"{note}{out_s:.0f} s"),
        Figure(
            "record, 10 million fixes imported and compared",
            (back - out) * scale,
            "s",
            GOAL_S,
            "lower",
            f"{note}{back_s:.0f} s",
        ),
    ]


def erasure(count: int) -> list[Figure]:
    """Return how long an erasure takes, from what is due to the certificate: two persons, one of whose days lie in vault and journal."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=f"{folder}/here", log_level="critical")
        until = make(settings, count, ended=True)
        with opened(settings, NOW) as keeper:
            keeper.look()
        with opened(settings, NOW + 1) as keeper:
            began = time.perf_counter()
            left = keeper.erase(until)
            ended = time.perf_counter()
    assert not left.due, "everything is gone"
    return [Figure("erasure of an order, keys to certificate", ended - began, "s", DAY_MS / 1000, "lower", f"{count} fixes in the journal")]


def make(settings: Settings, count: int, *, ended: bool = False) -> int:
    """Fill a folder with an order and one fix a second of each of two persons; return the journal's last number."""
    stores = Stores(settings)
    register = stores.register()
    clerk = stores.clerk(register, tables())
    begin = NOW - (count // 2 + 60) * 1000
    clerk.enter(order(begin), now_ms=begin, by="bench")
    for person in ("m", "p"):
        register.add_device(Device(device_id=f"device-{person}", kind=DeviceKind.TAG, person_id=person, secret_sha256=bytes(32)))
    if ended:
        clerk.act("order", OrderAct.ACQUIT, at_ms=NOW, now_ms=NOW, by="bench", reason="bench")

    async def story() -> int:
        journal = stores.journal()
        number = 0
        for batch in records(begin, count):
            number = await journal.append([encode(batch)])
        number = await journal.turn()
        journal.close()
        return number

    number = asyncio.run(story())
    SqlIncidents(register.engine).keep_cursor(JOURNAL, number)
    register.close()
    return number


def order(begin: int) -> CourtOrder:
    """Return an order of two persons."""
    measure = partial(Measure, from_ms=begin, until_ms=begin + 80 * DAY_MS)
    return CourtOrder(
        order_id="order",
        policy_id="kr",
        basis_id="kr-provisional",
        legal_basis="bench",
        owner="bench",
        monitored_ids=("m",),
        protected=(Protected(person_id="p", standing=Standing.VICTIM),),
        measures=(
            measure(measure_id="away", kind=MeasureKind.NO_APPROACH),
            measure(measure_id="tag", kind=MeasureKind.MONITORING),
        ),
        decided_ms=begin,
    )


def records(begin: int, count: int) -> Iterator[Fixes]:
    """Yield what two devices report, some minutes together."""
    for start in range(0, count // 2, TOGETHER):
        for person in ("m", "p"):
            fixes = [_fix(begin + (start + n) * 1000, start + n) for n in range(min(TOGETHER, count // 2 - start))]
            yield Fixes(fixes[-1].fix_time_ms + 80, f"device-{person}", person, fixes, [Verdict.USED] * len(fixes))


def _fix(at_ms: int, n: int) -> Fix:
    """A walk: never the same place, never a straight line."""
    north, east = (n * 7919 % 1000) * 1e-6, (n * 104_729 % 1000) * 1e-6
    return Fix(str(at_ms), at_ms, 37.5 + n * 1e-6 + north, 127.0 + east, 5.0, Source.GNSS, 1.2, (n * 37 % 3600) / 10, valid=True)
