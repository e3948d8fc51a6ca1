"""Her app lock in the register's database. A try is counted before it is made, and what changes the lock stands in the ledger."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from jikimi.disclosure.ledger.leaf import Act, Client, Personal
from jikimi.identity.app_lock import MOST_TRIES, USUAL_AFTER_S, Lock, wait_until_ms
from jikimi.identity.guests import Check, InvitationError, Waiver
from jikimi.identity.passkeys import Kind, Passkey
from jikimi.storage.database import writing
from jikimi.storage.identity import count_failure, forget_failures
from jikimi.storage.lines import put_line
from jikimi.storage.passkeys import SqlPasskeys, forget_passkeys, note_use, passkeys_of, put_passkey
from jikimi.storage.phones import PROTECTED
from jikimi.storage.schema import app_locks, failures, identity_checks

WAIVED: Final = "waived:"
"""So begins what the office noted of her beside checks of her identity."""


class SqlAppLocks:
    """The locks of everybody; any number of processes and threads.

    Args:
        engine: the open register.
        shell: the operating system's account that acts, where a command line does.
    """

    def __init__(self, engine: sa.Engine, *, shell: str | None = None) -> None:
        self._engine = engine
        self._passkeys = SqlPasskeys(engine)
        self._shell = shell

    def of(self, person_id: str) -> Lock:
        """Return what a person proves herself by; nothing where she chose nothing."""
        with self._engine.connect() as connection:
            return _lock(connection, person_id)

    def begin_try(self, person_id: str, now_ms: int) -> Lock | None:
        """Count a try before it is made; return the lock as it was before, or None where no PIN may be tried now."""
        with writing(self._engine) as connection, connection.begin():
            before = _lock(connection, person_id)
            if before.pin is None or before.tries_left == 0 or (wait_until_ms(before) or 0) > now_ms:
                return None
            connection.execute(sa.update(app_locks).where(app_locks.c.person_id == person_id).values(tried_ms=now_ms))
            if count_failure(connection, PROTECTED, person_id) == MOST_TRIES:
                put_line(connection, _act("lock:exhausted", person_id, now_ms))
            return before

    def succeeded(self, person_id: str) -> None:
        """Begin to count anew."""
        with writing(self._engine) as connection, connection.begin():
            forget_failures(connection, PROTECTED, person_id)

    def put_pin(self, person_id: str, pin: str, after_s: int, now_ms: int) -> Lock:
        """Keep a PIN's hash; return the lock as it is now."""
        with writing(self._engine) as connection, connection.begin():
            _drop(connection, person_id)
            connection.execute(sa.insert(app_locks).values(person_id=person_id, pin=pin, after_s=after_s, tried_ms=None))
            put_line(connection, _act("lock:set", person_id, now_ms))
            return _lock(connection, person_id)

    def drop_pin(self, person_id: str, now_ms: int) -> Lock:
        """Take the PIN away; return the lock as it is now."""
        with writing(self._engine) as connection, connection.begin():
            _drop(connection, person_id)
            put_line(connection, _act("lock:removed", person_id, now_ms))
            return _lock(connection, person_id)

    def reset(self, check: Check) -> bool:
        """Take a forgotten PIN away once the office made sure who she is; return whether there was one.

        Raises:
            InvitationError: nobody says to have made sure.
            LeafError: the ledger does not take a name; then nothing happened.
        """
        if not check.by.strip():
            raise InvitationError("Say who made sure of her identity.")
        row = {"person_id": check.person_id, "order_id": check.order_id, "how": check.seen.value, "done_by": check.by, "at_ms": check.at_ms}
        with writing(self._engine) as connection, connection.begin():
            if _lock(connection, check.person_id).pin is None:
                return False
            connection.execute(sa.insert(identity_checks).values(**row))
            _drop(connection, check.person_id)
            put_line(connection, _reset(check, self._shell))
        return True

    def waive(self, person_id: str, order_id: str, why: Waiver | None, by: str, now_ms: int) -> None:
        """Let her see the map without a passkey where the policy demands one, or (None) no longer.

        Raises:
            InvitationError: nobody says to have decided it.
            LeafError: the ledger does not take a name; then nothing happened.
        """
        if not by.strip():
            raise InvitationError("Say who decided it.")
        how = f"{WAIVED}{'ended' if why is None else why.value}"
        row = {"person_id": person_id, "order_id": order_id, "how": how, "done_by": by, "at_ms": now_ms}
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.insert(identity_checks).values(**row))
            put_line(connection, _by_the_office(f"passkey:{how}", person_id, order_id, by, now_ms, self._shell))

    # -- her passkeys ----------------------------------------------------------------------------------------------

    def handle(self, person_id: str) -> bytes:
        """Return what authenticators know her by."""
        return self._passkeys.handle(Kind.HER, person_id)

    def bind(self, passkey: Passkey, now_ms: int) -> Lock:
        """Keep a passkey that was made on her phone; return the lock as it is now."""
        with writing(self._engine) as connection, connection.begin():
            put_passkey(connection, passkey)
            put_line(connection, _act("passkey:bound", passkey.subject, now_ms))
            return _lock(connection, passkey.subject)

    def unbind(self, person_id: str, now_ms: int) -> Lock:
        """Take her passkeys away; return the lock as it is now."""
        with writing(self._engine) as connection, connection.begin():
            forget_passkeys(connection, Kind.HER, person_id)
            put_line(connection, _act("passkey:removed", person_id, now_ms))
            return _lock(connection, person_id)

    def passkey(self, credential_id: bytes) -> Passkey | None:
        """Return a passkey of a protected person by the name its authenticator has for it."""
        return self._passkeys.find(Kind.HER, credential_id)

    def used(self, passkey: Passkey, count: int, now_ms: int) -> None:
        """Keep the counter of a passkey that was just proved.

        Raises:
            ClonedError: another use came first, or it was taken away meanwhile.
        """
        with writing(self._engine) as connection, connection.begin():
            note_use(connection, passkey, count, now_ms)

    def cloned(self, person_id: str, now_ms: int) -> None:
        """Write down that two authenticators may hold the same secret."""
        with writing(self._engine) as connection, connection.begin():
            put_line(connection, _act("passkey:cloned", person_id, now_ms))


def _lock(connection: sa.Connection, person_id: str) -> Lock:
    row: Any = connection.execute(sa.select(app_locks).where(app_locks.c.person_id == person_id)).one_or_none()
    count = sa.select(failures.c.count).where(failures.c.audience == PROTECTED, failures.c.subject == person_id)
    return Lock(
        pin=None if row is None else row.pin,
        after_s=USUAL_AFTER_S if row is None else row.after_s,
        tries=connection.execute(count).scalar() or 0,
        tried_ms=None if row is None else row.tried_ms,
        passkeys=tuple(passkeys_of(connection, Kind.HER, person_id)),
        waived=_is_waived(connection, person_id),
    )


def _is_waived(connection: sa.Connection, person_id: str) -> bool:
    """Return what the office said last of her going without a passkey."""
    mine = (identity_checks.c.person_id == person_id, identity_checks.c.how.startswith(WAIVED, autoescape=True))
    query = sa.select(identity_checks.c.how).where(*mine).order_by(identity_checks.c.number.desc()).limit(1)
    how = connection.execute(query).scalar()
    return how is not None and how != f"{WAIVED}ended"


def _drop(connection: sa.Connection, person_id: str) -> None:
    connection.execute(sa.delete(app_locks).where(app_locks.c.person_id == person_id))
    forget_failures(connection, PROTECTED, person_id)


def _act(what: str, person_id: str, now_ms: int) -> Act:
    return Act(
        at_ms=now_ms,
        act="administered",
        what=what,
        purpose="administration",
        audience=PROTECTED,
        who=Personal(person_id, person_id),
        whose=(Personal(person_id, person_id),),
    )


def _reset(check: Check, shell: str | None) -> Act:
    return _by_the_office(f"lock:reset:{check.seen.value}", check.person_id, check.order_id, check.by, check.at_ms, shell)


def _by_the_office(what: str, person_id: str, order_id: str, by: str, now_ms: int, shell: str | None) -> Act:
    return msgspec.structs.replace(
        _act(what, person_id, now_ms),
        audience="service",
        client=Client.BROWSER if shell is None else Client.COMMAND_LINE,
        who=Personal(by, by),
        order=Personal(order_id, order_id),
        reason=None if shell is None else Personal(order_id, f"by the operating system's account {shell}"),
    )
