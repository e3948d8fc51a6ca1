"""The keys of all person-days, in a database of their own, so that a copy of the data holds no key.

A destroyed key must leave no copy in the file or beside it: SQLite overwrites deleted content (``secure_delete``), and there is no
write-ahead log, which would keep old pages, but a rollback journal that is cut to nothing at each commit. What the file system freed
then may still hold the key in its wrapped form: see docs/vault.md.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from pathlib import Path
from typing import Final, NamedTuple

from jikimi.storage.keys import KEY_BYTES
from jikimi.storage.vault.ports import KeyWrapper

ID_BYTES: Final = 16
_CREATE: Final = """
CREATE TABLE IF NOT EXISTS day_keys (
    person BLOB NOT NULL, day INTEGER NOT NULL, key_id BLOB NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (person, day)
) WITHOUT ROWID
"""


class DayKey(NamedTuple):
    """A key and the name that the data it seals bears. A day erased and begun anew has another name."""

    key_id: bytes
    key: bytes


class DayKeys:
    """The file of keys. ``person`` is the vault's pseudonym of a person, ``day`` counts from 1970-01-01 UTC."""

    def __init__(self, path: Path, wrapper: KeyWrapper) -> None:
        self._wrapper = wrapper
        self._connection = opened(path)
        self._connection.execute(_CREATE)

    def find(self, person: bytes, day: int) -> DayKey | None:
        """Return the key of a person's day, or None where there is none.

        Raises:
            NotAuthenticError: another master key wrapped it, or it was changed.
        """
        row = self._connection.execute("SELECT key_id, wrapped FROM day_keys WHERE person = ? AND day = ?", (person, day)).fetchone()
        return DayKey(row[0], self._wrapper.unwrap(row[1], _place(person, day, row[0]))) if row is not None else None

    def find_or_make(self, person: bytes, day: int) -> DayKey:
        """Return the key of a person's day; a new one is on the disk when this returns.

        Raises:
            NotAuthenticError: another master key wrapped it, or it was changed.
        """
        found = self.find(person, day)
        if found is not None:
            return found
        made = DayKey(secrets.token_bytes(ID_BYTES), secrets.token_bytes(KEY_BYTES))
        wrapped = self._wrapper.wrap(made.key, _place(person, day, made.key_id))
        self._connection.execute("INSERT INTO day_keys VALUES (?, ?, ?, ?)", (person, day, made.key_id, wrapped))
        return made

    @property
    def connection(self) -> sqlite3.Connection:
        """The file."""
        return self._connection

    def destroy(self, person: bytes, day: int) -> None:
        """Destroy a key for good. Destroying it again changes nothing."""
        self._connection.execute("DELETE FROM day_keys WHERE person = ? AND day = ?", (person, day))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def opened(path: Path) -> sqlite3.Connection:
    """Return a connection to a file whose deleted content is overwritten and each commit of which is on the disk.

    Raises:
        OSError, sqlite3.Error: there is no room, or no way to write.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10.0)
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(connection.close)
        for pragma in ("journal_mode = TRUNCATE", "synchronous = EXTRA", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        on_failure.pop_all()
    return connection


def _place(person: bytes, day: int, key_id: bytes) -> bytes:
    return b"day key %s %d %s" % (person.hex().encode(), day, key_id.hex().encode())
