"""The vault: takes fixes over from the journal, gives them back to whoever the gate permits, and erases days.

Data lies in ``history.db``, keys in ``keys/keys.db``. The vault follows the journal's record numbers: the number taken last
is stored in the same transaction as its fixes, so what a kill cut short is taken again and nothing is taken twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from jikimi.disclosure.proof import Proof
from jikimi.model.record import Fixes
from jikimi.storage.seal import NotAuthenticError, Sealer
from jikimi.storage.vault.chunk import pack_chunk, unpack_chunk
from jikimi.storage.vault.daykeys import DayKeys, opened
from jikimi.storage.vault.kept import Kept
from jikimi.storage.vault.numbers import DamagedColumnError
from jikimi.storage.vault.ports import KeyWrapper

DATA: Final = "history.db"
KEYS: Final = "keys"
DAY_MS: Final = 86_400_000
_CREATE: Final = (
    "CREATE TABLE IF NOT EXISTS taken (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS chunks (
        chunk INTEGER PRIMARY KEY AUTOINCREMENT, person BLOB NOT NULL, day INTEGER NOT NULL, key_id BLOB NOT NULL, sealed BLOB NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS chunks_of_day ON chunks (person, day)",
)


class NotPermittedError(Exception):
    """No proof of the gate covers what was asked for. The text names nobody."""

    def __init__(self) -> None:
        super().__init__("The permission does not cover this person and this time.")


class VaultDamagedError(Exception):
    """Stored history is not what was written, or another master key wrapped its keys. The text names nobody."""

    def __init__(self) -> None:
        super().__init__("Stored history was changed or damaged, or the vault was opened with another master key.")


class Vault:
    """The history of all persons in one folder. One process at a time writes.

    Args:
        folder: where it lies; made when missing.
        naming_key: 32 bytes; hides person ids in both files, so a copy tells nobody's name.
        wrapper: wraps the keys.
    """

    def __init__(self, folder: Path, naming_key: bytes, wrapper: KeyWrapper) -> None:
        (folder / KEYS).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._naming_key = naming_key
        self._keys = DayKeys(folder / KEYS / "keys.db", wrapper)
        self._data = opened(folder / DATA)
        for statement in _CREATE:
            self._data.execute(statement)

    def taken(self) -> int:
        """Return the number of the journal's last record taken over; 0 if none was. Read the journal from there."""
        row = self._data.execute("SELECT number FROM taken").fetchone()
        return row[0] if row is not None else 0

    def take(self, records: Sequence[tuple[int, Fixes]], until: int) -> None:
        """Take over fixes of the journal; all of it is on the disk when this returns. Numbers taken before are passed over.

        Args:
            records: number and record, ascending; other records than fixes are left out.
            until: number of the last record looked at.

        Raises:
            VaultDamagedError: a day's key cannot be opened; nothing was taken.
        """
        before = self.taken()
        if until <= before:
            return
        days = self._by_day(record for number, record in records if number > before)
        with self._writing():
            for (person, day), kept in days.items():
                self._append(person, day, kept)
            self._data.execute("INSERT OR REPLACE INTO taken VALUES (1, ?)", (until,))

    def put(self, person_id: str, kept: Sequence[Kept]) -> None:
        """Keep fixes that come from elsewhere than the journal: an import. On the disk, all of one day together, when this returns."""
        person = self._person(person_id)
        days: dict[int, list[Kept]] = {}
        for one in kept:
            days.setdefault(one.fix.fix_time_ms // DAY_MS, []).append(one)
        with self._writing():
            for day, some in days.items():
                self._append(person, day, some)

    def restart(self) -> None:
        """Begin with the first record of another journal: what was taken over stays."""
        with self._writing():
            self._data.execute("INSERT OR REPLACE INTO taken VALUES (1, 0)")

    def read(self, person_id: str, from_ms: int, until_ms: int, proof: Proof) -> Iterator[Kept]:
        """Yield a person's fixes measured in [from_ms, until_ms): day by day, within a day in the order they were taken in.

        Raises:
            NotPermittedError: the proof is none, or does not cover it; raised at once, before anything is read.
            VaultDamagedError: what is stored is not what was written.
        """
        if not isinstance(proof, Proof) or not proof.covers(person_id, from_ms, until_ms):
            raise NotPermittedError
        return self._read(self._person(person_id), from_ms, until_ms)

    def days(self, person_id: str) -> list[int]:
        """Return the days, counted from 1970-01-01 UTC, of which something of a person is stored, erased days left half-way too."""
        person = self._person(person_id)
        return [row[0] for row in self._data.execute("SELECT DISTINCT day FROM chunks WHERE person = ? ORDER BY day", (person,))]

    def person(self, person_id: str) -> bytes:
        """Return under which name the vault keeps a person."""
        return self._person(person_id)

    def everybody(self) -> Iterator[tuple[bytes, list[int]]]:
        """Yield everybody's days, by the vault's names, of which something is stored, erased ones left half-way too. Reads much."""
        days = self._data.execute("SELECT DISTINCT person, day FROM chunks ORDER BY person, day")
        for person, rows in groupby(days, itemgetter(0)):
            yield bytes(person), [day for _, day in rows]

    def scattered(self, before: int, most: int) -> list[tuple[bytes, int]]:
        """Return at most ``most`` days before a day, by the vault's names, that lie in several chunks."""
        query = "SELECT person, day FROM chunks WHERE day < ? GROUP BY person, day HAVING count(*) > 1 ORDER BY day LIMIT ?"
        return [(bytes(person), day) for person, day in self._data.execute(query, (before, most))]

    def compact(self, person_id: str, day: int) -> None:
        """Join the chunks of a day that is over into one. Killed anywhere, the day is there once.

        Raises:
            VaultDamagedError: what is stored is not what was written; it stays as it is.
        """
        self.compact_named(self._person(person_id), day)

    def compact_named(self, person: bytes, day: int) -> None:
        """Join the chunks of a day of whom the vault knows by this name; see ``compact``."""
        with self._writing():
            kept = list(self._day(person, day))
            self._data.execute("DELETE FROM chunks WHERE person = ? AND day = ?", (person, day))
            if kept:
                self._append(person, day, kept)

    def erase(self, person_id: str, day: int) -> None:
        """Destroy a day's key, then its data. Erasing again finishes what a kill cut short."""
        self.erase_named(self._person(person_id), day)

    def erase_named(self, person: bytes, day: int) -> None:
        """Erase a day of whom the vault knows by this name; see ``erase``."""
        self._keys.destroy(person, day)
        self._data.execute("DELETE FROM chunks WHERE person = ? AND day = ?", (person, day))

    def key_file(self) -> sqlite3.Connection:
        """Return the connection to the file of keys, for other keys that must be as erasable."""
        return self._keys.connection

    def copy_data(self, path: Path) -> None:
        """Copy the sealed data, as they are at one moment, into a new file. No key is in it."""
        with contextlib.closing(opened(path)) as copy:
            self._data.backup(copy)

    def close(self) -> None:
        """Close both files."""
        self._data.close()
        self._keys.close()

    def _person(self, person_id: str) -> bytes:
        return hmac.digest(self._naming_key, person_id.encode(), hashlib.sha256)[:16]

    def _by_day(self, records: Iterator[Fixes]) -> dict[tuple[bytes, int], list[Kept]]:
        days: dict[tuple[bytes, int], list[Kept]] = {}
        for record in records:
            person = self._person(record.person_id)
            for fix, verdict in zip(record.fixes, record.verdicts, strict=True):
                kept = Kept(fix, record.at_ms, verdict, record.device_id)
                days.setdefault((person, fix.fix_time_ms // DAY_MS), []).append(kept)
        return days

    def _append(self, person: bytes, day: int, kept: Sequence[Kept]) -> None:
        with _damage():
            key = self._keys.find_or_make(person, day)
        sealed = Sealer(key.key).seal(pack_chunk(kept), _place(person, day))
        self._data.execute("INSERT INTO chunks (person, day, key_id, sealed) VALUES (?, ?, ?, ?)", (person, day, key.key_id, sealed))

    def _read(self, person: bytes, from_ms: int, until_ms: int) -> Iterator[Kept]:
        days = self._data.execute(
            "SELECT DISTINCT day FROM chunks WHERE person = ? AND day BETWEEN ? AND ? ORDER BY day",
            (person, from_ms // DAY_MS, until_ms // DAY_MS),
        ).fetchall()
        for (day,) in days:
            for kept in self._day(person, day):
                if from_ms <= kept.fix.fix_time_ms < until_ms:
                    yield kept

    def _day(self, person: bytes, day: int) -> Iterator[Kept]:
        """Yield what is stored of a day under its present key; what an erased key sealed is gone."""
        with _damage():
            key = self._keys.find(person, day)
        if key is None:
            return
        rows = self._data.execute(
            "SELECT CAST(sealed AS BLOB) FROM chunks WHERE person = ? AND day = ? AND key_id = ? ORDER BY chunk", (person, day, key.key_id)
        ).fetchall()
        sealer = Sealer(key.key)
        for (sealed,) in rows:
            with _damage():
                kept = unpack_chunk(sealer.open(sealed, _place(person, day)))
            yield from kept

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._data.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._data.execute("ROLLBACK")
            raise
        self._data.execute("COMMIT")


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (NotAuthenticError, DamagedColumnError):
        raise VaultDamagedError from None


def _place(person: bytes, day: int) -> bytes:
    return b"history %s %d" % (person.hex().encode(), day)
