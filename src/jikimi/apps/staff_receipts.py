"""What the desk's own pages say of notices to staff: shown, and seen when somebody puts one away.

A notice counts as shown only on the screen of whom it is for. That an operator saw what the police were told is no word of theirs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency

from jikimi.apps.api import read_as
from jikimi.apps.push import ReceiptBody
from jikimi.apps.rights import Staff
from jikimi.apps.session import Signed
from jikimi.delivery.message import Receipt, Step
from jikimi.identity.roles import Right

SUPERVISOR: Final = "supervisor"
_receipt = msgspec.json.Decoder(ReceiptBody)


class StaffReceipts:
    """Takes receipts of the desk.

    Args:
        recipient: returns to whom a notice goes, by its key, or None for a notice that nobody knows.
        receive: takes receipts: the outbox's runner.
        now_ms: the clock.
    """

    def __init__(
        self, recipient: Callable[[str], Awaitable[str | None]], receive: Callable[[Receipt], None], now_ms: Callable[[], int]
    ) -> None:
        self._recipient = recipient
        self._receive = receive
        self._now_ms = now_ms

    async def take(self, body: ReceiptBody, subject: str, rights: frozenset[Right]) -> None:
        """Take word of a notice, if it is for whoever says so."""
        own = {subject, *((SUPERVISOR,) if {Right.DECIDE_LINKS, Right.ACT_ON_INCIDENTS} <= rights else ())}
        if await self._recipient(body.key) in own:
            self._receive(Receipt(key=body.key, step=Step(body.step), at_ms=self._now_ms(), from_device=True))


@post("/api/receipts", status_code=204)
async def staff_receipt(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], staff_receipts: NamedDependency[Any], staff: NamedDependency[Any]
) -> None:
    """Take word of how far a notice to staff came. The same word again changes nothing."""
    asked = await read_as(request, _receipt, 'a JSON object with "key" and "step": delivered, shown or seen')
    known: Staff = staff
    await staff_receipts.take(asked, signed.subject, await known.rights(signed.subject))
