"""A start of the whole server: 100,000 orders loaded, tiers restored from checkpoint and journal."""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

from bench.figures import Figure
from bench.world import populate, start
from jikimi.runtime.settings import Settings

PAIRS = 100_000
STARTS = 5
"""Of the demonstration, after one that is not counted."""
PORT = 18_760
AUDIENCES = ("device", "protected", "desk", "oversight", "field", "helper", "court")
ADDRESS = re.compile(r"http://\S+?(?=/#code=)")


def measure() -> list[Figure]:
    """Start twice: the second start finds a checkpoint, as every ordinary one does."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        settings = Settings(
            data_dir=folder,
            device_port=18_710,
            protected_port=18_711,
            desk_port=18_712,
            field_port=0,
            helper_port=0,
            court_port=0,
            oversight_port=19_712,
            log_level="error",
        )
        populate(settings, PAIRS, 0)
        first = timed(settings)
        second = timed(settings)
    return [
        *demonstration(),
        Figure(
            "cold start, 100,000 orders, tiers restored", second, "s", 5, "lower", "process start to listening, checkpoint of the last stop"
        ),
        Figure("first start ever, 100,000 orders", first, "s", None, "lower", "every pair is new and written to the journal"),
    ]


def timed(settings: Settings) -> float:
    """Return the seconds from starting the process to its listening."""
    began = time.perf_counter()
    process = start(settings)
    took = time.perf_counter() - began
    process.send_signal(signal.SIGTERM)
    process.wait(120)
    return took


def demonstration() -> list[Figure]:
    """Start `make run` again and again, each time until every address that it prints serves its page."""
    ready_s()
    took = [ready_s() for _ in range(STARTS)]
    note = f"from `make run` until each printed address serves its page; median of {STARTS}, worst {max(took):.2f} s"
    return [Figure("second start of the demonstration", statistics.median(took), "s", 3, "lower", note)]


def ready_s() -> float:
    """Return the seconds from starting `make run` until what it announces can be opened."""
    ports = {f"JIKIMI_{audience.upper()}_PORT": str(PORT + number) for number, audience in enumerate(AUDIENCES)}
    began = time.perf_counter()
    process = subprocess.Popen(
        ["make", "--no-print-directory", "run"],
        env={**os.environ, **ports},
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        found: list[str] = []
        for line in process.stdout:
            found += ADDRESS.findall(line)
            if "Ctrl-C ends it" in line:
                break
        for address in found:
            with urlopen(f"{address}/") as page:
                assert page.status == 200, address
        took = time.perf_counter() - began
        assert found, "the demonstration printed no address"
        return took
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
