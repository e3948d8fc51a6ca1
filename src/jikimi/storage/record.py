"""What the register's database holds of orders and persons as plain rows, and back: the stuff of exports and backups.

A row is its table's columns, with whole records (``body``) spelled out. What one database numbers for itself is left out, and so is
what follows from the rest. Devices come without their secrets unless these are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
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
from jikimi.outcomes.row import Finding
from jikimi.outcomes.row import Row as OutcomeRow
from jikimi.storage import personal
from jikimi.storage.schema import (
    acceptances,
    account_acts,
    accounts,
    addresses,
    app_locks,
    assignments,
    changes,
    devices,
    docket_entries,
    dockets,
    dossiers,
    filings,
    funnels,
    helpers,
    holds,
    identity_checks,
    incident_entries,
    incident_members,
    incidents,
    invitations,
    ledger_dues,
    links,
    marks,
    notices,
    order_events,
    order_parties,
    orders,
    outbox,
    outcome_drops,
    outcome_findings,
    outcome_releases,
    outcome_rows,
    papers,
    passkeys,
    persons,
    sessions,
    sso_subjects,
    tasks,
)

BODIES: Final[Mapping[str, Any]] = {
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
    "outcome_findings": Finding,
    "outcome_rows": OutcomeRow,
}
"""What stands in the column ``body`` of these tables."""
LEFT_OUT: Final[Mapping[str, frozenset[str]]] = {
    "notices": frozenset({"number"}),
    "outbox": frozenset({"number", "is_open"}),
    "identity_checks": frozenset({"number"}),
    "outcome_rows": frozenset({"number"}),
    "docket_entries": frozenset({"id"}),
}
"""Columns that a database fills in by itself; and what came from elsewhere is never sent out again."""
OF_ORDER: Final = (dossiers, order_parties, order_events, tasks, funnels, assignments, outcome_drops)
OF_PERSON: Final = {
    persons: "person_id",
    marks: "person_id",
    addresses: "recipient_id",
    acceptances: "person_id",
    identity_checks: "person_id",
}
SECRETS: Final = (sessions, invitations, passkeys)
"""By which persons prove themselves; only a backup has them."""
HERS: Final = (app_locks, papers, helpers, filings)
"""What is hers alone, by ``person_id``; only a backup has it, and what she sealed stays sealed there."""
OF_STAFF: Final = (accounts, account_acts, passkeys, sso_subjects, holds, ledger_dues, outcome_rows, outcome_releases)
OF_COURTS: Final = (dockets, docket_entries)
"""What courts received; only a backup has it, and it stays sealed to them there."""
TABLES: Final[Mapping[str, sa.Table]] = {
    table.name: table
    for table in (
        *OF_ORDER,
        *OF_PERSON,
        orders,
        devices,
        links,
        incidents,
        incident_entries,
        incident_members,
        notices,
        outbox,
        outcome_findings,
    )
}
"""What a record may hold: nothing by which anybody proves to be somebody."""
ALL: Final = {**TABLES, **{table.name: table for table in (*OF_STAFF, *OF_COURTS, *SECRETS, *HERS)}}
"""What a backup may put back."""
NO_SECRET: Final = bytes(32)
"""Stands for the digest of a secret that is not told: nothing has this digest."""

About = Callable[[dict[str, Any], Any, Collection[str], Collection[str]], bool]
_packed: Final = msgspec.msgpack.Encoder(order="deterministic").encode


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row: its table's name, and its columns as JSON has them (bytes as hexadecimal digits)."""

    table: str
    columns: dict[str, Any]


class RowError(ValueError):
    """A row is none of these tables'. The text names the table and the column, and repeats nothing."""


def of_order(connection: sa.Connection, order_id: str) -> Iterator[Row]:
    """Yield an order's rows: the dossier and all that hangs on it, what the core is told, incidents with history and notices."""
    yield from of_register(connection, order_id)
    yield from of_incidents(connection, order_id)


def of_register(connection: sa.Connection, order_id: str) -> Iterator[Row]:
    """Yield an order's rows but for its incidents."""
    for table in OF_ORDER:
        yield from _select(connection, table, table.c.order_id == order_id)
    yield from _select(connection, links, sa.or_(links.c.order_id == order_id, links.c.tag_order_id == order_id))
    names = sorted(one.order_id for one in personal.told(connection) if personal.court_order(one.order_id, {order_id}) == order_id)
    yield from _select(connection, orders, orders.c.order_id.in_(names))


def of_incidents(connection: sa.Connection, order_id: str) -> Iterator[Row]:
    """Yield the rows of an order's incidents."""
    for incident_id, pair_id in sorted(personal.members_of(connection, order_id)):
        member = sa.and_(incident_members.c.incident_id == incident_id, incident_members.c.pair_id == pair_id)
        yield from _select(connection, incident_members, member)
    for incident_id in sorted(personal.incidents_of(connection, {order_id}).get(order_id, ())):
        yield from _select(connection, incidents, incidents.c.incident_id == incident_id)
        yield from _select(connection, incident_entries, incident_entries.c.incident_id == incident_id)
        yield from _select(connection, notices, notices.c.number.in_(personal.notices_of(connection, {incident_id})))
        yield from _select(connection, outbox, outbox.c.about == incident_id)
        yield from _select(connection, outcome_findings, outcome_findings.c.incident_id == incident_id)


def of_staff(connection: sa.Connection) -> Iterator[Row]:
    """Yield what is about nobody whom an order names: accounts and their acts, holds, whom the ledger is to forget; and courts' dockets."""
    for table in (*OF_STAFF, *OF_COURTS):
        where = sa.true() if table is not passkeys else table.c.audience != personal.PROTECTED
        yield from _select(connection, table, where)


def of_persons(connection: sa.Connection, person_ids: Collection[str], *, secrets: bool) -> Iterator[Row]:
    """Yield what is kept of persons: names, marks, addresses, consents, devices; with ``secrets`` what they prove themselves by."""
    for person_id in sorted(person_ids):
        for table, column in OF_PERSON.items():
            yield from _select(connection, table, table.c[column] == person_id)
        if secrets:
            for table in HERS:
                yield from _select(connection, table, table.c.person_id == person_id)
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


def checked(row: Row, tables: Mapping[str, sa.Table] = TABLES) -> dict[str, Any]:
    """Return a row's columns as its table takes them; ``tables`` are those that may be named.

    Raises:
        RowError: there is no such table, or the row does not fit it.
    """
    table = tables.get(row.table)
    if table is None:
        raise RowError("A row names a table that no record has.")
    wanted = {column.name: column for column in table.columns if column.name not in LEFT_OUT.get(table.name, ())}
    if row.columns.keys() != wanted.keys():
        raise RowError(f"A row of {row.table} has other columns than that table.")
    values = {name: _value(row.table, wanted[name], value) for name, value in row.columns.items()}
    return values | ({"is_open": False} if row.table == "outbox" else {})


def scoped(row: Row, order_ids: Collection[str], person_ids: Collection[str]) -> bool:
    """Return whether a row is about nothing but these orders and persons; whoever made it may have meant another."""
    about = _ABOUT.get(row.table)
    return about is None or about(row.columns, row.columns.get("body"), order_ids, person_ids)


def _of_order(columns: dict[str, Any], body: Any, order_ids: Collection[str], _persons: Collection[str]) -> bool:
    return columns["order_id"] in order_ids and _named(body).get("order_id", columns["order_id"]) == columns["order_id"]


def _of_core(columns: dict[str, Any], body: Any, order_ids: Collection[str], _persons: Collection[str]) -> bool:
    return personal.court_order(columns["order_id"], order_ids) in order_ids and body["order_id"] == columns["order_id"]


def _of_link(columns: dict[str, Any], _body: Any, order_ids: Collection[str], _persons: Collection[str]) -> bool:
    return not {columns["order_id"], columns["tag_order_id"]}.isdisjoint(order_ids)


def _of_party(_columns: dict[str, Any], body: Any, order_ids: Collection[str], _persons: Collection[str]) -> bool:
    return personal.court_order(body["party"]["order_id"], order_ids) in order_ids


def _of_device(columns: dict[str, Any], body: Any, _orders: Collection[str], person_ids: Collection[str]) -> bool:
    return body["person_id"] in person_ids and body == _public(body) and body["device_id"] == columns["device_id"]


def _of_person(column: str) -> About:
    return lambda columns, _body, _orders, person_ids: columns[column] in person_ids


def _named(body: Any) -> dict[str, Any]:
    """Return the part of a row's body that bears an order's name."""
    return {} if body is None else body.get("order", body)


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


def put(connection: sa.Connection, rows: Iterable[Row], tables: Mapping[str, sa.Table] = TABLES) -> int:
    """Put rows into a database that does not know them; return how many.

    Raises:
        RowError: a row does not fit its table.
        sa.exc.IntegrityError: one is there already.
    """
    count = 0
    for row in rows:
        values = checked(row, tables)
        connection.execute(sa.insert(tables[row.table]).values(**values))
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


_ABOUT: Final[Mapping[str, About]] = {
    **{str(table.name): _of_order for table in OF_ORDER},
    **{str(table.name): _of_person(column) for table, column in OF_PERSON.items()},
    "orders": _of_core,
    "links": _of_link,
    "incidents": _of_party,
    "incident_members": _of_party,
    "devices": _of_device,
}
"""What says whether a table's row is about the orders and persons of a record; what hangs on an incident goes with it."""
