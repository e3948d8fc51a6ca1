"""One phone is hers: signing in on another turns the one before off, and both are told so."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency

from jikimi.apps.api import Door
from jikimi.apps.ports import Watch
from jikimi.apps.session import Signed


class Phones(Protocol):
    """What is known of her phones. Synchronous: asked on a thread."""

    def is_replaced(self, token: str, now_ms: int) -> bool:
        """Return whether a session ended because she signed in on another phone, not long ago."""
        ...

    def was_replaced(self, person_id: str, now_ms: int) -> bool:
        """Return whether an earlier phone of hers was turned off, not long ago."""
        ...


class Ended(msgspec.Struct, frozen=True):
    """Why a phone shows nothing: whether another one of hers took its place."""

    replaced: bool


@get("/api/ended")
async def why_ended(
    request: Request[Any, Any, Any], door: NamedDependency[Door], phones: NamedDependency[Any], watch: NamedDependency[Any]
) -> Ended:
    """Return why this phone has no session. It says nothing of whom it was: without its cookie there is nothing to say."""
    token = door.sessions.token(request.scope)  # type: ignore[arg-type]
    known: Phones = phones
    core: Watch = watch
    return Ended(token is not None and await asyncio.to_thread(known.is_replaced, token, core.now_ms()))


@get("/api/phone")
async def her_phone(signed: NamedDependency[Signed], phones: NamedDependency[Any], watch: NamedDependency[Any]) -> Ended:
    """Return whether an earlier phone of hers was turned off."""
    known: Phones = phones
    core: Watch = watch
    return Ended(await asyncio.to_thread(known.was_replaced, signed.subject, core.now_ms()))


ROUTES = (why_ended, her_phone)
