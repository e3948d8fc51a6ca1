"""A start of the whole server: 100,000 orders loaded, tiers restored from checkpoint and journal."""

from __future__ import annotations

import signal
import tempfile
import time

from bench.figures import Figure
from bench.world import populate, start
from jikimi.runtime.settings import Settings

PAIRS = 100_000


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
