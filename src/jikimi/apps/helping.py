"""Whom she invites to help with one petition: her side. The link is made on her phone, and what opens the petition stays there."""

from __future__ import annotations

from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency

from jikimi.apps.api import read_as
from jikimi.apps.session import Signed
from jikimi.model.papers import Allowed, Helper

MOST_DAYS: Final = 180
_HEX: Final = "^[0-9a-f]{64}$"


class Inviting(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation: to which petition, whom, with which rights, for how many days, and what the link proves itself by.

    ``wrapped`` is the petition's key, sealed under the link's own.
    """

    paper: Annotated[str, msgspec.Meta(pattern="^[0-9a-z]{1,32}$")]
    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    allowed: Allowed
    may_file: bool = False
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)]
    token_sha256: Annotated[str, msgspec.Meta(pattern=_HEX)]
    wrapped: Annotated[bytes, msgspec.Meta(max_length=200)]


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom she invited, as her page shows it."""

    helper_id: str
    paper: str
    kind: str
    allowed: Allowed
    may_file: bool
    until_ms: int
    opened_ms: int | None
    signed: str | None


class Links(msgspec.Struct, frozen=True):
    """Where helpers' links lead."""

    url: str


class Inviter(Protocol):
    """Keeps whom she invited."""

    url: str

    async def helpers_of(self, person_id: str) -> list[Helper]:
        """Return whom a person invited."""
        ...

    async def invite(self, person_id: str, asked: Inviting) -> Helper:
        """Invite somebody; durable, and in the ledger, when this returns.

        Raises:
            RefusedError: there is no such petition, or the law gives such a helper fewer rights.
        """
        ...

    async def end(self, person_id: str, helper_id: str) -> None:
        """End a helper at once.

        Raises:
            RefusedError: she has no such helper.
        """
        ...

    async def sign(self, person_id: str, helper_id: str, content: str | None) -> None:
        """Release one content for filing by a helper, or take that back.

        Raises:
            RefusedError: she has no such helper, or that one may not file.
        """
        ...


class EndBody(msgspec.Struct, frozen=True):
    """Which helper."""

    helper_id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]


class SignBody(msgspec.Struct, frozen=True):
    """Which helper may file, and the SHA-256 of exactly what; None: nothing any more."""

    helper_id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
    content: Annotated[str, msgspec.Meta(pattern=_HEX)] | None


_inviting: Final = msgspec.json.Decoder(Inviting)
_end_body: Final = msgspec.json.Decoder(EndBody)
_sign_body: Final = msgspec.json.Decoder(SignBody)


def told(helper: Helper) -> Invited:
    """Return a helper as her page shows it."""
    return Invited(
        helper_id=helper.helper_id,
        paper=helper.paper,
        kind=helper.kind,
        allowed=helper.allowed,
        may_file=helper.may_file,
        until_ms=helper.until_ms,
        opened_ms=helper.opened_ms,
        signed=helper.signed,
    )


@get("/api/helpers")
async def list_helpers(signed: NamedDependency[Signed], inviter: NamedDependency[Any]) -> list[Invited]:
    """Return whom she invited."""
    return [told(one) for one in await inviter.helpers_of(signed.subject)]


@get("/api/helpers/url")
async def helpers_url(signed: NamedDependency[Signed], inviter: NamedDependency[Any]) -> Links:  # noqa: ARG001  a session is needed
    """Return where a link leads."""
    return Links(inviter.url)


@post("/api/helpers", status_code=200)
async def invite_helper(request: Request[Any, Any, Any], signed: NamedDependency[Signed], inviter: NamedDependency[Any]) -> Invited:
    """Invite somebody."""
    asked = await read_as(request, _inviting, "a JSON object with the petition, the kind of helper, its rights, days, token and key")
    return told(await inviter.invite(signed.subject, asked))


@post("/api/helpers/end", status_code=204)
async def end_helper(request: Request[Any, Any, Any], signed: NamedDependency[Signed], inviter: NamedDependency[Any]) -> None:
    """End a helper."""
    asked = await read_as(request, _end_body, 'a JSON object with "helper_id"')
    await inviter.end(signed.subject, asked.helper_id)


@post("/api/helpers/sign", status_code=204)
async def sign_for_helper(request: Request[Any, Any, Any], signed: NamedDependency[Signed], inviter: NamedDependency[Any]) -> None:
    """Sign what a helper may file."""
    asked = await read_as(request, _sign_body, 'a JSON object with "helper_id" and "content"')
    await inviter.sign(signed.subject, asked.helper_id, asked.content)


ROUTES: Final = (list_helpers, helpers_url, invite_helper, end_helper, sign_for_helper)
