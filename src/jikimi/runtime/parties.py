"""Whom an incident concerns: from a pair or a person to parties, with the law they stand under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from jikimi.incidents.incident import Party
from jikimi.model.order import Order, Pair
from jikimi.model.register import CourtOrder, MeasureKind
from jikimi.orders.project import concerns, core_orders
from jikimi.runtime.hub import Hub

UNKNOWN: Final = "unknown"
"""Stands for a basis that the register does not know: then those go who go otherwise."""


def of_pair(hub: Hub, pair_id: str) -> Party | None:
    """Return the party of a pair under watch, without its bases; None where its order has ended."""
    pair = hub.pair(pair_id)
    order = None if pair is None else hub.order(pair.order_id)
    return None if pair is None or order is None else _party(pair.pair_id, order, pair.owner_id)


def of_person(hub: Hub, person_id: str) -> Iterator[Party]:
    """Yield the parties that an event of a person's device concerns: one an order that protects her, one a pair that binds him.

    An order without a tag has no pair; its own name stands for one.
    """
    for order in hub.orders_protecting(person_id):
        own = [pair for pair in hub.pairs_of_owner(person_id) if pair.order_id == order.order_id]
        yield _party(_first(own) if own else order.order_id, order, person_id)
    for pair in hub.pairs_binding(person_id):
        bound = hub.order(pair.order_id)
        if bound is not None and pair.place_id is None:
            yield _party(pair.pair_id, bound, pair.owner_id)


def of_order(hub: Hub, order: Order, protected_id: str) -> Party:
    """Return the party of an order of the core for one whom it protects: at her pair where she has one, else under the order's name."""
    own = [pair for pair in hub.pairs_of_owner(protected_id) if pair.monitored_id == order.monitored_id]
    return _party(_first(own) if own else order.order_id, order, protected_id)


def of_court_order(hub: Hub, order: CourtOrder, person_id: str | None) -> Party | None:
    """Return the party of an order of the register, also one that has ended or not begun; None where it protects nobody.

    Args:
        hub: the running core.
        order: the order.
        person_id: one of its persons, on either side; else its first ones stand for it.
    """
    stretches = [one for one in core_orders(order) if person_id in {None, one.monitored_id, *one.protected_ids}]
    if not stretches:
        return None
    stretch = next((one for one in stretches if hub.order(one.order_id) is not None), stretches[-1])
    return of_order(hub, stretch, person_id if person_id in stretch.protected_ids else stretch.protected_ids[0])


def at(party: Party, pair_id: str) -> Party:
    """Return the party at another of its pairs."""
    return msgspec.structs.replace(party, pair_id=pair_id)


def _first(pairs: list[Pair]) -> str:
    """Return the pair of the person herself before that of a place."""
    return min(pairs, key=lambda pair: (pair.place_id is not None, pair.pair_id)).pair_id


def _party(pair_id: str, order: Order, protected_id: str) -> Party:
    return Party(
        pair_id=pair_id,
        order_id=order.order_id,
        policy_id=order.policy_id,
        basis_id=UNKNOWN,
        tag_basis_id=None,
        monitored_id=order.monitored_id,
        protected_id=protected_id,
    )


def with_bases(party: Party, orders: Sequence[CourtOrder]) -> Party:
    """Return the party with the kinds of the order and of the one under which he wears his tag, out of the orders that bind him."""
    own = next((one for one in orders if any(core.order_id == party.order_id for core in core_orders(one))), None)
    tagged = [one for one in orders if _tags(one, party.monitored_id)]
    tag = own if own in tagged else next(iter(tagged), None)
    return msgspec.structs.replace(
        party,
        basis_id=own.basis_id if own is not None else UNKNOWN,
        tag_basis_id=tag.basis_id if tag is not None else None,
    )


def _tags(order: CourtOrder, person_id: str) -> bool:
    return any(one.kind is MeasureKind.MONITORING and concerns(one, person_id) for one in order.measures)
