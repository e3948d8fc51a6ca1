"""Passkeys (WebAuthn Level 3) of staff and of protected persons alike: what is kept, and the challenges under way. No I/O.

How an app uses them, with the ceremonies of ``identity/ceremony.py`` and ``storage/passkeys.py``:

1. ``site = site_of(url, name)``: the rp id is the host of the app's address, the origin is the address. Each audience has its own.
2. Make a passkey. ``challenges.begin(Purpose.ENROL, kind, subject, now_ms, SqlPasskeys.handle(kind, subject))``, then answer the page
   with ``enrol_options(site, challenge, label, known)``; the page gives it to ``navigator.credentials.create``. What comes back:
   ``challenges.take(answer, Purpose.ENROL, kind, now_ms)`` says whose it is, ``enrolled(site, asked, answer, now_ms)`` returns the
   ``Passkey``, and ``put_passkey(connection, passkey)`` keeps it in the transaction of whatever allowed it (a code used up, a re-check).
3. Prove oneself. ``challenges.begin(Purpose.SIGN_IN, kind, subject or None, now_ms)``, ``sign_in_options(site, challenge, known)``,
   ``navigator.credentials.get``. Then ``take`` as above, ``SqlPasskeys.find(kind, credential_of(answer))`` and
   ``proved(site, asked, answer, passkey)`` gives the new counter for ``SqlPasskeys.used``.

``kind`` is ``Kind.STAFF`` or ``Kind.HER``; a passkey of one never opens an app of the other. Every refusal is a ``PasskeyError``; a
``ClonedError`` says that two authenticators hold the same secret. The answer is the JSON of ``PublicKeyCredential.toJSON()`` as bytes.
A challenge is good once, for ``CHALLENGE_S`` seconds, for one purpose and kind, in the process that gave it.
"""

from __future__ import annotations

import base64
import enum
import secrets
from collections import OrderedDict
from typing import Final
from urllib.parse import urlsplit

import msgspec

CHALLENGE_S: Final = 300.0
"""So long somebody may take to find the key and touch it (WebAuthn recommends five minutes where verification is asked for)."""
MOST_CHALLENGES: Final = 10_000
"""So many ceremonies may be under way; a flood of new ones pushes out the oldest."""
HANDLE_BYTES: Final = 32
_MOST_ANSWER: Final = 32 * 1024


class Kind(enum.StrEnum):
    """Whose passkey; the value is the audience under which the register keeps it."""

    STAFF = "desk"
    HER = "protected"


class Purpose(enum.StrEnum):
    """What a challenge was given for; the value is the type that the browser signs (WebAuthn, section 5.8.1)."""

    ENROL = "webauthn.create"
    SIGN_IN = "webauthn.get"


class PasskeyError(ValueError):
    """A ceremony is refused. The text is for the log of a test, not for whoever tried."""


class ClonedError(PasskeyError):
    """The signature is right and the counter has not moved on: a copy of the authenticator may be about (WebAuthn, section 6.1.1)."""


class Site(msgspec.Struct, frozen=True):
    """For which app a passkey is: its rp id, its origin and the name that the browser shows."""

    rp_id: str
    origin: str
    name: str


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key that proves somebody.

    Attributes:
        credential_id: the authenticator's name for it.
        kind, subject: whose it is.
        handle: what the authenticator knows the subject by: random, the same for all passkeys of one subject.
        public_key: in COSE form.
        sign_count: the authenticator's counter when last used; 0 where it has none.
        made_ms: since when.
        used_ms: when last used; None: never.
    """

    credential_id: bytes
    kind: Kind
    subject: str
    handle: bytes
    public_key: bytes
    sign_count: int
    made_ms: int
    used_ms: int | None = None


class Asked(msgspec.Struct, frozen=True):
    """A challenge under way.

    Attributes:
        challenge: the random bytes.
        purpose, kind: what it was given for.
        subject: whose; None where the passkey itself will say who it is.
        until_ms: when it runs out.
        handle: what the authenticator shall know the subject by; None where no passkey is made.
    """

    challenge: bytes
    purpose: Purpose
    kind: Kind
    subject: str | None
    until_ms: int
    handle: bytes | None = None


class Response(msgspec.Struct, frozen=True):
    """What an authenticator answered, as far as it is read before the library proves it."""

    client_data: str = msgspec.field(name="clientDataJSON")
    user_handle: str | None = msgspec.field(name="userHandle", default=None)


class Answer(msgspec.Struct, frozen=True):
    """An answer: the name of the passkey, and the rest."""

    id: str
    response: Response


class _ClientData(msgspec.Struct, frozen=True):
    type: str
    challenge: str
    cross_origin: bool = msgspec.field(name="crossOrigin", default=False)


_answer: Final = msgspec.json.Decoder(Answer)
_client_data: Final = msgspec.json.Decoder(_ClientData)


class Challenges:
    """The challenges under way in this process. Each is taken once; what ran out or was taken is not there."""

    def __init__(self) -> None:
        self._asked: OrderedDict[bytes, Asked] = OrderedDict()

    def begin(self, purpose: Purpose, kind: Kind, subject: str | None, now_ms: int, handle: bytes | None = None) -> Asked:
        """Return a new challenge of 256 random bits; ``handle`` goes with one for a passkey that is to be made."""
        asked = Asked(secrets.token_bytes(32), purpose, kind, subject, now_ms + int(CHALLENGE_S * 1_000), handle)
        self._asked[asked.challenge] = asked
        if len(self._asked) > MOST_CHALLENGES:
            self._asked.popitem(last=False)
        return asked

    def take(self, answer: bytes, purpose: Purpose, kind: Kind, now_ms: int) -> Asked:
        """Return the challenge that an answer is to, and use it up whatever comes of it.

        Raises:
            PasskeyError: the answer is no answer, or to no challenge that was given for this and still stands.
        """
        said = _said(answer)
        asked = self._asked.pop(raw(said.challenge), None)
        if asked is None:
            raise PasskeyError("The answer is to no challenge that stands.")
        if asked.until_ms <= now_ms:
            raise PasskeyError("The challenge has run out.")
        if (asked.purpose, asked.kind) != (purpose, kind) or said.type != purpose or said.cross_origin:
            raise PasskeyError("The challenge was given for something else.")
        return asked


def site_of(url: str, name: str) -> Site:
    """Return the site of an app that is reached at ``url``."""
    parts = urlsplit(url)
    return Site(parts.hostname or "", f"{parts.scheme}://{parts.netloc}".lower(), name)


def named_of(passkey: Passkey) -> str:
    """Return the name by which people speak of a passkey: the beginning of the authenticator's own, in hexadecimal digits."""
    return passkey.credential_id.hex()[:16]


def new_handle() -> bytes:
    """Return a handle for somebody who has no passkey yet; it says nothing about who it is."""
    return secrets.token_bytes(HANDLE_BYTES)


def credential_of(answer: bytes) -> bytes:
    """Return which passkey an answer claims to be of.

    Raises:
        PasskeyError: it is no answer.
    """
    return raw(read(answer).id)


def check_count(before: int, after: int) -> None:
    """Raise unless a counter moved on; both 0: the authenticator has none.

    Raises:
        ClonedError: it did not.
    """
    if (before or after) and after <= before:
        raise ClonedError("The authenticator's counter has not moved on.")


def _said(answer: bytes) -> _ClientData:
    try:
        return _client_data.decode(raw(read(answer).response.client_data))
    except msgspec.MsgspecError as error:
        raise PasskeyError("The answer holds no client data.") from error


def read(answer: bytes) -> Answer:
    """Return what an answer says, before any of it is believed.

    Raises:
        PasskeyError: it is no answer.
    """
    if len(answer) > _MOST_ANSWER:
        raise PasskeyError("The answer is too large.")
    try:
        return _answer.decode(answer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise PasskeyError("This is no answer of a passkey.") from error


def raw(text: str) -> bytes:
    """Return the bytes of a base64url text.

    Raises:
        PasskeyError: it is none.
    """
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise PasskeyError("This is not base64url.") from error
