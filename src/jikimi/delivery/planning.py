"""From what an incident asks to the passage that the outbox keeps: rendered, marked, checked, with its channels in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from jikimi.delivery.leak import check, told_to_him
from jikimi.delivery.message import Message
from jikimi.delivery.passage import Passage, Way, plan
from jikimi.delivery.rules import DeliveryRules, Ladders
from jikimi.delivery.words import Book, said, spoken, spoken_in
from jikimi.model.notice import Notice, Side, Urgency

_CLOSED: Final = "closed"


class Rendered(msgspec.Struct, frozen=True):
    """A notice's text in one language."""

    title: str
    text: str
    language: str


def rendered(notice: Notice, book: Book, language: str) -> Rendered:
    """Return a notice's text in a language, without any mark of a drill.

    Raises:
        LeakError: it goes to the monitored person, and is none of his texts, is wrongly filled, or reads like a place.
    """
    language = spoken_in(book, notice.text_key, language)
    values = {name: spoken(book, value, language) for name, value in notice.arguments.items()}
    if notice.audience is Side.MONITORED:
        return Rendered(*told_to_him(book, notice.text_key, language, values), language)
    return Rendered(*said(book, notice.text_key, language, values), language)


def passage_of(notice: Notice, told: Rendered, addresses: Mapping[str, str], book: Book, rules: DeliveryRules) -> Passage:
    """Return the passage to put in the outbox, in the transaction that makes the notice.

    Args:
        notice: what is asked.
        told: its text, without any mark of a drill: that is set here, so that no notice can lack it.
        addresses: where the recipient is reached, by channel; only channels that are set up.
        book: how a drill is marked.
        rules: the order of channels.

    Raises:
        LeakError: it goes to the monitored person and reads like a place.
    """
    if notice.audience is Side.MONITORED:
        check(f"{told.title}\n{told.text}")
    mark = f"{book.drill.get(told.language, book.drill[book.languages[0]])} " if notice.drill else ""
    message = Message(
        key=notice.notice_id,
        topic=f"{notice.incident_id} {notice.recipient_id} {notice.text_key}",
        address="",
        title=mark + told.title,
        text=mark + told.text,
        language=told.language,
        urgent=notice.urgency is Urgency.ALARM,
        sent_ms=notice.created_ms,
        until_ms=notice.expires_ms,
        is_drill=notice.drill,
        update_of=notice.replaces,
        ends=notice.kind == _CLOSED,
    )
    names = _ladder(notice, rules.ladders)
    ways = [Way(name, addresses[name]) for name in names if name in addresses]
    return plan(message, ways, rules, is_danger=notice.urgency is Urgency.ALARM and notice.audience is not Side.MONITORED)


def _ladder(notice: Notice, ladders: Ladders) -> tuple[str, ...]:
    if notice.audience is Side.MONITORED:
        return ladders.monitored
    ways: tuple[str, ...] = getattr(ladders, notice.urgency.value)
    return ways
