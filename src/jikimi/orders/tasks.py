"""What somebody must do by when. A task always has an owner by name: work that belongs to everybody is done by nobody."""

from __future__ import annotations

import enum
import hashlib
from typing import Final

import msgspec


class Reason(enum.StrEnum):
    """Why a task exists. Each has a text in ``policy/agencies``."""

    REQUEST_APPROVAL = "request_approval"
    MEASURE_ENDS = "measure_ends"
    ENDS_DIFFER = "ends_differ"
    LINK = "link"
    LINK_CONFIRMED = "link_confirmed"
    STEP_LATE = "step_late"
    NOT_REPORTING = "not_reporting"
    DECLINED = "declined"
    TELL_DECISION = "tell_decision"
    """Somebody whom the law names has to be told what a court decided: one task for each."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One thing for one member of staff.

    Attributes:
        task_id: made of its reason and what it is about, so that the same thing is never asked twice.
        owner: who must do it.
        reason: why.
        made_ms, due_ms: when it arose, and by when it must be done.
        order_id: the order it belongs to.
        about: what in particular: a measure, a step, a link, a device; or None.
        person_id: the protected or monitored person concerned, or None.
        done_ms, done_by, outcome: when and by whom it was closed, and in which words; None while it is open.
        notice: how far the notice came that a machine sends in the owner's place (``waiting``, ``handed``, ``failed``, ``expired``);
            None where none is sent.
    """

    task_id: str
    owner: str
    reason: Reason
    made_ms: int
    due_ms: int
    order_id: str
    about: str | None = None
    person_id: str | None = None
    done_ms: int | None = None
    done_by: str | None = None
    outcome: str | None = None
    notice: str | None = None


MOOT_WHEN_ENDED: Final = frozenset(
    {Reason.REQUEST_APPROVAL, Reason.MEASURE_ENDS, Reason.ENDS_DIFFER, Reason.STEP_LATE, Reason.NOT_REPORTING}
)
"""An order's end answers these. Who declined, who may be whom, and who is to be told, must be settled all the same."""

BY_HAND: Final = frozenset(
    {
        Reason.DECLINED,
        Reason.LINK_CONFIRMED,
        Reason.ENDS_DIFFER,
        Reason.MEASURE_ENDS,
        Reason.NOT_REPORTING,
        Reason.TELL_DECISION,
    }
)
"""Whoever owns these says that they are done; the others end by the very thing they ask for."""


def task_id(reason: Reason, *parts: str) -> str:
    """Return the name of the task about these things: 24 hexadecimal digits that tell a reader nothing."""
    digest = hashlib.sha256(b"jikimi task 1")
    for part in (reason.value, *parts):
        digest.update(b"%d:%b" % (len(part.encode()), part.encode()))
    return digest.hexdigest()[:24]


def done(task: Task, at_ms: int, by: str, outcome: str) -> Task:
    """Return the task closed. One that was closed before stays as it was."""
    if task.done_ms is not None:
        return task
    return msgspec.structs.replace(task, done_ms=at_ms, done_by=by, outcome=outcome)
