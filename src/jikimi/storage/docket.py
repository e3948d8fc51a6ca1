"""Courts' dockets in SQL. A package lies as it came, sealed to its court; so do the words of what was done. Beside them stand numbers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import msgspec
import sqlalchemy as sa

from jikimi.petitions.docket import Docketed, Entry
from jikimi.storage.database import together, transaction
from jikimi.storage.schema import docket_entries, dockets

_encode = msgspec.msgpack.Encoder().encode
_row = msgspec.msgpack.Decoder(Docketed).decode
_entry = msgspec.msgpack.Decoder(Entry).decode


class SqlDocket:
    """Keeps dockets. Synchronous; any thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def together(self) -> AbstractContextManager[None]:
        """Let everything that this thread writes into the register stand together, or not at all."""
        return together(self._engine)

    def receive(self, row: Docketed, package: bytes, year: int, entry: Entry) -> Docketed:
        """Keep a petition under the court's next number of a year; one that is kept already stays under its own."""
        with transaction(self._engine) as connection:
            mine = dockets.c.court_id == row.court_id
            known = connection.execute(sa.select(dockets.c.body).where(mine, dockets.c.petition_id == row.petition_id)).scalar()
            if known is not None:
                return _row(known)
            so_far = connection.execute(sa.select(sa.func.count()).where(mine, dockets.c.number.like(f"{year}-%"))).scalar_one()
            made = msgspec.structs.replace(row, number=f"{year}-{so_far + 1:04d}")
            named = {"court_id": made.court_id, "number": made.number}
            values = {**named, "petition_id": made.petition_id, "body": _encode(made), "package": package}
            connection.execute(sa.insert(dockets).values(**values))
            connection.execute(sa.insert(docket_entries).values(**named, body=_encode(entry)))
        return made

    def rows(self, court_id: str) -> list[Docketed]:
        """Return what a court received, by number."""
        query = sa.select(dockets.c.body).where(dockets.c.court_id == court_id).order_by(dockets.c.number)
        with self._engine.connect() as connection:
            return list(map(_row, connection.execute(query).scalars()))

    def row(self, court_id: str, number: str) -> Docketed | None:
        """Return one, or None."""
        with self._engine.connect() as connection:
            body = connection.execute(sa.select(dockets.c.body).where(*_key(court_id, number))).scalar()
        return None if body is None else _row(body)

    def of_petition(self, court_id: str, petition_id: str) -> Docketed | None:
        """Return where a petition stands at the court that received it, or None."""
        query = sa.select(dockets.c.body).where(dockets.c.court_id == court_id, dockets.c.petition_id == petition_id)
        with self._engine.connect() as connection:
            body = connection.execute(query).scalar()
        return None if body is None else _row(body)

    def package(self, court_id: str, number: str) -> bytes | None:
        """Return the sealed package, or None."""
        with self._engine.connect() as connection:
            found: bytes | None = connection.execute(sa.select(dockets.c.package).where(*_key(court_id, number))).scalar()
        return found

    def entries(self, court_id: str, number: str) -> list[Entry]:
        """Return what was done, the oldest first."""
        mine = (docket_entries.c.court_id == court_id, docket_entries.c.number == number)
        with self._engine.connect() as connection:
            return list(
                map(_entry, connection.execute(sa.select(docket_entries.c.body).where(*mine).order_by(docket_entries.c.id)).scalars())
            )

    def acts(self, form_id: str) -> list[tuple[Docketed, list[Entry]]]:
        """Return every petition on a form with what was done, at all courts."""
        with self._engine.connect() as connection:
            return [one for one in histories(connection) if one[0].form_id == form_id]

    def keep(self, before: Docketed, after: Docketed, entries: Sequence[Entry]) -> bool:
        """Keep a petition as it is after an act; return whether it was as it is thought to have been."""
        key = _key(before.court_id, before.number)
        with transaction(self._engine) as connection:
            changed = sa.update(dockets).where(*key, dockets.c.body == _encode(before)).values(body=_encode(after))
            if connection.execute(changed).rowcount != 1:
                return False
            named = {"court_id": before.court_id, "number": before.number}
            for entry in entries:
                connection.execute(sa.insert(docket_entries).values(**named, body=_encode(entry)))
        return True


def histories(connection: sa.Connection) -> list[tuple[Docketed, list[Entry]]]:
    """Return every petition at every court with what was done about it, the oldest act first."""
    done: dict[tuple[str, str], list[Entry]] = {}
    for line in connection.execute(sa.select(docket_entries).order_by(docket_entries.c.id)):
        done.setdefault((line.court_id, line.number), []).append(_entry(line.body))
    rows = map(_row, connection.execute(sa.select(dockets.c.body).order_by(dockets.c.court_id, dockets.c.number)).scalars())
    return [(row, done.get((row.court_id, row.number), [])) for row in rows]


def _key(court_id: str, number: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return dockets.c.court_id == court_id, dockets.c.number == number
