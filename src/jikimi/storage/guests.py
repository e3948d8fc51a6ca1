"""Invitations of protected persons: the check of identity, the code that it allows, and the line in the ledger, in one transaction."""

from __future__ import annotations

import sqlalchemy as sa

from jikimi.disclosure.ledger.leaf import Act, Client, Personal
from jikimi.identity.guests import Check, InvitationError, Seen
from jikimi.orders.codes import normalise
from jikimi.storage.database import writing
from jikimi.storage.lines import put_line
from jikimi.storage.phones import PROTECTED, is_replaced, was_replaced
from jikimi.storage.register import put_invitation
from jikimi.storage.schema import identity_checks, invitations


class SqlGuests:
    """Invitations and phones of protected persons; any number of processes and threads.

    Args:
        engine: the open register.
        shell: the operating system's account that acts, where a command line does.
    """

    def __init__(self, engine: sa.Engine, *, shell: str | None = None) -> None:
        self._engine = engine
        self._shell = shell

    def invite(self, check: Check, code: str, until_ms: int) -> None:
        """Write down how somebody made sure who she is, and let whoever types ``code`` before ``until_ms`` sign in as her, once.

        An earlier code of hers that nobody used is good no more: one paper is about, not two.

        Raises:
            InvitationError: nobody says to have made sure.
            LeafError: the ledger does not take a name; then nothing happened.
        """
        letters = normalise(code)
        if letters is None:
            raise ValueError("An invitation's code has ten letters and digits.")
        if not check.by.strip():
            raise InvitationError("Say who made sure of her identity.")
        row = {"person_id": check.person_id, "order_id": check.order_id, "how": check.seen.value, "done_by": check.by, "at_ms": check.at_ms}
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.insert(identity_checks).values(**row))
            mine = (invitations.c.audience == PROTECTED, invitations.c.subject == check.person_id)
            connection.execute(sa.delete(invitations).where(*mine))
            put_invitation(connection, letters, PROTECTED, check.person_id, until_ms)
            put_line(connection, _checked(check, self._shell))

    def checks(self, person_id: str) -> list[Check]:
        """Return how somebody's identity was checked, oldest first."""
        mine = (identity_checks.c.person_id == person_id, identity_checks.c.how.in_([seen.value for seen in Seen]))
        query = sa.select(identity_checks).where(*mine).order_by(identity_checks.c.number)
        with self._engine.connect() as connection:
            return [
                Check(person_id=row.person_id, order_id=row.order_id, seen=Seen(row.how), by=row.done_by, at_ms=row.at_ms)
                for row in connection.execute(query)
            ]

    def is_replaced(self, token: str, now_ms: int) -> bool:
        """Return whether a session ended because she signed in on another phone, not long ago."""
        with self._engine.connect() as connection:
            return is_replaced(connection, token, now_ms)

    def was_replaced(self, person_id: str, now_ms: int) -> bool:
        """Return whether an earlier phone of hers was turned off, not long ago."""
        with self._engine.connect() as connection:
            return was_replaced(connection, person_id, now_ms)


def _checked(check: Check, shell: str | None) -> Act:
    return Act(
        at_ms=check.at_ms,
        act="administered",
        what=f"invitation:{check.seen.value}",
        purpose="administration",
        audience="service",
        client=Client.BROWSER if shell is None else Client.COMMAND_LINE,
        who=Personal(check.by, check.by),
        whose=(Personal(check.person_id, check.person_id),),
        order=Personal(check.order_id, check.order_id),
        reason=None if shell is None else Personal(check.order_id, f"by the operating system's account {shell}"),
    )
