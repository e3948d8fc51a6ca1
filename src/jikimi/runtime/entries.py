"""From a view that opened or closed to its entry in the ledger."""

from __future__ import annotations

from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.leaf import Act, Client, Personal
from jikimi.disclosure.viewer import QUIET, WATCHED
from jikimi.model.access import Grant, Purpose
from jikimi.model.order import Pair
from jikimi.model.record import Disclosed

CLOSED = "closed"
"""The scope under which a closing is recorded."""


def entry(record: Disclosed, pair: Pair | None) -> Act:
    """Return what is written down: whose screen, who sat in front of it, whose position, under which order, on what ground.

    A pair that is no longer watched leaves no order and nobody to name.
    """
    closed = record.scope == CLOSED
    return Act(
        at_ms=record.at_ms,
        act=CLOSED if closed else "consulted" if record.scope in {QUIET, WATCHED} else "disclosed",
        what="map" if closed else record.scope,
        purpose=record.purpose,
        audience=record.audience,
        client=Client.SERVICE if record.audience == Audience.RESPONDER else Client.BROWSER,
        who=Personal(record.recipient, record.recipient),
        whose=() if pair is None else tuple(Personal(one, one) for one in _shown(pair)),
        order=None if pair is None else Personal(pair.order_id, pair.order_id),
    )


def granted(at_ms: int, grant: Grant, pair: Pair | None) -> Act:
    """Return what is written down before a person at the desk opens his position to her: who, to whom, under which order, and why."""
    return Act(
        at_ms=at_ms,
        act="granted",
        what="view:operator",
        purpose=Purpose.OWN_SAFETY.value,
        audience=Audience.DESK.value,
        client=Client.BROWSER,
        who=Personal(grant.by, grant.by),
        whose=() if pair is None else (Personal(pair.monitored_id, pair.monitored_id),),
        order=None if pair is None else Personal(pair.order_id, pair.order_id),
        recipient=None if pair is None else Personal(pair.owner_id, pair.owner_id),
        reason=Personal(grant.by if pair is None else pair.order_id, grant.reason),
    )


def _shown(pair: Pair) -> tuple[str, ...]:
    """Return whose positions an open map of a pair shows: both persons', or his where a place stands in for her."""
    return (pair.monitored_id,) if pair.protected_id is None else (pair.monitored_id, pair.protected_id)
