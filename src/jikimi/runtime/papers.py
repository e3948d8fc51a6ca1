"""Her sealed papers beside a running server: kept, given back, and each entry of her diary with a line in the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from jikimi.apps.api import RefusedError
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.leaf import Act, Client, Personal
from jikimi.disclosure.ledger.ports import Ledger, LedgerUnavailableError
from jikimi.model.papers import ONCE, Paper
from jikimi.storage.papers import SqlPapers

MOST_BYTES: Final = 200_000_000
MOST_PAPERS: Final = 2_000
"""What one person may keep here."""


class PaperRoom:
    """Implements ``Papers``.

    Args:
        books: where papers are kept.
        ledger: where the time and the hash of an entry of a diary are written down.
        now_ms: the clock.
    """

    def __init__(self, books: SqlPapers, ledger: Ledger, now_ms: Callable[[], int]) -> None:
        self._books = books
        self._ledger = ledger
        self._now_ms = now_ms

    async def all_of(self, person_id: str) -> list[Paper]:
        """Return what a person keeps, without its content."""
        return await asyncio.to_thread(self._books.all_of, person_id)

    async def body(self, person_id: str, name: str) -> bytes | None:
        """Return the sealed bytes of one, or None."""
        return await asyncio.to_thread(self._books.body, person_id, name)

    async def drop(self, person_id: str, name: str) -> None:
        """Take one away."""
        await asyncio.to_thread(self._books.drop, person_id, name)

    async def write(self, person_id: str, paper: Paper, body: bytes, seal: str | None) -> Paper:
        """Write a paper; an entry of the diary only once the ledger holds its line.

        Raises:
            RefusedError: it cannot be written.
        """
        await asyncio.to_thread(self._check, person_id, paper, len(body))
        now_ms = self._now_ms()
        entry = None if seal is None else await self._sealed(person_id, seal, now_ms)
        whole = msgspec.structs.replace(paper, at_ms=now_ms, size=len(body), entry=entry)
        if not await asyncio.to_thread(self._books.write, person_id, whole, body):
            raise RefusedError(409, "changed", "It was changed elsewhere meanwhile: read it again first.")
        return whole

    def _check(self, person_id: str, paper: Paper, size: int) -> None:
        kept = self._books.all_of(person_id)
        before = next((one for one in kept if one.name == paper.name), None)
        if before is not None and (before.kind in ONCE or before.kind is not paper.kind):
            raise RefusedError(409, "once", "An entry of the diary is written once.")
        if paper.version != (0 if before is None else before.version) + 1:
            raise RefusedError(409, "changed", "It was changed elsewhere meanwhile: read it again first.")
        others = [one for one in kept if one.name != paper.name]
        if len(others) >= MOST_PAPERS or sum(one.size for one in others) + size > MOST_BYTES:
            raise RefusedError(409, "full", "There is no more room for her papers: take some away.")

    async def _sealed(self, person_id: str, seal: str, now_ms: int) -> int:
        """Write the line of an entry. The hash stands in it under a salt, so that nobody can try texts against the ledger."""
        hers = Personal(person_id, person_id)
        act = Act(
            at_ms=now_ms,
            act="sealed",
            what="diary:entry",
            purpose="own_record",
            audience=Audience.PROTECTED.value,
            client=Client.BROWSER,
            who=hers,
            whose=(hers,),
            reason=Personal(person_id, f"sha256 {seal}"),
        )
        try:
            return await self._ledger.append(act)
        except LedgerUnavailableError:
            raise RefusedError(503, "not_stored", "The entry could not be sealed; send it again.", retry_after_s=2) from None
