"""Passkeys in the register's database: public keys and counters; whoever reads them can sign in nowhere."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from jikimi.identity.passkeys import ClonedError, Kind, Passkey, check_count, new_handle
from jikimi.storage.database import writing
from jikimi.storage.schema import passkeys


class SqlPasskeys:
    """The passkeys of everybody; any number of processes and threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def of(self, kind: Kind, subject: str) -> list[Passkey]:
        """Return somebody's passkeys, oldest first."""
        with self._engine.connect() as connection:
            return passkeys_of(connection, kind, subject)

    def find(self, kind: Kind, credential_id: bytes) -> Passkey | None:
        """Return a passkey, or None where there is none of that kind."""
        query = sa.select(passkeys).where(passkeys.c.credential_id == credential_id, passkeys.c.audience == kind.value)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _passkey(row)

    def handle(self, kind: Kind, subject: str) -> bytes:
        """Return what authenticators know somebody by: as before, or a new one."""
        return next((one.handle for one in self.of(kind, subject)), None) or new_handle()

    def used(self, passkey: Passkey, count: int, now_ms: int) -> None:
        """Keep the counter of a passkey that was just proved. Of two at the same moment with the same counter one is refused.

        Raises:
            ClonedError: another use came first, and the counter is not above it.
        """
        with writing(self._engine) as connection, connection.begin():
            note_use(connection, passkey, count, now_ms)


def passkeys_of(connection: sa.Connection, kind: Kind, subject: str) -> list[Passkey]:
    """Return somebody's passkeys within a transaction, oldest first."""
    query = sa.select(passkeys).where(passkeys.c.audience == kind.value, passkeys.c.subject == subject)
    return [_passkey(row) for row in connection.execute(query.order_by(passkeys.c.made_ms))]


def put_passkey(connection: sa.Connection, passkey: Passkey) -> None:
    """Keep a new passkey in the transaction of what allowed it.

    Raises:
        sqlalchemy.exc.IntegrityError: it is there already.
    """
    row = {
        "credential_id": passkey.credential_id,
        "audience": passkey.kind.value,
        "subject": passkey.subject,
        "handle": passkey.handle,
        "public_key": passkey.public_key,
        "sign_count": passkey.sign_count,
        "made_ms": passkey.made_ms,
        "used_ms": passkey.used_ms,
    }
    connection.execute(sa.insert(passkeys).values(**row))


def note_use(connection: sa.Connection, passkey: Passkey, count: int, now_ms: int) -> None:
    """Keep the counter of a passkey that was just proved, in the transaction of what it opens.

    Raises:
        ClonedError: the counter is not above the one that is kept, or the passkey was taken away meanwhile.
    """
    here = passkeys.c.credential_id == passkey.credential_id
    before = connection.execute(sa.select(passkeys.c.sign_count).where(here)).scalar()
    if before is None:
        raise ClonedError("The passkey was taken away.")
    check_count(before, count)
    connection.execute(sa.update(passkeys).where(here).values(sign_count=count, used_ms=now_ms))


def forget_passkey(connection: sa.Connection, passkey: Passkey) -> None:
    """Take one passkey away."""
    connection.execute(sa.delete(passkeys).where(passkeys.c.credential_id == passkey.credential_id))


def forget_passkeys(connection: sa.Connection, kind: Kind, subject: str) -> None:
    """Take away all of somebody's passkeys."""
    connection.execute(sa.delete(passkeys).where(passkeys.c.audience == kind.value, passkeys.c.subject == subject))


def _passkey(row: sa.Row[Any]) -> Passkey:
    return Passkey(
        credential_id=row.credential_id,
        kind=Kind(row.audience),
        subject=row.subject,
        handle=row.handle,
        public_key=row.public_key,
        sign_count=row.sign_count,
        made_ms=row.made_ms,
        used_ms=row.used_ms,
    )
