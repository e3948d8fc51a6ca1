"""What the two apps' APIs have in common: errors that leak nothing, bodies that are bounded, pairing and signing off."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, TypeVar

import msgspec
import structlog
from litestar import Litestar, Request, Response, delete, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from jikimi.apps.asgi import App
from jikimi.apps.pairing import Pairing
from jikimi.apps.session import NoSeatError, Sessions, Signed, with_opening
from jikimi.apps.storing import MESSAGE, RETRY_S, not_stored
from jikimi.apps.stream import Streams
from jikimi.ingest.ports import DecodeError
from jikimi.ingest.protocols.reading import json_of

log = structlog.get_logger()

BODY_S: Final = 30.0
"""Seconds a body may take to arrive."""
SMALL_BYTES: Final = 64 * 1024

T = TypeVar("T")
_CODES: Final = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class RefusedError(Exception):
    """A request that ends with an error for whoever sent it."""

    def __init__(self, status: int, code: str, message: str | None = None, *, retry_after_s: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error on the wire. ``message`` is one sentence for whoever builds a client."""

    error: str
    message: str | None = None


class PairBody(msgspec.Struct, frozen=True):
    """A pairing code."""

    code: str


class Door:
    """Signing in and off for one audience."""

    def __init__(self, sessions: Sessions, pairing: Pairing, streams: Streams) -> None:
        self.sessions = sessions
        self.pairing = pairing
        self.streams = streams


def litestar_app(
    handlers: list[HTTPRouteHandler],
    door: Door,
    *,
    guards: Sequence[Any] = (),
    refusals: Mapping[int | type[Exception], Any] = MappingProxyType({}),
    **services: object,
) -> App:
    """Return the API as an ASGI app.

    Args:
        handlers: the audience's own routes.
        door: for pairing and signing off.
        guards: stand before every route.
        refusals: what becomes of the audience's own exceptions.
        services: what the handlers ask for by name.
    """
    given = {"door": door, **services}
    api: Any = Litestar(
        [pair, sign_off, *handlers],
        guards=list(guards),
        dependencies={
            "signed": Provide(signed_in),
            **{name: Provide(_giver(service), sync_to_thread=False) for name, service in given.items()},
        },
        exception_handlers={
            RefusedError: _refused,
            DecodeError: _unreadable,
            HTTPException: _http,
            Exception: _internal,
            **refusals,
        },
        openapi_config=None,
        logging_config=None,
        request_max_body_size=SMALL_BYTES,
    )
    app: App = api
    return app


def _giver(service: object) -> Any:
    def give() -> Any:
        return service

    return give


async def signed_in(request: Request[Any, Any, Any], door: NamedDependency[Door]) -> Signed:
    """Return who is signed in.

    Raises:
        RefusedError: nobody is.
    """
    sessions = door.sessions
    signed = await sessions.find(sessions.token(request.scope))  # type: ignore[arg-type]
    if signed is None:
        raise RefusedError(401, "session_needed")
    return with_opening(signed, request.scope)  # type: ignore[arg-type]


async def body_of(request: Request[Any, Any, Any], within_s: float = BODY_S) -> bytes:
    """Return the body, which may take ``within_s`` to arrive.

    Raises:
        RefusedError: it took too long to arrive.
    """
    try:
        async with asyncio.timeout(within_s):
            return await request.body()
    except TimeoutError:
        raise RefusedError(408, "too_slow") from None


async def read_as(request: Request[Any, Any, Any], decoder: msgspec.json.Decoder[T], shape: str) -> T:
    """Return the body read by a typed decoder; ``shape`` says in words what is expected.

    Raises:
        DecodeError: it is not of that shape.
        RefusedError: it took too long to arrive.
    """
    return json_of(decoder, await body_of(request), shape)


_pair_body = msgspec.json.Decoder(PairBody)


@post("/api/pair", status_code=204)
async def pair(request: Request[Any, Any, Any], door: NamedDependency[Door]) -> Response[None]:
    """Turn a pairing code into a session."""
    asked = await read_as(request, _pair_body, 'a JSON object with "code"')
    if not door.sessions.are_codes_enough:
        raise RefusedError(403, "passkey_needed", "A code makes a passkey here; it does not sign in by itself.")
    try:
        signed = await door.pairing.redeem(asked.code, request.client.host if request.client is not None else None)
    except NoSeatError:
        raise RefusedError(403, "no_seat", "Your role has no place here.") from None
    if signed is None:
        raise RefusedError(403, "code_unknown")
    return Response(None, status_code=204, headers={"set-cookie": door.sessions.cookie(signed.token)})


@delete("/api/session", status_code=204)
async def sign_off(request: Request[Any, Any, Any], door: NamedDependency[Door]) -> Response[None]:
    """End the session, its streams, and what the browser keeps. Without a session there is nothing left to end."""
    token = door.sessions.token(request.scope)  # type: ignore[arg-type]
    if token is not None:
        door.streams.end(token)
        await door.sessions.end(token)
    headers = {"set-cookie": door.sessions.no_cookie(), "clear-site-data": '"cache", "cookies", "storage"'}
    return Response(None, status_code=204, headers=headers)


def _error(status: int, code: str, message: str | None = None, headers: dict[str, str] | None = None) -> Response[ErrorBody]:
    return Response(ErrorBody(code, message), status_code=status, media_type="application/json", headers=headers)


def _refused(_request: Request[Any, Any, Any], error: RefusedError) -> Response[ErrorBody]:
    retry = None if error.retry_after_s is None else {"retry-after": str(error.retry_after_s)}
    return _error(error.status, error.code, error.message, retry)


def _unreadable(_request: Request[Any, Any, Any], error: DecodeError) -> Response[ErrorBody]:
    return _error(400, "unreadable", str(error))


def _http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[ErrorBody]:
    code = _CODES.get(error.status_code, "refused")
    return _error(error.status_code, code, headers=dict(error.headers or {}))


def _internal(_request: Request[Any, Any, Any], error: Exception) -> Response[ErrorBody]:
    """Answer a fault of ours: nothing of it goes out. What a disk did not take is to be sent again, at whatever door."""
    log.error("an answer failed", exc_info=error)
    if not_stored(error):
        return _error(503, "not_stored", MESSAGE, {"retry-after": str(RETRY_S)})
    return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "internal")
