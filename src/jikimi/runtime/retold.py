"""One incident told again: the journal run through the core once more, and what was believed of a pair at each of its moments.

It runs in a process of its own, which reads the journal beside the server: nobody who decides is held up by somebody who looks back.
What comes back holds coordinates, goes through a pipe and into no file, and is shown through the gate alone (``disclosure/retold.py``).
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Final

import msgspec

from jikimi.apps.ports import TrailPoint
from jikimi.core import view as core_view
from jikimi.disclosure.retold import Then
from jikimi.model.record import Decided, Events, Fixes, Record
from jikimi.policy.resolve import track_rules
from jikimi.runtime import logs, policies, recovery
from jikimi.runtime.mind import Mind
from jikimi.runtime.ports import Journal
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores

MOST: Final = 20_000
"""Moments of one incident; a day with a report every five seconds."""
LONGEST_S: Final = 120.0


class Asked(msgspec.Struct, frozen=True):
    """Whose incident, from when until when."""

    settings: Settings
    pair_id: str
    from_ms: int
    until_ms: int


class Retold(msgspec.Struct, frozen=True):
    """What was believed at each moment, oldest first; his way; and whether the core says today what it said then."""

    moments: list[Then]
    trail: list[TrailPoint]
    is_same: bool


class RetellError(Exception):
    """The journal could not be told again. Holds nothing of what was in it."""


_ask = msgspec.msgpack.Encoder().encode
_asked = msgspec.msgpack.Decoder(Asked).decode
_told = msgspec.msgpack.Decoder(Retold).decode


def retell(journal: Journal, mind: Mind, asked: Asked) -> Retold:
    """Run the journal through the core again as far as one pair is concerned.

    Args:
        journal: to read from.
        mind: with the rules that a journal without a base begins with.
        asked: which pair, of what time.
    """
    concerned = recovery.Concerned(journal, asked.pair_id)
    base, records = recovery.past(journal)
    mind = base if base is not None else mind
    retelling = recovery.Retelling(mind, asked.pair_id)
    moments: list[Then] = []
    number = 0
    for number, record in records:
        if record.at_ms > asked.until_ms or len(moments) >= MOST:
            break
        if not concerned.by(record) and not concerned.is_call(record):
            continue
        retelling.take(number, record)
        if record.at_ms >= asked.from_ms and isinstance(record, Fixes | Decided | Events):
            moments += _moment(mind, asked.pair_id, record)
    retelling.end(number)
    pair = mind.engine.pair(asked.pair_id)
    trail = [] if pair is None else list(mind.trail(pair.spec.monitored_id, asked.from_ms))
    return Retold(moments, trail, retelling.difference is None)


def _moment(mind: Mind, pair_id: str, record: Record) -> list[Then]:
    watched = mind.engine.pair(pair_id)
    if watched is None:
        return []
    seen = core_view.view(watched, max(record.at_ms, mind.engine.now_ms))
    return [Then(at_ms=record.at_ms, view=seen, sos=watched.spec.owner_id in mind.sos)]


async def told_again(settings: Settings, pair_id: str, from_ms: int, until_ms: int) -> Retold:
    """Have another process tell an incident again.

    Raises:
        RetellError: it could not.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "jikimi.runtime.retold", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            out, _ = await process.communicate(_ask(Asked(settings, pair_id, from_ms, until_ms)))
    except TimeoutError:
        process.kill()
        raise RetellError("The journal is too long to be told again now.") from None
    except asyncio.CancelledError:
        process.terminate()
        raise
    if process.returncode != 0:
        raise RetellError("The journal could not be told again.")
    return _told(out)


def main() -> None:
    """Answer one question from standard input on standard output."""
    asked = _asked(sys.stdin.buffer.read())
    logs.configure(asked.settings.log_level)
    journal = Stores(asked.settings).reading()
    rules = track_rules(next(iter(policies.load(asked.settings).values())))
    told = retell(journal, Mind(rules), asked)
    journal.close()
    sys.stdout.buffer.write(_ask(told))


if __name__ == "__main__":
    # The server goes first.
    os.nice(10)
    main()
