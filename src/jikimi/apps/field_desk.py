"""The desk's part of the officers' page: who has a link to an incident, giving one, and taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.session import Signed
from jikimi.incidents.incident import Where
from jikimi.incidents.links import Link, Officer
from jikimi.incidents.status import NotAllowedError

_ID = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{24}$")]


class Giving(Protocol):
    """Keeps the links."""

    async def about(self, incident_id: str) -> list[Link]:
        """Return an incident's links."""
        ...

    async def give(self, incident_id: str, where: Where, officer: str | None, by: str, agency: str | None = None) -> Link:
        """Make a link for one officer of the agency that was sent there; with ``agency`` only if it is that one."""
        ...

    async def take_back(self, incident_id: str, link_id: str, by: str) -> None:
        """End a link."""
        ...

    def url_of(self, link: Link) -> str:
        """Return a link's address."""
        ...


class DeskLink(msgspec.Struct, frozen=True, kw_only=True):
    """One link as the desk sees it. Its address is told once, to who made it."""

    link: str
    agency: str
    where: Where
    officer: str | None
    made_by: str
    made_ms: int
    until_ms: int
    opened_ms: int | None
    ended_ms: int | None


class NewLink(msgspec.Struct, frozen=True):
    """A link's address, for one phone. ``texted``: whether it was sent there as a text message."""

    url: str
    until_ms: int
    texted: bool


class GiveBody(msgspec.Struct, frozen=True):
    """To whom a link is given. Without ``officer`` he names himself when he opens it. ``phone``: sent there as a text message."""

    where: Where
    officer: Officer | None = None
    phone: Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9]{6,15}$")] | None = None


class EndBody(msgspec.Struct, frozen=True):
    """Which link is taken back."""

    link: _ID


_give_body = msgspec.json.Decoder(GiveBody)
_end_body = msgspec.json.Decoder(EndBody)


@get("/api/incidents/{name:str}/field")
async def field_links(name: FromPath[str], signed: NamedDependency[Signed], field: NamedDependency[Any]) -> list[DeskLink]:
    """Return an incident's links."""
    assert signed.subject
    return [
        DeskLink(
            link=one.link_id,
            agency=one.agency,
            where=one.where,
            officer=one.officer,
            made_by=one.made_by,
            made_ms=one.made_ms,
            until_ms=one.until_ms,
            opened_ms=one.opened_ms,
            ended_ms=one.ended_ms,
        )
        for one in await field.about(name)
    ]


@post("/api/incidents/{name:str}/field", status_code=200)
async def give_link(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    signed: NamedDependency[Signed],
    field: NamedDependency[Any],
    speaking: NamedDependency[Any],
) -> NewLink:
    """Make a link for an officer who was sent."""
    asked = await read_as(request, _give_body, 'a JSON object with "where" and, if known, "officer"')
    try:
        link = await field.give(name, asked.where, asked.officer, signed.subject)
        if asked.phone is not None:
            await speaking.text_link(link, asked.phone, signed.subject)
    except NotAllowedError as error:
        raise RefusedError(409, "refused", str(error)) from None
    return NewLink(field.url_of(link), link.until_ms, asked.phone is not None)


@post("/api/incidents/{name:str}/field/end", status_code=204)
async def end_link(
    request: Request[Any, Any, Any], name: FromPath[str], signed: NamedDependency[Signed], field: NamedDependency[Any]
) -> None:
    """Take a link back: its screen shows nothing any more."""
    asked = await read_as(request, _end_body, 'a JSON object with "link"')
    try:
        await field.take_back(name, asked.link, signed.subject)
    except NotAllowedError as error:
        raise RefusedError(409, "refused", str(error)) from None


ROUTES: Final[Sequence[Any]] = (field_links, give_link, end_link)
