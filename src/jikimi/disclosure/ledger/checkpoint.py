"""Checkpoints: what a ledger says of itself at one moment, signed (C2SP tlog-checkpoint), and what witnesses add (tlog-cosignature).

A checkpoint is three lines: the ledger's name, how many entries it holds, and the root of their tree. A witness that saw every
earlier checkpoint of the ledger signs it as well, with the time. Two people who hold checkpoints that a witness signed hold
checkpoints of one and the same ledger.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from jikimi.disclosure.ledger.note import Kind, Note, NoteError, Signature, Signer, Verifier, check, decoded, encoded, parse
from jikimi.disclosure.ledger.tree import HASH_BYTES

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_TIME_BYTES: Final = 8
_MOST_TIME: Final = 2**63 - 1


class Checkpoint(msgspec.Struct, frozen=True):
    """Name of the ledger, number of entries, root of their tree; ``more`` holds extension lines, which we never write."""

    origin: str
    size: int
    root: bytes
    more: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the note's text."""
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), encoded(self.root), *self.more))


def read_text(text: str) -> Checkpoint:
    """Read a note's text.

    Raises:
        NoteError: it is no checkpoint.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise NoteError("A checkpoint is three lines: the ledger's name, the number of entries, the root.")
    origin, size, root, *more = lines[:-1]
    if _SIZE.fullmatch(size) is None:
        raise NoteError("A checkpoint's second line is the number of entries.")
    if len(decoded(root)) != HASH_BYTES:
        raise NoteError("A checkpoint's third line is a root of 32 bytes.")
    return Checkpoint(origin, int(size), decoded(root), tuple(more))


def open_note(note: str, log: Verifier) -> tuple[Checkpoint, Note]:
    """Read a checkpoint and check the ledger's signature on it.

    Raises:
        NoteError: it is none, or the ledger did not sign it.
    """
    parsed = parse(note)
    check(parsed, [log])
    checkpoint = read_text(parsed.text)
    if checkpoint.origin != log.name:
        raise NoteError("The checkpoint names another ledger than the key.")
    return checkpoint, parsed


def cosign(text: str, witness: Signer, at_s: int) -> Signature:
    """Return a witness's signature line of a checkpoint's text, at a time in seconds since 1970."""
    return witness.line(at_s.to_bytes(_TIME_BYTES) + witness.raw(_cosigned(text, at_s)))


def cosigned_at(note: Note, witness: Verifier) -> int | None:
    """Return when a witness signed, in seconds since 1970, or None if it did not.

    Raises:
        NoteError: a signature in its name does not hold.
    """
    times = [_checked(note.text, signature, witness) for signature in note.signatures if witness.signed(signature)]
    return max(times, default=None)


def _checked(text: str, signature: Signature, witness: Verifier) -> int:
    if witness.kind is not Kind.WITNESS:
        raise NoteError("This key is not a witness's.")
    at_s = int.from_bytes(signature.raw[:_TIME_BYTES])
    if at_s > _MOST_TIME or not witness.holds(_cosigned(text, at_s), signature.raw[_TIME_BYTES:]):
        raise NoteError("A witness's signature does not hold: the text was changed, or another key signed it.")
    return at_s


def _cosigned(text: str, at_s: int) -> bytes:
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()
