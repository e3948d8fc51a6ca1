"""How a port is listened on: a taken one is said in a sentence, and the head of a request has a time to arrive.

Who sends a byte of it now and then would otherwise hold a connection for ever. Bodies have their own limits, where they are read.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn import Server as Listener
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from jikimi.runtime.settings import SettingsError

HEAD_S: Final = 15.0
"""From the connection, or the first byte of a request, to the end of its headers."""


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 as the server speaks it, with an end to waiting. A response may take as long as it likes."""

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Wait for the headers of the next request too."""
        if self._limit is None:
            self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It is there."""
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
