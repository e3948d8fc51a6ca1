"""What the ledger's thread does: entries, checkpoints and erasures, each durable before whoever waits is told."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from sqlcipher3 import dbapi2 as sqlcipher

from jikimi.disclosure.ledger.checkpoint import Checkpoint, open_note
from jikimi.disclosure.ledger.leaf import Act, personals
from jikimi.disclosure.ledger.note import Signer
from jikimi.disclosure.ledger.tree import root_at
from jikimi.storage.keys import subkey
from jikimi.storage.ledger import tables
from jikimi.storage.ledger.grove import Grove, stored_nodes
from jikimi.storage.ledger.sealing import Row, sealed, without
from jikimi.storage.ledger.subjects import Subjects

CLEANED_TOGETHER: Final = 200
"""So many rows of an erased subject are cleaned in one small step."""
FRESH: Final = 4096
"""So many marks wait to be sorted in together."""
RETRY_S: Final = 5.0


class Sign(NamedTuple):
    """Sign a checkpoint now, unless the newest one holds every entry."""


class Erase(NamedTuple):
    """Destroy a subject's key."""

    subject: str


class Cosign(NamedTuple):
    """Add a witness's line, checked already, to the newest checkpoint of its size."""

    size: int
    line: str


Work = Act | Sign | Erase | Cosign


class Disk:
    """The two files while they are open, and the tree's unfinished groups."""

    def __init__(self, folder: Path, key: bytes, signer: Signer) -> None:
        self.connection = tables.opened(folder, subkey(key, "entries"))
        try:
            tables.prepare(self.connection)
            self.subjects = Subjects(folder, key)
            self.grove = Grove(self.connection)
            self.signed = _signed(self.connection, self.grove, signer)
            self.fresh: int = self.connection.execute("SELECT count(*) FROM fresh_marks").fetchone()[0]
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close both."""
        tables.close(self.connection)
        if hasattr(self, "subjects"):
            self.subjects.close()


class Writer:
    """Does the work; used by one thread.

    Args:
        folder: the ledger's folder.
        key: 32 bytes, the ledger's.
        signer: its signing key.
        every: a checkpoint is signed when so many entries are new,
        every_s: or when new ones have waited for so many seconds.
        now_ms: the time that stands beside a checkpoint.
        steady: seconds that only grow.

    Raises:
        LedgerDamagedError: the files cannot be opened, or do not hold what the newest checkpoint says.
    """

    def __init__(
        self,
        folder: Path,
        key: bytes,
        signer: Signer,
        *,
        every: int,
        every_s: float,
        now_ms: Callable[[], int],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._key = key
        self._signer = signer
        self._every = every
        self._every_s = every_s
        self._now_ms = now_ms
        self._steady = steady
        self._since_s: float | None = None
        self._disk: Disk | None = Disk(folder, key, signer)
        self._hurry()

    def store(self, works: Sequence[Work]) -> list[int]:
        """Do what waits, in order; entries that stand together share a commit. Raises when anything of it failed."""
        try:
            disk = self._opened()
            answers: list[int] = []
            for kind, run in groupby(works, type):
                answers += self._run(disk, kind, list(run))
        except Exception:
            self.end()
            raise
        return answers

    def idle(self) -> float | None:
        """Sign what has waited long enough, and clean a little; return seconds until there may be something to do, or None."""
        try:
            return self._rest(self._opened()) if self._disk is not None else None
        except Exception:  # noqa: BLE001 - nobody waits for this; what failed is tried again, and entries fail for themselves
            self.end()
            return RETRY_S

    def end(self) -> None:
        """Close the files. After an error they are opened anew, since nobody knows what of it is on the disk."""
        disk, self._disk = self._disk, None
        if disk is not None:
            disk.close()

    def finish(self) -> None:
        """Sign what no checkpoint holds yet, if that can be done, and close."""
        disk = self._disk
        if disk is not None and disk.grove.size > disk.signed:
            with contextlib.suppress(sqlcipher.Error):
                self._sign(disk)
        self.end()

    def _run(self, disk: Disk, kind: type[Work], run: Sequence[Work]) -> list[int]:
        if kind is Act:
            return self._acts(disk, [work for work in run if isinstance(work, Act)])
        return [self._one(disk, work) for work in run]

    def _opened(self) -> Disk:
        if self._disk is None:
            self._disk = Disk(self._folder, self._key, self._signer)
            self._hurry()
        return self._disk

    def _hurry(self) -> None:
        """Let entries that no checkpoint holds yet wait no longer than new ones."""
        if self._disk is not None and self._disk.grove.size > self._disk.signed:
            self._since_s = self._steady()

    def _acts(self, disk: Disk, acts: list[Act]) -> list[int]:
        # A subject's key is on the disk before the first entry that needs it.
        subjects = disk.subjects.keep({personal.subject for act in acts for _, personal in personals(act)})
        first = disk.grove.size
        rows = [sealed(act, subjects) for act in acts]
        disk.connection.execute("BEGIN IMMEDIATE")
        _insert(disk, first, rows)
        if self._since_s is None:
            self._since_s = self._steady()
        signed = self._sign(disk) if self._due(disk) else None
        if disk.fresh >= FRESH:
            _sort_in(disk)
        disk.connection.execute("COMMIT")
        self._noted(disk, signed)
        return list(range(first, first + len(rows)))

    def _one(self, disk: Disk, work: Work) -> int:
        if isinstance(work, Erase):
            disk.subjects.erase(work.subject)
            return disk.grove.size
        if isinstance(work, Cosign):
            row = disk.connection.execute("SELECT max(number) FROM checkpoints WHERE size = ?", (work.size,)).fetchone()
            query = "UPDATE checkpoints SET note = note || ? WHERE number = ? AND instr(note, ?) = 0"
            disk.connection.execute(query, (work.line, row[0], work.line))
            return int(row[0] is not None)
        if disk.signed != disk.grove.size or disk.grove.size == 0:
            self._noted(disk, self._sign(disk))
        return disk.grove.size

    def _due(self, disk: Disk) -> bool:
        waited = self._since_s is not None and self._steady() - self._since_s >= self._every_s
        return disk.grove.size - disk.signed >= self._every or waited

    def _sign(self, disk: Disk) -> int:
        """Sign what the tree is now; the caller commits, and only then may anybody see it."""
        size = disk.grove.size
        note = self._signer.sign(Checkpoint(self._signer.verifier.name, size, disk.grove.root()).text())
        disk.connection.execute("INSERT INTO checkpoints (size, at_ms, note) VALUES (?, ?, ?)", (size, self._now_ms(), str(note)))
        return size

    def _noted(self, disk: Disk, signed: int | None) -> None:
        if signed is not None:
            disk.signed = signed
            self._since_s = None

    def _rest(self, disk: Disk) -> float | None:
        if disk.grove.size > disk.signed and self._due(disk):
            self._noted(disk, self._sign(disk))
        handle = disk.subjects.erasing()
        if handle is not None:
            _clean(disk, handle)
            return 0.0
        return None if self._since_s is None else max(0.0, self._since_s + self._every_s - self._steady())


def _insert(disk: Disk, first: int, rows: list[Row]) -> None:
    execute = disk.connection.executemany
    execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", [(number, *row[:4]) for number, row in enumerate(rows, first)])
    marks = [(handle, number) for number, row in enumerate(rows, first) for handle in row.handles]
    execute("INSERT INTO fresh_marks VALUES (?, ?)", marks)
    disk.fresh += len(marks)
    nodes = [node for row in rows for node in disk.grove.append(row.hash)]
    if nodes:
        execute("INSERT INTO nodes VALUES (?, ?, ?)", nodes)


def _sort_in(disk: Disk) -> None:
    disk.connection.execute("INSERT INTO marks SELECT handle, entry FROM fresh_marks ORDER BY handle, entry")
    disk.connection.execute("DELETE FROM fresh_marks")
    disk.fresh = 0


def _clean(disk: Disk, handle: int) -> None:
    """Take what belongs to an erased subject from a few more entries; the entries themselves stay as they are."""
    execute = disk.connection.execute
    if disk.fresh:
        execute("BEGIN IMMEDIATE")
        _sort_in(disk)
        execute("COMMIT")
    query = "SELECT entry, beside FROM marks JOIN entries ON number = entry WHERE handle = ? LIMIT ?"
    found = execute(query, (handle, CLEANED_TOGETHER)).fetchall()
    if not found:
        execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        disk.subjects.cleaned(handle)
        return
    execute("BEGIN IMMEDIATE")
    for entry, beside in found:
        execute("UPDATE entries SET beside = ? WHERE number = ?", (without(beside, handle), entry))
        execute("DELETE FROM marks WHERE handle = ? AND entry = ?", (handle, entry))
    execute("COMMIT")


def _signed(connection: sqlcipher.Connection, grove: Grove, signer: Signer) -> int:
    """Return the size of the newest checkpoint, after making sure that the tree still holds what it says."""
    row = connection.execute("SELECT note FROM checkpoints ORDER BY number DESC LIMIT 1").fetchone()
    if row is None:
        return 0
    checkpoint, _ = open_note(row[0], signer.verifier)
    if checkpoint.size > grove.size or root_at(stored_nodes(connection), checkpoint.size) != checkpoint.root:
        raise tables.LedgerDamagedError(
            "The ledger does not hold what its newest checkpoint says. Nothing may be written after it:"
            " keep the files as evidence, and run `jikimi ledger verify` on an export."
        )
    return checkpoint.size
