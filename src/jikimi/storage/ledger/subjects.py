"""The subjects' keys: one for each person or order that entries are about. A key erased is a person gone from the ledger.

Kept in a file of its own, which goes into no long-term backup: a backup of the ledger then forgets whom the ledger forgot.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from jikimi.storage.keys import KEY_BYTES, subkey
from jikimi.storage.ledger import tables

FILE: Final = "subjects.db"
MOST_CACHED: Final = 100_000

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS subjects (mark BLOB PRIMARY KEY, handle INTEGER NOT NULL UNIQUE, key BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS erasing (handle INTEGER PRIMARY KEY)",
)


class Subject(NamedTuple):
    """A random number that stands for the subject within the ledger, and 32 secret bytes."""

    handle: int
    key: bytes


class Subjects:
    """The file of all subjects' keys. One connection, used by one thread at a time.

    Args:
        folder: the ledger's folder.
        key: 32 bytes, the ledger's.

    Raises:
        LedgerDamagedError: it cannot be opened.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self._mark_key = subkey(key, "subject marks")
        self._connection = tables.opened(folder, subkey(key, "subjects"), FILE)
        for table in _TABLES:
            self._connection.execute(table)
        self._known: dict[str, Subject] = {}

    def find(self, subject: str) -> Subject | None:
        """Return a subject that entries are about, or None."""
        row = self._connection.execute("SELECT handle, key FROM subjects WHERE mark = ?", (self._mark(subject),)).fetchone()
        return None if row is None else Subject(*row)

    def key(self, handle: int) -> bytes | None:
        """Return the key behind a number, or None when it was erased."""
        row = self._connection.execute("SELECT key FROM subjects WHERE handle = ?", (handle,)).fetchone()
        return None if row is None else row[0]

    def keep(self, wanted: Iterable[str]) -> dict[str, Subject]:
        """Return these subjects, new ones with new keys, all of them durable."""
        wanted = set(wanted)
        if len(self._known) > MOST_CACHED:
            self._known = {}
        missing = [subject for subject in wanted if subject not in self._known and not self._found(subject)]
        if missing:
            self._make(missing)
        return self._known

    def erase(self, subject: str) -> None:
        """Destroy a subject's key for good; what was sealed under it is to be cleaned away later (``erasing``)."""
        found = self.find(subject)
        self._known.pop(subject, None)
        if found is None:
            return
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO erasing VALUES (?)", (found.handle,))
        self._connection.execute("DELETE FROM subjects WHERE handle = ?", (found.handle,))
        self._connection.execute("COMMIT")
        # The log file still holds the page as it was.
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def erasing(self) -> int | None:
        """Return the number of a subject whose entries are still to be cleaned, or None."""
        row = self._connection.execute("SELECT handle FROM erasing LIMIT 1").fetchone()
        return None if row is None else row[0]

    def cleaned(self, handle: int) -> None:
        """Forget the number: nothing of the subject is left."""
        self._connection.execute("DELETE FROM erasing WHERE handle = ?", (handle,))

    def close(self) -> None:
        """Close the file."""
        tables.close(self._connection)

    def _make(self, missing: list[str]) -> None:
        made = [(subject, Subject(secrets.randbits(63), secrets.token_bytes(KEY_BYTES))) for subject in missing]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO subjects VALUES (?, ?, ?)", [(self._mark(name), *each) for name, each in made])
        self._connection.execute("COMMIT")
        self._known.update(made)

    def _found(self, subject: str) -> bool:
        found = self.find(subject)
        if found is not None:
            self._known[subject] = found
        return found is not None

    def _mark(self, subject: str) -> bytes:
        return hmac.digest(self._mark_key, subject.encode(), "sha256")
