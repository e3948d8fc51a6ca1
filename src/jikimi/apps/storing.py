"""How every door tells that something could not be stored: of a full, broken or read-only disk it says "come back"."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

from jikimi.model.storing import NotStoredError

MESSAGE: Final = "It could not be stored; send it again."
RETRY_S: Final = 2
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG})
_PRIMARY_CODE: Final = 0xFF
_NOT_WRITTEN: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY}
)
_SAID: Final = (
    "database or disk is full",
    "attempt to write a readonly database",
    "disk i/o error",
    "unable to open database file",
    "database is locked",
)
"""SQLite's own words for the same, for drivers that give no code: https://www.sqlite.org/rescode.html."""

_AWAY: Final = ("08", "53", "57P")
"""PostgreSQL's classes for a lost connection, no room, and a server that stops or starts; without a class the line broke.
https://www.postgresql.org/docs/18/errcodes-appendix.html."""


def not_stored(error: BaseException | None) -> bool:
    """Return whether an error, or what caused it, says that a disk, or a database, did not take what was to be written."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if _is_of_a_disk(error) or _is_of_a_disk(getattr(error, "orig", None)):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def _is_of_a_disk(error: object) -> bool:
    if isinstance(error, NotStoredError):
        return True
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    if hasattr(error, "sqlstate"):
        return error.sqlstate is None or error.sqlstate.startswith(_AWAY)
    if type(error).__name__ != "OperationalError":
        return False
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return (code & _PRIMARY_CODE) in _NOT_WRITTEN
    return str(error).lower().startswith(_SAID)
