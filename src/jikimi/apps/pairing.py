"""Pairing a browser with a code, at a door that counts.

A wrong code, a used one, one for another audience and one turn too many all get the same answer after the same time: whoever
guesses learns nothing, not even that he is being counted.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from jikimi.apps.session import Sessions, Signed
from jikimi.ingest.limits import Meter

log = structlog.get_logger()

PER_MINUTE: Final = 5
"""Failures a source may have: so many at once, then so many a minute. Good codes cost nothing: a whole desk may share an address."""
ALL_PER_MINUTE: Final = 120
"""Failures all sources may have together. A code of 50 random bits outlives that for millions of years."""
FAILURE_S: Final = 0.3
"""A failure takes so long, whatever failed."""
MOST_CODE: Final = 64


class Pairing:
    """The door for pairing codes of one audience.

    Args:
        sessions: of that audience.
        now_ms: the time.
        paired: told who was paired; None where nobody asks.
    """

    def __init__(self, sessions: Sessions, now_ms: Callable[[], int], paired: Callable[[str], Awaitable[None]] | None = None) -> None:
        self._sessions = sessions
        self._paired = paired
        self._telling: set[asyncio.Task[None]] = set()
        self._now_ms = now_ms
        self._sources = Meter(PER_MINUTE / 60.0, PER_MINUTE)
        self._all = Meter(ALL_PER_MINUTE / 60.0, ALL_PER_MINUTE)

    async def redeem(self, code: str, host: str | None) -> Signed | None:
        """Return the new session, or None for whatever reason.

        Args:
            code: as typed.
            host: address it came from, or None when unknown.
        """
        loop = asyncio.get_running_loop()
        over_s = loop.time() + FAILURE_S
        signed = await self._try(code, source_of(host))
        if signed is None:
            await asyncio.sleep(over_s - loop.time())
        return signed

    async def _try(self, code: str, source: str) -> Signed | None:
        """Redeem a code while failures are left. A try is counted before it is made, so that many at once are no way around."""
        now_ms = self._now_ms()
        if not self._sources.allow(source, now_ms):
            return None
        if not self._all.allow("", now_ms):
            return None
        signed = await self._sessions.redeem(code) if len(code) <= MOST_CODE else None
        if signed is not None:
            self._sources.charge(source, now_ms, -1)
            self._all.charge("", now_ms, -1)
            self._tell(signed.subject)
        return signed

    def _tell(self, subject: str) -> None:
        """Tell who was paired. Signing in does not wait for it, and does not fail with it."""
        if self._paired is not None:
            task = asyncio.ensure_future(self._told(self._paired(subject)))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _told(self, telling: Awaitable[None]) -> None:
        try:
            await telling
        except Exception as error:  # noqa: BLE001 - whatever it is: the step stays open, and becomes its owner's task
            log.warning("a pairing could not be noted in the register of orders", kind=type(error).__name__)


def source_of(host: str | None) -> str:
    """Return what tries are counted by: the address, and of IPv6 the network of 64 bits that one customer has."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
