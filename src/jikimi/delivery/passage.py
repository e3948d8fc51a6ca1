"""The way of one notice through its channels: pure functions from what was to what is and what to do.

Written down before anything is handed over, and again with the answer, so that a process that dies in between knows what it did.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

from jikimi.delivery.life import OPEN, Event, State, after
from jikimi.delivery.message import Answer, Message, Receipt, Step, Verdict
from jikimi.delivery.rules import DeliveryRules


class Way(msgspec.Struct, frozen=True):
    """One rung: a channel's name, and the address as the channel understands it."""

    channel: str
    address: str


class Try(msgspec.Struct, frozen=True):
    """One handing over: which rung, since when, and the answer; ``verdict`` is None while there is none."""

    way: int
    begun_ms: int
    ended_ms: int | None = None
    verdict: Verdict | None = None
    reference: str | None = None
    why: str | None = None
    is_gone: bool = False
    provider: Step | None = None


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A notice and how far it came.

    Attributes:
        message: what is said; its address is the rung's.
        ways: the rungs in order.
        enough: the receipt after which no further channel is tried.
        is_short: for danger there are fewer channels than the rules ask for.
        state: by the table of ``life``.
        tries: in order.
        receipts: word from the device, in order.
        next_ms: when time alone asks for something; None: never.
        rest_ms: how long a channel rests before it gets the message again; None: as the rules say.
    """

    message: Message
    ways: tuple[Way, ...]
    enough: Step
    is_short: bool
    state: State = State.WAITING
    tries: tuple[Try, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    next_ms: int | None = None
    rest_ms: int | None = None


_EVENTS: Final = {Step.DELIVERED: Event.DELIVERED, Step.SHOWN: Event.SHOWN, Step.SEEN: Event.SEEN}
_RANK: Final = (State.DELIVERED, State.SHOWN, State.SEEN)
_NEEDED: Final = {Step.DELIVERED: 0, Step.SHOWN: 1, Step.SEEN: 2}


def plan(message: Message, ways: Collection[Way], rules: DeliveryRules, *, is_danger: bool) -> Passage:
    """Return the passage of a new notice, with its life cut to what the rules allow.

    For danger the page must have shown it; otherwise it is enough that the device has it.
    """
    until_ms = min(message.until_ms, message.sent_ms + round(rules.life_s * 1000))
    channels = {way.channel for way in ways}
    return Passage(
        message=msgspec.structs.replace(message, until_ms=until_ms),
        ways=tuple(ways),
        enough=Step.SHOWN if is_danger else Step.DELIVERED,
        is_short=is_danger and len(channels) < rules.danger_channels,
        next_ms=message.sent_ms,
    )


def is_open(passage: Passage) -> bool:
    """Whether anything may still have to be done for it."""
    return passage.state in OPEN and passage.next_ms is not None


def advance(passage: Passage, now_ms: int, rules: DeliveryRules, idempotent: Collection[str]) -> tuple[Passage, int | None]:
    """Do what is due. Return the passage, and the number of the try to hand over now, if any."""
    if passage.next_ms is None or now_ms < passage.next_ms:
        return passage, None
    if now_ms >= passage.message.until_ms:
        return _ended(passage, Event.LIFE_OVER), None
    way, at_ms = _choose(passage, now_ms, rules, idempotent)
    if way is not None:
        begun = Try(way, now_ms)
        due_ms = min(now_ms + round(rules.receipt_within_s * 1000), passage.message.until_ms)
        return _with(passage, tries=(*passage.tries, begun), next_ms=due_ms), len(passage.tries)
    if at_ms is None:
        return _ended(passage, Event.NO_WAY_LEFT), None
    return _with(passage, next_ms=at_ms), None


def answered(passage: Passage, number: int, answer: Answer, now_ms: int) -> Passage:
    """Write down the answer to a try. Unless it was taken, the next channel's turn comes at once."""
    one = passage.tries[number]
    one = msgspec.structs.replace(
        one, ended_ms=now_ms, verdict=answer.verdict, reference=answer.reference, why=answer.why, is_gone=answer.is_gone
    )
    passage = _with(passage, tries=(*passage.tries[:number], one, *passage.tries[number + 1 :]))
    if answer.verdict is not Verdict.REFUSED:
        passage = _with(passage, state=after(passage.state, Event.ACCEPTED))
    return passage if answer.verdict is Verdict.ACCEPTED else _at_once(passage, now_ms)


def received(passage: Passage, receipt: Receipt) -> Passage:
    """Take word of it. Only the device's word ends the search for another channel; a provider's failure hastens it."""
    if not receipt.from_device:
        passage = _with(passage, tries=tuple(_noted(one, passage, receipt) for one in passage.tries))
        return _at_once(passage, receipt.at_ms) if receipt.step is Step.FAILED else passage
    passage = _with(passage, receipts=(*passage.receipts, receipt))
    if receipt.step is Step.FAILED:
        return _at_once(passage, receipt.at_ms)
    passage = _with(passage, state=after(passage.state, _EVENTS[receipt.step]))
    return _with(passage, next_ms=None) if _is_enough(passage) else passage


def replaced(passage: Passage) -> Passage:
    """A newer message of the topic takes its place."""
    return _ended(passage, Event.NEWER)


def resumed(passage: Passage, now_ms: int, idempotent: Collection[str]) -> tuple[Passage, list[int]]:
    """Take up a passage after a restart. Return it and the tries to hand over again.

    Of a try without an answer nobody knows whether it went out. Where the eye sees one of each key it goes out again; where it
    would see two, the next channel's turn comes.
    """
    again: list[int] = []
    for number, one in enumerate(passage.tries):
        if one.verdict is not None:
            continue
        if passage.ways[one.way].channel in idempotent:
            again.append(number)
        else:
            passage = answered(passage, number, Answer(Verdict.UNKNOWN, why="restart"), now_ms)
    return passage, again


def message_of(passage: Passage, number: int) -> Message:
    """Return the message of one try, with its address."""
    return msgspec.structs.replace(passage.message, address=passage.ways[passage.tries[number].way].address)


def _choose(passage: Passage, now_ms: int, rules: DeliveryRules, idempotent: Collection[str]) -> tuple[int | None, int | None]:
    """Return the rung whose turn it is now; or None and when to look again; or twice None when no hope is left."""
    last = {one.way: one for one in passage.tries}
    for way in range(len(passage.ways)):
        if way not in last:
            return way, None
    rest_ms = round(rules.retry_after_s * 1000) if passage.rest_ms is None else passage.rest_ms
    again = {way: (one.ended_ms or now_ms) + rest_ms for way, one in last.items() if _may_repeat(passage, one, idempotent)}
    ready = [way for way, at_ms in again.items() if at_ms <= now_ms]
    if ready:
        return ready[0], None
    if again:
        return None, min(*again.values(), passage.message.until_ms)
    # Nothing to repeat; but a message is out, or may be, and word of it may come.
    is_out = any(one.verdict is not Verdict.REFUSED for one in passage.tries)
    return None, passage.message.until_ms if is_out else None


def _may_repeat(passage: Passage, one: Try, idempotent: Collection[str]) -> bool:
    if one.verdict is None or one.verdict is Verdict.ACCEPTED or one.is_gone:
        return False
    if one.verdict is Verdict.REFUSED or passage.ways[one.way].channel in idempotent:
        return True
    # It may be seen twice; that is better than not at all.
    return not any(other.verdict in {None, Verdict.ACCEPTED} for other in passage.tries)


def _noted(one: Try, passage: Passage, receipt: Receipt) -> Try:
    is_meant = passage.ways[one.way].channel == receipt.channel and (receipt.reference is None or receipt.reference == one.reference)
    return msgspec.structs.replace(one, provider=receipt.step) if is_meant else one


def _is_enough(passage: Passage) -> bool:
    return passage.state in _RANK and _RANK.index(passage.state) >= _NEEDED[passage.enough]


def _at_once(passage: Passage, now_ms: int) -> Passage:
    return _with(passage, next_ms=now_ms) if is_open(passage) else passage


def _ended(passage: Passage, event: Event) -> Passage:
    return _with(passage, state=after(passage.state, event), next_ms=None)


def _with(passage: Passage, **changes: object) -> Passage:
    return msgspec.structs.replace(passage, **changes)
