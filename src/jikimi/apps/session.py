"""Who sits in front of a browser: an opaque token in a cookie of its own for each audience.

The register is asked on a thread and its answer believed for half a minute, so that the screens of a whole country do not
wait for a database. A session that ends here ends at once; one ended elsewhere is noticed by the streams within seconds.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Collection
from typing import Final

import msgspec

from jikimi.apps.asgi import Scope, header
from jikimi.apps.register import Register, SessionRecord
from jikimi.disclosure.gate import Audience

KNOWN_S: Final = 30.0
MOST_KNOWN: Final = 20_000
CODE: Final = "code"
OPENING: Final = b"jikimi-open"
"""The header in which her page brings the word of ``identity/app_lock.py``. It is in no cookie, and in no store of the browser."""
MOST_OPENING: Final = 200

_TOKEN: Final = re.compile(r"[A-Za-z0-9_\-.~+/=]{16,256}")
END: Final = "Path=/; Secure; HttpOnly; SameSite=Strict"


class Signed(msgspec.Struct, frozen=True):
    """A signed-in browser: its token and who it is; ``opening`` is the word by which a page says to have proved more, unchecked."""

    token: str
    subject: str
    how: str = CODE
    is_locked: bool = False
    opening: str | None = None


def with_opening(signed: Signed, scope: Scope) -> Signed:
    """Return who is signed in together with the word that the page of this request brings."""
    word = header(scope, OPENING)
    return signed if word is None else msgspec.structs.replace(signed, opening=word[:MOST_OPENING])


class NoSeatError(Exception):
    """Somebody is known, and has no place here."""


class _Known(msgspec.Struct, frozen=True):
    session: SessionRecord
    asked_s: float


class Sessions:
    """Sessions of one audience.

    Args:
        register: keeps them.
        audience: whose app; another audience's session is no session here.
        now_ms: the time.
        days: how long a new session lasts.
        may_enter: tells whether a subject may still be in this app; None where the session alone decides.
        are_codes_enough: whether a session that a code alone began is one. False: somebody must have proved more than a code.
    """

    def __init__(
        self,
        register: Register,
        audience: Audience,
        now_ms: Callable[[], int],
        *,
        days: float,
        may_enter: Callable[[str], Awaitable[bool]] | None = None,
        are_codes_enough: bool = True,
    ) -> None:
        self._register = register
        self._audience = self.audience = audience.value
        self._now_ms = now_ms
        self._days = days
        self.are_codes_enough = are_codes_enough
        self._may_enter = may_enter
        self._name = f"__Host-jikimi-{audience.value}"
        self._known: dict[str, _Known] = {}

    # -- the cookie ----------------------------------------------------------------------------------------------

    def token(self, scope: Scope) -> str | None:
        """Return the token a request brings, or None."""
        for key, value in scope["headers"]:
            if key == b"cookie":
                for part in value.decode("latin-1").split(";"):
                    name, _, token = part.strip().partition("=")
                    if name == self._name:
                        return token if _TOKEN.fullmatch(token) else None
        return None

    def cookie(self, token: str) -> str:
        """Return the ``Set-Cookie`` that keeps a token (RFC 6265bis: the prefix ties it to this host, TLS and every path)."""
        return f"{self._name}={token}; Max-Age={int(self._days * 86_400)}; {END}"

    def no_cookie(self) -> str:
        """Return the ``Set-Cookie`` that makes a browser forget its token."""
        return f"{self._name}=; Max-Age=0; {END}"

    # -- the register --------------------------------------------------------------------------------------------

    async def find(self, token: str | None) -> Signed | None:
        """Return who a token stands for, or None."""
        if token is None:
            return None
        now_s = asyncio.get_running_loop().time()
        known = self._known.get(token)
        if known is None or now_s - known.asked_s > KNOWN_S:
            found = await asyncio.to_thread(self._register.session, token, self._audience, self._now_ms())
            known = self._remember(token, found, now_s)
        if known is None or known.session.until_ms <= self._now_ms() or not await self._enters(known):
            return None
        return Signed(token, known.session.subject, known.session.how, known.session.is_locked)

    async def _enters(self, known: _Known) -> bool:
        return self._may_enter is None or await self._may_enter(known.session.subject)

    async def is_barred(self, token: str | None) -> bool:
        """Return whether a session stands, and whoever has it has no place in this app any more, or never had."""
        known = self._known.get(token or "")
        return known is not None and known.session.until_ms > self._now_ms() and not await self._enters(known)

    async def redeem(self, code: str) -> Signed | None:
        """Turn a pairing code into a session; None when the code is not good here.

        Raises:
            NoSeatError: the code is good, and whose it is has no place in this app.
        """
        token = await asyncio.to_thread(self._register.redeem, code, self._audience, self._now_ms(), self.until_ms())
        return await self.begun(token)

    def until_ms(self) -> int:
        """Return when a session that begins now ends by itself."""
        return self._now_ms() + int(self._days * 86_400_000)

    async def begun(self, token: str | None) -> Signed | None:
        """Return who a session that was just begun stands for; None where none was.

        Raises:
            NoSeatError: whose it is has no place in this app; then the session ends.
        """
        signed = await self.find(token)
        if signed is None and token is not None and await self.is_barred(token):
            await self.end(token)
            raise NoSeatError
        return signed

    async def lock(self, token: str, *, is_locked: bool) -> None:
        """Lock a session's screen, or open it again."""
        await asyncio.to_thread(self._register.lock_session, token, is_locked=is_locked)
        self._known.pop(token, None)

    async def end(self, token: str) -> None:
        """End a session."""
        self._known.pop(token, None)
        await asyncio.to_thread(self._register.end_session, token)
        self._known.pop(token, None)

    def doubt(self, subject: str) -> None:
        """Believe nothing that is remembered of somebody's sessions: one of them took the place of the others."""
        for token in [token for token, known in self._known.items() if known.session.subject == subject]:
            del self._known[token]

    async def ended(self, tokens: Collection[str]) -> list[str]:
        """Ask the register anew about sessions in use; return those that are no more."""
        now_s = asyncio.get_running_loop().time()
        found = await asyncio.to_thread(self._ask, tokens, self._now_ms())
        remembered = [(token, self._remember(token, session, now_s)) for token, session in found]
        return [token for token, known in remembered if known is None or not await self._enters(known)]

    def _ask(self, tokens: Collection[str], now_ms: int) -> list[tuple[str, SessionRecord | None]]:
        standing = self._register.standing(tokens, self._audience, now_ms)
        return [(token, standing.get(token)) for token in tokens]

    def _remember(self, token: str, session: SessionRecord | None, now_s: float) -> _Known | None:
        self._known.pop(token, None)
        if session is None or session.audience != self._audience or (session.how == CODE and not self.are_codes_enough):
            return None
        known = self._known[token] = _Known(session, now_s)
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return known


class Alias:
    """The names under which one session knows its pairs: the same pair has another name in every session.

    HMAC-SHA256 of the pair's id under the session's token, so that two screens' records cannot be joined.
    """

    __slots__ = ("_key",)

    def __init__(self, token: str) -> None:
        self._key = token.encode()

    def __call__(self, pair_id: str) -> str:
        """Return the name of a pair."""
        mac = hmac.digest(self._key, b"pair\0" + pair_id.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac[:15]).decode()


class Names(Alias):
    """An alias that remembers what it named, so that the session can ask for a pair by its name."""

    __slots__ = ("_names", "_pairs")

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self._names: dict[str, str] = {}
        self._pairs: dict[str, str] = {}

    def __call__(self, pair_id: str) -> str:
        """Return the name of a pair."""
        name = self._names.get(pair_id)
        if name is None:
            name = self._names[pair_id] = super().__call__(pair_id)
            self._pairs[name] = pair_id
        return name

    def pair_id(self, name: str) -> str | None:
        """Return the pair behind a name this session was told, or None."""
        return self._pairs.get(name)
