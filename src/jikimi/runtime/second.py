"""What needs two, carried out by the server when the second person confirms. One table says what a deed does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from jikimi.identity.account import Account
from jikimi.identity.second import OPEN, RULES, Deed, Present, Request, SecondError, State
from jikimi.model.order import DeviceKind
from jikimi.model.register import Act
from jikimi.orders.clerk import Clerk
from jikimi.runtime.commands import fail, now_ms, say, settings
from jikimi.runtime.office import Office
from jikimi.runtime.stores import Stores
from jikimi.storage.register import SqlRegister
from jikimi.storage.second import SqlSecond

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

    def check(self, deed: Deed, target: str, detail: str | None) -> None:
        """Raise unless a deed could be done now, so that nobody is asked to confirm what is impossible.

        Raises:
            SecondError: there is nothing of that name, or no such way to do it.
        """
        if deed is Deed.UNPAIR_TAG:
            if not any(one.device_id == target and one.kind is DeviceKind.TAG and not one.revoked for one in self._register.devices()):
                raise SecondError("There is no tag of that name in use.")
        elif deed in {Deed.END_ORDER, Deed.SUSPEND_ORDER} and not any(one.order_id == target for one in self._register.orders()):
            self._known(target)
        if (deed is Deed.END_ORDER) != (detail is not None) or (detail is not None and detail not in ENDS):
            raise SecondError("An order ends by one of revoke, acquit, dismiss; nothing else has such a word.")

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
    Deed.END_ORDER: Hands.end,
    Deed.SUSPEND_ORDER: Hands.suspend,
}
"""What is done at once when it is confirmed. An export is claimed instead."""


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
            self._hands.check(deed, target, detail)
            return self._second.ask(deed, target, by, reason, now_ms=self._office.now_ms(), order_id=order_of(deed, target), detail=detail)

        return await asyncio.to_thread(step)

    async def adopt(self, number: int, by: Present) -> Request:
        """Make what a command line proposed one's own.

        Raises:
            SecondError: it is refused.
        """
        return await asyncio.to_thread(lambda: self._second.adopt(number, by, now_ms=self._office.now_ms()))

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
        return await asyncio.to_thread(lambda: self._second.refuse(number, by, word, now_ms=self._office.now_ms()))

    async def withdraw(self, number: int, by: Present) -> Request:
        """Take a request back.

        Raises:
            SecondError: it is refused.
        """
        return await asyncio.to_thread(lambda: self._second.withdraw(number, by, now_ms=self._office.now_ms()))

    async def _do(self, step: Callable[[], Request]) -> Request:
        return await self._office.do(lambda _clerk: step())


def order_of(deed: Deed, target: str) -> str | None:
    """Return the order behind a deed that is done to one."""
    return target if deed in {Deed.END_ORDER, Deed.SUSPEND_ORDER} else None


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
