"""Open pages as a channel of delivery: a notice goes out on the streams of whom it is for."""

from __future__ import annotations

from typing import Final

import msgspec

from jikimi.apps.stream import Streams
from jikimi.delivery.message import Message

EVERYBODY: Final = "*"
_encode = msgspec.json.Encoder().encode


class NoticeFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as a page gets it. A page shows one of each ``key`` and tells with a receipt how far it came."""

    key: str
    topic: str
    title: str
    text: str
    lang: str
    urgent: bool
    until_ms: int
    drill: bool
    ends: bool


def address(audience: str, subject: str = EVERYBODY) -> str:
    """Return the address of somebody's open pages, or of all pages of an audience."""
    return f"{audience}:{subject}"


class OpenScreens:
    """``jikimi.delivery.stream.Screens`` over the streams of each audience."""

    def __init__(self) -> None:
        self._streams: dict[str, Streams] = {}

    def open(self, audience: str, streams: Streams) -> None:
        """Reach an audience by these streams from now on."""
        self._streams[audience] = streams

    def show(self, subject: str, message: Message) -> bool:
        """Hand a message to every page of an address; return whether one may take it."""
        audience, _, who = subject.partition(":")
        streams = self._streams.get(audience)
        if streams is None:
            return False
        frame = NoticeFrame(
            key=message.key,
            topic=message.topic,
            title=message.title,
            text=message.text,
            lang=message.language,
            urgent=message.urgent,
            until_ms=message.until_ms,
            drill=message.is_drill,
            ends=message.ends,
        )
        return streams.say(None if who == EVERYBODY else who, "notice", _encode(frame))

    def tell(self, audience: str, name: str, data: bytes) -> None:
        """Tell every page of an audience something that needs no receipt."""
        streams = self._streams.get(audience)
        if streams is not None:
            streams.say(None, name, data)
