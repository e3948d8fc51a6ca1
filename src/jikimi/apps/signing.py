"""How staff sign in, in every app of staff: by passkey; by a code once, to make one; by a code alone where a deployment says so.

| request | answer |
|---|---|
| ``GET /api/door`` | what the sign-in page may offer |
| ``POST /api/passkey/enrol/options`` ``{"code"}`` (null: the session's own account) | what the browser makes a passkey by |
| ``POST /api/passkey/enrol`` ``{"code", "answer"}`` | 204; with a code also the session |
| ``POST /api/passkey/options`` | what the browser proves a passkey by; a session that stands is told its own |
| ``POST /api/passkey`` ``{"answer"}`` | 204 and the session |
| ``POST /api/sso/begin`` ``{"code", "again"}`` | ``{"url"}``; our own ``code`` ties an account; ``again``: from a locked screen |
| ``POST /api/sso`` ``{"code", "state"}`` | 204 and the session; both stood in the address that the provider sent the browser to |
| ``POST /api/moved``, ``POST /api/lock`` | 204: somebody is there; lock the screen |
| ``POST /api/unlock`` ``{"answer"}`` or ``{"code"}`` | 204: the screen opens again |

A wrong code, a wrong answer, a passkey that nobody knows: each is 403 ``code_unknown`` or ``passkey_unknown`` after the same time, and each
source may fail five times a minute. Five failures of an account in a row lock that account; whoever then proves its passkey is told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated, Any, Final, Protocol, TypeVar

import msgspec
import structlog
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from jikimi.apps.api import Door, RefusedError, read_as, signed_in
from jikimi.apps.locking import Locks
from jikimi.apps.proofs import Proofs
from jikimi.apps.session import CODE, END, NoSeatError, Signed
from jikimi.identity.ceremony import enrol_options, enrolled, proved, sign_in_options
from jikimi.identity.passkeys import Challenges, ClonedError, Kind, Passkey, PasskeyError, Purpose, Site, credential_of
from jikimi.identity.second import NotFreshError, check_fresh
from jikimi.identity.sso import Flow, Flows, SsoError

log = structlog.get_logger()

ROUTES_OPEN: Final = frozenset(
    {
        ("GET", "/api/door"),
        ("POST", "/api/passkey/enrol/options"),
        ("POST", "/api/passkey/enrol"),
        ("POST", "/api/passkey/options"),
        ("POST", "/api/passkey"),
        ("POST", "/api/sso/begin"),
        ("POST", "/api/sso"),
        ("POST", "/api/moved"),
        ("POST", "/api/lock"),
        ("POST", "/api/unlock"),
    }
)
"""Routes that ask for no right: each asks for the session, the code or the passkey that it needs."""


class Signing(Protocol):
    """What signing in needs of the register. Synchronous: asked on a thread."""

    def invited(self, code: str, audience: str, now_ms: int) -> str | None:
        """Return which account a code invites to make a passkey, or None."""
        ...

    def passkeys(self, name: str) -> list[Passkey]:
        """Return an account's passkeys."""
        ...

    def handle(self, name: str) -> bytes:
        """Return what authenticators know an account by."""
        ...

    def passkey(self, credential_id: bytes) -> Passkey | None:
        """Return a passkey of staff, or None."""
        ...

    def enrol(self, code: str, passkey: Passkey, audience: str, now_ms: int, until_ms: int) -> str | None:
        """Use a code up for a passkey and begin a session; return its token, or None."""
        ...

    def enrol_more(self, passkey: Passkey, now_ms: int) -> bool:
        """Keep one more passkey of an account that is signed in."""
        ...

    def sign_in(self, passkey: Passkey, count: int, audience: str, now_ms: int, until_ms: int) -> str | None:
        """Begin a session for a passkey that was proved; None where its account may not sign in."""
        ...

    def prove(self, passkey: Passkey, count: int, now_ms: int) -> bool:
        """Note that a passkey was proved; False where its account may not sign in."""
        ...

    def use_code(self, code: str, name: str, audience: str, now_ms: int) -> bool:
        """Use up a code of an account."""
        ...

    def sso_account(self, issuer: str, subject: str) -> str | None:
        """Return which account a provider's subject is tied to, or None."""
        ...

    def tie(self, code: str, issuer: str, subject: str, audience: str, now_ms: int, until_ms: int) -> str | None:
        """Use a code up to tie its account to a provider's subject, and begin a session."""
        ...

    def sso_sign_in(self, name: str, audience: str, until_ms: int) -> str | None:
        """Begin a session for an account whose subject a provider vouched for."""
        ...

    def failed(self, name: str, now_ms: int) -> None:
        """Count a failure of an account to prove itself."""
        ...

    def cloned(self, name: str, now_ms: int) -> None:
        """Note that a passkey of an account seems to have a copy."""
        ...


class Vouching(Protocol):
    """An identity provider, asked over the network."""

    name: str
    """What the button calls it."""
    issuer: str

    async def url(self, flow: Flow, redirect_uri: str) -> str:
        """Return where the browser is sent.

        Raises:
            SsoDownError: the provider cannot be asked.
        """
        ...

    async def subject(self, flow: Flow, redirect_uri: str, code: str, now_ms: int) -> str:
        """Return whom the provider vouches for.

        Raises:
            SsoError: its answer is not believed.
            SsoDownError: it cannot be asked.
        """
        ...


class SsoDownError(Exception):
    """The identity provider cannot be reached, or answers nothing that can be read."""


class Entrance(msgspec.Struct, frozen=True, kw_only=True):
    """How one app of staff is entered.

    Attributes:
        signing: the register's part.
        site: for which address passkeys are made.
        are_codes_enough: whether a code alone signs in.
        lock_after_s: so long nobody moves before a screen locks; 0: never by itself.
        sso: the organisation's single sign-on; None where there is none.
    """

    signing: Signing
    site: Site
    sso: Vouching | None = None
    are_codes_enough: bool = False
    lock_after_s: float = 900.0


NOTHING: Final = msgspec.Raw(b"")


class Offers(msgspec.Struct, frozen=True):
    """What the sign-in page may offer. ``passkeys``: whether this address can have any (no IP address can); ``sso``: its name."""

    codes: bool
    passkeys: bool
    sso: str | None


class SsoBody(msgspec.Struct, frozen=True):
    """How a single sign-on begins."""

    code: str | None = None
    again: bool = False


class BackBody(msgspec.Struct, frozen=True):
    """What stood in the address that the provider sent the browser to."""

    code: Annotated[str, msgspec.Meta(max_length=4_096)]
    state: Annotated[str, msgspec.Meta(max_length=256)]


class SsoUrl(msgspec.Struct, frozen=True):
    """Where the browser goes."""

    url: str


class CodeBody(msgspec.Struct, frozen=True):
    """A code; None: whoever is signed in."""

    code: str | None = None


class EnrolBody(msgspec.Struct, frozen=True):
    """A passkey that was made, and the code that allows it."""

    answer: msgspec.Raw
    code: str | None = None


class ProofBody(msgspec.Struct, frozen=True):
    """What proves somebody: the answer of a passkey, or a code."""

    answer: msgspec.Raw = NOTHING
    code: str | None = None


T = TypeVar("T")

_sso_body = msgspec.json.Decoder(SsoBody)
_back_body = msgspec.json.Decoder(BackBody)
_code_body = msgspec.json.Decoder(CodeBody)
_enrol_body = msgspec.json.Decoder(EnrolBody)
_proof_body = msgspec.json.Decoder(ProofBody)
_SHAPE: Final = 'a JSON object with "answer" or "code"'


class StaffDoor:
    """The door of one app of staff.

    Args:
        door: sessions, and the place where failures are counted by source.
        entrance: how the app is entered.
        locks: which screens are locked.
        now_ms: the time.
        proofs: told when somebody proved who sits at a session's screen.
    """

    def __init__(self, door: Door, entrance: Entrance, locks: Locks, now_ms: Callable[[], int], proofs: Proofs) -> None:
        self._proofs = proofs
        self._door = door
        self._entrance = entrance
        self._signing = entrance.signing
        self._site = entrance.site
        self.locks = locks
        self._now_ms = now_ms
        self._challenges = Challenges()
        self._flows = Flows()

    def offers(self) -> Offers:
        """Return what the sign-in page may offer."""
        sso = self._entrance.sso
        return Offers(self._entrance.are_codes_enough, passkeys=can_have_passkeys(self._site), sso=None if sso is None else sso.name)

    # -- single sign-on ------------------------------------------------------------------------------------------

    async def sso_begin(self, body: SsoBody) -> tuple[str, str]:
        """Return where the browser goes, and the state that it keeps."""
        flow = self._flows.begin(self._now_ms(), code=body.code, again=body.again)
        try:
            return await self._vouching().url(flow, self._redirect_uri), flow.state
        except SsoDownError:
            raise RefusedError(503, "sso_down", "The single sign-on cannot be reached.", retry_after_s=5) from None

    async def sso_end(self, body: BackBody, cookie: str | None, host: str | None) -> Signed:
        """Return the session that a provider's word begins. No account is made by it, and no role is taken from it."""
        try:
            found = await self._attempt(host, lambda: self._vouched(body, cookie))
        except SsoDownError:
            raise RefusedError(503, "sso_down", "The single sign-on cannot be reached.", retry_after_s=5) from None
        if found is None:
            raise RefusedError(403, "sso_refused")
        token, is_proof = found
        return await self._begun(token, is_proof=is_proof)

    async def _vouched(self, body: BackBody, cookie: str | None) -> tuple[str, bool] | None:
        """Return the session's token, and whether the person was asked anew: an older sign-in at the provider proves nobody."""
        vouching = self._vouching()
        try:
            flow = self._flows.take(body.state, cookie, self._now_ms())
            subject = await vouching.subject(flow, self._redirect_uri, body.code, self._now_ms())
        except SsoError as error:
            log.warning("an answer of the single sign-on was not believed", reason=str(error))
            return None
        now_ms, until_ms = self._now_ms(), self._door.sessions.until_ms()
        if flow.code is not None:
            tie = partial(self._signing.tie, flow.code, vouching.issuer, subject, self._audience, now_ms, until_ms)
            tied = await asyncio.to_thread(tie)
            return None if tied is None else (tied, True)
        name = await asyncio.to_thread(self._signing.sso_account, vouching.issuer, subject)
        if name is None:
            raise RefusedError(403, "sso_unknown", "No account here is tied to you: ask for a code.")
        token = await asyncio.to_thread(self._signing.sso_sign_in, name, self._audience, until_ms)
        if token is None:
            raise RefusedError(403, "account_locked", "This account is locked. An administrator can unlock it.")
        return token, flow.again

    def _vouching(self) -> Vouching:
        if self._entrance.sso is None:
            raise RefusedError(404, "not_found")
        return self._entrance.sso

    @property
    def _redirect_uri(self) -> str:
        return f"{self._site.origin}/"

    # -- making a passkey ----------------------------------------------------------------------------------------

    async def enrol_options(self, code: str | None, signed: Signed | None, host: str | None) -> str:
        """Return what the browser makes a passkey by, for whom a code invites or for whoever is signed in."""
        name = await self._guest(code, host) if code is not None else self._own(signed)
        known, handle = await asyncio.to_thread(lambda: (self._signing.passkeys(name), self._signing.handle(name)))
        asked = self._challenges.begin(Purpose.ENROL, Kind.STAFF, name, self._now_ms(), handle)
        return enrol_options(self._site, asked, name, known)

    def _own(self, signed: Signed | None) -> str:
        """Return the account that one more passkey is made for. Whoever finds a screen open could else make himself that person's proof."""
        name = _named(signed)
        if signed is not None and signed.how != CODE:
            try:
                check_fresh(self._proofs.present(signed), self._now_ms())
            except NotFreshError as error:
                raise RefusedError(403, "proof_needed", str(error)) from None
        return name

    async def _guest(self, code: str, host: str | None) -> str:
        name = await self._attempt(host, lambda: asyncio.to_thread(self._signing.invited, code, self._audience, self._now_ms()))
        if name is None:
            raise RefusedError(403, "code_unknown")
        return name

    async def enrol(self, body: EnrolBody, signed: Signed | None, host: str | None) -> Signed | None:
        """Keep a passkey that was made. With a code, return the session that begins."""
        made = await self._attempt(host, lambda: self._made(bytes(body.answer)))
        if made is None or (body.code is None and made.subject != _named(signed)):
            raise RefusedError(403, "passkey_unknown")
        if body.code is None:
            if not await asyncio.to_thread(self._signing.enrol_more, made, self._now_ms()):
                raise RefusedError(403, "account_locked", "This account is locked. An administrator can unlock it.")
            return None
        until_ms = self._door.sessions.until_ms()
        token = await asyncio.to_thread(self._signing.enrol, body.code, made, self._audience, self._now_ms(), until_ms)
        if token is None:
            raise RefusedError(403, "code_unknown")
        return await self._begun(token)

    async def _made(self, answer: bytes) -> Passkey | None:
        try:
            asked = self._challenges.take(answer, Purpose.ENROL, Kind.STAFF, self._now_ms())
            return enrolled(self._site, asked, answer, self._now_ms())
        except PasskeyError:
            return None

    # -- proving one ---------------------------------------------------------------------------------------------

    async def options(self, signed: Signed | None) -> str:
        """Return what the browser proves a passkey by; a session that stands is told its own."""
        name = None if signed is None else signed.subject
        known = [] if name is None else await asyncio.to_thread(self._signing.passkeys, name)
        return sign_in_options(self._site, self._challenges.begin(Purpose.SIGN_IN, Kind.STAFF, name, self._now_ms()), known)

    async def sign_in(self, answer: bytes, host: str | None) -> Signed:
        """Return the session that a passkey begins."""
        passkey, count = await self._proved(answer, host)
        now_ms, until_ms = self._now_ms(), self._door.sessions.until_ms()
        begin = partial(self._signing.sign_in, passkey, count, self._audience, now_ms, until_ms)
        return await self._begun(await self._opened(begin, passkey))

    async def unlock(self, body: ProofBody, signed: Signed, host: str | None) -> None:
        """Open a locked screen for the account that is signed in at it, and for no other."""
        if bytes(body.answer):
            passkey, count = await self._proved(bytes(body.answer), host)
            if passkey.subject != signed.subject:
                raise RefusedError(403, "passkey_unknown")
            await self._opened(partial(self._signing.prove, passkey, count, self._now_ms()), passkey)
        else:
            await self._code_again(body.code or "", signed, host)
        await self.locks.open(signed.token)
        self._proofs.proved(signed.token)

    async def _code_again(self, code: str, signed: Signed, host: str | None) -> None:
        use = partial(self._signing.use_code, code, signed.subject, self._audience, self._now_ms())
        if not await self._attempt(host, lambda: _true(asyncio.to_thread(use))):
            await asyncio.to_thread(self._signing.failed, signed.subject, self._now_ms())
            raise RefusedError(403, "code_unknown")

    async def _proved(self, answer: bytes, host: str | None) -> tuple[Passkey, int]:
        found = await self._attempt(host, lambda: self._prove(answer))
        if found is None:
            raise RefusedError(403, "passkey_unknown")
        return found

    async def _prove(self, answer: bytes) -> tuple[Passkey, int] | None:
        """Return the passkey that an answer proves, and its counter; a failure counts against the account that it names."""
        passkey = None
        try:
            asked = self._challenges.take(answer, Purpose.SIGN_IN, Kind.STAFF, self._now_ms())
            passkey = await asyncio.to_thread(self._signing.passkey, credential_of(answer))
            return None if passkey is None else (passkey, proved(self._site, asked, answer, passkey))
        except PasskeyError as error:
            if passkey is not None:
                count = self._signing.cloned if isinstance(error, ClonedError) else self._signing.failed
                await asyncio.to_thread(count, passkey.subject, self._now_ms())
            return None

    async def _opened(self, step: Callable[[], str | bool | None], passkey: Passkey) -> str:
        try:
            opened = await asyncio.to_thread(step)
        except ClonedError:
            await asyncio.to_thread(self._signing.cloned, passkey.subject, self._now_ms())
            raise RefusedError(403, "passkey_unknown") from None
        if not opened:
            raise RefusedError(403, "account_locked", "This account is locked. An administrator can unlock it.")
        return str(opened)

    async def _begun(self, token: str, *, is_proof: bool = True) -> Signed:
        try:
            signed = await self._door.sessions.begun(token)
        except NoSeatError:
            raise RefusedError(403, "no_seat", "Your role has no place here.") from None
        assert signed is not None
        self.locks.moved(signed.token)
        if is_proof:
            self._proofs.proved(signed.token)
        return signed

    @property
    def _audience(self) -> str:
        return self._door.sessions.audience

    async def _attempt(self, host: str | None, attempt: Callable[[], Awaitable[T | None]]) -> T | None:
        return await self._door.pairing.prove(host, attempt)


async def _true(answer: Awaitable[bool]) -> bool | None:
    return (await answer) or None


def _named(signed: Signed | None) -> str:
    if signed is None:
        raise RefusedError(401, "session_needed")
    return signed.subject


def can_have_passkeys(site: Site) -> bool:
    """Return whether browsers make passkeys for an address: it has a name, and TLS or this machine (WebAuthn, section 5.1.3)."""
    is_named = any(letter.isalpha() for letter in site.rp_id) and ":" not in site.rp_id
    return is_named and (site.origin.startswith("https:") or site.rp_id == "localhost" or site.rp_id.endswith(".localhost"))


# -- routes --------------------------------------------------------------------------------------------------------


async def _maybe(request: Request[Any, Any, Any], door: Door, staff_door: StaffDoor) -> Signed | None:
    """Return who is signed in at a screen that is not locked, or None."""
    signed = await door.sessions.find(door.sessions.token(request.scope))  # type: ignore[arg-type]
    return None if signed is None or await staff_door.locks.is_locked(signed) else signed


def _host(request: Request[Any, Any, Any]) -> str | None:
    return request.client.host if request.client is not None else None


def _entered(door: Door, signed: Signed) -> Response[None]:
    return Response(None, status_code=204, headers={"set-cookie": door.sessions.cookie(signed.token)})


def _json(text: str) -> Response[str]:
    return Response(text, media_type="application/json")


@get("/api/door")
async def offers(staff_door: NamedDependency[StaffDoor]) -> Offers:
    """Return what the sign-in page may offer."""
    return staff_door.offers()


@post("/api/passkey/enrol/options", status_code=200)
async def begin_enrol(
    request: Request[Any, Any, Any], door: NamedDependency[Door], staff_door: NamedDependency[StaffDoor]
) -> Response[str]:
    """Return what the browser makes a passkey by."""
    asked = await read_as(request, _code_body, 'a JSON object with "code"')
    return _json(await staff_door.enrol_options(asked.code, await _maybe(request, door, staff_door), _host(request)))


@post("/api/passkey/enrol", status_code=204)
async def end_enrol(request: Request[Any, Any, Any], door: NamedDependency[Door], staff_door: NamedDependency[StaffDoor]) -> Response[None]:
    """Keep a passkey that was made."""
    asked = await read_as(request, _enrol_body, 'a JSON object with "code" and "answer"')
    signed = await staff_door.enrol(asked, await _maybe(request, door, staff_door), _host(request))
    return Response(None, status_code=204) if signed is None else _entered(door, signed)


@post("/api/passkey/options", status_code=200)
async def begin_sign_in(
    request: Request[Any, Any, Any], door: NamedDependency[Door], staff_door: NamedDependency[StaffDoor]
) -> Response[str]:
    """Return what the browser proves a passkey by. A locked screen is told the passkeys of whoever locked it."""
    return _json(await staff_door.options(await door.sessions.find(door.sessions.token(request.scope))))  # type: ignore[arg-type]


@post("/api/passkey", status_code=204)
async def sign_in(request: Request[Any, Any, Any], door: NamedDependency[Door], staff_door: NamedDependency[StaffDoor]) -> Response[None]:
    """Begin a session by a passkey."""
    asked = await read_as(request, _proof_body, _SHAPE)
    return _entered(door, await staff_door.sign_in(bytes(asked.answer), _host(request)))


@post("/api/sso/begin", status_code=200)
async def sso_begin(
    request: Request[Any, Any, Any], door: NamedDependency[Door], staff_door: NamedDependency[StaffDoor]
) -> Response[SsoUrl]:
    """Begin a single sign-on; the browser keeps the state in a cookie that no other site's page can send."""
    url, state = await staff_door.sso_begin(await read_as(request, _sso_body, 'a JSON object with "code" and "again"'))
    return Response(SsoUrl(url), media_type="application/json", headers={"set-cookie": f"{_state_name(door)}={state}; Max-Age=600; {END}"})


@post("/api/sso", status_code=204)
async def sso_end(request: Request[Any, Any, Any], door: NamedDependency[Door], staff_door: NamedDependency[StaffDoor]) -> Response[None]:
    """End a single sign-on with a session. The session that the browser had before, perhaps a locked one, ends."""
    asked = await read_as(request, _back_body, 'a JSON object with "code" and "state"')
    signed = await staff_door.sso_end(asked, request.cookies.get(_state_name(door)), _host(request))
    before = door.sessions.token(request.scope)  # type: ignore[arg-type]
    if before is not None:
        door.streams.end(before)
        await door.sessions.end(before)
    return _entered(door, signed)


def _state_name(door: Door) -> str:
    return f"__Host-jikimi-{door.sessions.audience}-sso"


@post("/api/moved", status_code=204)
async def moved(request: Request[Any, Any, Any], door: NamedDependency[Door], staff_door: NamedDependency[StaffDoor]) -> None:
    """Somebody is there."""
    signed = await signed_in(request, door)
    if await staff_door.locks.is_locked(signed):
        raise RefusedError(423, "locked")
    staff_door.locks.moved(signed.token)


@post("/api/lock", status_code=204)
async def lock(request: Request[Any, Any, Any], door: NamedDependency[Door], staff_door: NamedDependency[StaffDoor]) -> None:
    """Lock the screens of this session."""
    await staff_door.locks.lock((await signed_in(request, door)).token)


@post("/api/unlock", status_code=204)
async def unlock(request: Request[Any, Any, Any], door: NamedDependency[Door], staff_door: NamedDependency[StaffDoor]) -> None:
    """Open the screens of this session again."""
    asked = await read_as(request, _proof_body, _SHAPE)
    await staff_door.unlock(asked, await signed_in(request, door), _host(request))


ROUTES: Final = (offers, begin_enrol, end_enrol, begin_sign_in, sign_in, sso_begin, sso_end, moved, lock, unlock)


def services(
    door: Door, entrance: Entrance | None, locks: Locks, now_ms: Callable[[], int], proofs: Proofs | None = None
) -> Mapping[str, Any]:
    """Return what the routes ask for by name; no door where the app has no entrance of this kind."""
    known = Proofs(door.sessions.audience, now_ms) if proofs is None else proofs
    return {"proofs": known} if entrance is None else {"proofs": known, "staff_door": StaffDoor(door, entrance, locks, now_ms, known)}
