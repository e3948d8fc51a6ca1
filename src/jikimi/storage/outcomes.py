"""The outcome register in SQL: what is still there is counted when it is asked for; what is erased, in the transaction that erases it.

So nothing is counted twice, and nothing is lost by an erasure, however often one is cut short.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec
import sqlalchemy as sa

from jikimi.delivery.passage import Passage
from jikimi.incidents.incident import Entry, Incident
from jikimi.incidents.status import Status
from jikimi.model.order import Order
from jikimi.model.policy import Policy
from jikimi.model.register import CourtOrder
from jikimi.orders.dossier import Dossier
from jikimi.orders.funnel import Funnel
from jikimi.outcomes.incident import row_of
from jikimi.outcomes.order import rows_of
from jikimi.outcomes.petition import row_of as petition_row
from jikimi.outcomes.row import Finding, Row
from jikimi.policy.resolve import stated_m
from jikimi.storage import personal
from jikimi.storage.database import writing
from jikimi.storage.docket import histories
from jikimi.storage.rows import Rows
from jikimi.storage.schema import (
    dossiers,
    funnels,
    incident_entries,
    incidents,
    orders,
    outbox,
    outcome_drops,
    outcome_findings,
    outcome_groups,
    outcome_releases,
    outcome_rows,
)

Policies = Mapping[str, Policy]
_encode: Final = msgspec.msgpack.Encoder().encode
_row: Final = msgspec.msgpack.Decoder(Row).decode
_incident: Final = msgspec.msgpack.Decoder(Incident).decode
_entry: Final = msgspec.msgpack.Decoder(Entry).decode
_passage: Final = msgspec.msgpack.Decoder(Passage).decode
_finding: Final = msgspec.msgpack.Decoder(Finding).decode
_dossier: Final = msgspec.msgpack.Decoder(Dossier).decode
_told: Final = msgspec.msgpack.Decoder(Order).decode
_funnel: Final = msgspec.msgpack.Decoder(Funnel).decode


class _About(NamedTuple):
    """What an incident's row needs of its order."""

    region: str | None
    distance_m: float | None
    group: str


class OutcomeRows(Rows):
    """The tables, within one transaction."""

    def __init__(self, connection: sa.Connection, policies: Policies) -> None:
        super().__init__(connection)
        self._policies = policies

    def living(self) -> Iterator[Row]:
        """Yield the rows of all that is still there."""
        for incident in map(_incident, self._bodies(sa.select(incidents.c.body))):
            if incident.status is Status.RESOLVED and not incident.drill:
                yield self._incident_row(incident)
        for body in self._bodies(sa.select(dossiers.c.body)):
            yield from self._order_rows(_dossier(body).order)
        for docketed, entries in histories(self._connection):
            row = petition_row(docketed, entries, time_zone=self._time_zone(docketed.policy_id), group=f"petition {docketed.petition_id}")
            if row is not None:
                yield row

    def kept(self) -> list[Row]:
        """Return the rows of what was erased."""
        return [_row(body) for body in self._bodies(sa.select(outcome_rows.c.body).order_by(outcome_rows.c.number))]

    def fold_incidents(self, incident_ids: Collection[str]) -> None:
        """Keep the rows of incidents that are erased in this transaction."""
        found = map(_incident, self._bodies(sa.select(incidents.c.body).where(incidents.c.incident_id.in_(incident_ids))))
        gone = [incident for incident in found if not incident.drill]
        for order_id in {self._order_id(incident.party.order_id) for incident in gone}:
            self._name(order_id)
        self._keep(self._incident_row(incident) for incident in gone)

    def fold_order(self, order_id: str) -> None:
        """Keep the rows of an order that is erased in this transaction, and let nothing tell any more whose rows are whose."""
        order = self._order(order_id)
        if order is not None:
            self._name(order_id)
            self._keep(self._order_rows(order))

    def _keep(self, rows: Iterable[Row]) -> None:
        kept = [{"policy_id": row.policy_id, "year": row.year, "body": _encode(row)} for row in rows]
        if kept:
            self._connection.execute(sa.insert(outcome_rows), kept)

    def _name(self, order_id: str) -> None:
        if self._word(order_id) is None:
            self._connection.execute(sa.insert(outcome_groups).values(order_id=order_id, word=secrets.token_hex(16)))

    def _word(self, order_id: str) -> str | None:
        return self._connection.execute(sa.select(outcome_groups.c.word).where(outcome_groups.c.order_id == order_id)).scalar()

    def _group(self, order_id: str) -> str:
        return self._word(order_id) or order_id

    def _order(self, order_id: str) -> CourtOrder | None:
        body = self._body(sa.select(dossiers.c.body).where(dossiers.c.order_id == order_id))
        return None if body is None else _dossier(body).order

    def _order_id(self, told: str) -> str:
        """Return which court's order a name is of that the core was told."""
        known = sa.select(dossiers.c.order_id).where(dossiers.c.order_id.in_(personal.names_of(told)))
        return personal.court_order(told, set(self._connection.execute(known).scalars()))

    def _incident_row(self, incident: Incident) -> Row:
        about = self._about(incident)
        own = incident.incident_id
        history = sa.select(incident_entries.c.body).where(incident_entries.c.incident_id == own).order_by(incident_entries.c.number)
        found = self._body(sa.select(outcome_findings.c.body).where(outcome_findings.c.incident_id == own))
        return row_of(
            incident,
            [_entry(body) for body in self._bodies(history)],
            [_passage(body) for body in self._bodies(sa.select(outbox.c.body).where(outbox.c.about == own))],
            None if found is None else _finding(found),
            distance_m=about.distance_m,
            region=about.region,
            time_zone=self._time_zone(incident.party.policy_id),
            group=about.group,
        )

    def _about(self, incident: Incident) -> _About:
        name = incident.party.order_id
        told = self._body(sa.select(orders.c.body).where(orders.c.order_id == name))
        order_id = self._order_id(name)
        order = self._order(order_id)
        return _About(
            None if order is None else order.region, None if told is None else self._distance_m(_told(told)), self._group(order_id)
        )

    def _distance_m(self, told: Order) -> float | None:
        policy = self._policies.get(told.policy_id)
        return None if policy is None else stated_m(policy.rings.danger, told.distance_m, told.alert_m)

    def _time_zone(self, policy_id: str) -> str:
        policy = self._policies.get(policy_id)
        return "UTC" if policy is None else policy.time_zone

    def _order_rows(self, order: CourtOrder) -> Iterator[Row]:
        mine = [_funnel(body) for body in self._bodies(sa.select(funnels.c.body).where(funnels.c.order_id == order.order_id))]
        said = self._connection.execute(sa.select(outcome_drops).where(outcome_drops.c.order_id == order.order_id))
        dropped = {row.person_id: row.why for row in said}
        return rows_of(order, mine, dropped, time_zone=self._time_zone(order.policy_id), group=self._group(order.order_id))


class SqlOutcomes:
    """The outcome register on the register's database; any number of processes."""

    def __init__(self, engine: sa.Engine, policies: Policies) -> None:
        self._engine = engine
        self._policies = policies

    def rows(self) -> list[Row]:
        """Return every row, of what is there and of what was erased, as of one moment."""
        with self._engine.connect() as connection, connection.begin():
            page = OutcomeRows(connection, self._policies)
            return [*page.kept(), *page.living()]

    def find(self, incident_id: str, finding: Finding) -> bool:
        """Enter what was found out about an incident, in place of what was entered before; return whether there is such an incident."""
        with writing(self._engine) as connection, connection.begin():
            if connection.execute(sa.select(incidents.c.incident_id).where(incidents.c.incident_id == incident_id)).first() is None:
                return False
            connection.execute(sa.delete(outcome_findings).where(outcome_findings.c.incident_id == incident_id))
            connection.execute(sa.insert(outcome_findings).values(incident_id=incident_id, body=_encode(finding)))
            return True

    def finding(self, incident_id: str) -> Finding | None:
        """Return what was entered about an incident, or None."""
        with self._engine.connect() as connection:
            body = connection.execute(sa.select(outcome_findings.c.body).where(outcome_findings.c.incident_id == incident_id)).scalar()
        return None if body is None else _finding(body)

    def dropped(self, order_id: str, person_id: str, why: str) -> bool:
        """Enter why somebody declined or left; return whether she did, under that order."""
        with writing(self._engine) as connection, connection.begin():
            body = connection.execute(sa.select(dossiers.c.body).where(dossiers.c.order_id == order_id)).scalar()
            order = None if body is None else _dossier(body).order
            if order is None or not any(one.person_id == person_id and one.consent.given is False for one in order.protected):
                return False
            mine = (outcome_drops.c.order_id == order_id, outcome_drops.c.person_id == person_id)
            connection.execute(sa.delete(outcome_drops).where(*mine))
            connection.execute(sa.insert(outcome_drops).values(order_id=order_id, person_id=person_id, why=why))
            return True

    def release(self, name: str) -> bytes | None:
        """Return a release as it was published, or None."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(outcome_releases.c.body).where(outcome_releases.c.name == name)).scalar()

    def publish(self, name: str, made_ms: int, body: bytes) -> bytes:
        """Keep a release for ever, and return it; of two that are made at once the first is the release."""
        with writing(self._engine) as connection, connection.begin():
            found = connection.execute(sa.select(outcome_releases.c.body).where(outcome_releases.c.name == name)).scalar()
            if found is not None:
                return bytes(found)
            connection.execute(sa.insert(outcome_releases).values(name=name, made_ms=made_ms, body=body))
            return body
