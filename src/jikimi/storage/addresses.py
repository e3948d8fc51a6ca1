"""Where recipients of notices are reached, in SQL. Lies in the register's encrypted file."""

from __future__ import annotations

import sqlalchemy as sa

from jikimi.storage.database import writing
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
        with self._engine.connect() as connection:
            return {row.channel: row.address for row in connection.execute(query)}


def _mine(recipient_id: str, channel: str) -> tuple[sa.ColumnElement[bool], ...]:
    return addresses.c.recipient_id == recipient_id, addresses.c.channel == channel
