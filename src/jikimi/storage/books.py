"""The register's books in SQL: the same tables in SQLite, sealed by SQLCipher, and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from jikimi.orders.ports import Page
from jikimi.storage.database import reading, transaction
from jikimi.storage.orders import OrderRows
from jikimi.storage.people import PeopleRows
from jikimi.storage.schema import changes
from jikimi.storage.tasks import TaskRows


class SqlPage(OrderRows, PeopleRows, TaskRows):
    """A ``Page``: all tables of the register of orders, within one transaction."""


class SqlBooks:
    """``Books`` on an engine, from ``database.open_database`` or of a PostgreSQL that has the newest schema."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[Page]:
        """Give a page to read from."""
        with reading(self._engine) as connection:
            yield SqlPage(connection)

    @contextmanager
    def writing(self) -> Iterator[Page]:
        """Give a page that nobody else writes to meanwhile."""
        with transaction(self._engine) as connection:
            # SQLite locks out other writers from the beginning; other databases do so by this row.
            connection.execute(sa.select(changes.c.version).with_for_update())
            yield SqlPage(connection)
