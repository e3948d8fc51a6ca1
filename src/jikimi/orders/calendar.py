"""Which orders are in force, and when that changes next. Pure: the caller says what time it is."""

from __future__ import annotations

from collections.abc import Iterable

from jikimi.model.order import Order


def in_force(orders: Iterable[Order], now_ms: int) -> list[Order]:
    """Return the orders in force at ``now_ms``, as given: from their first millisecond until just before their last."""
    return [order for order in orders if order.from_ms <= now_ms < order.until_ms]


def next_change_ms(orders: Iterable[Order], now_ms: int) -> int | None:
    """Return the next moment after ``now_ms`` at which ``in_force`` gives another answer, or None if never."""
    edges = (edge for order in orders if order.from_ms < order.until_ms for edge in (order.from_ms, order.until_ms))
    return min((edge for edge in edges if edge > now_ms), default=None)
