"""A proof that somebody can keep: one entry, its way to the root, and the signed checkpoint (C2SP tlog-proof).

The leaf itself stands in the ``extra`` line, so that the text proves all it says without another file.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from jikimi.disclosure.ledger.checkpoint import Checkpoint, open_note
from jikimi.disclosure.ledger.note import NoteError, Verifier, decoded, encoded
from jikimi.disclosure.ledger.tree import HASH_BYTES, check_inclusion, leaf_hash

HEADER: Final = "c2sp.org/tlog-proof@v1"
MOST_STEPS: Final = 63
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,17})")


class Proof(msgspec.Struct, frozen=True):
    """One entry (from 0), its leaf, the hashes from its sibling to below the root, and the checkpoint's note."""

    entry: int
    leaf: bytes
    path: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        lines = [HEADER, f"extra {encoded(self.leaf)}", f"index {self.entry}", *map(encoded, self.path)]
        return "\n".join(lines) + f"\n\n{self.note}"


def parse(text: str) -> Proof:
    """Read a proof; nothing of it is checked yet.

    Raises:
        NoteError: it is none, or holds no leaf.
    """
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or len(lines) < 3 or lines[0] != HEADER or not lines[1].startswith("extra "):
        raise NoteError(f"A proof begins with {HEADER}, an extra line with the leaf, and an index line.")
    index = _INDEX.fullmatch(lines[2])
    if index is None or len(lines) > 3 + MOST_STEPS:
        raise NoteError("A proof names the entry's number and at most 63 hashes.")
    path = tuple(map(decoded, lines[3:]))
    if any(len(step) != HASH_BYTES for step in path):
        raise NoteError("A proof's hashes have 32 bytes each.")
    return Proof(int(index[1]), decoded(lines[1].removeprefix("extra ")), path, note)


def check(proof: Proof, log: Verifier) -> Checkpoint:
    """Return the checkpoint under which the ledger signed for this entry.

    Raises:
        NoteError: the ledger did not sign the checkpoint.
        ProofError: the entry is not in it.
    """
    checkpoint, _ = open_note(proof.note, log)
    check_inclusion(leaf_hash(proof.leaf), proof.entry, checkpoint.size, proof.path, checkpoint.root)
    return checkpoint
