"""Signing in as a member of staff: what proves an account, its counter, its failures and its session in one transaction."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from jikimi.disclosure.ledger.leaf import Act as Line
from jikimi.disclosure.ledger.leaf import Personal
from jikimi.identity.account import DOOR, AccountError, Act, may_sign_in
from jikimi.identity.passkeys import Kind, Passkey
from jikimi.orders.codes import normalise
from jikimi.storage.database import writing
from jikimi.storage.identity import DESK, SqlStaff, account_of, enrolled, forget_failures
from jikimi.storage.lines import put_line
from jikimi.storage.passkeys import SqlPasskeys, note_use, put_passkey
from jikimi.storage.register import begin_session, invited, use_invitation
from jikimi.storage.schema import sso_subjects

PASSKEY: Final = "passkey"
SSO: Final = "sso"


class SqlSigning:
    """The doors of staff over the register; any number of processes and threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._passkeys = SqlPasskeys(engine)
        self._staff = SqlStaff(engine)

    def invited(self, code: str, audience: str, now_ms: int) -> str | None:
        """Return which account a code invites to make a passkey; None, and a failure, where it invites nobody."""
        letters = normalise(code)
        if letters is None:
            return None
        with writing(self._engine) as connection, connection.begin():
            subject = invited(connection, letters, audience, now_ms)
            return subject if subject is not None and may_sign_in(account_of(connection, subject)) else None

    def passkeys(self, name: str) -> list[Passkey]:
        """Return an account's passkeys."""
        return self._passkeys.of(Kind.STAFF, name)

    def handle(self, name: str) -> bytes:
        """Return what authenticators know an account by."""
        return self._passkeys.handle(Kind.STAFF, name)

    def passkey(self, credential_id: bytes) -> Passkey | None:
        """Return a passkey of staff by the name its authenticator has for it."""
        return self._passkeys.find(Kind.STAFF, credential_id)

    def enrol(self, code: str, passkey: Passkey, audience: str, now_ms: int, until_ms: int) -> str | None:
        """Use a code up for a passkey and begin a session; return its token, or None where the code is not that account's any more."""
        letters = normalise(code)
        if letters is None:
            return None
        with writing(self._engine) as connection, connection.begin() as transaction:
            if use_invitation(connection, letters, audience, now_ms) != passkey.subject or not self._enrol(connection, passkey, now_ms):
                transaction.rollback()
                return None
            return begin_session(connection, audience, passkey.subject, until_ms, PASSKEY)

    def enrol_more(self, passkey: Passkey, now_ms: int) -> bool:
        """Keep one more passkey of an account that is signed in; False where it may have none."""
        with writing(self._engine) as connection, connection.begin():
            return self._enrol(connection, passkey, now_ms)

    def _enrol(self, connection: sa.Connection, passkey: Passkey, now_ms: int) -> bool:
        try:
            enrolled(connection, passkey.subject, now_ms)
        except AccountError:
            return False
        put_passkey(connection, passkey)
        return True

    def sign_in(self, passkey: Passkey, count: int, audience: str, now_ms: int, until_ms: int) -> str | None:
        """Begin a session for a passkey that was proved; None where its account may not sign in.

        Raises:
            ClonedError: another use of the same counter came first.
        """
        with writing(self._engine) as connection, connection.begin():
            if not self._proved(connection, passkey, count, now_ms):
                return None
            return begin_session(connection, audience, passkey.subject, until_ms, PASSKEY)

    def prove(self, passkey: Passkey, count: int, now_ms: int) -> bool:
        """Note that a passkey was proved without a new session; False where its account may not sign in.

        Raises:
            ClonedError: another use of the same counter came first.
        """
        with writing(self._engine) as connection, connection.begin():
            return self._proved(connection, passkey, count, now_ms)

    def _proved(self, connection: sa.Connection, passkey: Passkey, count: int, now_ms: int) -> bool:
        if not may_sign_in(account_of(connection, passkey.subject)):
            return False
        note_use(connection, passkey, count, now_ms)
        forget_failures(connection, DESK, passkey.subject)
        return True

    def sso_account(self, issuer: str, subject: str) -> str | None:
        """Return which account a provider's subject is tied to, or None."""
        query = sa.select(sso_subjects.c.name).where(sso_subjects.c.issuer == issuer, sso_subjects.c.subject == subject)
        with self._engine.connect() as connection:
            found: str | None = connection.execute(query).scalar()
        return found

    def tie(self, code: str, issuer: str, subject: str, audience: str, now_ms: int, until_ms: int) -> str | None:
        """Use a code up to tie its account to a provider's subject, and begin a session; None where the code is not good.

        A subject is one account's: tied to another one already, it is refused. A new code ties an account to another subject.
        """
        letters = normalise(code)
        if letters is None:
            return None
        with writing(self._engine) as connection, connection.begin() as transaction:
            name = use_invitation(connection, letters, audience, now_ms)
            if name is None:
                return None
            if not self._tie(connection, name, issuer, subject, now_ms):
                transaction.rollback()
                return None
            return begin_session(connection, audience, name, until_ms, SSO)

    def _tie(self, connection: sa.Connection, name: str, issuer: str, subject: str, now_ms: int) -> bool:
        same = (sso_subjects.c.issuer == issuer, sso_subjects.c.subject == subject, sso_subjects.c.name != name)
        if connection.execute(sa.select(sso_subjects.c.name).where(*same)).scalar() is not None:
            return False
        try:
            enrolled(connection, name, now_ms, Act.TIE)
        except AccountError:
            return False
        connection.execute(sa.delete(sso_subjects).where(sso_subjects.c.name == name))
        connection.execute(sa.insert(sso_subjects).values(name=name, issuer=issuer, subject=subject))
        return True

    def sso_sign_in(self, name: str, audience: str, until_ms: int) -> str | None:
        """Begin a session for an account whose subject a provider vouched for; None where it may not sign in."""
        with writing(self._engine) as connection, connection.begin():
            if not may_sign_in(account_of(connection, name)):
                return None
            forget_failures(connection, DESK, name)
            return begin_session(connection, audience, name, until_ms, SSO)

    def use_code(self, code: str, name: str, audience: str, now_ms: int) -> bool:
        """Use up a code of an account that opens its locked screen with it; False where it is none of that account's."""
        letters = normalise(code)
        if letters is None:
            return False
        with writing(self._engine) as connection, connection.begin() as transaction:
            found = use_invitation(connection, letters, audience, now_ms)
            if found not in {None, name}:
                # Somebody else's code is not spent on this screen.
                transaction.rollback()
            return found == name

    def failed(self, name: str, now_ms: int) -> None:
        """Count a failure of an account to prove itself; the fifth in a row locks it, and nobody else."""
        self._staff.failed(name, now_ms=now_ms)

    def cloned(self, name: str, now_ms: int) -> None:
        """Write down that a passkey of an account seems to have a copy; it counts as a failure."""
        with writing(self._engine) as connection, connection.begin():
            put_line(connection, _cloned(name, now_ms))
        self.failed(name, now_ms)


def _cloned(name: str, now_ms: int) -> Line:
    return Line(
        at_ms=now_ms,
        act="administered",
        what="passkey:cloned",
        purpose="administration",
        audience=DESK,
        who=Personal(name, DOOR),
        whose=(Personal(name, name),),
    )
