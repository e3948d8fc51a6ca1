"""Accounts of staff in the register's database, and every act on them, numbered.

An act, the account after it, its code and the end of its sessions are one transaction: whoever was disabled has no session left
when the act is durable. The ledger belongs to the server's process; so acts wait here until the server has copied them there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from jikimi.disclosure.ledger.place import looks_like_a_place
from jikimi.identity.account import (
    DOOR,
    MOST_FAILURES,
    TABLE,
    Account,
    AccountError,
    Act,
    Done,
    Status,
    after,
    check_by,
    check_remaining,
    checked_courts,
    checked_name,
)
from jikimi.identity.passkeys import Kind, named_of
from jikimi.identity.roles import RIGHTS, Right, Role
from jikimi.orders.codes import name_of, normalise
from jikimi.storage.database import writing
from jikimi.storage.passkeys import forget_passkey, forget_passkeys, passkeys_of
from jikimi.storage.schema import account_acts, accounts, changes, failures, invitations, sessions, sso_subjects

DESK: Final = "desk"
OVERSIGHT: Final = "oversight"
COURT: Final = "court"
DOORS: Final = {Right.SEE_BOARD: DESK, Right.SEE_WALL: DESK, Right.SEE_OVERSIGHT: OVERSIGHT, Right.SEE_COURT: COURT}
"""Which app a right opens. A role has one of them at most."""


class SqlStaff:
    """Accounts and acts; any number of processes and threads.

    Args:
        engine: the open register.
        shell: the operating system's account that acts, where a command line does; kept beside every act.
    """

    def __init__(self, engine: sa.Engine, *, shell: str | None = None) -> None:
        self._engine = engine
        self._shell = shell

    # -- reading -------------------------------------------------------------------------------------------------

    def accounts(self) -> list[Account]:
        """Return all accounts, also disabled ones, by name."""
        with self._engine.connect() as connection:
            return _accounts(connection)

    def acts(self) -> list[Done]:
        """Return every act, oldest first."""
        return self._acts(sa.true())

    def unwritten(self) -> list[Done]:
        """Return the acts that the ledger does not hold yet, oldest first."""
        return self._acts(account_acts.c.is_written.is_(False))

    def _acts(self, which: sa.ColumnElement[bool]) -> list[Done]:
        query = sa.select(account_acts).where(which).order_by(account_acts.c.number)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [_done(row) for row in rows]

    # -- acting --------------------------------------------------------------------------------------------------

    def add(self, name: str, role: Role, by: str, code: str | None, *, now_ms: int, until_ms: int, courts: Iterable[str] = ()) -> Account:
        """Make an account, and let whoever types ``code`` before ``until_ms`` sign in as it, once; None: no code.

        Raises:
            AccountError: the name is taken or none, ``by`` may not do this, or the role belongs to no court.
        """
        if looks_like_a_place(checked_name(name)):
            raise AccountError("That name looks like a coordinate, which the ledger would refuse: choose another one.")
        with writing(self._engine) as connection, connection.begin():
            account = self._act(connection, name, Act.ADD, role, by, now_ms, courts)
            if code is not None:
                _invite(connection, account, code, until_ms)
        return account

    def change_role(self, name: str, role: Role, by: str, *, now_ms: int) -> Account:
        """Give an account another role. Its sessions and codes end: whoever uses it signs in anew.

        Raises:
            AccountError: there is no such account, it was disabled, or ``by`` may not do this.
        """
        with writing(self._engine) as connection, connection.begin():
            account = self._act(connection, name, Act.ROLE, role, by, now_ms)
            _end(connection, name)
        return account

    def belong(self, name: str, courts: Iterable[str], by: str, *, now_ms: int) -> Account:
        """Let an account belong to these courts and no others. Its sessions end: nothing of another court stays on a screen.

        Raises:
            AccountError: there is no such account, its role is none of a court, or ``by`` may not do this.
        """
        with writing(self._engine) as connection, connection.begin():
            account = self._act(connection, name, Act.COURTS, None, by, now_ms, courts)
            _end(connection, name, codes=False)
        return account

    def give_code(self, name: str, by: str, code: str, *, now_ms: int, until_ms: int) -> Account:
        """Let whoever types ``code`` before ``until_ms`` sign in as an account, once.

        Raises:
            AccountError: there is no such account, it was disabled, or ``by`` may not do this.
        """
        with writing(self._engine) as connection, connection.begin():
            account = self._act(connection, name, Act.CODE, None, by, now_ms)
            _invite(connection, account, code, until_ms)
        return account

    def disable(self, name: str, by: str, *, now_ms: int) -> Account:
        """End an account for good, and its sessions and codes with it.

        Raises:
            AccountError: there is no such account, it was disabled before, or ``by`` may not do this.
        """
        with writing(self._engine) as connection, connection.begin():
            account = self._act(connection, name, Act.DISABLE, None, by, now_ms)
            _end(connection, name)
            forget_passkeys(connection, Kind.STAFF, name)
            connection.execute(sa.delete(sso_subjects).where(sso_subjects.c.name == name))
        return account

    def remove_passkey(self, name: str, named: str, by: str, *, now_ms: int) -> Account:
        """Take one passkey of an account away, and end all its sessions and codes: nobody knows which of them a stolen key began.

        Raises:
            AccountError: there is no such account or passkey, two begin so, or ``by`` may not do this.
        """
        with writing(self._engine) as connection, connection.begin():
            account = self._act(connection, name, Act.REMOVE, None, by, now_ms)
            found = [one for one in passkeys_of(connection, Kind.STAFF, name) if named and named_of(one).startswith(named)]
            if len(found) != 1:
                raise AccountError(f"{'No' if not found else 'More than one'} passkey of {name} has a name that begins so.")
            forget_passkey(connection, found[0])
            _end(connection, name)
        return account

    def unlock(self, name: str, by: str, *, now_ms: int) -> Account:
        """Forget an account's failures, and those of its codes: it may sign in again.

        Raises:
            AccountError: there is no such account, it was disabled, or ``by`` may not do this.
        """
        with writing(self._engine) as connection, connection.begin():
            account = self._act(connection, name, Act.UNLOCK, None, by, now_ms)
            forget_failures(connection, DESK, name)
            own = (invitations.c.audience.in_(DOORS.values()), invitations.c.subject == name)
            connection.execute(sa.update(invitations).where(*own).values(failures=0))
        return account

    def failed(self, name: str, *, now_ms: int) -> int:
        """Count a failure of an account to prove itself; lock it at the last one that it has. Return how many there were in a row."""
        with writing(self._engine) as connection, connection.begin():
            old = account_of(connection, name)
            count = count_failure(connection, DESK, name)
            if count >= MOST_FAILURES and old is not None and Act.LOCK in TABLE[old.status]:
                _note(connection, old, Act.LOCK, DOOR, now_ms, None)
        return count

    def succeeded(self, name: str) -> None:
        """Forget the failures of an account that has proved itself."""
        with self._engine.connect() as connection:
            known = connection.execute(sa.select(failures.c.count).where(*_counted(DESK, name))).scalar()
        if known is not None:
            with writing(self._engine) as connection, connection.begin():
                forget_failures(connection, DESK, name)

    def mark_written(self, number: int) -> None:
        """Note that the ledger holds an act."""
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.update(account_acts).where(account_acts.c.number == number).values(is_written=True))

    def _act(
        self,
        connection: sa.Connection,
        name: str,
        act: Act,
        role: Role | None,
        by: str,
        now_ms: int,
        courts: Iterable[str] | None = None,
    ) -> Account:
        """Check and keep one act; ``role`` and ``courts`` are None where the account keeps its own."""
        known = {account.name: account for account in _accounts(connection)}
        old = known.get(name)
        new_role = role if role is not None else Role.OPERATOR if old is None else old.role
        check_by(by, known.get(by), target=name, role=new_role, is_first=not any(_is_administrator(one) for one in known.values()))
        status = after(None if old is None else old.status, act)
        if courts is None:
            # Another role begins with no court: whoever gives it says which.
            courts = old.courts if old is not None and old.role is new_role else ()
        made_ms = now_ms if old is None else old.made_ms
        account = Account(name=name, role=new_role, status=status, made_ms=made_ms, courts=checked_courts(new_role, courts))
        if old is not None and _is_administrator(old) and not _is_administrator(account):
            check_remaining(sum(_is_administrator(one) for one in known.values()) - 1)
        done = Done(number=0, at_ms=now_ms, name=name, act=act, role=new_role, by=by, shell=self._shell, courts=account.courts)
        _keep(connection, account, done)
        return account


def enrolled(connection: sa.Connection, name: str, now_ms: int, act: Act = Act.ENROL) -> None:
    """Write down, in the transaction that keeps it, that an account made a passkey, or was tied to a subject of single sign-on.

    Raises:
        AccountError: it may not: there is none of that name, or it is locked or disabled.
    """
    old = account_of(connection, name)
    if old is None:
        raise AccountError("There is no account of that name.")
    _note(connection, old, act, name, now_ms, None)


def account_of(connection: sa.Connection, name: str) -> Account | None:
    """Return an account within a transaction, or None."""
    row = connection.execute(sa.select(accounts).where(accounts.c.name == name)).one_or_none()
    return None if row is None else _account(row)


def count_failure(connection: sa.Connection, audience: str, subject: str) -> int:
    """Count one more failure of somebody; return how many there were in a row."""
    before = connection.execute(sa.select(failures.c.count).where(*_counted(audience, subject))).scalar()
    count: int = 1 if before is None else before + 1
    forget_failures(connection, audience, subject)
    connection.execute(sa.insert(failures).values(audience=audience, subject=subject, count=count))
    return count


def forget_failures(connection: sa.Connection, audience: str, subject: str) -> None:
    """Begin to count anew."""
    connection.execute(sa.delete(failures).where(*_counted(audience, subject)))


def _counted(audience: str, subject: str) -> tuple[sa.ColumnElement[bool], ...]:
    return failures.c.audience == audience, failures.c.subject == subject


def _note(connection: sa.Connection, old: Account, act: Act, by: str, now_ms: int, shell: str | None) -> None:
    """Keep an act that no administrator did."""
    account = msgspec.structs.replace(old, status=after(old.status, act))
    done = Done(number=0, at_ms=now_ms, name=old.name, act=act, role=old.role, by=by, shell=shell, courts=old.courts)
    _keep(connection, account, done)


def _done(row: sa.Row[Any]) -> Done:
    return Done(
        number=row.number,
        at_ms=row.at_ms,
        name=row.name,
        act=Act(row.act),
        role=Role(row.role),
        by=row.done_by,
        shell=row.shell,
        courts=tuple(row.courts.split()),
    )


def _is_administrator(account: Account) -> bool:
    return account.status is not Status.DISABLED and Right.ADMINISTER in RIGHTS[account.role]


def _accounts(connection: sa.Connection) -> list[Account]:
    rows = connection.execute(sa.select(accounts).order_by(accounts.c.name)).all()
    return [_account(row) for row in rows]


def _account(row: sa.Row[Any]) -> Account:
    return Account(name=row.name, role=Role(row.role), status=Status(row.status), made_ms=row.made_ms, courts=tuple(row.courts.split()))


def _keep(connection: sa.Connection, account: Account, done: Done) -> None:
    """Keep an account as it is now and the act that made it so; a running server notices."""
    courts = " ".join(account.courts)
    row = {
        "name": account.name,
        "role": account.role.value,
        "status": account.status.value,
        "made_ms": account.made_ms,
        "courts": courts,
    }
    connection.execute(sa.delete(accounts).where(accounts.c.name == account.name))
    connection.execute(sa.insert(accounts).values(**row))
    written: dict[str, object] = {
        "at_ms": done.at_ms,
        "name": done.name,
        "act": done.act.value,
        "role": done.role.value,
        "done_by": done.by,
    }
    written |= {"shell": done.shell, "courts": courts}
    connection.execute(sa.insert(account_acts).values(**written, is_written=False))
    connection.execute(sa.update(changes).values(version=changes.c.version + 1))


def door_of(role: Role) -> str | None:
    """Return which app a role signs in to, or None where it has none."""
    return next((door for right, door in DOORS.items() if right in RIGHTS[role]), None)


def _invite(connection: sa.Connection, account: Account, code: str, until_ms: int) -> None:
    letters = normalise(code)
    if letters is None:
        raise ValueError("An invitation's code has ten letters and digits.")
    door = door_of(account.role)
    if door is None:
        raise AccountError("This role has no place at the desk, in oversight or at a court, so there is nothing that a code could open.")
    row = {"code_sha256": hashlib.sha256(letters.encode()).digest(), "audience": door, "subject": account.name, "until_ms": until_ms}
    connection.execute(sa.insert(invitations).values(**row, name=name_of(letters)))


def _end(connection: sa.Connection, name: str, *, codes: bool = True) -> None:
    for table in (sessions, invitations) if codes else (sessions,):
        connection.execute(sa.delete(table).where(table.c.audience.in_(DOORS.values()), table.c.subject == name))
