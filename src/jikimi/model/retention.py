"""How long a jurisdiction keeps what, and what a court may hold back: data, with sources."""

from __future__ import annotations

import datetime as dt
import enum

import msgspec


class DataClass(enum.StrEnum):
    """What is kept about people. Each has a period of its own."""

    POSITIONS = "positions"
    """Every fix of both sides, and what was learned from them."""
    INCIDENTS = "incidents"
    """Incidents with their texts, and the notices that went out."""
    REGISTER = "register"
    """The order, who is named in it, devices, addresses, tasks."""
    LEDGER = "ledger"
    """Whom the ledger's entries were about. The entries themselves stay, so that every proof holds."""


class Outcome(enum.StrEnum):
    """How an order ended, as far as retention asks."""

    LAPSED = "lapsed"
    """Cancelled by law, since the approval was not requested in time."""
    EXPIRED = "expired"
    REVOKED = "revoked"
    ACQUITTED = "acquitted"
    DISMISSED = "dismissed"


class Period(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long after the end: ``years``, ``months`` or ``days``, one of the three; ``days = 0`` is at once."""

    years: int | None = None
    months: int | None = None
    days: int | None = None
    source: str


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """These classes of data go so long after an order ended in one of these ways."""

    data: tuple[DataClass, ...]
    outcomes: tuple[Outcome, ...]
    keep: Period


class Within(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many hours after it fell due an erasure is finished at the latest."""

    hours: int
    source: str


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One jurisdiction's periods, one version.

    Attributes:
        policy_id: the jurisdiction; orders refer to it.
        version: of this table.
        valid_from, valid_until: which days this version is for; the end is exclusive or unknown.
        time_zone: whose calendar days count.
        within: how soon an erasure that fell due is finished.
        rules: exactly one for each class of data and each outcome.
    """

    policy_id: str
    version: str
    valid_from: dt.date
    valid_until: dt.date | None = None
    time_zone: str
    within: Within
    rules: tuple[Rule, ...]

    def keep(self, data: DataClass, outcome: Outcome) -> Period:
        """Return how long a class of data is kept after such an end. A table that was loaded has exactly one answer."""
        return next(rule.keep for rule in self.rules if data in rule.data and outcome in rule.outcomes)


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A court's word that an order's record must stay for now. It ends by itself.

    Attributes:
        hold_id: its name.
        order_id: whose record stays.
        authority: the court, and the number of its decision.
        reason: why; names nobody.
        by: who entered it.
        from_ms, until_ms: holds from (inclusive) to (exclusive).
    """

    hold_id: str
    order_id: str
    authority: str
    reason: str
    by: str
    from_ms: int
    until_ms: int
