"""From the notices that incidents ask for to passages in the outbox: said in the recipient's language, with the ways that lead there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

import structlog

from jikimi.apps.screens import address
from jikimi.delivery.leak import LeakError
from jikimi.delivery.passage import Passage
from jikimi.delivery.planning import passage_of, rendered
from jikimi.delivery.rules import DeliveryRules
from jikimi.delivery.words import LANGUAGE, Book
from jikimi.disclosure.gate import Audience
from jikimi.model.notice import Notice, Side
from jikimi.storage.addresses import SqlAddresses
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.outbox import SqlShelf

log = structlog.get_logger(__name__)

NOTICES: Final = "notices"
"""The cursor under which it is kept which notices are in the outbox."""
STREAM: Final = "stream"
WEBHOOK: Final = "webhook"
DRILLED: Final = "_drill"
"""What an agency's endpoint for exercises is called after."""

_READERS: Final = frozenset({Side.PROTECTED, Side.OPERATOR})
"""Who may have chosen a language."""


class NoticeDesk:
    """Puts notices in the outbox. Called on the thread of the books alone.

    Args:
        books: where incidents keep their notices.
        shelf: the outbox.
        addresses: where recipients are reached.
        book: the texts.
        rules: the order of channels.
        webhooks: names of the agencies that take webhooks.
        languages: the language that recipients of each of some incidents' notices read.
    """

    def __init__(
        self,
        books: SqlIncidents,
        shelf: SqlShelf,
        addresses: SqlAddresses,
        book: Book,
        rules: DeliveryRules,
        webhooks: frozenset[str],
        languages: Callable[[Collection[str]], Mapping[str, str]],
    ) -> None:
        self._books = books
        self._shelf = shelf
        self._addresses = addresses
        self._book = book
        self._rules = rules
        self._webhooks = webhooks
        self._languages = languages
        self._done: int | None = None
        """The last notice that is in the outbox; None: to be read from the books."""

    def forget(self) -> None:
        """What was taken may not have been kept: it is read from the books anew."""
        self._done = None

    def take(self, now_ms: int) -> bool:
        """Put what is new in the outbox; return whether there was anything.

        A notice that is there already is left as it is, so that a process that died in between doubles nothing.
        """
        if self._done is None:
            self._done = self._books.cursor(NOTICES) or 0
        found = self._books.notices_after(self._done)
        if not found:
            return False
        speaks = self._languages({notice.incident_id for _, notice in found})
        lasting = [notice for _, notice in found if notice.expires_ms > now_ms]
        known = self._addresses.of_all(notice.recipient_id for notice in lasting)
        made = [self._passage(notice, speaks, known[notice.recipient_id]) for notice in lasting]
        self._shelf.take(NOTICES, found[-1][0], [one for one in made if one is not None])
        self._done = found[-1][0]
        return True

    def of(self, incident_id: str) -> list[Passage]:
        """Return an incident's notices with how far they came, in the order in which they were made."""
        return self._shelf.about(incident_id)

    def _passage(self, notice: Notice, speaks: Mapping[str, str], known: Mapping[str, str]) -> Passage | None:
        """Return a notice's passage; None for a text to him that reads like a place: it is not sent, and holds up no other notice."""
        try:
            usual = speaks.get(notice.incident_id, "")
            # Hers, and an account's, is her or his own choice.
            language = known.get(LANGUAGE, usual) if notice.audience in _READERS else usual
            told = rendered(notice, self._book, language)
            return passage_of(notice, told, self._reached(notice, known), self._book, self._rules)
        except LeakError:
            log.exception("a text to the monitored person was not sent")
            return None

    def _reached(self, notice: Notice, known: Mapping[str, str]) -> Mapping[str, str]:
        """Return the ways to a recipient. He has no screen of ours: nothing but his own channels leads to him."""
        if notice.drill and notice.audience is Side.RESPONDER:
            return self._drilled(notice)
        found = dict(known)
        if notice.audience is Side.PROTECTED:
            found[STREAM] = address(Audience.PROTECTED, notice.recipient_id)
        elif notice.audience is Side.OPERATOR:
            found[STREAM] = address(Audience.DESK, notice.recipient_id)
        elif notice.audience in {Side.SUPERVISOR, Side.RESPONDER}:
            # Until responders have screens of their own, the desk sees what they were told, and by which channel.
            found[STREAM] = address(Audience.DESK)
        if notice.recipient_id in self._webhooks:
            found[WEBHOOK] = notice.recipient_id
        return found

    def _drilled(self, notice: Notice) -> Mapping[str, str]:
        """An exercise reaches no agency for real: the desk sees what it would be told, and its own place for exercises, if it has one."""
        found = {STREAM: address(Audience.DESK)}
        if notice.recipient_id + DRILLED in self._webhooks:
            found[WEBHOOK] = notice.recipient_id + DRILLED
        return found
