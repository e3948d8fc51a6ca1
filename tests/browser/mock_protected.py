"""A server that says to her page what a test tells it to: the real pages and headers, scripted states over a real socket."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from pathlib import Path

import msgspec
import uvicorn

from jikimi.apps.security import headers_for, secured
from jikimi.apps.static import Static
from jikimi.apps.web import STATIC, TILES
from jikimi.basemap.serve import PmtilesApp
from jikimi.disclosure.gate import Audience

BASEMAP = Path(__file__).parents[2] / "var" / "base.pmtiles"
QR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 3"><path d="M0 0h1v1H0zM2 2h1v1H2z"/></svg>'


def words(low_m=310, high_m=420, **more):
    """Return what she is told of the distance."""
    said = {"low_m": low_m, "high_m": high_m, "bearing_deg": 48, "movement": "approaching", "contact_s": 400, "fix_age_s": 4}
    said["unconfirmed"] = None
    return {**said, **more}


def side(latitude, longitude, **more):
    """Return one person's place."""
    found = {"latitude": latitude, "longitude": longitude, "error_m": 14, "age_s": 4, "course_deg": None, "speed_mps": None, "pin": True}
    return {**found, **more}


def a_map(far_m=370, **more):
    """Return an open map: him north-east of her and coming nearer, ``far_m`` away by now, at a made-up place near a metro line."""
    north, east = far_m * 0.669 / 111_000, far_m * 0.743 / 88_400
    trail = [[37.4112 + north + n * 0.00016, 127.1287 + east + n * 0.0002, 1_700_000_000_000 - n * 10_000] for n in range(13, -1, -1)]
    him = side(trail[-1][0], trail[-1][1], course_deg=228, speed_mps=1.4)
    rings = [{"name": "danger", "radius_m": 100}, {"name": "warning", "radius_m": 600}]
    return {"monitored": him, "protected": side(37.4112, 127.1287), "rings": rings, "zone": None, "trail": trail, "valid_s": 30, **more}


def pair(tier="clear", **more):
    """Return one pair."""
    found = {"pair": "p1", "place": None, "tier": tier, "seen": "live", "handset": "live", "since_ms": 1_700_000_000_000}
    return {**found, "words": None, "map": None, "closed": "outside_ring", **more}


class MockProtected:
    """The protected person's server, played. Attributes are set by a test; what the page did is kept in ``asked`` and ``posted``."""

    def __init__(self, tiles=BASEMAP):
        self.signed_in = True
        self.beating = True
        self.down = False
        self.sos_down = False
        self.sos_seen_ms = None
        self.pin = None
        self.tries_left = 10
        self.interval_s = None
        self.has_tiles = True
        self.tiles = PmtilesApp(tiles)
        self.me = {
            "policy": {
                "languages": ["ko", "en"],
                "emergency_number": "112",
                "time_zone": "Asia/Seoul",
                "position_max_age_s": 60,
                "orders": 1,
            },
            "handset": {"device_id": "d1"},
            "demo": False,
            "language": "en",
        }
        self.asked = []
        self.posted = []
        self.resumed = []
        self.number = 0
        self._ahead_ms = 0
        self._said = None
        self._lines = set()
        self._static = Static(STATIC / "protected")
        self._headers = headers_for(Audience.PROTECTED, tls=False)

    # -- what a test may do

    def __enter__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        config = uvicorn.Config(self._app, log_level="error", interface="asgi3", ws="none", lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(self, *_):
        self.cut()
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    def say(self, *pairs, late_s=0):
        """Send a state to every open line, and to each new one."""
        self._said = {"at_ms": self.now_ms(), "late_s": late_s, "pairs": list(pairs)}
        self._send(self._event(self._said))

    def play(self, tier):
        """Play a tier of a drill; None ends it."""
        drill = None if tier is None else {"tier": tier, "until_ms": self.now_ms() + 20_000}
        self._said = {"at_ms": self.now_ms(), "late_s": 0, "pairs": [pair()], "drill": drill}
        self._send(self._event(self._said))

    def now_ms(self):
        """Return this server's time, which a test may put forward together with a page's."""
        return round(time.time() * 1000) + self._ahead_ms

    def beat_after(self, ms):
        """Let time pass here too, then send a beat."""
        self._ahead_ms += ms
        self._send(self._beat())

    def say_as_it_is(self, old):
        """Send a state with its own time to every open line, and to no new one."""
        self._send(self._event(old))

    def end(self, reason):
        """Say the last word."""
        self._send(f'event: end\ndata: {{"reason": "{reason}"}}\n\n'.encode())

    def cut(self):
        """Break every open line."""
        self._send(None)

    def bodies(self, path):
        """Return what was posted to a path."""
        return [body for method, found, body in self.posted if method == "POST" and found == path]

    # -- the server's side

    def _run(self):
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._server.serve([self._socket]))
        self._loop.close()

    def _send(self, event):
        for line in list(self._lines):
            self._loop.call_soon_threadsafe(line.put_nowait, event)

    def _event(self, said):
        self.number += 1
        return f"id: {self.number}\nevent: state\ndata: {msgspec.json.encode(said).decode()}\n\n".encode()

    def _beat(self):
        return f'event: beat\ndata: {{"at_ms": {self.now_ms()}}}\n\n'.encode()

    async def _app(self, scope, receive, send):
        path, method = scope["path"], scope["method"]
        self.asked.append((method, path))
        send = secured(send, self._headers)
        if path == TILES and not self.has_tiles:
            await self._answer(send, 404, {"error": "no_base_map"})
        elif path == TILES:
            await self.tiles(scope, receive, send)
        elif not path.startswith("/api/"):
            await self._static(scope, send)
        elif self.down:
            await self._answer(send, 503, {"error": "busy"})
        elif path == "/api/stream":
            await self._stream(scope, receive, send)
        else:
            body = (await receive())["body"]
            self.posted.append((method, path, json.loads(body) if body else None))
            is_open = self.pin is None or (b"jikimi-open", b"word") in scope["headers"]
            await self._answer(
                send, *(self._lock(method, path, self.posted[-1][2], is_open) or self._reply(method, path, self.posted[-1][2]))
            )

    def _lock(self, method, path, body, is_open):
        """Answer what concerns her app lock; None: nothing does."""
        if path == "/api/lock":
            state = {"pin": self.pin is not None, "passkey": False, "after_s": 60, "is_open": is_open, "can_bind": True, "must_bind": False}
            return 200, {**state, "tries_left": self.tries_left, "wait_until_ms": None}
        if path == "/api/lock/open":
            self.tries_left -= body["pin"] != self.pin
            return (200, {"opening": "word", "is_open": True}) if body["pin"] == self.pin else (403, {"error": "pin_wrong"})
        if path == "/api/lock/set":
            self.pin = body["pin"]
            return 200, {"opening": "word", "is_open": True}
        return None

    def _reply(self, method, path, body):
        if path == "/api/pair":
            self.signed_in = body["code"].replace("-", "").replace(" ", "").upper() == "GOODCODE"
            return (204, None) if self.signed_in else (403, {"error": "code_unknown"})
        if not self.signed_in:
            return 401, {"error": "session_needed"}
        if path == "/api/session" and method == "DELETE":
            self.signed_in = False
            return 204, None
        if path in ("/api/sos", "/api/sos/cancel"):
            seen = {} if self.sos_seen_ms is None else {"seen_at_ms": self.sos_seen_ms}
            return (503, {"error": "busy"}) if self.sos_down else (202, {"id": body["id"], "received_at_ms": self.now_ms(), **seen})
        if path == "/api/handset":
            url = "owntracks:///config?inline=e30"
            return 200, {**body, "device_id": "d2", "secret": "s", "url": "http://x/", "setup_url": url, "qr_svg": QR, "steps": []}
        if path == "/api/me":
            return 200, self.me
        if path in ("/api/drill", "/api/drill/check"):
            return 204, None
        if path == "/api/language":
            self.me["language"] = body["language"]
            return 204, None
        if path != "/api/fixes":
            return 404, {"error": "not_found"}
        asked = {} if self.interval_s is None else {"interval_s": self.interval_s}
        return 200, {"accepted": len(body["fixes"]), "repeated": 0, "refused": [], **asked}

    async def _answer(self, send, status, body):
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if body is None else json.dumps(body).encode()})

    async def _stream(self, scope, receive, send):
        if not self.signed_in:
            await self._answer(send, 401, {"error": "session_needed"})
            return
        self.resumed.append(dict(scope["headers"]).get(b"last-event-id"))
        line = asyncio.Queue()
        self._lines.add(line)
        if self._said is not None:
            self._said["at_ms"] = self.now_ms()
            line.put_nowait(self._event(self._said))
        gone = asyncio.create_task(_until_gone(receive, line))
        try:
            await self._speak(send, line)
        finally:
            gone.cancel()
            self._lines.discard(line)

    async def _speak(self, send, line):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        while True:
            try:
                event = await asyncio.wait_for(line.get(), 3)
            except TimeoutError:
                event = self._beat() if self.beating else b""
            await send({"type": "http.response.body", "body": event or b"", "more_body": event is not None})
            if event is None:
                return


async def _until_gone(receive, line):
    while (await receive())["type"] != "http.disconnect":
        pass
    line.put_nowait(None)
