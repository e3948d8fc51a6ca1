"""Copies for investigations beside the server: asked for, permitted, read, and erased when their time has come.

The gate decides, the ledger's line is durable, and only then is anything read. When a copy falls due is a moment in the books, so
a server that was down erases at its start what fell due meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec
import structlog

from jikimi.apps.copies import Asked
from jikimi.disclosure import copying
from jikimi.disclosure.copying import Copy, CopyError, Decision
from jikimi.disclosure.gate import Audience, Closed, Opening, Scope
from jikimi.disclosure.held import Held, held
from jikimi.disclosure.ledger.leaf import Act, Client, LeafError, Personal
from jikimi.disclosure.ledger.ports import Ledger
from jikimi.disclosure.proof import Proof
from jikimi.disclosure.viewer import past
from jikimi.disclosure.vigil import Finding, Unusual
from jikimi.model.access import Purpose
from jikimi.model.order import Order
from jikimi.model.policy import Policy
from jikimi.storage.personal import names_of

log = structlog.get_logger(__name__)

LONGEST_S: Final = 30.0
"""The clock on the wall may be set while we sleep: so nothing is later than this."""
RETRY_S: Final = 5.0
MOST_MS: Final = 31 * 86_400_000
"""One copy covers a month at most: whoever needs more asks, and says why, again."""
TOLD_MS: Final = 7 * 86_400_000
"""A notice that could not be sent for so long is sent no more: the review says it all the same."""
_NOT_HERE: Final = "There is no such copy for you."
_SHUT: Final = {
    False: "The gate stays closed: no permission covers this person under this order, or it has ended.",
    True: "The gate stays closed: that time lies outside the order, or the order was suspended for all of it. Name a time within it.",
}


class CopyBooks(Protocol):
    """Where copies are kept."""

    def add_copy(self, copy: Copy, data: bytes) -> None:
        """Keep a copy with its bytes, sealed; one that was only asked for gets them later."""
        ...

    def put_copy(self, copy: Copy) -> None:
        """Keep what is known of a copy; one that was erased loses its bytes."""
        ...

    def copy(self, copy_id: str) -> Copy | None:
        """Return what is known of one, or None."""
        ...

    def copies(self) -> list[Copy]:
        """Return all, the newest first."""
        ...

    def data(self, copy_id: str) -> bytes | None:
        """Return a copy's bytes, or None when there are none any more."""
        ...

    def due(self, now_ms: int) -> list[Copy]:
        """Return those that are to be erased by now."""
        ...

    def next_due_ms(self) -> int | None:
        """Return when the next one is to be erased, or None."""
        ...


class CopyRoom:
    """Runs the copies.

    Args:
        books: keep them.
        ledger: each act stands there before it happens.
        orders: returns every order that the register knows, ended ones too; reads books.
        policy: returns an order's policy, or None where it is gone.
        history: returns the positions that a proof lets be read, as JSON lines; reads much.
        now_ms: the server's time.
        unpermitted: told of each copy that was erased for want of a permission: a person looks into it.
        tell: sends the notice of it, to whoever had the copy and to those who answer for data protection; once it returns, that is kept.
    """

    def __init__(
        self,
        books: CopyBooks,
        ledger: Ledger,
        orders: Callable[[], Iterable[Order]],
        policy: Callable[[Order], Policy | None],
        history: Callable[[Proof], bytes],
        now_ms: Callable[[], int],
        unpermitted: Callable[[Finding], Awaitable[Any]],
        tell: Callable[[Copy], Awaitable[None]],
    ) -> None:
        self._tell = tell
        self._books = books
        self._ledger = ledger
        self._orders = orders
        self._policy = policy
        self._history = history
        self._now_ms = now_ms
        self._unpermitted = unpermitted
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()

    # -- what people do ------------------------------------------------------------------------------------------

    async def make(self, asked: Asked, officer: str) -> Copy:
        """Ask for a copy; in an emergency make it at once, as soon as the gate opened and the ledger says so.

        Else nothing is copied before somebody else recorded a court's permission (``permit``).

        Raises:
            CopyError: the gate does not open, or what is asked for cannot be.
            LedgerUnavailableError: it could not be written down, and nothing was read.
        """
        now_ms = self._now_ms()
        if not asked.reason.strip():
            raise CopyError("Say what the copy is for.")
        if not asked.from_ms < asked.to_ms <= now_ms or asked.to_ms - asked.from_ms > MOST_MS:
            raise CopyError("Name a past time of at most 31 days.")
        order, policy = await self._law(asked.order_id)
        status, due_ms = copying.begin(policy.access, now_ms, emergency=asked.emergency)
        copy = Copy(
            copy_id=uuid.uuid4().hex[:16],
            order_id=asked.order_id,
            person_id=asked.person_id,
            officer=officer,
            reason=asked.reason.strip(),
            from_ms=asked.from_ms,
            to_ms=asked.to_ms,
            made_ms=now_ms,
            due_ms=due_ms,
            status=status,
        )
        if status is copying.Status.ASKED:
            await self._write(copy, "asked", "history:court_permission", who=officer, reason=copy.reason)
            await asyncio.to_thread(self._books.add_copy, copy, b"")
        else:
            await self._fill(copy, order, policy)
        self._wake.set()
        return copy

    async def _fill(self, copy: Copy, order: Held, policy: Policy) -> None:
        """Copy the positions for whoever may read them."""
        opening = await self._open(copy, order, policy, copy.officer)
        await self._write(copy, "copied", _what(opening), who=copy.officer, reason=_said(copy))
        assert opening.proof is not None, "the gate opened"
        data = await asyncio.to_thread(self._history, opening.proof)
        await asyncio.to_thread(self._books.add_copy, copy, data)

    async def read(self, copy_id: str, officer: str) -> bytes:
        """Return a copy's positions as JSON lines, once the gate opened and the ledger says so.

        Raises:
            CopyError: there is none for this officer, or its time has passed.
            LedgerUnavailableError: it could not be written down, and nothing was read.
        """
        async with self._turn:
            copy = await asyncio.to_thread(self._books.copy, copy_id)
            if copy is None or copy.officer != officer or copy.status in copying.GONE:
                raise CopyError(_NOT_HERE)
            if copy.status is copying.Status.ASKED:
                raise CopyError("Nothing was copied yet: a court's permission must be recorded first, in oversight.")
            order, policy = await self._law(copy.order_id)
            opening = await self._open(copy, order, policy, officer)
            await self._write(copy, "disclosed", _what(opening), who=officer, reason=copy.reason)
            data = await asyncio.to_thread(self._books.data, copy_id)
        if data is None:
            raise CopyError(_NOT_HERE)
        return data

    async def permit(self, copy_id: str, decision: Decision, by: str) -> Copy:
        """Record a court's permission for a copy that waits for one; one that was only asked for is made by it.

        Raises:
            CopyError: there is no such copy, it was erased, or the decision cannot be one.
            LedgerUnavailableError: it could not be written down, and nothing was recorded.
        """
        async with self._turn:
            copy = await asyncio.to_thread(self._books.copy, copy_id)
            if copy is None:
                raise CopyError("There is no such copy.")
            order, policy = await self._law(copy.order_id)
            seen = msgspec.structs.replace(decision, by=by)
            permitted = copying.permitted(copy, policy.access, seen, self._now_ms())
            await self._write(permitted, "permitted", "history:court_permission", who=by, reason=_said(permitted))
            if copy.status is copying.Status.ASKED:
                await self._fill(permitted, order, policy)
            else:
                await asyncio.to_thread(self._books.put_copy, permitted)
        self._wake.set()
        return permitted

    async def copies(self) -> Sequence[Copy]:
        """Return all copies, the newest first, without what is in them."""
        return await asyncio.to_thread(self._books.copies)

    # -- the clock -----------------------------------------------------------------------------------------------

    async def work(self) -> None:
        """Erase what falls due, for ever."""
        while True:
            self._wake.clear()
            wait_s = await self._round()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait_s)

    async def _round(self) -> float:
        try:
            await self.erase_due()
            await self.tell_due()
            due_ms = await asyncio.to_thread(self._books.next_due_ms)
        except Exception as error:  # noqa: BLE001 - it is tried again, and what is due is not shown meanwhile: the gate asks the clock
            log.warning("copies that fell due could not be erased; it is tried again", kind=type(error).__name__)
            return RETRY_S
        return LONGEST_S if due_ms is None else min(LONGEST_S, max(0.0, (due_ms - self._now_ms()) / 1000.0))

    async def erase_due(self) -> None:
        """Erase every copy whose time has come. The ledger says so first: a crash between the two says it twice, never not at all."""
        for copy in await asyncio.to_thread(self._books.due, self._now_ms()):
            async with self._turn:
                gone = copying.erased(copy)
                act, what = _ending(gone)
                await self._write(gone, act, what, who=None, reason=None)
                if gone.unpermitted:
                    await self._unpermitted(_finding(gone, self._now_ms()))
                await asyncio.to_thread(self._books.put_copy, gone)

    async def tell_due(self) -> None:
        """Send each notice that is owed. What is erased is erased first; a crash between the two sends it at the next start."""
        now_ms = self._now_ms()
        for copy in await asyncio.to_thread(self._books.copies):
            if copy.unpermitted and not copy.told and copy.due_ms > now_ms - TOLD_MS:
                await self._tell(copy)
                await asyncio.to_thread(self._books.put_copy, msgspec.structs.replace(copy, told=True))

    async def forget(self, person_ids: Collection[str]) -> None:
        """Erase the copies about persons of whom nothing may be known any more; the ledger says so first, of each.

        Raises:
            LedgerUnavailableError: it could not be written down; what was not, is not erased, and whoever asked tries again.
        """
        for copy in await asyncio.to_thread(self._books.copies):
            if copy.person_id in person_ids and copy.status not in copying.GONE:
                async with self._turn:
                    gone = copying.erased(copy)
                    await self._write(gone, "erased", "copy:forgotten", who=None, reason=None)
                    await asyncio.to_thread(self._books.put_copy, gone)

    # -- parts ---------------------------------------------------------------------------------------------------

    async def _law(self, order_id: str) -> tuple[Held, Policy]:
        found = [one for one in await asyncio.to_thread(self._orders) if order_id in names_of(one.order_id)]
        policy = self._policy(found[0]) if found else None
        if policy is None:
            raise CopyError("There is no such order.")
        return held(order_id, found), policy

    async def _open(self, copy: Copy, order: Held, policy: Policy, officer: str) -> Opening:
        """Return what the gate opens. Where it stays closed, that somebody tried stands in the ledger too."""
        opening = past(officer, order, policy, copying.permission_of(copy), self._now_ms())
        if opening.scope is not Scope.HISTORY:
            closed = Closed.NO_PERMISSION if opening.closed is None else opening.closed
            await self._write(copy, "refused", f"history:{closed.value}", who=officer, reason=copy.reason)
            raise CopyError(_SHUT[opening.closed is Closed.OUTSIDE_ORDER])
        return opening

    async def _write(self, copy: Copy, act: str, what: str, *, who: str | None, reason: str | None) -> None:
        try:
            await self._ledger.append(
                Act(
                    at_ms=self._now_ms(),
                    act=act,
                    what=what,
                    purpose=Purpose.INVESTIGATION.value,
                    audience=Audience.INVESTIGATOR.value,
                    client=Client.SERVICE if who is None else Client.BROWSER,
                    who=None if who is None else Personal(who, who),
                    whose=(Personal(copy.person_id, copy.person_id),),
                    order=Personal(copy.order_id, copy.order_id),
                    recipient=Personal(copy.officer, copy.officer),
                    reason=None if reason is None else Personal(copy.order_id, reason),
                )
            )
        except LeafError as error:
            raise CopyError(str(error)) from None


def _what(opening: Opening) -> str:
    return "history" if opening.ground is None else f"history:{opening.ground.value}"


def _said(copy: Copy) -> str:
    """Return the reason as it stands in the ledger, with the court and its number where one decided."""
    given = copy.decision
    if given is None:
        return copy.reason
    return f"{copy.reason} ({given.court}, {given.number}; document sha256 {given.document}, seen by {given.by})"


def _ending(gone: Copy) -> tuple[str, str]:
    if gone.status is copying.Status.LAPSED:
        return "refused", "history:no_permission"
    return "erased", "copy:no_permission" if gone.unpermitted else "copy:ended"


def _finding(copy: Copy, now_ms: int) -> Finding:
    return Finding(kind=Unusual.NO_PERMISSION, viewer=copy.officer, pair_id=copy.copy_id, at_ms=now_ms, times=1)
