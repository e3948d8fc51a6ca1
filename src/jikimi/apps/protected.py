"""The protected person's app: what her page may ask, and what it is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from jikimi.apps import helping as her_helpers
from jikimi.apps import her_lock, her_phone, her_terms
from jikimi.apps import papers as her_papers
from jikimi.apps import petition as her_petition
from jikimi.apps.api import Door, RefusedError, body_of, litestar_app, read_as
from jikimi.apps.asgi import App
from jikimi.apps.drills import Drilling, begin_drill, end_drill, knew
from jikimi.apps.handset import Handsets, Protocol, Setup
from jikimi.apps.helping import Inviter
from jikimi.apps.her_language import choose_language, language_of
from jikimi.apps.her_lock import HerDoor
from jikimi.apps.her_looks import Looks, her_looks
from jikimi.apps.her_orders import HerOrder, her_orders
from jikimi.apps.her_phone import Phones
from jikimi.apps.her_terms import Accepting
from jikimi.apps.her_view import renew_view
from jikimi.apps.pairing import Pairing
from jikimi.apps.papers import Papers
from jikimi.apps.petition import Filing
from jikimi.apps.ports import Change, Office, Watch
from jikimi.apps.push import PushDesk, receipts, subscribe, test_push, unsubscribe
from jikimi.apps.register import Register
from jikimi.apps.screens import OpenScreens
from jikimi.apps.security import headers_for
from jikimi.apps.session import Alias, Sessions, Signed
from jikimi.apps.sos import Seen, SosAnswer, SosDesk
from jikimi.apps.static import Static
from jikimi.apps.stream import Streams
from jikimi.apps.web import STATIC, WebApp
from jikimi.disclosure.frames import state_of, transition_of
from jikimi.disclosure.gate import Audience, Closed, Scope, in_force
from jikimi.disclosure.viewer import Glance, Viewer
from jikimi.ingest.bodies import inflate
from jikimi.ingest.limits import Meter
from jikimi.ingest.ports import Decoded, DecodeError, IntakeFailedError, Receipt
from jikimi.ingest.ports import Request as DeviceRequest
from jikimi.ingest.protocols import native
from jikimi.ingest.protocols.reading import ABSENT, MAX_ID, TooMuchError, is_there, stamped
from jikimi.model.access import Bound
from jikimi.model.order import Order

BATCH_BYTES: Final = 1 << 20
RECORD_AGAIN_MS: Final = 1_000
"""A map that could not be written down is tried again so soon, though nothing else changes."""
_RETRY_S: Final = 2
MAX_TERMS: Final = 40
_encode = msgspec.json.Encoder().encode


# -- the stream ------------------------------------------------------------------------------------------------------


def orders_of(watch: Watch, person_id: str) -> list[Order]:
    """Return the orders that protect her now, with a tag or without one."""
    now_ms = watch.now_ms()
    return [order for order in watch.orders_protecting(person_id) if in_force(order, now_ms)]


def demanding(watch: Watch) -> Callable[[str], bool]:
    """Return what tells whether a policy of somebody's orders demands that her phone is bound by a passkey."""

    def demands(person_id: str) -> bool:
        policies = [watch.policy(order.order_id) for order in orders_of(watch, person_id)]
        return any(policy.access.her_passkey is Bound.MUST for policy in policies)

    return demands


class HerTeller:
    """What one of her screens is told."""

    __slots__ = ("_again_ms", "_alias", "_door", "_drills", "_signed", "_subject", "_viewer", "_watch")

    interval_s = 0.2
    in_a_row = 4
    event_name = "state"
    at_once = True

    def __init__(self, watch: Watch, signed: Signed, drills: Drilling | None = None, door: HerDoor | None = None) -> None:
        self._watch = watch
        self._drills = drills
        self._door = door
        self._signed = signed
        self._subject = signed.subject
        self._alias = Alias(signed.token)
        self._viewer = Viewer(watch, Audience.PROTECTED, signed.subject)
        self._again_ms: int | None = None

    def pair_ids(self) -> tuple[str, ...]:
        """Return her pairs, places included."""
        return tuple(pair.pair_id for pair in self._watch.pairs_of_owner(self._subject))

    def event(self, change: Change) -> tuple[str, bytes] | None:
        """Return a transition; her own SOS is no news to her."""
        transition = change.transition
        return None if transition is None else ("transition", _encode(transition_of(transition, self._alias)))

    async def state(self) -> bytes:
        """Return the whole truth for her, written down before it is shown."""
        watch, viewer = self._watch, self._viewer
        now_ms = watch.now_ms()
        viewer.barred = await self._barred()
        found = [viewer.look(pair_id, now_ms) for pair_id in self.pair_ids()]
        glances = [glance for glance in found if glance is not None]
        shown = {glance.pair.pair_id for glance in glances}
        viewer.forget(pair_id for pair_id in viewer.open_pairs if pair_id not in shown)
        if not viewer.settled(glances):
            glances = await viewer.admit(glances)
        self._again_ms = _again_ms(glances, now_ms)
        state = state_of(glances, watch, self._alias, late_s=round(watch.late_s(), 1), now_ms=now_ms)
        drill = None if self._drills is None else self._drills.frame(self._subject)
        return _encode(state if drill is None else msgspec.structs.replace(state, drill=drill))

    async def _barred(self) -> Closed | None:
        return None if self._door is None else await self._door.barred(self._signed)

    def again_ms(self) -> int | None:
        """Return when an open map must be looked at again."""
        return self._again_ms

    def over(self) -> str | None:
        """Return a word once no order in force protects her."""
        watch = self._watch
        return None if orders_of(watch, self._subject) else "order_ended"

    def left(self) -> None:
        """Close what was open."""
        self._viewer.leave()


def _again_ms(glances: list[Glance], now_ms: int) -> int | None:
    """Return when a map closes by itself, or when one that could not be written down is tried again."""
    openings = [glance.opening for glance in glances]
    ends = [opening.until_ms for opening in openings if opening.scope is Scope.MAP and opening.until_ms is not None]
    if any(opening.closed is Closed.NO_RECORD for opening in openings):
        ends.append(now_ms + RECORD_AGAIN_MS)
    return min(ends, default=None)


# -- her phone as the handset ----------------------------------------------------------------------------------------


class Phone:
    """Takes what her browser reports of itself.

    Args:
        watch: the running core.
        handsets: knows which device stands for her browser.
    """

    def __init__(self, watch: Watch, handsets: Handsets) -> None:
        self._watch = watch
        self._handsets = handsets
        self._meter = Meter(10.0, 200)

    def admit(self, person_id: str) -> None:
        """Count a request.

        Raises:
            RefusedError: the server is busy, or this phone sends too often.
        """
        now_ms = self._watch.now_ms()
        if self._watch.intake.busy():
            raise RefusedError(503, "busy", "The server is busy; send this again.", retry_after_s=_RETRY_S)
        if not self._meter.allow(person_id, now_ms):
            raise RefusedError(429, "too_often", retry_after_s=self._meter.wait_s(person_id, now_ms))

    async def take(self, person_id: str, decoded: Decoded) -> Receipt:
        """Store what was decoded; return once it is durable.

        Raises:
            RefusedError: it could not be stored.
        """
        decoded = stamped(decoded, self._watch.now_ms())
        if not decoded.fixes and not decoded.events:
            return Receipt(accepted=0, repeated=0)
        device = await self._handsets.browser(person_id)
        try:
            return await self._watch.intake.offer(device, decoded)
        except IntakeFailedError:
            raise RefusedError(503, "not_stored", "It could not be stored; send it again.", retry_after_s=_RETRY_S) from None

    async def take_beside(self, person_id: str, fix: msgspec.Raw) -> None:
        """Store the position that came with an SOS, if it can be read and stored: the SOS does not depend on it."""
        with contextlib.suppress(DecodeError, RefusedError):
            await self.take(person_id, native.decode(_as_device(b'{"fixes":[%s]}' % bytes(fix), "application/json")))


def _as_device(body: bytes, content_type: str) -> DeviceRequest:
    return DeviceRequest("POST", "/v1/fixes", b"", {"content-type": content_type}, body)


# -- routes ----------------------------------------------------------------------------------------------------------


class SosBody(msgspec.Struct, frozen=True):
    """An SOS as her page sends it."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID)]
    silent: bool = False
    fix: msgspec.Raw = ABSENT


class SosEndBody(msgspec.Struct, frozen=True):
    """The end of an SOS."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID)]


class HandsetBody(msgspec.Struct, frozen=True):
    """Which app is to be set up."""

    protocol: Protocol


class HerPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What her page must know of the policy."""

    languages: tuple[str, ...]
    emergency_number: str
    time_zone: str
    position_max_age_s: float
    orders: int


class HerHandset(msgspec.Struct, frozen=True):
    """Her handset."""

    device_id: str


class Me(msgspec.Struct, frozen=True):
    """Who is signed in, without a name."""

    policy: HerPolicy | None
    handset: HerHandset | None
    demo: bool
    orders: list[HerOrder]
    push_key: str | None
    language: str | None


class About(msgspec.Struct, frozen=True):
    """What the routes know of the server. ``push_key``: what a page needs to subscribe to Web Push, None while that is off."""

    demonstration: bool
    push_key: str | None


_sos_body = msgspec.json.Decoder(SosBody)
_sos_end_body = msgspec.json.Decoder(SosEndBody)
_handset_body = msgspec.json.Decoder(HandsetBody)


@get("/api/me")
async def me(
    signed: NamedDependency[Signed],
    watch: NamedDependency[Any],
    handsets: NamedDependency[Handsets],
    about: NamedDependency[About],
    office: NamedDependency[Any],
    push: NamedDependency[PushDesk | None],
    her_door: NamedDependency[HerDoor | None],
) -> Me:
    """Return what her page must know before the first state."""
    devices = await handsets.of(signed.subject)
    handset = HerHandset(devices[0].device_id) if devices else None
    orders = await her_orders(office, orders_of(watch, signed.subject), signed.subject, watch.now_ms())
    if her_door is not None and not await her_door.is_open(signed):
        orders = [msgspec.structs.replace(order, measures=[]) for order in orders]
    language = await language_of(push, signed.subject)
    return Me(her_policy(watch, signed.subject), handset, about.demonstration, orders, about.push_key, language)


def her_policy(watch: Watch, person_id: str) -> HerPolicy | None:
    """Return the policy of her orders in force (the first one's texts, the strictest age), or None without an order."""
    policies = [watch.policy(order.order_id) for order in orders_of(watch, person_id)]
    if not policies:
        return None
    return HerPolicy(
        languages=policies[0].languages,
        emergency_number=policies[0].emergency_number,
        time_zone=policies[0].time_zone,
        position_max_age_s=min(policy.view.position_max_age_s for policy in policies),
        orders=len(policies),
    )


@post("/api/fixes", status_code=200, request_max_body_size=BATCH_BYTES)
async def fixes(request: Request[Any, Any, Any], signed: NamedDependency[Signed], phone: NamedDependency[Phone]) -> Response[bytes]:
    """Take a native batch from her browser; answer once it is durable."""
    phone.admit(signed.subject)
    body = await body_of(request)
    try:
        body = inflate(body, request.headers.get("content-encoding", ""), BATCH_BYTES)
        decoded = native.decode(_as_device(body, request.headers.get("content-type", "")))
    except TooMuchError as error:
        raise RefusedError(413, "too_large", str(error)) from None
    receipt = await phone.take(signed.subject, decoded)
    return Response(native.answer(receipt, decoded), status_code=200, media_type="application/json")


@post("/api/sos", status_code=202)
async def sos(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], calls: NamedDependency[SosDesk], phone: NamedDependency[Phone]
) -> SosAnswer:
    """Take an SOS; answer once it is durable. It never waits for its position."""
    asked = await read_as(request, _sos_body, 'a JSON object with "id", "silent" and "fix"')
    beside = asyncio.create_task(phone.take_beside(signed.subject, asked.fix)) if is_there(asked.fix) else None
    answer = await calls.call(signed.subject, asked.id, silent=asked.silent)
    if beside is not None:
        await asyncio.wait([beside], timeout=1.0)
    return answer


@post("/api/sos/cancel", status_code=202)
async def cancel_sos(request: Request[Any, Any, Any], signed: NamedDependency[Signed], calls: NamedDependency[SosDesk]) -> SosAnswer:
    """End an SOS; answer once that is durable."""
    asked = await read_as(request, _sos_end_body, 'a JSON object with "id"')
    return await calls.cancel(signed.subject, asked.id)


@post("/api/handset", status_code=200)
async def new_handset(request: Request[Any, Any, Any], signed: NamedDependency[Signed], handsets: NamedDependency[Handsets]) -> Setup:
    """Make a device for a background app."""
    asked = await read_as(request, _handset_body, 'a JSON object with "protocol": owntracks, traccar or overland')
    return await handsets.set_up(asked.protocol, signed.subject)


class AnswerBody(msgspec.Struct, frozen=True):
    """Whether she accepts being protected by a device of hers. ``terms`` is the version of what she was shown."""

    given: bool
    terms: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TERMS)]


_answer_body = msgspec.json.Decoder(AnswerBody)


@post("/api/consent", status_code=204)
async def consent(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], watch: NamedDependency[Any], office: NamedDependency[Any]
) -> None:
    """Take her answer: she accepts, declines or leaves, whenever she wants. Her officer has a task before this answers."""
    asked = await read_as(request, _answer_body, 'a JSON object with "given" and "terms"')
    now_ms = watch.now_ms()
    await office.do(lambda clerk: clerk.answer(signed.subject, given=asked.given, terms=asked.terms, now_ms=now_ms))


def protected_app(
    watch: Watch,
    register: Register,
    office: Office,
    *,
    device_url: str,
    tiles: App | None = None,
    session_days: float = 90.0,
    tls: bool = False,
    demonstration: bool = False,
    devices_changed: Callable[[], None] = lambda: None,
    push: PushDesk | None = None,
    screens: OpenScreens | None = None,
    drills: Drilling | None = None,
    opened: Callable[[Streams], None] = lambda _streams: None,
    looks: Looks | None = None,
    papers: Papers | None = None,
    filing: Filing | None = None,
    inviter: Inviter | None = None,
    seen: Seen | None = None,
    phones: Phones | None = None,
    accepting: Accepting | None = None,
    door: HerDoor | None = None,
    static: Path = STATIC / "protected",
) -> WebApp:
    """Return the protected person's app.

    Args:
        watch: the running core.
        register: sessions and devices.
        office: the register of orders.
        device_url: how phones reach the devices' door, without a trailing slash.
        tiles: the base map as an ASGI app; None where there is none.
        session_days: how long a paired browser stays paired.
        tls: whether a TLS proxy stands in front.
        demonstration: whether screens are marked as a demonstration.
        devices_changed: called when a device was entered or revoked.
        push: takes subscriptions and receipts; None where nothing is delivered.
        screens: told of the streams by which her open pages are reached; None where nothing is delivered.
        drills: plays drills; None where there are none.
        opened: told of the streams, so that her screens are stirred when a drill moves on.
        looks: tells her who looked at her; None where there is no ledger to read.
        papers: keeps her sealed papers; None where nothing is kept.
        filing: prints and files petitions; None where there is no form.
        seen: tells when somebody at the desk took a call of hers; None where there is no desk.
        inviter: keeps whom she invites to her petition; None where nobody can be.
        door: her app lock and her phone's passkey; None where there are none.
        phones: knows which phone of hers took the place of another; None where nobody asks.
        accepting: keeps what terms she accepted; None where she is asked for none.
        static: folder of the built pages.
    """
    headers = headers_for(Audience.PROTECTED, tls=tls)
    sessions = Sessions(register, Audience.PROTECTED, watch.now_ms, days=session_days)

    async def replaced(token: str) -> bool:
        return phones is not None and await asyncio.to_thread(phones.is_replaced, token, watch.now_ms())

    streams = Streams(watch, sessions, lambda signed: HerTeller(watch, signed, drills, door), headers, replaced=replaced)
    opened(streams)
    handsets = Handsets(register, device_url, devices_changed, lambda: watch.now_ms() / 1000.0)

    if screens is not None:
        screens.open(Audience.PROTECTED, streams)

    async def paired(person_id: str) -> None:
        sessions.doubt(person_id)
        if door is not None:
            door.doubt(person_id)
        streams.recheck()
        await office.do(lambda clerk: clerk.signed_in(person_id, at_ms=watch.now_ms()))

    drilled = (begin_drill, end_drill, knew) if drills is not None else ()
    looking = (her_looks,) if looks is not None else ()
    keeping = her_papers.ROUTES if papers is not None else ()
    agreeing = her_terms.ROUTES if accepting is not None else ()
    phoned = her_phone.ROUTES if phones is not None else ()
    petitioning = her_petition.ROUTES if filing is not None else ()
    inviting = her_helpers.ROUTES if inviter is not None else ()
    locking = her_lock.ROUTES if door is not None else ()
    pushed = (subscribe, unsubscribe, test_push, receipts, choose_language) if push is not None else ()
    if door is not None:
        door.demands = demanding(watch)
    api = litestar_app(
        [
            me,
            fixes,
            sos,
            cancel_sos,
            new_handset,
            consent,
            renew_view,
            *pushed,
            *drilled,
            *looking,
            *keeping,
            *petitioning,
            *inviting,
            *phoned,
            *agreeing,
            *locking,
        ],
        Door(sessions, Pairing(sessions, watch.now_ms, paired, None if door is None else door.begun), streams),
        guards=() if door is None else (her_lock.guard(sessions, door),),
        her_door=door,
        watch=watch,
        office=office,
        handsets=handsets,
        about=About(demonstration, push.public_key if push is not None else None),
        push=push,
        looks=looks,
        papers=papers,
        filing=filing,
        inviter=inviter,
        phones=phones,
        accepting=accepting,
        calls=SosDesk(watch, seen),
        phone=Phone(watch, handsets),
        drills=drills,
    )
    return WebApp(api=api, streams=streams, tiles=tiles, static=Static(static), sessions=sessions, headers=headers)
