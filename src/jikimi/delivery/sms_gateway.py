"""SMS through a gateway over HTTP: one signed request a message. A deployer's bridge turns it into the form of his gateway."""

from __future__ import annotations

import json
from typing import Final

from jikimi.delivery.endpoint import Poster
from jikimi.delivery.message import Answer, Message

GATEWAY: Final = "sms"


class SmsGateway:
    """Posts ``{"key", "to", "text", "valid_s"}`` to the endpoint named ``sms``, which sends one of each key."""

    name = "sms_http"
    is_idempotent = True

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def hand(self, message: Message, now_ms: int) -> Answer:
        """Post one message."""
        valid_s = max(0, (message.until_ms - now_ms) // 1000)
        fields = {"key": message.key, "to": message.address, "text": f"{message.title}\n{message.text}", "valid_s": valid_s}
        body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._poster.post(GATEWAY, message.key, body, "application/json", now_ms)

    async def close(self) -> None:
        """Leave in order."""
        await self._poster.close()
