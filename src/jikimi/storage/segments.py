"""The journal's segments: one SQLite file for a day, or for what one process wrote of a day.

Every segment has a random key of its own, wrapped by the journal's key in a file under ``keys/``. Deleting that file
erases the segment for good, whatever copies of the database exist. A segment is written through one connection of one
process and never again after that: so its key never sees a record number twice, and the number can serve as the nonce.

A row holds the records of one commit: their first and last number in the clear, the records sealed and bound to the
segment's name and both numbers.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from jikimi.storage import files
from jikimi.storage.seal import NotAuthenticError, Sealer

KEY_BYTES: Final = 32
KEYS: Final = "keys"
# Rows fetched together: between two fetches no read transaction holds the writer's log file up.
PAGE_ROWS: Final = 32

_NAME: Final = re.compile(r"journal-(\d{8})-(\d+)")
_CREATE: Final = "CREATE TABLE entries (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, sealed BLOB NOT NULL)"
_PAGE: Final = "SELECT first, last, sealed FROM entries WHERE first >= ? AND last <= ? ORDER BY first LIMIT ?"
_START: Final = "SELECT max(first) FROM entries WHERE first <= ?"

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[bytes])


class JournalDamagedError(Exception):
    """Stored records are not what was written.

    Attributes:
        segment: the segment's name.
        row: number of the first record in the damaged row; None where the whole segment is concerned.
    """

    def __init__(self, segment: str, row: int | None, why: str) -> None:
        where = f"segment {segment}" if row is None else f"segment {segment}, row {row}"
        super().__init__(f"The journal is damaged in {where}: {why}.")
        self.segment = segment
        self.row = row


class Name(NamedTuple):
    """A segment's name; sorts in the order of writing."""

    day: str
    part: int

    def __str__(self) -> str:
        return f"journal-{self.day}-{self.part}"


class Span(NamedTuple):
    """Which records a segment holds, both ends included."""

    name: Name
    first: int
    last: int


class Segments:
    """The folder of all segments.

    Args:
        folder: where they lie; made when missing.
        sealer: of the key that wraps the segments' keys.
    """

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self._folder = folder
        self._keys = folder / KEYS
        self._keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sealer = sealer

    def names(self) -> list[Name]:
        """Return the segments in the order they were written."""
        return sorted(self._named(self._folder.glob("journal-*.db")))

    def spans(self) -> list[Span]:
        """Return what each segment that holds anything holds, in order.

        Where a commit failed, its rows may yet come to light after a crash, although nobody was told that they are
        stored. The next segment then takes the same numbers, and what it says counts.
        """
        spans: list[Span] = []
        following: int | None = None
        for name in reversed(self.names()):
            span = self._span(name, following)
            if span is not None:
                spans.append(span)
                following = span.first
        return spans[::-1]

    def create(self, today: dt.date) -> SegmentWriter:
        """Begin a new segment, after all others even where the clock was set back.

        Raises:
            OSError, sqlite3.Error: there is no room, or no way to write.
        """
        taken = self.names() + list(self._named(self._keys.glob("journal-*.key")))
        day = max([f"{today:%Y%m%d}", *(name.day for name in taken)])
        name = Name(day, 1 + max((other.part for other in taken if other.day == day), default=0))
        key = secrets.token_bytes(KEY_BYTES)
        files.write_new(self._key_path(name), self._sealer.seal(key, str(name).encode()))
        try:
            return SegmentWriter(name, self._path(name), Sealer(key))
        except (OSError, sqlite3.Error):
            self.discard(name)
            raise

    def discard(self, name: Name) -> None:
        """Remove a segment that holds nothing."""
        for path in (self._path(name), self._path(name, "-wal"), self._path(name, "-shm"), self._key_path(name)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def drop(self, name: Name) -> None:
        """Erase a segment that nobody writes any more: its key first, so that no copy of it can be read, then what the key sealed."""
        self._key_path(name).unlink(missing_ok=True)
        files.sync_folder(self._keys)
        for suffix in ("-wal", "-shm", ""):
            self._path(name, suffix).unlink(missing_ok=True)

    def read(self, span: Span, after: int) -> Iterator[tuple[int, bytes]]:
        """Yield (number, record) of a segment's records with numbers above ``after``; nothing where its key is erased.

        Raises:
            JournalDamagedError: a row is missing or is not what was written.
        """
        sealer = self._segment_sealer(span.name)
        if sealer is None:
            return
        expected: int | None = None
        for first, last, sealed in self._rows(span, after):
            if expected is not None and first != expected:
                raise JournalDamagedError(str(span.name), expected, "the row is missing")
            records = _opened(sealer, span.name, first, last, sealed)
            expected = last + 1
            for number, record in enumerate(records, first):
                if number > after:
                    yield number, record

    def _rows(self, span: Span, after: int) -> Iterator[tuple[int, int, bytes]]:
        try:
            with contextlib.closing(_readable(self._path(span.name))) as connection:
                begin = connection.execute(_START, (after + 1,)).fetchone()[0] or span.first
                while page := connection.execute(_PAGE, (begin, span.last, PAGE_ROWS)).fetchall():
                    yield from page
                    begin = page[-1][0] + 1
        except sqlite3.Error:
            if self._is_dropped(span.name):
                return
            raise JournalDamagedError(str(span.name), None, "the database cannot be read") from None

    def _span(self, name: Name, following: int | None) -> Span | None:
        before = following if following is not None else _NO_LIMIT
        try:
            with contextlib.closing(_readable(self._path(name))) as connection:
                if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'entries'").fetchone() is None:
                    return None
                first, last_first = connection.execute("SELECT min(first), max(first) FROM entries WHERE first < ?", (before,)).fetchone()
                if first is None:
                    return None
                last = connection.execute("SELECT last FROM entries WHERE first = ?", (last_first,)).fetchone()[0]
        except sqlite3.Error:
            if self._is_dropped(name):
                return None
            raise JournalDamagedError(str(name), None, "the database cannot be read") from None
        return Span(name, first, last)

    def _is_dropped(self, name: Name) -> bool:
        """Return whether a segment was erased while somebody read it: its key goes first, so what has none is not damaged."""
        return not self._key_path(name).exists()

    def _segment_sealer(self, name: Name) -> Sealer | None:
        try:
            return Sealer(self._sealer.open(self._key_path(name).read_bytes(), str(name).encode()))
        except FileNotFoundError:
            return None
        except (NotAuthenticError, ValueError):
            raise JournalDamagedError(str(name), None, "its key is damaged, or was wrapped under another master key") from None

    def _path(self, name: Name, suffix: str = "") -> Path:
        return self._folder / f"{name}.db{suffix}"

    def _key_path(self, name: Name) -> Path:
        return self._keys / f"{name}.key"

    @staticmethod
    def _named(paths: Iterator[Path]) -> Iterator[Name]:
        for path in paths:
            match = _NAME.fullmatch(path.stem)
            if match is not None:
                yield Name(match[1], int(match[2]))


_NO_LIMIT: Final = 2**63 - 1


class SegmentWriter:
    """The one connection that ever writes a segment.

    Attributes:
        name: the segment.
        empty: True until something was committed.
    """

    def __init__(self, name: Name, path: Path, sealer: Sealer) -> None:
        self.name = name
        self.empty = True
        self._sealer = sealer
        self._connection = _connect(path, "rwc")
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute(_CREATE)
            files.sync_folder(path.parent)
        except (OSError, sqlite3.Error):
            self.close()
            raise

    def write(self, first: int, records: Sequence[bytes]) -> None:
        """Commit records under the numbers from ``first``; durable when this returns.

        Raises:
            sqlite3.Error: nothing was stored, and this writer must not be used again.
        """
        last = first + len(records) - 1
        sealed = self._sealer.seal_counted(first, _encoder.encode(records), _place(self.name, first, last))
        # A statement of its own is a transaction of its own: one sync for all of it.
        self._connection.execute("INSERT INTO entries VALUES (?, ?, ?)", (first, last, sealed))
        self.empty = False

    def close(self) -> None:
        """Close; what was committed stays."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    # A reader may be moved between threads by whoever iterates; each connection still has one user at a time.
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False, timeout=10.0)


def _readable(path: Path) -> sqlite3.Connection:
    """Open for reading. What a killed writer left behind may need recovery first, which only a writing connection may do."""
    connection = _connect(path, "ro")
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        connection = _connect(path, "rw")
    return connection


def _opened(sealer: Sealer, name: Name, first: int, last: int, sealed: bytes) -> list[bytes]:
    try:
        records = _decoder.decode(sealer.open_counted(first, sealed, _place(name, first, last)))
    except (NotAuthenticError, TypeError, AttributeError, OverflowError):
        raise JournalDamagedError(str(name), first, "it is not what was written") from None
    return records


def _place(name: Name, first: int, last: int) -> bytes:
    return f"{name} {first} {last}".encode()
