"""Dossiers, their events and parties; the steps to protection; devices given out. And what the core is told of all that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
import sqlalchemy as sa

from jikimi.model.order import DeviceKind, Order
from jikimi.model.register import OrderEvent
from jikimi.orders.dossier import Dossier
from jikimi.orders.funnel import Assignment, Funnel
from jikimi.orders.ports import Due, DueKind
from jikimi.storage.rows import Rows
from jikimi.storage.schema import assignments, changes, dossiers, funnels, order_events, order_parties, orders

_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_order = msgspec.msgpack.Decoder(Order).decode
_dossier = msgspec.msgpack.Decoder(Dossier).decode
_event = msgspec.msgpack.Decoder(OrderEvent).decode
_funnel = msgspec.msgpack.Decoder(Funnel).decode
_assignment = msgspec.msgpack.Decoder(Assignment).decode

_CLOCKS: Final = (
    (DueKind.ORDER, dossiers, dossiers.c.order_id, sa.literal("")),
    (DueKind.FUNNEL, funnels, funnels.c.order_id, funnels.c.person_id),
    (DueKind.ASSIGNMENT, assignments, assignments.c.device_id, sa.literal("")),
)


class OrderRows(Rows):
    """The tables of orders."""

    def dossier(self, order_id: str) -> Dossier | None:
        """Return an order's dossier, or None."""
        body = self._body(sa.select(dossiers.c.body).where(dossiers.c.order_id == order_id))
        return _dossier(body) if body is not None else None

    def dossiers(self) -> list[Dossier]:
        """Return all dossiers, by the orders' names."""
        return [_dossier(body) for body in self._bodies(sa.select(dossiers.c.body).order_by(dossiers.c.order_id))]

    def dossiers_of(self, person_ids: Iterable[str]) -> list[Dossier]:
        """Return the orders that name any of these persons."""
        named = sa.select(order_parties.c.order_id).where(order_parties.c.person_id.in_(list(person_ids)))
        query = sa.select(dossiers.c.body).where(dossiers.c.order_id.in_(named)).order_by(dossiers.c.order_id)
        return [_dossier(body) for body in self._bodies(query)]

    def put_dossier(self, dossier: Dossier, due_ms: int | None, told: Iterable[Order], untold: Iterable[str]) -> None:
        """Keep a dossier, who is named in it, and what the core is told."""
        order = dossier.order
        self._put(dossiers, {"order_id": order.order_id, "status": order.status.value, "due_ms": due_ms, "body": _encode(dossier)})
        parties = [(name, "monitored") for name in order.monitored_ids] + [(one.person_id, "protected") for one in order.protected]
        self._connection.execute(sa.delete(order_parties).where(order_parties.c.order_id == order.order_id))
        rows = [{"order_id": order.order_id, "person_id": name, "role": role} for name, role in parties]
        self._connection.execute(sa.insert(order_parties), rows)
        self._tell({one.order_id: one for one in told}, set(untold))

    def _tell(self, told: dict[str, Order], untold: set[str]) -> None:
        """Change what the core is told, and count the change, so that whoever follows looks again; no change is no news."""
        there = self._connection.execute(sa.select(orders).where(orders.c.order_id.in_([*told, *untold])))
        known = {row.order_id: _order(row.body) for row in there}
        gone = known.keys() & untold
        news = {name: one for name, one in told.items() if known.get(name) != one}
        for name in sorted(gone):
            self._connection.execute(sa.delete(orders).where(orders.c.order_id == name))
        for name, one in news.items():
            self._put(orders, {"order_id": name, "body": _encode(one)})
        if gone or news:
            self._connection.execute(sa.update(changes).values(version=changes.c.version + 1))

    def add_event(self, event: OrderEvent) -> None:
        """Add the next event of an order."""
        row = {"order_id": event.order_id, "number": event.number, "at_ms": event.at_ms, "person_id": event.person_id}
        self._connection.execute(sa.insert(order_events).values(**row, body=_encode(event)))

    def events(self, order_id: str) -> list[OrderEvent]:
        """Return an order's events, in their sequence."""
        query = sa.select(order_events.c.body).where(order_events.c.order_id == order_id).order_by(order_events.c.number)
        return [_event(body) for body in self._bodies(query)]

    def newest_events(self, limit: int) -> list[OrderEvent]:
        """Return the newest events of all orders, newest first."""
        newest = (order_events.c.at_ms.desc(), order_events.c.order_id.desc(), order_events.c.number.desc())
        return [_event(body) for body in self._bodies(sa.select(order_events.c.body).order_by(*newest).limit(limit))]

    def log_of(self, person_id: str) -> list[OrderEvent]:
        """Return the events about one protected person."""
        query = sa.select(order_events.c.body).where(order_events.c.person_id == person_id)
        return [_event(body) for body in self._bodies(query.order_by(order_events.c.at_ms, order_events.c.order_id, order_events.c.number))]

    def put_funnel(self, funnel: Funnel, due_ms: int | None) -> None:
        """Keep how far an order has come for one person."""
        row = {"order_id": funnel.order_id, "person_id": funnel.person_id, "due_ms": due_ms, "body": _encode(funnel)}
        self._put(funnels, row)

    def funnels(self, order_id: str) -> list[Funnel]:
        """Return how far an order has come, for each protected person."""
        query = sa.select(funnels.c.body).where(funnels.c.order_id == order_id).order_by(funnels.c.person_id)
        return [_funnel(body) for body in self._bodies(query)]

    def put_assignment(self, assignment: Assignment, due_ms: int | None) -> None:
        """Keep to whom a device was given."""
        row = {"device_id": assignment.device_id, "order_id": assignment.order_id, "due_ms": due_ms, "body": _encode(assignment)}
        self._put(assignments, row)

    def assignment(self, device_id: str) -> Assignment | None:
        """Return to whom a device was given last, or None."""
        body = self._body(sa.select(assignments.c.body).where(assignments.c.device_id == device_id))
        return _assignment(body) if body is not None else None

    def assignments(self, order_id: str | None = None) -> list[Assignment]:
        """Return the devices given out, all or those of one order."""
        query = sa.select(assignments.c.body).order_by(assignments.c.device_id)
        if order_id is not None:
            query = query.where(assignments.c.order_id == order_id)
        return [_assignment(body) for body in self._bodies(query)]

    def tag_given(self, order_id: str, person_id: str) -> bool:
        """Whether this person has a tag that was given out under this order."""
        tags = [one for one in self.assignments(order_id) if one.kind is DeviceKind.TAG and one.returned_ms is None]
        return any(one.person_id == person_id for one in tags)

    def first_due(self) -> Due | None:
        """Return what is due first of all."""
        return min((due for clock in _CLOCKS if (due := self._first(*clock)) is not None), default=None)

    def _first(self, kind: DueKind, table: sa.Table, name: sa.Column[str], person: sa.ColumnElement[str]) -> Due | None:
        query = sa.select(table.c.due_ms, name, person).where(table.c.due_ms.is_not(None)).order_by(table.c.due_ms, name, person).limit(1)
        row = self._connection.execute(query).one_or_none()
        return Due(row[0], kind, row[1], row[2]) if row is not None else None
