"""The process that is killed: appends from many tasks, and says on standard output what it was told is durable.

Run as ``python -m tests.faults.appender FOLDER ROUND``. Lines: ``opening``; ``kept LAST ROUND CALLER CALL`` for each append
acknowledged; ``saved NUMBER`` for each checkpoint acknowledged.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import os
import sys
from hashlib import blake2b
from pathlib import Path

from jikimi.storage.journal import SqliteJournal

KEY = bytes(range(32))
CALLERS = 24
CALLS_A_DAY = 400
"""How often a new day, hence a new segment, begins for the child."""
CHECKPOINT_EVERY = 50


def records(round_: int, caller: int, call: int) -> list[bytes]:
    """Return what one call appends: one to three records, now and then one of 300 kB. Any reader can say what they must be."""
    name = f"{round_} {caller} {call}"
    grain = blake2b(name.encode()).digest()
    count = 1 + grain[0] % 3
    length = 5000 if grain[1] == 0 else grain[2] % 4
    return [f"{name} {index} {count} ".encode() + grain * length for index in range(count)]


def state(number: int) -> bytes:
    """Return the checkpoint after record ``number``."""
    return blake2b(str(number).encode()).digest() * 20_000


def tell(*words: object) -> None:
    """Say something in one write, so that a kill cannot leave half of it unnoticed."""
    os.write(1, " ".join(map(str, words)).encode() + b"\n")


async def main(folder: Path, round_: int) -> None:
    """Append until killed."""
    calls = itertools.count()
    first_day = dt.date(2026, 1, 1) + dt.timedelta(days=1000 * round_)
    tell("opening")
    journal = SqliteJournal(folder, KEY, today=lambda: first_day + dt.timedelta(days=next(calls) // CALLS_A_DAY))

    async def caller(number: int) -> None:
        for call in itertools.count():
            last = await journal.append(records(round_, number, call))
            tell("kept", last, round_, number, call)
            if number == 0 and call % CHECKPOINT_EVERY == 0:
                await journal.save_checkpoint(last, state(last))
                tell("saved", last)

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
