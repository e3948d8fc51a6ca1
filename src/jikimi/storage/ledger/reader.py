"""Reading the ledger beside the process that writes it: proofs, checkpoints, and what can still be said of an entry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jikimi.disclosure.ledger.checkpoint import Checkpoint, open_note
from jikimi.disclosure.ledger.leaf import Opening
from jikimi.disclosure.ledger.proof import Proof
from jikimi.disclosure.ledger.tree import consistency_proof, inclusion_proof
from jikimi.disclosure.ledger.witness import Request
from jikimi.storage.keys import subkey
from jikimi.storage.ledger import tables
from jikimi.storage.ledger.grove import stored_nodes
from jikimi.storage.ledger.identity import signer_of
from jikimi.storage.ledger.sealing import openings
from jikimi.storage.ledger.subjects import Subjects

PAGE_ROWS: Final = 512
_PAGE: Final = "SELECT number, hash, leaf FROM entries WHERE number >= ? AND number < ? ORDER BY number LIMIT ?"

_ABOUT: Final = "SELECT entry FROM marks WHERE handle = ?1 UNION ALL SELECT entry FROM fresh_marks WHERE handle = ?1 ORDER BY entry"


class LedgerReader:
    """A ledger opened for reading. Not for several threads at once.

    Args:
        folder: where it lies.
        key: 32 bytes, the ledger's.

    Raises:
        LedgerDamagedError: it cannot be opened, or there is none.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        if not (folder / tables.FILE).exists():
            raise tables.LedgerDamagedError("There is no ledger in the data folder yet.")
        self.verifier = signer_of(key).verifier
        self._connection = tables.opened(folder, subkey(key, "entries"))
        try:
            tables.prepare(self._connection)
            self._subjects = Subjects(folder, key)
        except BaseException:
            self._connection.close()
            raise

    def newest(self) -> tuple[Checkpoint, str] | None:
        """Return the newest checkpoint and its note, or None before the first."""
        row = self._connection.execute("SELECT note FROM checkpoints ORDER BY number DESC LIMIT 1").fetchone()
        return None if row is None else (open_note(row[0], self.verifier)[0], row[0])

    def notes(self) -> Iterator[tuple[int, str]]:
        """Yield (time in ms, note) of every checkpoint, oldest first."""
        yield from self._connection.execute("SELECT at_ms, note FROM checkpoints ORDER BY number")

    def entries(self, begin: int, end: int) -> Iterator[tuple[bytes, bytes]]:
        """Yield (hash as stored, leaf) of the entries from ``begin`` up to, not with, ``end``."""
        while page := self._connection.execute(_PAGE, (begin, end, PAGE_ROWS)).fetchall():
            for _, hash_, leaf in page:
                yield hash_, leaf
            begin = page[-1][0] + 1

    def proof(self, entry: int) -> Proof:
        """Return the proof of one entry (from 0) under the newest checkpoint.

        Raises:
            LookupError: no checkpoint holds such an entry, yet or ever.
        """
        newest = self.newest()
        if newest is None or not 0 <= entry < newest[0].size:
            raise LookupError("No checkpoint holds an entry of that number.")
        checkpoint, note = newest
        path = inclusion_proof(stored_nodes(self._connection), entry, checkpoint.size)
        (leaf,) = self._connection.execute("SELECT leaf FROM entries WHERE number = ?", (entry,)).fetchone()
        return Proof(entry, leaf, tuple(path), note)

    def request(self, old: int) -> Request:
        """Return what a witness is asked with that signed ``old`` entries last (0: none yet).

        Raises:
            LookupError: there is no checkpoint, or the newest has fewer entries.
        """
        newest = self.newest()
        if newest is None or not 0 <= old <= newest[0].size:
            raise LookupError("No checkpoint holds that many entries.")
        checkpoint, note = newest
        path = consistency_proof(stored_nodes(self._connection), old, checkpoint.size) if old else []
        return Request(old, tuple(path), note)

    def size(self) -> int:
        """Return how many entries there are, signed or not."""
        return int(self._connection.execute("SELECT coalesce(max(number) + 1, 0) FROM entries").fetchone()[0])

    def openings(self, entry: int) -> list[Opening]:
        """Return what can still be said of an entry: salts and values of those not erased."""
        row = self._connection.execute("SELECT nonce, beside FROM entries WHERE number = ?", (entry,)).fetchone()
        return [] if row is None else list(openings(row[0], row[1], self._subjects))

    def about(self, subject: str) -> list[int]:
        """Return the numbers of the entries about a subject, in order; none when it was erased."""
        found = self._subjects.find(subject)
        if found is None:
            return []
        return [row[0] for row in self._connection.execute(_ABOUT, (found.handle,))]

    def close(self) -> None:
        """Close the files."""
        self._subjects.close()
        tables.close(self._connection)
