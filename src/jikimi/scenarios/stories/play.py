"""Plays stories to a real server, once or for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING

import httpx2

from jikimi.scenarios.courier import carry
from jikimi.scenarios.door import Clock, Door, Tally, WallClock
from jikimi.scenarios.stories.script import fixes

if TYPE_CHECKING:
    from jikimi.scenarios.stories.story import Story


async def play(
    stories: Sequence[Story],
    door_url: str,
    credentials: Mapping[str, str],
    *,
    pace: float | None = None,
    times: int | None = 1,
    seed: int = 0,
    clock: Clock | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    tally: Tally | None = None,
) -> Tally:
    """Play stories side by side, each anew when it ends; return what the server did with them.

    Args:
        stories: one or more.
        door_url: the devices' door, without a path.
        credentials: ``<device>.<secret>`` of every device in the stories.
        pace: story time over wall time, or None for each story's own.
        times: how often, or None for ever (until cancelled).
        seed: of the first time; each further time has the next, so that no two are alike.
        clock: wall time, or a test's.
        transport: in place of the network, for tests.
        tally: counted into, so that a caller who cancels still has the numbers.

    Raises:
        KeyError: a device without a credential.
        ExceptionGroup: of ``RefusedError``, when the server refuses a device for good.
    """
    clock = clock if clock is not None else WallClock()
    tally = tally if tally is not None else Tally()
    async with httpx2.AsyncClient(transport=transport, trust_env=False) as client, asyncio.TaskGroup() as group:
        door = Door(client, door_url, clock, tally)
        for story in stories:
            own = {actor.device_id: credentials[actor.device_id] for actor in story.actors}
            group.create_task(_repeat(story, door, own, story.pace if pace is None else pace, times, seed, clock))
    return tally


async def _repeat(
    story: Story, door: Door, credentials: Mapping[str, str], pace: float, times: int | None, seed: int, clock: Clock
) -> None:
    for number in count() if times is None else range(times):
        start_ms = clock.now_ms()
        sendings = fixes(story, seed + number, start_ms=start_ms, pace=pace, run=f"{start_ms:x}")
        await carry(sendings, door, credentials, clock)
