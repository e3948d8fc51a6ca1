"""How an incident and its tasks move. The two tables are the whole rule; the diagrams in the docs are drawn from them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from jikimi.model.moves import arrows


class Status(enum.StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    TASKS_RUNNING = "tasks_running"
    CONTACT_MADE = "contact_made"
    RESOLVED = "resolved"


class Act(enum.StrEnum):
    """What is done about an incident."""

    ACKNOWLEDGE = "acknowledge"
    RUN_TASKS = "run_tasks"
    CONTACT = "contact"
    """Somebody spoke with the protected person, or stands beside her."""
    RESOLVE = "resolve"
    """By a person, with outcome and reason."""
    ALARM = "alarm"
    """A new alarm of hers, a call or an approach, in an incident that somebody has: who had it before has not seen this one."""
    SETTLE = "settle"
    """By time: what opened it has ended. Only for kinds that may."""


class TaskStatus(enum.StrEnum):
    """Where one responder's part stands."""

    WAITING = "waiting"
    RECEIVED = "received"
    SENT = "sent"
    ARRIVED = "arrived"
    DONE = "done"


TABLE: Final[Mapping[Status, Mapping[Act, Status]]] = {
    Status.OPEN: {
        Act.ACKNOWLEDGE: Status.ACKNOWLEDGED,
        Act.SETTLE: Status.RESOLVED,
    },
    Status.ACKNOWLEDGED: {
        Act.RUN_TASKS: Status.TASKS_RUNNING,
        Act.CONTACT: Status.CONTACT_MADE,
        Act.ALARM: Status.OPEN,
        Act.RESOLVE: Status.RESOLVED,
        Act.SETTLE: Status.RESOLVED,
    },
    Status.TASKS_RUNNING: {
        Act.RUN_TASKS: Status.TASKS_RUNNING,
        Act.CONTACT: Status.CONTACT_MADE,
        Act.ALARM: Status.OPEN,
        Act.RESOLVE: Status.RESOLVED,
    },
    Status.CONTACT_MADE: {
        Act.RUN_TASKS: Status.CONTACT_MADE,
        Act.CONTACT: Status.CONTACT_MADE,
        Act.ALARM: Status.OPEN,
        Act.RESOLVE: Status.RESOLVED,
    },
    Status.RESOLVED: {},
}
"""Nobody closes what nobody has looked at: an open incident is acknowledged first."""

ON_THE_WAY: Final = frozenset({TaskStatus.SENT, TaskStatus.ARRIVED})

TASK_TABLE: Final[Mapping[TaskStatus, frozenset[TaskStatus]]] = {
    TaskStatus.WAITING: frozenset({TaskStatus.RECEIVED, TaskStatus.SENT}),
    TaskStatus.RECEIVED: frozenset({TaskStatus.SENT, TaskStatus.DONE}),
    TaskStatus.SENT: frozenset({TaskStatus.ARRIVED, TaskStatus.DONE}),
    TaskStatus.ARRIVED: frozenset({TaskStatus.DONE}),
    TaskStatus.DONE: frozenset(),
}


class NotAllowedError(ValueError):
    """The act does not fit the state. The text says what would."""


def after(status: Status, act: Act) -> Status:
    """Return the state that ``act`` leads to.

    Raises:
        NotAllowedError: the table has no such move.
    """
    moves = TABLE[status]
    if act in moves:
        return moves[act]
    if not moves:
        raise NotAllowedError("The incident is resolved; nothing changes it any more. What happens anew opens a new one.")
    raise NotAllowedError(f"An incident that is {status} cannot {act}; possible are {', '.join(sorted(moves))}.")


def moved(before: TaskStatus, target: TaskStatus) -> TaskStatus:
    """Return ``target`` where the table leads there.

    Raises:
        NotAllowedError: it does not.
    """
    if target in TASK_TABLE[before]:
        return target
    possible = ", ".join(sorted(TASK_TABLE[before])) or "nothing more"
    raise NotAllowedError(f"A task that is {before} cannot become {target}; possible is {possible}.")


def diagram() -> str:
    """Return the life cycle as a Mermaid state diagram, one line for each pair of states."""
    return "\n".join([*arrows(TABLE, Status.OPEN), f"    {Status.RESOLVED} --> [*]"])


def task_diagram() -> str:
    """Return the states of a task as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {TaskStatus.WAITING}"]
    lines += [f"    {status} --> {target}" for status, targets in TASK_TABLE.items() for target in TaskStatus if target in targets]
    return "\n".join([*lines, f"    {TaskStatus.DONE} --> [*]"])


if __name__ == "__main__":
    print(f"{diagram()}\n\n{task_diagram()}")  # noqa: T201  for docs/incidents.md
