"""The desk: all pairs by urgency, one pair opened, and what happens as it happens."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from jikimi.apps import copies as copying
from jikimi.apps import field_desk, finding_desk, incident_desk, inviting_desk, replay_desk, second_desk, signing, speaking_desk
from jikimi.apps.api import Door, RefusedError, litestar_app
from jikimi.apps.asgi import App
from jikimi.apps.board import Board, LabelBook
from jikimi.apps.copies import Copies
from jikimi.apps.drills import DESK as DRILL_ROUTES
from jikimi.apps.drills import Drilling
from jikimi.apps.field_desk import Giving
from jikimi.apps.finding_desk import Findings
from jikimi.apps.her_view import may_show, show_her
from jikimi.apps.incident_desk import Responding
from jikimi.apps.locking import Locks, locking
from jikimi.apps.naming import AgencyNames
from jikimi.apps.office_desk import OfficeDesk, decide_link, office_page, settle_task
from jikimi.apps.pairing import Pairing
from jikimi.apps.ports import Change, Office, Sos, Watch
from jikimi.apps.proofs import Proofs
from jikimi.apps.register import Register
from jikimi.apps.rights import OPEN, Staff, guard, having, losing, seated, sits
from jikimi.apps.rings import Worth, asked_rings
from jikimi.apps.screens import OpenScreens
from jikimi.apps.second_desk import Second
from jikimi.apps.security import headers_for
from jikimi.apps.session import Names, Sessions, Signed
from jikimi.apps.signing import Entrance
from jikimi.apps.speaking_desk import Speaking
from jikimi.apps.staff_language import Speak, read_in
from jikimi.apps.staff_receipts import StaffReceipts, staff_receipt
from jikimi.apps.static import Static
from jikimi.apps.stream import Streams
from jikimi.apps.wall import Wall, wall_page
from jikimi.apps.web import STATIC, WebApp
from jikimi.disclosure.frames import map_of, moment_of, moments_of
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.viewer import Viewer
from jikimi.disclosure.wire import PairPage
from jikimi.identity.roles import Right
from jikimi.identity.second import SecondError
from jikimi.model.agencies import Agencies
from jikimi.model.durations import Durations
from jikimi.model.policy import Policy
from jikimi.model.responders import Responders
from jikimi.orders.advice import Advice
from jikimi.policy import responders as walls
from jikimi.policy.durations import tables

MOST_MOMENTS: Final = 50
MOST_SEATS: Final = 1_000
LOOKED_S: Final = 60.0
"""A pair not looked at for so long counts as closed, and is written down as such."""
_encode = msgspec.json.Encoder().encode


class SosFrame(msgspec.Struct, frozen=True):
    """An SOS, or its end. ``pair`` is None where her order has no tag: then the office's page names her."""

    pair: str | None
    at_ms: int
    silent: bool
    cancelled: bool


class SecurityFrame(msgspec.Struct, frozen=True):
    """Somebody tried what he may not. Which device it was stands in the journal, not on a screen."""

    at_ms: int
    kind: str
    protocol: str


class DeskMe(msgspec.Struct, frozen=True):
    """What the desk's page must know before the first board: it shows nothing that the role does not allow."""

    demo: bool
    rights: tuple[Right, ...]
    name: str
    how: str
    locked: bool
    lock_after_s: float
    """So long nobody moves before the screen locks; 0: never."""


class Part(NamedTuple):
    """A part of the desk that a server may do without: under which name its routes find the service; None where there is none."""

    name: str
    service: object | None
    routes: Sequence[Any]


class Seat:
    """One desk session: the names it knows pairs by, and the pairs it has open."""

    def __init__(self, watch: Watch, signed: Signed) -> None:
        self.alias = Names(signed.token)
        self.subject = signed.subject
        self.viewer = Viewer(watch, Audience.DESK, signed.subject)
        self._closing: dict[str, asyncio.TimerHandle] = {}

    def looked_at(self, pair_id: str) -> None:
        """Take note that a pair is open; it counts as closed when nobody looks again."""
        timer = self._closing.pop(pair_id, None)
        if timer is not None:
            timer.cancel()
        self._closing[pair_id] = asyncio.get_running_loop().call_later(LOOKED_S, self._close, pair_id)

    def leave(self) -> None:
        """Close everything."""
        for timer in self._closing.values():
            timer.cancel()
        self._closing.clear()
        self.viewer.leave()

    def _close(self, pair_id: str) -> None:
        self._closing.pop(pair_id, None)
        self.viewer.forget([pair_id])


class Seats:
    """Who sits at the desk now."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._seats: OrderedDict[str, Seat] = OrderedDict()

    def locked(self, token: str) -> None:
        """Close what a session has open: its screen was locked."""
        seat = self._seats.get(token)
        if seat is not None:
            seat.leave()

    def of(self, signed: Signed) -> Seat:
        """Return a session's seat."""
        seat = self._seats.get(signed.token)
        if seat is None:
            seat = self._seats[signed.token] = Seat(self._watch, signed)
            if len(self._seats) > MOST_SEATS:
                self._seats.popitem(last=False)[1].leave()
        self._seats.move_to_end(signed.token)
        return seat


class DeskTeller:
    """What one desk is told. While its screen is locked: how many pairs stand how, and that something happened; nobody's name."""

    __slots__ = ("_alias", "_board", "_is_locked")

    interval_s = 1.0
    in_a_row = 0
    event_name = "board"
    at_once = False

    def __init__(self, board: Board, seat: Seat, is_locked: Callable[[], Awaitable[bool]]) -> None:
        self._board = board
        self._alias = seat.alias
        self._is_locked = is_locked

    def pair_ids(self) -> None:
        """Every pair concerns the desk."""

    def event(self, change: Change) -> tuple[str, bytes] | None:
        """Return a transition as a moment, an SOS, or a security event."""
        if change.transition is not None:
            return "transition", _encode(moment_of(change.transition, self._alias))
        if change.security is not None:
            return "security", _encode(SecurityFrame(change.security.at_ms, change.security.kind, change.security.protocol))
        return None if change.sos is None else ("sos", _encode(self._sos(change.pair_id, change.sos)))

    def _sos(self, pair_id: str, sos: Sos) -> SosFrame:
        ended_ms = sos.cancelled_ms
        name = self._alias(pair_id) if pair_id else None
        return SosFrame(name, sos.at_ms if ended_ms is None else ended_ms, sos.silent, ended_ms is not None)

    async def state(self) -> bytes:
        """Return the board, or of a locked screen only its counts."""
        return await self._board.counted() if await self._is_locked() else await self._board.encoded(self._alias)

    def again_ms(self) -> None:
        """Nothing on the board closes by itself: it holds no position."""

    def over(self) -> None:
        """The desk is never over."""

    def left(self) -> None:
        """A board shows no position, so nothing closes with it."""


@get("/api/me")
async def me(
    signed: NamedDependency[Signed], staff: NamedDependency[Any], demonstration: NamedDependency[bool], locks: NamedDependency[Locks]
) -> DeskMe:
    """Return what a signed-in desk must know; 401 tells the page to ask for a code, 403 ``no_seat`` that none would help."""
    rights = await staff.rights(signed.subject)
    is_locked = await locks.is_locked(signed, sits=sits(rights))
    return DeskMe(demonstration, tuple(sorted(rights)), signed.subject, signed.how, is_locked, locks.after_s if sits(rights) else 0.0)


@get("/api/pairs/{name:str}")
async def pair_page(
    name: FromPath[str],
    signed: NamedDependency[Signed],
    seats: NamedDependency[Seats],
    board: NamedDependency[Board],
    watch: NamedDependency[Any],
) -> PairPage:
    """Return one pair, opened: written down before it is shown."""
    return await opened(name, seats.of(signed), board, watch)


async def opened(name: str, seat: Seat, board: Board, watch: Watch) -> PairPage:
    """Return one pair as a seat may see it.

    Raises:
        RefusedError: this session knows no pair of that name, or its order has ended.
    """
    pair_id = seat.alias.pair_id(name)
    now_ms = watch.now_ms()
    glance = None if pair_id is None else seat.viewer.look(pair_id, now_ms)
    if pair_id is None or glance is None:
        raise RefusedError(404, "pair_unknown")
    if not seat.viewer.settled([glance]):
        (glance,) = await seat.viewer.admit([glance])
    seat.viewer.consulted(glance)
    seat.looked_at(pair_id)
    return PairPage(
        viewer=seat.subject,
        row=await board.row(glance, seat.alias),
        map=map_of(glance, watch, now_ms),
        closed=None if glance.opening.closed is None else glance.opening.closed.value,
        moments=moments_of(watch.transitions(pair_id, MOST_MOMENTS), seat.alias),
        may_show=may_show(glance.policy),
    )


@get("/api/rings")
async def rings(request: Request[Any, Any, Any], signed: NamedDependency[Signed], worth: NamedDependency[Worth]) -> Advice:
    """Return what distances are worth. It names nobody and holds no position: only numbers that an order or a court may set."""
    assert signed.subject
    return worth.advice(asked_rings(request.query_params))


def desk_app(
    watch: Watch,
    register: Register,
    office: Office,
    staff: Staff,
    *,
    durations: Mapping[str, Durations] | None = None,
    agencies: Mapping[str, Agencies] | None = None,
    responders: Mapping[str, Responders] | None = None,
    policies: Mapping[str, Policy] | None = None,
    tiles: App | None = None,
    session_days: float = 90.0,
    tls: bool = False,
    demonstration: bool = False,
    response: Responding | None = None,
    retell: replay_desk.Retell | None = None,
    screens: OpenScreens | None = None,
    field: Giving | None = None,
    copies: Copies | None = None,
    speaking: Speaking | None = None,
    receipts: StaffReceipts | None = None,
    drills: Drilling | None = None,
    findings: Findings | None = None,
    speak: Speak | None = None,
    entrance: Entrance | None = None,
    second: Second | None = None,
    guests: inviting_desk.Guests | None = None,
    her_locks: inviting_desk.HerLocks | None = None,
    static: Path = STATIC / "desk",
) -> WebApp:
    """Return the desk.

    Args:
        watch: the running core.
        register: sessions and labels.
        office: the register of orders.
        staff: who may do what.
        durations: the table of durations under each policy id; None: those that come with Jikimi.
        agencies: what agencies are called under each policy id; None: as comes with Jikimi.
        responders: who responds under each policy id; None: as comes with Jikimi.
        policies: the policy under each id, for advice on distances; None: those that come with Jikimi.
        tiles: the base map as an ASGI app; None where there is none.
        session_days: how long a paired browser stays paired.
        tls: whether a TLS proxy stands in front.
        demonstration: whether the page is marked as a demonstration.
        response: runs the room of incidents; None where there is none.
        retell: tells a past time again from the journal; None where no replay is offered.
        screens: told of the streams by which open desks are reached; None where nothing is delivered.
        field: keeps officers' links; None where there is no page for them.
        copies: makes copies for investigations; None where there are none.
        speaking: makes calls and messages from the screen; None where nothing is delivered.
        receipts: takes the desk's word of notices to staff; None where nothing is delivered.
        drills: plays drills; None where there are none.
        speak: keeps the language of an account; None where nothing is delivered.
        findings: keeps what is found out afterwards; None where nothing is counted.
        entrance: how staff sign in and when screens lock; None: by codes alone, and never.
        second: keeps what needs a second person; None where nothing is asked for here.
        guests: keeps checks of identity and the codes that follow them; None where nobody is invited from here.
        her_locks: keep what protected persons prove themselves by; None where nobody is invited from here.
        static: folder of the built pages.
    """
    headers = headers_for(Audience.DESK, tls=tls)
    are_codes_enough = entrance is None or entrance.are_codes_enough
    sessions = Sessions(
        register, Audience.DESK, watch.now_ms, days=session_days, may_enter=seated(staff), are_codes_enough=are_codes_enough
    )
    labels = LabelBook(register)
    seats, board = Seats(watch), Board(watch, labels)
    durations = durations if durations is not None else tables()
    names = AgencyNames(durations, agencies)
    office_desk = OfficeDesk(watch, office, labels, durations, names)
    may = having(staff, Right.SEE_BOARD)

    def teller(signed: Signed) -> DeskTeller:
        return DeskTeller(board, seats.of(signed), locking(sessions, locks, signed.token))

    streams = Streams(watch, sessions, teller, headers, may, losing(staff))

    def locked(token: str) -> None:
        seats.locked(token)
        streams.stir_session(token)

    locks = Locks(sessions, 0.0 if entrance is None else entrance.lock_after_s, locked)
    if screens is not None:
        screens.open(Audience.DESK, streams)
    proofs = Proofs(Audience.DESK.value, watch.now_ms)
    door = Door(sessions, Pairing(sessions, watch.now_ms, begun=proofs.proved), streams)
    incidents = None if response is None else incident_desk.IncidentDesk(response, labels, watch, names)
    replays = None if response is None or retell is None else replay_desk.ReplayDesk(response, labels, watch, retell)
    shown = walls.naming(responders if responders is not None else walls.tables())
    inviting = None
    if guests is not None and her_locks is not None:
        inviting = inviting_desk.InvitingDesk(watch, office, labels, guests, her_locks)
    parts = (
        Part("staff_receipts", receipts, (staff_receipt,)),
        Part("speak", speak, (read_in,)),
        Part("drills", drills, DRILL_ROUTES),
        Part("field", field, field_desk.ROUTES),
        Part("speaking", speaking, speaking_desk.ROUTES),
        Part("copies", copies, copying.ROUTES),
        Part("findings", findings, finding_desk.ROUTES),
        Part("incident_desk", incidents, incident_desk.ROUTES),
        Part("replays", replays, replay_desk.ROUTES),
        Part("wall", None if response is None else Wall(response, labels, watch, shown), (wall_page,)),
        Part("second", second, second_desk.ROUTES),
        Part("inviting", inviting, inviting_desk.ROUTES),
    )
    api = litestar_app(
        [
            me,
            pair_page,
            show_her,
            rings,
            office_page,
            decide_link,
            settle_task,
            *(route for part in parts if part.service is not None for route in part.routes),
            *(signing.ROUTES if entrance is not None else ()),
        ],
        door,
        guards=[guard(sessions, staff, locks=locks, open_to=OPEN | signing.ROUTES_OPEN)],
        refusals={SecondError: second_desk.refused},
        locks=locks,
        **{part.name: part.service for part in parts},
        labels=labels,
        **signing.services(door, entrance, locks, watch.now_ms, proofs),
        watch=watch,
        seats=seats,
        names=seats,
        board=board,
        staff=staff,
        demonstration=demonstration,
        worth=Worth(policies),
        office=office,
        office_desk=office_desk,
    )
    return WebApp(api=api, streams=streams, tiles=tiles, static=Static(static), sessions=sessions, headers=headers, may=may)
