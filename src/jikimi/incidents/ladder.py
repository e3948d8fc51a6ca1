"""The clocks of an incident: who is told when nobody takes it, when nobody spoke with her, and when a responder does not go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from jikimi.incidents.duty import least_loaded
from jikimi.incidents.incident import Task
from jikimi.incidents.status import ON_THE_WAY, TaskStatus
from jikimi.incidents.work import CLOCK, SUPERVISOR, Work
from jikimi.model.notice import Side, Urgency
from jikimi.model.responders import Rung

_PRESSED: Final[Mapping[TaskStatus, str]] = {
    TaskStatus.WAITING: "task_due",
    TaskStatus.RECEIVED: "task_unsent",
    TaskStatus.SENT: "task_late",
}
"""What is said of a part that stands so for too long."""


def ring(work: Work, loads: dict[str, int]) -> None:
    """Do all that is due until the work's now, each in the history as of its own time."""
    while (due_ms := work.incident.due_ms) is not None and due_ms <= work.now_ms:
        if due_ms == work.incident.rung_due_ms:
            _climb(work, due_ms, loads)
        elif due_ms == work.incident.task_due_ms:
            _press(work, due_ms)
        else:
            _ask_contact(work, due_ms)


def _climb(work: Work, due_ms: int, loads: dict[str, int]) -> None:
    ladder = work.responders.ladder
    place = min(work.incident.rung, len(ladder) - 1)
    _escalate(work, ladder[place], due_ms, loads)
    is_last = place + 1 >= len(ladder)
    step_ms = 1_000 * ladder[min(place + 1, len(ladder) - 1)].after_s
    work.change(rung=place + 1, rung_due_ms=_next(due_ms, step_ms, work.now_ms) if is_last else due_ms + step_ms)


def _escalate(work: Work, rung: Rung, due_ms: int, loads: dict[str, int]) -> None:
    kind = work.incident.kinds[-1].value
    work.note(f"escalated_{rung.to}", CLOCK, due_ms)
    if rung.to == "operator":
        work.change(owner=least_loaded(loads, work.incident.owner))
        work.tell_owner("escalation.operator.unacknowledged")
    elif rung.to == SUPERVISOR:
        work.tell(Side.SUPERVISOR, SUPERVISOR, "escalation.supervisor.unacknowledged", Urgency.ALARM, kind=kind)
    else:
        work.tell(Side.RESPONDER, rung.to, "escalation.responder.unacknowledged", Urgency.ALARM, kind=kind)


def _ask_contact(work: Work, due_ms: int) -> None:
    work.note("contact_due", CLOCK, due_ms)
    work.tell_owner("escalation.operator.contact_due")
    work.tell(Side.SUPERVISOR, SUPERVISOR, "escalation.supervisor.contact_due", Urgency.ALARM)
    work.change(contact_due_ms=_next(due_ms, 1_000 * work.responders.contact.within_s, work.now_ms))


def _press(work: Work, due_ms: int) -> None:
    """Press those whose time is over, as far as they came, and tell those in charge."""
    late = [task for task in work.incident.tasks if (own_ms := work.due_of(task)) is not None and own_ms <= due_ms]
    for status, word in _PRESSED.items():
        stuck = [task for task in late if task.status is status]
        if stuck:
            _press_all(work, stuck, word, due_ms)
    work.change(tasks=tuple(_pressed(work, task) if task in late else task for task in work.incident.tasks))
    work.wind_tasks()


def _press_all(work: Work, stuck: Sequence[Task], word: str, due_ms: int) -> None:
    """Ask again those who have sent nobody; from the second time on the ladder's own agency hears that another one does not come."""
    work.note(word, CLOCK, due_ms)
    work.ask([task for task in stuck if task.status not in ON_THE_WAY], work.incident.kinds[-1])
    work.tell_owner(f"escalation.operator.{word}")
    work.tell(Side.SUPERVISOR, SUPERVISOR, f"escalation.supervisor.{word}", Urgency.ALARM)
    asked = {task.responder for task in stuck if task.pressed}
    for agency in dict.fromkeys(rung.to for rung in work.responders.ladder if rung.to not in {"operator", SUPERVISOR}):
        if asked - {agency}:
            work.tell(Side.RESPONDER, agency, "escalation.responder.task", Urgency.ALARM, kind=work.incident.kinds[-1].value)


def _pressed(work: Work, task: Task) -> Task:
    """Return a part that was pressed, with its next clock on the beat of the last one."""
    due_ms = work.due_of(task)
    assert due_ms is not None
    step_ms = due_ms - task.since_ms
    return msgspec.structs.replace(task, pressed=task.pressed + 1, pressed_ms=_next(due_ms, step_ms, work.now_ms) - step_ms)


def _next(due_ms: int, step_ms: int, now_ms: int) -> int:
    """Return the next beat after now: whoever was away is told once, not once for each beat missed."""
    return due_ms + step_ms * ((now_ms - due_ms) // step_ms + 1)
