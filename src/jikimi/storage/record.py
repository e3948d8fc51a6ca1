"""What the register's database holds of orders and persons as plain rows, and back: the stuff of exports and backups.

A row is its table's columns, with whole records (``body``) spelled out. What one database numbers for itself is left out, and so is
what follows from the rest. Devices come without their secrets unless these are asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from jikimi.delivery.passage import Passage
from jikimi.incidents.incident import Entry, Incident, Member
from jikimi.model.notice import Notice
from jikimi.model.order import Device, Order
from jikimi.model.register import OrderEvent
from jikimi.orders.dossier import Dossier, Link
from jikimi.orders.funnel import Assignment, Funnel
from jikimi.orders.tasks import Task
from jikimi.storage import personal
from jikimi.storage.schema import (
    acceptances,
    addresses,
    app_locks,
    assignments,
    changes,
    devices,
    dossiers,
    funnels,
    identity_checks,
    incident_entries,
    incident_members,
    incidents,
    invitations,
    links,
    marks,
    notices,
    order_events,
    order_parties,
    orders,
    outbox,
    passkeys,
    persons,
    sessions,
    tasks,
)

BODIES: Final[Mapping[str, type]] = {
    "dossiers": Dossier,
    "order_events": OrderEvent,
    "tasks": Task,
    "links": Link,
    "funnels": Funnel,
    "assignments": Assignment,
    "orders": Order,
    "devices": Device,
    "incidents": Incident,
    "incident_entries": Entry,
    "incident_members": Member,
    "notices": Notice,
    "outbox": Passage,
}
"""What stands in the column ``body`` of these tables."""
LEFT_OUT: Final[Mapping[str, frozenset[str]]] = {
    "notices": frozenset({"number"}),
    "outbox": frozenset({"number", "is_open"}),
    "identity_checks": frozenset({"number"}),
}
"""Columns that a database fills in by itself; and what came from elsewhere is never sent out again."""
OF_ORDER: Final = (dossiers, order_parties, order_events, tasks, funnels, assignments)
OF_PERSON: Final = {
    persons: "person_id",
    marks: "person_id",
    addresses: "recipient_id",
    acceptances: "person_id",
    identity_checks: "person_id",
}
SECRETS: Final = (sessions, invitations, passkeys)
"""By which persons prove themselves; only a backup has them."""
TABLES: Final[Mapping[str, sa.Table]] = {
    table.name: table
    for table in (
        *OF_ORDER,
        *OF_PERSON,
        *SECRETS,
        app_locks,
        orders,
        devices,
        links,
        incidents,
        incident_entries,
        incident_members,
        notices,
        outbox,
    )
}
NO_SECRET: Final = bytes(32)
"""Stands for the digest of a secret that is not told: nothing has this digest."""

_packed: Final = msgspec.msgpack.Encoder(order="deterministic").encode


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row: its table's name, and its columns as JSON has them (bytes as hexadecimal digits)."""

    table: str
    columns: dict[str, Any]


class RowError(ValueError):
    """A row is none of these tables'. The text names the table and the column, and repeats nothing."""


def of_order(connection: sa.Connection, order_id: str) -> Iterator[Row]:
    """Yield an order's rows: the dossier and all that hangs on it, what the core is told, incidents with history and notices."""
    for table in OF_ORDER:
        yield from _select(connection, table, table.c.order_id == order_id)
    yield from _select(connection, links, sa.or_(links.c.order_id == order_id, links.c.tag_order_id == order_id))
    names = sorted(one.order_id for one in personal.told(connection) if personal.court_order(one.order_id, {order_id}) == order_id)
    yield from _select(connection, orders, orders.c.order_id.in_(names))
    for incident_id, pair_id in sorted(personal.members_of(connection, order_id)):
        member = sa.and_(incident_members.c.incident_id == incident_id, incident_members.c.pair_id == pair_id)
        yield from _select(connection, incident_members, member)
    for incident_id in sorted(personal.incidents_of(connection, {order_id}).get(order_id, ())):
        yield from _select(connection, incidents, incidents.c.incident_id == incident_id)
        yield from _select(connection, incident_entries, incident_entries.c.incident_id == incident_id)
        yield from _select(connection, notices, notices.c.number.in_(personal.notices_of(connection, incident_id)))
        yield from _select(connection, outbox, outbox.c.about == incident_id)


def of_persons(connection: sa.Connection, person_ids: Collection[str], *, secrets: bool) -> Iterator[Row]:
    """Yield what is kept of persons: names, marks, addresses, consents, devices; with ``secrets`` what they prove themselves by."""
    for person_id in sorted(person_ids):
        for table, column in OF_PERSON.items():
            yield from _select(connection, table, table.c[column] == person_id)
        if secrets:
            yield from _select(connection, app_locks, app_locks.c.person_id == person_id)
            for table in SECRETS:
                yield from _select(connection, table, sa.and_(table.c.audience == personal.PROTECTED, table.c.subject == person_id))
        names = personal.devices_of(connection, {person_id})
        for row in _select(connection, devices, devices.c.device_id.in_(names)):
            yield row if secrets else Row("devices", {**row.columns, "body": _public(row.columns["body"])})


def _public(device: dict[str, Any]) -> dict[str, Any]:
    """Return a device as one that knows it may be told: without what it proves itself by, and never to be believed for it."""
    kept = {name: value for name, value in device.items() if name not in {"earlier_sha256", "earlier_key", "earlier_until_ms"}}
    return {**kept, "secret_sha256": msgspec.to_builtins(NO_SECRET), "sealing_key": None, "revoked": True}


def _select(connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool]) -> Iterator[Row]:
    wanted = [column for column in table.columns if column.name not in LEFT_OUT.get(table.name, ())]
    order = [column for column in (*table.primary_key, *wanted) if not isinstance(column.type, sa.LargeBinary)]
    for row in connection.execute(sa.select(*wanted).where(where).order_by(*order)).mappings():
        yield Row(str(table.name), {str(name): _plain(table.name, name, value) for name, value in row.items()})


def _plain(table: str, name: str, value: Any) -> Any:
    if name == "body" and table in BODIES:
        return msgspec.to_builtins(msgspec.msgpack.decode(value, type=BODIES[table]), order="deterministic")
    return value.hex() if isinstance(value, bytes) else value


def checked(row: Row) -> dict[str, Any]:
    """Return a row's columns as its table takes them.

    Raises:
        RowError: there is no such table, or the row does not fit it.
    """
    table = TABLES.get(row.table)
    if table is None:
        raise RowError("A row names a table that no record has.")
    wanted = {column.name: column for column in table.columns if column.name not in LEFT_OUT.get(table.name, ())}
    if row.columns.keys() != wanted.keys():
        raise RowError(f"A row of {row.table} has other columns than that table.")
    values = {name: _value(row.table, wanted[name], value) for name, value in row.columns.items()}
    return values | ({"is_open": False} if row.table == "outbox" else {})


def _value(table: str, column: sa.Column[Any], value: Any) -> Any:
    try:
        if column.name == "body" and table in BODIES:
            return _packed(msgspec.convert(value, BODIES[table]))
        if value is None and column.nullable:
            return None
        if isinstance(column.type, sa.LargeBinary):
            return bytes.fromhex(value)
        kind = (
            bool
            if isinstance(column.type, sa.Boolean)
            else int
            if isinstance(column.type, sa.Integer)
            else float
            if isinstance(column.type, sa.Float)
            else str
        )
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, TypeError, ValueError):
        raise RowError(f"A row of {table} does not hold what {column.name} is.") from None


def put(connection: sa.Connection, rows: Iterable[Row]) -> int:
    """Put rows into a database that does not know them; return how many.

    Raises:
        RowError: a row does not fit its table.
        sa.exc.IntegrityError: one is there already.
    """
    count = 0
    for row in rows:
        values = checked(row)
        connection.execute(sa.insert(TABLES[row.table]).values(**values))
        count += 1
    connection.execute(sa.update(changes).values(version=changes.c.version + 1))
    return count


def known(connection: sa.Connection, order_ids: Collection[str], person_ids: Collection[str]) -> bool:
    """Return whether a database knows any of these already."""
    queries = (
        sa.select(dossiers.c.order_id).where(dossiers.c.order_id.in_(order_ids)),
        sa.select(orders.c.order_id).where(orders.c.order_id.in_(order_ids)),
        sa.select(persons.c.person_id).where(persons.c.person_id.in_(person_ids)),
        sa.select(order_parties.c.person_id).where(order_parties.c.person_id.in_(person_ids)),
    )
    return any(connection.execute(query).first() is not None for query in queries)
