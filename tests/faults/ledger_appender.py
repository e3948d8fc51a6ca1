"""The process that is killed: writes to the ledger from many tasks, and says on standard output what it was told is durable.

Run as ``python -m tests.faults.ledger_appender FOLDER ROUND``. Lines: ``opening``; ``kept ENTRY ROUND CALLER CALL`` for each entry
acknowledged; ``signed SIZE`` for each checkpoint acknowledged.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from jikimi.disclosure.ledger.leaf import Act, Personal
from jikimi.storage.ledger import SqliteLedger

KEY = bytes(range(32))
CALLERS = 24
SIGN_EVERY = 40


def act(round_: int, caller: int, call: int) -> Act:
    """Return what one call writes down; any reader can say what it must be."""
    name = f"r{round_} c{caller} n{call}"
    person = Personal(f"p{caller}", f"p{caller}")
    return Act(
        at_ms=call, act="disclosed", what="map", purpose="response", audience="desk", who=Personal(f"s{round_}", name), whose=(person,)
    )


def tell(*words: object) -> None:
    """Say something in one write, so that a kill cannot leave half of it unnoticed."""
    os.write(1, " ".join(map(str, words)).encode() + b"\n")


async def main(folder: Path, round_: int) -> None:
    """Write until killed."""
    tell("opening")
    ledger = SqliteLedger(folder, KEY, every=100, every_s=0.01)

    async def caller(number: int) -> None:
        for call in itertools.count():
            tell("kept", await ledger.append(act(round_, number, call)), round_, number, call)
            if number == 0 and call % SIGN_EVERY == 0:
                tell("signed", await ledger.checkpoint())

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
