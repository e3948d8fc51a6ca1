"""At the desk: a code for a protected person, once somebody made sure who she is; or her word that she will not take part."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.board import LabelBook
from jikimi.apps.ports import Office, Watch
from jikimi.apps.session import Signed
from jikimi.disclosure.ledger.leaf import LeafError
from jikimi.identity.app_lock import Lock
from jikimi.identity.guests import AT_THE_OFFICE, Check, InvitationError, Seen, Waiver, check_named
from jikimi.model.register import CourtOrder
from jikimi.orders.codes import new_code
from jikimi.orders.status import ENDED

CODE_MS: Final = 7 * 86_400_000
_NAME = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Guests(Protocol):
    """Keeps checks of identity and codes."""

    def invite(self, check: Check, code: str, until_ms: int) -> None:
        """Write a check down and let whoever types the code sign in as her, once."""
        ...

    def checks(self, person_id: str) -> list[Check]:
        """Return how somebody's identity was checked, oldest first."""
        ...


class HerLocks(Protocol):
    """Keeps what she proves herself by."""

    def of(self, person_id: str) -> Lock:
        """Return what she proves herself by."""
        ...

    def reset(self, check: Check) -> bool:
        """Take a forgotten PIN away; return whether there was one."""
        ...

    def waive(self, person_id: str, order_id: str, why: Waiver | None, by: str, now_ms: int) -> None:
        """Let her see the map without a passkey, or no longer."""
        ...


class Invitee(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom an order protects.

    Attributes:
        takes_part: None: not asked yet.
        checked_ms, checked_by: when her identity was checked last, and by whom.
        has_pin: whether she set a PIN.
        bound: whether her phone is bound by a passkey.
        waived: whether the office lets her go without one.
    """

    person: str
    name: str
    takes_part: bool | None
    checked_ms: int | None
    checked_by: str | None
    has_pin: bool
    bound: bool
    waived: bool


class Code(msgspec.Struct, frozen=True):
    """A code, told this once, and until when it is good."""

    code: str
    until_ms: int


class OrderBody(msgspec.Struct, frozen=True):
    """Which order."""

    order: _NAME


class InviteBody(msgspec.Struct, frozen=True):
    """Who is invited under which order, and by what somebody made sure of her."""

    order: _NAME
    person: _NAME
    seen: Seen
    waiver: Waiver | None = None


class WaiveBody(msgspec.Struct, frozen=True):
    """Who may see the map without a passkey and why; ``why`` null: nobody any more."""

    order: _NAME
    person: _NAME
    why: Waiver | None


class Cleared(msgspec.Struct, frozen=True):
    """Whether there was a PIN."""

    cleared: bool


class DeclineBody(msgspec.Struct, frozen=True):
    """Who will not take part under which order."""

    order: _NAME
    person: _NAME


class InvitingDesk:
    """Gives codes.

    Args:
        watch: the running core: its clock.
        office: the register of orders.
        labels: what persons are called.
        guests: keeps checks and codes.
        locks: keep what she proves herself by.
    """

    def __init__(self, watch: Watch, office: Office, labels: LabelBook, guests: Guests, locks: HerLocks) -> None:
        self._locks = locks
        self._watch = watch
        self._office = office
        self._labels = labels
        self._guests = guests

    async def whom(self, order_id: str) -> list[Invitee]:
        """Return whom an order protects."""
        order = await self._order(order_id)
        await self._labels.learn(set(order.protected_ids))
        checks, locks = await asyncio.to_thread(
            lambda: ([self._guests.checks(one) for one in order.protected_ids], [self._locks.of(one) for one in order.protected_ids])
        )
        return [
            Invitee(
                person=person_id,
                name=self._labels.label(person_id) or person_id,
                takes_part=order.takes_part(person_id),
                checked_ms=found[-1].at_ms if found else None,
                checked_by=found[-1].by if found else None,
                has_pin=lock.pin is not None,
                bound=bool(lock.passkeys),
                waived=lock.waived,
            )
            for person_id, found, lock in zip(order.protected_ids, checks, locks, strict=True)
        ]

    async def invite(self, asked: InviteBody, by: str) -> Code:
        """Write down that ``by`` made sure of her, and return her code."""
        order, now_ms = await self._order(asked.order), self._watch.now_ms()
        check_named(asked.person, order.protected_ids)
        given = Code(new_code(), now_ms + CODE_MS)
        check = Check(person_id=asked.person, order_id=asked.order, seen=asked.seen, by=by, at_ms=now_ms)
        await asyncio.to_thread(self._guests.invite, check, given.code, given.until_ms)
        if asked.waiver is not None:
            await self.waive(WaiveBody(asked.order, asked.person, asked.waiver), by)
        return given

    async def waive(self, asked: WaiveBody, by: str) -> None:
        """Let her see the map without a passkey where the policy demands one, or no longer."""
        order = await self._order(asked.order)
        check_named(asked.person, order.protected_ids)
        await asyncio.to_thread(self._locks.waive, asked.person, asked.order, asked.why, by, self._watch.now_ms())

    async def clear_pin(self, asked: InviteBody, by: str) -> Cleared:
        """Take a PIN away that she forgot, once ``by`` made sure of her. Her phone stays signed in."""
        order = await self._order(asked.order)
        check_named(asked.person, order.protected_ids)
        check = Check(person_id=asked.person, order_id=asked.order, seen=asked.seen, by=by, at_ms=self._watch.now_ms())
        return Cleared(await asyncio.to_thread(self._locks.reset, check))

    async def declined(self, asked: DeclineBody, by: str) -> None:
        """Note that she will not take part: her officer has a task at once."""
        now_ms = self._watch.now_ms()
        await self._office.do(
            lambda clerk: clerk.consent(asked.order, asked.person, given=False, terms=AT_THE_OFFICE, now_ms=now_ms, by=by)
        )

    async def _order(self, order_id: str) -> CourtOrder:
        order = await self._office.ask(lambda clerk: clerk.order(order_id))
        if order.status in ENDED:
            raise InvitationError("This order has ended, so nobody is invited under it.")
        return order


_order_body = msgspec.json.Decoder(OrderBody)
_invite_body = msgspec.json.Decoder(InviteBody)
_waive_body = msgspec.json.Decoder(WaiveBody)
_decline_body = msgspec.json.Decoder(DeclineBody)


@post("/api/invitations/whom", status_code=200)
async def whom(request: Request[Any, Any, Any], inviting: NamedDependency[Any]) -> list[Invitee]:
    """Return whom an order protects."""
    asked = await read_as(request, _order_body, 'a JSON object with "order"')
    try:
        found: list[Invitee] = await inviting.whom(asked.order)
    except (LookupError, ValueError) as error:
        raise _refused(error) from None
    return found


@post("/api/invitations", status_code=201)
async def invite(request: Request[Any, Any, Any], signed: NamedDependency[Signed], inviting: NamedDependency[Any]) -> Code:
    """Give a code, once somebody made sure who she is."""
    asked = await read_as(request, _invite_body, 'a JSON object with "order", "person" and "seen"')
    try:
        given: Code = await inviting.invite(asked, signed.subject)
    except (LookupError, ValueError) as error:
        raise _refused(error) from None
    return given


@post("/api/invitations/waive", status_code=204)
async def waive(request: Request[Any, Any, Any], signed: NamedDependency[Signed], inviting: NamedDependency[Any]) -> None:
    """Let her see the map without a passkey, or no longer."""
    asked = await read_as(request, _waive_body, 'a JSON object with "order", "person" and "why"')
    try:
        await inviting.waive(asked, signed.subject)
    except (LookupError, ValueError) as error:
        raise _refused(error) from None


@post("/api/invitations/clear-pin", status_code=200)
async def clear_pin(request: Request[Any, Any, Any], signed: NamedDependency[Signed], inviting: NamedDependency[Any]) -> Cleared:
    """Take a forgotten PIN away."""
    asked = await read_as(request, _invite_body, 'a JSON object with "order", "person" and "seen"')
    try:
        cleared: Cleared = await inviting.clear_pin(asked, signed.subject)
    except (LookupError, ValueError) as error:
        raise _refused(error) from None
    return cleared


@post("/api/invitations/declined", status_code=204)
async def declined(request: Request[Any, Any, Any], signed: NamedDependency[Signed], inviting: NamedDependency[Any]) -> None:
    """Note that she will not take part."""
    asked = await read_as(request, _decline_body, 'a JSON object with "order" and "person"')
    try:
        await inviting.declined(asked, signed.subject)
    except (LookupError, ValueError) as error:
        raise _refused(error) from None


def _refused(error: Exception) -> RefusedError:
    """Return the sentence why not."""
    if isinstance(error, LookupError):
        return RefusedError(404, "order_unknown", "There is no order of that name.")
    sentence = "The ledger does not take such a name." if isinstance(error, LeafError) else str(error)
    return RefusedError(409, "refused", sentence)


ROUTES: Final = (whom, invite, waive, clear_pin, declined)
