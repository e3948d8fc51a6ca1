"""Incidents in SQL: an incident, its history, its clock and its notices are kept in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Final

import msgspec
import sqlalchemy as sa

from jikimi.incidents.duty import Duty
from jikimi.incidents.incident import Entry, Harm, Incident, Member
from jikimi.incidents.ports import Page
from jikimi.incidents.ranking import level
from jikimi.incidents.status import Status
from jikimi.model.notice import Notice
from jikimi.storage.database import once_kept, reading, together, writing
from jikimi.storage.rows import Rows, keep_cursor
from jikimi.storage.schema import changes, cursors, duties, incident_entries, incident_members, incident_signals, incidents, notices

_encode = msgspec.msgpack.Encoder().encode
_incident = msgspec.msgpack.Decoder(Incident).decode
_entry = msgspec.msgpack.Decoder(Entry).decode
_notice = msgspec.msgpack.Decoder(Notice).decode
_member_of = msgspec.msgpack.Decoder(Member).decode
_duty = msgspec.msgpack.Decoder(Duty).decode
FAR_S: Final = 1e6
"""Stands for an unknown time to contact, and for any longer one."""
BELOW: Final = 1e9
"""Takes a member that is seen again below all whose silence lasts."""


def place_of(harm: Harm) -> float:
    """Return a number that sorts the worst first: level, then time to contact."""
    contact_s = FAR_S if harm.contact_s is None else min(harm.contact_s, FAR_S)
    return contact_s - 10.0 * FAR_S * level(harm)


def _open_key(incident: Incident) -> str | None:
    return (incident.key or incident.party.pair_id) if incident.status is not Status.RESOLVED else None


def _row(incident: Incident) -> dict[str, object]:
    named = {"incident_id": incident.incident_id, "open_pair_id": _open_key(incident)}
    return {**named, "due_ms": incident.due_ms, "body": _encode(incident)}


def _member() -> tuple[sa.ColumnElement[bool], ...]:
    table = incident_members.c
    return table.incident_id == sa.bindparam("an_incident"), table.pair_id == sa.bindparam("a_pair")


class IncidentRows(Rows):
    """A ``Page`` of the books of incidents.

    What is put is written together by ``flush``, at the end or before it is read: one question to the database for many incidents, and
    not one for each.
    """

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        self._lines: list[dict[str, object]] = []
        self._told: dict[str, dict[str, object]] = {}
        self._changed: dict[str, Incident] = {}
        self._expected: dict[str, Incident | None] = {}
        self.written: dict[str, Incident] = {}
        """Every incident that was put, as it was put last."""

    def flush(self) -> None:
        """Write what was put and added."""
        self._write_changed()
        if self._lines:
            self._connection.execute(sa.insert(incident_entries), self._lines)
        if self._told:
            self._add_new(notices, notices.c.notice_id, self._told)
        self._lines, self._told = [], {}

    def _write_changed(self) -> None:
        rows = [_row(one) for one in self._changed.values()]
        if rows:
            named = incidents.c.incident_id == sa.bindparam("an_incident")
            self._connection.execute(sa.delete(incidents).where(named), [{"an_incident": name} for name in self._changed])
            self._connection.execute(sa.insert(incidents), rows)
        self._changed = {}

    def put_incident(self, incident: Incident) -> None:
        """Keep an incident as it is now."""
        self._changed[incident.incident_id] = self.written[incident.incident_id] = incident
        for name, one in self._expected.items():
            if one is not None and one.incident_id == incident.incident_id:
                self._expected[name] = None
        if (key := _open_key(incident)) in self._expected:
            self._expected[key] = incident

    def expect(self, names: Iterable[str]) -> None:
        """Look up at once what is open under keys and pairs that ``open_of`` will be asked for."""
        self._write_changed()
        self._expected = dict.fromkeys(names)
        for row in self._known(sa.select(incidents.c.open_pair_id, incidents.c.body), incidents.c.open_pair_id, self._expected):
            self._expected[row.open_pair_id] = _incident(row.body)

    def incident(self, incident_id: str) -> Incident | None:
        """Return one, or None."""
        if incident_id in self._changed:
            return self._changed[incident_id]
        body = self._body(sa.select(incidents.c.body).where(incidents.c.incident_id == incident_id))
        return _incident(body) if body is not None else None

    def policies_of(self, incident_ids: Iterable[str]) -> dict[str, str]:
        """Return the policy of each of some incidents."""
        bodies = self._known(sa.select(incidents.c.body), incidents.c.incident_id, incident_ids)
        return {one.incident_id: one.party.policy_id for one in (_incident(row.body) for row in bodies)}

    def open_of(self, key: str, pair_id: str) -> Incident | None:
        """Return the open incident under a key, or, from before there were keys, under the pair; None where there is none."""
        if not {key, pair_id} <= self._expected.keys():
            self.expect([key, pair_id])
        return self._expected[key] or self._expected[pair_id]

    def open_incidents(self) -> list[Incident]:
        """Return all that are not resolved, by the time they were opened."""
        self._write_changed()
        found = [_incident(body) for body in self._bodies(sa.select(incidents.c.body).where(incidents.c.open_pair_id.is_not(None)))]
        return sorted(found, key=lambda one: (one.opened_ms, one.incident_id))

    def resolved_last(self, most: int) -> list[Incident]:
        """Return those that were resolved, or written to since, last: a row is written anew at each change, so the newest stands last."""
        self._write_changed()
        query = sa.select(incidents.c.body).where(incidents.c.open_pair_id.is_(None)).order_by(sa.text("rowid DESC")).limit(most)
        return [_incident(body) for body in self._bodies(query)]

    def due_until(self, now_ms: int) -> list[Incident]:
        """Return those whose clock rang until now, the earliest first."""
        self._write_changed()
        query = sa.select(incidents.c.body).where(incidents.c.due_ms <= now_ms).order_by(incidents.c.due_ms, incidents.c.incident_id)
        return [_incident(body) for body in self._bodies(query)]

    def next_due_ms(self) -> int | None:
        """Return when the first clock rings, or None."""
        self._write_changed()
        due_ms: int | None = self._connection.execute(sa.select(sa.func.min(incidents.c.due_ms))).scalar()
        return due_ms

    def add_entry(self, incident_id: str, entry: Entry) -> None:
        """Write a line of history. A line is never written again: the key forbids it."""
        self._lines.append({"incident_id": incident_id, "number": entry.number, "body": _encode(entry)})

    def entries(self, incident_id: str) -> list[Entry]:
        """Return an incident's history."""
        self.flush()
        query = sa.select(incident_entries.c.body).where(incident_entries.c.incident_id == incident_id)
        return [_entry(body) for body in self._bodies(query.order_by(incident_entries.c.number))]

    def add_notice(self, notice: Notice) -> None:
        """Keep a notice for delivery. One whose name is there is left as it is."""
        self._told.setdefault(notice.notice_id, {"notice_id": notice.notice_id, "body": _encode(notice)})

    def notices_after(self, number: int) -> list[tuple[int, Notice]]:
        """Return notices numbered above ``number``, by number."""
        query = sa.select(notices.c.number, notices.c.body).where(notices.c.number > number).order_by(notices.c.number)
        return [(found, _notice(body)) for found, body in self._connection.execute(query)]

    def open_keys(self, keys: Iterable[str]) -> set[str]:
        """Return those keys, or pairs, under which an incident is open."""
        self._write_changed()
        column = incidents.c.open_pair_id
        return {row[0] for row in self._known(sa.select(column), column, keys)}

    def put_members(self, incident_id: str, members: Iterable[Member]) -> None:
        """Keep members of a mass silence; one that is there already is there anew, and untold."""
        rows = [{"incident_id": incident_id, "pair_id": one.party.pair_id, "place": place_of(one.harm), "is_told": False,
                 "ended_ms": one.ended_ms, "body": _encode(one)} for one in members]  # fmt: skip
        if rows:
            key = [{"an_incident": incident_id, "a_pair": row["pair_id"]} for row in rows]
            self._connection.execute(sa.delete(incident_members).where(*_member()), key)
            self._connection.execute(sa.insert(incident_members), rows)

    def end_members(self, incident_id: str, pair_ids: Iterable[str], at_ms: int) -> None:
        """Let these members' silence end, where it lasts; they stand below all others from now on."""
        rows = [{"an_incident": incident_id, "a_pair": pair_id, "at_ms": at_ms} for pair_id in pair_ids]
        if rows:
            lasting = sa.update(incident_members).where(*_member(), incident_members.c.ended_ms.is_(None))
            below = incident_members.c.place + BELOW
            self._connection.execute(lasting.values(ended_ms=sa.bindparam("at_ms"), place=below), rows)

    def members(self, incident_id: str, skip: int, most: int) -> list[Member]:
        """Return members, those whose silence lasts first, the worst first."""
        table = incident_members.c
        query = sa.select(table.body, table.ended_ms).where(table.incident_id == incident_id)
        query = query.order_by(table.place, table.pair_id).offset(skip).limit(most)
        return [msgspec.structs.replace(_member_of(body), ended_ms=ended_ms) for body, ended_ms in self._connection.execute(query)]

    def lasting(self, incident_id: str, pair_ids: Iterable[str]) -> dict[str, bool]:
        """Return which of these pairs are members, each with whether its silence lasts."""
        table = incident_members.c
        query = sa.select(table.pair_id, table.ended_ms).where(table.incident_id == incident_id)
        return {row.pair_id: row.ended_ms is None for row in self._known(query, table.pair_id, pair_ids)}

    def untold_members(self, incident_id: str, most: int) -> list[Member]:
        """Return members whose silence lasts and who were not told yet, the worst first."""
        table = incident_members.c
        query = sa.select(table.body).where(table.incident_id == incident_id, table.is_told.is_(False), table.ended_ms.is_(None))
        return [_member_of(body) for body in self._bodies(query.order_by(table.place, table.pair_id).limit(most))]

    def tell_members(self, incident_id: str, pair_ids: Iterable[str]) -> None:
        """Remember that these were told."""
        rows = [{"an_incident": incident_id, "a_pair": pair_id} for pair_id in pair_ids]
        if rows:
            self._connection.execute(sa.update(incident_members).where(*_member()).values(is_told=True), rows)

    def note_signals(self, signal_ids: Iterable[str]) -> set[str]:
        """Remember signals; return those that are new."""
        found = set(signal_ids)
        column = incident_signals.c.signal_id
        new = found - {row[0] for row in self._known(sa.select(column), column, found)}
        if new:
            self._connection.execute(sa.insert(incident_signals), [{"signal_id": one} for one in sorted(new)])
        return new

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
    """``jikimi.incidents.ports.Books`` on the register's database.

    Args:
        engine: of the database.
        kept: told of the incidents of each transaction once they are kept, on the thread that wrote them.
    """

    def __init__(self, engine: sa.Engine, kept: Callable[[Iterable[Incident]], None] | None = None) -> None:
        self._engine = engine
        self._kept = kept

    def together(self) -> AbstractContextManager[None]:
        """Make one transaction of all that this thread does with the books and what lies beside them: notices, the outbox, links."""
        return together(self._engine)

    def notices_after(self, number: int) -> list[tuple[int, Notice]]:
        """Return what delivery has not taken yet, by number."""
        with reading(self._engine) as connection:
            return IncidentRows(connection).notices_after(number)

    def policies_of(self, incident_ids: Iterable[str]) -> dict[str, str]:
        """Return the policy of each of some incidents."""
        with reading(self._engine) as connection:
            return IncidentRows(connection).policies_of(incident_ids)

    def cursor(self, name: str) -> int | None:
        """Return how far a follower has come; None where it never began."""
        with reading(self._engine) as connection:
            number: int | None = connection.execute(sa.select(cursors.c.number).where(cursors.c.name == name)).scalar()
        return number

    def keep_cursor(self, name: str, number: int) -> None:
        """Keep how far a follower has come; durable when this returns."""
        with writing(self._engine) as connection, connection.begin():
            keep_cursor(connection, name, number)

    @contextmanager
    def reading(self) -> Iterator[Page]:
        """Give a page to read from."""
        with reading(self._engine) as connection:
            yield IncidentRows(connection)

    @contextmanager
    def writing(self) -> Iterator[Page]:
        """Give a page that nobody else writes to meanwhile."""
        with writing(self._engine) as connection, connection.begin():
            # SQLite locks out other writers from the beginning; other databases do so by this row.
            connection.execute(sa.select(changes.c.version).with_for_update())
            page = IncidentRows(connection)
            yield page
            page.flush()
        if self._kept is not None:
            once_kept(self._engine, partial(self._kept, page.written.values()))
