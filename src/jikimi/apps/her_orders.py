"""What a protected person is told of her orders: what they impose, until when, and what she answered. No name, no distance."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import structlog

from jikimi.apps.ports import Office
from jikimi.model.order import Order
from jikimi.model.register import CourtOrder, MeasureKind
from jikimi.orders.project import NEVER_MS, core_orders

log = structlog.get_logger()


class HerMeasure(msgspec.Struct, frozen=True):
    """One measure that runs; ``until_ms`` is None where it runs until the court ends it."""

    kind: MeasureKind
    until_ms: int | None


class HerOrder(msgspec.Struct, frozen=True):
    """One order in force. ``tagged``: whether a position exists at all; ``given``: what she answered, None until she did."""

    tagged: bool
    given: bool | None
    measures: list[HerMeasure]


async def her_orders(office: Office, told: Sequence[Order], person_id: str, now_ms: int) -> list[HerOrder]:
    """Return her orders.

    Args:
        office: the register of orders.
        told: what the core goes by for her now; the truth, should the books be out of reach.
        person_id: who she is.
        now_ms: the time.
    """
    try:
        kept = await office.ask(lambda clerk: clerk.protecting(person_id))
    except Exception as error:  # noqa: BLE001 - whatever the fault of the books: her page needs the emergency number all the same
        log.warning("the register of orders is out of reach", kind=type(error).__name__)
        kept = []
    names = {one.order_id for one in told}
    by_name = {name: order for order in kept for name in _names(order) & names}
    found = {by_name[name].order_id: _of(by_name[name], person_id, told, now_ms) for name in names & by_name.keys()}
    return [found[name] for name in sorted(found)] + [_plain(one) for one in told if one.order_id not in by_name]


def _names(order: CourtOrder) -> set[str]:
    return {one.order_id for one in core_orders(order)}


def _of(order: CourtOrder, person_id: str, told: Sequence[Order], now_ms: int) -> HerOrder:
    names = _names(order)
    running = [one for one in order.measures if one.from_ms <= now_ms and (one.until_ms is None or now_ms < one.until_ms)]
    tagged = any(one.tagged for one in told if one.order_id in names)
    return HerOrder(tagged, order.takes_part(person_id), [HerMeasure(one.kind, one.until_ms) for one in running])


def _plain(order: Order) -> HerOrder:
    until_ms = None if order.until_ms >= NEVER_MS else order.until_ms
    return HerOrder(order.tagged, None, [HerMeasure(MeasureKind.NO_APPROACH, until_ms)])
