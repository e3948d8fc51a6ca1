"""Signed webhooks: a CloudEvent to another system, with CAP inside where it wants one."""

from __future__ import annotations

from collections.abc import Callable

from jikimi.delivery.cloudevent import CONTENT_TYPE, cloud_event
from jikimi.delivery.endpoint import Poster
from jikimi.delivery.message import Answer, Message


class Webhook:
    """Posts each message as a CloudEvent; ``webhook-id`` is the key, by which a receiver drops a repetition."""

    name = "webhook"
    is_idempotent = True

    def __init__(self, poster: Poster, source: str, attach: Callable[[Message], str] | None = None) -> None:
        self._poster = poster
        self._source = source
        self._attach = attach

    async def hand(self, message: Message, now_ms: int) -> Answer:
        """Post one event."""
        attachment = None if self._attach is None else self._attach(message)
        body = cloud_event(message, self._source, attachment)
        return await self._poster.post(message.address, message.key, body, CONTENT_TYPE, now_ms)

    async def close(self) -> None:
        """Leave in order."""
        await self._poster.close()
