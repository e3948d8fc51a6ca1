"""The gate before history: who may read where somebody was, of what time, for what.

One function decides, and the closed list of purposes is here. Whoever reads has it written down in the ledger first
(``runtime/history.py``); the vault opens nothing without the grant that this makes.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import Final

import msgspec

from jikimi.disclosure.retention.due import DAY_MS, Claim

MOST_REASON: Final = 300


class Purpose(enum.StrEnum):
    """What history is asked for. A closed list: another purpose is no purpose."""

    EXPORT = "export"
    """An order's or a person's whole record goes to a court, to the person, or to another office: two persons stand for it."""
    COMPARE = "compare"
    """What was imported is held against what it was imported from. Nobody sees it."""


class HistoryRefusedError(ValueError):
    """History stays closed. The text is a sentence for whoever asked; it names nobody."""


class HistoryAsking(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for what.

    Attributes:
        who: the account.
        may: whether its role may ask for this; the caller has looked.
        second: the other account that stands for it, or None.
        purpose: what for.
        order_ids: under which orders.
        person_ids: whose history.
        from_ms, until_ms: of which time.
        reason: in free words.
    """

    who: str
    may: bool
    second: str | None
    purpose: Purpose
    order_ids: tuple[str, ...]
    person_ids: frozenset[str]
    from_ms: int
    until_ms: int
    reason: str


class HistoryGrant(msgspec.Struct, frozen=True, kw_only=True):
    """A permission: the vault's ``Grant``. Days of these persons on which one of these orders held."""

    person_ids: frozenset[str]
    from_ms: int
    until_ms: int

    def covers(self, person_id: str, from_ms: int, until_ms: int) -> bool:
        """Return whether this person's fixes measured in [from_ms, until_ms) may be read."""
        return person_id in self.person_ids and self.from_ms <= from_ms and until_ms <= self.until_ms


def permit(asking: HistoryAsking, claims: Collection[Claim]) -> HistoryGrant:
    """Return the permission to read history.

    Raises:
        HistoryRefusedError: it stays closed, and why.
    """
    if not asking.may:
        raise HistoryRefusedError("This account's role does not allow it.")
    if not asking.reason.strip() or len(asking.reason) > MOST_REASON:
        raise HistoryRefusedError(f"Say why, in 1 to {MOST_REASON} characters.")
    if asking.purpose is Purpose.EXPORT and asking.second in {None, asking.who}:
        raise HistoryRefusedError("An export needs a second person, who is another one.")
    under = [claim for claim in claims if claim.order_id in asking.order_ids]
    if len(under) < len(asking.order_ids) or not under:
        raise HistoryRefusedError("The register knows no such order.")
    if not asking.person_ids <= {name for claim in under for name in claim.persons}:
        raise HistoryRefusedError("The order names nobody like that.")
    begin = min(claim.from_ms for claim in under) // DAY_MS * DAY_MS
    ends = [claim.end.at_ms if claim.end is not None else asking.until_ms for claim in under]
    # Whole days, as the vault keeps them and as an order claims them.
    until = max(ends) // DAY_MS * DAY_MS + DAY_MS
    return HistoryGrant(person_ids=asking.person_ids, from_ms=max(begin, asking.from_ms), until_ms=min(until, asking.until_ms))
