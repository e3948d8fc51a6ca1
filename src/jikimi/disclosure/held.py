"""An order with all the time in which it held, as the register has it: what of the past may be read because of it.

The core is told of an order in stretches, one after each suspension, and of each person whom it keeps away in a lane. What lies
between two stretches is no time of the order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from jikimi.model.order import Order
from jikimi.orders.project import Span, union


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """When an order held.

    Attributes:
        order_id: the order.
        monitored: whom of those it keeps away.
        spans: for each person whom it names, when it held for her or him: in order, none touching the next.
    """

    order_id: str
    monitored: frozenset[str]
    spans: Mapping[str, tuple[Span, ...]]

    def within(self, person_id: str, from_ms: int, until_ms: int) -> tuple[Span, ...]:
        """Return the pieces of a time in which the order held for somebody."""
        cut = (Span(max(one.from_ms, from_ms), min(one.until_ms, until_ms)) for one in self.spans.get(person_id, ()))
        return tuple(one for one in cut if one.from_ms < one.until_ms)


def held(order_id: str, stretches: Collection[Order]) -> Held:
    """Return when an order held, from its stretches; never, where it has none."""
    found: dict[str, list[Span]] = {}
    for one in stretches:
        for person_id in (one.monitored_id, *one.protected_ids):
            found.setdefault(person_id, []).append(Span(one.from_ms, one.until_ms))
    return Held(order_id=order_id, monitored=_monitored(stretches), spans={name: tuple(union(spans)) for name, spans in found.items()})


def _monitored(stretches: Iterable[Order]) -> frozenset[str]:
    return frozenset(one.monitored_id for one in stretches)
