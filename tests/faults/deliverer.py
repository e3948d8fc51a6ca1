"""The process that is killed: runs an outbox until every notice was shown, or dies at a named step of its work.

Run as ``python -m tests.faults.deliverer FOLDER STEP NUMBER``: it dies by ``SIGKILL`` when it comes to STEP for the NUMBERth time.
Each handing over is a line in FOLDER/providers, written before the provider answers.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import msgspec

from jikimi.delivery.life import State
from jikimi.delivery.message import Answer, Receipt, Step, Verdict
from jikimi.delivery.passage import is_open
from jikimi.delivery.rules import read_rules
from jikimi.delivery.runner import Runner
from jikimi.storage.database import open_database
from jikimi.storage.outbox import SqlShelf

KEY = bytes(range(32))
RULES = msgspec.structs.replace(read_rules(), receipt_within_s=0.1, retry_after_s=0.1)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Fate:
    """Knows when to die."""

    def __init__(self, step: str, number: int) -> None:
        self._step = step
        self._left = number

    def come(self, step: str) -> None:
        self._left -= step == self._step
        if step == self._step and self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class DyingShelf(SqlShelf):
    """A shelf around whose every call the process may die."""

    def __init__(self, engine, fate):
        super().__init__(engine)
        self._fate = fate

    def fresh(self, after):
        found = super().fresh(after)
        self._fate.come("fresh_read")
        return found

    def save(self, passages):
        self._fate.come("before_save")
        super().save(passages)
        self._fate.come("after_save")


class DyingProvider:
    """Writes down what it was handed. A page shows it at once and says so; a text message says nothing."""

    def __init__(self, name, folder, fate):
        self.name = name
        self.is_idempotent = name == "web_push"
        self._log = os.open(folder / "providers", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._fate = fate
        self.receive = lambda _: None

    async def hand(self, message, now):
        self._fate.come("before_hand")
        os.write(self._log, f"{self.name} {message.key}\n".encode())
        self._fate.come("after_hand")
        if self.is_idempotent:
            self.receive(Receipt(key=message.key, step=Step.SHOWN, at_ms=now, from_device=True))
        return Answer(Verdict.ACCEPTED, reference=message.key)

    async def close(self):
        os.close(self._log)


async def main(folder: Path, fate: Fate) -> None:
    """Run until nothing is open."""
    shelf = DyingShelf(open_database(folder / "register.db", KEY), fate)
    providers = [DyingProvider(name, folder, fate) for name in ("web_push", "sms")]
    open_keys = {one.message.key for _, one in SqlShelf(shelf._engine).fresh(0)}
    done = asyncio.Event()

    def changed(passage):
        fate.come("told")
        if not is_open(passage):
            open_keys.discard(passage.message.key)
        if not open_keys:
            done.set()

    runner = Runner(shelf, providers, RULES, now_ms, changed)
    providers[0].receive = runner.receive
    task = asyncio.create_task(runner.run())
    if open_keys:
        await asyncio.wait_for(done.wait(), 20)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def ended(folder: Path, key: str) -> State:
    passage = SqlShelf(open_database(folder / "register.db", KEY)).passage(key)
    assert passage is not None
    return passage.state


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Fate(sys.argv[2], int(sys.argv[3]))))
