"""Which right each route of the desk needs. What is not in the table is refused, so that no new route can forget it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from jikimi.apps.api import RefusedError
from jikimi.apps.locking import Locks
from jikimi.apps.session import Sessions, Signed
from jikimi.identity.roles import SEATS, Right

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]

Needs = Mapping[tuple[str, str], Right]

OPEN: Final = frozenset({("POST", "/api/pair"), ("DELETE", "/api/session")})
"""Signing in and off needs no right. The stream and the map are behind the session itself, which needs ``SEE_BOARD``."""

LOCKED: Final = frozenset({("GET", "/api/me"), ("GET", "/api/wall")})
"""What a locked screen may still ask: whose it is, and the counts of the wall, which everybody in the room can read anyhow."""

SEATED: Final = frozenset({("GET", "/api/me")})
"""Whoever has a place may ask what his role allows."""

NEEDS: Final[Needs] = {
    ("GET", "/api/wall"): Right.SEE_WALL,
    ("GET", "/api/pairs/{name:str}"): Right.OPEN_POSITION,
    ("POST", "/api/pairs/{name:str}/show"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/invitations/whom"): Right.INVITE,
    ("POST", "/api/invitations"): Right.INVITE,
    ("POST", "/api/invitations/declined"): Right.INVITE,
    ("POST", "/api/invitations/waive"): Right.INVITE,
    ("POST", "/api/invitations/clear-pin"): Right.INVITE,
    ("GET", "/api/copies"): Right.READ_COPY,
    ("POST", "/api/copies/whom"): Right.READ_COPY,
    ("POST", "/api/copies"): Right.READ_COPY,
    ("POST", "/api/copies/read"): Right.READ_COPY,
    ("GET", "/api/rings"): Right.SEE_BOARD,
    ("GET", "/api/office"): Right.SEE_OFFICE,
    ("POST", "/api/links"): Right.DECIDE_LINKS,
    ("POST", "/api/tasks"): Right.SETTLE_TASKS,
    ("GET", "/api/second"): Right.ACT_IN_TWO,
    ("POST", "/api/second"): Right.ACT_IN_TWO,
    ("POST", "/api/second/adopt"): Right.ACT_IN_TWO,
    ("POST", "/api/second/confirm"): Right.ACT_IN_TWO,
    ("POST", "/api/second/refuse"): Right.ACT_IN_TWO,
    ("POST", "/api/second/withdraw"): Right.ACT_IN_TWO,
    ("GET", "/api/incidents"): Right.SEE_INCIDENTS,
    ("GET", "/api/incidents/{name:str}"): Right.SEE_INCIDENTS,
    ("GET", "/api/incidents/{name:str}/members"): Right.SEE_INCIDENTS,
    ("POST", "/api/incidents/{name:str}/replay"): Right.REPLAY_INCIDENTS,
    ("GET", "/api/incidents/{name:str}/replay"): Right.REPLAY_INCIDENTS,
    ("DELETE", "/api/incidents/{name:str}/replay"): Right.REPLAY_INCIDENTS,
    ("POST", "/api/incidents/{name:str}/acknowledge"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/incidents/{name:str}/task"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/incidents/{name:str}/contact"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/incidents/{name:str}/note"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/incidents/{name:str}/resolve"): Right.ACT_ON_INCIDENTS,
    ("GET", "/api/incidents/{name:str}/finding"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/incidents/{name:str}/finding"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/pairs/{name:str}/drill"): Right.ACT_ON_INCIDENTS,
    ("DELETE", "/api/pairs/{name:str}/drill"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/receipts"): Right.SEE_INCIDENTS,
    ("POST", "/api/language"): Right.SEE_INCIDENTS,
    ("POST", "/api/incidents/{name:str}/message"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/incidents/{name:str}/call"): Right.ACT_ON_INCIDENTS,
    ("GET", "/api/incidents/{name:str}/field"): Right.SEE_INCIDENTS,
    ("POST", "/api/incidents/{name:str}/field"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/incidents/{name:str}/field/end"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/duty"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/duty/offer"): Right.ACT_ON_INCIDENTS,
    ("POST", "/api/duty/take"): Right.ACT_ON_INCIDENTS,
}


class Staff(Protocol):
    """Who may do what."""

    async def rights(self, subject: str) -> frozenset[Right]:
        """Return what a subject may do now."""
        ...

    async def fresh_rights(self, subject: str) -> frozenset[Right]:
        """Return the same by the register as it is at this moment: slower, and never older than a session that just ended."""
        ...


def seated(staff: Staff) -> Callable[[str], Awaitable[bool]]:
    """Return what tells whether a subject may sit at the desk at all."""
    return entitled(staff, *SEATS)


def entitled(staff: Staff, *any_of: Right) -> Callable[[str], Awaitable[bool]]:
    """Return what tells whether a subject has one of these rights now."""
    wanted = frozenset(any_of)

    async def may(subject: str) -> bool:
        return not wanted.isdisjoint(await staff.rights(subject))

    return may


def losing(staff: Staff) -> Callable[[str], Awaitable[bool]]:
    """Return what tells, of somebody whose session just ended, whether his role has no place any more."""

    async def lost(subject: str) -> bool:
        return SEATS.isdisjoint(await staff.fresh_rights(subject))

    return lost


def having(staff: Staff, right: Right) -> Callable[[Signed], Awaitable[bool]]:
    """Return what tells whether somebody who is signed in has a right now."""

    async def has(signed: Signed) -> bool:
        return right in await staff.rights(signed.subject)

    return has


def guard(
    sessions: Sessions, staff: Staff, needs: Needs = NEEDS, *, locks: Locks | None = None, open_to: frozenset[tuple[str, str]] = OPEN
) -> Guard:
    """Return what stands before every route.

    Args:
        sessions: of the app.
        staff: who may do what.
        needs: the table of the app's routes.
        locks: which screens are locked; None where none ever is.
        open_to: routes that ask for no right.
    """

    async def check(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        asked = {(connection.scope["method"], path) for path in handler.paths}  # type: ignore[typeddict-item]
        if asked <= open_to:
            return
        signed = await sessions.find(sessions.token(connection.scope))  # type: ignore[arg-type]
        if signed is None:
            await _unseated(sessions, connection)
            raise RefusedError(401, "session_needed")
        rights = await staff.rights(signed.subject)
        if locks is not None and not asked <= LOCKED and await locks.is_locked(signed, sits=sits(rights)):
            raise RefusedError(423, "locked")
        if asked <= SEATED and not asked <= needs.keys():
            return
        if not {needs.get(each) for each in asked} <= rights:
            raise RefusedError(403, "no_right", "Your role does not allow this.")

    return check


def sits(rights: frozenset[Right]) -> bool:
    """Return whether somebody sits at a screen of these rights: not at a wall."""
    return rights != frozenset({Right.SEE_WALL})


async def _unseated(sessions: Sessions, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Tell somebody who is known, and has no place here, that asking for another code would not help.

    Raises:
        RefusedError: it is such a one.
    """
    if await sessions.is_barred(sessions.token(connection.scope)):  # type: ignore[arg-type]
        raise RefusedError(403, "no_seat", "Your role has no place at this desk.")
