"""What the oversight app asks of the runtime, and the shape in which it is told: no position anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from jikimi.disclosure.copying import Copy, Decision
from jikimi.disclosure.review import Outcome, Review


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries of the ledger are looked for. None: whatever it is.

    Attributes:
        person: about this person or order.
        officer: by this member of staff.
        purpose: for this purpose.
        from_ms, until_ms: within [from_ms, until_ms).
        before: only entries numbered below this one: the next page.
    """

    person: str | None = None
    officer: str | None = None
    purpose: str | None = None
    from_ms: int | None = None
    until_ms: int | None = None
    before: int | None = None


class Named(msgspec.Struct, frozen=True):
    """Somebody: the id, and what the desk calls the person, if it is one of the register's."""

    id: str
    label: str | None


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the ledger, as far as it can still be opened. What was erased is missing from it."""

    entry: int
    at_ms: int
    act: str
    what: str
    purpose: str
    audience: str
    client: str
    network: str
    who: str | None
    whose: list[Named]
    order: str | None
    recipient: str | None
    reason: str | None


class Lookups(msgspec.Struct, frozen=True, kw_only=True):
    """A page of entries, newest first. ``before`` asks for the next one; None where there is none."""

    rows: list[Lookup]
    before: int | None


class Count(msgspec.Struct, frozen=True):
    """How many entries of the month have this name."""

    name: str
    count: int


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger's newest checkpoint: how many entries, their root in hexadecimal digits, the note that is signed, and the key."""

    size: int
    root: str
    note: str
    key: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One month of looking, counted from the ledger's own entries.

    ``first`` and ``last`` are the numbers of the month's entries, None where there is none.
    """

    month: str
    from_ms: int
    until_ms: int
    first: int | None
    last: int | None
    entries: int
    purposes: list[Count]
    audiences: list[Count]
    acts: list[Count]
    officers: list[Count]
    reviews_opened: list[Count]
    reviews_decided: list[Count]
    reviews_late: int
    copies_made: int
    copies_permitted: int
    copies_unpermitted: int
    head: Head | None


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """One order's record: when each class of data falls due. None: not before the order has ended."""

    order: str
    policy: str
    ended_ms: int | None
    outcome: str | None
    due: dict[str, int | None]


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """A court's word that a record stays: the hold's name, who recorded it and why, and until when."""

    hold: str
    order: str
    authority: str
    reason: str
    by: str
    until_ms: int


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """An erasure under way."""

    order: str
    data: str
    begun_ms: int
    due_ms: int
    done: int


class RetentionState(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept until when, what is held back, and what is being erased now."""

    keeps: list[Keep]
    holds: list[Holding]
    erasures: list[Going]
    overdue: int


class Overseen(Protocol):
    """Runs beside the server: reads the ledger, keeps reviews and copies."""

    async def lookups(self, question: Question, by: str) -> Lookups:
        """Return entries, after it was written down that ``by`` asked for them."""
        ...

    async def report(self, month: str, by: str) -> Report:
        """Return a month (``2026-11``), after it was written down that ``by`` asked for it.

        Raises:
            ValueError: that is no month.
        """
        ...

    async def head(self) -> Head | None:
        """Return the newest checkpoint, or None before the first."""
        ...

    async def proof(self, entry: int, by: str) -> str:
        """Return the proof of one entry, as text.

        Raises:
            LookupError: no checkpoint holds it yet.
        """
        ...

    async def consistency(self, old: int, by: str) -> str:
        """Return the proof that the first ``old`` entries are still the same, as text.

        Raises:
            LookupError: no checkpoint holds that many entries.
        """
        ...

    async def retention(self) -> RetentionState:
        """Return what is kept until when."""
        ...

    async def reviews(self) -> list[Review]:
        """Return open reviews, and those of the last 92 days."""
        ...

    async def take(self, review_id: str, by: str) -> None:
        """Make somebody the owner of a review."""
        ...

    async def decide(self, review_id: str, by: str, outcome: Outcome, reason: str) -> None:
        """Say what a look was, and why."""
        ...

    async def copies(self) -> Sequence[Copy]:
        """Return the copies made for investigations, without what is in them."""
        ...

    async def permit(self, copy_id: str, decision: Decision, by: str) -> None:
        """Record a court's permission for a copy."""
        ...

    def number(self) -> int:
        """Return another number whenever something here may have changed."""
        ...
