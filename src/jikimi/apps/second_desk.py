"""At the desk and in oversight: what one member of staff may not do alone, asked for by one and confirmed by another.

Whoever asks, adopts or confirms must have proved a moment ago who sits there; else the answer is 403 ``proof_needed``, the page has it
proved (``POST /api/unlock``), and tries again.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request as HttpRequest
from litestar import Response, get, post
from litestar.di import NamedDependency

from jikimi.apps.api import read_as
from jikimi.apps.proofs import Proofs
from jikimi.apps.session import Signed
from jikimi.identity.account import Account
from jikimi.identity.second import Deed, NotFreshError, Present, Request, SecondError, State, Step, may_ask, may_confirm

_NAME = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_WORDS = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S")]


class Second(Protocol):
    """Keeps requests and carries them out."""

    async def account(self, name: str) -> Account | None:
        """Return an account as it is now."""
        ...

    async def requests(self) -> list[Request]:
        """Return the newest requests."""
        ...

    async def ask(self, deed: Deed, target: str, detail: str | None, by: Present, reason: str) -> Request:
        """Ask for a deed."""
        ...

    async def adopt(self, number: int, by: Present) -> Request:
        """Make what a command line proposed one's own."""
        ...

    async def confirm(self, number: int, by: Present) -> Request:
        """Confirm a request, and carry it out."""
        ...

    async def refuse(self, number: int, by: Present, word: str) -> Request:
        """Refuse a request."""
        ...

    async def withdraw(self, number: int, by: Present) -> Request:
        """Take a request back."""
        ...


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """A request as a page shows it.

    Attributes:
        typed_by: the name under which a command line proposed it; None where it was asked at a screen.
        may: the steps that whoever looks may take now.
    """

    number: int
    deed: Deed
    target: str
    detail: str | None
    asked_by: str
    asked_ms: int
    reason: str
    until_ms: int
    state: State
    typed_by: str | None
    settled_by: str | None
    word: str | None
    may: tuple[Step, ...]


class TwoPage(msgspec.Struct, frozen=True):
    """What needs two, for one account: what it may ask for, and the newest requests that its role has to do with."""

    may_ask: tuple[Deed, ...]
    requests: list[Asking]


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
async def second_page(signed: NamedDependency[Signed], second: NamedDependency[Any]) -> TwoPage:
    """Return the newest requests and what became of them."""
    account = await second.account(signed.subject)
    return TwoPage(
        tuple(deed for deed in Deed if may_ask(account, deed)),
        [_shown(one, account) for one in await second.requests() if may_ask(account, one.deed) or may_confirm(account, one.deed)],
    )


@post("/api/second", status_code=204)
async def second_ask(
    request: HttpRequest[Any, Any, Any], signed: NamedDependency[Signed], second: NamedDependency[Any], proofs: NamedDependency[Proofs]
) -> None:
    """Ask a second person for something."""
    asked = await read_as(request, _ask_body, 'a JSON object with "deed", "target", "reason" and perhaps "detail"')
    await second.ask(asked.deed, asked.target, asked.detail, proofs.present(signed), asked.reason)


@post("/api/second/adopt", status_code=204)
async def second_adopt(
    request: HttpRequest[Any, Any, Any], signed: NamedDependency[Signed], second: NamedDependency[Any], proofs: NamedDependency[Proofs]
) -> None:
    """Make what a command line proposed one's own request."""
    asked = await read_as(request, _number_body, _NUMBER)
    await second.adopt(asked.number, proofs.present(signed))


@post("/api/second/confirm", status_code=204)
async def second_confirm(
    request: HttpRequest[Any, Any, Any], signed: NamedDependency[Signed], second: NamedDependency[Any], proofs: NamedDependency[Proofs]
) -> None:
    """Be the second person: what was asked for is done at once, where the server can."""
    asked = await read_as(request, _number_body, _NUMBER)
    await second.confirm(asked.number, proofs.present(signed))


@post("/api/second/refuse", status_code=204)
async def second_refuse(
    request: HttpRequest[Any, Any, Any], signed: NamedDependency[Signed], second: NamedDependency[Any], proofs: NamedDependency[Proofs]
) -> None:
    """Refuse what was asked for."""
    asked = await read_as(request, _refuse_body, 'a JSON object with "number" and "reason"')
    await second.refuse(asked.number, proofs.present(signed), asked.reason)


@post("/api/second/withdraw", status_code=204)
async def second_withdraw(
    request: HttpRequest[Any, Any, Any], signed: NamedDependency[Signed], second: NamedDependency[Any], proofs: NamedDependency[Proofs]
) -> None:
    """Take a request of one's own back."""
    asked = await read_as(request, _number_body, _NUMBER)
    await second.withdraw(asked.number, proofs.present(signed))


ROUTES: Final = (second_page, second_ask, second_adopt, second_confirm, second_refuse, second_withdraw)


def refused(_request: HttpRequest[Any, Any, Any], error: SecondError) -> Response[dict[str, str]]:
    """Answer with the sentence why not."""
    if isinstance(error, NotFreshError):
        return Response({"error": "proof_needed", "message": str(error)}, status_code=403, media_type="application/json")
    return Response({"error": "refused", "message": str(error)}, status_code=409, media_type="application/json")


def _shown(one: Request, account: Account | None) -> Asking:
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
        typed_by=one.typed_by,
        settled_by=one.settled_by,
        word=one.word,
        may=_steps(one, account),
    )


def _steps(one: Request, account: Account | None) -> tuple[Step, ...]:
    """Return what an account may do about a request, so that no page shows a button that would be refused."""
    asks, confirms = may_ask(account, one.deed), may_confirm(account, one.deed)
    if one.state is State.PROPOSED:
        return (Step.ADOPT, Step.REFUSE) if asks else (Step.REFUSE,)
    if one.state is not State.ASKED:
        return ()
    if account is not None and account.name == one.asked_by:
        return (Step.WITHDRAW,)
    return (Step.CONFIRM, Step.REFUSE) if confirms else ()
