"""Reviews, copies for investigations, and what a restart must not forget: a database of its own, sealed; what is deleted is overwritten.

A copy's bytes are sealed under a key that lies in its row. Erasing it empties both in one transaction and cuts the log, so a crash
leaves either all of it or nothing.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from sqlcipher3 import dbapi2 as sqlcipher

from jikimi.disclosure.copying import GONE, Copy, erased
from jikimi.disclosure.gate import OpenState
from jikimi.disclosure.review import Review
from jikimi.disclosure.review import Status as Standing
from jikimi.disclosure.vigil import Unusual
from jikimi.storage.database import connected
from jikimi.storage.keys import KEY_BYTES
from jikimi.storage.seal import NotAuthenticError, Sealer

FILE: Final = "oversight.db"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS reviews (review_id TEXT PRIMARY KEY, is_open INTEGER NOT NULL, opened_ms INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS reviews_open ON reviews (is_open, opened_ms);
CREATE TABLE IF NOT EXISTS copies (
  copy_id TEXT PRIMARY KEY, due_ms INTEGER, made_ms INTEGER NOT NULL, body BLOB NOT NULL, key BLOB, sealed BLOB);
CREATE INDEX IF NOT EXISTS copies_due ON copies (due_ms);
CREATE TABLE IF NOT EXISTS views (pair_id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS looks (viewer TEXT NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (viewer, kind)) WITHOUT ROWID;
"""
_encode = msgspec.msgpack.Encoder().encode
_review = msgspec.msgpack.Decoder(Review).decode
_copy = msgspec.msgpack.Decoder(Copy).decode
_state = msgspec.msgpack.Decoder(OpenState).decode
_times = msgspec.msgpack.Decoder(list[int]).decode


class SqlOversight:
    """The books of oversight. Any thread may ask; one at a time is answered.

    Args:
        folder: the data folder.
        key: 32 bytes.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        path = folder / FILE
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._lock = threading.Lock()
        self._connection = connected(path, key)
        self._connection.execute("PRAGMA secure_delete = ON")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close; what was committed stays."""
        with self._lock:
            self._connection.close()

    # -- reviews -------------------------------------------------------------------------------------------------

    def put_review(self, review: Review) -> None:
        """Keep a review as it is now."""
        row = (review.review_id, review.status is Standing.OPEN, review.opened_ms, _encode(review))
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO reviews VALUES (?, ?, ?, ?)", row)

    def review(self, review_id: str) -> Review | None:
        """Return one, or None."""
        found = self._bodies("SELECT body FROM reviews WHERE review_id = ?", (review_id,))
        return _review(found[0]) if found else None

    def reviews(self, from_ms: int, until_ms: int) -> list[Review]:
        """Return those that are open, whenever they were opened, and all that were opened in [from_ms, until_ms), oldest first."""
        query = "SELECT body FROM reviews WHERE is_open = 1 OR (opened_ms >= ? AND opened_ms < ?) ORDER BY is_open DESC, opened_ms"
        return [_review(body) for body in self._bodies(query, (from_ms, until_ms))]

    # -- copies --------------------------------------------------------------------------------------------------

    def add_copy(self, copy: Copy, data: bytes) -> None:
        """Keep a copy with its bytes, sealed under a key of its own; one that was only asked for gets them later."""
        key = secrets.token_bytes(KEY_BYTES)
        sealed = Sealer(key).seal(data, copy.copy_id.encode())
        with self._writing() as connection:
            row = (copy.copy_id, copy.due_ms, copy.made_ms, _encode(copy), key, sealed)
            connection.execute("INSERT OR REPLACE INTO copies VALUES (?, ?, ?, ?, ?, ?)", row)

    def put_copy(self, copy: Copy) -> None:
        """Keep what is known of a copy; one that was erased loses its key and its bytes in the same moment."""
        gone = copy.status in GONE
        with self._writing() as connection:
            connection.execute(
                "UPDATE copies SET body = ?, due_ms = ?, key = CASE WHEN ? THEN NULL ELSE key END,"
                " sealed = CASE WHEN ? THEN NULL ELSE sealed END WHERE copy_id = ?",
                (_encode(copy), None if gone else copy.due_ms, gone, gone, copy.copy_id),
            )
        if gone:
            self._cut()

    def erase_copies(self, concerned: Callable[[str], bool], *, wholly: bool) -> None:
        """Erase the copies under some orders; ``wholly``: with all that is known of them, since the order leaves the register."""
        for copy in self.copies():
            if not concerned(copy.order_id):
                continue
            if copy.status not in GONE:
                self.put_copy(erased(copy))
            if wholly:
                with self._writing() as connection:
                    connection.execute("DELETE FROM copies WHERE copy_id = ?", (copy.copy_id,))
        self._cut()

    def erase_reviews(self, subject: str) -> None:
        """Erase the reviews of looks at somebody whom the ledger forgets."""
        for review in map(_review, self._bodies("SELECT body FROM reviews", ())):
            if review.subject == subject:
                with self._writing() as connection:
                    connection.execute("DELETE FROM reviews WHERE review_id = ?", (review.review_id,))
        self._cut()

    def _cut(self) -> None:
        """Cut the log file, which still holds the pages as they were."""
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def copy(self, copy_id: str) -> Copy | None:
        """Return what is known of a copy, or None."""
        found = self._bodies("SELECT body FROM copies WHERE copy_id = ?", (copy_id,))
        return _copy(found[0]) if found else None

    def copies(self) -> list[Copy]:
        """Return all, the newest first, erased ones too."""
        return [_copy(body) for body in self._bodies("SELECT body FROM copies ORDER BY made_ms DESC", ())]

    def data(self, copy_id: str) -> bytes | None:
        """Return a copy's bytes, or None when there are none any more."""
        with self._lock:
            row = self._connection.execute("SELECT key, sealed FROM copies WHERE copy_id = ?", (copy_id,)).fetchone()
        if row is None or row[0] is None or row[1] is None:
            return None
        try:
            return Sealer(row[0]).open(row[1], copy_id.encode())
        except NotAuthenticError:
            return None

    def due(self, now_ms: int) -> list[Copy]:
        """Return the copies that are to be erased by now."""
        query = "SELECT body FROM copies WHERE due_ms IS NOT NULL AND due_ms <= ? ORDER BY due_ms"
        return [_copy(body) for body in self._bodies(query, (now_ms,))]

    def next_due_ms(self) -> int | None:
        """Return when the next copy is to be erased, or None."""
        with self._lock:
            found: int | None = self._connection.execute("SELECT min(due_ms) FROM copies").fetchone()[0]
        return found

    # -- what a restart must not forget --------------------------------------------------------------------------

    def views(self) -> dict[str, OpenState]:
        """Return what the gate remembered of her views, by pair."""
        with self._lock:
            rows = self._connection.execute("SELECT pair_id, body FROM views").fetchall()
        return {pair_id: _state(body) for pair_id, body in rows}

    def put_views(self, views: Mapping[str, OpenState | None]) -> None:
        """Keep these as they are now; None: nothing of that pair any more."""
        kept = [(pair_id, _encode(state)) for pair_id, state in views.items() if state is not None]
        with self._writing() as connection:
            connection.executemany("DELETE FROM views WHERE pair_id = ?", [(pair_id,) for pair_id in views])
            connection.executemany("INSERT INTO views VALUES (?, ?)", kept)

    def looks(self) -> list[tuple[str, Unusual, list[int]]]:
        """Return when each viewer looked, of each kind of look that is counted."""
        with self._lock:
            rows = self._connection.execute("SELECT viewer, kind, body FROM looks").fetchall()
        return [(viewer, Unusual(kind), _times(body)) for viewer, kind, body in rows]

    def put_looks(self, viewer: str, kind: Unusual, times_ms: Sequence[int]) -> None:
        """Keep when a viewer looked; none: nothing is counted any more."""
        with self._writing() as connection:
            connection.execute("DELETE FROM looks WHERE viewer = ? AND kind = ?", (viewer, kind.value))
            if len(times_ms) > 0:
                connection.execute("INSERT INTO looks VALUES (?, ?, ?)", (viewer, kind.value, _encode(list(times_ms))))

    def forget_viewers(self, viewers: Collection[str]) -> None:
        """Take away what is counted of persons of whom nothing may be known any more."""
        with self._writing() as connection:
            connection.executemany("DELETE FROM looks WHERE viewer = ?", [(viewer,) for viewer in viewers])
        self._cut()

    def _bodies(self, query: str, values: tuple[object, ...]) -> list[bytes]:
        with self._lock:
            return [row[0] for row in self._connection.execute(query, values)]

    @contextmanager
    def _writing(self) -> Iterator[sqlcipher.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
