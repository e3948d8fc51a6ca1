"""Notices: from the commit that made one to its handing over, with a durable outbox, at 500 a second.

Run alone: ``python -m bench delivery``. A notice counts as handed over when the channel's adapter is called with it; what the provider
then takes is his. The outbox is the register's file, sealed, synced at every commit. Each notice costs three durable writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
import time
from pathlib import Path

from bench.figures import Figure
from bench.journal import percentile
from jikimi.delivery.message import Answer, Message, Receipt, Step, Verdict
from jikimi.delivery.passage import Passage, Way, plan
from jikimi.delivery.rules import read_rules
from jikimi.delivery.runner import Runner
from jikimi.storage.database import open_database
from jikimi.storage.outbox import SqlShelf

RATE = 500
SECONDS = 6.0
BATCH_S = 0.02
RULES = read_rules()
LADDERS = [("web_push", "sms", "voice")] * 9 + [("sms", "voice", "web_push")]


def now_ms() -> int:
    """Return the time."""
    return time.time_ns() // 1_000_000


class Timed:
    """A channel that notes when each message came, and whose device says at once that it showed it."""

    is_idempotent = True

    def __init__(self, name: str, *, is_stuck: bool = False) -> None:
        self.name = name
        self.is_stuck = is_stuck
        self.came: dict[str, float] = {}
        self.runner: Runner | None = None

    async def hand(self, message: Message, now: int) -> Answer:
        """Note the moment."""
        self.came.setdefault(message.key, time.perf_counter())
        if self.is_stuck:
            await asyncio.Event().wait()
        if self.runner is not None:
            self.runner.receive(Receipt(key=message.key, step=Step.SHOWN, at_ms=now, from_device=True))
        return Answer(Verdict.ACCEPTED)

    async def close(self) -> None:
        """Nothing is held open."""


def passage(key: str, channels: tuple[str, ...]) -> Passage:
    """Return a danger notice made now."""
    at_ms = now_ms()
    message = Message(
        key=key,
        topic=key,
        address="",
        title="위험",
        text="지금 가세요.",
        language="ko",
        urgent=True,
        sent_ms=at_ms,
        until_ms=at_ms + 60_000,
    )
    return plan(message, [Way(name, "a" * 200) for name in channels], RULES, is_danger=True)


async def produce(shelf: SqlShelf, runner: Runner) -> dict[str, float]:
    """Commit notices at the rate, a few in each transaction, and return the moment of each one's making."""
    made: dict[str, float] = {}
    start = time.perf_counter()
    for turn in range(round(SECONDS / BATCH_S)):
        await asyncio.sleep(max(0.0, start + turn * BATCH_S - time.perf_counter()))
        keys = [f"{turn}-{number}" for number in range(round(RATE * BATCH_S))]
        moment = time.perf_counter()
        await asyncio.to_thread(shelf.add, [passage(key, LADDERS[number % len(LADDERS)]) for number, key in enumerate(keys)])
        made |= dict.fromkeys(keys, moment)
        runner.wake()
    return made


async def run(folder: Path, *, is_one_stuck: bool) -> tuple[list[float], int, float]:
    """Return every wait in ms, how many were made, and the rate reached."""
    engine = open_database(folder / "register.db", secrets.token_bytes(32))
    shelf = SqlShelf(engine)
    push, stuck = Timed("web_push"), Timed("sms", is_stuck=is_one_stuck)
    voice = Timed("voice")
    runner = Runner(shelf, [push, stuck, voice], RULES, now_ms)
    push.runner = voice.runner = runner
    stuck.runner = None if is_one_stuck else runner
    task = asyncio.create_task(runner.run())
    start = time.perf_counter()
    made = await produce(shelf, runner)
    rate = len(made) / (time.perf_counter() - start)
    await asyncio.sleep(0.5)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    engine.dispose()
    # With a channel stuck, its own notices wait for its time limit; the figure is about all the others.
    counted = (push,) if is_one_stuck else (push, stuck)
    first = [(came - made[key]) * 1e3 for channel in counted for key, came in channel.came.items() if is_first(key, channel.name)]
    return first, len(made), rate


def is_first(key: str, channel: str) -> bool:
    """Whether this channel is the first on the notice's ladder."""
    return LADDERS[int(key.split("-")[1]) % len(LADDERS)][0] == channel


def measure() -> list[Figure]:
    """Measure with all channels well, and with one of three stuck."""
    figures: list[Figure] = []
    for is_one_stuck, name in ((False, "notices"), (True, "notices, one channel stuck")):
        with tempfile.TemporaryDirectory() as folder:
            waits, count, rate = asyncio.run(run(Path(folder), is_one_stuck=is_one_stuck))
        note = f"{rate:,.0f} notices/s made, {len(waits):,} of {count:,} measured"
        figures.append(Figure(f"{name}: made to handed over, p50", percentile(waits, 0.5), "ms", None, "lower", note))
        figures.append(Figure(f"{name}: made to handed over, p99", percentile(waits, 0.99), "ms", 100, "lower"))
    return figures
