"""HTTP at the devices' door: requests that arrive whole are taken at once, without a task for each.

Nearly every request of a device is one packet. Its head is parsed by the same parser as all others; then the app judges it on the spot and
answers when it is durable. Whatever is not so plain (a body that is still under way, another path, HTTP/1.0, an upgrade, too many at
once) is served as any other app is. Requests that a client sends without waiting for answers (RFC 9112, section 9.3.2) are judged one
after the other, wait for one commit together, and are answered in their order, in one write.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, Protocol

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from jikimi.apps.device import USUAL_BYTES, USUAL_REPLIES, Headers, Reply
from jikimi.runtime.listening import PatientProtocol

MOST_AT_ONCE: Final = 16
"""So many requests of one connection wait for the disk together; a client that sends more keeps nobody else from the loop."""
STATUS_LINES: Final = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}


class Door(Protocol):
    """An app that takes whole requests; ``apps.device.DeviceApp`` is one."""

    def serves(self, method: bytes, path: bytes) -> bool:
        """Return whether ``at_once`` takes such a request."""
        ...

    def at_once(self, method: bytes, target: bytes, headers: Headers, body: bytes, answer: Answer) -> None:
        """Take a request; call ``answer`` once, now or later."""
        ...


class Answer:
    """The place of one answer in its connection's order."""

    __slots__ = ("_door", "data", "stays")

    def __init__(self, door: DoorProtocol, *, stays: bool) -> None:
        self._door = door
        self.stays = stays
        self.data: bytes | None = None

    def __call__(self, reply: Reply) -> None:
        """Answer."""
        self.data = (_usual if len(reply.body) <= USUAL_BYTES else written)(reply, stays=self.stays)
        self._door.answered()


class DoorProtocol(PatientProtocol):
    """Serves whole requests by ``door``, the others by the app of its configuration."""

    def __init__(self, door: Door, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._door = door
        self._body: list[bytes] | None = None
        """What came of the body of a request that may turn out to be whole."""
        self._answers: deque[Answer] = deque()
        self._after: tuple[RequestResponseCycle, Any] | None = None
        """What is served in the other way, once those before it are answered."""
        self._is_flushing = False
        self._rest: asyncio.TimerHandle | None = None
        self._rested_s = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent has it
        """Keep the transport itself, too: an answer from here is whole."""
        self._line = transport
        super().connection_made(transport)

    # -- the parser's calls ---------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = True
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """Its head is there."""
        self._in_head = False
        self._stop()
        if self._is_plain():
            self._body = []
        else:
            self._serve_otherwise()

    def on_body(self, body: bytes) -> None:
        """Some of its body is there."""
        if self._body is not None:
            self._body.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it is there."""
        body, self._body = self._body, None
        if body is None:
            super().on_message_complete()
            return
        answer = Answer(self, stays=self.parser.should_keep_alive())
        self._answers.append(answer)
        self._door.at_once(self.parser.get_method(), self.url, self.headers, b"".join(body), answer)

    def data_received(self, data: bytes) -> None:
        """Read; a body that did not come with its head is waited for in the other way."""
        super().data_received(data)
        body, self._body = self._body, None
        if body is not None and not self.transport.is_closing():
            self._serve_otherwise()
            super().on_body(b"".join(body))

    def _is_plain(self) -> bool:
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        if len(self._answers) >= MOST_AT_ONCE or self.flow.write_paused or self.expect_100_continue:
            return False
        parser = self.parser
        path = self.url.partition(b"?")[0]
        return parser.get_http_version() == "1.1" and not parser.should_upgrade() and self._door.serves(parser.get_method(), path)

    def _serve_otherwise(self) -> None:
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._answers:
            self._after = cycle, app
        else:
            super()._start_asgi_task(cycle, app)

    # -- answering ------------------------------------------------------------------------------------------------

    def answered(self) -> None:
        """Send what can be sent in order; what others of this round will add goes with it."""
        if len(self._answers) == 1:
            self._flush()
        elif self._answers and not self._is_flushing:
            self._is_flushing = True
            self.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flushing = False
        answers = self._answers
        ready: list[bytes] = []
        stays = True
        while stays and answers and (data := answers[0].data) is not None:
            ready.append(data)
            stays = answers.popleft().stays
        if not ready or self.transport.is_closing():
            return
        self._line.write(b"".join(ready))
        if not stays:
            self.transport.close()
        elif not answers:
            self._go_on()

    def _go_on(self) -> None:
        """Serve what had to wait for its turn, or rest until the next request."""
        after, self._after = self._after, None
        if after is not None:
            super()._start_asgi_task(*after)
            return
        self._rested_s = self.loop.time()
        if self._rest is None:
            self._rest = self.loop.call_later(self.timeout_keep_alive, self._end_rest)

    def on_response_complete(self) -> None:
        """Something was answered in the other way."""
        self._rested_s = self.loop.time()
        super().on_response_complete()

    def _end_rest(self) -> None:
        """Close a connection that nobody uses. One alarm clock for all its requests: most are followed by another one."""
        self._rest = None
        rested_s = self.loop.time() - self._rested_s
        if self._answers or self._in_head or (self.cycle is not None and not self.cycle.response_complete):
            rested_s = 0.0
        if rested_s >= self.timeout_keep_alive:
            self.transport.close()
        else:
            self._rest = self.loop.call_later(self.timeout_keep_alive - rested_s, self._end_rest)

    # -- the end --------------------------------------------------------------------------------------------------

    def shutdown(self) -> None:
        """Close once everything that was asked is answered."""
        if self._after is not None or not self._answers:
            super().shutdown()
        else:
            self._answers[-1].stays = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Answer nobody any more."""
        self._answers.clear()
        self._after = None
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        super().connection_lost(exc)


def written(reply: Reply, *, stays: bool) -> bytes:
    """Return an answer as HTTP/1.1 writes it."""
    parts = [STATUS_LINES[reply.status]]
    for name, value in reply.headers:
        parts += (name, b": ", value, b"\r\n")
    parts += (b"\r\n" if stays else b"connection: close\r\n\r\n", reply.body)
    return b"".join(parts)


_usual: Final = lru_cache(USUAL_REPLIES)(written)
