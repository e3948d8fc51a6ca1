"""The register's database file: sealed as a whole by SQLCipher, brought to the newest schema when opened."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlcipher3 import dbapi2 as sqlcipher

from jikimi.storage import files
from jikimi.storage.schema import REVISION

BUSY_TIMEOUT_S: Final = 10.0
TURN: Final = "turn"
"""Under this name an engine holds the lock of this process's writers. SQLite lets a writer that finds another one sleep, up to 100 ms a
time, however soon the other is done; a lock wakes the next one at once."""


class RegisterRefusedError(Exception):
    """The register cannot be opened. The text says what to do; it names nobody."""


def open_database(path: Path, key: bytes) -> sa.Engine:
    """Return an engine on the register at the newest schema; make the file when missing.

    Args:
        path: the file; its folder must exist.
        key: 32 bytes, used as they are.

    Raises:
        RegisterRefusedError: another key sealed it, it is damaged, a newer program wrote it, or there is no room.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise RegisterRefusedError(f"The register cannot be opened for writing: {error.strerror}.") from None
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: connected(path, key),
        module=sqlcipher,
        poolclass=sa.QueuePool,
        hide_parameters=True,
        execution_options={TURN: threading.Lock()},
    )
    sa.event.listen(engine, "begin", _begin)
    try:
        # Two who find a new file cannot both set it up; SQLite would refuse one of them instead of letting it wait.
        with files.alone(path.with_name(f"{path.name}.lock")):
            _bring_up(engine)
    except sa.exc.OperationalError:
        engine.dispose()
        raise RegisterRefusedError(
            "The register cannot be opened now: there is no room, no permission, or another process holds it."
        ) from None
    except sa.exc.DatabaseError:
        engine.dispose()
        raise RegisterRefusedError("The register cannot be read: it was sealed under another master key, or it is damaged.") from None
    except RegisterRefusedError:
        engine.dispose()
        raise
    return engine


def _bring_up(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        if revision_of(connection) == REVISION:
            return
    # Alembic takes longer to import than the register to open; most starts have no use for it.
    from jikimi.storage.migrate import migrate  # noqa: PLC0415

    with writing(engine) as connection:
        migrate(connection, REVISION)


class _Joint(threading.local):
    """The transaction that ``together`` holds open on this thread, of which engine, and what is called once it is kept."""

    def __init__(self) -> None:
        self.engine: sa.Engine | None = None
        self.connection: sa.Connection | None = None
        self.calls: list[Callable[[], None]] = []


class _Part:
    """A connection within ``together``: what begins on it is a part of the open transaction, and is undone by itself where it fails."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def begin(self) -> sa.NestedTransaction:
        return self._connection.begin_nested()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


_JOINT: Final = _Joint()


@contextmanager
def together(engine: sa.Engine) -> Iterator[None]:
    """Make one transaction of all that this thread reads and writes by ``reading`` and ``writing``: all of it is kept, or none.

    One commit instead of several: on a busy disk each waits for what others write. Within another one it is a part of that.
    """
    if _JOINT.engine is engine:
        yield
        return
    with writing(engine) as connection, connection.begin():
        _JOINT.engine, _JOINT.connection, _JOINT.calls = engine, connection, []
        try:
            yield
        finally:
            _JOINT.engine = _JOINT.connection = None
    for call in _JOINT.calls:
        call()


def once_kept(engine: sa.Engine, call: Callable[[], None]) -> None:
    """Call this once what this thread wrote is kept: now, or at the end of ``together``; never where that fails."""
    if _JOINT.engine is engine:
        _JOINT.calls.append(call)
    else:
        call()


def _joint(engine: sa.Engine) -> sa.Connection | None:
    return cast("sa.Connection", _Part(_JOINT.connection)) if _JOINT.engine is engine and _JOINT.connection is not None else None


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection that reads as of one moment; within ``together`` it sees what was written there."""
    joint = _joint(engine)
    if joint is not None:
        yield joint
        return
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection whose transactions lock out other writers from their beginning, in every process.

    Whoever waited long enough for the writers of this process goes on to SQLite, which says that it is busy.
    """
    joint = _joint(engine)
    if joint is not None:
        yield joint
        return
    turn: threading.Lock | None = engine.get_execution_options().get(TURN)
    has_turn = turn is not None and turn.acquire(timeout=BUSY_TIMEOUT_S)
    try:
        with engine.connect() as connection:
            yield connection.execution_options(writing=True)
    finally:
        if turn is not None and has_turn:
            turn.release()


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection in a transaction of a writer; within ``together``, in a part of its transaction."""
    with writing(engine) as connection, connection.begin():
        yield connection


def revision_of(connection: sa.Connection) -> str | None:
    """Return the newest step the database has taken, or None for a new one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def connected(path: Path, key: bytes) -> sqlcipher.Connection:
    """Return a connection to a database file sealed under 32 bytes, each commit of which is on the disk when it returns."""
    connection = sqlcipher.connect(str(path), timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        # It would write to standard error by itself; what matters is in our own exception.
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except sqlcipher.Error:
        connection.close()
        raise
    return connection


def _begin(connection: sa.Connection) -> None:
    # The driver would begin on its own, and late: two writers that both began by reading could then not both go on.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writing") else "BEGIN")
