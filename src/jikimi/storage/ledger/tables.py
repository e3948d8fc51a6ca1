"""The ledger's database: its tables, and how it is opened. SQLCipher seals it as a whole, as it does the register."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from sqlcipher3 import dbapi2 as sqlcipher

from jikimi.storage.database import connected
from jikimi.storage.keys import subkey

FILE: Final = "ledger.db"

# Every row of ``entries`` is written once. Only ``beside``, which is not in the tree, changes when a person is erased.
# ``nodes`` holds the hash above each 256 entries (level 1), each 256 of those (level 2), and so on.
# ``marks`` says which entries concern a subject, by a number that stands for the subject nowhere else. New ones wait in
# ``fresh_marks``: to sort each entry's in at once would write a page for each of them.
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entries (
  number INTEGER PRIMARY KEY, hash BLOB NOT NULL, leaf BLOB NOT NULL, nonce BLOB NOT NULL, beside BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS nodes (level INTEGER, number INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (handle INTEGER, entry INTEGER, PRIMARY KEY (handle, entry)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fresh_marks (handle INTEGER NOT NULL, entry INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS checkpoints (
  number INTEGER PRIMARY KEY, size INTEGER NOT NULL, at_ms INTEGER NOT NULL, note TEXT NOT NULL);
"""


class LedgerDamagedError(Exception):
    """The ledger on the disk is not what was written, or cannot be opened. The text says what to do."""


def opened(folder: Path, key: bytes, file: str = FILE) -> sqlcipher.Connection:
    """Return a connection to a database of the ledger; make the file when missing.

    Raises:
        LedgerDamagedError: another key sealed it, or it is damaged, or there is no room.
    """
    path = folder / file
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    try:
        connection = connected(path, key)
    except sqlcipher.DatabaseError:
        raise _refused() from None
    try:
        # What is deleted is overwritten: a person's key must not be found in a page that is free.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlcipher.DatabaseError:
        connection.close()
        raise _refused() from None
    return connection


def prepare(connection: sqlcipher.Connection) -> None:
    """Make the tables that are missing."""
    connection.executescript(_SCHEMA)


def copy_entries(folder: Path, key: bytes, path: Path) -> None:
    """Copy the entries and their tree, as they are at one moment, into a new file under the same key; no subject's key goes with them.

    Raises:
        LedgerDamagedError: the ledger cannot be opened.
    """
    with (
        contextlib.closing(opened(folder, subkey(key, "entries"))) as source,
        contextlib.closing(connected(path, subkey(key, "entries"))) as copy,
    ):
        prepare(source)
        source.backup(copy)


def close(connection: sqlcipher.Connection) -> None:
    """Close; what was committed stays."""
    with contextlib.suppress(sqlcipher.Error):
        connection.close()


def _refused() -> LedgerDamagedError:
    return LedgerDamagedError(
        "The ledger cannot be opened: another master key sealed it, it is damaged, or there is no room or permission."
    )
