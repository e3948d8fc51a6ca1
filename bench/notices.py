"""From a transition to its notices in the hands of a channel, on a whole server: incidents, texts, outbox and lanes, each step durable.

Transitions are told to the server as the core tells them; the channel is that of open pages, which takes each notice at once.
"""

from __future__ import annotations

import asyncio
import tempfile
import time

from bench.door import percentile
from bench.figures import Figure
from bench.world import populate
from jikimi.delivery.message import Message
from jikimi.incidents.incident import name_of
from jikimi.model.decision import Approach, Cause, Movement, Reason, Sight, Tier, Transition
from jikimi.model.record import Decided
from jikimi.policy.load import presets
from jikimi.runtime import logs
from jikimi.runtime.server import Server
from jikimi.runtime.settings import Settings

PORT = 18_730
NOTICES_S = 500
EACH = 4
"""Notices of one approach: to her, to the supervisor (nobody is on duty here), and two requests."""
SECONDS = 12
WARM = 50


def transition(pair_id: str, order_id: str, at_ms: int) -> Transition:
    """Return an approach as the core would tell it."""
    reasons = (Reason(Cause.DISTANCE, "danger", 50.0, 100.0),)
    sights = (Sight.LIVE,) * 4
    before = (pair_id, 1, at_ms, Tier.CLEAR, Tier.DANGER)
    come = (Movement.APPROACHING, Approach.MONITORED)
    return Transition(*before, *sights, reasons, 50.0, 90.0, 30.0, *come, None, None, order_id, "bench")


async def handed_over(folder: str) -> tuple[list[float], int]:
    """Tell transitions at an even pace; return the milliseconds until each notice was handed over, and how many were to come."""
    settings = Settings(
        staff_codes=True,
        data_dir=folder,
        device_port=PORT,
        protected_port=PORT + 1,
        desk_port=PORT + 2,
        field_port=0,
        helper_port=0,
        court_port=0,
        oversight_port=PORT + 1_000,
        log_level="error",
    )
    logs.configure(settings.log_level)
    count = SECONDS * NOTICES_S // EACH + WARM
    populate(settings, count, 0)
    told_s: dict[str, float] = {}
    took: list[float] = []
    async with Server(settings, presets()) as server:

        def show(subject: str, message: Message) -> bool:
            del subject
            began = told_s.get(message.topic.partition(" ")[0])
            if began is not None:
                took.append((time.perf_counter() - began) * 1000.0)
            return True

        server.attendance.screens.show = show  # type: ignore[method-assign]
        pairs, loop = server.hub.pairs(), asyncio.get_running_loop()
        due_s = loop.time()
        for number, pair in enumerate(pairs):
            due_s += EACH / NOTICES_S
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            found = transition(pair.pair_id, pair.order_id, server.hub.now_ms())
            if number >= WARM:
                told_s[name_of(pair.pair_id, f"{pair.pair_id}.1.approach")] = time.perf_counter()
            server.hub.heard(Decided(found.at_ms, found))
        for _ in range(200):
            if len(took) >= len(told_s) * EACH:
                break
            await asyncio.sleep(0.05)
    return took, len(told_s) * EACH


def measure() -> list[Figure]:
    """Measure it."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        took, wanted = asyncio.run(handed_over(folder))
    note = f"whole server, {NOTICES_S} notices/s for {SECONDS} s, {EACH} of each approach"
    return [
        Figure("notices: transition to handed over, p50", percentile(took, 0.5), "ms", None, "lower", note),
        Figure("notices: transition to handed over, p99", percentile(took, 0.99), "ms", 100.0, "lower", note),
        Figure("notices: handed over within 10 s, of those asked for", len(took) / wanted, "", 1.0, "higher", note),
    ]
