"""One entry of the ledger: what is said in the open, and what is said of persons only as commitments.

The leaf, whose hash goes into the tree, is one line of JSON in one spelling (RFC 8785 restricted to strings, whole numbers and
lists of strings). In the open it says when, what kind of act, for what purpose, from what kind of device and network. Everything
that names or concerns a person is a commitment: ``SHA-256(salt + field + "=" + value)`` with 32 salt bytes that nobody can
guess. Salts and values are kept beside the tree, under a key of the person they concern. Erase that key, and the leaf stays as
it is and the tree still proves itself, but nobody can tell any more whom the entry was about, not even by trying all names.

No coordinate gets in: what is in the open has no place for a digit but the time, and values are searched for what looks like one.
"""

from __future__ import annotations

import base64
import enum
import hmac
import ipaddress
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

import msgspec

from jikimi.disclosure.ledger.place import looks_like_a_place

SALT_BYTES: Final = 32
VERSION: Final = 1
MOST_VALUE: Final = 500
MOST_WHOSE: Final = 20
_MOST_MS: Final = 2**53 - 1
_TOKEN: Final = re.compile(r"[a-z]+(?:[_.:-][a-z]+)*")
_MOST_TOKEN: Final = 64
_COMMITMENT: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_TOKENS: Final = ("act", "audience", "client", "network", "purpose", "what")
_SINGLE: Final = ("address", "order", "reason", "recipient", "who")


class LeafError(ValueError):
    """An entry cannot be taken. The text says which field and why, and repeats nothing of it."""


class Client(enum.StrEnum):
    """The kind of program in front of somebody."""

    BROWSER = "browser"
    APP = "app"
    SERVICE = "service"
    COMMAND_LINE = "command_line"
    UNKNOWN = "unknown"


class Network(enum.StrEnum):
    """Where a request came from, as coarsely as an auditor needs it."""

    OFFICE = "office"
    VPN = "vpn"
    PUBLIC = "public"
    LOOPBACK = "loopback"
    UNKNOWN = "unknown"


class Personal(msgspec.Struct, frozen=True):
    """A value that concerns a person.

    Attributes:
        subject: whose erasure erases it: an id of the person (or of the order) whose key it is kept under.
        value: what is said.
    """

    subject: str
    value: str


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What is written down of one disclosure or other act.

    Attributes:
        at_ms: when.
        act: what was done: ``disclosed``, ``closed``, ``refused``, ``exported``, ``erased``, ...
        what: what was shown, and on what ground: ``map:inside_ring``, ``history``, ... Words, no numbers.
        purpose: the gate's purpose.
        audience: whose screen: ``protected``, ``desk``, ``field``, ``court``, ``oversight``, ``service``.
        client, network: from where.
        who: who asked.
        whose: whose position or record it was.
        order: the order behind it.
        recipient: who received it, where that is somebody else.
        reason: the reason stated, in free words.
        address: the network address, only where the settings say that it is kept.
    """

    at_ms: int
    act: str
    what: str
    purpose: str
    audience: str
    client: Client = Client.UNKNOWN
    network: Network = Network.UNKNOWN
    who: Personal | None = None
    whose: tuple[Personal, ...] = ()
    order: Personal | None = None
    recipient: Personal | None = None
    reason: Personal | None = None
    address: Personal | None = None


class Opening(msgspec.Struct, frozen=True):
    """Salt and value of one commitment: what shows that an entry was about somebody."""

    field: str
    salt: bytes
    value: str


def check(act: Act) -> None:
    """Raise unless an act may be written down.

    Raises:
        LeafError: a field is not what it should be, or looks like a coordinate.
    """
    if not 0 <= act.at_ms <= _MOST_MS:
        raise LeafError("at_ms is not a time in milliseconds since 1970.")
    for name in _TOKENS:
        token: str = getattr(act, name)
        if len(token) > _MOST_TOKEN or _TOKEN.fullmatch(token) is None:
            raise LeafError(f"{name} is said in the open: lower-case words joined by . : _ or -, without digits.")
    if len(act.whose) > MOST_WHOSE:
        raise LeafError(f"whose names more than {MOST_WHOSE} persons.")
    for name, personal in personals(act):
        _check_value(name, personal)


def personals(act: Act) -> Iterator[tuple[str, Personal]]:
    """Yield what concerns persons, each with the name of its field; one of several is ``whose/0``, ``whose/1``, ..."""
    for name in _SINGLE:
        personal: Personal | None = getattr(act, name)
        if personal is not None:
            yield name, personal
    for number, each in enumerate(act.whose):
        yield f"whose/{number}", each


def commitment(field: str, salt: bytes, value: str) -> str:
    """Return what a leaf says of a value: 43 characters of base64url. The salt's length is fixed, so no two inputs are one."""
    return _base64url(sha256(salt + f"{field}={value}".encode()).digest())


def derived_salt(key: bytes, nonce: bytes, field: str) -> bytes:
    """Return the salt of one field of one entry (HMAC-SHA256): without the subject's key it cannot be guessed.

    Args:
        key: 32 bytes, the subject's.
        nonce: 16 random bytes, the entry's.
        field: the field's name.
    """
    return hmac.digest(key, nonce + field.encode(), "sha256")


def encode(act: Act, commitments: dict[str, str]) -> bytes:
    """Return the leaf's bytes; ``commitments`` has one for each of ``personals(act)``."""
    fields: dict[str, object] = {name: str(getattr(act, name)) for name in _TOKENS}
    fields |= {name: value for name, value in commitments.items() if "/" not in name}
    if act.whose:
        fields["whose"] = [commitments[f"whose/{number}"] for number in range(len(act.whose))]
    return _spelled(fields | {"at_ms": act.at_ms, "v": VERSION})


def decode(leaf: bytes) -> dict[str, int | str | list[str]]:
    """Read a leaf.

    Raises:
        LeafError: it is none, or is spelled in another way than ours, or something in it has no place in a leaf.
    """
    try:
        fields = json.loads(leaf)
    except (ValueError, RecursionError):
        raise LeafError("This is not a leaf: it is not JSON.") from None
    if not isinstance(fields, dict) or not all(_fits(name, value) for name, value in fields.items()):
        raise LeafError("This is not a leaf: a field is unknown or holds what has no place in it.")
    if not {"at_ms", "v", *_TOKENS} <= fields.keys() or _spelled(fields) != leaf:
        raise LeafError("This is not a leaf: a field is missing, or it is spelled in another way than ours.")
    return fields


def opens(leaf: bytes, opening: Opening) -> bool:
    """Return whether a salt and a value are those that a leaf was made from.

    Raises:
        LeafError: the leaf is none.
    """
    name, _, number = opening.field.partition("/")
    stated = decode(leaf).get(name)
    if isinstance(stated, list):
        place = int(number) if number.isascii() and number.isdigit() else len(stated)
        stated = stated[place] if place < len(stated) else None
    elif number:
        return False
    return len(opening.salt) == SALT_BYTES and stated == commitment(opening.field, opening.salt, opening.value)


def _check_value(name: str, personal: Personal) -> None:
    if not personal.subject or not personal.value or len(personal.value) > MOST_VALUE:
        raise LeafError(f"{name} needs a subject and 1 to {MOST_VALUE} characters.")
    if name == "address":
        _check_address(personal.value)
    elif looks_like_a_place(personal.value):
        raise LeafError(f"{name} looks as if it held a coordinate: the ledger takes none. Say it without numbers of that kind.")


def _check_address(value: str) -> None:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise LeafError("address is not a network address.") from None


def _fits(name: str, value: object) -> bool:
    if name in _TOKENS:
        return isinstance(value, str) and len(value) <= _MOST_TOKEN and _TOKEN.fullmatch(value) is not None
    if name in _SINGLE:
        return _is_commitment(value)
    if name == "whose":
        return isinstance(value, list) and 0 < len(value) <= MOST_WHOSE and all(_is_commitment(each) for each in value)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and (value == VERSION if name == "v" else name == "at_ms" and 0 <= value <= _MOST_MS)  # type: ignore[operator]


def _is_commitment(value: object) -> bool:
    return isinstance(value, str) and _COMMITMENT.fullmatch(value) is not None


def _spelled(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
