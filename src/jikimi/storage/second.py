"""What needs a second person, in the register's database: each step one transaction with its line for the ledger."""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa

from jikimi.disclosure.ledger.leaf import MOST_VALUE, Act, Client, LeafError, Personal
from jikimi.identity.account import DOOR, Account
from jikimi.identity.second import (
    OPEN,
    RULES,
    Deed,
    Present,
    Request,
    SecondError,
    State,
    Step,
    adopted,
    check_ask,
    check_fresh,
    check_settle,
    check_still,
    confirmed,
    is_over,
    moved,
)
from jikimi.storage.database import transaction
from jikimi.storage.identity import account_of
from jikimi.storage.lines import put_line
from jikimi.storage.schema import second_requests

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Request).decode


class SqlSecond:
    """Requests; any number of processes and threads.

    Args:
        engine: the open register.
        shell: the operating system's account that acts, where a command line does: it proposes and claims, and settles nothing.
    """

    def __init__(self, engine: sa.Engine, *, shell: str | None = None) -> None:
        self._engine = engine
        self._shell = shell

    # -- reading -------------------------------------------------------------------------------------------------

    def account(self, name: str) -> Account | None:
        """Return an account as it is now."""
        with self._engine.connect() as connection:
            return account_of(connection, name)

    def told(self, now_ms: int, limit: int) -> list[Request]:
        """Return the newest requests, whatever became of them; what ran out is said to have."""
        query = sa.select(second_requests.c.body).order_by(second_requests.c.number.desc()).limit(limit)
        with self._engine.connect() as connection:
            found = [_decode(body) for body in connection.execute(query).scalars()]
        return [msgspec.structs.replace(one, state=State.EXPIRED) if is_over(one, now_ms) else one for one in found]

    def one(self, number: int, now_ms: int) -> Request:
        """Return one request as time has left it.

        Raises:
            SecondError: there is none of that number.
        """
        with self._engine.connect() as connection:
            found = _found(connection, number)
        return msgspec.structs.replace(found, state=State.EXPIRED) if is_over(found, now_ms) else found

    def is_first(self, request: Request) -> bool:
        """Return whether nobody asked for the same before, whatever became of it."""
        query = sa.select(second_requests.c.body).where(second_requests.c.number < request.number)
        with self._engine.connect() as connection:
            before = [_decode(body) for body in connection.execute(query).scalars()]
        return not any((one.deed, one.target) == (request.deed, request.target) for one in before if one.state is not State.PROPOSED)

    def to_be_done(self) -> list[Request]:
        """Return confirmed requests that the server carries out by itself."""
        return [one for one in self._in({State.CONFIRMED}) if RULES[one.deed].claimed_s is None]

    def asked(self, deed: Deed, now_ms: int) -> list[Request]:
        """Return what waits for a second person of one kind of deed."""
        return [one for one in self._in({State.ASKED}) if one.deed is deed and not is_over(one, now_ms)]

    def _in(self, states: frozenset[State] | set[State]) -> list[Request]:
        query = sa.select(second_requests.c.body).where(second_requests.c.state.in_([state.value for state in states]))
        with self._engine.connect() as connection:
            return [_decode(body) for body in connection.execute(query.order_by(second_requests.c.number)).scalars()]

    # -- steps ---------------------------------------------------------------------------------------------------

    def propose(
        self, deed: Deed, target: str, by: str, reason: str, *, now_ms: int, order_id: str | None = None, detail: str | None = None
    ) -> Request:
        """Propose a deed at a command line. It counts nobody: two accounts stand for it at their screens, or it runs out.

        Raises:
            SecondError: the account that is named may not ask, the reason is none, or the same still waits.
        """
        with transaction(self._engine) as connection:
            request = _new(deed, target, by, reason, now_ms, order_id, detail)
            request = msgspec.structs.replace(request, state=State.PROPOSED, shell=self._shell, typed_by=by)
            return self._put(connection, request, by, now_ms, "service")

    def ask(
        self, deed: Deed, target: str, by: Present, reason: str, *, now_ms: int, order_id: str | None = None, detail: str | None = None,
        court: str | None = None, sealed: bytes | None = None,
    ) -> Request:  # fmt: skip
        """Ask for a deed, at a screen.

        Raises:
            SecondError: the account may not, the reason is none, nothing was proved lately, or the same still waits.
        """
        self._at_a_screen()
        with transaction(self._engine) as connection:
            check_fresh(by, now_ms)
            request = _new(deed, target, by.name, reason, now_ms, order_id, detail)
            request = msgspec.structs.replace(request, court=court, sealed=sealed)
            return self._put(connection, request, by.name, now_ms, by.audience)

    def _put(self, connection: sa.Connection, request: Request, by: str, now_ms: int, audience: str) -> Request:
        check_ask(account_of(connection, by), request.deed, request.reason)
        self._expire(connection, now_ms)
        for one in _open(connection):
            if (one.deed, one.target) == (request.deed, request.target):
                raise SecondError(f"This was asked for already, as request {one.number}.")
        row = {"state": request.state.value, "until_ms": request.until_ms, "body": b""}
        number = connection.execute(sa.insert(second_requests).values(**row)).inserted_primary_key
        assert number is not None
        made = msgspec.structs.replace(request, number=number[0])
        self._keep(connection, made, by, now_ms, audience)
        return made

    def adopt(self, number: int, by: Present, *, now_ms: int) -> Request:
        """Make what a command line proposed one's own request.

        Raises:
            SecondError: there is none of that number that was proposed, or ``by`` may not ask for it or proved nothing lately.
        """
        self._at_a_screen()
        with transaction(self._engine) as connection:
            request = self._current(connection, number, now_ms)
            after = adopted(request, by, account_of(connection, by.name), now_ms)
            self._keep(connection, after, by.name, now_ms, by.audience)
            return after

    def confirm(self, number: int, by: Present, *, now_ms: int) -> Request:
        """Confirm a request, as the second person.

        Raises:
            SecondError: there is none of that number that waits, or ``by`` may not confirm it or proved nothing lately.
        """
        self._at_a_screen()
        with transaction(self._engine) as connection:
            request = self._current(connection, number, now_ms)
            asker = account_of(connection, request.asked_by)
            after = confirmed(request, by, account_of(connection, by.name), asker, now_ms)
            self._keep(connection, after, by.name, now_ms, by.audience)
            return after

    def refuse(self, number: int, by: Present, word: str, *, now_ms: int) -> Request:
        """Refuse a request, with the reason. Nothing is done by it, so nobody proves anything anew.

        Raises:
            SecondError: there is none of that number that waits, or ``by`` may not refuse it.
        """
        self._at_a_screen()
        with transaction(self._engine) as connection:
            request = self._current(connection, number, now_ms)
            check_settle(account_of(connection, by.name), request)
            return self._step(connection, request, Step.REFUSE, by.name, now_ms, word, by.audience)

    def _at_a_screen(self) -> None:
        if self._shell is not None:
            raise SecondError("A command line counts nobody: two accounts ask and confirm at their screens.")

    def withdraw(self, number: int, by: Present, *, now_ms: int) -> Request:
        """Take a request back, as whoever asked.

        Raises:
            SecondError: there is none of that number that waits, or ``by`` did not ask.
        """
        with transaction(self._engine) as connection:
            request = self._current(connection, number, now_ms)
            if request.asked_by != by.name:
                raise SecondError("Only whoever asked may take a request back; a second person may refuse it.")
            return self._step(connection, request, Step.WITHDRAW, by.name, now_ms, audience=by.audience)

    def claim(self, number: int, deed: Deed, target: str, *, by: str, now_ms: int) -> Request:
        """Use up a confirmed request, once: whoever asked carries it out now.

        Raises:
            SecondError: no confirmed request of that number is for this deed and target, ``by`` did not ask or may not now, or it ran out.
        """
        with transaction(self._engine) as connection:
            request = self._current(connection, number, now_ms)
            if (request.deed, request.target, request.asked_by) != (deed, target, by):
                raise SecondError("That request was made for something else, or by somebody else.")
            check_still(account_of(connection, by), deed)
            return self._step(connection, request, Step.DO, by, now_ms)

    def done(self, number: int, *, now_ms: int) -> Request:
        """Note that a confirmed request was carried out. Harmless when that is known."""
        return self._finish(number, Step.DO, None, now_ms)

    def failed(self, number: int, word: str, *, now_ms: int) -> Request:
        """Note that a confirmed request cannot be carried out any more, and why."""
        return self._finish(number, Step.FAIL, word, now_ms)

    def _finish(self, number: int, step: Step, word: str | None, now_ms: int) -> Request:
        with transaction(self._engine) as connection:
            request = _found(connection, number)
            return request if request.state is not State.CONFIRMED else self._step(connection, request, step, DOOR, now_ms, word)

    # -- one transaction -----------------------------------------------------------------------------------------

    def _current(self, connection: sa.Connection, number: int, now_ms: int) -> Request:
        """Return a request as time has left it."""
        request = _found(connection, number)
        if is_over(request, now_ms):
            raise SecondError("This request has run out; ask anew.")
        return request

    def _expire(self, connection: sa.Connection, now_ms: int) -> None:
        for request in _open(connection):
            if is_over(request, now_ms):
                self._step(connection, request, Step.EXPIRE, DOOR, now_ms)

    def _step(
        self, connection: sa.Connection, request: Request, step: Step, by: str, now_ms: int, word: str | None = None,
        audience: str = "service",
    ) -> Request:  # fmt: skip
        after = moved(request, step, at_ms=now_ms, by=by, word=word)
        # What was sealed to a court lies in its docket once it is settled.
        after = after if after.state in OPEN else msgspec.structs.replace(after, sealed=None)
        self._keep(connection, after, by, now_ms, audience)
        return after

    def _keep(self, connection: sa.Connection, request: Request, by: str, now_ms: int, audience: str) -> None:
        row = {"state": request.state.value, "until_ms": request.until_ms, "body": _encode(request)}
        connection.execute(sa.update(second_requests).where(second_requests.c.number == request.number).values(**row))
        try:
            put_line(connection, line_of(request, by, now_ms, self._shell, audience))
        except LeafError:
            raise SecondError("The reason looks as if it held a place, which the ledger would refuse: say it in other words.") from None


def line_of(request: Request, by: str, now_ms: int, shell: str | None, audience: str) -> Act:
    """Return what the ledger says of a step."""
    subject = request.target if request.order_id is None else request.order_id
    said = f"request {request.number}: {request.reason}" + ("" if request.word is None else f"; {request.word}")
    beside = "" if shell is None else f"; by the operating system's account {shell}"
    return Act(
        at_ms=now_ms,
        act="administered",
        what=f"{request.deed.value}:{request.state.value}",
        purpose="administration",
        audience=audience,
        client=_client(shell, audience),
        who=Personal(by, by),
        whose=(Personal(request.target, request.target),),
        order=None if request.order_id is None else Personal(request.order_id, request.order_id),
        reason=Personal(subject, (said + beside)[:MOST_VALUE]),
    )


def _client(shell: str | None, audience: str) -> Client:
    if shell is not None:
        return Client.COMMAND_LINE
    return Client.SERVICE if audience == "service" else Client.BROWSER


def _new(deed: Deed, target: str, by: str, reason: str, now_ms: int, order_id: str | None, detail: str | None) -> Request:
    return Request(
        number=0,
        deed=deed,
        target=target,
        order_id=order_id,
        detail=detail,
        asked_by=by,
        asked_ms=now_ms,
        reason=reason.strip(),
        until_ms=now_ms + int(RULES[deed].asked_s * 1_000),
    )


def _open(connection: sa.Connection) -> list[Request]:
    query = sa.select(second_requests.c.body).where(second_requests.c.state.in_([state.value for state in OPEN]))
    return [_decode(body) for body in connection.execute(query.order_by(second_requests.c.number)).scalars() if body]


def _found(connection: sa.Connection, number: int) -> Request:
    body = connection.execute(sa.select(second_requests.c.body).where(second_requests.c.number == number)).scalar()
    if body is None:
        raise SecondError("There is no request of that number.")
    return _decode(body)
