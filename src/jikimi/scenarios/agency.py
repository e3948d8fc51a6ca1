"""An agency's own system, played: takes requests, checks who sent them, and answers received, sent, arrived, done.

It is what docs/dispatch.md asks of an integrator, in a page of code; tests run the whole way over real sockets with it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

import httpx2
import msgspec

from jikimi.delivery.signing import is_signed, secret_bytes, signed_headers

STEPS: Final = ("received", "sent", "arrived", "done")
_TASK: Final = "task.responder.at_"


class Data(msgspec.Struct, frozen=True):
    """What this agency reads of a request."""

    topic: str
    incident: str
    title: str
    text: str
    report: dict[str, Any] | None = None
    cap: str | None = None


class Event(msgspec.Struct, frozen=True):
    """The CloudEvent round it."""

    id: str
    data: Data


class Agency:
    """An ASGI app. Requests with a bad signature get 401; one that comes again is answered and counts once.

    Args:
        secret: shared with Jikimi, ``whsec_…``.
        answers_url: where answers go: ``…/v1/answers/NAME``.
        client: sends them.
        rest: called after each step with its name: how long a unit needs for the next.
        told: called with each new request.
    """

    def __init__(
        self,
        secret: str,
        answers_url: str,
        client: httpx2.AsyncClient,
        rest: Callable[[str], Awaitable[None]],
        told: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        self._told = told
        self._key = secret_bytes(secret)
        self._answers_url = answers_url
        self._client = client
        self._rest = rest
        self._units: set[asyncio.Task[None]] = set()
        self._sent: set[tuple[str, str]] = set()
        self.seen: dict[str, Event] = {}
        """Every request, by its id."""

    async def __call__(self, scope: Mapping[str, Any], receive: Callable[[], Awaitable[MutableMapping[str, Any]]], send: Any) -> None:
        """Take one request."""
        body = b""
        while (message := await receive()).get("more_body", False):
            body += message["body"]
        body += message.get("body", b"")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        status = 202 if is_signed(self._key, headers, body, int(time.time())) else 401
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        if status == 202:
            self._take(msgspec.json.decode(body, type=Event))

    def _take(self, event: Event) -> None:
        known = event.id in self.seen
        self.seen[event.id] = event
        if known:
            return
        self._told(event)
        text_key = event.data.topic.split(" ")[-1]
        if text_key.startswith(_TASK):
            side = text_key.removeprefix(_TASK)
            for where in ("protected", "monitored") if side == "both" else (side,):
                self._send_unit(event.data.incident, where)

    def _send_unit(self, incident: str, where: str) -> None:
        """A request that is made again sends no second unit."""
        if (incident, where) not in self._sent:
            self._sent.add((incident, where))
            unit = asyncio.ensure_future(self._go(incident, where))
            self._units.add(unit)
            unit.add_done_callback(self._units.discard)

    async def _go(self, incident: str, where: str) -> None:
        for step in STEPS:
            await self.answer({"incident": incident, "where": where, "status": step})
            await self._rest(step)
        self._sent.discard((incident, where))

    async def answer(self, told: Mapping[str, str]) -> int:
        """Send an answer; return the status of the reply."""
        body = msgspec.json.encode(told)
        headers = signed_headers(self._key, f"msg_{secrets.token_hex(12)}", int(time.time()), body)
        return (await self._client.post(self._answers_url, content=body, headers=headers)).status_code
