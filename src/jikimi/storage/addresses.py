"""Where recipients of notices are reached, in SQL. Lies in the register's encrypted file."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from jikimi.storage.database import reading, writing
from jikimi.storage.rows import AT_ONCE
from jikimi.storage.schema import addresses


class SqlAddresses:
    """One address a channel for each recipient: the newest takes the place of the one before."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def put(self, recipient_id: str, channel: str, address: str) -> None:
        """Keep an address."""
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.delete(addresses).where(*_mine(recipient_id, channel)))
            connection.execute(sa.insert(addresses).values(recipient_id=recipient_id, channel=channel, address=address))

    def drop(self, recipient_id: str, channel: str) -> None:
        """Forget one, if it is there."""
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.delete(addresses).where(*_mine(recipient_id, channel)))

    def of(self, recipient_id: str) -> dict[str, str]:
        """Return a recipient's addresses, by channel."""
        query = sa.select(addresses.c.channel, addresses.c.address).where(addresses.c.recipient_id == recipient_id)
        with reading(self._engine) as connection:
            return {row.channel: row.address for row in connection.execute(query)}

    def of_all(self, recipient_ids: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return the addresses of many with one question, by recipient and channel; who has none is there, with none."""
        found: dict[str, dict[str, str]] = {name: {} for name in recipient_ids}
        names = list(found)
        query = sa.select(addresses.c.recipient_id, addresses.c.channel, addresses.c.address)
        with reading(self._engine) as connection:
            for start in range(0, len(names), AT_ONCE):
                for row in connection.execute(query.where(addresses.c.recipient_id.in_(names[start : start + AT_ONCE]))):
                    found[row.recipient_id][row.channel] = row.address
        return found


def _mine(recipient_id: str, channel: str) -> tuple[sa.ColumnElement[bool], ...]:
    return addresses.c.recipient_id == recipient_id, addresses.c.channel == channel
