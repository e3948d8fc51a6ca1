"""Which terms a person accepted, and when; the ledger's line is of the same transaction."""

from __future__ import annotations

import sqlalchemy as sa

from jikimi.disclosure.ledger.leaf import Act, Personal
from jikimi.storage.database import writing
from jikimi.storage.lines import put_line
from jikimi.storage.schema import acceptances


class SqlAcceptances:
    """Acceptances in the register's database; any number of processes and threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def accept(self, person_id: str, policy_id: str, version: str, now_ms: int) -> None:
        """Keep an acceptance; the same one again changes nothing."""
        row = {"person_id": person_id, "policy_id": policy_id, "version": version}
        with writing(self._engine) as connection, connection.begin():
            if connection.execute(sa.select(acceptances).filter_by(**row)).one_or_none() is None:
                connection.execute(sa.insert(acceptances).values(**row, at_ms=now_ms))
                put_line(connection, _accepted(person_id, policy_id, version, now_ms))

    def of(self, person_id: str) -> dict[tuple[str, str], int]:
        """Return when a person accepted which version of which policy's terms."""
        query = sa.select(acceptances).where(acceptances.c.person_id == person_id)
        with self._engine.connect() as connection:
            return {(row.policy_id, row.version): row.at_ms for row in connection.execute(query)}

    def persons(self) -> set[str]:
        """Return everybody who ever accepted terms."""
        with self._engine.connect() as connection:
            return set(connection.execute(sa.select(acceptances.c.person_id).distinct()).scalars())


def _accepted(person_id: str, policy_id: str, version: str, now_ms: int) -> Act:
    return Act(
        at_ms=now_ms,
        act="accepted",
        what="terms",
        purpose="own_safety",
        audience="protected",
        who=Personal(person_id, person_id),
        whose=(Personal(person_id, person_id),),
        reason=Personal(person_id, f"terms of {policy_id}, version {version}"),
    )
