"""Serve the one base map as a raw ASGI application, with byte ranges.

PMTiles readers fetch directories and tiles as ranges of one file. The map is public data, but the ranges somebody asks for
tell where she is: nothing is logged here, and nothing may be kept by a cache (``no-store``). Reading happens on two
threads of its own, so that a slow disk or a greedy client delays maps and nothing else.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from jikimi.basemap.ranges import UnsatisfiableError, wanted

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_Headers = list[tuple[bytes, bytes]]

CHUNK_BYTES = 128 * 1024
"""The most that is read, and held, for one request at a time. Nearly every tile fits."""

_ALWAYS: _Headers = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_NO_MAP = b"No base map is installed on this server; the map stays without background."


class MapShrankError(Exception):
    """The file lost bytes while it was sent. A map must be replaced in one step, never written in place."""


class _Opened(NamedTuple):
    """An open map. ``etag`` changes whenever the file is replaced, so that no reader mixes two maps."""

    file: io.FileIO
    size: int
    etag: bytes


class PmtilesApp:
    """ASGI application for the file at ``path``, whatever the request's path is. Mount it where the page expects the map."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="basemap")

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer GET and HEAD: 200, 206, 404 without a map, 405, 416."""
        if scope["method"] not in ("GET", "HEAD"):
            await _say(send, 405, b"The map can only be read.", [(b"allow", b"GET, HEAD")])
            return
        loop = asyncio.get_running_loop()
        try:
            opened = await loop.run_in_executor(self._readers, _open, self._path)
        except OSError:
            await _say(send, 404, _NO_MAP, [])
            return
        with opened.file:
            await self._answer(scope, opened, receive, send)

    async def _answer(self, scope: MutableMapping[str, Any], opened: _Opened, receive: Receive, send: Send) -> None:
        head = scope["method"] == "HEAD"
        try:
            part = None if head else wanted(_range_header(scope["headers"], opened.etag), opened.size)
        except UnsatisfiableError:
            await _say(send, 416, b"The map has no such bytes.", [(b"content-range", b"bytes */%d" % opened.size)])
            return
        first, end = part or (0, opened.size)
        await send({"type": "http.response.start", "status": 206 if part else 200, "headers": _headers(opened, part)})
        if head or first == end:
            await send({"type": "http.response.body", "body": b""})
            return
        await self._stream(opened.file.fileno(), first, end, receive, send)

    async def _stream(self, handle: int, first: int, end: int, receive: Receive, send: Send) -> None:
        """Send the bytes chunk by chunk. The server holds ``send`` while the client is slow; a client that left ends it."""
        loop = asyncio.get_running_loop()
        left = asyncio.ensure_future(_left(receive)) if end - first > CHUNK_BYTES else None
        try:
            while first < end and not (left is not None and left.done()):
                chunk = await loop.run_in_executor(self._readers, os.pread, handle, min(CHUNK_BYTES, end - first), first)
                if not chunk:
                    raise MapShrankError("The base map lost bytes while it was sent; install maps with the install command.")
                first += len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": first < end})
        finally:
            if left is not None:
                left.cancel()


def _open(path: Path) -> _Opened:
    file = io.FileIO(path)
    state = os.fstat(file.fileno())
    return _Opened(file, state.st_size, b'"%x-%x-%x"' % (state.st_ino, state.st_size, state.st_mtime_ns))


def _range_header(headers: _Headers, etag: bytes) -> bytes | None:
    """Return the Range header, unless If-Range names another version of the file (RFC 9110, section 13.1.5)."""
    found = dict(headers)
    return found.get(b"range") if found.get(b"if-range", etag) == etag else None


def _headers(opened: _Opened, part: tuple[int, int] | None) -> _Headers:
    first, end = part or (0, opened.size)
    headers = [
        (b"content-type", b"application/vnd.pmtiles"),
        (b"content-length", b"%d" % (end - first)),
        (b"accept-ranges", b"bytes"),
        (b"etag", opened.etag),
        *_ALWAYS,
    ]
    if part is not None:
        headers.append((b"content-range", b"bytes %d-%d/%d" % (first, end - 1, opened.size)))
    return headers


async def _left(receive: Receive) -> None:
    """Return once the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Send, status: int, sentence: bytes, headers: _Headers) -> None:
    length = (b"content-length", b"%d" % len(sentence))
    start = [(b"content-type", b"text/plain; charset=utf-8"), length, *headers, *_ALWAYS]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": sentence})
