"""What the register's database keeps about an order, an incident and a person: where it stands, and how it is taken away.

Every table of the schema stands in exactly one of the sets below; a test asks it of every new one. What is deleted is overwritten, and
the log file is cut (``scrubbed``), for whoever has the master key could read a page that is merely free.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Final, TypeVar

import msgspec
import sqlalchemy as sa

from jikimi.delivery.decision import about
from jikimi.delivery.passage import Passage
from jikimi.incidents.incident import Incident, Member
from jikimi.incidents.status import Status
from jikimi.model.order import Device, Order
from jikimi.storage.schema import (
    acceptances,
    addresses,
    app_locks,
    assignments,
    changes,
    devices,
    dossiers,
    failures,
    field_links,
    filings,
    funnels,
    helpers,
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
    outcome_drops,
    outcome_findings,
    outcome_groups,
    papers,
    passkeys,
    persons,
    second_requests,
    sessions,
    tasks,
)

PROTECTED: Final = "protected"
"""The audience whose subjects are persons; those of the others are accounts of staff."""
DAILY: Final = "daily"
"""The first word of the topic of a handset's daily test; the second names the person."""
T = TypeVar("T")
_STEP: Final = 200
"""Rows taken away in one transaction."""
_STRETCH: Final = re.compile(r"~\d+$")
_LANE: Final = re.compile(r"\.\d+$")

OF_ORDERS: Final = (order_events, order_parties, tasks, funnels, assignments, identity_checks, outcome_drops, outcome_groups, dossiers)
"""Rows that belong to one order, by ``order_id``; the dossier goes last, so that what a kill cut short is found again."""
OF_PERSONS: Final = {
    marks: marks.c.person_id,
    addresses: addresses.c.recipient_id,
    app_locks: app_locks.c.person_id,
    acceptances: acceptances.c.person_id,
    identity_checks: identity_checks.c.person_id,
    papers: papers.c.person_id,
    helpers: helpers.c.person_id,
    filings: filings.c.person_id,
    persons: persons.c.person_id,
}
"""Rows that belong to one person."""
OF_SUBJECTS: Final = (sessions, invitations, passkeys, failures)
"""Rows by which a person proves to be herself: by ``audience`` and ``subject``."""


class Asked(msgspec.Struct, frozen=True):
    """Of a request for a second person only what it is about: an order, a device or a person."""

    target: str
    order_id: str | None = None


class About(msgspec.Struct, frozen=True):
    """Of a notice only what it is about."""

    incident_id: str


OF_INCIDENTS: Final = (incident_entries, incident_members, field_links, outcome_findings, incidents)
"""Rows that belong to one incident, by ``incident_id``."""
BY_CONTENT: Final = (devices, orders, links, notices, outbox, second_requests)
"""Rows found by what they hold."""

_device = msgspec.msgpack.Decoder(Device).decode
_order = msgspec.msgpack.Decoder(Order).decode
_incident = msgspec.msgpack.Decoder(Incident).decode
_member = msgspec.msgpack.Decoder(Member).decode
_about = msgspec.msgpack.Decoder(About).decode
_asked = msgspec.msgpack.Decoder(Asked).decode
_passage = msgspec.msgpack.Decoder(Passage).decode


def names_of(name: str) -> tuple[str, str, str]:
    """Return what the court's order may be called of which the core was told by a name: ``a.2~3`` is a part of ``a``, or of ``a.2``."""
    lane = _STRETCH.sub("", name)
    return name, lane, _LANE.sub("", lane)


def court_order(name: str, known: Collection[str]) -> str:
    """Return which order a name is of that the core was told."""
    *full, bare = names_of(name)
    return next((part for part in full if part in known), bare)


def told(connection: sa.Connection) -> list[Order]:
    """Return what the core is told of orders."""
    return [_order(body) for body in connection.execute(sa.select(orders.c.body)).scalars()]


def incidents_of(connection: sa.Connection, known: Collection[str]) -> dict[str, dict[str, bool]]:
    """Return the incidents of each order, and whether each is open."""
    found: dict[str, dict[str, bool]] = {}
    for body in connection.execute(sa.select(incidents.c.body)).scalars():
        one = _incident(body)
        found.setdefault(court_order(one.party.order_id, known), {})[one.incident_id] = one.status is not Status.RESOLVED
    return found


def erase_incidents(connection: sa.Connection, incident_ids: Collection[str]) -> None:
    """Take a few incidents away with their histories and their notices."""
    for numbers in _parts(notices_of(connection, frozenset(incident_ids))):
        connection.execute(sa.delete(notices).where(notices.c.number.in_(numbers)))
    connection.execute(sa.delete(outbox).where(outbox.c.about.in_(incident_ids)))
    for table in OF_INCIDENTS:
        connection.execute(sa.delete(table).where(table.c.incident_id.in_(incident_ids)))


def notices_of(connection: sa.Connection, incident_ids: Collection[str]) -> list[int]:
    """Return the numbers of the notices about some incidents. Reads them all: nothing else says whose they are."""
    rows = connection.execute(sa.select(notices.c.number, notices.c.body))
    return [number for number, body in rows if _about(body).incident_id in incident_ids]


def members_of(connection: sa.Connection, order_id: str) -> list[tuple[str, str]]:
    """Return where pairs of an order are members of a mass silence: the incident, and the pair."""
    rows = connection.execute(sa.select(incident_members.c.incident_id, incident_members.c.pair_id, incident_members.c.body)).all()
    return [(one, pair) for one, pair, body in rows if court_order(_member(body).party.order_id, {order_id}) == order_id]


def erase_order(connection: sa.Connection, order_id: str) -> None:
    """Take an order out of the register. Nothing else of it may be left: it is found by these rows."""
    for incident_id, pair_id in members_of(connection, order_id):
        member = (incident_members.c.incident_id == incident_id, incident_members.c.pair_id == pair_id)
        connection.execute(sa.delete(incident_members).where(*member))
    connection.execute(sa.delete(links).where(sa.or_(links.c.order_id == order_id, links.c.tag_order_id == order_id)))
    names = [one.order_id for one in told(connection) if court_order(one.order_id, {order_id}) == order_id]
    connection.execute(sa.delete(orders).where(orders.c.order_id.in_(names)))
    connection.execute(sa.delete(outbox).where(outbox.c.about == about(order_id)))
    for table in OF_ORDERS:
        connection.execute(sa.delete(table).where(table.c.order_id == order_id))
    erase_requests(connection, {order_id})
    _changed(connection)


def erase_requests(connection: sa.Connection, names: Collection[str]) -> None:
    """Take away what was asked of a second person about these orders, persons or devices: a request holds a reason in free words."""
    rows = connection.execute(sa.select(second_requests.c.number, second_requests.c.body)).all()
    asked = [(number, _asked(body)) for number, body in rows if body]
    gone = [
        number for number, one in asked if one.target in names or (one.order_id is not None and court_order(one.order_id, names) in names)
    ]
    for numbers in _parts(gone):
        connection.execute(sa.delete(second_requests).where(second_requests.c.number.in_(numbers)))


def devices_of(connection: sa.Connection, person_ids: Collection[str]) -> list[str]:
    """Return the devices that these persons carry."""
    found = (_device(body) for body in connection.execute(sa.select(devices.c.body)).scalars())
    return [device.device_id for device in found if device.person_id in person_ids]


def disarm(connection: sa.Connection, person_ids: Collection[str]) -> None:
    """Take away what persons prove themselves by, and their devices: from now on nothing new of theirs is taken in."""
    carried = devices_of(connection, person_ids)
    erase_requests(connection, carried)
    for device_id in carried:
        connection.execute(sa.delete(devices).where(devices.c.device_id == device_id))
    for part in _parts(person_ids):
        for table in OF_SUBJECTS:
            connection.execute(sa.delete(table).where(table.c.audience == PROTECTED, table.c.subject.in_(part)))
    _changed(connection)


def erase_persons(connection: sa.Connection, person_ids: Collection[str]) -> None:
    """Take persons out of the register, whom no order names any more."""
    erase_requests(connection, person_ids)
    disarm(connection, person_ids)
    for part in _parts(person_ids):
        for table, column in OF_PERSONS.items():
            connection.execute(sa.delete(table).where(column.in_(part)))
    topics = {f"{DAILY} {name}" for name in person_ids}
    tests = connection.execute(sa.select(outbox.c.number, outbox.c.body).where(outbox.c.about == DAILY)).all()
    gone = [number for number, body in tests if _passage(body).message.topic in topics]
    for numbers in _parts(gone):
        connection.execute(sa.delete(outbox).where(outbox.c.number.in_(numbers)))


def scrubbed(engine: sa.Engine) -> bool:
    """Cut the log file, which still holds pages as they were; return whether nobody was in the way."""
    with engine.connect() as connection:
        connection.commit()
        raw = connection.connection.dbapi_connection
        assert raw is not None
        busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def in_steps(
    connect: Callable[[], AbstractContextManager[sa.Connection]],
    things: Iterable[str],
    erase: Callable[[sa.Connection, list[str]], None],
) -> int:
    """Erase things in transactions of a few, so that nobody waits long for the database; return how many."""
    count = 0
    for part in _parts(things):
        with connect() as connection, connection.begin():
            erase(connection, part)
        count += len(part)
    return count


def _changed(connection: sa.Connection) -> None:
    connection.execute(sa.update(changes).values(version=changes.c.version + 1))


def _parts(things: Iterable[T]) -> Iterator[list[T]]:
    rest = list(things)
    for start in range(0, len(rest), _STEP):
        yield rest[start : start + _STEP]
