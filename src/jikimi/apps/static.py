"""The built front end of one audience, from memory.

All files are read once, so no request reaches the file system and no path can lead out of the folder. Files under ``assets/``
carry a hash in their names and may be kept for ever; the page itself is never kept, so that a new version is seen at once.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from pathlib import Path
from typing import Final

import msgspec

from jikimi.apps.asgi import Scope, Send, header, reply

_TYPES: Final = {
    ".html": b"text/html; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".mjs": b"text/javascript; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".json": b"application/json",
    ".webmanifest": b"application/manifest+json",
    ".svg": b"image/svg+xml",
    ".png": b"image/png",
    ".ico": b"image/x-icon",
    ".woff2": b"font/woff2",
    ".txt": b"text/plain; charset=utf-8",
    ".mp3": b"audio/mpeg",
    ".wav": b"audio/wav",
}
_SQUEEZED: Final = frozenset({".html", ".js", ".mjs", ".css", ".json", ".webmanifest", ".svg", ".txt"})
_PLAIN: Final = b"text/plain; charset=utf-8"
_FOREVER: Final = (b"cache-control", b"public, max-age=31536000, immutable")
_NEVER: Final = (b"cache-control", b"no-store")
_ASK: Final = (b"cache-control", b"no-cache")
_NOT_BUILT: Final = b"The pages of this app have not been built yet: run `make setup`, or the front end's build, and reload.\n"


class _File(msgspec.Struct, frozen=True):
    body: bytes
    squeezed: bytes | None
    content_type: bytes
    cache: tuple[bytes, bytes]
    etag: bytes


class Static:
    """Serves a folder. Without ``index.html`` in it every answer is 503 with a sentence that says what to do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _File] = {}
        self._reading = asyncio.Lock()

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answer GET and HEAD."""
        if scope["method"] not in {"GET", "HEAD"}:
            await reply(send, 405, b"Pages can only be read.\n", _PLAIN, [(b"allow", b"GET, HEAD")])
            return
        if not self._files:
            await self._read()
        file = self._files.get("/index.html" if scope["path"] == "/" else scope["path"])
        if not self._files:
            await reply(send, 503, _NOT_BUILT, _PLAIN, [(b"retry-after", b"30")])
        elif file is None:
            await reply(send, 404, b"There is nothing at this address.\n", _PLAIN)
        else:
            await _answer(scope, send, file)

    async def _read(self) -> None:
        async with self._reading:
            if not self._files:
                self._files = await asyncio.to_thread(_read, self._folder)


async def _answer(scope: Scope, send: Send, file: _File) -> None:
    headers = [file.cache, (b"etag", file.etag), (b"vary", b"accept-encoding")]
    if header(scope, b"if-none-match") == file.etag.decode():
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    body = file.body
    if file.squeezed is not None and "gzip" in (header(scope, b"accept-encoding") or ""):
        body = file.squeezed
        headers.append((b"content-encoding", b"gzip"))
    start = [(b"content-type", file.content_type), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": 200, "headers": start})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _read(folder: Path) -> dict[str, _File]:
    """Return every file by its path; nothing while the page itself is missing."""
    if not (folder / "index.html").is_file():
        return {}
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix in _TYPES]
    return {"/" + path.relative_to(folder).as_posix(): _file(folder, path) for path in paths}


def _file(folder: Path, path: Path) -> _File:
    body = path.read_bytes()
    squeezed = gzip.compress(body, mtime=0) if path.suffix in _SQUEEZED else None
    hashed = path.relative_to(folder).parts[0] == "assets"
    return _File(
        body=body,
        squeezed=squeezed if squeezed is not None and len(squeezed) < len(body) else None,
        content_type=_TYPES[path.suffix],
        cache=_FOREVER if hashed else _NEVER if path.name == "index.html" else _ASK,
        etag=b'"%s"' % hashlib.sha256(body).hexdigest()[:32].encode(),
    )
