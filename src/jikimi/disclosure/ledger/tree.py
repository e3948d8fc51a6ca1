"""The Merkle tree of RFC 6962 (section 2) and RFC 9162: hashes, proofs, and how a reader checks them.

A proof is made from the hashes of complete subtrees: ``Nodes`` gives the one at a height and number, so that whoever stores
them may store them as he likes. Checking needs nothing but the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()

Nodes = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree of 2**height entries that begins at entry number * 2**height."""


class ProofError(ValueError):
    """A proof does not prove what it is said to. The text says what does not fit."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of an entry (RFC 6962, 2.1: a zero byte goes before it)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash above two others (RFC 6962, 2.1: a byte of one goes before them)."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over subtrees of one size, of which only the last may be smaller.

    Pairing neighbours and carrying an odd last one upwards gives the same tree as the RFC's split at a power of two.
    """
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) if i + 1 < len(row) else row[i] for i in range(0, len(row), 2)]
    return row[0]


class Frontier:
    """The state of a tree that grows: one hash for each bit set in its size.

    Attributes:
        size: how many entries it holds.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Take one more entry, given by its leaf hash."""
        carry, bits = leaf, self.size
        while bits & 1:
            carry = node_hash(self._peaks.pop(), carry)
            bits >>= 1
        self._peaks.append(carry)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of what it holds now."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


def range_hash(nodes: Nodes, begin: int, end: int) -> bytes:
    """Return the hash over the entries from ``begin`` up to, not with, ``end``: a range that the tree's recursion reaches."""
    length = end - begin
    height = length.bit_length() - 1
    if length == 1 << height:
        return nodes(height, begin >> height)
    split = begin + _split(length)
    return node_hash(range_hash(nodes, begin, split), range_hash(nodes, split, end))


def root_at(nodes: Nodes, size: int) -> bytes:
    """Return the root over the first ``size`` entries."""
    return range_hash(nodes, 0, size) if size > 0 else EMPTY_ROOT


def inclusion_proof(nodes: Nodes, entry: int, size: int) -> list[bytes]:
    """Return the hashes that lead from an entry (from 0) to the root over ``size`` entries (RFC 6962, 2.1.1).

    Raises:
        ValueError: the tree has no such entry.
    """
    if not 0 <= entry < size:
        raise ValueError("A tree of this size has no such entry.")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        split = begin + _split(end - begin)
        if entry < split:
            path.append(range_hash(nodes, split, end))
            end = split
        else:
            path.append(range_hash(nodes, begin, split))
            begin = split
    return path[::-1]


def consistency_proof(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """Return the hashes that show the first ``old`` entries unchanged among the first ``new`` (RFC 6962, 2.1.2).

    Raises:
        ValueError: the old tree is empty or larger than the new one.
    """
    if not 0 < old <= new:
        raise ValueError("A tree is consistent only with one that is no smaller, and nothing is proved of an empty one.")
    path: list[bytes] = []
    begin, end, whole = 0, new, True
    while old < end:
        split = begin + _split(end - begin)
        if old <= split:
            path.append(range_hash(nodes, split, end))
            end = split
        else:
            path.append(range_hash(nodes, begin, split))
            begin, whole = split, False
    if not whole:
        path.append(range_hash(nodes, begin, end))
    return path[::-1]


def check_inclusion(leaf: bytes, entry: int, size: int, proof: Iterable[bytes], root: bytes) -> None:
    """Check that an entry with this leaf hash is in the tree (RFC 9162, 2.1.3.2).

    Raises:
        ProofError: it does not prove that.
    """
    if not 0 <= entry < size:
        raise ProofError("A tree of this size has no such entry.")
    place, last, running = entry, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofError("The proof is too long.")
        if place & 1 or place == last:
            running = node_hash(step, running)
            place, last = _climbed(place, last)
        else:
            running = node_hash(running, step)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofError("The proof is too short.")
    if running != root:
        raise ProofError("The proof leads to another root: this entry is not in the tree at this place.")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the new tree holds the old one unchanged (RFC 9162, 2.1.4.2).

    Raises:
        ProofError: it does not prove that.
    """
    if not 0 <= old <= new:
        raise ProofError("The old tree is larger than the new one.")
    if old in {0, new}:
        _check_trivial(old, new, old_root, new_root, proof)
        return
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps:
        raise ProofError("The proof is too short.")
    place, last = _climbed(old - 1, new - 1, to_right=True)
    was = now = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofError("The proof is too long.")
        if place & 1 or place == last:
            was, now = node_hash(step, was), node_hash(step, now)
            place, last = _climbed(place, last)
        else:
            now = node_hash(now, step)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofError("The proof is too short.")
    if was != old_root or now != new_root:
        raise ProofError("The proof leads to other roots: the old entries are not all there unchanged.")


def _check_trivial(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofError("The proof is too long.")
    if old == 0 and old_root != EMPTY_ROOT:
        raise ProofError("The old tree is empty, but its root is not that of an empty tree.")
    if old == new and old_root != new_root:
        raise ProofError("Two trees of one size have different roots.")


def _climbed(place: int, last: int, *, to_right: bool = False) -> tuple[int, int]:
    """Climb while the place is a left child (or, with ``to_right``, while it is a right one): there is no hash to meet there."""
    if to_right:
        while place & 1:
            place, last = place >> 1, last >> 1
        return place, last
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _split(length: int) -> int:
    """Return the largest power of two below ``length``, which is at least 2."""
    return 1 << ((length - 1).bit_length() - 1)
