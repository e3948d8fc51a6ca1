"""A witness: somebody else's machine, which signs a checkpoint only if nothing it ever saw of the ledger was changed.

It keeps one thing for each ledger: the size and root it signed last. It asks for a proof that the new checkpoint holds that tree
unchanged. A ledger that shows one history to one reader and another to the next gets the signature for one of them only.

What it is asked with has the form of C2SP tlog-witness (``add-checkpoint``), so that public witnesses can be asked as well.
"""

from __future__ import annotations

import enum
import re
from typing import Final

import msgspec

from jikimi.disclosure.ledger.checkpoint import Checkpoint, cosign, open_note
from jikimi.disclosure.ledger.note import NoteError, Signature, Signer, Verifier, decoded, encoded
from jikimi.disclosure.ledger.tree import EMPTY_ROOT, ProofError, check_consistency

MOST_STEPS: Final = 63
_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,17})")


class Seen(msgspec.Struct, frozen=True):
    """What a witness signed last of one ledger."""

    size: int = 0
    root: bytes = EMPTY_ROOT


class Refusal(enum.StrEnum):
    """Why a witness does not sign."""

    UNREADABLE = "unreadable"
    UNSIGNED = "unsigned"
    """The ledger's own key did not sign it."""
    OTHER_PAST = "other_past"
    """The proof begins at another size than the witness saw last; ask again from there."""
    FORK = "fork"
    """What the witness saw is not in it. The ledger was changed, cut back or split: keep both checkpoints as evidence."""


class WitnessRefusedError(Exception):
    """A witness does not sign. ``refusal`` says which case it is, the text what it means."""

    def __init__(self, refusal: Refusal, sentence: str) -> None:
        super().__init__(sentence)
        self.refusal = refusal


class Request(msgspec.Struct, frozen=True):
    """A checkpoint's note with a proof that it holds the first ``old`` entries unchanged."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        return "\n".join([f"old {self.old}", *map(encoded, self.proof)]) + f"\n\n{self.note}"


def parse(text: str) -> Request:
    """Read a request.

    Raises:
        WitnessRefusedError: it is none.
    """
    head, blank, note = text.partition("\n\n")
    first, *rest = head.split("\n")
    old = _OLD.fullmatch(first)
    if not blank or old is None or len(rest) > MOST_STEPS:
        raise WitnessRefusedError(Refusal.UNREADABLE, "A request is an old size, at most 63 hashes, an empty line and a checkpoint.")
    try:
        return Request(int(old[1]), tuple(map(decoded, rest)), note)
    except NoteError as error:
        raise WitnessRefusedError(Refusal.UNREADABLE, str(error)) from None


def witness(request: Request, log: Verifier, seen: Seen, signer: Signer, at_s: int) -> tuple[Signature, Seen]:
    """Sign a checkpoint, or refuse.

    Args:
        request: what is asked.
        log: the ledger's key, as the witness got it from somebody it trusts.
        seen: what it signed last of this ledger, ``Seen()`` at first.
        signer: the witness's key.
        at_s: the time, seconds since 1970.

    Returns:
        The signature line, and what to remember: keep it on the disk before the line is given to anybody.

    Raises:
        WitnessRefusedError: it does not sign.
    """
    checkpoint = _opened(request, log)
    if checkpoint.size < seen.size:
        raise WitnessRefusedError(Refusal.FORK, f"This checkpoint has {checkpoint.size} entries, but {seen.size} were signed before.")
    if request.old != seen.size:
        raise WitnessRefusedError(Refusal.OTHER_PAST, f"The proof must begin at {seen.size} entries, which is what was signed last.")
    try:
        check_consistency(seen.size, checkpoint.size, seen.root, checkpoint.root, request.proof)
    except ProofError as error:
        raise WitnessRefusedError(Refusal.FORK, f"The {seen.size} entries signed before are not in it unchanged. {error}") from None
    return cosign(checkpoint.text(), signer, at_s), Seen(checkpoint.size, checkpoint.root)


def _opened(request: Request, log: Verifier) -> Checkpoint:
    try:
        return open_note(request.note, log)[0]
    except NoteError as error:
        raise WitnessRefusedError(Refusal.UNSIGNED, str(error)) from None
