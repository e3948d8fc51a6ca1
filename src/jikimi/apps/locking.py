"""Screens of staff that lock when nobody is there.

The page says when somebody moves; the server counts, so that a closed lid or a stopped script locks as well. A locked session
keeps its streams: alarms are counted and heard. It is shown no name and no position, and every other request is refused until
somebody proves to be there.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from jikimi.apps.session import Sessions, Signed

MOST_SCREENS: Final = 20_000


class Locks:
    """Which sessions of one app are locked.

    Args:
        sessions: of the app.
        after_s: so long nobody moves before a screen locks; 0: never by itself.
        locked: told of a session's token in the moment it locks.
    """

    def __init__(self, sessions: Sessions, after_s: float, locked: Callable[[str], None]) -> None:
        self._sessions = sessions
        self.after_s = after_s
        self._locked = locked
        self._moved_s: OrderedDict[str, float] = OrderedDict()

    def moved(self, token: str) -> None:
        """Take note that somebody is there."""
        self._moved_s[token] = asyncio.get_running_loop().time()
        self._moved_s.move_to_end(token)
        if len(self._moved_s) > MOST_SCREENS:
            self._moved_s.popitem(last=False)

    async def is_locked(self, signed: Signed, *, sits: bool = True) -> bool:
        """Return whether a session is locked now; ``sits`` is False for a big screen, which nobody sits at.

        A session that this process never heard of counts from now on: a restart locks no control room.
        """
        if signed.is_locked:
            return True
        if not self.after_s or not sits:
            return False
        moved_s = self._moved_s.get(signed.token)
        if moved_s is None:
            self.moved(signed.token)
        elif asyncio.get_running_loop().time() - moved_s >= self.after_s:
            await self.lock(signed.token)
            return True
        return False

    async def lock(self, token: str) -> None:
        """Lock a session's screens."""
        await self._sessions.lock(token, is_locked=True)
        self._locked(token)

    async def open(self, token: str) -> None:
        """Open a session's screens again."""
        self.moved(token)
        await self._sessions.lock(token, is_locked=False)


def locking(sessions: Sessions, locks: Locks, token: str) -> Callable[[], Awaitable[bool]]:
    """Return what tells whether one session's screens are locked now."""

    async def is_locked() -> bool:
        signed = await sessions.find(token)
        return signed is not None and await locks.is_locked(signed)

    return is_locked
