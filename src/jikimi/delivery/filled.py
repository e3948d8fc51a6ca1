"""A channel whose texts hold a mark in place of a secret: it is filled in at the last moment, so that no history keeps it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec

from jikimi.delivery.message import Answer, Message
from jikimi.delivery.ports import Channel

_MARK: Final = re.compile(r"\[link:([0-9a-f]{24})\]")


def mark(link_id: str) -> str:
    """Return what stands in a kept text where an officer's link goes."""
    return f"[link:{link_id}]"


class Filled:
    """Hands over by another channel, with links filled in.

    Args:
        channel: the other one.
        url: returns a link's address by its name.
    """

    def __init__(self, channel: Channel, url: Callable[[str], str]) -> None:
        self._channel = channel
        self._url = url

    @property
    def name(self) -> str:
        """The other channel's name."""
        return self._channel.name

    @property
    def is_idempotent(self) -> bool:
        """Whether the eye sees one of each key."""
        return self._channel.is_idempotent

    async def hand(self, message: Message, now_ms: int) -> Answer:
        """Hand a message over."""
        text = _MARK.sub(lambda found: self._url(found[1]), message.text)
        return await self._channel.hand(msgspec.structs.replace(message, text=text), now_ms)

    async def close(self) -> None:
        """Leave in order."""
        await self._channel.close()
