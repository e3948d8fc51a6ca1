"""The gate with its line in the ledger: from the question until the position may be shown."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.door import percentile
from bench.figures import Figure
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.leaf import Act
from jikimi.disclosure.viewer import Viewer
from jikimi.model.decision import Approach, Movement, PairView, SideView, Sight, Tier
from jikimi.model.fix import Source
from jikimi.model.order import Order, Pair
from jikimi.model.policy import Policy
from jikimi.policy.load import preset
from jikimi.policy.resolve import pair_rules
from jikimi.runtime.clock import Clock
from jikimi.runtime.hub import Hub
from jikimi.runtime.mind import Mind
from jikimi.storage.journal import SqliteJournal
from jikimi.storage.ledger import SqliteLedger

LOOKS: Final = 2_000
WARM: Final = 200
CLOSED: Final = Act(at_ms=0, act="closed", what="map", purpose="response", audience="desk")
NOW_MS: Final = 1_795_000_000_000


def measure() -> list[Figure]:
    """Open and close a view again and again, ledger and journal on this machine's disk; and ask the gate alone."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        took = asyncio.run(opened(Path(folder)))
    return [
        Figure("gate: a view decided, written in ledger and journal, and shown, p99", percentile(took, 0.99), "ms", 3.0, "lower", _note()),
        Figure("gate: the same, p50", percentile(took, 0.5), "ms", None, "lower", _note()),
    ]


def _note() -> str:
    return f"{LOOKS:,} openings, one after another"


async def opened(folder: Path) -> Sequence[float]:
    """Return the milliseconds of each opening."""
    policy = preset("kr")
    ledger, journal = SqliteLedger(folder / "ledger", bytes(32)), SqliteJournal(folder / "journal", bytes(32))
    clock = Clock(lambda: NOW_MS, lambda: NOW_MS)
    hub = World(Mind(policy.track), journal, ledger, clock, policy)
    took = []
    for number in range(LOOKS + WARM):
        viewer = Viewer(hub, Audience.DESK, "operator")
        began = time.perf_counter()
        glance = viewer.look(hub.known.pair_id, NOW_MS)
        assert glance is not None
        (glance,) = await viewer.admit([glance])
        if number >= WARM:
            took.append((time.perf_counter() - began) * 1000.0)
        assert glance.opening.monitored, "it was not shown"
        viewer.leave()
        # Somebody looks, and somebody else a moment later: the closing is written before the next one looks.
        await ledger.append(CLOSED)
        await hub.durable()
    await asyncio.sleep(0.1)
    await asyncio.to_thread(ledger.close)
    await asyncio.to_thread(journal.close)
    return sorted(took)


class World(Hub):
    """A hub that watches one pair in warning."""

    def __init__(self, mind: Mind, journal: SqliteJournal, ledger: SqliteLedger, clock: Clock, policy: Policy) -> None:
        super().__init__(mind, journal, ledger, clock, {"kr": policy})
        order = Order(
            order_id="order",
            policy_id="kr",
            monitored_id="m",
            protected_ids=("p",),
            from_ms=NOW_MS - 1,
            until_ms=NOW_MS + 86_400_000,
            legal_basis="bench",
        )
        rules = pair_rules(policy, order, place=False)
        self.known = Pair(pair_id="pair", order_id="order", monitored_id="m", owner_id="p", protected_id="p", rules=rules)
        self.set_orders([order], [self.known])

    def view(self, pair_id: str) -> PairView | None:
        """Return a pair whose two sides were seen just now."""
        side = SideView(
            latitude=37.5,
            longitude=127.0,
            error_m=10.0,
            reach_m=12.0,
            age_s=1.0,
            fix_time_ms=NOW_MS - 1_000,
            speed_mps=1.4,
            course_deg=90.0,
            source=Source.GNSS,
        )
        return PairView(
            pair_id=pair_id,
            order_id="order",
            tier=Tier.WARNING,
            monitored_sight=Sight.LIVE,
            protected_sight=Sight.LIVE,
            since_ms=NOW_MS - 60_000,
            at_ms=NOW_MS,
            monitored=side,
            protected=side,
            distance_m=400.0,
            bearing_deg=90.0,
            low_m=380.0,
            high_m=420.0,
            contact_s=270.0,
            closing_mps=1.4,
            cpa_m=0.0,
            cpa_s=270.0,
            movement=Movement.APPROACHING,
            approach=Approach.MONITORED,
            last=None,
        )
