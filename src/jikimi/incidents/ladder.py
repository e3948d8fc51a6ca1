"""The clocks of an incident: who is told when nobody takes it, when nobody spoke with her, and when nobody received a request."""

from __future__ import annotations

from jikimi.incidents.duty import least_loaded
from jikimi.incidents.work import CLOCK, SUPERVISOR, Work
from jikimi.model.notice import Side, Urgency
from jikimi.model.responders import Rung


def ring(work: Work, loads: dict[str, int]) -> None:
    """Do all that is due until the work's now, each in the history as of its own time."""
    while (due_ms := work.incident.due_ms) is not None and due_ms <= work.now_ms:
        if due_ms == work.incident.rung_due_ms:
            _climb(work, due_ms, loads)
        elif due_ms == work.incident.task_due_ms:
            _ask_again(work, due_ms)
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


def _ask_again(work: Work, due_ms: int) -> None:
    """Ask those who have not received it once more, and tell those in charge."""
    work.note("task_due", CLOCK, due_ms)
    work.ask(work.waiting, work.incident.kinds[-1])
    work.tell_owner("escalation.operator.task_due")
    work.tell(Side.SUPERVISOR, SUPERVISOR, "escalation.supervisor.task_due", Urgency.ALARM)
    work.change(task_due_ms=_next(due_ms, 1_000 * work.responders.request.received_within_s, work.now_ms))


def _next(due_ms: int, step_ms: int, now_ms: int) -> int:
    """Return the next beat after now: whoever was away is told once, not once for each beat missed."""
    return due_ms + step_ms * ((now_ms - due_ms) // step_ms + 1)
