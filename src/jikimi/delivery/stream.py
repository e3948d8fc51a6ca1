"""The live stream as a channel: the quickest way, while her page is open."""

from __future__ import annotations

from typing import Protocol

from jikimi.delivery.message import Answer, Message, Verdict


class Screens(Protocol):
    """The open pages. The web app that holds them implements this."""

    def show(self, subject: str, message: Message) -> bool:
        """Send a message to every open page of this subject; return whether there is one. Never blocks."""
        ...


class LiveStream:
    """Hands messages to open pages. A message's address is the session's subject; a page shows one of each key."""

    name = "stream"
    is_idempotent = True

    def __init__(self, screens: Screens) -> None:
        self._screens = screens

    async def hand(self, message: Message, now_ms: int) -> Answer:  # noqa: ARG002 - the port's form
        """Show it, where a page is open."""
        if self._screens.show(message.address, message):
            return Answer(Verdict.ACCEPTED)
        return Answer(Verdict.REFUSED, why="no_page_open")

    async def close(self) -> None:
        """Nothing is held open."""
