"""Signed webhooks: a CloudEvent to another system, with what belongs to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jikimi.delivery.cloudevent import CONTENT_TYPE, cloud_event
from jikimi.delivery.endpoint import Poster
from jikimi.delivery.message import Answer, Message

Attach = Callable[[Message], Awaitable[Mapping[str, Any]]]
"""Makes what is put beside the words, at the moment of handing over."""


class Webhook:
    """Posts each message as a CloudEvent; ``webhook-id`` is the key, by which a receiver drops a repetition."""

    name = "webhook"
    is_idempotent = True

    def __init__(self, poster: Poster, source: str, attach: Attach | None = None) -> None:
        self._poster = poster
        self._source = source
        self._attach = attach

    async def hand(self, message: Message, now_ms: int) -> Answer:
        """Post one event."""
        attached = {} if self._attach is None else await self._attach(message)
        body = cloud_event(message, self._source, attached)
        return await self._poster.post(message.address, message.key, body, CONTENT_TYPE, now_ms)

    async def close(self) -> None:
        """Leave in order."""
        await self._poster.close()
