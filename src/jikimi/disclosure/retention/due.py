"""When something falls due: an order's end, how it ended, the jurisdiction's table, and courts that hold it back.

An order *claims* the positions of the persons it names for every day it touches. What several orders claim stays until none of them
needs it any more; what no order claims has no reason to be here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from jikimi.model.register import Act, CourtOrder, OrderEvent, Status
from jikimi.model.retention import DataClass, Hold, Outcome, Period, Retention
from jikimi.orders.days import begin_ms, day_of, months_later
from jikimi.orders.project import NEVER_MS

DAY_MS: Final = 86_400_000
FAR_MS: Final = 221_845_392_000_000
"""The year 9000: what ends so late was never meant to, and calendars end a thousand years after."""
_YEAR_MONTHS: Final = 12

_OUTCOMES: Final[Mapping[Status, Outcome]] = {
    Status.EXPIRED: Outcome.EXPIRED,
    Status.REVOKED: Outcome.REVOKED,
    Status.ACQUITTED: Outcome.ACQUITTED,
    Status.DISMISSED: Outcome.DISMISSED,
}


class End(NamedTuple):
    """When an order ended, and how."""

    at_ms: int
    outcome: Outcome


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one order needs to be kept.

    Attributes:
        order_id, policy_id: the order, and whose periods count.
        persons: everybody it names.
        from_ms: when it began.
        end: its end, or None while it has not ended: then nothing of it falls due.
    """

    order_id: str
    policy_id: str
    persons: frozenset[str]
    from_ms: int
    end: End | None

    def touches(self, day: int) -> bool:
        """Return whether the order held on some part of a day (counted from 1970-01-01, UTC)."""
        return self.from_ms < (day + 1) * DAY_MS and (self.end is None or self.end.at_ms >= day * DAY_MS)


def claim_of(order: CourtOrder, events: Iterable[OrderEvent]) -> Claim:
    """Return what a court's order claims; its events say whether it was revoked by a court or cancelled by law."""
    outcome = _OUTCOMES.get(order.status)
    end: End | None = None
    if outcome is not None and order.ended_ms is not None:
        lapsed = outcome is Outcome.REVOKED and any(event.act is Act.LAPSE for event in events)
        end = End(order.ended_ms, Outcome.LAPSED if lapsed else outcome)
    persons = frozenset((*order.monitored_ids, *(one.person_id for one in order.protected)))
    return Claim(order_id=order.order_id, policy_id=order.policy_id, persons=persons, from_ms=order.from_ms, end=end)


def after_ms(end_ms: int, period: Period, zone: ZoneInfo) -> int:
    """Return the moment at which a period is over. None at all ends with the end itself, any other with the end of a calendar day."""
    if end_ms >= FAR_MS:
        return NEVER_MS
    first = day_of(end_ms, zone) + dt.timedelta(days=1)
    months = (period.years or 0) * _YEAR_MONTHS + (period.months or 0)
    if months:
        return begin_ms(months_later(first, months), zone)
    return begin_ms(first + dt.timedelta(days=period.days), zone) if period.days else end_ms


class Calendar:
    """Says when what falls due.

    Args:
        tables: each jurisdiction's periods, by policy id.
        holds: what courts hold back.
        now_ms: the time now; a hold that was entered late holds what is still there.
    """

    def __init__(self, tables: Mapping[str, Retention], holds: Iterable[Hold], now_ms: int) -> None:
        self._tables = tables
        self._holds: dict[str, list[Hold]] = {}
        for hold in sorted(holds, key=lambda one: one.from_ms):
            self._holds.setdefault(hold.order_id, []).append(hold)
        self._now_ms = now_ms

    def due_ms(self, claim: Claim, data: DataClass) -> int | None:
        """Return when an order's record of one class falls due; None while nothing says when: it lasts, or its law has no table."""
        table = self._tables.get(claim.policy_id)
        if claim.end is None or table is None:
            return None
        due_ms = after_ms(claim.end.at_ms, table.keep(data, claim.end.outcome), ZoneInfo(table.time_zone))
        for hold in self._holds.get(claim.order_id, ()):
            if hold.from_ms <= max(due_ms, self._now_ms):
                due_ms = max(due_ms, hold.until_ms)
        return due_ms

    def latest_ms(self, claims: Collection[Claim], data: DataClass) -> int | None:
        """Return when the last of several orders needs a class of data no more; None while one of them does without an end.

        Raises:
            ValueError: there is none.
        """
        dues = [self.due_ms(claim, data) for claim in claims]
        return None if None in dues else max(due for due in dues if due is not None)

    def within_ms(self, policy_ids: Iterable[str]) -> int:
        """Return how long after falling due an erasure may take: the shortest of these jurisdictions'."""
        hours = [self._tables[name].within.hours for name in policy_ids if name in self._tables]
        return min(hours, default=24) * 3_600_000
