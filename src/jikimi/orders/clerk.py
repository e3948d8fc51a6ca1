"""The clerk: enters orders, changes them, and meets every moment that their dates bring. No clock of its own; the caller says when.

Each call is one transaction: the order, its event, what the core is told, the tasks and the links stand together or not at all. Who
runs a clerk asks ``next_due_ms`` when to wake, and calls ``advance``; nothing is ever looked for in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from jikimi.model.durations import Durations
from jikimi.model.register import Act, Consent, CourtOrder, Measure, OrderEvent, Status
from jikimi.orders import linking, progress
from jikimi.orders.acts import added, answered, extended, joined, shortened
from jikimi.orders.custody import Custody
from jikimi.orders.dossier import Dossier, Link, LinkState, Planned, planned_too
from jikimi.orders.duration import RefusedError, end_mismatches, entry_refusals
from jikimi.orders.funnel import span_ms
from jikimi.orders.keeping import CLOCK, order_task
from jikimi.orders.matching import Identifiers, identifier_refusals, marks_of
from jikimi.orders.moments import lapse_at_ms
from jikimi.orders.permissions import Doubt, Permission, doubts
from jikimi.orders.permissions import refusals as permission_refusals
from jikimi.orders.ports import Books, Due, DueKind, Page
from jikimi.orders.project import NEVER_MS, Span
from jikimi.orders.status import ENDED
from jikimi.orders.tasks import Reason, Task, done

_BY_STAFF: Final = frozenset({Act.REQUEST, Act.SUSPEND, Act.RESUME, Act.REVOKE, Act.ACQUIT, Act.DISMISS})
"""What a person may do to an order; the rest is done by time, by an extension, or by a protected person's answer."""


class Entered(NamedTuple):
    """What became of an entry: the order as it stands, links it opened, and all open tasks of it."""

    order: CourtOrder
    links: list[Link]
    tasks: list[Task]


class Clerk(Custody):
    """Keeps the register of orders.

    Args:
        books: where everything is kept.
        durations: each jurisdiction's table, by policy id.
        matching_key: 32 bytes for marks of identifiers, and nothing else.
    """

    def __init__(self, books: Books, durations: Mapping[str, Durations], matching_key: bytes) -> None:
        super().__init__(books, durations)
        self._key = matching_key

    # -- entering ------------------------------------------------------------------------------------------------

    def enter(
        self,
        order: CourtOrder,
        *,
        now_ms: int,
        by: str,
        who: Mapping[str, Identifiers] | None = None,
        labels: Mapping[str, str] | None = None,
        permissions: Iterable[Permission] = (),
    ) -> Entered:
        """Enter an order: a draft while ``decided_ms`` is None, else one that comes into force on its first day.

        Args:
            order: as the court wrote it; its state is set here.
            now_ms: the time now.
            by: the member of staff.
            who: what identifies each person; turned into keyed marks and forgotten.
            labels: by which words staff know each person.
            permissions: meetings that are allowed.

        Raises:
            RefusedError: something in it must be mended first; nothing is kept.
        """
        durations = self._of(order.policy_id)
        fresh = msgspec.structs.replace(order, status=Status.DRAFTED, suspensions=(), ended_ms=None)
        refusals = entry_refusals(fresh, durations)
        with self._books.writing() as page:
            before = page.dossier(fresh.order_id)
            if before is not None and (before.order.decided_ms is not None or before.order.status in ENDED):
                refusals.append("There is an order of this name already, and it is decided; extend it, or end it.")
            refusals += permission_refusals(permissions := tuple(permissions), fresh)
            if refusals:
                raise RefusedError(refusals)
            self._identify(page, who or {}, labels or {})
            dossier = Dossier(order=fresh, permissions=permissions)
            if before is not None:
                dossier = msgspec.structs.replace(dossier, events=before.events)
            return self._begin(page, before, dossier, now_ms, by)

    def decide(self, order_id: str, *, decided_ms: int, now_ms: int, by: str) -> Entered:
        """Let the court's decision turn a draft into an order.

        Raises:
            LookupError: there is no such order.
            RefusedError: it is decided already.
        """
        with self._books.writing() as page:
            before = self._dossier(page, order_id)
            if before.order.decided_ms is not None or before.order.status in ENDED:
                raise RefusedError(["The order is decided already, or has ended."])
            order = msgspec.structs.replace(before.order, decided_ms=decided_ms)
            return self._begin(page, before, msgspec.structs.replace(before, order=order), now_ms, by)

    def _begin(self, page: Page, before: Dossier | None, dossier: Dossier, now_ms: int, by: str) -> Entered:
        order, durations = dossier.order, self._of(dossier.order.policy_id)
        self._keep(page, before, dossier)
        links: list[Link] = []
        if order.decided_ms is not None:
            links = linking.compare(page, order.monitored_ids, durations, now_ms)
            progress.open_funnels(page, order, durations, now_ms)
            self._ask_at_entry(page, order, now_ms)
            dossier = self._meet_all(page, dossier, now_ms, by)
        return Entered(dossier.order, links, page.tasks(order_id=order.order_id, is_open=True))

    def _ask_at_entry(self, page: Page, order: CourtOrder, now_ms: int) -> None:
        durations = self._of(order.policy_id)
        self._ask_about_ends(page, order, now_ms)
        lapse_ms = lapse_at_ms(order, durations)
        if lapse_ms is not None and order.requested_ms is None:
            page.put_task(order_task(order, Reason.REQUEST_APPROVAL, now_ms, lapse_ms))

    def _ask_about_ends(self, page: Page, order: CourtOrder, now_ms: int) -> None:
        """Raise a task for every tag that outlives, or falls short of, its measure; answer those that no longer do."""
        due_ms = now_ms + span_ms(self._of(order.policy_id).clocks.ends)
        asked: dict[str, Task] = {}
        for found in end_mismatches(order):
            ends = f"{found.tag_until_ms} {found.away_until_ms}"
            task = order_task(order, Reason.ENDS_DIFFER, now_ms, due_ms, found.mismatch.value, found.monitored_id, ends)
            asked[task.task_id] = task
        for task in page.tasks(order_id=order.order_id, is_open=True):
            if task.reason is Reason.ENDS_DIFFER and task.task_id not in asked:
                page.put_task(done(task, now_ms, CLOCK, "the ends were changed"))
        for task_name, task in asked.items():
            if page.task(task_name) is None:
                page.put_task(task)

    # -- who is told ---------------------------------------------------------------------------------------------

    def ask_to_tell(self, order_id: str, parties: Iterable[str], *, now_ms: int, one_of: str) -> list[Task]:
        """Raise a task of the order's owner for each party that the law names: that one is told what a court decided.

        Asked twice about one decision (``one_of``), nothing is asked anew.

        Raises:
            LookupError: there is no such order.
        """
        with self._books.writing() as page:
            order = self._dossier(page, order_id).order
            due_ms = now_ms + span_ms(self._of(order.policy_id).clocks.notified)
            asked = [order_task(order, Reason.TELL_DECISION, now_ms, due_ms, party, one_of=one_of) for party in parties]
            for task in asked:
                if page.task(task.task_id) is None:
                    page.put_task(task)
            return asked

    def told(self, order_id: str, parties: Collection[str], *, now_ms: int, by: str) -> None:
        """Close the tasks about these parties: the court recorded that it told them."""
        with self._books.writing() as page:
            for task in page.tasks(order_id=order_id, is_open=True):
                if task.reason is Reason.TELL_DECISION and task.about in parties:
                    page.put_task(done(task, now_ms, by, "told by the court"))

    # -- who is who ----------------------------------------------------------------------------------------------

    def identify(self, person_id: str, identifiers: Identifiers, *, now_ms: int) -> list[Link]:
        """Add what identifies a person, learned later, and compare once more; return the links this opens."""
        with self._books.writing() as page:
            self._identify(page, {person_id: identifiers}, {})
            return self._compare(page, person_id, now_ms)

    def is_identified(self, person_id: str) -> bool:
        """Whether anything but the record's name says who this person is."""
        with self._books.reading() as page:
            return bool(page.marks(person_id))

    def wears_tag(self, person_ids: Collection[str], identifiers: Identifiers) -> bool:
        """Whether somebody of these names or with these identifiers is known to wear a tag. Nothing is kept of the question."""
        marks = marks_of(identifiers, self._key)
        with self._books.reading() as page:
            return any(linking.tagged(page, name) for name in page.persons_with(marks) | set(person_ids))

    def _identify(self, page: Page, who: Mapping[str, Identifiers], labels: Mapping[str, str]) -> None:
        for person_id, identifiers in who.items():
            refusals = identifier_refusals(identifiers)
            if refusals:
                raise RefusedError(refusals)
            page.add_marks(person_id, marks_of(identifiers, self._key))
        for person_id, label in labels.items():
            page.put_label(person_id, label)

    def decide_link(self, link_id: str, *, confirmed: bool, now_ms: int, by: str, reason: str) -> Link:
        """Settle a proposed link, by whoever looked at both records.

        Raises:
            LookupError: there is no such link.
            RefusedError: it was settled before.
        """
        with self._books.writing() as page:
            link = page.link(link_id)
            if link is None:
                raise LookupError("There is no link of this name.")
            if link.state in {LinkState.CONFIRMED, LinkState.REFUSED}:
                raise RefusedError(["The link was settled before."])
            if confirmed:
                self._join(page, link, now_ms, by)
            order = self._dossier(page, link.tag_order_id).order
            return linking.decided(page, link, self._of(order.policy_id), now_ms, by, reason, confirmed=confirmed)

    def _join(self, page: Page, link: Link, now_ms: int, by: str) -> None:
        """Know one man by one record: the one whose tag is heard. An order with a tag of its own keeps its own."""
        before = self._dossier(page, link.order_id)
        if link.person_id != link.tag_person_id and not before.order.tagged and before.order.status not in ENDED:
            order = joined(before.order, link.person_id, link.tag_person_id)
            page.add_marks(link.tag_person_id, page.marks(link.person_id))
            self._note(page, before, order, Act.JOIN, now_ms, now_ms, by, "Two records were found to be one person's.")

    # -- changing ------------------------------------------------------------------------------------------------

    def act(self, order_id: str, act: Act, *, at_ms: int, now_ms: int, by: str, reason: str) -> CourtOrder:
        """Suspend, resume or end an order, or note a request: as of ``at_ms``, which may be past or still to come.

        Raises:
            LookupError: there is no such order.
            NotAllowedError: the act does not fit where the order stands.
            RefusedError: it is an act of another kind, or its time does not fit.
        """
        if act not in _BY_STAFF:
            raise RefusedError([f"{act} is not done by hand."])
        with self._books.writing() as page:
            before = self._dossier(page, order_id)
            if at_ms > now_ms:
                dossier = planned_too(before, Planned(act=act, at_ms=at_ms, by=by, reason=reason))
                self._keep(page, before, dossier)
                return dossier.order
            dossier = self._do(page, before, act, at_ms, now_ms, by, reason)
            return self._meet_all(page, dossier, now_ms, by).order

    def extend(self, order_id: str, until: Mapping[str, int], *, at_ms: int, now_ms: int, by: str, reason: str) -> CourtOrder:
        """Extend measures to new ends (exclusive, milliseconds, by the measure's name).

        Raises:
            LookupError: there is no such order.
            NotAllowedError: it has ended, or has not begun.
            RefusedError: an end is not lawful; the sentence names the latest that is.
        """
        with self._books.writing() as page:
            before = self._dossier(page, order_id)
            order = extended(before.order, until, at_ms, self._of(before.order.policy_id))
            dossier = self._note(page, before, order, Act.EXTEND, at_ms, now_ms, by, reason)
            for task in page.tasks(order_id=order_id, is_open=True):
                if task.reason is Reason.MEASURE_ENDS and task.about in until:
                    page.put_task(done(task, now_ms, by, "extended"))
            self._ask_about_ends(page, order, now_ms)
            return self._meet_all(page, dossier, now_ms, by).order

    def add_measure(self, order_id: str, measure: Measure, *, at_ms: int, now_ms: int, by: str, reason: str) -> Entered:
        """Add a measure that the court imposed later. A tag among them is compared with every order in force, and its steps begin.

        Raises:
            LookupError: there is no such order.
            NotAllowedError: it has ended, or has not begun.
            RefusedError: the measure is not lawful on the order's basis.
        """
        with self._books.writing() as page:
            before = self._dossier(page, order_id)
            durations = self._of(before.order.policy_id)
            order = added(before.order, measure, durations)
            dossier = self._note(page, before, order, Act.ADD_MEASURE, at_ms, now_ms, by, reason)
            links = linking.compare(page, order.monitored_ids, durations, now_ms)
            progress.open_funnels(page, order, durations, now_ms)
            self._ask_about_ends(page, order, now_ms)
            dossier = self._meet_all(page, dossier, now_ms, by)
            return Entered(dossier.order, links, page.tasks(order_id=order_id, is_open=True))

    def end_measure(self, order_id: str, measure_id: str, *, at_ms: int, now_ms: int, by: str, reason: str) -> CourtOrder:
        """End one measure before its time. The order goes on with the others, or expires with its last one.

        Raises:
            LookupError: there is no such order.
            NotAllowedError: it has ended, or has not begun.
            RefusedError: it has no such measure that would still run then.
        """
        with self._books.writing() as page:
            before = self._dossier(page, order_id)
            order = shortened(before.order, measure_id, at_ms)
            end_ms = next(one.until_ms for one in order.measures if one.measure_id == measure_id)
            met = before.met | {f"end {measure_id} {end_ms}", f"notice {measure_id} {end_ms}"}
            dossier = self._note(page, msgspec.structs.replace(before, met=met), order, Act.END_MEASURE, at_ms, now_ms, by, reason)
            for task in page.tasks(order_id=order_id, is_open=True):
                if task.reason is Reason.MEASURE_ENDS and task.about == measure_id:
                    page.put_task(done(task, now_ms, by, "ended early"))
            self._ask_about_ends(page, order, now_ms)
            return self._meet_all(page, dossier, now_ms, by).order

    def consent(self, order_id: str, person_id: str, *, given: bool, terms: str, now_ms: int, by: str) -> CourtOrder:
        """Note a protected person's answer. If she declines or leaves, the core stops following her, and her officer is told.

        Raises:
            LookupError: there is no such order.
            NotAllowedError: it has ended.
            RefusedError: it does not protect her.
        """
        with self._books.writing() as page:
            before = self._dossier(page, order_id)
            order = answered(before.order, person_id, Consent(given=given, at_ms=now_ms, terms=terms))
            word = "accepted" if given else "declined"
            dossier = self._note(page, before, order, Act.CONSENT, now_ms, now_ms, by, word, person_id)
            if not given:
                due_ms = now_ms + span_ms(self._of(order.policy_id).clocks.declined)
                page.put_task(order_task(order, Reason.DECLINED, now_ms, due_ms, None, person_id, str(now_ms)))
            return dossier.order

    def answer(self, person_id: str, *, given: bool, terms: str, now_ms: int) -> list[CourtOrder]:
        """Note a protected person's own answer under every living order that protects her, where it is a new one; return those orders."""
        new = [
            order.order_id
            for order in self.protecting(person_id)
            if any(one.person_id == person_id and one.consent.given is not given for one in order.protected)
        ]
        return [self.consent(order_id, person_id, given=given, terms=terms, now_ms=now_ms, by=person_id) for order_id in new]

    def permit(self, order_id: str, permissions: Iterable[Permission], *, now_ms: int) -> list[Doubt]:
        """Set the allowed meetings of an order; return what whoever enters them must be asked.

        Raises:
            LookupError: there is no such order.
            RefusedError: it has ended, or a permission must be mended first.
        """
        with self._books.writing() as page:
            before = self._dossier(page, order_id)
            if before.order.status in ENDED:
                raise RefusedError(["The order has ended; nothing is permitted under it any more."])
            dossier = msgspec.structs.replace(before, permissions=tuple(permissions))
            refusals = permission_refusals(dossier.permissions, dossier.order)
            if refusals:
                raise RefusedError(refusals)
            self._keep(page, before, dossier)
            until_ms = dossier.order.until_ms
            return doubts(dossier.permissions, Span(max(now_ms, dossier.order.from_ms), until_ms if until_ms is not None else NEVER_MS))

    # -- time ----------------------------------------------------------------------------------------------------

    def next_due_ms(self) -> int | None:
        """Return when ``advance`` has something to do next; None while nothing is waited for. May be past."""
        with self._books.reading() as page:
            due = page.first_due()
        return due.at_ms if due is not None else None

    def advance(self, now_ms: int) -> list[OrderEvent]:
        """Meet everything that fell due until ``now_ms``, in the sequence of its times; return the events this made."""
        made: list[OrderEvent] = []
        while True:
            with self._books.writing() as page:
                due = page.first_due()
                if due is None or due.at_ms > now_ms:
                    return made
                made += self._ring(page, due, now_ms)

    def _ring(self, page: Page, due: Due, now_ms: int) -> list[OrderEvent]:
        if due.kind is DueKind.ORDER:
            before = self._dossier(page, due.name)
            # Kept anew even if nothing was met: a table of durations may have changed since the time was noted.
            self._keep(page, before, self._meet_all(page, before, now_ms, CLOCK, until_ms=due.at_ms))
            return page.events(due.name)[before.events :]
        if due.kind is DueKind.FUNNEL:
            order = self._dossier(page, due.name).order
            funnel = next(one for one in page.funnels(due.name) if one.person_id == due.person_id)
            progress.show_late_step(page, funnel, order, self._of(order.policy_id), due.at_ms)
            return []
        assignment = page.assignment(due.name)
        assert assignment is not None
        order = self._dossier(page, assignment.order_id).order
        progress.show_silence(page, assignment, self._of(order.policy_id), due.at_ms)
        return []
