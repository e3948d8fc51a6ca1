"""At the desk: what one member of staff may not do alone, asked for by one and confirmed by another."""

from __future__ import annotations

from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request as HttpRequest
from litestar import Response, get, post
from litestar.di import NamedDependency

from jikimi.apps.api import read_as
from jikimi.apps.session import Signed
from jikimi.identity.second import Deed, Request, SecondError, State

_NAME = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_WORDS = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S")]


class Second(Protocol):
    """Keeps requests and carries them out."""

    async def requests(self) -> list[Request]:
        """Return the newest requests."""
        ...

    async def ask(self, deed: Deed, target: str, detail: str | None, by: str, reason: str) -> Request:
        """Ask for a deed."""
        ...

    async def confirm(self, number: int, by: str) -> Request:
        """Confirm a request, and carry it out."""
        ...

    async def refuse(self, number: int, by: str, word: str) -> Request:
        """Refuse a request."""
        ...

    async def withdraw(self, number: int, by: str) -> Request:
        """Take a request back."""
        ...


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the desk shows it. ``mine``: whoever looks asked, so somebody else must confirm."""

    number: int
    deed: Deed
    target: str
    detail: str | None
    asked_by: str
    asked_ms: int
    reason: str
    until_ms: int
    state: State
    settled_by: str | None
    word: str | None
    mine: bool


class AskBody(msgspec.Struct, frozen=True):
    """What is asked for."""

    deed: Deed
    target: _NAME
    reason: _WORDS
    detail: _NAME | None = None


class NumberBody(msgspec.Struct, frozen=True):
    """Which request."""

    number: int


class RefuseBody(msgspec.Struct, frozen=True):
    """Which request is refused, and why."""

    number: int
    reason: _WORDS


_ask_body = msgspec.json.Decoder(AskBody)
_number_body = msgspec.json.Decoder(NumberBody)
_refuse_body = msgspec.json.Decoder(RefuseBody)
_NUMBER: Final = 'a JSON object with "number"'


@get("/api/second")
async def second_page(signed: NamedDependency[Signed], second: NamedDependency[Any]) -> list[Asking]:
    """Return the newest requests and what became of them."""
    return [_shown(one, signed.subject) for one in await second.requests()]


@post("/api/second", status_code=200)
async def second_ask(request: HttpRequest[Any, Any, Any], signed: NamedDependency[Signed], second: NamedDependency[Any]) -> Asking:
    """Ask a second person for something."""
    asked = await read_as(request, _ask_body, 'a JSON object with "deed", "target", "reason" and perhaps "detail"')
    return _shown(await second.ask(asked.deed, asked.target, asked.detail, signed.subject, asked.reason), signed.subject)


@post("/api/second/confirm", status_code=200)
async def second_confirm(request: HttpRequest[Any, Any, Any], signed: NamedDependency[Signed], second: NamedDependency[Any]) -> Asking:
    """Be the second person: what was asked for is done at once, where the server can."""
    asked = await read_as(request, _number_body, _NUMBER)
    return _shown(await second.confirm(asked.number, signed.subject), signed.subject)


@post("/api/second/refuse", status_code=200)
async def second_refuse(request: HttpRequest[Any, Any, Any], signed: NamedDependency[Signed], second: NamedDependency[Any]) -> Asking:
    """Refuse what was asked for."""
    asked = await read_as(request, _refuse_body, 'a JSON object with "number" and "reason"')
    return _shown(await second.refuse(asked.number, signed.subject, asked.reason), signed.subject)


@post("/api/second/withdraw", status_code=200)
async def second_withdraw(request: HttpRequest[Any, Any, Any], signed: NamedDependency[Signed], second: NamedDependency[Any]) -> Asking:
    """Take a request of one's own back."""
    asked = await read_as(request, _number_body, _NUMBER)
    return _shown(await second.withdraw(asked.number, signed.subject), signed.subject)


ROUTES: Final = (second_page, second_ask, second_confirm, second_refuse, second_withdraw)


def refused(_request: HttpRequest[Any, Any, Any], error: SecondError) -> Response[dict[str, str]]:
    """Answer with the sentence why not."""
    return Response({"error": "refused", "message": str(error)}, status_code=409, media_type="application/json")


def _shown(one: Request, name: str) -> Asking:
    return Asking(
        number=one.number,
        deed=one.deed,
        target=one.target,
        detail=one.detail,
        asked_by=one.asked_by,
        asked_ms=one.asked_ms,
        reason=one.reason,
        until_ms=one.until_ms,
        state=one.state,
        settled_by=one.settled_by,
        word=one.word,
        mine=one.asked_by == name,
    )
