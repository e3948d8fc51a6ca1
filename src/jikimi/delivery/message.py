"""What is handed over, what the provider answers, and what is heard of it later."""

from __future__ import annotations

import enum
from typing import Any, Final

import msgspec

DAILY: Final = "daily"
"""The first word of the topic of a handset's daily test."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A rendered notice on its way to one address. Holds no position.

    Attributes:
        key: the notice's name, the same at each repetition: who shows it shows one of each key.
        topic: a newer message of the same topic takes this one's place.
        address: a telephone number, a mail address, a push subscription as JSON, an endpoint: as the channel understands it.
        title, text: what a person reads.
        language: BCP 47 tag of both.
        urgent: whether it may wake somebody.
        sent_ms: when the notice was made.
        until_ms: never handed over or shown from this time on.
        is_drill: whether it is an exercise; the text says so too.
        update_of: key of the message of this topic before it, where there was one.
        ends: whether it takes back what the topic said.
        connect: in a call: the number of the other one, who is joined when the first presses the key; None where nobody is.
        details: what a machine reads beside the words, where something goes with them from the first; no position either.
    """

    key: str
    topic: str
    address: str
    title: str
    text: str
    language: str
    urgent: bool
    sent_ms: int
    until_ms: int
    is_drill: bool = False
    update_of: str | None = None
    ends: bool = False
    connect: str | None = None
    details: dict[str, Any] | None = None


def recipient_of(message: Message) -> str:
    """Return to whom a message goes: what stands in its topic after what it is about, without the text's name where it has one."""
    about, _, rest = message.topic.partition(" ")
    return rest if about == DAILY else rest.rpartition(" ")[0]


class Verdict(enum.StrEnum):
    """What became of handing over."""

    ACCEPTED = "accepted"
    """The provider said that it took the message. It says nothing of the eye."""
    REFUSED = "refused"
    """The message surely went nowhere."""
    UNKNOWN = "unknown"
    """No answer in time, or the line broke after sending: it may have gone out."""


class Answer(msgspec.Struct, frozen=True):
    """A provider's answer.

    Attributes:
        verdict: what became of it.
        reference: the provider's name for the message, by which its receipts come.
        why: a word for the operator (``throttled``, ``gone``, ``timeout``); never an address or a text.
        is_fault: whether it speaks against the channel as a whole, and not only against this address.
        is_gone: whether the address will never work again.
    """

    verdict: Verdict
    reference: str | None = None
    why: str | None = None
    is_fault: bool = False
    is_gone: bool = False


class Step(enum.StrEnum):
    """How far a message came, by a receipt."""

    DELIVERED = "delivered"
    SHOWN = "shown"
    SEEN = "seen"
    FAILED = "failed"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Word of a message.

    Attributes:
        key: the notice's, or None where only the provider's reference is known.
        reference: the provider's, with ``channel``.
        step: how far it came.
        at_ms: when we heard.
        from_device: whether the device or its holder said so. A provider's word is kept and never believed.
        by: who was signed in where it was said: the word counts for notices to that person alone. None where nobody signs in.
    """

    key: str | None
    reference: str | None = None
    channel: str | None = None
    step: Step
    at_ms: int
    from_device: bool
    by: str | None = None


class BadReceiptError(Exception):
    """A provider's word cannot be read. The sentence says what is expected and repeats nothing."""
