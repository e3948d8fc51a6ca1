"""The helpers' page: one petition, by a link that she made. No position, no diary, no other paper can be reached from here.

A link is exchanged once for a session of its own. What opens the petition stands behind ``#`` in the link and goes to no server.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from jikimi.apps.api import Door, RefusedError, body_of, litestar_app, read_as
from jikimi.apps.pairing import Pairing
from jikimi.apps.papers import LARGE_S
from jikimi.apps.petition import MOST_BYTES as MOST_FILED
from jikimi.apps.petition import Filed, FormNow, Given, given_of, spoken
from jikimi.apps.ports import Change, Watch
from jikimi.apps.register import Register
from jikimi.apps.security import headers_for
from jikimi.apps.session import Sessions, Signed
from jikimi.apps.static import Static
from jikimi.apps.stream import Streams
from jikimi.apps.web import STATIC, WebApp
from jikimi.disclosure.gate import Audience
from jikimi.model.papers import Allowed, Helper

MOST_BYTES: Final = 1 << 20
SESSION_DAYS: Final = 180.0


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """The petition as a helper gets it, sealed: ``wrapped`` is its key under the link's own, ``body`` what that key opens."""

    name: str
    version: int
    wrapped: bytes
    body: bytes


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed comment."""

    name: str
    at_ms: int
    body: bytes


class HelperMe(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks, and with which rights. ``signed``: SHA-256 of what she released for filing."""

    kind: str
    allowed: Allowed
    may_file: bool
    until_ms: int
    signed: str | None
    emergency_number: str
    demo: bool


class Helping(Protocol):
    """Keeps helpers and what they may reach."""

    async def stands(self, helper_id: str) -> bool:
        """Return whether a helper may still enter."""
        ...

    async def helper(self, helper_id: str) -> Helper | None:
        """Return a helper whose time is not over, or None."""
        ...

    async def open(self, token: bytes) -> str | None:
        """Exchange a link for a session, once; None where it opens nothing."""
        ...

    async def shared(self, helper: Helper) -> Shared | None:
        """Return the sealed petition, or None where it was taken away."""
        ...

    async def write(self, helper: Helper, version: int, sealed: bytes) -> int:
        """Write the petition; return the version.

        Raises:
            RefusedError: it was changed meanwhile.
        """
        ...

    async def comment(self, helper: Helper, sealed: bytes) -> None:
        """Keep a sealed comment."""
        ...

    async def comments(self, helper: Helper) -> list[Remark]:
        """Return the sealed comments, the oldest first."""
        ...

    async def form(self, helper: Helper) -> FormNow:
        """Return the form of her jurisdiction."""
        ...

    async def file(self, helper: Helper, given: Given) -> Filed:
        """File exactly what she signed.

        Raises:
            RefusedError: she signed nothing or something else, or it cannot be filed.
        """
        ...

    def number(self, helper: Helper) -> str:
        """Return the number of the police."""
        ...


class NothingTeller:
    """A helper has no stream: nothing that moves is theirs."""

    interval_s = 60.0
    in_a_row = 1
    event_name = "state"
    at_once = False

    def pair_ids(self) -> tuple[str, ...]:
        """Return no pair."""
        return ()

    def event(self, change: Change) -> tuple[str, bytes] | None:  # noqa: ARG002  nothing is told of any
        """Return nothing."""
        return None

    async def state(self) -> bytes:
        """Return nothing."""
        return b"{}"

    def again_ms(self) -> int | None:
        """Return never."""
        return None

    def over(self) -> str | None:
        """Return that there is nothing to listen to."""
        return "session_ended"

    def left(self) -> None:
        """Nothing was open."""


class OpenBody(msgspec.Struct, frozen=True):
    """What a link proves itself by."""

    token: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


_open_body: Final = msgspec.json.Decoder(OpenBody)


@post("/api/open", status_code=204)
async def open_link(request: Request[Any, Any, Any], helping: NamedDependency[Any], door: NamedDependency[Door]) -> Response[None]:
    """Exchange a link for a session. It works once; failures count as those of codes do."""
    asked = await read_as(request, _open_body, 'a JSON object with "token"')
    host = request.client.host if request.client is not None else None
    token: str | None = await door.pairing.prove(host, lambda: helping.open(bytes.fromhex(asked.token)))
    if token is None:
        raise RefusedError(403, "link_unknown")
    return Response(None, status_code=204, headers={"set-cookie": door.sessions.cookie(token)})


async def helper_of(signed: Signed, helping: Helping) -> Helper:
    """Return who is signed in.

    Raises:
        RefusedError: she ended it.
    """
    found = await helping.helper(signed.subject)
    if found is None:
        raise RefusedError(401, "session_needed")
    return found


@get("/api/me")
async def me(signed: NamedDependency[Signed], helping: NamedDependency[Any], demo: NamedDependency[bool]) -> HelperMe:
    """Return what the helper may do."""
    found = await helper_of(signed, helping)
    return HelperMe(
        kind=found.kind,
        allowed=found.allowed,
        may_file=found.may_file,
        until_ms=found.until_ms,
        signed=found.signed,
        emergency_number=helping.number(found),
        demo=demo,
    )


@get("/api/petition/form")
async def form(signed: NamedDependency[Signed], helping: NamedDependency[Any], language: FromQuery[str | None] = None) -> FormNow:
    """Return the form in a language."""
    return spoken(await helping.form(await helper_of(signed, helping)), language)


@get("/api/petition")
async def read(signed: NamedDependency[Signed], helping: NamedDependency[Any]) -> Shared:
    """Return the sealed petition."""
    found: Shared | None = await helping.shared(await helper_of(signed, helping))
    if found is None:
        raise RefusedError(404, "not_found")
    return found


def _may(helper: Helper, wanted: Allowed) -> None:
    steps = list(Allowed)
    if steps.index(helper.allowed) < steps.index(wanted):
        raise RefusedError(403, "not_allowed", "She did not give this right.")


class Version(msgspec.Struct, frozen=True):
    """The version that was written."""

    version: int


@post("/api/petition/write", status_code=200, request_max_body_size=MOST_BYTES)
async def write(request: Request[Any, Any, Any], signed: NamedDependency[Signed], helping: NamedDependency[Any]) -> Version:
    """Write the petition."""
    found = await helper_of(signed, helping)
    _may(found, Allowed.WRITE)
    said = request.headers.get("jikimi-version", "")
    if not (said.isascii() and said.isdigit() and len(said) < 8):
        raise RefusedError(400, "unreadable", "Expected a header jikimi-version with a number.")
    return Version(await helping.write(found, int(said), await body_of(request)))


@get("/api/comments")
async def comments(signed: NamedDependency[Signed], helping: NamedDependency[Any]) -> list[Remark]:
    """Return the sealed comments."""
    found: list[Remark] = await helping.comments(await helper_of(signed, helping))
    return found


@post("/api/comments", status_code=204)
async def comment(request: Request[Any, Any, Any], signed: NamedDependency[Signed], helping: NamedDependency[Any]) -> None:
    """Add a sealed comment."""
    found = await helper_of(signed, helping)
    _may(found, Allowed.COMMENT)
    await helping.comment(found, await body_of(request))


@post("/api/petition/file", status_code=200, request_max_body_size=MOST_FILED)
async def file(request: Request[Any, Any, Any], signed: NamedDependency[Signed], helping: NamedDependency[Any]) -> Filed:
    """File exactly what she signed."""
    found = await helper_of(signed, helping)
    filed: Filed = await helping.file(found, given_of(await body_of(request, LARGE_S)))
    return filed


def helper_app(
    watch: Watch,
    register: Register,
    helping: Helping,
    *,
    tls: bool = False,
    demonstration: bool = False,
    static: Path = STATIC / "helper",
) -> WebApp:
    """Return the helpers' app.

    Args:
        watch: the clock; nothing else of it is asked.
        register: sessions.
        helping: the helpers and what they reach.
        tls: whether a TLS proxy stands in front.
        demonstration: whether the page is marked as a demonstration.
        static: folder of the built pages.
    """
    headers = headers_for(Audience.HELPER, tls=tls)
    sessions = Sessions(register, Audience.HELPER, watch.now_ms, days=SESSION_DAYS, may_enter=helping.stands)
    streams = Streams(watch, sessions, lambda _signed: NothingTeller(), headers)
    api = litestar_app(
        [open_link, me, form, read, write, comments, comment, file],
        Door(sessions, Pairing(sessions, watch.now_ms), streams),
        helping=helping,
        demo=demonstration,
    )
    return WebApp(api=api, streams=streams, tiles=None, static=Static(static), sessions=sessions, headers=headers)
