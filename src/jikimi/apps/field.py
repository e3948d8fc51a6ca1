"""The officers' page: one incident, by a link that is bound to it, to the officer and to a time.

A link is exchanged once for a session of its own. Everything ends with the incident, with the officer's part of it, when the link is
taken back or too old: then no request and no stream gives anything, within seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from jikimi.apps.api import Door, RefusedError, litestar_app, read_as
from jikimi.apps.asgi import App
from jikimi.apps.pairing import Pairing
from jikimi.apps.ports import Change, Watch
from jikimi.apps.register import Register
from jikimi.apps.security import headers_for
from jikimi.apps.session import Alias, Sessions, Signed
from jikimi.apps.static import Static
from jikimi.apps.stream import Streams
from jikimi.apps.web import STATIC, WebApp
from jikimi.disclosure.frames import state_of, transition_of
from jikimi.disclosure.gate import Audience, Closed, Scope
from jikimi.disclosure.viewer import Glance, Viewer, both_seen
from jikimi.disclosure.wire import Calling, PairState
from jikimi.incidents.approach import notes, shown
from jikimi.incidents.incident import Incident, Kind, Outcome
from jikimi.incidents.links import Link, part_of
from jikimi.incidents.opening import strands_of
from jikimi.incidents.ranking import level
from jikimi.incidents.status import TaskStatus

RECORD_AGAIN_MS: Final = 1_000
"""A map that could not be written down is tried again so soon."""
_encode = msgspec.json.Encoder().encode


class Case(msgspec.Struct, frozen=True):
    """A link that may show its incident now."""

    link: Link
    incident: Incident


class Field(Protocol):
    """Keeps the links and what they lead to."""

    def case(self, link_id: str) -> Case | None:
        """Return what a link shows now, from memory; None when it shows nothing."""
        ...

    async def stands(self, link_id: str) -> bool:
        """Return whether a link shows anything; the books are asked unless they were a moment ago."""
        ...

    async def open(self, token: str, officer: str | None, host: str | None) -> str:
        """Exchange a link for a session; return its token.

        Raises:
            RefusedError: it opens nothing, was opened already, or the officer must name himself.
        """
        ...

    async def report(self, link_id: str, status: TaskStatus, outcome: Outcome | None, note: str | None) -> None:
        """Say how far the officer came.

        Raises:
            RefusedError: the step does not follow from the one before.
        """
        ...


class HerPhone(msgspec.Struct, frozen=True):
    """How her telephone is doing. Unknown is null."""

    heard_s: float | None
    battery_pct: float | None


class FieldState(msgspec.Struct, frozen=True, kw_only=True):
    """The whole truth for an officer. ``notes``: keys of what to mind on the approach; ``pair`` is null when nobody is watched."""

    at_ms: int
    late_s: float
    opened_ms: int
    where: str
    status: str
    kinds: tuple[Kind, ...]
    level: str
    drill: bool
    sos: Calling | None
    phone: HerPhone | None
    notes: list[str]
    pair: PairState | None


class FieldNote(msgspec.Struct, frozen=True):
    """A note's text by language."""

    key: str
    text: dict[str, str]


class FieldMe(msgspec.Struct, frozen=True, kw_only=True):
    """What the page must know before the first state. ``viewer`` stands over the map: what is seen is recorded under it."""

    viewer: str
    where: str
    until_ms: int
    position_max_age_s: float
    demo: bool
    notes_version: str
    notes: list[FieldNote]


class FieldTeller:
    """What one officer's screen is told."""

    __slots__ = ("_again_ms", "_alias", "_field", "_link_id", "_shown", "_viewer", "_watch")

    interval_s = 0.5
    in_a_row = 2
    event_name = "state"
    at_once = True

    def __init__(self, watch: Watch, field: Field, signed: Signed) -> None:
        self._watch = watch
        self._field = field
        self._link_id = signed.subject
        self._alias = Alias(signed.token)
        case = field.case(signed.subject)
        self._viewer = Viewer(watch, Audience.FIELD, "" if case is None else case.link.subject)
        self._again_ms: int | None = None

    def pair_ids(self) -> tuple[str, ...]:
        """Return the incident's pairs."""
        case = self._field.case(self._link_id)
        return () if case is None else tuple(strand.pair_id for strand in strands_of(case.incident))

    def event(self, change: Change) -> tuple[str, bytes] | None:
        """Return a transition."""
        transition = change.transition
        return None if transition is None else ("transition", _encode(transition_of(transition, self._alias)))

    async def state(self) -> bytes:
        """Return the whole truth, written down before it is shown; nothing once the link has ended."""
        case, now_ms = self._field.case(self._link_id), self._watch.now_ms()
        if case is None:
            self._viewer.leave()
            return b'{"closed":true}'
        pair_id = seen_pair(self._watch, case.incident)
        self._viewer.forget(other for other in self._viewer.open_pairs if other != pair_id)
        glance = self._viewer.look(pair_id, now_ms)
        if glance is not None and not self._viewer.settled([glance]):
            (glance,) = await self._viewer.admit([glance])
        self._again_ms = _again_ms(glance, now_ms)
        return _encode(field_state(self._watch, case, glance, self._alias, now_ms))

    def again_ms(self) -> int | None:
        """Return when an open map must be looked at again."""
        return self._again_ms

    def over(self) -> str | None:
        """Return a word once the link shows nothing any more."""
        return None if self._field.case(self._link_id) is not None else "session_ended"

    def left(self) -> None:
        """Close what was open."""
        self._viewer.leave()


def seen_pair(watch: Watch, incident: Incident) -> str:
    """Return the pair to show: where she stands for herself and is seen, that one; else where it is worst."""
    for strand in strands_of(incident):
        if both_seen(watch, strand.pair_id):
            return strand.pair_id
    return incident.party.pair_id


def field_state(watch: Watch, case: Case, glance: Glance | None, alias: Alias, now_ms: int) -> FieldState:
    """Return the state of a case from what the gate admitted."""
    incident, link = case.incident, case.link
    sos, health = watch.sos_of(incident.party.protected_id), watch.health(incident.party.protected_id)
    unseen = glance is None or glance.is_unseen
    late_s = round(watch.late_s(), 1)
    return FieldState(
        at_ms=now_ms,
        late_s=late_s,
        opened_ms=incident.opened_ms,
        where=link.where.value,
        status=(part_of(incident, link.agency, link.where) or TaskStatus.DONE).value,
        kinds=tuple(kind for kind in incident.kinds if kind in incident.standing),
        level=level(incident.harm).name.lower(),
        drill=incident.drill,
        sos=None if sos is None else Calling(since_ms=sos.at_ms, silent=sos.silent),
        phone=None if health is None else HerPhone(_since_s(health.heard_ms, now_ms), health.battery_pct),
        notes=shown(link.where, incident.standing, is_unseen=unseen),
        pair=None if glance is None else state_of([glance], watch, alias, late_s=late_s, now_ms=now_ms).pairs[0],
    )


def _since_s(at_ms: int | None, now_ms: int) -> float | None:
    return None if at_ms is None else round(max(0, now_ms - at_ms) / 1000.0, 1)


def _again_ms(glance: Glance | None, now_ms: int) -> int | None:
    if glance is None:
        return None
    opening = glance.opening
    if opening.closed is Closed.NO_RECORD:
        return now_ms + RECORD_AGAIN_MS
    return opening.until_ms if opening.scope is Scope.MAP else None


# -- routes ----------------------------------------------------------------------------------------------------------


class OpenBody(msgspec.Struct, frozen=True):
    """A link's text, and who opens it where that is not known yet."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    officer: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None


class StepBody(msgspec.Struct, frozen=True):
    """How far the officer came; with ``done`` an outcome, and a sentence if wanted."""

    status: TaskStatus
    outcome: Outcome | None = None
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)] | None = None


_open_body = msgspec.json.Decoder(OpenBody)
_step_body = msgspec.json.Decoder(StepBody)


@post("/api/open", status_code=204)
async def open_link(request: Request[Any, Any, Any], field: NamedDependency[Any], door: NamedDependency[Door]) -> Response[None]:
    """Exchange a link for a session. It works once."""
    asked = await read_as(request, _open_body, 'a JSON object with "token" and, if asked for, "officer"')
    token = await field.open(asked.token, asked.officer, request.client.host if request.client is not None else None)
    return Response(None, status_code=204, headers={"set-cookie": door.sessions.cookie(token)})


@get("/api/me")
async def me(
    signed: NamedDependency[Signed], field: NamedDependency[Any], watch: NamedDependency[Any], demo: NamedDependency[bool]
) -> FieldMe:
    """Return what the page must know before the first state."""
    case = _case(field, signed)
    found = notes()
    policy = watch.policy(case.incident.party.order_id) if watch.order(case.incident.party.order_id) is not None else None
    return FieldMe(
        viewer=case.link.subject,
        where=case.link.where.value,
        until_ms=case.link.until_ms,
        position_max_age_s=30.0 if policy is None else policy.view.position_max_age_s,
        demo=demo,
        notes_version=found.version,
        notes=[FieldNote(note.key, note.text) for note in found.notes],
    )


@post("/api/task", status_code=204)
async def step(request: Request[Any, Any, Any], signed: NamedDependency[Signed], field: NamedDependency[Any]) -> None:
    """Say how far one came: received, on the way, arrived, closed with an outcome."""
    asked = await read_as(request, _step_body, 'a JSON object with "status" and, with "done", "outcome"')
    _case(field, signed)
    await field.report(signed.subject, asked.status, asked.outcome, asked.note)


def _case(field: Field, signed: Signed) -> Case:
    case = field.case(signed.subject)
    if case is None:
        raise RefusedError(401, "session_needed")
    return case


def field_app(
    watch: Watch,
    register: Register,
    field: Field,
    *,
    tiles: App | None = None,
    session_s: float = 86_400.0,
    tls: bool = False,
    demonstration: bool = False,
    opened: Callable[[Streams], None] = lambda _streams: None,
    static: Path = STATIC / "field",
) -> WebApp:
    """Return the officers' app.

    Args:
        watch: the running core.
        register: sessions.
        field: the links.
        tiles: the base map as an ASGI app; None where there is none.
        session_s: for how long a browser keeps its session at the most; the link's own end comes first.
        tls: whether a TLS proxy stands in front.
        demonstration: whether the page is marked as a demonstration.
        opened: told of the streams, so that they are stirred when an incident changes.
        static: folder of the built pages.
    """
    headers = headers_for(Audience.FIELD, tls=tls)
    sessions = Sessions(register, Audience.FIELD, watch.now_ms, days=session_s / 86_400.0, may_enter=field.stands)
    streams = Streams(watch, sessions, lambda signed: FieldTeller(watch, field, signed), headers)
    opened(streams)
    api = litestar_app(
        [open_link, me, step], Door(sessions, Pairing(sessions, watch.now_ms), streams), watch=watch, field=field, demo=demonstration
    )
    return WebApp(api=api, streams=streams, tiles=tiles, static=Static(static), sessions=sessions, headers=headers)
