"""The notice of a copy that was erased because no court's permission came in time: to whoever had it, and to data protection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Final

from jikimi.apps.screens import address
from jikimi.delivery.message import Message
from jikimi.delivery.passage import Passage, Way, plan
from jikimi.delivery.rules import DeliveryRules
from jikimi.delivery.words import LANGUAGE, Book, said, spoken_in
from jikimi.disclosure.copying import Copy
from jikimi.disclosure.gate import Audience
from jikimi.incidents.incident import name_of
from jikimi.runtime.notices import STREAM
from jikimi.storage.addresses import SqlAddresses

NAME: Final = "copy.operator.unpermitted"


class UnpermittedNotices:
    """Puts the notice in the outbox.

    Args:
        addresses: where members of staff are reached; asked on the thread of the books.
        book: the texts.
        rules: the order of channels, and how long a notice lives.
        channels: what is set up.
        overseers: returns who answers for data protection now.
        send: puts passages in the outbox, on the thread of the books, made by the function it is given. One whose key is there is left.
        now_ms: the server's time.
    """

    def __init__(
        self,
        addresses: SqlAddresses,
        book: Book,
        rules: DeliveryRules,
        channels: Collection[str],
        overseers: Callable[[], Collection[str]],
        send: Callable[[Callable[[], list[Passage]]], Awaitable[None]],
        now_ms: Callable[[], int],
    ) -> None:
        self._addresses = addresses
        self._book = book
        self._rules = rules
        self._channels = channels
        self._overseers = overseers
        self._send = send
        self._now_ms = now_ms

    async def tell(self, copy: Copy) -> None:
        """Tell it, to each of them once."""
        now_ms, recipients = self._now_ms(), dict.fromkeys((copy.officer, *self._overseers()))
        await self._send(lambda: [made for one in recipients if (made := self._passage(copy, one, now_ms)).ways])

    def _passage(self, copy: Copy, recipient: str, now_ms: int) -> Passage:
        known = self._addresses.of(recipient)
        found = known | ({STREAM: address(Audience.DESK, recipient)} if recipient == copy.officer else {})
        language = spoken_in(self._book, NAME, known.get(LANGUAGE, self._book.languages[0]))
        title, text = said(self._book, NAME, language, {"copy": copy.copy_id}, is_drill=False)
        message = Message(
            key=name_of("copy", copy.copy_id, recipient),
            topic=f"copy-{copy.copy_id} {recipient} {NAME}",
            address="",
            title=title,
            text=text,
            language=language,
            urgent=False,
            sent_ms=now_ms,
            until_ms=now_ms + round(self._rules.life_s * 1000),
        )
        ways = [Way(one, found[one]) for one in self._rules.ladders.prompt if one in found and one in self._channels]
        return plan(message, ways, self._rules, is_danger=False)
