"""From a petition in a court's docket to its row of the outcome register. Nothing in it needs the court's key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from jikimi.outcomes.row import Decision, PetitionRow, rounded, season
from jikimi.petitions.docket import Docketed, Entry
from jikimi.petitions.practice import first_result
from jikimi.petitions.status import Act, Status

_SAID: Final[Mapping[Act, Decision]] = {
    Act.GRANT: Decision.GRANTED,
    Act.GRANT_IN_PART: Decision.IN_PART,
    Act.REFUSE: Decision.REFUSED,
}
_ANSWERS: Final = frozenset({Act.GRANT_INTERIM, Act.REFUSE_INTERIM, *_SAID})
"""What a petitioner hears first."""


def row_of(row: Docketed, entries: Sequence[Entry], *, time_zone: str, group: str) -> PetitionRow | None:
    """Return the row of a petition; None for one that was sent back and is hers to mend again: it was not filed.

    Args:
        row: as its court keeps it.
        entries: what was done about it, the oldest first.
        time_zone: of the jurisdiction.
        group: which petition's row this is.
    """
    if row.status is Status.DRAFT:
        return None
    year, quarter = season(row.received_ms, time_zone)
    return PetitionRow(
        policy_id=row.policy_id,
        year=year,
        quarter=quarter,
        region=row.region,
        group=group,
        decision=_decision(row, entries),
        why=row.why,
        decided_s=_decided_s(row, entries),
    )


def _decision(row: Docketed, entries: Sequence[Entry]) -> Decision:
    """Return what the court first said: an appeal changes no row. An interim order is no decision on the petition."""
    first = first_result(entries)
    if first is not None:
        return _SAID[first.act]
    return Decision.WITHDRAWN if row.status is Status.WITHDRAWN else Decision.PENDING


def _decided_s(row: Docketed, entries: Sequence[Entry]) -> int | None:
    first = next((one for one in entries if one.act in _ANSWERS), None)
    return None if first is None else rounded(first.at_ms - row.received_ms)
