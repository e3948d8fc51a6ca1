"""The outbox in SQL: a notice is put there in the transaction that made it, and nowhere else can it be lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec
import sqlalchemy as sa

from jikimi.delivery.passage import Passage, is_open
from jikimi.delivery.ports import ShelfFailedError
from jikimi.storage.database import reading, writing
from jikimi.storage.rows import Rows, keep_cursor
from jikimi.storage.schema import outbox

MOST_ABOUT: Final = 1_000
"""Passages of one incident that are read at once: a mass silence tells a whole country."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Passage).decode


class OutboxRows(Rows):
    """The table ``outbox``, within a transaction: that of the incident, for one."""

    def put_passages(self, passages: Sequence[Passage]) -> None:
        """Put new notices there. A key that is there already is left as it is: it is the same notice."""
        rows = {one.message.key: _row(one) for one in passages}
        if rows:
            self._add_new(outbox, outbox.c.notice_key, rows)

    def keep_cursor(self, name: str, number: int) -> None:
        """Keep how far a follower has come."""
        keep_cursor(self._connection, name, number)

    def keep_passages(self, passages: Sequence[Passage]) -> None:
        """Keep passages as they are now."""
        rows = [{"the_key": one.message.key, "now_open": is_open(one), "now": _encode(one)} for one in passages]
        query = sa.update(outbox).where(outbox.c.notice_key == sa.bindparam("the_key"))
        self._connection.execute(query.values(is_open=sa.bindparam("now_open"), body=sa.bindparam("now")), rows)

    def fresh_passages(self, after: int) -> list[tuple[int, Passage]]:
        """Return open ones numbered above ``after``."""
        query = sa.select(outbox.c.number, outbox.c.body).where(outbox.c.is_open, outbox.c.number > after).order_by(outbox.c.number)
        return [(number, _decode(body)) for number, body in self._connection.execute(query)]

    def about(self, topic: str) -> list[Passage]:
        """Return passages whose topic begins with this word, an incident's: the newest ones, in the order in which they were made."""
        query = sa.select(outbox.c.body).where(outbox.c.about == topic).order_by(outbox.c.number.desc()).limit(MOST_ABOUT)
        return [_decode(body) for body in self._bodies(query)][::-1]

    def passage(self, key: str) -> Passage | None:
        """Return one, or None."""
        body = self._body(sa.select(outbox.c.body).where(outbox.c.notice_key == key))
        return _decode(body) if body is not None else None


class SqlShelf:
    """``Shelf`` on the register's database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def add(self, passages: Sequence[Passage]) -> None:
        """Put new notices there, where no other transaction does."""
        with self._writing() as rows:
            rows.put_passages(passages)

    def take(self, name: str, number: int, passages: Sequence[Passage]) -> None:
        """Put new notices there and keep how far the follower that made them has come: both or neither."""
        with self._writing() as rows:
            rows.put_passages(passages)
            rows.keep_cursor(name, number)

    def fresh(self, after: int) -> list[tuple[int, Passage]]:
        """Return open passages numbered above ``after``."""
        with self._reading() as rows:
            return rows.fresh_passages(after)

    def save(self, passages: Sequence[Passage]) -> None:
        """Keep passages; durable when this returns."""
        with self._writing() as rows:
            rows.keep_passages(passages)

    def about(self, topic: str) -> list[Passage]:
        """Return passages about something, open or ended, the newest ``MOST_ABOUT`` in the order in which they were made."""
        with self._reading() as rows:
            return rows.about(topic)

    def passage(self, key: str) -> Passage | None:
        """Return one, open or ended."""
        with self._reading() as rows:
            return rows.passage(key)

    @contextmanager
    def _reading(self) -> Iterator[OutboxRows]:
        with _told(), reading(self._engine) as connection:
            yield OutboxRows(connection)

    @contextmanager
    def _writing(self) -> Iterator[OutboxRows]:
        with _told(), writing(self._engine) as connection, connection.begin():
            yield OutboxRows(connection)


def _row(passage: Passage) -> dict[str, object]:
    about = passage.message.topic.partition(" ")[0]
    return {"notice_key": passage.message.key, "about": about, "is_open": is_open(passage), "body": _encode(passage)}


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError:
        raise ShelfFailedError("The outbox cannot be reached now.") from None
