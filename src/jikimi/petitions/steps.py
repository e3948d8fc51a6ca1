"""What she is told of her petition while a court has it: a word for where it stands. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from jikimi.petitions.docket import Docketed
from jikimi.petitions.status import DECIDED, Status


class Step(enum.StrEnum):
    """Where her petition stands, as she reads it."""

    RECEIVED = "received"
    RETURNED = "returned"
    """Something is missing: she may mend it and file it anew."""
    HEARING = "hearing"
    """A day for a hearing is set, and still to come."""
    INTERIM = "interim"
    """An interim order holds until the court decides."""
    GRANTED = "granted"
    GRANTED_IN_PART = "granted_in_part"
    DECIDED = "decided"
    """The court refused and has not yet told her: it tells her itself, with its reasons. A telephone is not the one to say no."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_STEP: Final[Mapping[Status, Step]] = {
    Status.DRAFT: Step.RETURNED,
    Status.FILED: Step.RECEIVED,
    Status.RECEIVED: Step.RECEIVED,
    Status.INTERIM: Step.INTERIM,
    Status.GRANTED: Step.GRANTED,
    Status.GRANTED_IN_PART: Step.GRANTED_IN_PART,
    Status.REFUSED: Step.REFUSED,
    Status.WITHDRAWN: Step.WITHDRAWN,
}


def step_of(row: Docketed, now_ms: int) -> Step:
    """Return where a petition stands. What holds for her is said at once; a refusal only once the court has told her."""
    if row.status is Status.REFUSED and row.told_ms is None:
        return Step.DECIDED
    if row.status is Status.RECEIVED and hearing_ms(row, now_ms) is not None:
        return Step.HEARING
    return _STEP[row.status]


def hearing_ms(row: Docketed, now_ms: int) -> int | None:
    """Return when she is heard next, or None: one that is over, or of a petition that is decided, is no more."""
    if row.hearing_ms is None or row.hearing_ms <= now_ms or row.status in DECIDED | {Status.WITHDRAWN, Status.DRAFT}:
        return None
    return row.hearing_ms
