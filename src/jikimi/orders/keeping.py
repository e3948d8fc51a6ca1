"""What every change of an order has in common: its event, its clock, what the core is told; and the moments that its dates bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from jikimi.model.durations import Durations
from jikimi.model.register import Act, CourtOrder, OrderEvent
from jikimi.orders import progress
from jikimi.orders.acts import applied, fitting
from jikimi.orders.dossier import Dossier, Planned
from jikimi.orders.duration import RefusedError
from jikimi.orders.moments import Moment, What, next_moment
from jikimi.orders.overview import Overview, overview
from jikimi.orders.ports import Books, Page
from jikimi.orders.project import core_orders
from jikimi.orders.status import ENDED
from jikimi.orders.tasks import BY_HAND, MOOT_WHEN_ENDED, Reason, Task, done, task_id
from jikimi.orders.troubles import Trouble, troubles

CLOCK: Final = "clock"
"""Who did it, where time alone did."""

_BY_TIME: Final = {What.COMMENCE: Act.COMMENCE, What.END_MEASURE: Act.END_MEASURE, What.LAPSE: Act.LAPSE, What.EXPIRE: Act.EXPIRE}
_WHY: Final = {
    What.COMMENCE: "The order's first measure begins.",
    What.END_MEASURE: "A measure came to its end.",
    What.LAPSE: "No approval was requested in time.",
    What.EXPIRE: "The order's last measure came to its end.",
}


class Keeper:
    """Keeps dossiers in the books.

    Args:
        books: where everything is kept.
        durations: each jurisdiction's table, by policy id.
    """

    def __init__(self, books: Books, durations: Mapping[str, Durations]) -> None:
        self._books = books
        self._durations = durations

    def order(self, order_id: str) -> CourtOrder:
        """Return an order as it stands.

        Raises:
            LookupError: there is no such order.
        """
        with self._books.reading() as page:
            return self._dossier(page, order_id).order

    def keeps(self, order_id: str) -> bool:
        """Whether an order of this name was ever entered here."""
        with self._books.reading() as page:
            return page.dossier(order_id) is not None

    def overview(self) -> Overview:
        """Return what an office must do and see now."""
        with self._books.reading() as page:
            return overview(page)

    def troubles(self, since_ms: int) -> list[Trouble]:
        """Return what is wrong with orders now, and what lapsed since a time."""
        with self._books.reading() as page:
            return troubles(page, since_ms)

    def settle(self, task_name: str, *, now_ms: int, by: str, outcome: str) -> Task:
        """Note that a task was done by hand.

        Raises:
            LookupError: there is no such task.
            RefusedError: it is done already, or ends only by what it asks for.
        """
        with self._books.writing() as page:
            task = page.task(task_name)
            if task is None:
                raise LookupError("There is no task of this name.")
            if task.done_ms is not None or task.reason not in BY_HAND:
                raise RefusedError(["The task is done already, or it ends by the very thing it asks for."])
            task = done(task, now_ms, by, outcome)
            page.put_task(task)
            return task

    def untold(self) -> list[Task]:
        """Return the open tasks of telling somebody what a court decided."""
        with self._books.reading() as page:
            return [one for one in page.tasks(is_open=True) if one.reason is Reason.TELL_DECISION]

    def notice_moved(self, task_name: str, notice: str, *, heard_ms: int | None, by: str) -> None:
        """Note how far the notice came that does a task by machine; word of whom it was for (``by``) closes the task."""
        with self._books.writing() as page:
            task = page.task(task_name)
            if task is None or task.done_ms is not None or (heard_ms is None and task.notice == notice):
                return
            task = msgspec.structs.replace(task, notice=notice)
            if heard_ms is not None:
                task = done(task, heard_ms, by, "received the notice that was sent by machine, and said so")
            page.put_task(task)

    def _meet_all(self, page: Page, dossier: Dossier, now_ms: int, by: str, until_ms: int | None = None) -> Dossier:
        """Meet the order's moments until ``until_ms`` (now, if not given)."""
        until_ms = until_ms if until_ms is not None else now_ms
        durations = self._of(dossier.order.policy_id)
        while (moment := next_moment(dossier, durations)) is not None and moment.at_ms <= until_ms:
            dossier = self._meet(page, dossier, moment, now_ms, by)
        return dossier

    def _meet(self, page: Page, before: Dossier, moment: Moment, now_ms: int, by: str) -> Dossier:
        dossier = msgspec.structs.replace(before, met=before.met | {moment.name})
        if moment.what is What.NOTICE:
            self._keep(page, before, dossier)
            end_ms = next(one.until_ms for one in dossier.order.measures if one.measure_id == moment.measure_id)
            assert end_ms is not None
            made_ms = max(moment.at_ms, dossier.order.from_ms)
            page.put_task(order_task(dossier.order, Reason.MEASURE_ENDS, made_ms, end_ms, moment.measure_id, one_of=str(end_ms)))
            return dossier
        if moment.what is What.PLANNED:
            assert moment.planned is not None
            planned = dossier.planned[moment.planned]
            return self._do_planned(page, before, dossier, planned, now_ms)
        who = by if moment.what is What.COMMENCE else CLOCK
        return self._do(page, dossier, _BY_TIME[moment.what], moment.at_ms, now_ms, who, _WHY[moment.what])

    def _do_planned(self, page: Page, before: Dossier, dossier: Dossier, planned: Planned, now_ms: int) -> Dossier:
        try:
            return self._do(page, dossier, planned.act, planned.at_ms, now_ms, planned.by, planned.reason)
        except ValueError:  # another act came first, and this one fits no longer; what was planned is in the dossier
            self._keep(page, before, dossier)
            return dossier

    def _do(self, page: Page, before: Dossier, act: Act, at_ms: int, now_ms: int, by: str, reason: str) -> Dossier:
        act = fitting(before.order, act)
        order = applied(before.order, act, at_ms)
        dossier = self._note(page, before, order, act, at_ms, now_ms, by, reason)
        if act is Act.REQUEST:
            self._answer(page, order, {Reason.REQUEST_APPROVAL}, now_ms, by, "requested")
        if order.status in ENDED:
            self._answer(page, order, MOOT_WHEN_ENDED, now_ms, by, "the order has ended")
            progress.stop_clocks(page, order)
        return dossier

    def _answer(self, page: Page, order: CourtOrder, reasons: Iterable[Reason], now_ms: int, by: str, outcome: str) -> None:
        for task in page.tasks(order_id=order.order_id, is_open=True):
            if task.reason in reasons:
                page.put_task(done(task, now_ms, by, outcome))

    # -- keeping -------------------------------------------------------------------------------------------------

    def _note(
        self,
        page: Page,
        before: Dossier,
        order: CourtOrder,
        act: Act,
        at_ms: int,
        now_ms: int,
        by: str,
        reason: str,
        person_id: str | None = None,
    ) -> Dossier:
        """Keep the order as it is after an act, with the event that made it so."""
        dossier = msgspec.structs.replace(before, order=order, events=before.events + 1)
        event = OrderEvent(
            order_id=order.order_id,
            number=dossier.events,
            act=act,
            before=before.order.status,
            after=order.status,
            at_ms=at_ms,
            recorded_ms=now_ms,
            by=by,
            reason=reason,
            person_id=person_id,
        )
        page.add_event(event)
        self._keep(page, before, dossier)
        return dossier

    def _keep(self, page: Page, before: Dossier | None, dossier: Dossier) -> None:
        moment = next_moment(dossier, self._of(dossier.order.policy_id))
        told = core_orders(dossier.order)
        gone = {one.order_id for one in core_orders(before.order)} if before is not None else set()
        page.put_dossier(dossier, moment.at_ms if moment is not None else None, told, gone - {one.order_id for one in told})

    def _dossier(self, page: Page, order_id: str) -> Dossier:
        found = page.dossier(order_id)
        if found is None:
            raise LookupError("There is no order of this name.")
        return found

    def _of(self, policy_id: str) -> Durations:
        found = self._durations.get(policy_id)
        if found is None:
            raise RefusedError([f"There is no table of durations for the policy; known are {', '.join(sorted(self._durations))}."])
        return found


def order_task(
    order: CourtOrder,
    reason: Reason,
    made_ms: int,
    due_ms: int,
    about: str | None = None,
    person_id: str | None = None,
    one_of: str = "",
) -> Task:
    """Return a task of the order's owner; ``one_of`` tells it from earlier ones about the same thing."""
    owner = order.protecting_officer if reason is Reason.DECLINED else None
    return Task(
        task_id=task_id(reason, order.order_id, about or "", person_id or "", one_of),
        owner=owner if owner is not None else order.owner,
        reason=reason,
        made_ms=made_ms,
        due_ms=due_ms,
        order_id=order.order_id,
        about=about,
        person_id=person_id,
    )
