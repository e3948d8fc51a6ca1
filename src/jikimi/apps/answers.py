"""Where an agency's own system answers a request: received, sent, arrived, done. Each answer is signed as our requests are.

It lies beside the devices' door: what comes in here are machines, and no browser has a session. An answer moves the agency's own
part of one incident and nothing else. See docs/dispatch.md.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, NamedTuple, Protocol, TypeVar

import msgspec

from jikimi.apps.asgi import App, Receive, Scope, Send, header, reply
from jikimi.apps.field_desk import Giving
from jikimi.delivery.signing import is_signed
from jikimi.incidents.incident import Incident, Where
from jikimi.incidents.links import Officer
from jikimi.incidents.room import Room
from jikimi.incidents.status import NotAllowedError, TaskStatus
from jikimi.ingest.limits import Meter

PATH: Final = "/v1/answers/"
MAX_BYTES: Final = 16_384
BODY_S: Final = 10.0
MOST_KNOWN: Final = 10_000
"""Answers that are remembered, so that one sent again gets the same reply."""
SHAPE: Final = (
    'Expected a JSON object with "incident", "where" (protected or monitored), "status" (received, sent, arrived or done) '
    'and, if wanted, "note" and "officer".'
)
REFUSED: Final = "The signature is not accepted: sign webhook-id, webhook-timestamp and the body with the shared secret, within 5 minutes."
_HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")
T = TypeVar("T")


class Acting(Protocol):
    """Runs the room of incidents."""

    async def act(self, call: Callable[[Room], T]) -> T:
        """Have the room change something."""
        ...


class AnswerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the agency came at one of the two persons. ``note``: a sentence for the incident's history.

    ``officer``: with ``sent``, who was sent; the reply brings a link for his phone alone.
    """

    incident: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{24}$")]
    where: Where
    status: TaskStatus
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)] | None = None
    officer: Officer | None = None


class _Reply(NamedTuple):
    status: int
    body: bytes = b""


class StopError(Exception):
    """The request ends here, with a status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


_answer = msgspec.json.Decoder(AnswerBody)


class AnswerDoor:
    """The route, in front of the devices' door.

    Args:
        keys: the key that is shared with each agency, by its name in the policy.
        response: runs the incidents.
        field: makes links for the officers who were sent.
        now_ms: the clock.
        security: records an attempt: its kind, the device (None), and the protocol.
        beyond: serves every other path.
    """

    def __init__(
        self,
        keys: Mapping[str, bytes],
        response: Acting,
        field: Giving,
        now_ms: Callable[[], int],
        security: Callable[[str, str | None, str], None],
        beyond: App,
    ) -> None:
        self._keys = dict(keys)
        self._response = response
        self._field = field
        self._now_ms = now_ms
        self._security = security
        self._beyond = beyond
        self._known: OrderedDict[tuple[str, str], _Reply] = OrderedDict()
        self._strangers = Meter(1 / 60, 10)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            await self._beyond(scope, receive, send)
            return
        try:
            found = await self._answered(scope, receive)
        except StopError as stop:
            found = _Reply(stop.status, msgspec.json.encode({"error": str(stop)}))
        await reply(send, found.status, found.body, b"application/json")

    async def _answered(self, scope: Scope, receive: Receive) -> _Reply:
        if scope["method"] != "POST":
            raise StopError(405, "Only POST is served here.")
        body = await read_body(receive)
        agency, mark = self._proven(scope, body)
        known = self._known.get((agency, mark))
        if known is not None:
            return known
        try:
            asked = _answer.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise StopError(400, SHAPE) from None
        return self._remember(agency, mark, await self._move(agency, asked))

    def _proven(self, scope: Scope, body: bytes) -> tuple[str, str]:
        """Return the agency whose key signed this, and the answer's own name. Who forges does not learn whether there is such an agency."""
        agency = scope["path"].removeprefix(PATH)
        if not proven(self._keys.get(agency), scope, body, self._now_ms()):
            if self._strangers.allow("", self._now_ms()):
                self._security("forged_answer", None, "answers")
            raise StopError(401, REFUSED)
        return agency, header(scope, b"webhook-id") or ""

    async def _move(self, agency: str, asked: AnswerBody) -> _Reply:
        now_ms = self._now_ms()

        def moved(room: Room) -> Incident:
            found = room.answer(asked.incident, asked.where, asked.status, agency, now_ms)
            return found if asked.note is None else room.write(asked.incident, agency, asked.note, now_ms)

        try:
            await self._response.act(moved)
            if asked.status is not TaskStatus.SENT or asked.officer is None:
                return _Reply(204)
            link = await self._field.give(asked.incident, asked.where, asked.officer, agency, agency)
        except NotAllowedError as refused:
            return _Reply(409, msgspec.json.encode({"error": str(refused)}))
        return _Reply(200, msgspec.json.encode({"live": self._field.url_of(link)}))

    def _remember(self, agency: str, mark: str, found: _Reply) -> _Reply:
        self._known[agency, mark] = found
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return found


def proven(key: bytes | None, scope: Scope, body: bytes, now_ms: int) -> bool:
    """Return whether a request is signed with a key, within five minutes."""
    headers = {name: header(scope, name.encode()) or "" for name in _HEADERS}
    return key is not None and is_signed(key, headers, body, now_ms // 1000)


async def read_body(receive: Receive) -> bytes:
    """Return a small body.

    Raises:
        StopError: it is too large, or too slow.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message: Mapping[str, Any] = await receive()
                body += message.get("body", b"")
                if len(body) > MAX_BYTES:
                    raise StopError(413, f"The body is larger than {MAX_BYTES} bytes.")
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise StopError(408, "The body took too long to arrive.") from None
