"""The terms that she accepts before she is shown where he is. They stand under what is said of him, and hide nothing.

A call for help, the alarm's sentence and its distance need no acceptance. A new version asks again and closes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any, Protocol

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.session import Signed
from jikimi.model.terms import Terms

_WORD = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Accepting(Protocol):
    """Keeps what she accepted."""

    def asked(self, person_id: str) -> Awaitable[list[Terms]]:
        """Return the terms of her orders in force that she did not accept in this version."""
        ...

    def accept(self, person_id: str, policy_id: str, version: str) -> Awaitable[bool]:
        """Keep that she accepted; False where that version is not what she is asked."""
        ...


class HerClause(msgspec.Struct, frozen=True):
    """A clause as her page reads it, by language tag."""

    title: dict[str, str]
    text: dict[str, str]
    source: str


class HerTerms(msgspec.Struct, frozen=True):
    """What she is asked to accept: the penalty first."""

    policy: str
    version: str
    clauses: list[HerClause]


class AcceptBody(msgspec.Struct, frozen=True):
    """Which version she accepts: the one that she was shown."""

    policy: _WORD
    version: _WORD


_accept_body = msgspec.json.Decoder(AcceptBody)


@get("/api/terms")
async def her_terms(signed: NamedDependency[Signed], accepting: NamedDependency[Any]) -> list[HerTerms]:
    """Return what she is asked to accept; nothing where she accepted it."""
    known: Accepting = accepting
    return [_told(terms) for terms in await known.asked(signed.subject)]


def _told(terms: Terms) -> HerTerms:
    clauses = (*terms.clauses[:2], terms.penalty, *terms.clauses[2:])
    return HerTerms(terms.policy_id, terms.version, [HerClause(one.title, one.text, one.source) for one in clauses])


@post("/api/terms", status_code=204)
async def accept_terms(request: Request[Any, Any, Any], signed: NamedDependency[Signed], accepting: NamedDependency[Any]) -> None:
    """Take her acceptance: version and time are written down before this answers."""
    asked = await read_as(request, _accept_body, 'a JSON object with "policy" and "version"')
    known: Accepting = accepting
    if not await known.accept(signed.subject, asked.policy, asked.version):
        raise RefusedError(409, "refused", "These are not the terms that are asked now: read the newest ones.")


ROUTES = (her_terms, accept_terms)
