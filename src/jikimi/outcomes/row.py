"""The outcome register's rows: one for each incident, order and petition, holding nothing by which anybody could be found.

A row says the quarter and the region, never a day, and times are rounded to ten seconds. ``group`` tells the rows of one order from
those of another, for a table must not rest on one woman's hundred alarms; it is a random word that stands nowhere else once the order
is erased.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

ROUND_S: Final = 10


class HarmDone(enum.StrEnum):
    """What happened to her, as a person found out afterwards."""

    NONE = "none"
    THREATENED = "threatened"
    HURT = "hurt"
    KILLED = "killed"


class Warned(enum.StrEnum):
    """Whether she was told of an approach."""

    BEFORE = "before"
    """Her screen showed the alarm before he was inside the order's distance, or he never was."""
    LATE = "late"
    """It showed it when he was inside already."""
    NOT = "not"
    """No screen of hers ever showed it."""


class Decision(enum.StrEnum):
    """What a court first said to a petition."""

    GRANTED = "granted"
    IN_PART = "in_part"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    PENDING = "pending"


DROPPED: Final = ("no_need", "afraid_of_him", "false_alarms", "burden", "distrust", "moved_away", "other")
"""Why somebody declined or left, where she cared to say."""
REFUSED: Final = ("no_danger_shown", "not_competent", "too_late", "formal", "other_measure", "other")
"""Why a court refused."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What responders, courts or the office found out about an incident afterwards; None: nobody knows yet.

    Attributes:
        breach: whether he broke the order.
        arrested: whether he was arrested.
        harm: what happened to her.
        is_false: whether the alarm was judged false.
        by: who entered it, an account. Not part of any row.
        at_ms: when.
    """

    breach: bool | None = None
    arrested: bool | None = None
    harm: HarmDone | None = None
    is_false: bool | None = None
    by: str
    at_ms: int


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    policy_id: str
    year: int
    quarter: int
    region: str | None
    group: str


class IncidentRow(_Row, frozen=True, kw_only=True, tag="incident"):
    """One resolved incident that was no drill.

    Attributes:
        policy_id, year, quarter, region, group: which law, when it was opened by that law's clock, where, and which order's rows these are.
        kind: what opened it.
        warned: of an approach only.
        lead_s: of an approach in which he came inside the order's distance: from the alarm on her screen until then; else None.
        acknowledged_s, contact_s, sent_s, arrived_s: from its opening until an operator had it, somebody spoke with her, the first
            responder was sent and the first one arrived; None where it never happened.
        outcome: how it ended, by the one who closed it.
        breach, arrested, is_false, harm: as found out; None while nobody knows.
        blind_s: how long he, or she, could not be seen, where silence was part of it.
    """

    kind: str
    warned: Warned | None = None
    lead_s: int | None = None
    acknowledged_s: int | None = None
    contact_s: int | None = None
    sent_s: int | None = None
    arrived_s: int | None = None
    outcome: str
    breach: bool | None = None
    arrested: bool | None = None
    is_false: bool | None = None
    harm: HarmDone | None = None
    blind_s: int | None = None


class OrderRow(_Row, frozen=True, kw_only=True, tag="order"):
    """One protected person under one order that was decided.

    Attributes:
        policy_id, year, quarter, region, group: as above; the time of the decision.
        basis_id: the kind of order.
        tagged: whether he wears a tag under it.
        protecting_s: from the decision until the last step of the funnel; None where she is not yet fully protected by it.
        status: where the order stands.
        took_part: whether she takes part; False where she declined or left, None where she was not asked.
        dropped_why: the reason given when she declined or left, a word of ``DROPPED``; None where she did not.
    """

    basis_id: str
    tagged: bool
    protecting_s: int | None
    status: str
    took_part: bool | None
    dropped_why: str | None = None


class PetitionRow(_Row, frozen=True, kw_only=True, tag="petition"):
    """One petition that was filed.

    Attributes:
        policy_id, year, quarter, region, group: as above; the time of filing.
        decision: what the court said.
        why: the kind of reason of a refusal, a word of ``REFUSED``, or None.
        decided_s: from filing to the first decision, an interim one too; None while there is none.
    """

    decision: Decision
    why: str | None
    decided_s: int | None


Row: TypeAlias = IncidentRow | OrderRow | PetitionRow


def rounded(span_ms: float | None) -> int | None:
    """Return a span in seconds, to ten of them; None stays None and nothing is below zero."""
    return None if span_ms is None else max(0, round(span_ms / 1000 / ROUND_S) * ROUND_S)


def season(at_ms: int, time_zone: str) -> tuple[int, int]:
    """Return the year and the quarter (1 to 4) of a moment by a jurisdiction's clock."""
    day = dt.datetime.fromtimestamp(at_ms / 1000, ZoneInfo(time_zone))
    return day.year, (day.month + 2) // 3
