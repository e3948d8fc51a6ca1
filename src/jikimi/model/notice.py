"""What an incident asks delivery to tell one recipient. It says which text with which words in it, never a text itself."""

from __future__ import annotations

import enum
import re
from typing import Final

import msgspec

LIFE_MS: Final = 60_000
"""No notice lives longer. What is older is not true any more; a newer one takes its place."""

_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_WORD = re.compile(r"[a-z][a-z0-9_]*|[0-9]{1,6}")


class Side(enum.StrEnum):
    """To whom a notice goes. Each has texts of its own."""

    PROTECTED = "protected"
    MONITORED = "monitored"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    RESPONDER = "responder"


class Urgency(enum.StrEnum):
    """How hard a notice knocks."""

    HUSHED = "hushed"
    """On an open screen alone, without a sound: she called silently."""
    QUIET = "quiet"
    PROMPT = "prompt"
    ALARM = "alarm"
    """May wake somebody; at least three channels."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one recipient. Holds no position, name or telephone number.

    Attributes:
        notice_id: the same at each repetition of the same act: whoever keeps or shows notices keeps one of each.
        incident_id: what it is about; newer notices of one incident, recipient and text take the place of older ones.
        audience: which side the recipient is on.
        recipient_id: a person, a member of staff, or an agency of the policy (``police``).
        kind: what it is for: ``alarm``, ``escalation``, ``repeat``, ``task``, ``instruction``, ``closed``.
        urgency: how hard it knocks; delivery chooses the channels by it.
        created_ms, expires_ms: when it was made, and from when on it is never delivered; at most ``LIFE_MS`` apart.
        replaces: the notice whose place it takes, or None.
        text_key: which text (``alarm.protected.approach``).
        arguments: words and whole numbers for it, each a lower-case word or up to six digits: no coordinate fits in.
        drill: whether it is an exercise, and must say so.
    """

    notice_id: str
    incident_id: str
    audience: Side
    recipient_id: str
    kind: str
    urgency: Urgency
    created_ms: int
    expires_ms: int
    replaces: str | None = None
    text_key: str
    arguments: dict[str, str] = {}
    drill: bool = False

    def __post_init__(self) -> None:
        """Hold the notice to its invariants.

        Raises:
            ValueError: it lives too long, its text has no proper key, an argument is no word, or one for him has any argument.
        """
        if not 0 < self.expires_ms - self.created_ms <= LIFE_MS:
            raise ValueError("A notice lives between 1 ms and 60 s.")
        if _KEY.fullmatch(self.text_key) is None:
            raise ValueError("A text's key is lower-case words joined by dots.")
        if any(_WORD.fullmatch(value) is None for value in self.arguments.values()):
            raise ValueError("An argument of a notice is one lower-case word or a whole number of up to six digits.")
        if self.audience is Side.MONITORED and self.arguments:
            raise ValueError("A notice to the monitored person has no arguments: any of them could tell where she is.")
