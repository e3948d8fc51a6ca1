"""From the order to a protected person: which steps are done, which one is late, and whose it is.

An order on paper protects nobody. Between the court and the first alarm stand five steps by four people; each has a clock that
starts when the step before it is done, and an owner who sees it when it runs out.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from itertools import pairwise
from typing import Final, NamedTuple

import msgspec

from jikimi.model.durations import Clocks, Within
from jikimi.model.order import DeviceKind
from jikimi.model.register import CourtOrder

MINUTE_MS: Final = 60_000


class Step(enum.StrEnum):
    """The steps, in their sequence."""

    ORDERED = "ordered"
    NOTIFIED = "notified"
    """She was told of the order."""
    FITTED = "fitted"
    """He wears the tag."""
    PAIRED = "paired"
    """Her app is signed in."""
    FIRST_FIX = "first_fix"
    """His tag was heard with a position."""
    DRILL_DONE = "drill_done"
    """She has had a drill on her phone and knew what to do."""


_WITH_TAG_ONLY: Final = frozenset({Step.FITTED, Step.FIRST_FIX})


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """How far one order has come for one protected person. ``done`` says when each step was; ``shown`` which were shown as late."""

    order_id: str
    person_id: str
    tagged: bool
    done: dict[Step, int]
    shown: frozenset[Step] = frozenset()


class Clock(NamedTuple):
    """A running clock: which step, since when, until when (milliseconds)."""

    step: Step
    since_ms: int
    due_ms: int


def steps(*, tagged: bool) -> list[Step]:
    """Return the steps of an order with or without a tag."""
    return [step for step in Step if tagged or step not in _WITH_TAG_ONLY]


def clocks(funnel: Funnel, limits: Clocks) -> list[Clock]:
    """Return the clocks that run: one for every step not done whose step before is. Steps may be done in any sequence."""
    running: list[Clock] = []
    way = steps(tagged=funnel.tagged)
    for before, step in pairwise(way):
        if step not in funnel.done and before in funnel.done:
            since_ms = funnel.done[before]
            running.append(Clock(step, since_ms, since_ms + span_ms(limit_of(step, limits))))
    return running


def next_due_ms(funnel: Funnel, limits: Clocks) -> int | None:
    """Return when the next step becomes late that was not shown as late already; None when nothing is waited for."""
    return min((clock.due_ms for clock in clocks(funnel, limits) if clock.step not in funnel.shown), default=None)


def with_step(funnel: Funnel, step: Step, at_ms: int) -> Funnel:
    """Return the funnel with a step done; the first time it was done counts."""
    if step in funnel.done or step not in steps(tagged=funnel.tagged):
        return funnel
    return msgspec.structs.replace(funnel, done={**funnel.done, step: at_ms})


def protected(funnel: Funnel) -> bool:
    """Whether every step is done."""
    return all(step in funnel.done for step in steps(tagged=funnel.tagged))


def owner_of(step: Step, order: CourtOrder) -> str:
    """Return who answers for a step."""
    by_step: Mapping[Step, str | None] = {
        Step.FITTED: order.tag_officer,
        Step.FIRST_FIX: order.tag_officer,
        Step.PAIRED: order.protecting_officer,
        Step.DRILL_DONE: order.protecting_officer,
    }
    owner = by_step.get(step)
    return owner if owner is not None else order.owner


def limit_of(step: Step, limits: Clocks) -> Within:
    """Return how soon a step must follow the one before it.

    Raises:
        AttributeError: for ``ORDERED``, which has none before it.
    """
    limit: Within = getattr(limits, step.value)
    return limit


def span_ms(within: Within) -> int:
    """Return a time limit in milliseconds."""
    return round(within.minutes * MINUTE_MS)


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """A device given to somebody: whether it was heard since, and when it came back. ``shown`` once its silence is a task."""

    device_id: str
    kind: DeviceKind
    person_id: str
    order_id: str
    owner: str
    at_ms: int
    heard_ms: int | None = None
    returned_ms: int | None = None
    shown: bool = False


def silent_at_ms(assignment: Assignment, limits: Clocks) -> int | None:
    """Return when an assigned device that stays silent is shown; None where it was heard, came back, or is shown already."""
    if not awaited(assignment) or assignment.shown:
        return None
    return assignment.at_ms + span_ms(limits.reporting)


def awaited(assignment: Assignment) -> bool:
    """Whether a device is out and was not heard yet."""
    return assignment.heard_ms is None and assignment.returned_ms is None
