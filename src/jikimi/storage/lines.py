"""Lines that wait for the ledger.

The ledger belongs to the server's process. Whoever acts in another one, or in the middle of a transaction of the register, writes
the line here, in that transaction; the running server copies it. A crash between the two may leave a line there twice, never missing.
"""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa

from jikimi.disclosure.ledger.leaf import Act, check
from jikimi.disclosure.ledger.whence import told
from jikimi.storage.database import writing
from jikimi.storage.schema import changes, ledger_lines

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Act).decode


def put_line(connection: sa.Connection, act: Act) -> None:
    """Keep a line in the transaction of what it is about; a running server notices.

    Raises:
        LeafError: the ledger would not take it as it is; then what it is about must not happen either.
    """
    check(act)
    act = told(act)
    connection.execute(sa.insert(ledger_lines).values(body=_encode(act), is_written=False))
    connection.execute(sa.update(changes).values(version=changes.c.version + 1))


class SqlLines:
    """The lines of one register; any number of processes and threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, act: Act) -> None:
        """Keep a line by itself.

        Raises:
            LeafError: the ledger would not take it.
        """
        with writing(self._engine) as connection, connection.begin():
            put_line(connection, act)

    def unwritten(self) -> list[tuple[int, Act]]:
        """Return the lines that the ledger does not hold yet, oldest first, each with its number."""
        query = sa.select(ledger_lines).where(ledger_lines.c.is_written.is_(False)).order_by(ledger_lines.c.number)
        with self._engine.connect() as connection:
            return [(row.number, _decode(row.body)) for row in connection.execute(query)]

    def mark_written(self, number: int) -> None:
        """Note that the ledger holds a line. What it says stands there; nothing of it stays here."""
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.update(ledger_lines).where(ledger_lines.c.number == number).values(is_written=True, body=b""))
