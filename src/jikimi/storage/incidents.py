"""Incidents in SQL: an incident, its history, its clock and its notices are kept in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import sqlalchemy as sa

from jikimi.incidents.duty import Duty
from jikimi.incidents.incident import Entry, Incident
from jikimi.incidents.ports import Page
from jikimi.incidents.status import Status
from jikimi.model.notice import Notice
from jikimi.storage.database import writing
from jikimi.storage.rows import Rows
from jikimi.storage.schema import changes, cursors, duties, incident_entries, incident_signals, incidents, notices

_encode = msgspec.msgpack.Encoder().encode
_incident = msgspec.msgpack.Decoder(Incident).decode
_entry = msgspec.msgpack.Decoder(Entry).decode
_notice = msgspec.msgpack.Decoder(Notice).decode
_duty = msgspec.msgpack.Decoder(Duty).decode


class IncidentRows(Rows):
    """A ``Page`` of the books of incidents."""

    def put_incident(self, incident: Incident) -> None:
        """Keep an incident as it is now."""
        key = (incident.key or incident.party.pair_id) if incident.status is not Status.RESOLVED else None
        row = {"incident_id": incident.incident_id, "open_pair_id": key, "due_ms": incident.due_ms}
        self._put(incidents, {**row, "body": _encode(incident)})

    def incident(self, incident_id: str) -> Incident | None:
        """Return one, or None."""
        body = self._body(sa.select(incidents.c.body).where(incidents.c.incident_id == incident_id))
        return _incident(body) if body is not None else None

    def open_of(self, key: str, pair_id: str) -> Incident | None:
        """Return the open incident under a key, or, from before there were keys, under the pair; None where there is none."""
        query = sa.select(incidents.c.body).where(incidents.c.open_pair_id.in_([key, pair_id]))
        found = [_incident(body) for body in self._bodies(query)]
        return max(found, key=lambda one: one.key == key, default=None)

    def open_incidents(self) -> list[Incident]:
        """Return all that are not resolved, by the time they were opened."""
        found = [_incident(body) for body in self._bodies(sa.select(incidents.c.body).where(incidents.c.open_pair_id.is_not(None)))]
        return sorted(found, key=lambda one: (one.opened_ms, one.incident_id))

    def due_until(self, now_ms: int) -> list[Incident]:
        """Return those whose clock rang until now, the earliest first."""
        query = sa.select(incidents.c.body).where(incidents.c.due_ms <= now_ms).order_by(incidents.c.due_ms, incidents.c.incident_id)
        return [_incident(body) for body in self._bodies(query)]

    def next_due_ms(self) -> int | None:
        """Return when the first clock rings, or None."""
        due_ms: int | None = self._connection.execute(sa.select(sa.func.min(incidents.c.due_ms))).scalar()
        return due_ms

    def add_entry(self, incident_id: str, entry: Entry) -> None:
        """Write a line of history. A line is never written again: the key forbids it."""
        row = {"incident_id": incident_id, "number": entry.number, "body": _encode(entry)}
        self._connection.execute(sa.insert(incident_entries).values(**row))

    def entries(self, incident_id: str) -> list[Entry]:
        """Return an incident's history."""
        query = sa.select(incident_entries.c.body).where(incident_entries.c.incident_id == incident_id)
        return [_entry(body) for body in self._bodies(query.order_by(incident_entries.c.number))]

    def add_notice(self, notice: Notice) -> None:
        """Keep a notice for delivery. One whose name is there is left as it is."""
        known = sa.select(notices.c.number).where(notices.c.notice_id == notice.notice_id)
        if self._connection.execute(known).scalar() is None:
            self._connection.execute(sa.insert(notices).values(notice_id=notice.notice_id, body=_encode(notice)))

    def notices_after(self, number: int) -> list[tuple[int, Notice]]:
        """Return notices numbered above ``number``, by number."""
        query = sa.select(notices.c.number, notices.c.body).where(notices.c.number > number).order_by(notices.c.number)
        return [(found, _notice(body)) for found, body in self._connection.execute(query)]

    def note_signal(self, signal_id: str) -> bool:
        """Remember a signal; return whether it is new."""
        if self._connection.execute(sa.select(incident_signals).where(incident_signals.c.signal_id == signal_id)).first() is not None:
            return False
        self._connection.execute(sa.insert(incident_signals).values(signal_id=signal_id))
        return True

    def put_duty(self, duty: Duty) -> None:
        """Keep who is signed in."""
        self._put(duties, {"operator": duty.operator, "body": _encode(duty)})

    def drop_duty(self, operator: str) -> None:
        """Forget one who signed out."""
        self._connection.execute(sa.delete(duties).where(duties.c.operator == operator))

    def duties(self) -> list[Duty]:
        """Return who is signed in, by name."""
        return [_duty(body) for body in self._bodies(sa.select(duties.c.body).order_by(duties.c.operator))]


class SqlIncidents:
    """``jikimi.incidents.ports.Books`` on the register's database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def notices_after(self, number: int) -> list[tuple[int, Notice]]:
        """Return what delivery has not taken yet, by number."""
        with self._engine.connect() as connection, connection.begin():
            return IncidentRows(connection).notices_after(number)

    def cursor(self, name: str) -> int | None:
        """Return how far a follower has come; None where it never began."""
        with self._engine.connect() as connection:
            number: int | None = connection.execute(sa.select(cursors.c.number).where(cursors.c.name == name)).scalar()
        return number

    def keep_cursor(self, name: str, number: int) -> None:
        """Keep how far a follower has come; durable when this returns."""
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.delete(cursors).where(cursors.c.name == name))
            connection.execute(sa.insert(cursors).values(name=name, number=number))

    @contextmanager
    def reading(self) -> Iterator[Page]:
        """Give a page to read from."""
        with self._engine.connect() as connection, connection.begin():
            yield IncidentRows(connection)

    @contextmanager
    def writing(self) -> Iterator[Page]:
        """Give a page that nobody else writes to meanwhile."""
        with writing(self._engine) as connection, connection.begin():
            # SQLite locks out other writers from the beginning; other databases do so by this row.
            connection.execute(sa.select(changes.c.version).with_for_update())
            yield IncidentRows(connection)
