"""Where bridges tell what became of messages, and authorities that they have a court's decision: signed as our requests to them are.

Lies beside the devices' door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from jikimi.apps.answers import REFUSED, StopError, proven, read_body
from jikimi.apps.asgi import App, Receive, Scope, Send, reply
from jikimi.delivery.decision import word_of
from jikimi.delivery.message import BadReceiptError, Receipt
from jikimi.delivery.providers import FORMS, provider_receipt
from jikimi.ingest.limits import Meter

PATH: Final = "/v1/receipts/"


class ReceiptDoor:
    """The route, in front of the devices' door.

    Args:
        keys: the key that is shared with each bridge, by the endpoint's name.
        receive: takes receipts: the outbox's runner.
        now_ms: the clock.
        security: records an attempt: its kind, the device (None), and the protocol.
        beyond: serves every other path.
        authorities: the key that is shared with each endpoint to which courts' decisions are told.
    """

    def __init__(
        self,
        keys: Mapping[str, bytes],
        receive: Callable[[Receipt], None],
        now_ms: Callable[[], int],
        security: Callable[[str, str | None, str], None],
        beyond: App,
        authorities: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._keys = {name: key for name, key in keys.items() if name in FORMS} | dict(authorities)
        self._receive = receive
        self._now_ms = now_ms
        self._security = security
        self._beyond = beyond
        self._strangers = Meter(1 / 60, 10)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            await self._beyond(scope, receive, send)
            return
        status, body = 204, b""
        try:
            await self._take(scope, receive)
        except (StopError, BadReceiptError) as stop:
            status = stop.status if isinstance(stop, StopError) else 400
            body = msgspec.json.encode({"error": str(stop)})
        await reply(send, status, body, b"application/json")

    async def _take(self, scope: Scope, receive: Receive) -> None:
        if scope["method"] != "POST":
            raise StopError(405, "Only POST is served here.")
        body = await read_body(receive)
        name = scope["path"].removeprefix(PATH)
        if not proven(self._keys.get(name), scope, body, self._now_ms()):
            if self._strangers.allow("", self._now_ms()):
                self._security("forged_receipt", None, "receipts")
            raise StopError(401, REFUSED)
        receipt = (provider_receipt if name in FORMS else word_of)(name, body, self._now_ms())
        if receipt is not None:
            self._receive(receipt)
