"""The terms beside a running server: who accepted which version, and whether the gate may open to her."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from jikimi.model.order import Order
from jikimi.model.terms import Terms
from jikimi.runtime.policies import of_variant
from jikimi.storage.acceptances import SqlAcceptances


class Core(Protocol):
    """What is asked of the running core."""

    def now_ms(self) -> int:
        """Return the time."""
        ...

    def orders_protecting(self, person_id: str) -> Sequence[Order]:
        """Return the orders that protect somebody."""
        ...

    def look_again(self, person_id: str) -> None:
        """Have her screens look again."""
        ...


class TermsRoom:
    """Terms and acceptances.

    Args:
        core: the running core.
        books: keep acceptances.
        tables: the terms valid now, by policy id.
    """

    def __init__(self, core: Core, books: SqlAcceptances, tables: Mapping[str, Terms]) -> None:
        self._core = core
        self._books = books
        self._tables = tables
        self._accepted = books.persons()

    def has_accepted(self, person_id: str) -> bool:
        """Return whether his position may be shown to her: she accepted terms once, or her law has none. A new version closes nothing."""
        return person_id in self._accepted or not self._terms(person_id)

    def _terms(self, person_id: str) -> list[Terms]:
        """Return the terms of her orders, each once."""
        found = (of_variant(self._tables, order.policy_id) for order in self._core.orders_protecting(person_id))
        return list({terms.policy_id: terms for terms in found if terms is not None}.values())

    async def asked(self, person_id: str) -> list[Terms]:
        """Return the terms that she did not accept in this version."""
        accepted = await asyncio.to_thread(self._books.of, person_id)
        return [terms for terms in self._terms(person_id) if (terms.policy_id, terms.version) not in accepted]

    async def accept(self, person_id: str, policy_id: str, version: str) -> bool:
        """Keep that she accepted what she is asked; her screens look again."""
        if not any((terms.policy_id, terms.version) == (policy_id, version) for terms in await self.asked(person_id)):
            return False
        await asyncio.to_thread(self._books.accept, person_id, policy_id, version, self._core.now_ms())
        self._accepted.add(person_id)
        self._core.look_again(person_id)
        return True
