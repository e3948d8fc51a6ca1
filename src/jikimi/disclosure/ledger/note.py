"""Signed notes: text that one or more keys have signed, in a form people can read (C2SP signed-note).

A signature line names its key by a name and a 32-bit id. Two kinds of key are known here, both Ed25519: the log's, which signs
the text itself (0x01), and a witness's, which signs the text together with a time (0x04; see ``checkpoint``).
"""

from __future__ import annotations

import base64
import binascii
import enum
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ID_BYTES: Final = 4
KEY_BYTES: Final = 32
MOST_BYTES: Final = 1 << 20
"""A note larger than this is nobody's."""

_DASH: Final = "\u2014 "
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LINE: Final = re.compile(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_NAME: Final = re.compile(r"[^\s+\x00-\x1f]+")


class NoteError(ValueError):
    """A note, a key or a signature cannot be used. The text says why."""


class Kind(enum.IntEnum):
    """How a key signs (signed-note, "Signature types")."""

    LOG = 0x01
    WITNESS = 0x04


class Signature(msgspec.Struct, frozen=True):
    """One signature line: the key's name and id, and what that key made."""

    name: str
    key_id: bytes
    raw: bytes

    def line(self) -> str:
        """Return the line as it stands in a note, with its end."""
        return f"{_DASH}{self.name} {encoded(self.key_id + self.raw)}\n"


class Note(msgspec.Struct, frozen=True):
    """A text, which ends with a newline, and the signatures below it. Nothing of it is to be believed before it is checked."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(signature.line() for signature in self.signatures)}"


class Verifier(msgspec.Struct, frozen=True):
    """A key somebody trusts: its name, kind and 32 public bytes."""

    name: str
    kind: Kind
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The key's id: four bytes of a hash, which tell keys apart and prove nothing."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:ID_BYTES]

    def signed(self, signature: Signature) -> bool:
        """Return whether a signature says that it is of this key."""
        return signature.name == self.name and signature.key_id == self.key_id

    def holds(self, message: bytes, raw: bytes) -> bool:
        """Return whether 64 bytes are this key's Ed25519 signature of the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(raw, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def __str__(self) -> str:
        """Return the key in the form of signed-note: name, id in hexadecimal digits, kind and key in base64."""
        return f"{self.name}+{self.key_id.hex()}+{encoded(bytes([self.kind]) + self.public)}"


class Signer:
    """A key that signs; its secret never shows.

    Args:
        name: the key's name, without spaces and plus signs.
        seed: 32 secret bytes.
        kind: how it signs.

    Raises:
        NoteError: the name cannot be one.
    """

    def __init__(self, name: str, seed: bytes, kind: Kind = Kind.LOG) -> None:
        if _NAME.fullmatch(name) is None:
            raise NoteError("A key's name is not empty and holds no space and no plus sign.")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, kind, self._key.public_key().public_bytes_raw())

    def raw(self, message: bytes) -> bytes:
        """Return the 64 bytes of the Ed25519 signature of a message."""
        return self._key.sign(message)

    def line(self, raw: bytes) -> Signature:
        """Return a signature line of this key."""
        return Signature(self.verifier.name, self.verifier.key_id, raw)

    def sign(self, text: str) -> Note:
        """Return the text as a note signed by this key, which is a log's."""
        if not text.endswith("\n") or _CONTROL.search(text):
            raise NoteError("A note's text ends with a newline and holds no control character.")
        return Note(text, (self.line(self.raw(text.encode())),))


def encoded(data: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(data).decode()


def decoded(text: str) -> bytes:
    """Read standard base64, in its one correct spelling.

    Raises:
        NoteError: it is none.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise NoteError("This is not base64.") from None
    if encoded(data) != text:
        raise NoteError("This is base64 in a spelling that nobody writes.")
    return data


def parse_verifier(text: str) -> Verifier:
    """Read a key in the form of signed-note.

    Raises:
        NoteError: it is none, of a kind not known here, or its id does not fit.
    """
    name, _, rest = text.strip().partition("+")
    stated, _, key = rest.partition("+")
    if _NAME.fullmatch(name) is None or not key:
        raise NoteError("A key is written as NAME+ID+KEY.")
    data = decoded(key)
    if len(data) != 1 + KEY_BYTES or data[0] not in set(Kind):
        raise NoteError("Only Ed25519 keys of a log (01) or a witness (04) are known here.")
    verifier = Verifier(name, Kind(data[0]), data[1:])
    if verifier.key_id.hex() != stated:
        raise NoteError("The key's id does not fit its name and bytes: something of it was changed.")
    return verifier


def parse(note: str) -> Note:
    """Read a note; nothing of it is checked yet.

    Raises:
        NoteError: it is none.
    """
    if len(note) > MOST_BYTES or _CONTROL.search(note):
        raise NoteError("A note holds no control character, and at most 1 MiB.")
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise NoteError("A note is a text, an empty line, and signature lines.")
    return Note(f"{text}\n", tuple(parse_line(line) for line in lines[:-1].split("\n")))


def parse_line(line: str) -> Signature:
    """Read one signature line, without its end.

    Raises:
        NoteError: it is none.
    """
    match = _LINE.fullmatch(line)
    if match is None:
        raise NoteError("A signature line is a dash, a key's name and base64.")
    data = decoded(match[2])
    if len(data) <= ID_BYTES:
        raise NoteError("A signature line holds no signature.")
    return Signature(match[1], data[:ID_BYTES], data[ID_BYTES:])


def check(note: Note, verifiers: Iterable[Verifier]) -> list[Verifier]:
    """Return the trusted log keys that signed the note's text; signatures of unknown keys are passed over.

    Raises:
        NoteError: a trusted key's signature does not hold, or no trusted key signed it.
    """
    found: list[Verifier] = []
    for verifier in verifiers:
        mine = [signature for signature in note.signatures if verifier.signed(signature)]
        if not all(verifier.holds(note.text.encode(), signature.raw) for signature in mine):
            raise NoteError("A signature does not hold: the text was changed, or another key signed it.")
        if mine:
            found.append(verifier)
    if not found:
        raise NoteError("No trusted key signed it.")
    return found
