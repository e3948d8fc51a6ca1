"""What is wrong with orders so that somebody at the desk must act now, and not only their owner in time.

The office's tasks say who must do what by when. Some of them mean that nobody is protected: a tag that was given out and is not
heard, a man who did not come to be fitted, an order that lapsed. Those stand here until they are answered.
"""

from __future__ import annotations

import enum
from typing import Final, NamedTuple

from jikimi.model.register import Act, CourtOrder
from jikimi.orders.funnel import Step
from jikimi.orders.ports import Page
from jikimi.orders.tasks import Reason, Task

MOST_LAPSES: Final = 50
"""Of the newest events that are looked at: a lapse older than those was seen long ago."""


class Problem(enum.StrEnum):
    """What is wrong."""

    NO_SHOW = "no_show"
    """The time to be fitted with a tag has run out."""
    NOT_REPORTING = "not_reporting"
    """A device was given out, or a tag fitted, and is not heard."""
    LAPSED = "lapsed"
    """Nobody requested the approval in time, and the order lapsed."""


class Trouble(NamedTuple):
    """One of them: its name, the same at each look; the order; whom it is about, where that is one person; and since when."""

    trouble_id: str
    problem: Problem
    order: CourtOrder
    person_id: str | None
    since_ms: int


_LATE: Final = {Step.FITTED.value: Problem.NO_SHOW, Step.FIRST_FIX.value: Problem.NOT_REPORTING}


def troubles(page: Page, since_ms: int) -> list[Trouble]:
    """Return what stands now, and what lapsed since a time."""
    found = [(task, problem) for task in page.tasks(is_open=True) if (problem := _problem(task)) is not None]
    lapses = [event for event in page.newest_events(MOST_LAPSES) if event.act is Act.LAPSE and event.recorded_ms >= since_ms]
    names = {event.order_id for event in lapses} | {task.order_id for task, _ in found}
    orders = {one.order.order_id: one.order for one in map(page.dossier, names) if one is not None}
    standing = [Trouble(task.task_id, problem, orders[task.order_id], task.person_id, task.made_ms) for task, problem in found]
    return standing + [
        Trouble(f"lapse.{event.order_id}.{event.number}", Problem.LAPSED, orders[event.order_id], event.person_id, event.recorded_ms)
        for event in lapses
    ]


def _problem(task: Task) -> Problem | None:
    if task.reason is Reason.NOT_REPORTING:
        return Problem.NOT_REPORTING
    return _LATE.get(task.about or "") if task.reason is Reason.STEP_LATE else None
