"""Pairing a browser with a code, at a door that counts.

A wrong code, a used one, one for another audience and one turn too many all get the same answer after the same time: whoever
guesses learns nothing, not even that he is being counted. Each source is counted by itself, and each invitation (the register does
that): nobody can use up the tries of somebody else, from however many addresses.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from jikimi.apps.session import Sessions, Signed
from jikimi.ingest.limits import Meter

log = structlog.get_logger()

PER_MINUTE: Final = 5
"""Failures a source may have: so many at once, then so many a minute. Good codes cost nothing: a whole desk may share an address."""
LOUD_PER_MINUTE: Final = 120
"""So many failures of all sources together are said in the log, and refuse nobody. What guessing costs is in docs/identity.md."""
FAILURE_S: Final = 0.3
"""A failure takes so long, whatever failed."""
MOST_CODE: Final = 64

T = TypeVar("T")


class Pairing:
    """The door for pairing codes of one audience.

    Args:
        sessions: of that audience.
        now_ms: the time.
        paired: told who was paired; None where nobody asks.
        begun: told the token of a session that a code began; None where nobody asks.
    """

    def __init__(
        self,
        sessions: Sessions,
        now_ms: Callable[[], int],
        paired: Callable[[str], Awaitable[None]] | None = None,
        begun: Callable[[str], None] | None = None,
    ) -> None:
        self._sessions = sessions
        self._paired = paired
        self._begun = begun
        self._telling: set[asyncio.Task[None]] = set()
        self._now_ms = now_ms
        self._sources = Meter(PER_MINUTE / 60.0, PER_MINUTE)
        self._quiet = Meter(LOUD_PER_MINUTE / 60.0, LOUD_PER_MINUTE)
        self._said = Meter(1 / 60.0, 1)

    async def redeem(self, code: str, host: str | None) -> Signed | None:
        """Return the new session, or None for whatever reason.

        Args:
            code: as typed.
            host: address it came from, or None when unknown.
        """
        signed = await self.prove(host, lambda: self._redeem(code))
        if signed is not None:
            self._tell(signed.subject)
            if self._begun is not None:
                self._begun(signed.token)
        return signed

    async def _redeem(self, code: str) -> Signed | None:
        return await self._sessions.redeem(code) if len(code) <= MOST_CODE else None

    async def prove(self, host: str | None, attempt: Callable[[], Awaitable[T | None]]) -> T | None:
        """Return what an attempt to prove something gives, or None: because it failed, or because its source failed too often.

        A try is counted before it is made, so that many at once are no way around. Every failure takes the same time.
        """
        loop = asyncio.get_running_loop()
        over_s, source, now_ms = loop.time() + FAILURE_S, source_of(host), self._now_ms()
        found = None
        if self._sources.allow(source, now_ms):
            found = await attempt()
        if found is None:
            self._failed(now_ms)
            await asyncio.sleep(over_s - loop.time())
        else:
            self._sources.charge(source, now_ms, -1)
        return found

    def _failed(self, now_ms: int) -> None:
        if not self._quiet.allow("", now_ms) and self._said.allow("", now_ms):
            log.warning("many failures to sign in, from whatever addresses; nobody is refused for it", audience=self._sessions.audience)

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
