"""What an act at a court takes from whom an order protects. Pure.

Whatever takes something needs two accounts of the court; what protects as much as before, or more, is one judge's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from jikimi.model.register import CourtOrder, Measure, MeasureKind

_DAY_MS: Final = 86_400_000
"""A decision that was drafted before midnight is as long as the law allows after it, too."""

Longest = Callable[[MeasureKind], int | None]
"""Gives the latest end that the law allows for a measure that begins now, or None where it sets none."""


class Loss(NamedTuple):
    """Measures of an order in force that end or get weaker, by their names."""

    order_id: str
    measures: tuple[str, ...]


def running(order: CourtOrder, now_ms: int) -> list[Measure]:
    """Return the measures of an order that hold now, or will."""
    return [one for one in order.measures if one.until_ms is None or one.until_ms > now_ms]


def whole(order: CourtOrder | None, now_ms: int) -> Loss | None:
    """Return what is lost when an order ends; None where none holds."""
    return None if order is None else Loss(order.order_id, tuple(one.measure_id for one in running(order, now_ms)))


def replaced(before: CourtOrder | None, order: CourtOrder, longest: Longest, now_ms: int) -> Loss | None:
    """Return what is lost when ``order`` takes the place of the one before; None where nothing is.

    An interim order has no end of its own; what takes its place holds as long as the law allows, or somebody loses by it.
    """
    if before is None:
        return None
    lost = tuple(one.measure_id for one in running(before, now_ms) if not any(_covers(new, one, longest) for new in order.measures))
    return Loss(before.order_id, lost) if lost else None


def _covers(new: Measure, old: Measure, longest: Longest) -> bool:
    return new.kind is old.kind and _as_far(new, old) and _as_long(new, old, longest)


def _as_far(new: Measure, old: Measure) -> bool:
    return old.distance_m is None or (new.distance_m is not None and new.distance_m >= old.distance_m)


def _as_long(new: Measure, old: Measure, longest: Longest) -> bool:
    if new.until_ms is None:
        return True
    end_ms = old.until_ms if old.until_ms is not None else longest(old.kind)
    return end_ms is not None and new.until_ms >= end_ms - (0 if old.until_ms is not None else _DAY_MS)
