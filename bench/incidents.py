"""A flood: 700 incidents wait, ten times the normal rate comes in. How long until the top risk is on the first page?

The normal rate is 4,500 alarms a day. `python -m bench.incidents` prints figures; it fails only when one is lost or stands too low.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from jikimi.incidents.incident import Kind, Party
from jikimi.incidents.opening import Signal
from jikimi.incidents.ranking import key
from jikimi.incidents.room import Room
from jikimi.model.decision import Sight, Tier
from jikimi.policy.responders import tables
from jikimi.storage.database import open_database
from jikimi.storage.incidents import SqlIncidents

WAITING, COMING, PAGE = 700, 62, 50
"""62 alarms are ten times the normal rate for two minutes."""


def _signal(number: int, chance: random.Random) -> Signal:
    party = Party(
        pair_id=f"p{number}",
        order_id=f"o{number}",
        policy_id="kr",
        basis_id="kr-provisional",
        tag_basis_id=None,
        monitored_id=f"m{number % 600}",
        protected_id=f"f{number}",
        breaches=chance.randrange(4),
    )
    return Signal(
        signal_id=f"s{number}",
        at_ms=number,
        party=party,
        kind=Kind.APPROACH,
        tier=chance.choice((Tier.WARNING, Tier.WARNING, Tier.DANGER)),
        contact_s=chance.uniform(5.0, 600.0),
        low_m=chance.uniform(0.0, 1_000.0),
        sight=chance.choice(list(Sight)),
    )


def main() -> None:
    """Print the figures."""
    chance = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(Path(folder) / "register.db", bytes(32))
        room = Room(SqlIncidents(engine), tables())
        for number in range(14):
            room.sign_in(f"operator-{number}", 0)
        for number in range(WAITING):
            room.signal(_signal(number, chance), number)
        took: list[float] = []
        for number in range(WAITING, WAITING + COMING):
            start = time.perf_counter()
            room.signal(_signal(number, chance), number)
            queue = room.queue()
            took.append(time.perf_counter() - start)
        heads = [key(row.worst) for row in queue]
        found = {one.party.pair_id for row in queue for one in (row.worst, *row.others)}
        assert heads == sorted(heads)
        assert len(found) == WAITING + COMING
        engine.dispose()
    took.sort()
    print(f"{WAITING} open, {COMING} more: signal to queue p50 {took[len(took) // 2] * 1e3:.0f} ms, worst {took[-1] * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
