"""Her app lock and her phone's passkey: what stands between whoever holds her phone, or copied its cookie, and his position and her papers.

Never between her and an alarm: its words, SOS and the exit ask for nothing but the session. What else asks for nothing stands in one
table, and a route that is missing there is locked. What is proved gives a word (``identity/app_lock.py``) that the page keeps in its
memory and brings with each request; there is no other copy.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.session import Sessions, Signed, with_opening
from jikimi.apps.signing import can_have_passkeys
from jikimi.disclosure.gate import Closed
from jikimi.identity.app_lock import (
    AFTER_S,
    OPEN_MS,
    Lock,
    Proof,
    hashed,
    is_open,
    is_right,
    is_weak,
    opening,
    proved_by,
    wait_until_ms,
)
from jikimi.identity.ceremony import enrol_options, enrolled, proved, sign_in_options
from jikimi.identity.passkeys import Asked, Challenges, ClonedError, Kind, Passkey, PasskeyError, Purpose, Site, credential_of

UNLOCKED: Final = frozenset(
    {
        ("POST", "/api/pair"),
        ("DELETE", "/api/session"),
        ("GET", "/api/ended"),
        ("GET", "/api/me"),
        ("GET", "/api/phone"),
        ("POST", "/api/language"),
        ("POST", "/api/fixes"),
        ("POST", "/api/sos"),
        ("POST", "/api/sos/cancel"),
        ("POST", "/api/push"),
        ("DELETE", "/api/push"),
        ("POST", "/api/receipts"),
        ("POST", "/api/drill"),
        ("DELETE", "/api/drill"),
        ("POST", "/api/drill/check"),
        ("GET", "/api/lock"),
        ("POST", "/api/lock/open"),
        ("POST", "/api/passkey/options"),
        ("POST", "/api/passkey"),
    }
)
"""What asks for no more than the session: what an alarm and a call for help need, and what opens the lock."""
NEUTRAL: Final = "Notes"
"""Under this name a phone lists her passkey."""
MOST_KNOWN: Final = 20_000
FIRST_MS: Final = 24 * 3_600_000
"""So long after a code of the office began a session may it set a first PIN or a first passkey. Whoever copied the cookie of somebody who
set neither could else lock her out of her map with a PIN or a passkey of his own."""
HASHES_AT_ONCE: Final = 2
"""Each takes 64 MiB for a moment."""


class HerLocks(Protocol):
    """Keeps what she proves herself by. Synchronous: asked on a thread."""

    def of(self, person_id: str) -> Lock:
        """Return what she proves herself by."""
        ...

    def begin_try(self, person_id: str, now_ms: int) -> Lock | None:
        """Count a try before it is made; None where none may be made now."""
        ...

    def succeeded(self, person_id: str) -> None:
        """Begin to count anew."""
        ...

    def put_pin(self, person_id: str, pin: str, after_s: int, now_ms: int) -> Lock:
        """Keep a PIN's hash; return the lock as it is now."""
        ...

    def drop_pin(self, person_id: str, now_ms: int) -> Lock:
        """Take the PIN away; return the lock as it is now."""
        ...

    def handle(self, person_id: str) -> bytes:
        """Return what authenticators know her by."""
        ...

    def bind(self, passkey: Passkey, now_ms: int) -> Lock:
        """Keep a passkey; return the lock as it is now."""
        ...

    def unbind(self, person_id: str, now_ms: int) -> Lock:
        """Take her passkeys away; return the lock as it is now."""
        ...

    def passkey(self, credential_id: bytes) -> Passkey | None:
        """Return a passkey by its authenticator's name for it."""
        ...

    def used(self, passkey: Passkey, count: int, now_ms: int) -> None:
        """Keep a counter.

        Raises:
            ClonedError: another use came first.
        """
        ...

    def cloned(self, person_id: str, now_ms: int) -> None:
        """Write down that a copy of an authenticator may be about."""
        ...


class PinBody(msgspec.Struct, frozen=True):
    """A PIN as typed."""

    pin: Annotated[str, msgspec.Meta(max_length=32)]


class SetBody(msgspec.Struct, frozen=True):
    """A new PIN, and after how long in the background it is asked for."""

    pin: Annotated[str, msgspec.Meta(max_length=32)]
    after_s: int


class AnswerBody(msgspec.Struct, frozen=True):
    """What an authenticator answered."""

    answer: msgspec.Raw


class Opened(msgspec.Struct, frozen=True):
    """The word for this page; it alone does not open what asks for something else as well."""

    opening: str
    is_open: bool


class LockState(msgspec.Struct, frozen=True, kw_only=True):
    """Her lock, for her page.

    Attributes:
        wait_until_ms: before when no PIN may be tried.
        can_bind: whether this address has passkeys.
        must_bind: whether the map waits for one.
    """

    pin: bool
    passkey: bool
    after_s: int
    is_open: bool
    tries_left: int
    wait_until_ms: int | None
    can_bind: bool
    must_bind: bool


class HerDoor:
    """Who has proved what.

    Args:
        locks: keeps PINs and passkeys.
        site: the address of her app, for which her passkey is made.
        now_ms: the time.
    """

    def __init__(self, locks: HerLocks, site: Site, now_ms: Callable[[], int]) -> None:
        self._locks = locks
        self._site = site
        self._now_ms = now_ms
        self._known: OrderedDict[str, Lock] = OrderedDict()
        self._challenges = Challenges()
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self._begun_ms: OrderedDict[str, int] = OrderedDict()
        self.demands: Callable[[str], bool] = _nothing
        """Tells whether the policy of somebody's orders demands a passkey."""
        self.can_bind = can_have_passkeys(site)

    # -- what is known -------------------------------------------------------------------------------------------

    async def lock_of(self, person_id: str) -> Lock:
        """Return somebody's lock, from memory where nothing changed."""
        known = self._known.get(person_id)
        if known is None:
            known = self._remember(person_id, await asyncio.to_thread(self._locks.of, person_id))
        return known

    def _remember(self, person_id: str, lock: Lock) -> Lock:
        self._known[person_id] = lock
        self._known.move_to_end(person_id)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return lock

    def doubt(self, person_id: str | None = None) -> None:
        """Believe nothing that is remembered of somebody (None: of anybody): the register changed."""
        if person_id is None:
            self._known.clear()
        else:
            self._known.pop(person_id, None)

    async def is_open(self, signed: Signed) -> bool:
        """Return whether a page proved all that she asks for."""
        lock = await self.lock_of(signed.subject)
        return is_open(lock, proved_by(lock, signed.token, signed.opening, self._now_ms()))

    def begun(self, token: str) -> None:
        """Take note that a code of the office began a session."""
        self._begun_ms[token] = self._now_ms()
        if len(self._begun_ms) > MOST_KNOWN:
            self._begun_ms.popitem(last=False)

    async def barred(self, signed: Signed) -> Closed | None:
        """Return what keeps positions from a page of hers, or None."""
        if not await self.is_open(signed):
            return Closed.LOCKED
        return Closed.PASSKEY if self._must_bind(signed, await self.lock_of(signed.subject)) else None

    def _must_bind(self, signed: Signed, lock: Lock) -> bool:
        """Return whether she must bind her phone first: the policy says so, the address can, and the office waived nothing."""
        return self.can_bind and not lock.passkeys and not lock.waived and self.demands(signed.subject)

    async def _check_first(self, signed: Signed) -> None:
        """Raise where nothing was set of hers yet and no code of the office began this session lately.

        Raises:
            RefusedError: the office must make sure who she is first.
        """
        lock = await self.lock_of(signed.subject)
        begun_ms = self._begun_ms.get(signed.token)
        if lock.needs is Proof.NOTHING and (begun_ms is None or not 0 <= self._now_ms() - begun_ms <= FIRST_MS):
            raise RefusedError(409, "code_first", "A first PIN or passkey is set within a day after signing in with a code of the office.")

    async def state(self, signed: Signed) -> LockState:
        """Return the lock as her page shows it."""
        self.doubt(signed.subject)
        lock = await self.lock_of(signed.subject)
        return LockState(
            pin=lock.pin is not None,
            passkey=bool(lock.passkeys),
            after_s=lock.after_s,
            is_open=await self.is_open(signed),
            tries_left=lock.tries_left,
            wait_until_ms=wait_until_ms(lock),
            can_bind=self.can_bind,
            must_bind=self._must_bind(signed, lock),
        )

    # -- the PIN -------------------------------------------------------------------------------------------------

    async def try_pin(self, signed: Signed, pin: str) -> Opened:
        """Return the word for a page whose PIN is right."""
        lock = await asyncio.to_thread(self._locks.begin_try, signed.subject, self._now_ms())
        self.doubt(signed.subject)
        if lock is None or lock.pin is None:
            raise await self._no_try(signed)
        async with self._hashing:
            right = await asyncio.to_thread(is_right, lock.pin, pin)
        if not right:
            raise RefusedError(403, "pin_wrong")
        await asyncio.to_thread(self._locks.succeeded, signed.subject)
        self.doubt(signed.subject)
        return await self._word(signed, Proof.PIN)

    async def _no_try(self, signed: Signed) -> RefusedError:
        lock = await self.lock_of(signed.subject)
        until_ms = wait_until_ms(lock)
        if lock.tries_left == 0:
            return RefusedError(403, "pin_over", "No more tries: the office opens the lock again once it made sure who she is.")
        wait_s = 1 if until_ms is None else max(1, -(-(until_ms - self._now_ms()) // 1000))
        return RefusedError(429, "too_often", retry_after_s=wait_s)

    async def set_pin(self, signed: Signed, asked: SetBody) -> Opened:
        """Keep a PIN; return a new word, since the one before is worth nothing from now on."""
        if is_weak(asked.pin) or asked.after_s not in AFTER_S:
            raise RefusedError(400, "pin_weak", "A PIN has 4 to 8 digits, not all the same and not in a row.")
        await self._check_first(signed)
        before = await self._proved(signed)
        async with self._hashing:
            kept = await asyncio.to_thread(hashed, asked.pin)
        lock = await asyncio.to_thread(self._locks.put_pin, signed.subject, kept, asked.after_s, self._now_ms())
        return self._new_word(signed, lock, before | Proof.PIN)

    async def drop_pin(self, signed: Signed) -> Opened:
        """Take the PIN away."""
        before = await self._proved(signed)
        return self._new_word(signed, await asyncio.to_thread(self._locks.drop_pin, signed.subject, self._now_ms()), before)

    # -- the passkey ---------------------------------------------------------------------------------------------

    async def bind_options(self, signed: Signed) -> str:
        """Return what the browser makes her passkey by. The label says nothing of what the app is."""
        if not self.can_bind:
            raise RefusedError(409, "no_passkeys", "Browsers make passkeys only for a name with TLS.")
        await self._check_first(signed)
        lock = await self.lock_of(signed.subject)
        handle = await asyncio.to_thread(self._locks.handle, signed.subject)
        asked = self._challenges.begin(Purpose.ENROL, Kind.HER, signed.subject, self._now_ms(), handle)
        return enrol_options(self._site, asked, self._site.name, lock.passkeys)

    async def bind(self, signed: Signed, answer: bytes) -> Opened:
        """Keep a passkey that was made on her phone."""
        now_ms = self._now_ms()
        await self._check_first(signed)
        before = await self._proved(signed)
        try:
            asked = self._challenges.take(answer, Purpose.ENROL, Kind.HER, now_ms)
            made = enrolled(self._site, asked, answer, now_ms)
        except PasskeyError:
            raise RefusedError(403, "passkey_unknown") from None
        if made.subject != signed.subject:
            raise RefusedError(403, "passkey_unknown")
        lock = await asyncio.to_thread(self._locks.bind, made, now_ms)
        return self._new_word(signed, lock, before | Proof.PASSKEY)

    async def unbind(self, signed: Signed) -> Opened:
        """Take her passkeys away."""
        before = await self._proved(signed)
        return self._new_word(signed, await asyncio.to_thread(self._locks.unbind, signed.subject, self._now_ms()), before)

    async def prove_options(self, signed: Signed) -> str:
        """Return what the browser proves her passkey by: her own alone."""
        lock = await self.lock_of(signed.subject)
        asked = self._challenges.begin(Purpose.SIGN_IN, Kind.HER, signed.subject, self._now_ms())
        return sign_in_options(self._site, asked, lock.passkeys)

    async def prove(self, signed: Signed, answer: bytes) -> Opened:
        """Return the word for a page that proved her passkey."""
        now_ms = self._now_ms()
        try:
            asked = self._challenges.take(answer, Purpose.SIGN_IN, Kind.HER, now_ms)
            passkey = _own(signed, asked, await asyncio.to_thread(self._locks.passkey, credential_of(answer)))
            await asyncio.to_thread(self._locks.used, passkey, proved(self._site, asked, answer, passkey), now_ms)
        except ClonedError:
            await asyncio.to_thread(self._locks.cloned, signed.subject, now_ms)
            raise RefusedError(403, "passkey_unknown") from None
        except PasskeyError:
            raise RefusedError(403, "passkey_unknown") from None
        return await self._word(signed, Proof.PASSKEY)

    # -- words ---------------------------------------------------------------------------------------------------

    async def _proved(self, signed: Signed) -> Proof:
        lock = await self.lock_of(signed.subject)
        return proved_by(lock, signed.token, signed.opening, self._now_ms())

    async def _word(self, signed: Signed, more: Proof) -> Opened:
        return self._new_word(signed, await self.lock_of(signed.subject), await self._proved(signed) | more)

    def _new_word(self, signed: Signed, lock: Lock, proved: Proof) -> Opened:
        self._remember(signed.subject, lock)
        return Opened(opening(lock, signed.token, proved, self._now_ms() + OPEN_MS), is_open(lock, proved))


def _nothing(_person_id: str) -> bool:
    return False


def _own(signed: Signed, asked: Asked, passkey: Passkey | None) -> Passkey:
    if passkey is None or asked.subject != signed.subject:
        raise PasskeyError("The challenge was given to somebody else, or nobody has this passkey.")
    return passkey


def guard(sessions: Sessions, door: HerDoor) -> Any:
    """Return what stands before every route of her app: without a session the route itself says so."""

    async def check(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        asked = {(connection.scope["method"], path) for path in handler.paths}  # type: ignore[typeddict-item]
        if asked <= UNLOCKED:
            return
        signed = await sessions.find(sessions.token(connection.scope))  # type: ignore[arg-type]
        if signed is not None and not await door.is_open(with_opening(signed, connection.scope)):  # type: ignore[arg-type]
            raise RefusedError(423, "locked")

    return check


# -- routes --------------------------------------------------------------------------------------------------------

_pin_body: Final = msgspec.json.Decoder(PinBody)
_set_body: Final = msgspec.json.Decoder(SetBody)
_answer_body: Final = msgspec.json.Decoder(AnswerBody)
_ANSWER: Final = 'a JSON object with "answer"'


def _json(text: str) -> Response[str]:
    return Response(text, media_type="application/json")


@get("/api/lock")
async def her_lock(signed: NamedDependency[Signed], her_door: NamedDependency[HerDoor]) -> LockState:
    """Return her lock."""
    return await her_door.state(signed)


@post("/api/lock/open", status_code=200)
async def open_lock(request: Request[Any, Any, Any], signed: NamedDependency[Signed], her_door: NamedDependency[HerDoor]) -> Opened:
    """Open it by the PIN."""
    return await her_door.try_pin(signed, (await read_as(request, _pin_body, 'a JSON object with "pin"')).pin)


@post("/api/lock/set", status_code=200)
async def set_lock(request: Request[Any, Any, Any], signed: NamedDependency[Signed], her_door: NamedDependency[HerDoor]) -> Opened:
    """Set or change the PIN."""
    return await her_door.set_pin(signed, await read_as(request, _set_body, 'a JSON object with "pin" and "after_s"'))


@post("/api/lock/drop", status_code=200)
async def drop_lock(signed: NamedDependency[Signed], her_door: NamedDependency[HerDoor]) -> Opened:
    """Take the PIN away."""
    return await her_door.drop_pin(signed)


@post("/api/passkey/bind/options", status_code=200)
async def begin_bind(signed: NamedDependency[Signed], her_door: NamedDependency[HerDoor]) -> Response[str]:
    """Return what the browser makes a passkey by."""
    return _json(await her_door.bind_options(signed))


@post("/api/passkey/bind", status_code=200)
async def end_bind(request: Request[Any, Any, Any], signed: NamedDependency[Signed], her_door: NamedDependency[HerDoor]) -> Opened:
    """Keep a passkey that was made."""
    return await her_door.bind(signed, bytes((await read_as(request, _answer_body, _ANSWER)).answer))


@post("/api/passkey/unbind", status_code=200)
async def end_binding(signed: NamedDependency[Signed], her_door: NamedDependency[HerDoor]) -> Opened:
    """Take her passkeys away."""
    return await her_door.unbind(signed)


@post("/api/passkey/options", status_code=200)
async def begin_proof(signed: NamedDependency[Signed], her_door: NamedDependency[HerDoor]) -> Response[str]:
    """Return what the browser proves a passkey by."""
    return _json(await her_door.prove_options(signed))


@post("/api/passkey", status_code=200)
async def end_proof(request: Request[Any, Any, Any], signed: NamedDependency[Signed], her_door: NamedDependency[HerDoor]) -> Opened:
    """Open the page by her passkey."""
    return await her_door.prove(signed, bytes((await read_as(request, _answer_body, _ANSWER)).answer))


ROUTES: Final = (her_lock, open_lock, set_lock, drop_lock, begin_bind, end_bind, end_binding, begin_proof, end_proof)
