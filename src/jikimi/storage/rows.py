"""Putting rows in SQL that every database understands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from jikimi.storage.schema import cursors

AT_ONCE: Final = 500
"""Values of one statement: it has room for so many."""


def keep_cursor(connection: sa.Connection, name: str, number: int) -> None:
    """Keep how far a follower has come, within a transaction."""
    connection.execute(sa.delete(cursors).where(cursors.c.name == name))
    connection.execute(sa.insert(cursors).values(name=name, number=number))


class Rows:
    """Some tables, within one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def _put(self, table: sa.Table, row: Mapping[str, object]) -> None:
        """Let a row take the place of the one with its key. Each database has its own "upsert"; all can delete and insert."""
        key = [column == row[column.name] for column in table.primary_key]
        self._connection.execute(sa.delete(table).where(*key))
        self._connection.execute(sa.insert(table).values(**row))

    def _known(self, query: sa.Select[Any], column: sa.ColumnElement[str], wanted: Iterable[str]) -> Iterator[sa.Row[Any]]:
        """Yield the rows whose column holds one of these values, asked for a few at a time."""
        values = list(wanted)
        for start in range(0, len(values), AT_ONCE):
            yield from self._connection.execute(query.where(column.in_(values[start : start + AT_ONCE])))

    def _add_new(self, table: sa.Table, column: sa.ColumnElement[str], rows: Mapping[str, Mapping[str, object]]) -> None:
        """Insert those rows, by the value of a column, whose value is not there yet: many with two statements."""
        known = {row[0] for row in self._known(sa.select(column), column, rows)}
        new = [row for value, row in rows.items() if value not in known]
        if new:
            self._connection.execute(sa.insert(table), new)

    def _bodies(self, query: sa.Select[bytes]) -> list[bytes]:
        return list(self._connection.execute(query).scalars())

    def _body(self, query: sa.Select[bytes]) -> bytes | None:
        return self._connection.execute(query).scalar()
