"""A notice to staff counts as shown on the screen of whom it is for, and nobody else's word ends the search for a channel."""

from __future__ import annotations

import asyncio

import pytest

from jikimi.apps.push import ReceiptBody
from jikimi.apps.staff_receipts import StaffReceipts
from jikimi.delivery.message import Receipt
from jikimi.identity.roles import RIGHTS, Role


@pytest.mark.parametrize(
    ("recipient", "role", "counts"),
    [
        ("kim", Role.OPERATOR, True),
        ("lee", Role.OPERATOR, False),
        ("supervisor", Role.OPERATOR, False),
        ("supervisor", Role.SUPERVISOR, True),
        ("police", Role.SUPERVISOR, False),
        (None, Role.SUPERVISOR, False),
    ],
)
def test_whose_word_counts(recipient: str | None, role: Role, counts: bool) -> None:
    heard: list[Receipt] = []

    async def known(_key: str) -> str | None:
        return recipient

    desk = StaffReceipts(known, heard.append, lambda: 5)
    asyncio.run(desk.take(ReceiptBody("0" * 24, "shown"), "kim", RIGHTS[role]))
    assert [(one.from_device, one.at_ms) for one in heard] == ([(True, 5)] if counts else [])
