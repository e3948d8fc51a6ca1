"""The line to officers' map clients: events over TLS, or, to this machine alone, over plain TCP or UDP."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

OPEN_S: Final = 5.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class MapServer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where events go. ``recipient`` is who looks, as the ledger names him; ``ca``, ``certificate``, ``key``: files for TLS."""

    url: str
    recipient: str
    every_s: float = 5.0
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would send positions in the clear."""
        found = urlsplit(self.url)
        if found.scheme not in {"tls", "tcp", "udp"} or found.hostname is None or found.port is None:
            raise ValueError("The address of a map server is tls://HOST:PORT, or tcp:// or udp:// on this machine.")
        if found.scheme != "tls" and found.hostname not in _LOOPBACK:
            raise ValueError("Positions leave this machine over tls:// alone.")
        if not 1.0 <= self.every_s <= 60.0:
            raise ValueError("Events are sent every 1 to 60 s.")


class CotLine:
    """Keeps one line and sends on it; a line that is broken is opened anew with the next events.

    Args:
        server: where to.
    """

    def __init__(self, server: MapServer) -> None:
        self._server = server
        found = urlsplit(server.url)
        self._scheme, self._host, self._port = found.scheme, str(found.hostname), int(found.port or 0)
        self._writer: asyncio.StreamWriter | None = None
        self._datagrams: asyncio.DatagramTransport | None = None

    async def send(self, events: Sequence[str]) -> bool:
        """Send events; return whether the line took them."""
        try:
            async with asyncio.timeout(OPEN_S):
                if self._scheme == "udp":
                    await self._send_datagrams(events)
                else:
                    await self._send_stream(events)
        except (OSError, TimeoutError):
            await self.close()
            return False
        return True

    async def close(self) -> None:
        """Leave in order."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(OPEN_S):
                    await writer.wait_closed()
        if self._datagrams is not None:
            self._datagrams.close()
            self._datagrams = None

    async def _send_stream(self, events: Sequence[str]) -> None:
        if self._writer is None or self._writer.is_closing():
            context = self._context() if self._scheme == "tls" else None
            _, self._writer = await asyncio.open_connection(self._host, self._port, ssl=context)
        self._writer.write("".join(events).encode())
        await self._writer.drain()

    async def _send_datagrams(self, events: Sequence[str]) -> None:
        if self._datagrams is None:
            loop = asyncio.get_running_loop()
            remote = (self._host, self._port)
            self._datagrams, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=remote)
        for event in events:
            self._datagrams.sendto(event.encode())

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._server.ca)
        if self._server.certificate is not None:
            context.load_cert_chain(self._server.certificate, self._server.key)
        return context
