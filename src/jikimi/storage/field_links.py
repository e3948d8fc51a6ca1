"""Officers' links in SQL. Lies in the register's encrypted file, as the sessions do that they are exchanged for."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from jikimi.incidents.links import Link
from jikimi.storage.database import reading, writing
from jikimi.storage.register import begin_session
from jikimi.storage.rows import Rows
from jikimi.storage.schema import field_links

AUDIENCE = "field"
HOW = "link"
_encode = msgspec.msgpack.Encoder().encode
_link = msgspec.msgpack.Decoder(Link).decode


class LinkRows(Rows):
    """The links, within one transaction."""

    def put(self, link: Link) -> None:
        """Keep a link as it is now."""
        self._put(field_links, {"link_id": link.link_id, "incident_id": link.incident_id, "body": _encode(link)})

    def link(self, link_id: str) -> Link | None:
        """Return one, or None."""
        body = self._body(sa.select(field_links.c.body).where(field_links.c.link_id == link_id))
        return None if body is None else _link(body)

    def about(self, incident_id: str) -> list[Link]:
        """Return an incident's links, the first one first."""
        bodies = self._bodies(sa.select(field_links.c.body).where(field_links.c.incident_id == incident_id))
        return sorted((_link(body) for body in bodies), key=lambda one: (one.made_ms, one.link_id))


class SqlFieldLinks:
    """Keeps links. Synchronous: it is asked on the thread of the books."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def put(self, link: Link) -> None:
        """Keep a link; durable when this returns."""
        with writing(self._engine) as connection, connection.begin():
            LinkRows(connection).put(link)

    def link(self, link_id: str) -> Link | None:
        """Return one, or None."""
        with reading(self._engine) as connection:
            return LinkRows(connection).link(link_id)

    def about(self, incident_id: str) -> list[Link]:
        """Return an incident's links, the first one first."""
        with reading(self._engine) as connection:
            return LinkRows(connection).about(incident_id)

    def exchange(self, link: Link) -> str | None:
        """Keep a link as opened and begin its session, both or neither; None where it was opened meanwhile. Returns the token."""
        with writing(self._engine) as connection, connection.begin():
            rows = LinkRows(connection)
            before = rows.link(link.link_id)
            if before is None or before.opened_ms is not None:
                return None
            rows.put(link)
            return begin_session(connection, AUDIENCE, link.link_id, link.until_ms, HOW)
