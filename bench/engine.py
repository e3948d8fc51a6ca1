"""The decision engine alone: speed, rest, a wave of silence, memory, restoring; plain and, once built, compiled.

Each figure is measured in a process of its own. Speeds are of process CPU time, so that waiting for other work on the
machine does not count; a busy neighbour still takes cache and memory bandwidth. ``make compile`` builds what the
compiled figures measure; without it they are left out.
"""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psutil

from bench.figures import Figure, show
from jikimi.core import geodesy, state
from jikimi.core.engine import Engine
from jikimi.core.geodesy import offset
from jikimi.model.fix import Fix, Source
from jikimi.model.order import Order
from jikimi.orders.pairs import pairs_of
from jikimi.policy.load import presets
from jikimi.policy.resolve import pair_rules

ROOT = Path(__file__).parent.parent
COMPILED = ROOT / "build" / "compiled"
KOREA = presets()["kr"]
T0 = 1_790_000_000_000
SEOUL = (37.55, 126.99)
PAIRS = 100_000
PAIRS_AT_REST = 1_000_000
DECISIONS = 200_000
BATCH = 500
LOOK_MS = 250
"""As the runtime's alarm loop: it looks at the alarms this often when nothing is due sooner."""
CPU = "process CPU time, one core"


def is_compiled() -> bool:
    """Return whether this process runs the compiled core."""
    return not str(geodesy.__file__).endswith(".py")


class Crowd:
    """So many pairs around Seoul: he walks 0.5 to 20 km from her, both report with noise."""

    def __init__(self, pairs: int, seed: int = 1) -> None:
        self.pairs = pairs
        self.rnd = random.Random(seed)
        self.sent = 0
        self.homes = [offset(*SEOUL, self.rnd.uniform(-3e4, 3e4), self.rnd.uniform(-3e4, 3e4)) for _ in range(pairs)]
        self.ways = [(self.rnd.uniform(500.0, 20_000.0), self.rnd.uniform(-1.0, 1.0), self.rnd.uniform(-1.0, 1.0)) for _ in range(pairs)]
        self.turns = list(range(2 * pairs))
        self.rnd.shuffle(self.turns)

    def enter(self, engine: Engine) -> None:
        """Put every pair, as an order of the Korean preset makes it."""
        for number in range(self.pairs):
            order = Order(
                order_id=f"order-{number:08}",
                policy_id="kr",
                monitored_id=f"monitored-{number:08}",
                protected_ids=(f"protected-{number:08}",),
                from_ms=T0,
                until_ms=T0 + 1,
                legal_basis="bench",
            )
            for pair in pairs_of(order, KOREA, pair_rules):
                engine.put(pair, T0)

    def report(self, person: int, now_ms: int) -> tuple[str, Fix]:
        """Return who reports what: even numbers are monitored persons, odd ones protected."""
        number = person >> 1
        rnd = self.rnd
        east = rnd.gauss(0.0, 4.0)
        north = rnd.gauss(0.0, 4.0)
        who = f"protected-{number:08}"
        if person & 1 == 0:
            away, east_mps, north_mps = self.ways[number]
            seconds = (now_ms - T0) * 0.001
            east += away + east_mps * seconds
            north += north_mps * seconds
            who = f"monitored-{number:08}"
        self.sent += 1
        lat, lon = offset(*self.homes[number], east, north)
        return who, Fix(f"fix-{self.sent:012}", now_ms - 300, lat, lon, 8.0, Source.GNSS, 1.0, None, None, 80.0, True)

    def everybody(self, engine: Engine, from_ms: int, span_ms: int, side: int | None = None) -> int:
        """Let everybody (of one side) report once within ``span_ms``, in random order; return the time of the last report."""
        now_ms = from_ms
        for place, person in enumerate(self.turns):
            if side is not None and person & 1 != side:
                continue
            now_ms = from_ms + place * span_ms // len(self.turns)
            who, fix = self.report(person, now_ms)
            engine.fix(who, fix, now_ms, engine.advance(now_ms))
        return now_ms


def seen(pairs: int, rounds: int, span_ms: int = 10_000) -> tuple[Crowd, Engine, int]:
    """Return a crowd, an engine that has heard everybody so many times, and when that was."""
    crowd = Crowd(pairs)
    engine = Engine(KOREA.track)
    crowd.enter(engine)
    now_ms = T0
    for number in range(rounds):
        now_ms = crowd.everybody(engine, T0 + number * span_ms, span_ms)
    return crowd, engine, now_ms


def decisions() -> list[Figure]:
    """Time ``advance`` and ``fix`` of single reports in random order. Decoding just before leaves a report in the cache, as here."""
    crowd, engine, now_ms = seen(PAIRS, 2)
    took = 0.0
    for _ in range(DECISIONS // BATCH):
        batch = []
        for _ in range(BATCH):
            now_ms += 1 if crowd.sent % 20 == 0 else 0
            batch.append((*crowd.report(crowd.rnd.randrange(2 * PAIRS), now_ms), now_ms))
        began = time.process_time()
        for who, fix, at_ms in batch:
            engine.fix(who, fix, at_ms, engine.advance(at_ms))
        took += time.process_time() - began
    goal = 400_000 if is_compiled() else 100_000
    return [Figure(f"pair decisions, {PAIRS:,} pairs, random order", DECISIONS / took, "/s/core", goal, "higher", CPU)]


def rest() -> list[Figure]:
    """Run the alarm loop over ten minutes of a million pairs whose silence has been told."""
    gc.disable()  # of what is built nothing is rubbish, and looking for it takes minutes
    _, engine, now_ms = seen(PAIRS_AT_REST, 1)
    settled_ms = now_ms + 3_600_000
    while now_ms < settled_ms:
        now_ms += 60_000
        engine.advance(now_ms)
    gc.enable()
    gc.collect()
    end_ms = now_ms + 600_000
    began = time.process_time()
    while now_ms < end_ms:
        due = engine.next_alarm_ms()
        now_ms = now_ms + LOOK_MS if due is None else min(now_ms + LOOK_MS, max(now_ms + 1, due))
        engine.advance(now_ms)
    share = (time.process_time() - began) / 600.0 * 100.0
    return [Figure(f"{PAIRS_AT_REST:,} pairs at rest", share, "% of a core", 1, "lower", "alarm loop over 10 simulated minutes, CPU time")]


def silence() -> list[Figure]:
    """Let every tag fall silent in the same second while the handsets go on, and ring the alarms that find them blind."""
    crowd = Crowd(PAIRS)
    engine = Engine(KOREA.track)
    crowd.enter(engine)
    blind_ms = round(KOREA.judging.blind_after_s * 1000.0)
    crowd.everybody(engine, T0, 1_000, side=0)
    crowd.everybody(engine, T0 + blind_ms - 60_000, 10_000, side=1)
    engine.advance(T0 + blind_ms - 2_000)
    began, began_wall = time.process_time(), time.perf_counter()
    out = engine.advance(T0 + blind_ms + 1_000)
    took, wall = time.process_time() - began, time.perf_counter() - began_wall
    assert len(out) >= PAIRS, "each pair goes blind"
    note = f"{len(out):,} transitions, CPU time; by the wall clock {wall:.2f} s"
    return [Figure(f"{PAIRS:,} pairs going blind in one second: every transition out", took, "s", 2, "lower", note)]


def memory() -> list[Figure]:
    """Count what a pair takes: specification, ids, both tracks and their last fixes' ids."""
    crowd = Crowd(PAIRS)
    gc.collect()
    before = psutil.Process().memory_info().rss
    engine = Engine(KOREA.track)
    crowd.enter(engine)
    for number in range(2):
        crowd.everybody(engine, T0 + number * 10_000, 10_000)
    gc.collect()
    rss = psutil.Process().memory_info().rss - before
    return [Figure("memory a pair, both tracks and ids included", rss / PAIRS / 1000.0, "kB", 1.5, "lower", "resident set")]


def allocated() -> list[Figure]:
    """Count the same by what Python itself has allocated."""
    pairs = PAIRS // 5
    crowd = Crowd(pairs)
    gc.collect()
    tracemalloc.start()
    engine = Engine(KOREA.track)
    crowd.enter(engine)
    for number in range(2):
        crowd.everybody(engine, T0 + number * 10_000, 10_000)
    gc.collect()
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return [Figure("memory a pair, as allocated", used / pairs / 1000.0, "kB", 1.5, "lower", f"tracemalloc, {pairs:,} pairs")]


def restoring() -> list[Figure]:
    """Load the state of many pairs from its bytes, as a start does."""
    _, engine, _ = seen(PAIRS, 2)
    data = msgspec.msgpack.encode(state.dump(engine))
    del engine
    gc.collect()
    began = time.process_time()
    engine = state.load(msgspec.msgpack.decode(data, type=state.EngineState))
    took = time.process_time() - began
    assert len(list(engine.pairs())) == PAIRS
    note = f"{len(data) / PAIRS:.0f} bytes a pair; part of the cold start of 5 s; CPU time"
    return [Figure(f"engine's state of {PAIRS:,} pairs restored", took, "s", None, "lower", note)]


PARTS: dict[str, Callable[[], list[Figure]]] = {part.__name__: part for part in (decisions, silence, memory, allocated, restoring, rest)}
SAME = {"rest"}
"""Parts that take minutes and come out alike on either core: measured on the plain one."""


def measured(part: str, path: Path | None) -> Iterator[Figure]:
    """Measure one part in a process of its own, on the core found at ``path`` before all others."""
    environment = {**os.environ}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(
        [sys.executable, "-m", "bench.engine", "--part", part], env=environment, cwd=ROOT, capture_output=True, check=True
    )
    for figure in msgspec.json.decode(done.stdout, type=list[Figure]):
        kind = "compiled" if path is not None else "plain"
        yield msgspec.structs.replace(figure, name=f"engine, {kind}: {figure.name}")


def measure() -> list[Figure]:
    """Measure every part on the plain core and, if ``make compile`` has built it, on the compiled one."""
    found = [figure for part in PARTS for figure in measured(part, None)]
    if COMPILED.exists():
        found += [figure for part in PARTS if part not in SAME for figure in measured(part, COMPILED)]
    return found


def main() -> None:
    """Print the table, or be the process that measures one part."""
    if sys.argv[1:2] == ["--part"]:
        sys.stdout.buffer.write(msgspec.json.encode(PARTS[sys.argv[2]]()))
        return
    print(show(measure()))


if __name__ == "__main__":
    main()
