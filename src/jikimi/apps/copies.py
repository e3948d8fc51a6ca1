"""An investigator asks for a copy of positions of a past time, and reads it while a court's permission or an emergency stands.

The permission itself is recorded by somebody else, in oversight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Protocol

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.board import LabelBook
from jikimi.apps.session import Signed
from jikimi.disclosure.copying import Copy, CopyError
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.model.register import CourtOrder

_NAME = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an investigator asks for: whose positions under which order, of which time, why, and whether it cannot wait."""

    order_id: _NAME
    person_id: _NAME
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S")]
    from_ms: int
    to_ms: int
    emergency: bool = False


class Copies(Protocol):
    """Makes copies and gives them out; the gate decides, and the ledger says so first."""

    async def make(self, asked: Asked, officer: str) -> Copy:
        """Ask for a copy, or make it in an emergency."""
        ...

    async def read(self, copy_id: str, officer: str) -> bytes:
        """Return a copy's positions as JSON lines."""
        ...

    async def copies(self) -> Sequence[Copy]:
        """Return all copies, the newest first, without what is in them."""
        ...


class CopyBody(msgspec.Struct, frozen=True):
    """Which copy."""

    copy: _NAME


class OrderBody(msgspec.Struct, frozen=True):
    """Which order."""

    order: _NAME


class Named(msgspec.Struct, frozen=True):
    """Somebody whom an order names, and what she or he is called."""

    person: str
    name: str
    monitored: bool


_order_body = msgspec.json.Decoder(OrderBody)
_asked = msgspec.json.Decoder(Asked)
_copy_body = msgspec.json.Decoder(CopyBody)
_SHAPE = 'a JSON object with "order_id", "person_id", "reason", "from_ms", "to_ms" and "emergency"'


@get("/api/copies")
async def my_copies(signed: NamedDependency[Signed], copies: NamedDependency[Any]) -> list[Copy]:
    """Return the asker's own copies, the newest first, without what is in them."""
    return [one for one in await copies.copies() if one.officer == signed.subject]


@post("/api/copies/whom", status_code=200)
async def whom(request: Request[Any, Any, Any], office: NamedDependency[Any], labels: NamedDependency[LabelBook]) -> list[Named]:
    """Return whom an order names."""
    asked = await read_as(request, _order_body, 'a JSON object with "order"')
    try:
        order: CourtOrder = await office.ask(lambda clerk: clerk.order(asked.order))
    except LookupError:
        raise RefusedError(404, "order_unknown", "There is no order of that name.") from None
    await labels.learn({*order.monitored_ids, *order.protected_ids})
    named = [*((one, True) for one in order.monitored_ids), *((one, False) for one in order.protected_ids)]
    return [Named(person, labels.label(person) or person, monitored) for person, monitored in named]


@post("/api/copies", status_code=201)
async def make_copy(request: Request[Any, Any, Any], signed: NamedDependency[Signed], copies: NamedDependency[Any]) -> Copy:
    """Ask for a copy. In an emergency it is made at once, and erased when no permission is recorded in time."""
    asked = await read_as(request, _asked, _SHAPE)
    try:
        made: Copy = await copies.make(asked, signed.subject)
    except CopyError as error:
        raise RefusedError(409, "refused", str(error)) from None
    except LedgerUnavailableError:
        raise RefusedError(503, "not_stored", "It could not be written down, so nothing was read.", retry_after_s=2) from None
    return made


@post("/api/copies/read", status_code=200)
async def read_copy(request: Request[Any, Any, Any], signed: NamedDependency[Signed], copies: NamedDependency[Any]) -> Response[bytes]:
    """Return a copy's positions, one JSON object a line."""
    asked = await read_as(request, _copy_body, 'a JSON object with "copy"')
    try:
        data: bytes = await copies.read(asked.copy, signed.subject)
    except CopyError as error:
        raise RefusedError(409, "refused", str(error)) from None
    except LedgerUnavailableError:
        raise RefusedError(503, "not_stored", "It could not be written down, so nothing was read.", retry_after_s=2) from None
    return Response(data, media_type="application/x-ndjson")


ROUTES = (my_copies, whom, make_copy, read_copy)
