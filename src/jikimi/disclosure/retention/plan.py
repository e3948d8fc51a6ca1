"""What is to be erased now, and when there is something again: computed from what is there, so that no restart forgets it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from jikimi.disclosure.retention.due import DAY_MS, Calendar, Claim
from jikimi.model.retention import DataClass

UNCLAIMED_DAYS: Final = 7
"""Positions of a day on which no order named the person: a tag is fitted and tried before an order begins, and its device goes on
for a while after the end. They go a week later, when the journal has dropped them by itself."""
OPEN_INCIDENT_MS: Final = 12 * 3_600_000
"""An incident that people still work on is not taken out of their hands for the first half of the day that an erasure may take."""


class PersonDay(NamedTuple):
    """One person's one day in the vault."""

    person_id: str
    day: int


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """What there is that may fall due.

    Attributes:
        claims: of every order in the books.
        days: days of persons in the vault: all days of whom a claim that is due names, and of others those that no order claims.
        incidents: orders of which incidents or notices are kept; True where one of them is open.
        persons: everybody the register knows.
        subjects: whom the ledger still knows after the register forgot them, and when they fall due there.
    """

    claims: tuple[Claim, ...] = ()
    days: Mapping[str, Collection[int]] = msgspec.field(default_factory=dict)
    incidents: Mapping[str, bool] = msgspec.field(default_factory=dict)
    persons: frozenset[str] = frozenset()
    subjects: Mapping[str, int] = msgspec.field(default_factory=dict)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is due.

    Attributes:
        days: in the vault, which an order claimed.
        unclaimed: in the vault, which none claimed.
        incidents: orders whose incidents and notices go.
        orders: orders that leave the register.
        persons: persons that leave it.
        subjects: persons and orders that the ledger is to forget.
        ledger: who leaves the register, and when the ledger forgets them.
        since_ms: when the first of it fell due; None where nothing is due.
        next_ms: when the next thing falls due; None where nothing ever will as things stand.
        overdue: whether something is due for longer than its law allows.
    """

    days: tuple[PersonDay, ...] = ()
    unclaimed: tuple[PersonDay, ...] = ()
    incidents: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    ledger: Mapping[str, int] = msgspec.field(default_factory=dict)
    since_ms: int | None = None
    next_ms: int | None = None
    overdue: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is due."""
        return self.since_ms is None


def plan(present: Present, calendar: Calendar, now_ms: int) -> Plan:
    """Return what is due at ``now_ms``."""
    return _Planner(present, calendar, now_ms).plan()


class _Planner:
    def __init__(self, present: Present, calendar: Calendar, now_ms: int) -> None:
        self._present = present
        self._calendar = calendar
        self._now_ms = now_ms
        self._of: dict[str, list[Claim]] = {}
        for claim in present.claims:
            for person_id in claim.persons:
                self._of.setdefault(person_id, []).append(claim)
        self._first_ms: int | None = None
        self._next_ms: int | None = None

    def plan(self) -> Plan:
        """Look at everything once."""
        days, unclaimed = self._days()
        claims = {claim.order_id: claim for claim in self._present.claims}
        incidents = [name for name in self._present.incidents if name in claims and self._is_due(self._incidents_ms(claims[name]))]
        for claim in claims.values():
            self._expect(self._calendar.due_ms(claim, DataClass.POSITIONS))
        orders = [claim for claim in claims.values() if self._is_due(self._register_ms(claim))]
        gone = {claim.order_id for claim in orders}
        persons = [name for claim in orders for name in claim.persons if all(other.order_id in gone for other in self._of[name])]
        subjects = [name for name, due_ms in self._present.subjects.items() if name not in self._of and self._is_due(due_ms)]
        return Plan(
            days=tuple(days),
            unclaimed=tuple(unclaimed),
            incidents=tuple(incidents),
            orders=tuple(sorted(gone)),
            persons=tuple(sorted({*persons})),
            subjects=tuple(sorted(subjects)),
            ledger=self._ledger(orders, {*persons}),
            since_ms=self._first_ms,
            next_ms=self._next_ms,
            overdue=self._first_ms is not None and self._now_ms >= self._first_ms + self._within_ms(),
        )

    def _days(self) -> tuple[list[PersonDay], list[PersonDay]]:
        claimed: list[PersonDay] = []
        unclaimed: list[PersonDay] = []
        for person_id, days in self._present.days.items():
            for day in days:
                claims = [claim for claim in self._of.get(person_id, ()) if claim.touches(day)]
                due_ms = self._calendar.latest_ms(claims, DataClass.POSITIONS) if claims else (day + 1 + UNCLAIMED_DAYS) * DAY_MS
                if self._is_due(due_ms):
                    (claimed if claims else unclaimed).append(PersonDay(person_id, day))
        return claimed, unclaimed

    def _incidents_ms(self, claim: Claim) -> int | None:
        due_ms = self._calendar.due_ms(claim, DataClass.INCIDENTS)
        return due_ms + OPEN_INCIDENT_MS if due_ms is not None and self._present.incidents.get(claim.order_id) else due_ms

    def _register_ms(self, claim: Claim) -> int | None:
        """An order leaves the register last: what is found by it must be gone before."""
        due_ms = self._calendar.due_ms(claim, DataClass.REGISTER)
        if due_ms is None or claim.order_id not in self._present.incidents:
            return due_ms
        incidents_ms = self._incidents_ms(claim)
        return None if incidents_ms is None else max(due_ms, incidents_ms)

    def _ledger(self, orders: Iterable[Claim], persons: Collection[str]) -> dict[str, int]:
        """Return when the ledger forgets those who leave the register now."""
        known: dict[str, int] = {}
        for claim in orders:
            due_ms = self._calendar.due_ms(claim, DataClass.LEDGER)
            assert due_ms is not None, "the order ended, and its law has a table"
            for name in (claim.order_id, *(claim.persons & frozenset(persons))):
                known[name] = max(due_ms, known.get(name, 0))
        return known

    def _within_ms(self) -> int:
        return self._calendar.within_ms(claim.policy_id for claim in self._present.claims)

    def _expect(self, due_ms: int | None) -> None:
        """Look again at a moment that is still to come; whether anything is there then is seen then."""
        if due_ms is not None and due_ms > self._now_ms:
            self._next_ms = due_ms if self._next_ms is None else min(self._next_ms, due_ms)

    def _is_due(self, due_ms: int | None) -> bool:
        if due_ms is None:
            return False
        if due_ms <= self._now_ms:
            self._first_ms = due_ms if self._first_ms is None else min(self._first_ms, due_ms)
            return True
        self._expect(due_ms)
        return False


def due_persons(claims: Iterable[Claim], calendar: Calendar, now_ms: int) -> frozenset[str]:
    """Return whom an order names that needs no positions any more: only their days can be due."""
    found: set[str] = set()
    for claim in claims:
        due_ms = calendar.due_ms(claim, DataClass.POSITIONS)
        if due_ms is not None and due_ms <= now_ms:
            found |= claim.persons
    return frozenset(found)


def unclaimed_days(days: Iterable[int], claims: Iterable[Claim]) -> list[int]:
    """Return the days that none of a person's orders claims."""
    own = list(claims)
    return [day for day in days if not any(claim.touches(day) for claim in own)]
