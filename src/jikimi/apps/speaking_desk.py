"""Calls and messages from the desk's screen."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.session import Signed
from jikimi.incidents.links import Link
from jikimi.incidents.status import NotAllowedError


class To(enum.StrEnum):
    """To whom."""

    PROTECTED = "protected"
    RESPONDER = "responder"
    MONITORED = "monitored"


class Spoken(msgspec.Struct, frozen=True):
    """Words for somebody: ``text``, an operator's own; or, for the monitored person, ``text_key``: one of the versioned texts.

    ``agency``: of those who were sent only this one; None: all of them.
    """

    to: To
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=300)] | None = None
    text_key: Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,32}$")] | None = None
    agency: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None


class Speaking(Protocol):
    """Makes calls and messages."""

    async def message(self, incident_id: str, spoken: Spoken, by: str) -> None:
        """Send words."""
        ...

    async def call(self, incident_id: str, spoken: Spoken, by: str) -> None:
        """Have somebody called."""
        ...

    async def text_link(self, link: Link, number: str, by: str) -> None:
        """Send an officer's link to his phone."""
        ...


_spoken = msgspec.json.Decoder(Spoken)
_SHAPE: Final = 'a JSON object with "to" and "text" or "text_key"'


@post("/api/incidents/{name:str}/message", status_code=204)
async def send_message(
    request: Request[Any, Any, Any], name: FromPath[str], signed: NamedDependency[Signed], speaking: NamedDependency[Any]
) -> None:
    """Send words to her, to those who were sent, or one of the versioned texts to him."""
    asked = await read_as(request, _spoken, _SHAPE)
    try:
        await speaking.message(name, asked, signed.subject)
    except NotAllowedError as error:
        raise RefusedError(409, "refused", str(error)) from None


@post("/api/incidents/{name:str}/call", status_code=204)
async def make_call(
    request: Request[Any, Any, Any], name: FromPath[str], signed: NamedDependency[Signed], speaking: NamedDependency[Any]
) -> None:
    """Have the telephone service call somebody."""
    asked = await read_as(request, _spoken, _SHAPE)
    try:
        await speaking.call(name, asked, signed.subject)
    except NotAllowedError as error:
        raise RefusedError(409, "refused", str(error)) from None


ROUTES: Final[Sequence[Any]] = (send_message, make_call)
