"""Who looked at her: her own page shows it to her, as the policy says."""

from __future__ import annotations

from typing import Any, Final, Protocol

import msgspec
from litestar import get
from litestar.di import NamedDependency

from jikimi.apps.session import Signed
from jikimi.disclosure.gate import Audience
from jikimi.model.access import Told

OTHERS: Final = frozenset({Audience.DESK.value, Audience.RESPONDER.value, Audience.INVESTIGATOR.value})
"""Whose looks are told to her: everybody's but her own."""


class HerLook(msgspec.Struct, frozen=True, kw_only=True):
    """One look: when, whose screen it was, what for, and who (None where the policy tells the office alone)."""

    at_ms: int
    office: str
    purpose: str
    name: str | None


class Looks(Protocol):
    """Reads the ledger for her."""

    async def looks_at(self, person_id: str, *, names: bool) -> list[HerLook]:
        """Return the newest looks at a person, newest first."""
        ...


@get("/api/looks")
async def her_looks(signed: NamedDependency[Signed], watch: NamedDependency[Any], looks: NamedDependency[Any]) -> list[HerLook]:
    """Return who looked at her: the office and its purpose, and the name only where every one of her orders' policies tells it."""
    orders = watch.orders_protecting(signed.subject)
    names = bool(orders) and all(watch.policy(order.order_id).access.her_told is Told.NAME for order in orders)
    found: list[HerLook] = await looks.looks_at(signed.subject, names=names)
    return found
