"""The desk's incidents: the queue by harm, one incident in full, and what an operator does about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Protocol, TypeVar

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.board import LabelBook
from jikimi.apps.incident_wire import (
    DeskCount,
    DeskDuty,
    DeskEntry,
    DeskIncident,
    DeskMember,
    DeskNotice,
    DeskReceipt,
    DeskScript,
    DeskTaskOf,
    DeskTold,
    DeskTry,
    IncidentPage,
    MembersPage,
    QueuePage,
)
from jikimi.apps.naming import AgencyNames
from jikimi.apps.ports import Watch
from jikimi.apps.session import Names, Signed
from jikimi.delivery.passage import Passage
from jikimi.disclosure.frames import moment_of, place_kind, reasons_of
from jikimi.disclosure.viewer import reported_ms
from jikimi.disclosure.wire import Moment
from jikimi.incidents.duty import Duty
from jikimi.incidents.incident import Entry, Incident, Member, Outcome, Told, Where
from jikimi.incidents.ranking import Row, level
from jikimi.incidents.room import Room
from jikimi.incidents.scripts import scripts, words_to_him
from jikimi.incidents.status import NotAllowedError, TaskStatus
from jikimi.model.notice import Side

FIRST: Final = 200
"""Rows of the queue that are sent; how many there are is told."""
MOST_DIGITS: Final = 10
MOST_MOMENTS: Final = 200
BEFORE_MS: Final = 600_000
"""So long before an incident its way is told: what led to it."""
_BY_NAME: Final = frozenset({Side.OPERATOR.value, Side.RESPONDER.value})
"""Recipients who are staff and agencies; of all others it is told which side they are on, and no name."""
T = TypeVar("T")
_NAME = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_WORDS = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


class Dossier(msgspec.Struct, frozen=True):
    """One incident with its history and the notices that went out for it."""

    incident: Incident
    entries: list[Entry]
    passages: list[Passage]


class Responding(Protocol):
    """Runs the room of incidents."""

    number: int
    failed: int
    """What could not become an incident, by a fault of ours."""

    async def queue(self) -> tuple[list[Row], list[Duty]]:
        """Return what is open, worst first, and who is on duty."""
        ...

    async def dossier(self, incident_id: str) -> Dossier | None:
        """Return one incident in full, or None."""
        ...

    async def members(self, incident_id: str, skip: int, most: int) -> list[Member]:
        """Return members of a mass silence, those whose silence lasts first, the worst first."""
        ...

    async def act(self, call: Callable[[Room], T]) -> T:
        """Have the room change something."""
        ...


class IncidentDesk:
    """Makes the pages.

    Args:
        response: runs the room.
        labels: what persons are called.
        watch: the running core.
        names: what agencies are called.
    """

    def __init__(self, response: Responding, labels: LabelBook, watch: Watch, names: AgencyNames) -> None:
        self.response = response
        self.now_ms = watch.now_ms
        self._labels = labels
        self._watch = watch
        self._names = names

    def version(self) -> str:
        """Return a text that is another one when the queue may be."""
        return str(self.response.number)

    async def queue(self, operator: str, alias: Names) -> QueuePage:
        """Return the queue as one operator sees it."""
        version = self.version()
        rows, duties = await self.response.queue()
        shown = rows[:FIRST]
        await self._labels.learn({name for row in shown for name in _persons(row.worst)})
        owners = [one.owner for row in rows for one in (row.worst, *row.others)]
        return QueuePage(
            version=version,
            at_ms=self.now_ms(),
            me=operator,
            on_duty=operator in {one.operator for one in duties},
            rows=[self._row(row.worst, operator, alias, others=len(row.others)) for row in shown],
            total=len(owners),
            failed=self.response.failed,
            duties=[
                DeskDuty(operator=one.operator, since_ms=one.since_ms, load=owners.count(one.operator), offered_to=one.offered_to)
                for one in duties
            ],
        )

    async def page(self, incident_id: str, operator: str, alias: Names, language: str) -> IncidentPage:
        """Return one incident in full.

        Raises:
            RefusedError: there is none of that name.
        """
        found = await self.response.dossier(incident_id)
        if found is None:
            raise RefusedError(404, "incident_unknown")
        await self._labels.learn(_persons(found.incident))
        told = scripts().scripts
        return IncidentPage(
            row=self._row(found.incident, operator, alias, others=0),
            entries=[self._entry(one) for one in found.entries],
            moments=self._moments(found, alias),
            places=self._places(found.incident, alias),
            reports=self._reports(found.incident),
            agencies=self._names.all(found.incident.party.policy_id, language, self.now_ms()),
            notices=[_notice(one) for one in found.passages],
            scripts=[
                DeskScript(
                    kind,
                    check=told[kind].check[language],
                    say=told[kind].say[language],
                    him=list(words_to_him(kind, language, found.incident.standing)),
                    send=told[kind].send[language],
                )
                for kind in found.incident.kinds
            ],
        )

    def _entry(self, one: Entry) -> DeskEntry:
        pair = None if one.pair_id is None else self._watch.pair(one.pair_id)
        return DeskEntry(
            number=one.number,
            at_ms=one.at_ms,
            what=one.what,
            by=one.by,
            reason=one.reason,
            place=None if pair is None else place_kind(pair, self._watch.order(pair.order_id)),
            told=None if one.told is None else _told(one.told),
        )

    def _moments(self, found: Dossier, alias: Names) -> list[Moment]:
        """Return the transitions from shortly before the incident to its end that its history does not tell, from memory."""
        incident = found.incident
        known = {(one.pair_id, one.told.number) for one in found.entries if one.told is not None}
        until_ms = incident.resolved_ms if incident.resolved_ms is not None else self.now_ms()
        pair_ids = [one.pair_id for one in incident.strands] or [incident.party.pair_id]
        near = [one for pair_id in pair_ids for one in self._watch.transitions(pair_id, MOST_MOMENTS)]
        window = range(incident.opened_ms - BEFORE_MS, until_ms + 1)
        return [moment_of(one, alias) for one in near if one.at_ms in window and (one.pair_id, one.number) not in known]

    def _places(self, incident: Incident, alias: Names) -> dict[str, str]:
        """Return which of an incident's pairs are places of hers, each with its kind."""
        pairs = [pair for one in incident.strands if (pair := self._watch.pair(one.pair_id)) is not None]
        kinds = {pair.pair_id: place_kind(pair, self._watch.order(pair.order_id)) for pair in pairs}
        return {alias(pair_id): kind for pair_id, kind in kinds.items() if kind is not None}

    def _reports(self, incident: Incident) -> list[int]:
        """Return when his device said where it was while the incident was open, the newest ``MOST_MOMENTS``: times, and no place."""
        until_ms = incident.resolved_ms if incident.resolved_ms is not None else self.now_ms()
        times = reported_ms(self._watch, incident.party.pair_id, incident.opened_ms - BEFORE_MS)
        return [at_ms for at_ms in times if at_ms <= until_ms][-MOST_MOMENTS:]

    async def members(self, incident_id: str, skip: int, alias: Names) -> MembersPage:
        """Return members of a mass silence, ``FIRST`` at most."""
        found = await self.response.members(incident_id, skip, FIRST)
        await self._labels.learn({name for one in found for name in (one.party.monitored_id, one.party.protected_id)})
        return MembersPage([self._member(one, alias) for one in found])

    def _member(self, one: Member, alias: Names) -> DeskMember:
        return DeskMember(
            pair=alias(one.party.pair_id),
            label_monitored=self._labels.label(one.party.monitored_id),
            label_protected=self._labels.label(one.party.protected_id),
            level=level(one.harm).name.lower(),
            tier=one.harm.tier.name.lower(),
            contact_s=one.harm.contact_s,
            low_m=one.harm.low_m,
            since_ms=one.since_ms,
            ended_ms=one.ended_ms,
        )

    def _row(self, one: Incident, operator: str, alias: Names, *, others: int) -> DeskIncident:
        return DeskIncident(
            incident=one.incident_id,
            pair=alias(one.party.pair_id),
            label_monitored=self._labels.label(one.party.monitored_id),
            label_protected=self._labels.label(one.party.protected_id),
            kinds=one.kinds,
            standing=tuple(kind for kind in one.kinds if kind in one.standing),
            status=one.status.value,
            outcome=one.outcome,
            level=level(one.harm).name.lower(),
            tier=one.harm.tier.name.lower(),
            sight=one.harm.sight.name.lower(),
            contact_s=one.harm.contact_s,
            low_m=one.harm.low_m,
            opened_ms=one.opened_ms,
            owner=one.owner,
            mine=one.owner == operator,
            rung=one.rung,
            rung_due_ms=one.rung_due_ms,
            contact_due_ms=one.contact_due_ms,
            task_due_ms=one.task_due_ms,
            tasks=[DeskTaskOf(task.where, task.responder, task.status, task.changed_ms) for task in one.tasks],
            members=None if one.members is None else DeskCount(one.members.total, one.members.standing),
            others=others,
            drill=one.drill,
        )


def _persons(one: Incident) -> set[str]:
    return {one.party.monitored_id, one.party.protected_id}


def _told(told: Told) -> DeskTold:
    return DeskTold(
        tier=told.tier.name.lower(),
        sight=told.sight.name.lower(),
        low_m=told.low_m,
        contact_s=told.contact_s,
        reasons=reasons_of(told.reasons),
    )


def _notice(passage: Passage) -> DeskNotice:
    _, recipient, text_key = passage.message.topic.split(" ")
    audience = text_key.split(".")[1]
    return DeskNotice(
        to=recipient if audience in _BY_NAME else audience,
        title=passage.message.title,
        text=passage.message.text,
        state=passage.state.value,
        short=passage.is_short,
        made_ms=passage.message.sent_ms,
        tries=[
            DeskTry(passage.ways[one.way].channel, one.begun_ms, None if one.verdict is None else one.verdict.value, one.why)
            for one in passage.tries
        ],
        receipts=[DeskReceipt(one.step.value, one.at_ms) for one in passage.receipts],
    )


# -- routes ----------------------------------------------------------------------------------------------------------


class TaskStep(msgspec.Struct, frozen=True):
    """How far a responder came."""

    where: Where
    status: TaskStatus


class Resolution(msgspec.Struct, frozen=True):
    """How an incident ended, in a word and in a sentence."""

    outcome: Outcome
    reason: _WORDS


class NoteBody(msgspec.Struct, frozen=True):
    """What an operator writes into the history."""

    text: _WORDS


class DutyBody(msgspec.Struct, frozen=True):
    """Whether one is on duty."""

    on: bool


class ShiftBody(msgspec.Struct, frozen=True):
    """The other operator of a hand-over."""

    operator: _NAME


_task_step = msgspec.json.Decoder(TaskStep)
_resolution = msgspec.json.Decoder(Resolution)
_note_body = msgspec.json.Decoder(NoteBody)
_duty_body = msgspec.json.Decoder(DutyBody)
_shift_body = msgspec.json.Decoder(ShiftBody)


@get("/api/incidents")
async def incident_queue(
    request: Request[Any, Any, Any],
    signed: NamedDependency[Signed],
    incident_desk: NamedDependency[IncidentDesk],
    seats: NamedDependency[Any],
) -> Response[Any]:
    """Return the queue, or 204 when the asker's version is the newest."""
    if request.query_params.get("version") == incident_desk.version():
        return Response(None, status_code=204)
    return Response(await incident_desk.queue(signed.subject, seats.of(signed).alias))


@get("/api/incidents/{name:str}")
async def incident_page(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    signed: NamedDependency[Signed],
    incident_desk: NamedDependency[IncidentDesk],
    seats: NamedDependency[Any],
) -> IncidentPage:
    """Return one incident in full. It holds no position: the pair's own page does, through the gate."""
    language = "ko" if request.query_params.get("language") == "ko" else "en"
    return await incident_desk.page(name, signed.subject, seats.of(signed).alias, language)


@get("/api/incidents/{name:str}/members")
async def incident_members(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    signed: NamedDependency[Signed],
    incident_desk: NamedDependency[IncidentDesk],
    seats: NamedDependency[Any],
) -> MembersPage:
    """Return the pairs of a mass silence, from the so many-th on."""
    skip = request.query_params.get("skip", "0")
    return await incident_desk.members(
        name, int(skip) if skip.isascii() and skip.isdecimal() and len(skip) < MOST_DIGITS else 0, seats.of(signed).alias
    )


async def _act(desk: IncidentDesk, call: Callable[[Room, int], object]) -> None:
    """Have the room do something as of now; say its sentence where it refuses."""
    now_ms = desk.now_ms()
    try:
        await desk.response.act(lambda room: call(room, now_ms))
    except NotAllowedError as error:
        raise RefusedError(409, "refused", str(error)) from None


@post("/api/incidents/{name:str}/acknowledge", status_code=204)
async def acknowledge(name: FromPath[str], signed: NamedDependency[Signed], incident_desk: NamedDependency[IncidentDesk]) -> None:
    """Take an incident."""
    await _act(incident_desk, lambda room, now_ms: room.acknowledge(name, signed.subject, now_ms))


@post("/api/incidents/{name:str}/task", status_code=204)
async def step_task(
    request: Request[Any, Any, Any], name: FromPath[str], signed: NamedDependency[Signed], incident_desk: NamedDependency[IncidentDesk]
) -> None:
    """Say how far a responder came."""
    asked = await read_as(request, _task_step, 'a JSON object with "where" and "status"')
    await _act(incident_desk, lambda room, now_ms: room.task(name, asked.where, asked.status, signed.subject, now_ms))


@post("/api/incidents/{name:str}/contact", status_code=204)
async def contact(name: FromPath[str], signed: NamedDependency[Signed], incident_desk: NamedDependency[IncidentDesk]) -> None:
    """Say that somebody spoke with her."""
    await _act(incident_desk, lambda room, now_ms: room.contact(name, signed.subject, now_ms))


@post("/api/incidents/{name:str}/note", status_code=204)
async def note(
    request: Request[Any, Any, Any], name: FromPath[str], signed: NamedDependency[Signed], incident_desk: NamedDependency[IncidentDesk]
) -> None:
    """Write a line into the history."""
    asked = await read_as(request, _note_body, 'a JSON object with "text"')
    await _act(incident_desk, lambda room, now_ms: room.write(name, signed.subject, asked.text, now_ms))


@post("/api/incidents/{name:str}/resolve", status_code=204)
async def resolve(
    request: Request[Any, Any, Any], name: FromPath[str], signed: NamedDependency[Signed], incident_desk: NamedDependency[IncidentDesk]
) -> None:
    """Close one incident, with outcome and reason."""
    asked = await read_as(request, _resolution, 'a JSON object with "outcome" and "reason"')
    await _act(incident_desk, lambda room, now_ms: room.resolve(name, signed.subject, asked.outcome, asked.reason, now_ms))


@post("/api/duty", status_code=204)
async def duty(request: Request[Any, Any, Any], signed: NamedDependency[Signed], incident_desk: NamedDependency[IncidentDesk]) -> None:
    """Begin or end one's shift."""
    asked = await read_as(request, _duty_body, 'a JSON object with "on"')
    await _act(incident_desk, lambda room, now_ms: (room.sign_in if asked.on else room.sign_out)(signed.subject, now_ms))


@post("/api/duty/offer", status_code=204)
async def offer_shift(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], incident_desk: NamedDependency[IncidentDesk]
) -> None:
    """Offer one's shift to a colleague."""
    asked = await read_as(request, _shift_body, 'a JSON object with "operator"')
    await _act(incident_desk, lambda room, now_ms: room.offer(signed.subject, asked.operator, now_ms))


@post("/api/duty/take", status_code=204)
async def take_shift(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], incident_desk: NamedDependency[IncidentDesk]
) -> None:
    """Take a shift that was offered."""
    asked = await read_as(request, _shift_body, 'a JSON object with "operator"')
    await _act(incident_desk, lambda room, now_ms: room.take(signed.subject, asked.operator, now_ms))


ROUTES: Final[Sequence[Any]] = (
    incident_queue, incident_page, incident_members, acknowledge, step_task, contact, note, resolve, duty, offer_shift, take_shift,
)  # fmt: skip
