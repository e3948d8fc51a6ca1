"""What past cases are run again from when an erasure has made the journal let go of it: the same records without those of whom was erased.

One file under a key of its own. Each erasure writes the file anew and destroys the key of the one before, so that nothing of it can be read
again. Nobody needs it but a replay: where it cannot be written, it is done without.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from jikimi.storage import files
from jikimi.storage.keys import KEY_BYTES
from jikimi.storage.seal import NotAuthenticError, Sealer

TOGETHER: Final = 500
_NAME: Final = re.compile(r"cases-(\d+)")
_CREATE: Final = (
    "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), sealed BLOB NOT NULL)",
    "CREATE TABLE records (seq INTEGER PRIMARY KEY, sealed BLOB NOT NULL)",
)
_encode: Final = msgspec.msgpack.Encoder().encode
_records: Final = msgspec.msgpack.Decoder(list[tuple[int, bytes]]).decode


class Head(msgspec.Struct, frozen=True, array_like=True):
    """Where the cases begin and end.

    Attributes:
        number, state: the state before the first record, and after which record of the journal it was.
        until: the last record of the journal that they stand for; the journal goes on after it.
        newest_ms: when that was.
    """

    number: int
    state: bytes
    until: int
    newest_ms: int


_head: Final = msgspec.msgpack.Decoder(Head).decode


class Case(NamedTuple):
    """The cases as they are read."""

    head: Head
    records: Iterator[tuple[int, bytes]]


class Cases:
    """The file in a folder, the journal's.

    Args:
        folder: where it lies.
        sealer: of the key that wraps the file's key.
    """

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self._folder = folder
        self._sealer = sealer

    def load(self) -> Case | None:
        """Return what is there, or None."""
        for name in reversed(self._names()):
            with contextlib.suppress(OSError, sqlite3.Error, NotAuthenticError, msgspec.MsgspecError):
                sealer = self._opened(name)
                with contextlib.closing(sqlite3.connect(f"{self._db(name).resolve().as_uri()}?mode=ro", uri=True)) as connection:
                    row = connection.execute("SELECT sealed FROM head").fetchone()
                if row is not None:
                    return Case(_head(sealer.open(row[0], b"head")), self._read(name, sealer))
        return None

    def replace(self, head: Head, records: Iterable[tuple[int, bytes]]) -> None:
        """Put these in the place of what there is, whose key is destroyed; where they are none, nothing is left.

        Raises:
            OSError, sqlite3.Error: they could not be written; what there was is gone all the same.
        """
        before = self._names()
        name = max(before, default=0) + 1
        try:
            key = secrets.token_bytes(KEY_BYTES)
            files.write_new(self._key(name), self._sealer.seal(key, self._place(name)))
            self._write(name, Sealer(key), head, records)
        except BaseException:
            self.drop()
            raise
        self._drop(before)

    def drop(self) -> None:
        """Destroy everything, keys first."""
        self._drop(self._names())

    def _write(self, name: int, sealer: Sealer, head: Head, records: Iterable[tuple[int, bytes]]) -> None:
        rest = iter(records)
        with contextlib.closing(sqlite3.connect(self._db(name), isolation_level=None)) as connection:
            self._db(name).chmod(0o600)
            connection.execute("PRAGMA synchronous = FULL")
            for statement in _CREATE:
                connection.execute(statement)
            connection.execute("BEGIN")
            seq = 0
            while together := list(islice(rest, TOGETHER)):
                seq += 1
                connection.execute("INSERT INTO records VALUES (?, ?)", (seq, sealer.seal(_encode(together), b"records %d" % seq)))
            # Last, so that what was killed half-way is nothing.
            connection.execute("INSERT INTO head VALUES (1, ?)", (sealer.seal(_encode(head), b"head"),))
            connection.execute("COMMIT")
        files.sync_folder(self._folder)

    def _read(self, name: int, sealer: Sealer) -> Iterator[tuple[int, bytes]]:
        with contextlib.closing(sqlite3.connect(f"{self._db(name).resolve().as_uri()}?mode=ro", uri=True)) as connection:
            for seq, sealed in connection.execute("SELECT seq, sealed FROM records ORDER BY seq"):
                yield from _records(sealer.open(sealed, b"records %d" % seq))

    def _drop(self, names: Iterable[int]) -> None:
        for name in names:
            self._key(name).unlink(missing_ok=True)
            files.sync_folder(self._folder)
            for suffix in ("", "-journal"):
                self._db(name, suffix).unlink(missing_ok=True)

    def _opened(self, name: int) -> Sealer:
        return Sealer(self._sealer.open(self._key(name).read_bytes(), self._place(name)))

    def _names(self) -> list[int]:
        matches = (_NAME.fullmatch(path.stem) for path in self._folder.glob("cases-*"))
        return sorted({int(match[1]) for match in matches if match is not None})

    @staticmethod
    def _place(name: int) -> bytes:
        return b"cases %d" % name

    def _key(self, name: int) -> Path:
        return self._folder / f"cases-{name}.key"

    def _db(self, name: int, suffix: str = "") -> Path:
        return self._folder / f"cases-{name}.db{suffix}"
