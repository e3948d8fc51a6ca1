"""Putting rows in SQL that every database understands."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa


class Rows:
    """Some tables, within one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def _put(self, table: sa.Table, row: Mapping[str, object]) -> None:
        """Let a row take the place of the one with its key. Each database has its own "upsert"; all can delete and insert."""
        key = [column == row[column.name] for column in table.primary_key]
        self._connection.execute(sa.delete(table).where(*key))
        self._connection.execute(sa.insert(table).values(**row))

    def _bodies(self, query: sa.Select[bytes]) -> list[bytes]:
        return list(self._connection.execute(query).scalars())

    def _body(self, query: sa.Select[bytes]) -> bytes | None:
        return self._connection.execute(query).scalar()
