"""The hashes of the ledger's tree as they are stored: entries in groups of 256, the hash above each group, and so on upwards.

An append touches only the last, unfinished group of each level, which the writer holds in memory. A reader gets the hash of any
complete subtree from one group of at most 256 hashes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from sqlcipher3 import dbapi2 as sqlcipher

from jikimi.disclosure.ledger.tree import EMPTY_ROOT, Nodes, fold
from jikimi.storage.ledger.tables import LedgerDamagedError

BITS: Final = 8
GROUP: Final = 1 << BITS

_ENTRIES: Final = "SELECT hash FROM entries WHERE number >= ? AND number < ? ORDER BY number"
_NODES: Final = "SELECT hash FROM nodes WHERE level = ? AND number >= ? AND number < ? ORDER BY number"


class Node(NamedTuple):
    """A row of ``nodes``."""

    level: int
    number: int
    hash: bytes


class Grove:
    """The unfinished groups of a tree that grows.

    Attributes:
        size: how many entries the tree holds.
    """

    __slots__ = ("_levels", "size")

    def __init__(self, connection: sqlcipher.Connection) -> None:
        self.size: int = connection.execute("SELECT coalesce(max(number) + 1, 0) FROM entries").fetchone()[0]
        self._levels = [_hashes(connection, 0, self.size - self.size % GROUP, self.size)]
        above = self.size >> BITS
        while above:
            self._levels.append(_hashes(connection, len(self._levels), above - above % GROUP, above))
            above >>= BITS

    def append(self, leaf: bytes) -> list[Node]:
        """Take one more entry, given by its leaf hash; return the nodes that it completed."""
        done: list[Node] = []
        number = self.size
        self.size += 1
        hash_ = leaf
        for level, hashes in enumerate(self._levels):
            hashes.append(hash_)
            if len(hashes) < GROUP:
                return done
            hash_, number = fold(hashes), number >> BITS
            hashes.clear()
            done.append(Node(level + 1, number, hash_))
        self._levels.append([hash_])
        return done

    def root(self) -> bytes:
        """Return the root of the tree as it is now."""
        carry: bytes | None = None
        for hashes in self._levels:
            row = hashes if carry is None else [*hashes, carry]
            carry = fold(row) if row else None
        return carry if carry is not None else EMPTY_ROOT


def stored_nodes(connection: sqlcipher.Connection) -> Nodes:
    """Return what gives the hash of any complete subtree that is stored; each group is read once."""

    @lru_cache(maxsize=64)
    def group(level: int, number: int) -> list[bytes]:
        begin = number << BITS
        return _hashes(connection, level, begin, begin + GROUP, whole=False)

    def node(height: int, number: int) -> bytes:
        level, inner = divmod(height, BITS)
        begin = number << inner
        first = begin % GROUP
        hashes = group(level, begin >> BITS)[first : first + (1 << inner)]
        if len(hashes) != 1 << inner:
            raise LedgerDamagedError("A hash of the ledger's tree is missing.")
        return fold(hashes)

    return node


def _hashes(connection: sqlcipher.Connection, level: int, begin: int, end: int, *, whole: bool = True) -> list[bytes]:
    if level == 0:
        rows = connection.execute(_ENTRIES, (begin, end)).fetchall()
    else:
        rows = connection.execute(_NODES, (level, begin, end)).fetchall()
    if whole and len(rows) != end - begin:
        raise LedgerDamagedError("The hashes of the ledger's tree are incomplete: an entry or a node is missing.")
    return [row[0] for row in rows]
