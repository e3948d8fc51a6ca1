"""Her app lock: which PINs are taken, how often one may be tried, and what an open page holds in its hand. No I/O.

What proves her (a PIN, a passkey, or both, as she chose) gives an *opening*: a word that lives in one page's memory and nowhere else.
Whoever copies the cookie of her session has none. It is stateless: a server that starts anew believes it still, and whatever changes
what she proves herself by makes every earlier one worthless.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import hmac
import re
from typing import Final

import msgspec
from nacl import pwhash
from nacl.exceptions import InvalidkeyError

from jikimi.identity.passkeys import Passkey

AFTER_S: Final = (0, 60, 300, 900)
"""After so long in the background it is asked for again; she chooses."""
USUAL_AFTER_S: Final = 300
OPEN_MS: Final = 12 * 3_600_000
"""An opening ends by itself after so long, also while the page stays in front."""
MOST_TRIES: Final = 10
"""So many wrong PINs in a row, and only the office opens the lock again."""
_FREE: Final = 4
_WAITS_S: Final = (30, 60, 300, 900, 3_600)
"""The wait after each wrong PIN once ``_FREE`` were free; ten digits' worth of luck is all that a thief has."""
_PIN: Final = re.compile(r"[0-9]{4,8}")
_RUNS: Final = ("0123456789", "9876543210")


class Proof(enum.IntFlag):
    """What was proved for an opening."""

    NOTHING = 0
    PIN = 1
    PASSKEY = 2


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """What a person proves herself by, once she is signed in.

    Attributes:
        pin: its hash (Argon2id); None where she set none.
        after_s: so long in the background before it is asked for again.
        tries: wrong PINs in a row.
        tried_ms: when the last one was tried; None: never.
        passkeys: those bound to her phone.
        waived: whether the office let her go without one where the policy demands it.
    """

    pin: str | None = None
    after_s: int = USUAL_AFTER_S
    tries: int = 0
    tried_ms: int | None = None
    passkeys: tuple[Passkey, ...] = ()
    waived: bool = False

    @property
    def needs(self) -> Proof:
        """What an opening must have proved."""
        wanted = Proof.NOTHING if self.pin is None else Proof.PIN
        return wanted | Proof.PASSKEY if self.passkeys else wanted

    @property
    def tries_left(self) -> int:
        """How many PINs may still be tried."""
        return max(0, MOST_TRIES - self.tries)


def is_weak(pin: str) -> bool:
    """Return whether a PIN is none, or one that is tried first: a single digit repeated, or a run of digits."""
    return _PIN.fullmatch(pin) is None or len(set(pin)) == 1 or any(pin in run for run in _RUNS)


def wait_until_ms(lock: Lock) -> int | None:
    """Return before when no PIN may be tried; None where one may be tried now or never again."""
    if lock.tried_ms is None or lock.tries <= _FREE:
        return None
    return lock.tried_ms + _WAITS_S[min(lock.tries - _FREE, len(_WAITS_S)) - 1] * 1_000


def hashed(pin: str) -> str:
    """Return what is kept of a PIN. Argon2id at libsodium's interactive limits: 64 MiB, two passes."""
    return pwhash.argon2id.str(pin.encode()).decode()


def is_right(kept: str, pin: str) -> bool:
    """Return whether a PIN is the one that is kept."""
    try:
        return pwhash.verify(kept.encode(), pin.encode())
    except InvalidkeyError:
        return False


def opening(lock: Lock, token: str, proved: Proof, until_ms: int) -> str:
    """Return the word for a page of a session that proved something."""
    said = f"{until_ms}.{int(proved)}"
    return f"{said}.{_mac(lock, token, said)}"


def proved_by(lock: Lock, token: str, word: str | None, now_ms: int) -> Proof:
    """Return what a page proved, by the word that it brings: nothing where the word is none of this session, or its time is over."""
    said, _, mac = (word or "").rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(lock, token, said).encode()):
        return Proof.NOTHING
    until_ms, _, proved = said.partition(".")
    return Proof(int(proved)) if int(until_ms) > now_ms else Proof.NOTHING


def is_open(lock: Lock, proved: Proof) -> bool:
    """Return whether what was proved is all that she asks for."""
    return lock.needs & ~proved == Proof.NOTHING


def _mac(lock: Lock, token: str, said: str) -> str:
    """HMAC-SHA256 under what she proves herself by, so that a new PIN or another passkey ends every opening."""
    parts = [(lock.pin or "").encode(), *(one.credential_id + one.public_key for one in lock.passkeys)]
    key = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
    mac = hmac.digest(key, b"opening\0" + token.encode() + b"\0" + said.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
