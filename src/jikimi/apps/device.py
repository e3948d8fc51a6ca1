"""The devices' door: a raw ASGI callable, since every fix comes through here.

The order of the steps is the point. A busy server says so before a body is read; a secret in a header is checked before
a body is read; a body is decompressed only for a device that proved itself (where the proof stands in the body, within a
smaller bound); and a 200 is sent only after what was decoded is durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import lru_cache, partial
from types import TracebackType
from typing import Any, Final

import msgspec

from jikimi.ingest.bodies import inflate
from jikimi.ingest.credentials import Denied, Guard, SecretClaim, SignedClaim
from jikimi.ingest.limits import Meter
from jikimi.ingest.ports import Decoded, DecodeError, Directory, Intake, IntakeFailedError, Receipt, Request
from jikimi.ingest.protocols import PROTOCOLS, Protocol
from jikimi.ingest.protocols.reading import SealError, TooMuchError, stamped
from jikimi.model.event import EventKind
from jikimi.model.order import Device, DeviceKind

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]
"""Names in lower case."""

_JSON: Final = b"application/json"
_RETRY_S: Final = 2
USUAL_REPLIES: Final = 256
USUAL_BYTES: Final = 256
"""Nearly all answers are one of a few short ones: so many are kept, and made once."""
_SOS: Final = frozenset({EventKind.SOS, EventKind.SOS_CANCEL})

_HEADERS: Final = {name.encode(): name for name in ("authorization", "content-type", "content-encoding", "content-length")}
"""The headers anybody here asks for; the others are not worth a copy."""

_BY_PATH: Final = {protocol.path: protocol for protocol in PROTOCOLS.values()}
_SERVED: Final = {(method.encode(), path.encode()): protocol for path, protocol in _BY_PATH.items() for method in protocol.methods}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one device may ask of the server.

    Attributes:
        per_second: requests a second that may go on for ever.
        burst: requests at once after a rest.
        items_per_request: every so many fixes and events count as one request more.
        body_s: seconds a body may take to arrive.
    """

    per_second: float = 50.0
    burst: float = 500.0
    items_per_request: int = 100
    body_s: float = 30.0


class Reply(msgspec.Struct, frozen=True):
    """An answer; its length stands among the headers."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]


class _Pending(msgspec.Struct, frozen=True):
    """An answer that waits until what came is durable."""

    receipt: Awaitable[Receipt]
    reply: Callable[[Receipt], Reply]


class _StopError(Exception):
    """The request ends here, with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class _GoneError(Exception):
    """The sender hung up; nobody is left to answer."""


class DeviceApp:
    """The devices' door.

    Args:
        directory: which devices exist.
        intake: takes what was decoded.
        clock: whole milliseconds since 1970.
        late_s: how far the server is behind, for ``/healthz``; None when nobody knows.
        limits: what one device may ask.
    """

    def __init__(
        self,
        directory: Directory,
        intake: Intake,
        clock: Callable[[], int],
        *,
        late_s: Callable[[], float] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._directory = directory
        self._intake = intake
        self._clock = clock
        self._late_s = late_s
        self._limits = Limits() if limits is None else limits
        self._guard = Guard(directory)
        self._meter = Meter(self._limits.per_second, self._limits.burst)
        self._reports = Meter(1 / 60, 10)
        self._strangers = Meter(1, 60)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] != "http":
            await _other_scope(scope, receive, send)
            return
        protocol = _BY_PATH.get(scope["path"])
        try:
            reply = self._elsewhere(scope) if protocol is None else await self._answer(protocol, scope, receive)
        except _GoneError:
            return
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.body})

    def _elsewhere(self, scope: Scope) -> Reply:
        if scope["path"] != "/healthz":
            return _error(404, "There is nothing at this address.")
        late_s = None if self._late_s is None else self._late_s()
        return _reply(200, msgspec.json.encode({"ok": True, "late_s": late_s}), _JSON)

    async def _answer(self, protocol: Protocol, scope: Scope, receive: Receive) -> Reply:
        try:
            found = await self._take(protocol, scope, receive)
            return found if isinstance(found, Reply) else found.reply(await found.receipt)
        except _REFUSALS as error:
            return _refusal(protocol, error)

    def serves(self, method: bytes, path: bytes) -> bool:
        """Return whether ``at_once`` takes such a request."""
        return (method, path) in _SERVED

    def at_once(self, method: bytes, target: bytes, headers: Headers, body: bytes, answer: Callable[[Reply], None]) -> None:
        """Take a request that is there as a whole; ``answer`` is called once, when what it brought is durable or refused.

        The steps and their order are those of a request that comes bit by bit, without a task for each.
        """
        path, _, query = target.partition(b"?")
        protocol = _SERVED[method, path]
        request = Request(method.decode("latin-1"), protocol.path, query, _wanted(headers), body if method != b"GET" else b"")
        try:
            found = self._whole(protocol, request, len(body))
        except _REFUSALS as error:
            found = _refusal(protocol, error)
        except Exception as fault:  # noqa: BLE001 - the sender must be answered; whoever runs the server is told
            found = _failed(fault)
        if isinstance(found, Reply):
            answer(found)
        else:
            asyncio.ensure_future(found.receipt).add_done_callback(partial(_settle, protocol, found, answer))

    def _whole(self, protocol: Protocol, request: Request, length: int) -> Reply | _Pending:
        self._admit(protocol, request)
        now_ms = self._clock()
        device = self._proven_by_head(protocol, request, now_ms)
        if length > protocol.max_body_bytes:
            raise TooMuchError(_too_large(protocol))
        return self._bring(protocol, request, device, now_ms)

    async def _take(self, protocol: Protocol, scope: Scope, receive: Receive) -> Reply | _Pending:
        head = Request(scope["method"], scope["path"], scope["query_string"], _wanted(scope["headers"]), b"")
        self._admit(protocol, head)
        now_ms = self._clock()
        device = self._proven_by_head(protocol, head, now_ms)
        if head.method == "GET":
            return self._bring(protocol, head, device, now_ms)
        with _Deadline(self._limits.body_s):
            body = await _read(receive, protocol)
        return self._bring(protocol, Request(head.method, head.path, head.query, head.headers, body), device, now_ms)

    def _bring(self, protocol: Protocol, request: Request, device: Device | None, now_ms: int) -> Reply | _Pending:
        """Take in what a request brought, once its body is there; the device is known already where the head proved it."""
        if device is None:
            device, request = self._proven_by_body(protocol, request, now_ms)
        else:
            request = _inflated(protocol, request)
        return self._store(protocol, request, device, now_ms)

    def _admit(self, protocol: Protocol, request: Request) -> None:
        """Turn away what need not be read."""
        if request.method not in protocol.methods:
            allow = ", ".join(sorted(protocol.methods))
            raise _StopError(_error(405, f"Only {allow} is served here.", (b"allow", allow.encode())))
        if self._intake.busy():
            raise _StopError(_later(503, "The server is busy; send this again.", _RETRY_S))
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > protocol.max_body_bytes:
            raise TooMuchError(_too_large(protocol))

    def _proven_by_head(self, protocol: Protocol, request: Request, now_ms: int) -> Device | None:
        """Return the device whose secret stands in the head, or None where the proof needs the body."""
        claim = protocol.claim(request)
        if isinstance(claim, SecretClaim):
            return self._proven(protocol, self._guard.check(claim, request, now_ms), now_ms)
        if claim is None and (request.method == "GET" or not protocol.claim_in_body):
            return self._proven(protocol, self._guard.check(None, request, now_ms), now_ms)
        return None

    def _proven_by_body(self, protocol: Protocol, request: Request, now_ms: int) -> tuple[Device, Request]:
        """Return the device that signed the body as sent, or named itself in it, and the request without its encoding."""
        claim = protocol.claim(request) if "authorization" in request.headers else None
        if isinstance(claim, SignedClaim):
            device = self._proven(protocol, self._guard.check(claim, request, now_ms), now_ms)
            return device, _inflated(protocol, request)
        request = _inflated(protocol, request)
        return self._proven(protocol, self._guard.check(protocol.claim(request), request, now_ms), now_ms), request

    def _proven(self, protocol: Protocol, found: Device | Denied, now_ms: int) -> Device:
        if isinstance(found, Denied):
            self._report(found, protocol, now_ms)
            raise _StopError(_error(401, found.sentence, (b"www-authenticate", protocol.challenge)))
        if (found.kind is DeviceKind.GATEWAY) is not protocol.gateway:
            raise _StopError(_error(403, "A gateway, and nothing but a gateway, may send to /traccar."))
        return found

    def _report(self, denied: Denied, protocol: Protocol, now_ms: int) -> None:
        """Record one attempt. A flood fills no journal: known devices are counted apart, strangers together."""
        allowed = self._strangers.allow("", now_ms) if denied.device_id is None else self._reports.allow(denied.device_id, now_ms)
        if allowed:
            self._intake.security(denied.kind, denied.device_id, protocol.name)

    def _store(self, protocol: Protocol, request: Request, device: Device, now_ms: int) -> Reply | _Pending:
        allowed = protocol.gateway or self._meter.allow(device.device_id, now_ms)
        if not allowed and not _may_hold_sos(request):
            raise _StopError(self._too_often(device, now_ms))
        decoded = stamped(self._decode(protocol, request, device, now_ms), now_ms)
        if protocol.gateway:
            device = self._behind(device, decoded, protocol, now_ms)
            allowed = self._meter.allow(device.device_id, now_ms)
        if not allowed:
            return self._store_sos(device, decoded, now_ms)
        self._charge(device, decoded, now_ms)
        if not decoded.fixes and not decoded.events:
            return _nothing(protocol, decoded)
        receipt = self._intake.offer(device, decoded)
        return _Pending(receipt, lambda receipt: _reply(200, protocol.answer(receipt, decoded), protocol.media_type))

    def _decode(self, protocol: Protocol, request: Request, device: Device, now_ms: int) -> Decoded:
        if protocol.unseal is not None:
            try:
                body = protocol.unseal(request.body, device.sealing_key)
            except SealError:
                self._report(Denied("wrong_key", device.device_id), protocol, now_ms)
                raise
            request = Request(request.method, request.path, request.query, request.headers, body)
        return protocol.decode(request)

    def _behind(self, gateway: Device, decoded: Decoded, protocol: Protocol, now_ms: int) -> Device:
        device = self._directory.behind(gateway.device_id, decoded.device_name or "")
        if device is None or device.revoked:
            self._report(Denied("not_behind_gateway", gateway.device_id), protocol, now_ms)
            raise _StopError(_error(403, "No device of that uniqueId is registered behind this gateway."))
        return device

    def _charge(self, device: Device, decoded: Decoded, now_ms: int) -> None:
        items = len(decoded.fixes) + len(decoded.events) + len(decoded.refused)
        if items > 1:
            self._meter.charge(device.device_id, now_ms, items / self._limits.items_per_request)

    def _store_sos(self, device: Device, decoded: Decoded, now_ms: int) -> Reply | _Pending:
        """Keep an SOS, and the newest position with it, of a device that sends too often; it must send the rest again."""
        events = tuple(event for event in decoded.events if event.kind in _SOS)
        if not events:
            return self._too_often(device, now_ms)
        fixes = tuple(sorted(decoded.fixes, key=lambda fix: fix.fix_time_ms)[-1:])
        receipt = self._intake.offer(device, Decoded(fixes=fixes, events=events))
        return _Pending(receipt, lambda _receipt: self._too_often(device, now_ms, "The SOS was taken. "))

    def _too_often(self, device: Device, now_ms: int, first: str = "") -> Reply:
        wait_s = self._meter.wait_s(device.device_id, now_ms)
        return _later(429, f"{first}This device sends too often; send this again in {wait_s} s.", wait_s)


def _wanted(headers: Headers) -> dict[str, str]:
    return {_HEADERS[name]: value.decode("latin-1") for name, value in headers if name in _HEADERS}


def _refusal(protocol: Protocol, error: Exception) -> Reply:
    """Return the answer that says why nothing was taken."""
    if isinstance(error, _StopError):
        return error.reply
    if isinstance(error, SealError):
        return _error(401, str(error), (b"www-authenticate", protocol.challenge))
    if isinstance(error, TooMuchError):
        return _error(413, str(error))
    if isinstance(error, DecodeError):
        return _error(400, str(error))
    return _later(503, "The server could not store this; send it again.", _RETRY_S)


_REFUSALS: Final = (_StopError, DecodeError, IntakeFailedError)


def _settle(protocol: Protocol, pending: _Pending, answer: Callable[[Reply], None], done: asyncio.Future[Receipt]) -> None:
    """Answer what is durable now, or could not be stored."""
    try:
        reply = pending.reply(done.result())
    except _REFUSALS as error:
        reply = _refusal(protocol, error)
    except asyncio.CancelledError:
        reply = _refusal(protocol, IntakeFailedError())
    except Exception as fault:  # noqa: BLE001 - as above
        reply = _failed(fault)
    answer(reply)


def _failed(fault: Exception) -> Reply:
    """Tell of a fault of ours, loudly, and return what its victim is told."""
    asyncio.get_running_loop().call_exception_handler({"message": "a request at the devices' door failed", "exception": fault})
    return _error(500, "The server failed; send this again.")


def _too_large(protocol: Protocol) -> str:
    return f"The body is larger than {protocol.max_body_bytes} bytes."


class _Deadline:
    """Ends the request with a 408 when a block takes too long: ``asyncio.timeout`` at a quarter of its price."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._rang = False

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._alarm = asyncio.get_running_loop().call_later(self._seconds, self._ring)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._alarm.cancel()
        if self._rang and kind is asyncio.CancelledError and self._task is not None and self._task.uncancel() == 0:
            raise _StopError(_error(408, "The body took too long to arrive.")) from None

    def _ring(self) -> None:
        self._rang = True
        if self._task is not None:
            self._task.cancel()


async def _read(receive: Receive, protocol: Protocol) -> bytes:
    """Return the body; it is given up as soon as it is too large."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > protocol.max_body_bytes:
            raise TooMuchError(_too_large(protocol))
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _inflated(protocol: Protocol, request: Request) -> Request:
    encoding = request.headers.get("content-encoding")
    if encoding is None:
        return request
    body = inflate(request.body, encoding, protocol.max_body_bytes)
    return Request(request.method, request.path, request.query, request.headers, body)


def _may_hold_sos(request: Request) -> bool:
    """Tell whether decoding a request beyond the limit is worth it: an SOS is never turned away."""
    text = (request.query + request.body).lower()
    return b"sos" in text or b"\\u00" in text or b"%" in request.query


def _nothing(protocol: Protocol, decoded: Decoded) -> Reply:
    """Answer a batch that held nothing to keep: an empty one is fine, one in which all is wrong is not."""
    if not decoded.refused:
        return _reply(200, protocol.answer(Receipt(accepted=0, repeated=0), decoded), protocol.media_type)
    first = decoded.refused[0]
    return _error(400, f"None of the {len(decoded.refused)} items can be read; number {first.index}: {first.reason}")


def _reply(status: int, body: bytes, media_type: bytes, *headers: tuple[bytes, bytes]) -> Reply:
    found = _usual if len(body) <= USUAL_BYTES else _made
    return found(status, body, media_type, *headers)


def _made(status: int, body: bytes, media_type: bytes, *headers: tuple[bytes, bytes]) -> Reply:
    length = (b"content-length", b"%d" % len(body))
    kind = ((b"content-type", media_type),) if media_type else ()
    return Reply(status, body, (length, *kind, *headers))


_usual: Final = lru_cache(USUAL_REPLIES)(_made)


def _error(status: int, sentence: str, *headers: tuple[bytes, bytes]) -> Reply:
    return _reply(status, msgspec.json.encode({"error": sentence}), _JSON, *headers)


def _later(status: int, sentence: str, wait_s: int) -> Reply:
    return _error(status, sentence, (b"retry-after", b"%d" % wait_s))


async def _other_scope(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a start and an end; refuse a web socket."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
        return
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
