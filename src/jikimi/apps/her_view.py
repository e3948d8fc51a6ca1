"""Her view of him: kept open by her, and opened to her by a person at the desk where her law leaves that to one."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.ports import Watch
from jikimi.apps.session import Names, Signed
from jikimi.disclosure.ledger.leaf import LeafError
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.model.access import Grant, Urgency
from jikimi.model.policy import MapView, Policy

_REFUSED: Final = "The policy of this order does not let the desk open his position to her."


class ReasonBody(msgspec.Struct, frozen=True):
    """Why somebody does something."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"\S")]


_reason_body = msgspec.json.Decoder(ReasonBody)


def may_show(policy: Policy) -> bool:
    """Return whether a person at the desk may open his position to her."""
    return policy.view.map_view is MapView.INSIDE_RING and policy.access.urgency is not Urgency.RULE


@post("/api/view/renew", status_code=204)
async def renew_view(signed: NamedDependency[Signed], watch: NamedDependency[Any]) -> None:
    """Take note that she still looks: her view stays open, or opens again, while the alarm lasts."""
    watch.renew_view(signed.subject)


@post("/api/pairs/{name:str}/show", status_code=204)
async def show_her(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    signed: NamedDependency[Signed],
    names: NamedDependency[Any],
    watch: NamedDependency[Any],
) -> None:
    """Open his position to her, while the alarm lasts and for as long as the policy says; who did it and why is written down first."""
    asked = await read_as(request, _reason_body, 'a JSON object with "reason"')
    await give_view(watch, names.of(signed).alias, name, signed.subject, asked.reason.strip())


async def give_view(watch: Watch, alias: Names, name: str, by: str, reason: str) -> None:
    """Open a view.

    Raises:
        RefusedError: this session knows no such pair, the policy leaves it to the ring, or it could not be written down.
    """
    pair_id = alias.pair_id(name)
    pair = None if pair_id is None else watch.pair(pair_id)
    if pair_id is None or pair is None:
        raise RefusedError(404, "pair_unknown")
    policy = watch.policy(pair.order_id)
    if not may_show(policy):
        raise RefusedError(409, "refused", _REFUSED)
    try:
        await watch.give_view(pair_id, Grant(by=by, reason=reason, until_ms=watch.now_ms() + int(policy.access.renew_s * 1000.0)))
    except LeafError as error:
        raise RefusedError(409, "refused", str(error)) from None
    except LedgerUnavailableError:
        raise RefusedError(503, "not_stored", "It could not be written down, so nothing was opened.", retry_after_s=2) from None
