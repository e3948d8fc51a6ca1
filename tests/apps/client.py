"""A browser without a socket: requests, and event streams that can be slow, blocked or cut."""

from __future__ import annotations

import asyncio
import json

from jikimi.apps.desk import desk_app
from jikimi.apps.protected import protected_app
from jikimi.orders.clerk import Clerk
from jikimi.policy.durations import tables
from jikimi.runtime.office import Office
from tests.apps.fake_watch import FakeRegister, FakeSession, FakeStaff, FakeWatch
from tests.disclosure.cases import HER, NOW_MS
from tests.orders.fake_books import FakeBooks

TOKEN = "her-token-0123456789abcdef"
STAFF = "staff-token-0123456789abcdef"
FAR_MS = NOW_MS + 10_000_000_000


class Answer:
    def __init__(self, messages):
        start = messages[0]
        self.status = start["status"]
        self.pairs = [(bytes(name).decode(), bytes(value).decode()) for name, value in start["headers"]]
        self.headers = dict(self.pairs)
        self.body = b"".join(message.get("body", b"") for message in messages[1:])

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]


def scope_of(method, path, headers, client=("203.0.113.7", 4711)):
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": client,
        "server": ("localhost", 8471),
        "state": {},
    }


class Browser:
    """One browser at one app. ``site`` is what it says of where a request comes from."""

    def __init__(self, app, audience, token=None, client="203.0.113.7"):
        self.app = app
        self.audience = audience
        self.token = token
        self.client = client
        self.site = "same-origin"

    def headers(self, extra):
        found = {"host": "app.test", "sec-fetch-site": self.site}
        if self.token is not None:
            found["cookie"] = f"other=1; __Host-jikimi-{self.audience}={self.token}"
        found.update(extra or {})
        return {name: value for name, value in found.items() if value is not None}

    async def call(self, method, path, body=None, headers=None):
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        extra = {"content-type": "application/json", "content-length": str(len(data))} | (headers or {})
        incoming = [{"type": "http.request", "body": data, "more_body": False}]
        sent = []

        async def receive():
            if not incoming:
                await asyncio.Event().wait()
            return incoming.pop()

        async def send(message):
            sent.append(message)

        await self.app(scope_of(method, path, self.headers(extra), (self.client, 4711)), receive, send)
        return Answer(sent)

    async def get(self, path, **headers):
        return await self.call("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    async def post(self, path, body=None, headers=None):
        return await self.call("POST", path, body, headers)

    def listen(self, last=None):
        return Stream(self, last)


class Stream:
    """An open stream; ``heard`` are (seconds, name, data, id)."""

    def __init__(self, browser, last=None):
        headers = browser.headers({} if last is None else {"last-event-id": str(last)})
        self.raw = []
        self.heard = []
        self.status = None
        self.headers = {}
        self.done = False
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._left = asyncio.Event()
        self._first = True
        scope = scope_of("GET", "/api/stream", headers)
        self.task = asyncio.ensure_future(browser.app(scope, self._receive, self._send))

    async def _receive(self):
        if self._first:
            self._first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        await self.flowing.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {bytes(name).decode(): bytes(value).decode() for name, value in message["headers"]}
            return
        self.done = not message.get("more_body", False)
        body = message["body"]
        self.raw.append(body)
        if self.status == 200:
            for block in body.decode().split("\n\n"):
                self._hear(block)

    def _hear(self, block):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        if "event" in fields:
            number = int(fields["id"]) if "id" in fields else None
            self.heard.append((round(asyncio.get_running_loop().time(), 3), fields["event"], json.loads(fields["data"]), number))

    def of(self, name):
        return [data for _, kind, data, _ in self.heard if kind == name]

    def times(self, name):
        return [at for at, kind, _, _ in self.heard if kind == name]

    @property
    def bytes(self):
        return b"".join(self.raw)

    async def leave(self):
        self._left.set()
        await asyncio.wait_for(self.task, 5)


class World:
    """A watch, a register and both apps."""

    def __init__(self, tmp_path=None, **options):
        self.watch = FakeWatch()
        self.register = FakeRegister()
        self.register.sessions[TOKEN] = FakeSession("protected", HER, FAR_MS)
        self.register.sessions[STAFF] = FakeSession("desk", "operator", FAR_MS)
        self.device_changes = 0
        self.clerk = Clerk(FakeBooks(), tables(), bytes(32))
        self.office = Office(self.clerk, self.watch.now_ms, lambda: None)
        static = {} if tmp_path is None else {"static": tmp_path}
        self.protected = protected_app(
            self.watch, self.register, self.office, device_url="https://door.test/", devices_changed=self._changed, **static, **options
        )
        self.accounts = FakeStaff()
        self.desk = desk_app(self.watch, self.register, self.office, self.accounts, **static, **options)
        self.her = Browser(self.protected, "protected", TOKEN)
        self.staff = Browser(self.desk, "desk", STAFF)

    def _changed(self):
        self.device_changes += 1
