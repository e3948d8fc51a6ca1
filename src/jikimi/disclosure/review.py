"""A review: a person looks into an unusual look, hears who looked, and says what it was and why.

It is work for people. It closes no view and delays no alarm, whatever comes out.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

import msgspec

from jikimi.disclosure.vigil import Finding, Unusual


class Outcome(enum.StrEnum):
    """What a look turned out to be."""

    JUSTIFIED = "justified"
    MISTAKE = "mistake"
    MISUSE = "misuse"


class Status(enum.StrEnum):
    """Where a review stands."""

    OPEN = "open"
    DECIDED = "decided"


class Step(enum.StrEnum):
    """What is done to a review."""

    TAKE = "take"
    DECIDE = "decide"


TABLE: Final[Mapping[Status, Mapping[Step, Status]]] = {
    Status.OPEN: {Step.TAKE: Status.OPEN, Step.DECIDE: Status.DECIDED},
    Status.DECIDED: {},
}
"""From each state, what may be done and where it leads. What was decided stands."""


class ReviewError(ValueError):
    """An act on a review is refused. The text is a sentence for whoever asked."""


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """Something unusual that a person looks into.

    Attributes:
        review_id: its name.
        kind: what was unusual.
        viewer: who looked.
        subject: whom or which pair the last look concerned.
        opened_ms, due_ms: when it was opened, and after when it is late.
        times: how many looks it is about.
        owner: who looks into it, or None while nobody may.
        status: where it stands.
        outcome, reason, decided_ms: what it was, why, and when that was said; None while open.
    """

    review_id: str
    kind: Unusual
    viewer: str
    subject: str
    opened_ms: int
    due_ms: int
    times: int
    owner: str | None
    status: Status = Status.OPEN
    outcome: Outcome | None = None
    reason: str | None = None
    decided_ms: int | None = None


def opened(review_id: str, finding: Finding, owner: str | None, review_s: float) -> Review:
    """Return a new review of something unusual."""
    return Review(
        review_id=review_id,
        kind=finding.kind,
        viewer=finding.viewer,
        subject=finding.pair_id,
        opened_ms=finding.at_ms,
        due_ms=finding.at_ms + int(review_s * 1000.0),
        times=finding.times,
        owner=owner,
    )


def again(review: Review, finding: Finding) -> Review:
    """Return an open review that met the same once more: one review, however often."""
    return msgspec.structs.replace(review, times=review.times + finding.times, subject=finding.pair_id)


def taken(review: Review, by: str) -> Review:
    """Return the review with another owner.

    Raises:
        ReviewError: it was decided, or it is about whoever asks.
    """
    return msgspec.structs.replace(review, status=_after(review, Step.TAKE, by), owner=by)


def decided(review: Review, by: str, outcome: Outcome, reason: str, now_ms: int) -> Review:
    """Return the review as decided.

    Raises:
        ReviewError: it was decided before, it is about whoever asks, or no reason is given.
    """
    if not reason.strip():
        raise ReviewError("Say why: the reason stands in the ledger.")
    status = _after(review, Step.DECIDE, by)
    return msgspec.structs.replace(review, status=status, owner=by, outcome=outcome, reason=reason.strip(), decided_ms=now_ms)


def _after(review: Review, step: Step, by: str) -> Status:
    if by == review.viewer:
        raise ReviewError("This review is about you: somebody else looks into it.")
    found = TABLE[review.status].get(step)
    if found is None:
        raise ReviewError("This review was decided; what was decided stands.")
    return found
