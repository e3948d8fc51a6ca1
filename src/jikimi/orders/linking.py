"""Every new order is compared with everybody who is tagged, every new tag with every order in force.

In March 2026 a man with a tag killed a woman. She had a restraining order against him, and those who watched his tag had never been
told of it. Nothing was missing but the comparison. Here it is part of entering an order: the same transaction keeps the order and
opens the proposal, with the name of whoever must decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from jikimi.model.durations import Durations
from jikimi.model.register import CourtOrder, MeasureKind
from jikimi.orders.acts import living
from jikimi.orders.dossier import Link, LinkState, link_id
from jikimi.orders.funnel import span_ms
from jikimi.orders.matching import Match, Strength, match
from jikimi.orders.ports import Page
from jikimi.orders.project import concerns
from jikimi.orders.tasks import Reason, Task, done, task_id


class _Side(NamedTuple):
    """One man under one order."""

    order: CourtOrder
    person_id: str


def compare(page: Page, person_ids: Iterable[str], durations: Durations, now_ms: int) -> list[Link]:
    """Compare these monitored persons with everybody; return the links this opens, each with a task for its owner."""
    opened: list[Link] = []
    for person_id in person_ids:
        for order_side, tag_side, found in _pairs(page, person_id):
            link = _link(order_side, tag_side, found, now_ms)
            if page.link(link.link_id) is None:
                page.put_link(link)
                page.put_task(_task(link, durations, now_ms))
                opened.append(link)
    return opened


def _pairs(page: Page, person_id: str) -> Iterator[tuple[_Side, _Side, Match]]:
    """Yield every order of this person against every tag of whoever may be the same, and the other way round."""
    own = list(_sides(page, person_id))
    marks = page.marks(person_id)
    for other_id in sorted(page.persons_with(marks) | {person_id}):
        found = Match(Strength.CERTAIN, ("record",)) if other_id == person_id else match(marks, page.marks(other_id))
        if found is None:
            continue
        for one in own:
            for other in _sides(page, other_id):
                if one.order.order_id != other.order.order_id:
                    yield from _directions(page, one, other, found)


def _directions(page: Page, one: _Side, other: _Side, found: Match) -> Iterator[tuple[_Side, _Side, Match]]:
    if keeps_away(one) and wears_tag(page, other):
        yield one, other, found
    if wears_tag(page, one) and keeps_away(other):
        yield other, one, found


def _sides(page: Page, person_id: str) -> Iterator[_Side]:
    for dossier in page.dossiers_of([person_id]):
        if living(dossier.order) and person_id in dossier.order.monitored_ids:
            yield _Side(dossier.order, person_id)


def keeps_away(side: _Side) -> bool:
    """Whether the order protects somebody from this person."""
    kinds = {measure.kind for measure in side.order.measures if concerns(measure, side.person_id)}
    return bool(side.order.protected) and bool(kinds - {MeasureKind.MONITORING})


def wears_tag(page: Page, side: _Side) -> bool:
    """Whether this person wears a tag under the order: by a measure of it, or because one was given out under it."""
    by_measure = any(one.kind is MeasureKind.MONITORING and concerns(one, side.person_id) for one in side.order.measures)
    return by_measure or page.tag_given(side.order.order_id, side.person_id)


def tagged(page: Page, person_id: str) -> bool:
    """Whether a person wears a tag under any living order."""
    return any(wears_tag(page, side) for side in _sides(page, person_id))


def _link(order: _Side, tag: _Side, found: Match, now_ms: int) -> Link:
    return Link(
        link_id=link_id(order.order.order_id, order.person_id, tag.order.order_id, tag.person_id),
        order_id=order.order.order_id,
        person_id=order.person_id,
        tag_order_id=tag.order.order_id,
        tag_person_id=tag.person_id,
        strength=found.strength,
        kinds=found.kinds,
        owner=_tag_owner(tag.order),
        opened_ms=now_ms,
        state=LinkState.PROPOSED if found.strength is Strength.CERTAIN else LinkState.REVIEW,
    )


def _tag_owner(order: CourtOrder) -> str:
    return order.tag_officer if order.tag_officer is not None else order.owner


def _task(link: Link, durations: Durations, now_ms: int) -> Task:
    return Task(
        task_id=task_id(Reason.LINK, link.link_id),
        owner=link.owner,
        reason=Reason.LINK,
        made_ms=now_ms,
        due_ms=now_ms + span_ms(durations.clocks.link),
        order_id=link.tag_order_id,
        about=link.link_id,
        person_id=link.tag_person_id,
    )


def decided(page: Page, link: Link, durations: Durations, now_ms: int, by: str, reason: str, *, confirmed: bool) -> Link:
    """Settle a link. Confirmed, it becomes a task for both owners: to tell each other, and to ask whether the tag shall watch."""
    state = LinkState.CONFIRMED if confirmed else LinkState.REFUSED
    link = msgspec.structs.replace(link, state=state, decided_ms=now_ms, decided_by=by, reason=reason)
    page.put_link(link)
    asked = page.task(task_id(Reason.LINK, link.link_id))
    if asked is not None:
        page.put_task(done(asked, now_ms, by, state.value))
    if confirmed:
        for task in _both_told(page, link, durations, now_ms):
            page.put_task(task)
    return link


def _both_told(page: Page, link: Link, durations: Durations, now_ms: int) -> Iterator[Task]:
    for order_id, person_id in ((link.order_id, link.person_id), (link.tag_order_id, link.tag_person_id)):
        dossier = page.dossier(order_id)
        if dossier is not None:
            yield Task(
                task_id=task_id(Reason.LINK_CONFIRMED, link.link_id, order_id),
                owner=link.owner if order_id == link.tag_order_id else dossier.order.owner,
                reason=Reason.LINK_CONFIRMED,
                made_ms=now_ms,
                due_ms=now_ms + span_ms(durations.clocks.link),
                order_id=order_id,
                about=link.link_id,
                person_id=person_id,
            )
