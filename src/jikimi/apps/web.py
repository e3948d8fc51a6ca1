"""One audience's whole app: its API, its stream, its pages and its map, behind the headers that every answer carries."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jikimi.apps.asgi import App, Receive, Scope, Send, reply_error
from jikimi.apps.security import is_foreign, secured
from jikimi.apps.session import Sessions
from jikimi.apps.static import Static
from jikimi.apps.stream import May, Streams

STATIC: Final = Path(__file__).parent / "static"
STREAM: Final = "/api/stream"
TILES: Final = "/tiles/base.pmtiles"


class WebApp:
    """Sends each request where it belongs.

    Args:
        api: everything under ``/api/`` but the stream.
        streams: the event stream.
        tiles: the base map; None where there is none. It is served to signed-in browsers only.
        static: the pages.
        sessions: who is signed in.
        headers: what every answer carries.
        may: tells whether somebody who is signed in may have the map; None where the session alone decides.
    """

    def __init__(
        self,
        *,
        api: App,
        streams: Streams,
        tiles: App | None,
        static: Static,
        sessions: Sessions,
        headers: list[tuple[bytes, bytes]],
        may: May | None = None,
    ) -> None:
        self._api = api
        self._streams = streams
        self._tiles = tiles
        self._static = static
        self._sessions = sessions
        self._headers = headers
        self._may = may

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope; web sockets and life-span are not spoken here."""
        if scope["type"] == "http":
            if scope["path"] == STREAM and scope["method"] == "GET" and not is_foreign(scope):
                await self._streams(scope, receive, send)
            else:
                await self._serve(scope, receive, secured(send, self._headers))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await _live(receive, send)

    def close(self) -> None:
        """End the streams, so that a server that stops need not wait for them."""
        self._streams.close()

    def recheck(self) -> None:
        """Close the streams of sessions that stand no longer, at once."""
        self._streams.recheck()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith("/api/"):
            await self._serve_api(scope, receive, send)
        elif path == TILES:
            await self._serve_tiles(scope, receive, send)
        else:
            await self._static(scope, send)

    async def _serve_api(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_foreign(scope):
            await reply_error(send, 403, "cross_site")
        elif scope["path"] == STREAM:
            await reply_error(send, 405, "method_not_allowed", [(b"allow", b"GET")])
        else:
            await self._api(scope, receive, send)

    async def _serve_tiles(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._tiles is None:
            await reply_error(send, 404, "no_base_map")
            return
        signed = await self._sessions.find(self._sessions.token(scope))
        if signed is None:
            await reply_error(send, 401, "session_needed")
        elif self._may is not None and not await self._may(signed):
            await reply_error(send, 403, "no_right")
        else:
            await self._tiles(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
