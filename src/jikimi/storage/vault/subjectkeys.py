"""Keys of backups: one for each order's register, each order's incidents, and each person, beside the days' keys and as erasable as these.

What a backup holds of somebody is sealed under such a key, and no backup holds any. Destroy the key, and every backup ever made has
forgotten him.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

from jikimi.storage.keys import KEY_BYTES
from jikimi.storage.vault.daykeys import ID_BYTES, DayKey
from jikimi.storage.vault.ports import KeyWrapper
from jikimi.storage.vault.store import Vault

GENERAL: Final = "general"
"""What is about nobody in particular: accounts of staff, holds."""
_CREATE: Final = (
    "CREATE TABLE IF NOT EXISTS subject_keys (mark BLOB PRIMARY KEY, key_id BLOB NOT NULL, wrapped BLOB NOT NULL) WITHOUT ROWID"
)


def register_of(order_id: str) -> str:
    """Return under which subject an order's rows are sealed."""
    return f"register {order_id}"


def incidents_of(order_id: str) -> str:
    """Return under which subject an order's incidents are sealed."""
    return f"incidents {order_id}"


def person_of(person_id: str) -> str:
    """Return under which subject a person's rows are sealed."""
    return f"person {person_id}"


class SubjectKeys:
    """The keys of backups, in the vault's file of keys.

    Args:
        vault: whose file of keys it is.
        naming_key: 32 bytes; hides the subjects' names.
        wrapper: wraps the keys.
    """

    def __init__(self, vault: Vault, naming_key: bytes, wrapper: KeyWrapper) -> None:
        self._naming_key = naming_key
        self._wrapper = wrapper
        self._connection = vault.key_file()
        self._connection.execute(_CREATE)

    def mark(self, subject: str) -> bytes:
        """Return the name under which a subject's key and its part of a backup stand."""
        return hmac.digest(self._naming_key, b"subject " + subject.encode(), hashlib.sha256)[:ID_BYTES]

    def find(self, mark: bytes) -> DayKey | None:
        """Return a subject's key, or None where it was destroyed or never made."""
        row = self._connection.execute("SELECT key_id, wrapped FROM subject_keys WHERE mark = ?", (mark,)).fetchone()
        return DayKey(row[0], self._wrapper.unwrap(row[1], _place(mark, row[0]))) if row is not None else None

    def find_or_make(self, mark: bytes) -> DayKey:
        """Return a subject's key; a new one is on the disk when this returns."""
        found = self.find(mark)
        if found is not None:
            return found
        made = DayKey(secrets.token_bytes(ID_BYTES), secrets.token_bytes(KEY_BYTES))
        wrapped = self._wrapper.wrap(made.key, _place(mark, made.key_id))
        self._connection.execute("INSERT INTO subject_keys VALUES (?, ?, ?)", (mark, made.key_id, wrapped))
        return made

    def destroy(self, subjects: Iterable[str]) -> None:
        """Destroy keys for good. Destroying them again changes nothing."""
        self._connection.executemany("DELETE FROM subject_keys WHERE mark = ?", [(self.mark(one),) for one in subjects])


def _place(mark: bytes, key_id: bytes) -> bytes:
    return b"subject key %s %s" % (mark.hex().encode(), key_id.hex().encode())
