"""`jikimi backup` and `jikimi restore`: copies that forget whom the server forgot.

A backup holds the vault's sealed chunks, the ledger's entries, and the register cut into parts, each sealed under a key of the order or the
person it is about. No key is in it. An erasure destroys keys; from then on no backup, however old, can be read where it is about
whom was erased. The keys have a copy of their own (``jikimi backup keys``), of which only the newest may be kept.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import sqlalchemy as sa

from jikimi.runtime.keeper import LOCK, Keeper
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage import files, record
from jikimi.storage.database import writing
from jikimi.storage.ledger import LedgerDamagedError
from jikimi.storage.record import ALL, Row, RowError
from jikimi.storage.seal import NotAuthenticError, Sealer
from jikimi.storage.vault.daykeys import opened
from jikimi.storage.vault.store import DATA, KEYS
from jikimi.storage.vault.subjectkeys import GENERAL, SubjectKeys, incidents_of, person_of, register_of

HISTORY: Final = DATA
LEDGER: Final = "ledger.db"
PARTS: Final = "register.parts"
KEY_FILES: Final = (Path("vault") / KEYS / "keys.db", Path("ledger") / "subjects.db")
"""What opens a backup, beside the master key."""
_CREATE: Final = "CREATE TABLE parts (mark BLOB PRIMARY KEY, key_id BLOB NOT NULL, sealed BLOB NOT NULL)"
_encode: Final = msgspec.msgpack.Encoder().encode
_rows: Final = msgspec.msgpack.Decoder(list[Row]).decode


class BackupError(Exception):
    """A backup cannot be made or put back. The text says why; it names nobody."""


class Restored(NamedTuple):
    """What a restore found: parts put back, and parts whose keys are gone."""

    parts: int
    erased: int


def back_up(settings: Settings, folder: Path, now_ms: int) -> int:
    """Write a backup into a new folder; return of how many parts the register is.

    Raises:
        BackupError: the folder exists or cannot be written.
    """
    stores = Stores(settings)
    keeper = Keeper(settings, stores, now_ms)
    try:
        keeper.look()
        with _told(), files.alone(stores.vault_folder / LOCK):
            folder.mkdir(mode=0o700)
            keeper.vault.copy_data(folder / HISTORY)
            with contextlib.suppress(LedgerDamagedError):
                if (stores.folder / "ledger" / LEDGER).exists():
                    os.close(os.open(folder / LEDGER, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
                    stores.copy_ledger(folder / LEDGER)
            count = _write_parts(folder / PARTS, keeper, stores.subject_keys(keeper.vault))
            for left in folder.glob("*-journal"):
                # Empty since the last commit.
                left.unlink()
            files.sync_folder(folder)
            return count
    finally:
        keeper.close()


def back_up_keys(settings: Settings, folder: Path) -> None:
    """Put a copy of the keys, still wrapped, in the place of the one before: of keys, only the newest copy may exist.

    Raises:
        BackupError: the folder cannot be written.
    """
    stores = Stores(settings)
    with _told(), files.alone(stores.vault_folder / LOCK):
        for name in KEY_FILES:
            target = folder / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if (stores.folder / name).exists():
                _copy_over(stores.folder / name, target)


def _copy_over(source: Path, target: Path) -> None:
    """Put a copy in the place of the one before, and overwrite that: a disk would go on holding its keys."""
    old = target.open("r+b") if target.exists() else None
    files.replace(target, source.read_bytes())
    if old is not None:
        with old:
            old.write(bytes(os.fstat(old.fileno()).st_size))
            old.flush()
            os.fsync(old.fileno())


def _write_parts(path: Path, keeper: Keeper, keys: SubjectKeys) -> int:
    count = 0
    with contextlib.closing(opened(path)) as out, keeper.register.engine.connect() as connection, connection.begin():
        out.execute(_CREATE)
        out.execute("BEGIN")
        for subject, rows in _parts(connection, keeper):
            found = list(rows)
            if found:
                mark = keys.mark(subject)
                key = keys.find_or_make(mark)
                out.execute("INSERT INTO parts VALUES (?, ?, ?)", (mark, key.key_id, Sealer(key.key).seal(_encode(found), mark)))
                count += 1
        out.execute("COMMIT")
    return count


def _parts(connection: sa.Connection, keeper: Keeper) -> Iterator[tuple[str, Iterator[Row]]]:
    yield GENERAL, record.of_staff(connection)
    claims = keeper.retention.claims()
    for claim in claims:
        yield register_of(claim.order_id), record.of_register(connection, claim.order_id)
        yield incidents_of(claim.order_id), record.of_incidents(connection, claim.order_id)
    for person_id in sorted({name for claim in claims for name in claim.persons} | keeper.retention.persons()):
        yield person_of(person_id), record.of_persons(connection, [person_id], secrets=True)


def restore(settings: Settings, folder: Path) -> Restored:
    """Put a backup back into a data folder that has the keys and nothing else.

    Raises:
        BackupError: the folder holds a register already, the backup cannot be read, or there are no keys.
    """
    stores = Stores(settings)
    if (stores.folder / "register.db").exists() or (stores.folder / "journal").exists():
        raise BackupError("The data folder is in use already: a backup is put back into one that holds the master key and the keys alone.")
    if not (stores.folder / KEY_FILES[0]).exists():
        raise BackupError(f"The data folder has no {KEY_FILES[0]}: put the newest copy of the keys there first.")
    for name in (HISTORY, PARTS):
        if not (folder / name).is_file():
            raise BackupError(f"The backup has no file {name}.")
    with _told():
        shutil.copyfile(folder / HISTORY, stores.vault_folder / HISTORY)
        if (folder / LEDGER).is_file():
            (stores.folder / "ledger").mkdir(mode=0o700, exist_ok=True)
            shutil.copyfile(folder / LEDGER, stores.folder / "ledger" / LEDGER)
        vault = stores.vault()
        # The journal begins anew, with its first record.
        vault.restart()
        register = stores.register()
        try:
            return _put_back(folder / PARTS, register.engine, stores.subject_keys(vault))
        finally:
            register.close()
            vault.close()


def _put_back(path: Path, engine: sa.Engine, keys: SubjectKeys) -> Restored:
    parts = erased = 0
    seen: set[str] = set()
    with contextlib.closing(opened(path)) as source, writing(engine) as connection, connection.begin():
        for mark, key_id, sealed in source.execute("SELECT mark, key_id, sealed FROM parts"):
            key = keys.find(mark)
            if key is None or key.key_id != key_id:
                erased += 1
                continue
            rows = [row for row in _opened(Sealer(key.key), mark, sealed) if repr(row) not in seen]
            # A link belongs to two orders.
            seen.update(map(repr, rows))
            record.put(connection, rows, ALL)
            parts += 1
    return Restored(parts, erased)


def _opened(sealer: Sealer, mark: bytes, sealed: bytes) -> Iterable[Row]:
    try:
        return _rows(sealer.open(sealed, mark))
    except (NotAuthenticError, msgspec.MsgspecError):
        raise BackupError("A part of the backup is not what was written.") from None


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise BackupError("There is something of that name already: a backup is written into a new folder.") from None
    except OSError as error:
        raise BackupError(f"The backup cannot be written or read: {error.strerror}.") from None
    except RowError as error:
        raise BackupError(str(error)) from None
