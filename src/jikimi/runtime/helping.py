"""Helpers beside a running server: invited by her with stated rights, each with a link of its own, ended when she says."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from typing import Final

import msgspec

from jikimi.apps.api import RefusedError
from jikimi.apps.helper import Remark, Shared
from jikimi.apps.helping import Inviting
from jikimi.apps.petition import Filed, FormNow, Given
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.leaf import Act, Client, Personal
from jikimi.disclosure.ledger.ports import Ledger, LedgerUnavailableError
from jikimi.model.papers import Allowed, Helper, Paper, PaperKind
from jikimi.runtime.courts import FilingRoom
from jikimi.runtime.papers import PaperRoom
from jikimi.storage.papers import SqlPapers

MOST_HELPERS: Final = 10
DAY_MS: Final = 86_400_000
_COUNT_BYTES: Final = 2


class HelpingRoom:
    """Implements ``Inviter`` and ``Helping``.

    Args:
        books: the papers and the helpers.
        papers: writes papers.
        filing: files petitions.
        ledger: where each invitation, its end and each filing is written down.
        now_ms: the clock.
        url: where the helpers' page is reached.
        number_of: the number of the police for a person.
    """

    def __init__(
        self,
        books: SqlPapers,
        papers: PaperRoom,
        filing: FilingRoom,
        ledger: Ledger,
        now_ms: Callable[[], int],
        url: str,
        number_of: Callable[[str], str],
    ) -> None:
        self._books = books
        self._papers = papers
        self._filing = filing
        self._ledger = ledger
        self._now_ms = now_ms
        self.url = url
        self._number_of = number_of

    # -- her side ------------------------------------------------------------------------------------------------

    async def helpers_of(self, person_id: str) -> list[Helper]:
        """Return whom a person invited and whose time is not over."""
        found = await asyncio.to_thread(self._books.helpers_of, person_id)
        return [one for one in found if one.until_ms > self._now_ms()]

    async def invite(self, person_id: str, asked: Inviting) -> Helper:
        """Invite somebody.

        Raises:
            RefusedError: there is no such petition, no more may be invited, or such a helper has fewer rights.
        """
        rules = {one.kind: one for one in (await self._filing.form(person_id)).form.helpers}
        rule = rules.get(asked.kind)
        if rule is None or (asked.allowed is Allowed.WRITE and not rule.may_write) or (asked.may_file and not rule.may_file):
            raise RefusedError(409, "not_allowed", "The rules do not give such a helper this right.")
        paper = await asyncio.to_thread(self._books.paper, person_id, asked.paper)
        if paper is None or paper.kind is not PaperKind.PETITION:
            raise RefusedError(404, "not_found")
        if len(await self.helpers_of(person_id)) >= MOST_HELPERS:
            raise RefusedError(409, "full", "There are ten helpers already: end one first.")
        now_ms = self._now_ms()
        helper = Helper(
            helper_id=secrets.token_hex(8),
            person_id=person_id,
            paper=asked.paper,
            kind=asked.kind,
            allowed=asked.allowed,
            may_file=asked.may_file,
            token_sha256=bytes.fromhex(asked.token_sha256),
            wrapped=asked.wrapped,
            made_ms=now_ms,
            until_ms=now_ms + asked.days * DAY_MS,
        )
        await self._write("invited", helper)
        await asyncio.to_thread(self._books.put_helper, helper)
        return helper

    async def end(self, person_id: str, helper_id: str) -> None:
        """End a helper: the session, the link, and the key that was wrapped for it.

        Raises:
            RefusedError: she has no such helper.
        """
        helper = await self._own(person_id, helper_id)
        await asyncio.to_thread(self._books.end_helper, helper_id)
        await self._write("ended", helper)

    async def sign(self, person_id: str, helper_id: str, content: str | None) -> None:
        """Release one content for filing by a helper, or take that back.

        Raises:
            RefusedError: she has no such helper, or that one may not file.
        """
        helper = await self._own(person_id, helper_id)
        if not helper.may_file:
            raise RefusedError(409, "not_allowed", "This helper may not file.")
        await self._write("signed" if content is not None else "unsigned", helper)
        await asyncio.to_thread(self._books.put_helper, msgspec.structs.replace(helper, signed=content))

    async def _own(self, person_id: str, helper_id: str) -> Helper:
        helper = await asyncio.to_thread(self._books.helper, helper_id)
        if helper is None or helper.person_id != person_id:
            raise RefusedError(404, "not_found")
        return helper

    # -- the helper's side ---------------------------------------------------------------------------------------

    async def helper(self, helper_id: str) -> Helper | None:
        """Return a helper whose time is not over, or None."""
        found = await asyncio.to_thread(self._books.helper, helper_id)
        return found if found is not None and found.until_ms > self._now_ms() else None

    async def stands(self, helper_id: str) -> bool:
        """Return whether a helper may still enter."""
        return await self.helper(helper_id) is not None

    async def open(self, token: bytes) -> str | None:
        """Exchange a link for a session, once; None where it opens nothing."""
        helper = await asyncio.to_thread(self._books.helper_by, hashlib.sha256(token).digest())
        if helper is None or helper.opened_ms is not None or helper.until_ms <= self._now_ms():
            return None
        await self._write("opened", helper, by=helper)
        return await asyncio.to_thread(self._books.exchange, msgspec.structs.replace(helper, opened_ms=self._now_ms()))

    def number(self, helper: Helper) -> str:
        """Return the number of the police."""
        return self._number_of(helper.person_id)

    async def shared(self, helper: Helper) -> Shared | None:
        """Return the sealed petition without the part that only her own key opens."""
        paper = await asyncio.to_thread(self._books.paper, helper.person_id, helper.paper)
        body = await self._papers.body(helper.person_id, helper.paper)
        if paper is None or body is None:
            return None
        return Shared(name=helper.paper, version=paper.version, wrapped=helper.wrapped, body=body[_head(body) :])

    async def write(self, helper: Helper, version: int, sealed: bytes) -> int:
        """Write the petition; what her own key opens stays as it is.

        Raises:
            RefusedError: it was changed meanwhile.
        """
        body = await self._papers.body(helper.person_id, helper.paper)
        if body is None:
            raise RefusedError(404, "not_found")
        paper = Paper(name=helper.paper, kind=PaperKind.PETITION, version=version, at_ms=0, size=0)
        return (await self._papers.write(helper.person_id, paper, body[: _head(body)] + sealed, None)).version

    async def comment(self, helper: Helper, sealed: bytes) -> None:
        """Keep a sealed comment beside the petition."""
        name = f"{helper.paper[:16]}{secrets.token_hex(8)}"
        paper = Paper(name=name, kind=PaperKind.COMMENT, version=1, at_ms=0, size=0)
        await self._papers.write(helper.person_id, paper, sealed, None)

    async def comments(self, helper: Helper) -> list[Remark]:
        """Return the sealed comments on the petition, the oldest first."""
        found = [one for one in await self._papers.all_of(helper.person_id) if _is_about(one, helper.paper)]
        bodies = [await self._papers.body(helper.person_id, one.name) for one in found]
        return [Remark(name=one.name, at_ms=one.at_ms, body=body) for one, body in zip(found, bodies, strict=True) if body is not None]

    async def form(self, helper: Helper) -> FormNow:
        """Return the form of her jurisdiction."""
        return await self._filing.form(helper.person_id)

    async def file(self, helper: Helper, given: Given) -> Filed:
        """File exactly what she signed, in her name.

        Raises:
            RefusedError: she signed nothing, or something else, or the helper may not file; or it cannot be filed.
        """
        if not helper.may_file or helper.signed != hashlib.sha256(given.whole).hexdigest():
            raise RefusedError(403, "not_signed", "She did not sign this. What was changed after her signature needs a new one.")
        await self._write("filing", helper, by=helper)
        return await self._filing.file(helper.person_id, given)

    async def _write(self, act: str, helper: Helper, by: Helper | None = None) -> None:
        """Write down what was done; the helper is named by the invitation, since the server knows no other name."""
        hers = Personal(helper.person_id, helper.person_id)
        name = Personal(helper.person_id, f"helper {helper.helper_id}")
        line = Act(
            at_ms=self._now_ms(),
            act=act,
            what=f"petition:{helper.kind}:{helper.allowed.value}",
            purpose="own_record",
            audience=(Audience.PROTECTED if by is None else Audience.HELPER).value,
            client=Client.BROWSER,
            who=hers if by is None else name,
            whose=(hers,),
            recipient=name if by is None else None,
        )
        try:
            await self._ledger.append(line)
        except LedgerUnavailableError:
            raise RefusedError(503, "not_stored", "It could not be written down. Try again.", retry_after_s=2) from None


def _head(body: bytes) -> int:
    """Return how long the part is that only her own key opens."""
    return _COUNT_BYTES + int.from_bytes(body[:_COUNT_BYTES])


def _is_about(paper: Paper, petition: str) -> bool:
    return paper.kind is PaperKind.COMMENT and paper.name.startswith(petition[:16])
