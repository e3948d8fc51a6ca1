"""The notice of a court's decision to an authority that the law names: what it says, how long it is tried, and word that it came.

It says which order, which measures and for how long, who decided and on what basis. It is made of those alone: no person's name,
no place, and nothing that she or the court wrote. Whoever may read more reads it in the register.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, NamedTuple

import msgspec

from jikimi.delivery.cloudevent import CONTENT_TYPE, decision_event
from jikimi.delivery.endpoint import Poster
from jikimi.delivery.message import Answer, BadReceiptError, Message, Receipt, Step
from jikimi.delivery.passage import Passage, Way
from jikimi.delivery.times import iso_utc
from jikimi.delivery.words import Book, said, spoken_in
from jikimi.model.petition import Party
from jikimi.model.register import CourtOrder

CHANNEL: Final = "decision"
"""A lane of its own: an authority's mailroom that is down closes no breaker in front of an alarm."""
RECEIPTS: Final = "/v1/receipts/"
TOLD_BY_MACHINE: Final = frozenset({Party.POLICE.value, Party.PROSECUTOR.value})
"""Whom a machine may tell. The sides are served by an officer, and her lawyer hears from the court."""
_TOPIC: Final = "decision:"
_WORDS: Final = "court_decision"
_REST_MS: Final = 60_000
_MOST_TRIES: Final = 60


class Decided(NamedTuple):
    """What was decided: the act, which court it was, at what time, and whether the order holds no longer."""

    act: str
    court: str
    at_ms: int
    ends: bool


class _Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{24}$")]
    status: Literal["received"]


_word = msgspec.json.Decoder(_Word)


def decision_passage(key: str, endpoint: str, order: CourtOrder, decided: Decided, until_ms: int, book: Book, language: str) -> Passage:
    """Return the passage of a notice, to be put in the outbox in the transaction that makes the decision.

    Args:
        key: the name of the task that it may close, 24 hexadecimal digits: the same at each repetition.
        endpoint: the authority's name in the settings.
        order: as the decision leaves it.
        decided: what was decided.
        until_ms: the task is due; from then on nobody but its owner tells them.
        book: the texts.
        language: what the authority reads.
    """
    language = spoken_in(book, _WORDS, language)
    title, text = said(book, _WORDS, language, {"order": order.order_id, "court": decided.court})
    message = Message(
        key=key,
        topic=f"{about(order.order_id)} {endpoint} {key}",
        address=endpoint,
        title=title,
        text=text,
        language=language,
        urgent=False,
        sent_ms=decided.at_ms,
        until_ms=until_ms,
        ends=decided.ends,
        details=_details(endpoint, order, decided),
    )
    # However long an authority has, it is asked sixty times at most, and at most once a minute.
    rest_ms = max(_REST_MS, (until_ms - decided.at_ms) // _MOST_TRIES)
    return Passage(
        message=message, ways=(Way(CHANNEL, endpoint),), enough=Step.DELIVERED, is_short=False, next_ms=decided.at_ms, rest_ms=rest_ms
    )


def about(order_id: str) -> str:
    """Return the first word of the topics of all notices about an order. What was decided later takes no earlier notice's place."""
    return f"{_TOPIC}{order_id}"


def is_decision(passage: Passage) -> bool:
    """Whether a passage is that of a court's decision."""
    return passage.message.topic.startswith(_TOPIC)


def word_of(name: str, body: bytes, now_ms: int) -> Receipt:
    """Return an authority's word that it has a notice; it counts for what went to this authority alone.

    Raises:
        BadReceiptError: another form.
    """
    try:
        key = _word.decode(body).key
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadReceiptError('Expected a JSON object with the "key" of a decision and "status": received.') from None
    return Receipt(key=key, channel=CHANNEL, step=Step.DELIVERED, at_ms=now_ms, from_device=True, by=name)


class DecisionPost:
    """Posts each notice as a signed CloudEvent; ``webhook-id`` is the key, by which a receiver drops a repetition."""

    name = CHANNEL
    is_idempotent = True

    def __init__(self, poster: Poster, source: str) -> None:
        self._poster = poster
        self._source = source

    async def hand(self, message: Message, now_ms: int) -> Answer:
        """Post one event."""
        return await self._poster.post(message.address, message.key, decision_event(message, self._source), CONTENT_TYPE, now_ms)

    async def close(self) -> None:
        """Leave in order."""
        await self._poster.close()


def _details(endpoint: str, order: CourtOrder, decided: Decided) -> dict[str, object]:
    return {
        "order": order.order_id,
        "decision": decided.act,
        "court": decided.court,
        "decided": iso_utc(decided.at_ms),
        "basis": order.basis_id,
        "legal_basis": order.legal_basis,
        "measures": [
            {
                "kind": one.kind.value,
                "from": iso_utc(one.from_ms),
                "until": None if one.until_ms is None else iso_utc(one.until_ms),
                "distance_m": one.distance_m,
            }
            for one in order.measures
        ],
        "acknowledge": f"{RECEIPTS}{endpoint}",
    }
