"""The background work of a server: alarms ring, the register is followed, the state is written down."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from jikimi.runtime.hub import Hub

log = structlog.get_logger()

LOOK_S: Final = 0.25
"""Alarms ring at most this much late: how long the alarm clock sleeps when nothing is due sooner."""
LEAST_SLEEP_S: Final = 0.001


async def ring_alarms(hub: Hub) -> None:
    """Ring the pairs' alarms for ever, and note how late the event loop runs."""
    loop = asyncio.get_running_loop()
    while True:
        due = hub.next_alarm_ms()
        wait_s = LOOK_S if due is None else min(LOOK_S, max(LEAST_SLEEP_S, (due - hub.now_ms()) / 1000.0))
        asked = loop.time()
        await asyncio.sleep(wait_s)
        hub.note_loop_late(max(0.0, loop.time() - asked - wait_s))
        hub.tick()
