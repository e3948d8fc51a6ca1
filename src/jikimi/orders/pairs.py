"""From an order to the pairs the core watches."""

from __future__ import annotations

import hashlib
from typing import Protocol

from jikimi.model.order import Order, Pair, Place
from jikimi.model.policy import PairRules, Policy


class Resolve(Protocol):
    """How numbers come from a policy and an order; ``jikimi.policy.resolve.pair_rules`` is one."""

    def __call__(self, policy: Policy, order: Order, *, place: bool) -> PairRules:
        """Return the rules for one pair of ``order``."""
        ...


def pairs_of(order: Order, policy: Policy, resolve: Resolve) -> list[Pair]:
    """Return every pair ``order`` asks for; none where the order carries no tag.

    One pair for each protected person, unless the order is about places only, and one for each place and protected person:
    whoever is protected by the order hears of an alarm at any of its places. The same order always gives the same ids in the
    same sequence.

    Raises:
        ValueError: a distance of the order cannot be judged.
    """
    if not order.tagged:
        return []
    owners = list(dict.fromkeys(order.protected_ids))
    in_person = resolve(policy, order, place=False)
    pairs = [_with_person(order, owner, in_person) for owner in owners] if order.in_person else []
    if order.places:
        at_place = resolve(policy, order, place=True)
        pairs += [_with_place(order, owner, place, at_place) for place in order.places for owner in owners]
    return pairs


def _with_person(order: Order, owner_id: str, rules: PairRules) -> Pair:
    return Pair(
        pair_id=pair_id(order.order_id, order.monitored_id, owner_id, None),
        order_id=order.order_id,
        monitored_id=order.monitored_id,
        owner_id=owner_id,
        protected_id=owner_id,
        rules=rules,
    )


def _with_place(order: Order, owner_id: str, place: Place, rules: PairRules) -> Pair:
    return Pair(
        pair_id=pair_id(order.order_id, order.monitored_id, owner_id, place.place_id),
        order_id=order.order_id,
        monitored_id=order.monitored_id,
        owner_id=owner_id,
        place_id=place.place_id,
        zone=place.zone,
        rules=rules,
    )


def pair_id(order_id: str, monitored_id: str, owner_id: str, place_id: str | None) -> str:
    """Return the pair's name: 24 hexadecimal digits that tell a reader nothing and are the same after every start.

    Every part is preceded by its length, so that no two different pairs can be written alike.
    """
    digest = hashlib.sha256(b"jikimi pair 1")
    for part in (order_id, monitored_id, owner_id, place_id):
        digest.update(b"-" if part is None else _counted(part))
    return digest.hexdigest()[:24]


def _counted(part: str) -> bytes:
    data = part.encode()
    return b"%d:%b" % (len(data), data)
