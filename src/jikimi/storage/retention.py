"""The register's part in retention: what there is, what courts hold back, and erasures under way with their certificates.

An erasure is noted before its first step and taken off with its certificate: whatever is killed in between is found and finished.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec
import sqlalchemy as sa

from jikimi.disclosure.ledger.leaf import Act
from jikimi.disclosure.retention.due import Claim, End, claim_of
from jikimi.model.register import Act as OrderAct
from jikimi.model.register import OrderEvent, Status
from jikimi.model.retention import DataClass, Hold, Outcome
from jikimi.orders.dossier import Dossier
from jikimi.storage import personal
from jikimi.storage.database import writing
from jikimi.storage.lines import put_line
from jikimi.storage.outcomes import OutcomeRows, Policies
from jikimi.storage.schema import dossiers, erasures, holds, ledger_dues, order_events, order_parties, persons

_encode: Final = msgspec.msgpack.Encoder().encode
_hold: Final = msgspec.msgpack.Decoder(Hold).decode
_dossier: Final = msgspec.msgpack.Decoder(Dossier).decode
_event: Final = msgspec.msgpack.Decoder(OrderEvent).decode


class Erasure(NamedTuple):
    """One erasure under way: an order's record of one class. ``done`` is how much of it went so far: days, incidents, persons."""

    order_id: str
    data: DataClass
    begun_ms: int
    due_ms: int
    done: int


class SqlRetention:
    """Retention on the register's database; any number of processes and threads.

    Args:
        engine: of the register.
        policies: by which what is erased is counted; whoever erases nothing needs none.
    """

    def __init__(self, engine: sa.Engine, policies: Policies = MappingProxyType({})) -> None:
        self._engine = engine
        self._policies = policies

    # -- what there is -------------------------------------------------------------------------------------------

    def claims(self) -> list[Claim]:
        """Return what every order claims, those too that the core was told of by others than the clerk."""
        with self._engine.connect() as connection, connection.begin():
            found = [_dossier(body) for body in connection.execute(sa.select(dossiers.c.body)).scalars()]
            claims = [claim_of(one.order, self._endings(connection, one)) for one in found]
            known = {claim.order_id for claim in claims}
            alone = [one for one in personal.told(connection) if personal.court_order(one.order_id, known) not in known]
        return claims + [
            Claim(
                order_id=one.order_id,
                policy_id=one.policy_id,
                persons=frozenset((one.monitored_id, *one.protected_ids)),
                from_ms=one.from_ms,
                end=End(one.until_ms, Outcome.EXPIRED),
            )
            for one in alone
        ]

    @staticmethod
    def _endings(connection: sa.Connection, dossier: Dossier) -> list[OrderEvent]:
        """Only of what was revoked is it asked by whom."""
        if dossier.order.status is not Status.REVOKED:
            return []
        query = sa.select(order_events.c.body).where(order_events.c.order_id == dossier.order.order_id)
        return [event for body in connection.execute(query).scalars() if (event := _event(body)).act is OrderAct.LAPSE]

    def incidents(self, known: Collection[str]) -> dict[str, dict[str, bool]]:
        """Return each order's incidents, and whether each is open."""
        with self._engine.connect() as connection, connection.begin():
            return personal.incidents_of(connection, known)

    def persons(self) -> frozenset[str]:
        """Return everybody whom the register knows."""
        with self._engine.connect() as connection, connection.begin():
            named = connection.execute(sa.union(sa.select(persons.c.person_id), sa.select(order_parties.c.person_id))).scalars().all()
        return frozenset(named)

    def subjects(self) -> dict[str, int]:
        """Return whom the ledger is to forget, and when."""
        with self._engine.connect() as connection:
            return {row.subject: row.due_ms for row in connection.execute(sa.select(ledger_dues))}

    def devices_of(self, person_ids: Collection[str]) -> list[str]:
        """Return the devices that these persons carry."""
        with self._engine.connect() as connection, connection.begin():
            return personal.devices_of(connection, person_ids)

    # -- holds ---------------------------------------------------------------------------------------------------

    def holds(self, now_ms: int) -> list[Hold]:
        """Return what courts hold back; what has ended by itself is left out."""
        query = sa.select(holds.c.body).where(holds.c.until_ms > now_ms).order_by(holds.c.until_ms, holds.c.hold_id)
        with self._engine.connect() as connection:
            return [_hold(body) for body in connection.execute(query).scalars()]

    def put_hold(self, hold: Hold, line: Act) -> None:
        """Hold an order's record back, and write it down."""
        row = {"hold_id": hold.hold_id, "order_id": hold.order_id, "until_ms": hold.until_ms, "body": _encode(hold)}
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.delete(holds).where(holds.c.hold_id == hold.hold_id))
            connection.execute(sa.insert(holds).values(**row))
            put_line(connection, line)

    # -- erasing -------------------------------------------------------------------------------------------------

    def under_way(self) -> list[Erasure]:
        """Return the erasures that were begun and have no certificate yet."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(erasures).order_by(erasures.c.begun_ms, erasures.c.order_id, erasures.c.data)).all()
        return [Erasure(row.order_id, DataClass(row.data), row.begun_ms, row.due_ms, row.done) for row in rows]

    def begin(self, order_id: str, data: DataClass, *, now_ms: int, due_ms: int) -> None:
        """Note that an erasure begins; one that was begun before goes on."""
        with writing(self._engine) as connection, connection.begin():
            if connection.execute(sa.select(erasures).where(*_one(order_id, data))).first() is None:
                row = {"order_id": order_id, "data": data.value, "begun_ms": now_ms, "due_ms": due_ms, "done": 0}
                connection.execute(sa.insert(erasures).values(**row))

    def add(self, order_id: str, data: DataClass, count: int) -> None:
        """Note how much more of it is gone."""
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.update(erasures).where(*_one(order_id, data)).values(done=erasures.c.done + count))

    def disarm(self, person_ids: Collection[str]) -> None:
        """Let nothing new of these persons come in."""
        with self._erasing() as connection, connection.begin():
            personal.disarm(connection, person_ids)

    def erase_incidents(self, incident_ids: Iterable[str]) -> int:
        """Erase incidents in small steps, each counted in the transaction that takes it away; return how many."""

        def erase(connection: sa.Connection, part: list[str]) -> None:
            OutcomeRows(connection, self._policies).fold_incidents(part)
            personal.erase_incidents(connection, part)

        return personal.in_steps(self._erasing, incident_ids, erase)

    def erase_order(self, order_id: str, leaving: Collection[str], dues: Mapping[str, int]) -> None:
        """Take an order out of the register, with the persons whom no other order names, and note when the ledger is to forget them."""
        with self._erasing() as connection, connection.begin():
            OutcomeRows(connection, self._policies).fold_order(order_id)
            personal.erase_order(connection, order_id)
            personal.erase_persons(connection, leaving)
            for subject, due_ms in dues.items():
                known = connection.execute(sa.select(ledger_dues.c.due_ms).where(ledger_dues.c.subject == subject)).scalar()
                connection.execute(sa.delete(ledger_dues).where(ledger_dues.c.subject == subject))
                connection.execute(sa.insert(ledger_dues).values(subject=subject, due_ms=max(due_ms, known or 0)))

    def scrubbed(self) -> bool:
        """Cut the log file; return whether nobody was in the way."""
        return personal.scrubbed(self._engine)

    def finish(self, erasure: Erasure, certificate: Act) -> None:
        """Take an erasure off the list, with its certificate for the ledger: both or neither."""
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.delete(erasures).where(*_one(erasure.order_id, erasure.data)))
            put_line(connection, certificate)

    def note(self, line: Act) -> None:
        """Write something down for the ledger."""
        with writing(self._engine) as connection, connection.begin():
            put_line(connection, line)

    def forgotten(self, subject: str, line: Act) -> None:
        """Note that the ledger forgot a subject."""
        with self._erasing() as connection, connection.begin():
            connection.execute(sa.delete(ledger_dues).where(ledger_dues.c.subject == subject))
            put_line(connection, line)

    @contextmanager
    def _erasing(self) -> Iterator[sa.Connection]:
        """Give a connection on which what is deleted is overwritten."""
        with writing(self._engine) as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("PRAGMA secure_delete = ON")
            yield connection


def _one(order_id: str, data: DataClass) -> tuple[sa.ColumnElement[bool], ...]:
    return erasures.c.order_id == order_id, erasures.c.data == data.value
