"""Carries sendings to the door at their time: one queue a device, so that a slow answer to one holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jikimi.model.fix import Fix
    from jikimi.scenarios.door import Clock, Door
    from jikimi.scenarios.sending import Sending

MOST_AT_ONCE: Final = 500
"""Fixes in one request, when some have queued up."""


async def carry(sendings: Iterable[Sending], door: Door, credentials: Mapping[str, str], clock: Clock) -> None:
    """Send everything, each at its moment of reception; return when all is acknowledged.

    Cancelling stops at once; what is not acknowledged by then was not sent as far as the server's answer tells.

    Args:
        sendings: in order of reception.
        door: where to.
        credentials: ``<device>.<secret>`` by device.
        clock: says when.

    Raises:
        KeyError: a device without a credential.
        ExceptionGroup: of ``RefusedError``, when the server refuses a device for good.
    """
    queues: dict[str, asyncio.Queue[Fix | None]] = {device_id: asyncio.Queue() for device_id in credentials}
    async with asyncio.TaskGroup() as group:
        for device_id, queue in queues.items():
            group.create_task(_work(queue, door, credentials[device_id]))
        for sending in sendings:
            await _until(sending.received_ms, clock)
            queues[sending.device_id].put_nowait(sending.fix)
        for queue in queues.values():
            queue.put_nowait(None)


async def _until(at_ms: int, clock: Clock) -> None:
    wait_ms = at_ms - clock.now_ms()
    if wait_ms > 0:
        await clock.sleep(wait_ms * 0.001)


async def _work(queue: asyncio.Queue[Fix | None], door: Door, credential: str) -> None:
    """Deliver one device's fixes in order; those that queued up meanwhile go together."""
    ended = False
    while not ended:
        batch = [await queue.get()]
        while len(batch) < MOST_AT_ONCE and not queue.empty():
            batch.append(queue.get_nowait())
        fixes = [fix for fix in batch if fix is not None]
        ended = len(fixes) < len(batch)
        if fixes:
            await door.deliver(credential, fixes)
