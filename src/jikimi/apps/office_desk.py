"""The desk's office: tasks with owners and times, records that may be one man's, ways to protection, and what happened to orders.

It is read anew only when something changed: a page asks with the version it has, and mostly hears that nothing did.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.board import LabelBook
from jikimi.apps.naming import AgencyNames
from jikimi.apps.ports import Office, Watch
from jikimi.apps.session import Signed
from jikimi.model.durations import Durations
from jikimi.model.register import Act, CourtOrder, OrderEvent, Status
from jikimi.orders.dossier import Link, LinkState
from jikimi.orders.funnel import Funnel, Step, clocks, owner_of
from jikimi.orders.matching import Strength
from jikimi.orders.overview import Overview
from jikimi.orders.tasks import BY_HAND, Reason, Task
from jikimi.orders.texts import Text, task_text

MAX_REASON: Final = 500
_NAME = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_WORDS = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_REASON)]


class DeskTask(msgspec.Struct, frozen=True, kw_only=True):
    """One open task. ``by_hand``: whether somebody may say that it is done; the others end with what they ask for.

    ``notice``: how far the notice came that a machine sends in the owner's place; None where none is sent.
    """

    task: str
    owner: str
    reason: Reason
    title: str | None
    text: str | None
    order: str
    person: str | None
    made_ms: int
    due_ms: int
    by_hand: bool
    notice: str | None
    time_zone: str | None


class DeskLink(msgspec.Struct, frozen=True, kw_only=True):
    """Two records that may be one man's."""

    link: str
    owner: str
    state: LinkState
    strength: Strength
    kinds: tuple[str, ...]
    opened_ms: int
    order: str
    person: str | None
    tag_order: str
    tag_person: str | None


class DeskStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step: done when, or due when; neither while the step before it is open."""

    step: Step
    owner: str
    done_ms: int | None
    due_ms: int | None


class DeskWay(msgspec.Struct, frozen=True, kw_only=True):
    """How far one order has come for one protected person."""

    order: str
    person: str | None
    steps: list[DeskStep]
    time_zone: str | None


class DeskEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One change of an order."""

    order: str
    act: Act
    before: Status
    after: Status
    at_ms: int
    by: str
    reason: str
    time_zone: str | None


class DeskCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call for help that shows on no pair: her order has no tag, or it is not a protected person's device that calls.

    ``protected``: whether an order in force protects the one who calls.
    """

    person: str | None
    at_ms: int
    silent: bool
    protected: bool


class OfficePage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at one moment. ``more`` tasks were left off."""

    version: str
    at_ms: int
    calls: list[DeskCall]
    tasks: list[DeskTask]
    more: int
    links: list[DeskLink]
    ways: list[DeskWay]
    events: list[DeskEvent]


class OfficeDesk:
    """Makes the office's page, once for all desks of a language until something changes.

    Args:
        watch: the running core.
        office: the register of orders.
        labels: what persons are called.
        durations: the table under each policy id.
        names: what agencies are called.
    """

    def __init__(self, watch: Watch, office: Office, labels: LabelBook, durations: Mapping[str, Durations], names: AgencyNames) -> None:
        self._watch = watch
        self._office = office
        self._labels = labels
        self._durations = durations
        self._names = names
        self._pages: dict[str, OfficePage] = {}

    def version(self) -> str:
        """Return a text that is another one when the page is."""
        calls = [(call.person_id, call.at_ms) for call in self._watch.calls_without_pair()]
        return f"{self._office.number}.{len(calls)}.{max((at_ms for _, at_ms in calls), default=0)}"

    async def page(self, language: str) -> OfficePage:
        """Return the page."""
        version = self.version()
        known = self._pages.get(language)
        if known is None or known.version != version:
            found = await self._office.ask(lambda clerk: clerk.overview())
            await self._labels.learn(self._persons(found))
            known = self._pages[language] = self._made(version, found, language)
        return known

    def _persons(self, found: Overview) -> set[str]:
        persons = {call.person_id for call in self._watch.calls_without_pair()}
        persons |= {task.person_id for task in found.tasks if task.person_id is not None}
        persons |= {person for link in found.links for person in (link.person_id, link.tag_person_id)}
        return persons | {way.person_id for way in found.ways}

    def _made(self, version: str, found: Overview, language: str) -> OfficePage:
        return OfficePage(
            version=version,
            at_ms=self._watch.now_ms(),
            calls=[self._call(one) for one in self._calls()],
            tasks=[self._task(task, found.orders[task.order_id], language) for task in found.tasks],
            more=found.more,
            links=[self._link(link, found.orders.get(link.tag_order_id), language) for link in found.links],
            ways=[self._way(way, found.orders[way.order_id], language) for way in found.ways],
            events=[self._event(event, found.orders[event.order_id]) for event in found.events],
        )

    def _call(self, call: Any) -> DeskCall:
        protected = bool(self._watch.orders_protecting(call.person_id))
        return DeskCall(person=self._who(call.person_id), at_ms=call.at_ms, silent=call.silent, protected=protected)

    def _calls(self) -> list[Any]:
        return sorted(self._watch.calls_without_pair(), key=lambda call: call.at_ms)

    def _who(self, person_id: str | None) -> str | None:
        return None if person_id is None else self._labels.label(person_id)

    def _owner(self, owner: str, policy_id: str, language: str) -> str:
        """Return what an owner is called: an agency by its name, a member of staff by his account."""
        return self._names.all(policy_id, language, self._watch.now_ms()).get(owner, owner)

    def _task(self, task: Task, order: CourtOrder, language: str) -> DeskTask:
        said = self._text(task, order, language)
        return DeskTask(
            task=task.task_id,
            owner=self._owner(task.owner, order.policy_id, language),
            reason=task.reason,
            title=said.title if said is not None else None,
            text=said.text if said is not None else None,
            order=task.order_id,
            person=self._who(task.person_id),
            made_ms=task.made_ms,
            due_ms=task.due_ms,
            by_hand=task.reason in BY_HAND,
            notice=task.notice,
            time_zone=self._zone(order),
        )

    def _text(self, task: Task, order: CourtOrder, language: str) -> Text | None:
        table, zone = self._names.table(order.policy_id), self._durations.get(order.policy_id)
        if table is None or zone is None:
            return None
        spoken = language if language in table.languages else table.languages[0]
        try:
            return task_text(task, order, table, spoken, ZoneInfo(zone.time_zone))
        except LookupError:
            return None

    def _link(self, link: Link, order: CourtOrder | None, language: str) -> DeskLink:
        return DeskLink(
            link=link.link_id,
            owner=link.owner if order is None else self._owner(link.owner, order.policy_id, language),
            state=link.state,
            strength=link.strength,
            kinds=link.kinds,
            opened_ms=link.opened_ms,
            order=link.order_id,
            person=self._who(link.person_id),
            tag_order=link.tag_order_id,
            tag_person=self._who(link.tag_person_id),
        )

    def _way(self, way: Funnel, order: CourtOrder, language: str) -> DeskWay:
        table = self._durations.get(order.policy_id)
        due = {clock.step: clock.due_ms for clock in clocks(way, table.clocks)} if table is not None else {}
        steps = [step for step in Step if way.tagged or step not in {Step.FITTED, Step.FIRST_FIX}]
        made = [
            DeskStep(
                step=step,
                owner=self._owner(owner_of(step, order), order.policy_id, language),
                done_ms=way.done.get(step),
                due_ms=due.get(step),
            )
            for step in steps
        ]
        return DeskWay(order=way.order_id, person=self._who(way.person_id), steps=made, time_zone=self._zone(order))

    def _event(self, one: OrderEvent, order: CourtOrder) -> DeskEvent:
        return DeskEvent(
            order=one.order_id,
            act=one.act,
            before=one.before,
            after=one.after,
            at_ms=one.at_ms,
            by=one.by,
            reason=one.reason,
            time_zone=self._zone(order),
        )

    def _zone(self, order: CourtOrder) -> str | None:
        """Return in which days and times an order's law is said."""
        table = self._durations.get(order.policy_id)
        return table.time_zone if table is not None else None


class LinkBody(msgspec.Struct, frozen=True):
    """What somebody who compared two records decided."""

    link: _NAME
    confirmed: bool
    reason: _WORDS


class TaskBody(msgspec.Struct, frozen=True):
    """A task that is done, and how."""

    task: _NAME
    outcome: _WORDS


_link_body = msgspec.json.Decoder(LinkBody)
_task_body = msgspec.json.Decoder(TaskBody)


@get("/api/office")
async def office_page(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], office_desk: NamedDependency[OfficeDesk]
) -> Response[Any]:
    """Return the office's page, or 204 when the asker's version is the newest."""
    assert signed.subject
    if request.query_params.get("version") == office_desk.version():
        return Response(None, status_code=204)
    return Response(await office_desk.page("ko" if request.query_params.get("language") == "ko" else "en"))


@post("/api/links", status_code=204)
async def decide_link(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], watch: NamedDependency[Any], office: NamedDependency[Any]
) -> None:
    """Confirm or refuse that two records are one man's."""
    asked = await read_as(request, _link_body, 'a JSON object with "link", "confirmed" and "reason"')
    now_ms, by = watch.now_ms(), signed.subject
    try:
        await office.do(lambda clerk: clerk.decide_link(asked.link, confirmed=asked.confirmed, now_ms=now_ms, by=by, reason=asked.reason))
    except LookupError:
        raise RefusedError(404, "link_unknown") from None
    except ValueError as error:
        raise RefusedError(409, "refused", str(error)) from None


@post("/api/tasks", status_code=204)
async def settle_task(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], watch: NamedDependency[Any], office: NamedDependency[Any]
) -> None:
    """Say that a task is done."""
    asked = await read_as(request, _task_body, 'a JSON object with "task" and "outcome"')
    now_ms, by = watch.now_ms(), signed.subject
    try:
        await office.do(lambda clerk: clerk.settle(asked.task, now_ms=now_ms, by=by, outcome=asked.outcome))
    except LookupError:
        raise RefusedError(404, "task_unknown") from None
    except ValueError as error:
        raise RefusedError(409, "refused", str(error)) from None
