"""How a port is listened on: a taken one is said in a sentence, and the head of a request has a time to arrive.

Who sends a byte of it now and then would otherwise hold a connection for ever. Bodies have their own limits, where they are read.
An answer's head and body leave in one write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

from uvicorn import Server as Listener
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from jikimi.runtime.settings import SettingsError

HEAD_S: Final = 15.0
"""From the connection, or the first byte of a request, to the end of its headers."""


_STATUS_LINE: Final = b"HTTP/1."


class Joining:
    """A transport that keeps an answer's head back until its body, or whatever is written next, goes with it.

    The library writes both one after the other, and each write is a call into the system and a packet: a fifth of what a request of one
    fix cost. A head that nothing follows leaves when the event loop has done what is ready, so a stream opens as soon as before.
    Everything else is the transport's own.
    """

    def __init__(self, transport: asyncio.Transport, call_soon: Callable[[Callable[[], None]], object]) -> None:
        self._transport = transport
        self._call_soon = call_soon
        self._head = b""
        self.is_closing = transport.is_closing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send, or keep a head for what comes next."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(_STATUS_LINE):
            self._head = data
            self._call_soon(self._flush)
            return
        self._transport.write(data)

    def close(self) -> None:
        """Close, once everything written has left."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 as the server speaks it, with an end to waiting. A response may take as long as it likes."""

    _limit: asyncio.TimerHandle | None = None
    _in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent has it
        """Begin to wait for a request."""
        # It is no subclass of a transport: each of a transport's many methods would then have to be passed on by hand.
        super().connection_made(cast("asyncio.Transport", Joining(transport, self.loop.call_soon)))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of the headers too; most requests come whole, and need no alarm clock."""
        super().data_received(data)
        if self._in_head and self._limit is None:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It is there."""
        self._in_head = False
        self._stop()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._limit = self.loop.call_later(HEAD_S, self.transport.close)

    def _stop(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None


class ListenError(SettingsError):
    """A port is taken. The text says which."""

    def __init__(self, audience: str, port: int) -> None:
        super().__init__(f"Port {port}, for the {audience} app, cannot be listened on: another program may be using it.")


async def listen(listener: Listener) -> None:
    """Serve until told to end, or until it turns out that the port cannot be had."""
    try:
        await listener.serve()
    except SystemExit:
        # The library ends the whole process for a port that is taken; whoever started this says which one it was.
        return
