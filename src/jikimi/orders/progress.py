"""Keeps the steps from an order to protection, and the devices given out, with their clocks; shows what is late to its owner."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from jikimi.model.durations import Durations
from jikimi.model.order import DeviceKind
from jikimi.model.register import CourtOrder
from jikimi.orders.acts import living
from jikimi.orders.funnel import Assignment, Funnel, Step, awaited, clocks, next_due_ms, owner_of, silent_at_ms, span_ms, with_step
from jikimi.orders.ports import Page
from jikimi.orders.tasks import Reason, Task, done, task_id


def open_funnels(page: Page, order: CourtOrder, durations: Durations, now_ms: int) -> None:
    """Let the clocks of every protected person of a decided order run."""
    there = {funnel.person_id: funnel for funnel in page.funnels(order.order_id)}
    for one in order.protected:
        fresh = Funnel(order_id=order.order_id, person_id=one.person_id, tagged=order.tagged, done={Step.ORDERED: now_ms})
        # A tag that the court adds later adds its steps to those that were taken before.
        funnel = msgspec.structs.replace(there.get(one.person_id, fresh), tagged=order.tagged)
        page.put_funnel(funnel, next_due_ms(funnel, durations.clocks))


def stop_clocks(page: Page, order: CourtOrder) -> None:
    """Let no clock of an ended order ring."""
    for funnel in page.funnels(order.order_id):
        page.put_funnel(funnel, None)
    for assignment in page.assignments(order.order_id):
        page.put_assignment(assignment, None)


def take_step(page: Page, funnels: Iterable[Funnel], step: Step, durations: Durations, at_ms: int, by: str) -> None:
    """Note that a step was done; what was asked for because it was late is answered."""
    for funnel in funnels:
        after = with_step(funnel, step, at_ms)
        if after is not funnel:
            page.put_funnel(after, next_due_ms(after, durations.clocks))
            asked = page.task(task_id(Reason.STEP_LATE, funnel.order_id, funnel.person_id, step.value))
            if asked is not None:
                page.put_task(done(asked, at_ms, by, "done"))


def show_late_step(page: Page, funnel: Funnel, order: CourtOrder, durations: Durations, at_ms: int) -> None:
    """Make the step whose time is up a task of its owner."""
    running = clocks(funnel, durations.clocks)
    late = next((clock for clock in running if clock.step not in funnel.shown and clock.due_ms <= at_ms), None)
    if late is None:  # the limits were changed since the time was noted
        page.put_funnel(funnel, next_due_ms(funnel, durations.clocks))
        return
    page.put_task(
        Task(
            task_id=task_id(Reason.STEP_LATE, order.order_id, funnel.person_id, late.step.value),
            owner=owner_of(late.step, order),
            reason=Reason.STEP_LATE,
            made_ms=late.due_ms,
            due_ms=late.due_ms,
            order_id=order.order_id,
            about=late.step.value,
            person_id=funnel.person_id,
        )
    )
    shown = msgspec.structs.replace(funnel, shown=funnel.shown | {late.step})
    page.put_funnel(shown, next_due_ms(shown, durations.clocks))


def give_out(page: Page, assignment: Assignment, durations: Durations) -> None:
    """Note that a device was given to somebody; from now on it must be heard soon."""
    page.put_assignment(assignment, silent_at_ms(assignment, durations.clocks))


def take_back(page: Page, assignment: Assignment, at_ms: int, by: str) -> None:
    """Note that a device came back; nobody waits for it any more."""
    page.put_assignment(msgspec.structs.replace(assignment, returned_ms=at_ms), None)
    asked = page.task(_silence(assignment))
    if asked is not None:
        page.put_task(done(asked, at_ms, by, "returned"))


def hear(page: Page, assignment: Assignment, durations: Durations, at_ms: int) -> None:
    """Note that a device given out was heard for the first time; a tag's position is a step for everybody it serves."""
    if not awaited(assignment):
        return
    heard = msgspec.structs.replace(assignment, heard_ms=at_ms)
    page.put_assignment(heard, None)
    asked = page.task(_silence(assignment))
    if asked is not None:
        page.put_task(done(asked, at_ms, "clock", "heard"))
    if assignment.kind is DeviceKind.TAG:
        for dossier in page.dossiers_of([assignment.person_id]):
            if living(dossier.order) and assignment.person_id in dossier.order.monitored_ids:
                take_step(page, page.funnels(dossier.order.order_id), Step.FIRST_FIX, durations, at_ms, "clock")


def show_silence(page: Page, assignment: Assignment, durations: Durations, at_ms: int) -> None:
    """Make the silence of a device that was given out a task of whoever gave it."""
    page.put_task(
        Task(
            task_id=_silence(assignment),
            owner=assignment.owner,
            reason=Reason.NOT_REPORTING,
            made_ms=at_ms,
            due_ms=at_ms + span_ms(durations.clocks.silent),
            order_id=assignment.order_id,
            about=assignment.device_id,
            person_id=assignment.person_id,
        )
    )
    page.put_assignment(msgspec.structs.replace(assignment, shown=True), None)


def _silence(assignment: Assignment) -> str:
    return task_id(Reason.NOT_REPORTING, assignment.order_id, assignment.device_id, str(assignment.at_ms))
