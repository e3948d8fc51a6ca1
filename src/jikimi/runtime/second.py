"""What needs two, carried out by the server when the second person confirms. One table says what a deed does."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from jikimi.identity.account import Account
from jikimi.identity.second import OPEN, RULES, Deed, Present, Request, SecondError, State
from jikimi.ingest.credentials import new_secret
from jikimi.model.order import Device, DeviceKind
from jikimi.model.register import Act
from jikimi.model.retention import Hold
from jikimi.orders.clerk import Clerk
from jikimi.runtime.commands import fail, now_ms, say, settings
from jikimi.runtime.keeper import held
from jikimi.runtime.office import Office
from jikimi.runtime.stores import Stores
from jikimi.storage.register import SqlRegister
from jikimi.storage.retention import SqlRetention
from jikimi.storage.second import SqlSecond

OF_DEVICES: Final = frozenset({Deed.UNPAIR_TAG, Deed.CUT_CREDENTIAL, Deed.RENEW_CREDENTIAL})
OF_ORDERS: Final = frozenset({Deed.END_ORDER, Deed.SUSPEND_ORDER, Deed.HOLD_RECORD})
HOUR_MS: Final = 3_600_000
MOST_OVERLAP_H: Final = 24 * 31
ENDS: Final = {"revoke": Act.REVOKE, "acquit": Act.ACQUIT, "dismiss": Act.DISMISS}
NEWEST: Final = 50
LOOK_S: Final = 1.0


class Hands:
    """What carries a deed out.

    Args:
        register: devices, and orders from before there was a clerk.
        clerk: keeps the orders.
    """

    def __init__(self, register: SqlRegister, clerk: Clerk) -> None:
        self._register = register
        self._clerk = clerk
        self._retention = SqlRetention(register.engine)

    def check(self, deed: Deed, target: str, detail: str | None) -> None:
        """Raise unless a deed could be done now, so that nobody is asked to confirm what is impossible.

        Raises:
            SecondError: there is nothing of that name, or no such way to do it.
        """
        if deed in OF_DEVICES:
            self._worn(target)
        elif deed in OF_ORDERS and not any(one.order_id == target for one in self._register.orders()):
            self._known(target)
        elif deed is Deed.RELEASE_HOLD:
            self._hold(target)
        CHECKS.get(deed, _no_detail)(detail)

    def _worn(self, device_id: str) -> Device:
        """Return a tag or a gateway: what others would be without if it fell silent."""
        found = next((one for one in self._register.devices() if one.device_id == device_id and not one.revoked), None)
        if found is None or found.kind is DeviceKind.HANDSET:
            raise SecondError("There is no tag or gateway of that name in use.")
        return found

    def _hold(self, hold_id: str) -> Hold:
        found = next((one for one in self._retention.holds(now_ms()) if one.hold_id == hold_id), None)
        if found is None:
            raise SecondError("There is no hold of that name, or it has ended by itself.")
        return found

    def _known(self, order_id: str) -> None:
        try:
            self._clerk.order(order_id)
        except LookupError as error:
            raise SecondError("There is no order of that name.") from error

    def do(self, request: Request, at_ms: int) -> None:
        """Carry a confirmed request out.

        Raises:
            ValueError, LookupError: it cannot be done any more; the text says why.
        """
        DEEDS[request.deed](self, request, at_ms)

    def unpair(self, request: Request, at_ms: int) -> None:
        """Take a tag back and believe it no longer."""
        unpair(self._register, self._clerk, request.target, at_ms, request.asked_by)

    def cut(self, request: Request, at_ms: int) -> None:
        """Refuse a secret from now on. The one in its place is told to nobody; whoever has the device in hand is given another."""
        secret, digest = new_secret()
        made = rotated(self._worn(request.target), secret, digest, at_ms)
        self._register.add_device(msgspec.structs.replace(made, cut=True))

    def renew(self, request: Request, at_ms: int) -> None:
        """Let the secret that was printed when this was proposed take the place of the one before."""
        device = self._worn(request.target)
        if device.next_sha256 is None:
            raise LookupError("No new secret waits for it any more.")
        until_ms = at_ms + round(float(request.detail or 0) * HOUR_MS)
        self._register.add_device(_with(device, device.next_sha256, device.next_key, until_ms))

    def hold(self, request: Request, at_ms: int) -> None:
        """Keep an order's record until the end of a day."""
        until_ms, authority = held_by(request.detail or "")
        if until_ms <= at_ms:
            raise ValueError("The hold would be over already: its last day is past.")
        made = Hold(
            hold_id=f"hold-{request.number}", order_id=request.target, authority=authority, reason=request.reason,
            by=request.asked_by, from_ms=at_ms, until_ms=until_ms,
        )  # fmt: skip
        self._retention.put_hold(made, held(made, "held", request.settled_by))

    def provisional(self, request: Request) -> None:
        """Keep an order's record while a hold that was just asked for waits for its second person: erasing cannot be undone.

        Only the first request for an order does so. Else somebody could keep anything for ever by asking anew each time.
        """
        made = Hold(
            hold_id=f"hold-{request.number}", order_id=request.target, authority=held_by(request.detail or "")[1],
            reason=f"asked for, and not confirmed yet: {request.reason}", by=request.asked_by, from_ms=request.asked_ms,
            until_ms=request.until_ms,
        )  # fmt: skip
        self._retention.put_hold(made, held(made, "held"))

    def unasked(self, request: Request, at_ms: int) -> None:
        """Let go of what a request kept that nobody will confirm."""
        kept = next((one for one in self._retention.holds(at_ms) if one.hold_id == f"hold-{request.number}"), None)
        if kept is not None:
            ended = msgspec.structs.replace(kept, until_ms=at_ms)
            said = msgspec.structs.replace(kept, from_ms=at_ms, until_ms=at_ms, reason="it was not confirmed")
            self._retention.put_hold(ended, held(said, "released"))

    def release(self, request: Request, at_ms: int) -> None:
        """End a hold. Its reason stays with the hold; why it ended, by which court's word, stands in the ledger."""
        kept = self._hold(request.target)
        said = msgspec.structs.replace(
            kept, from_ms=at_ms, until_ms=at_ms, authority=request.detail or "", by=request.asked_by, reason=request.reason
        )
        self._retention.put_hold(msgspec.structs.replace(kept, until_ms=at_ms), held(said, "released", request.settled_by))

    def end(self, request: Request, at_ms: int) -> None:
        """End an order."""
        order_id = request.target
        if not self._clerk.keeps(order_id):
            self._end_unkept(order_id, at_ms)
        else:
            act = ENDS[request.detail or ""]
            self._clerk.act(order_id, act, at_ms=at_ms, now_ms=at_ms, by=request.asked_by, reason=request.reason)

    def _end_unkept(self, order_id: str, at_ms: int) -> None:
        """End an order that was entered before there was a clerk: only the core knows of it."""
        order = next((one for one in self._register.orders() if one.order_id == order_id), None)
        if order is None:
            raise LookupError("There is no order of that name.")
        self._register.add_order(msgspec.structs.replace(order, until_ms=min(order.until_ms, at_ms)))

    def suspend(self, request: Request, at_ms: int) -> None:
        """Let an order rest."""
        self._clerk.act(request.target, Act.SUSPEND, at_ms=at_ms, now_ms=at_ms, by=request.asked_by, reason=request.reason)


DEEDS: Final[Mapping[Deed, Callable[[Hands, Request, int], None]]] = {
    Deed.UNPAIR_TAG: Hands.unpair,
    Deed.CUT_CREDENTIAL: Hands.cut,
    Deed.RENEW_CREDENTIAL: Hands.renew,
    Deed.HOLD_RECORD: Hands.hold,
    Deed.RELEASE_HOLD: Hands.release,
    Deed.END_ORDER: Hands.end,
    Deed.SUSPEND_ORDER: Hands.suspend,
}
"""What is done at once when it is confirmed. An export is claimed instead."""


def _no_detail(detail: str | None) -> None:
    if detail is not None:
        raise SecondError("There is one way to do this: it takes no such word.")


def _ending(detail: str | None) -> None:
    if detail not in ENDS:
        raise SecondError("An order ends by one of revoke, acquit, dismiss.")


def _overlap(detail: str | None) -> None:
    try:
        right = 0 <= float(detail or "") <= MOST_OVERLAP_H
    except ValueError:
        right = False
    if not right:
        raise SecondError(f"The old secret may be believed for 0 to {MOST_OVERLAP_H} hours more.")


def _court(detail: str | None) -> None:
    if not (detail or "").strip():
        raise SecondError("Name the court, and the number of its decision.")


def _hold_words(detail: str | None) -> None:
    until_ms, authority = held_by(detail or "")
    _court(authority)
    if until_ms <= now_ms():
        raise SecondError("The hold would be over already: its last day is past.")


CHECKS: Final[Mapping[Deed, Callable[[str | None], None]]] = {
    Deed.END_ORDER: _ending,
    Deed.RENEW_CREDENTIAL: _overlap,
    Deed.HOLD_RECORD: _hold_words,
    Deed.RELEASE_HOLD: _court,
}


def held_by(detail: str) -> tuple[int, str]:
    """Return when a hold ends and by whose word it stands, from ``2026-06-01 Court, number``: the end of that day, UTC.

    Raises:
        SecondError: it does not begin with a day.
    """
    day, _, authority = detail.partition(" ")
    try:
        last = dt.date.fromisoformat(day)
    except ValueError:
        raise SecondError("A hold names its last day, such as 2026-06-01, and then the court with the number of its decision.") from None
    return int(dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC).timestamp() * 1000), authority.strip()


def rotated(device: Device, secret: str, digest: bytes, earlier_until_ms: int) -> Device:
    """Return a device with a new secret. Of an older one than the last nothing is left: two rotations in a row end it."""
    return _with(device, digest, None if device.sealing_key is None else secret.encode(), earlier_until_ms)


def _with(device: Device, digest: bytes, key: bytes | None, earlier_until_ms: int) -> Device:
    return msgspec.structs.replace(
        device,
        secret_sha256=digest,
        sealing_key=key,
        earlier_sha256=device.secret_sha256,
        earlier_key=device.sealing_key,
        earlier_until_ms=earlier_until_ms,
        next_sha256=None,
        next_key=None,
        cut=False,
    )


def unpair(register: SqlRegister, clerk: Clerk, device_id: str, at_ms: int, by: str) -> None:
    """Take a device back and believe it no longer."""
    if clerk.given_out(device_id):
        clerk.take_back(device_id, now_ms=at_ms, by=by)
    register.revoke_device(device_id)


def finish(second: SqlSecond, hands: Hands, request: Request, at_ms: int) -> Request:
    """Carry a confirmed request out and note what became of it; return it as it stands."""
    if RULES[request.deed].claimed_s is not None:
        return request
    try:
        hands.do(request, at_ms)
    except (ValueError, LookupError) as error:
        return second.failed(request.number, str(error), now_ms=at_ms)
    return second.done(request.number, now_ms=at_ms)


class SecondRoom:
    """Requests at the screens of a running server.

    Args:
        second: keeps them.
        hands: carry them out.
        office: told that orders changed.
    """

    def __init__(self, second: SqlSecond, hands: Hands, office: Office) -> None:
        self._second = second
        self._hands = hands
        self._office = office

    async def work(self) -> None:
        """Carry out what was confirmed when the process before ended."""
        for request in await asyncio.to_thread(self._second.to_be_done):
            await self._do(lambda request=request: finish(self._second, self._hands, request, self._office.now_ms()))  # type: ignore[misc]

    async def account(self, name: str) -> Account | None:
        """Return an account as it is now."""
        return await asyncio.to_thread(self._second.account, name)

    async def requests(self) -> list[Request]:
        """Return the newest requests; those that wait for somebody are among them."""
        return await asyncio.to_thread(lambda: self._second.told(self._office.now_ms(), NEWEST))

    async def ask(self, deed: Deed, target: str, detail: str | None, by: Present, reason: str) -> Request:
        """Ask for a deed.

        Raises:
            SecondError: it is refused.
        """

        def step() -> Request:
            if deed is Deed.RENEW_CREDENTIAL:
                raise SecondError("A new secret is proposed at the command line, which prints it: jikimi device rotate.")
            self._hands.check(deed, target, detail)
            now = self._office.now_ms()
            return self._kept(self._second.ask(deed, target, by, reason, now_ms=now, order_id=order_of(deed, target), detail=detail))

        return await asyncio.to_thread(step)

    def _kept(self, request: Request) -> Request:
        """Keep what a hold that was just asked for shall keep."""
        if request.deed is Deed.HOLD_RECORD and self._second.is_first(request):
            self._hands.provisional(request)
        return request

    async def adopt(self, number: int, by: Present) -> Request:
        """Make what a command line proposed one's own.

        Raises:
            SecondError: it is refused.
        """
        return await asyncio.to_thread(lambda: self._kept(self._second.adopt(number, by, now_ms=self._office.now_ms())))

    async def confirm(self, number: int, by: Present) -> Request:
        """Confirm a request, and carry it out.

        Raises:
            SecondError: it is refused.
        """

        def step() -> Request:
            now = self._office.now_ms()
            return finish(self._second, self._hands, self._second.confirm(number, by, now_ms=now), now)

        return await self._do(step)

    async def refuse(self, number: int, by: Present, word: str) -> Request:
        """Refuse a request, with the reason.

        Raises:
            SecondError: it is refused.
        """
        return await asyncio.to_thread(lambda: self._dropped(self._second.refuse(number, by, word, now_ms=self._office.now_ms())))

    async def withdraw(self, number: int, by: Present) -> Request:
        """Take a request back.

        Raises:
            SecondError: it is refused.
        """
        return await asyncio.to_thread(lambda: self._dropped(self._second.withdraw(number, by, now_ms=self._office.now_ms())))

    def _dropped(self, request: Request) -> Request:
        """Let go of what a hold kept that nobody will confirm. One that runs out ends by itself."""
        if request.deed is Deed.HOLD_RECORD:
            self._hands.unasked(request, self._office.now_ms())
        return request

    async def _do(self, step: Callable[[], Request]) -> Request:
        return await self._office.do(lambda _clerk: step())


def order_of(deed: Deed, target: str) -> str | None:
    """Return the order behind a deed that is done to one."""
    return target if deed in OF_ORDERS else None


# -- the command line ------------------------------------------------------------------------------------------------


def proposed(second: SqlSecond, hands: Hands, deed: Deed, target: str, detail: str | None, by: str, reason: str) -> None:
    """Propose at the command line, and say how it goes on."""
    try:
        hands.check(deed, target, detail)
        request = second.propose(deed, target, by, reason, now_ms=now_ms(), order_id=order_of(deed, target), detail=detail)
    except SecondError as error:
        raise fail(str(error)) from error
    say(f"request     {request.number}   {WAITS} `jikimi second wait {request.number}` waits for them.")


WAITS: Final = "A command line counts nobody: one account adopts this at its screen, another one confirms it there."


def waits(request: Request) -> None:
    """Say how what is claimed once it is confirmed goes on."""
    say(f"request     {request.number}   {WAITS} Then the same command with --request {request.number}, by whoever adopted it.")


def show(config: Path | None) -> None:
    """Print the newest requests."""
    for one in SqlSecond(Stores(settings(config)).register().engine).told(now_ms(), NEWEST):
        say(f"{one.number:>6}  {one.deed.value:<16} {one.target:<24} {one.state.value:<10} asked by {one.asked_by}, {one.reason}")


def wait(config: Path | None, number: int, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until a request was settled at the screens; end with status 1 where it was not confirmed."""
    second = SqlSecond(Stores(settings(config)).register().engine)
    try:
        while _waits(one := second.one(number, now_ms())):
            sleep(LOOK_S)
    except SecondError as error:
        raise fail(str(error)) from error
    if one.state not in {State.CONFIRMED, State.DONE}:
        raise fail(f"It is {one.state}." + ("" if one.word is None else f" {one.word}"))
    say(f"It is {one.state.value}: asked by {one.asked_by}, confirmed by {one.settled_by}.")


def _waits(one: Request) -> bool:
    """Return whether a request is settled by nobody yet, or is about to be carried out by the server."""
    return one.state in OPEN and (one.state is not State.CONFIRMED or RULES[one.deed].claimed_s is None)
