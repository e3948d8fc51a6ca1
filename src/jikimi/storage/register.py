"""The register of a server in one encrypted file, shared by any number of threads and processes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from jikimi.disclosure.ledger.leaf import Act, Personal
from jikimi.identity.account import DOOR, MOST_FAILURES, Status
from jikimi.model.order import Device, Order
from jikimi.orders.codes import name_of, normalise
from jikimi.runtime.ports import Session
from jikimi.storage.database import open_database, writing
from jikimi.storage.lines import put_line
from jikimi.storage.phones import PROTECTED, REPLACED, replace_phones
from jikimi.storage.schema import accounts, changes, devices, invitations, orders, persons, sessions

TOKEN_BYTES: Final = 32
CODE: Final = "code"

_encode = msgspec.msgpack.Encoder().encode
_device = msgspec.msgpack.Decoder(Device).decode
_order = msgspec.msgpack.Decoder(Order).decode


class SqlRegister:
    """A ``Register`` in a file. What is added under an id that is there already takes its place.

    Args:
        path: the file; made when missing.
        key: 32 bytes, for this register alone.

    Raises:
        RegisterRefusedError: the file cannot be opened with this key by this version.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._engine = open_database(path, key)

    @property
    def engine(self) -> sa.Engine:
        """The open database, for the clerk's books in the same file."""
        return self._engine

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def version(self) -> int:
        """Return a number that is another one after any process changed devices or orders. Cheap."""
        with self._engine.connect() as connection:
            version: int = connection.execute(sa.select(changes.c.version)).scalar_one()
        return version

    def add_person(self, person_id: str, label: str) -> None:
        """Enter a person under the label by which staff know her or him."""
        self.add_persons([(person_id, label)])

    def add_persons(self, people: Iterable[tuple[str, str]]) -> None:
        """Enter many persons (id, label) in one transaction."""
        rows = [{"person_id": person_id, "label": label} for person_id, label in people]
        with self._writing() as connection:
            _put(connection, persons, rows)

    def label(self, person_id: str) -> str | None:
        """Return a person's label, or None for nobody we know."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(persons.c.label).where(persons.c.person_id == person_id)).scalar()

    def add_device(self, device: Device) -> None:
        """Enter a device."""
        self.add_devices([device])

    def add_devices(self, many: Iterable[Device]) -> None:
        """Enter many devices in one transaction."""
        with self._changing() as connection:
            _put(connection, devices, [_device_row(device) for device in many])

    def revoke_device(self, device_id: str) -> None:
        """Believe a device no longer.

        Raises:
            LookupError: there is no such device.
        """
        with self._changing() as connection:
            body = _body(connection, devices, device_id)
            _put(connection, devices, [_device_row(msgspec.structs.replace(_device(body), revoked=True))])

    def devices(self) -> list[Device]:
        """Return all devices, by id."""
        return [_device(body) for body in self._bodies(devices)]

    def add_order(self, order: Order) -> None:
        """Enter what the core is told of an order. The clerk does so for every order it keeps, and it alone may end one."""
        self.add_orders([order])

    def add_orders(self, many: Iterable[Order]) -> None:
        """Enter many orders in one transaction."""
        with self._changing() as connection:
            _put(connection, orders, [_order_row(order) for order in many])

    def orders(self) -> list[Order]:
        """Return all orders, also those that ended, by id."""
        return [_order(body) for body in self._bodies(orders)]

    def add_invitation(self, code: str, audience: str, subject: str, until_ms: int) -> None:
        """Let whoever types ``code`` before ``until_ms`` sign in once, as ``subject`` of ``audience``.

        Raises:
            ValueError: this can be no code.
        """
        letters = normalise(code)
        if letters is None:
            raise ValueError("An invitation's code has ten letters and digits.")
        with self._writing() as connection:
            put_invitation(connection, letters, audience, subject, until_ms)

    def redeem(self, code: str, audience: str, now_ms: int, session_until_ms: int) -> str | None:
        """Turn an unused invitation to this audience into a session; return its opaque token, or None.

        A code works once, whoever is quicker; typed at another audience's door it is not used up. What expired is swept out on the way.
        A code whose first half names no invitation costs one look and writes nothing, so that a flood of guesses holds nobody up. One
        whose second half is wrong counts against the invitations of that name; after ``MOST_FAILURES`` they are locked.
        """
        letters = normalise(code)
        if letters is None or not self._may_be_one(letters):
            return None
        with self._writing() as connection:
            for table in (invitations, sessions):
                connection.execute(sa.delete(table).where(table.c.until_ms <= now_ms))
            subject = use_invitation(connection, letters, audience, now_ms)
            if subject is None:
                return None
            if audience == PROTECTED:
                replace_phones(connection, subject, now_ms)
            return begin_session(connection, audience, subject, session_until_ms, CODE)

    def _may_be_one(self, letters: str) -> bool:
        query = sa.select(sa.literal(1)).where(
            sa.or_(invitations.c.name == name_of(letters), invitations.c.code_sha256 == _digest(letters))
        )
        with self._engine.connect() as connection:
            return connection.execute(query.limit(1)).scalar() is not None

    def session(self, token: str, audience: str, now_ms: int) -> Session | None:
        """Return the session of a token, if it is one of this audience and not over."""
        return self.standing((token,), audience, now_ms).get(token)

    def standing(self, tokens: Collection[str], audience: str, now_ms: int) -> dict[str, Session]:
        """Return those of many sessions that still stand, by token."""
        by_digest = {_digest(token): token for token in tokens}
        query = sa.select(sessions).where(
            sessions.c.token_sha256.in_(by_digest),
            sessions.c.audience == audience,
            sessions.c.until_ms > now_ms,
            sessions.c.how != REPLACED,
        )
        with self._engine.connect() as connection:
            found = connection.execute(query).all()
        return {by_digest[row.token_sha256]: _session(row) for row in found}

    def lock_session(self, token: str, *, is_locked: bool) -> None:
        """Keep whether a session is locked; harmless when there is no such session."""
        with self._writing() as connection:
            connection.execute(sa.update(sessions).where(session_row(token)).values(is_locked=is_locked))

    def end_session(self, token: str) -> None:
        """Sign out; harmless when there is no such session."""
        with self._writing() as connection:
            connection.execute(sa.delete(sessions).where(session_row(token)))

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with writing(self._engine) as connection, connection.begin():
            yield connection

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        with self._writing() as connection:
            yield connection
            connection.execute(sa.update(changes).values(version=changes.c.version + 1))

    def _bodies(self, table: sa.Table) -> list[bytes]:
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(table.c.body).order_by(*table.primary_key)).scalars())


def begin_session(connection: sa.Connection, audience: str, subject: str, until_ms: int, how: str) -> str:
    """Begin a session; return its opaque token."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {"token_sha256": _digest(token), "audience": audience, "subject": subject, "until_ms": until_ms, "how": how, "is_locked": False}
    _put(connection, sessions, [row])
    return token


def put_invitation(connection: sa.Connection, letters: str, audience: str, subject: str, until_ms: int) -> None:
    """Keep an invitation by its normalised code."""
    row = {"code_sha256": _digest(letters), "audience": audience, "subject": subject, "until_ms": until_ms}
    _put(connection, invitations, [{**row, "name": name_of(letters), "failures": 0}])


def use_invitation(connection: sa.Connection, letters: str, audience: str, now_ms: int) -> str | None:
    """Use an invitation up; return whose it was. None where there is none to this audience, or it is locked: then it counts as a failure.

    An account that is locked keeps its invitation and is let in nowhere.
    """
    here = (
        invitations.c.code_sha256 == _digest(letters),
        invitations.c.audience == audience,
        invitations.c.failures < MOST_FAILURES,
        invitations.c.until_ms > now_ms,
    )
    locked = sa.exists().where(accounts.c.name == invitations.c.subject, accounts.c.status == Status.LOCKED.value)
    used = sa.delete(invitations).where(*here, sa.or_(invitations.c.audience == "protected", ~locked))
    found: str | None = connection.execute(used.returning(invitations.c.subject)).scalar()
    if found is None:
        _count_failure(connection, letters, audience, now_ms)
    return found


def invited(connection: sa.Connection, letters: str, audience: str, now_ms: int) -> str | None:
    """Return whose an invitation is without using it up; a wrong code counts as it does when it is used."""
    query = sa.select(invitations.c.subject).where(
        invitations.c.code_sha256 == _digest(letters),
        invitations.c.audience == audience,
        invitations.c.failures < MOST_FAILURES,
        invitations.c.until_ms > now_ms,
    )
    found: str | None = connection.execute(query).scalar()
    if found is None:
        _count_failure(connection, letters, audience, now_ms)
    return found


def session_row(token: str) -> sa.ColumnElement[bool]:
    """Return what finds a session by its token."""
    return sessions.c.token_sha256 == _digest(token)


def _count_failure(connection: sa.Connection, letters: str, audience: str, now_ms: int) -> None:
    """Count a wrong code against the invitations it names; write down each that is locked by it."""
    named = (invitations.c.name == name_of(letters), invitations.c.audience == audience)
    counted = sa.update(invitations).where(*named).values(failures=invitations.c.failures + 1)
    for row in connection.execute(counted.returning(invitations.c.subject, invitations.c.failures)).all():
        if row.failures == MOST_FAILURES:
            put_line(connection, _locked(row.subject, audience, now_ms))


def _locked(subject: str, audience: str, now_ms: int) -> Act:
    return Act(
        at_ms=now_ms,
        act="administered",
        what="invitation:locked",
        purpose="administration",
        audience=audience,
        who=Personal(subject, DOOR),
        whose=(Personal(subject, subject),),
    )


def _session(row: sa.Row[Any]) -> Session:
    return Session(audience=row.audience, subject=row.subject, until_ms=row.until_ms, how=row.how, is_locked=row.is_locked)


def _device_row(device: Device) -> dict[str, object]:
    return {"device_id": device.device_id, "body": _encode(device)}


def _order_row(order: Order) -> dict[str, object]:
    return {"order_id": order.order_id, "body": _encode(order)}


def _body(connection: sa.Connection, table: sa.Table, name: str) -> bytes:
    (column,) = table.primary_key
    body: bytes | None = connection.execute(sa.select(table.c.body).where(column == name)).scalar()
    if body is None:
        raise LookupError("The register knows nothing under this name.")
    return body


def _put(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    put = insert(table)
    others = {column.name: put.excluded[column.name] for column in table.columns if not column.primary_key}
    connection.execute(put.on_conflict_do_update(index_elements=list(table.primary_key), set_=others), rows)


def _digest(secret: str) -> bytes:
    # The tokens are 256 random bits; the codes work once and not for long. A plain digest is enough for both.
    return hashlib.sha256(secret.encode("utf-8", errors="surrogatepass")).digest()
