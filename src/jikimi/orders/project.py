"""What the decision core is told of a court's order.

The core reads ``model.order.Order``: one monitored person, one distance, one span, with or without a tag. A court's order has
measures that begin and end on days of their own. So it is cut twice:

- into *lanes*: one for each monitored person and each measure that keeps him away (its distance, its persons, its places). An
  order that keeps nobody away, but forbids contact, is one lane without a tag: her app works, and says that no position exists;
- each lane into *stretches*: cut where the lane's measure is suspended, and where his tag begins and ends.

Every stretch carries its end. So the core stops by itself when a measure ends, however late anybody else may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from jikimi.model.order import Order
from jikimi.model.register import CourtOrder, Measure, MeasureKind, Protected, Status
from jikimi.orders.calendar import in_force

NEVER_MS: Final = 253_402_300_800_000
"""The end of the year 9999 (UTC): what the core is told where a measure runs until the court ends it."""

_AWAY: Final = frozenset({MeasureKind.NO_APPROACH, MeasureKind.EXCLUSION})


class Span(NamedTuple):
    """From (inclusive) to (exclusive), milliseconds."""

    from_ms: int
    until_ms: int


class _Lane(NamedTuple):
    monitored_id: str
    measures: tuple[Measure, ...]


def orders_in_force(orders: Iterable[CourtOrder], now_ms: int) -> list[Order]:
    """Return what the core is to judge by at ``now_ms``."""
    return in_force((stretch for order in orders for stretch in core_orders(order)), now_ms)


def core_orders(order: CourtOrder) -> list[Order]:
    """Return every stretch of an order, past, present and future; none of a draft that no court has decided.

    A stretch keeps its name when later ones change: the n-th lane is ``<order>.n`` (the first just ``<order>``), its n-th
    stretch has ``~n`` behind it from the second on.
    """
    if (order.status is Status.DRAFTED and order.decided_ms is None) or not order.protected:
        return []
    return [stretch for number, lane in enumerate(_lanes(order), start=1) for stretch in _stretches(order, lane, number)]


def _lanes(order: CourtOrder) -> list[_Lane]:
    lanes: list[_Lane] = []
    for monitored_id in order.monitored_ids:
        his = [measure for measure in order.measures if concerns(measure, monitored_id)]
        away = [measure for measure in his if measure.kind in _AWAY]
        rest = tuple(measure for measure in his if measure.kind is not MeasureKind.MONITORING)
        lanes += [_Lane(monitored_id, (measure,)) for measure in away]
        if not away and rest:
            lanes.append(_Lane(monitored_id, rest))
    return lanes


def concerns(measure: Measure, monitored_id: str) -> bool:
    """Whether a measure binds this person: every one of the order, unless it names some."""
    return not measure.monitored_ids or monitored_id in measure.monitored_ids


def _stretches(order: CourtOrder, lane: _Lane, lane_number: int) -> list[Order]:
    name = order.order_id if lane_number == 1 else f"{order.order_id}.{lane_number}"
    tag = union(tag_spans(order, lane.monitored_id)) if lane.measures[0].kind in _AWAY else []
    spans = _cut(union(span for measure in lane.measures for span in holding(order, measure)), tag)
    return [
        _stretch(order, lane, name if number == 1 else f"{name}~{number}", span, tagged=_within(span, tag))
        for number, span in enumerate(spans, start=1)
    ]


def _stretch(order: CourtOrder, lane: _Lane, name: str, span: Span, *, tagged: bool) -> Order:
    measure = lane.measures[0]
    persons = [one for one in order.protected if not measure.protected_ids or one.person_id in measure.protected_ids]
    willing = [one for one in persons if one.consent.given is not False]
    return Order(
        order_id=name,
        policy_id=order.policy_id,
        monitored_id=lane.monitored_id,
        protected_ids=_ids(willing or persons),
        places=tuple(place for place in order.places if not measure.place_ids or place.place_id in measure.place_ids),
        distance_m=measure.distance_m,
        alert_m=measure.alert_m,
        from_ms=span.from_ms,
        until_ms=span.until_ms,
        legal_basis=order.legal_basis,
        tagged=tagged,
        # A zone keeps him from places, not from her. And who declined is not followed; her places stay protected.
        in_person=bool(willing) and measure.kind is not MeasureKind.EXCLUSION,
    )


def _ids(persons: Sequence[Protected]) -> tuple[str, ...]:
    return tuple(one.person_id for one in persons)


def tag_spans(order: CourtOrder, monitored_id: str) -> list[Span]:
    """Return when this person wears a tag under this order."""
    return [
        span
        for measure in order.measures
        if measure.kind is MeasureKind.MONITORING and concerns(measure, monitored_id)
        for span in holding(order, measure)
    ]


def holding(order: CourtOrder, measure: Measure) -> list[Span]:
    """Return when a measure holds: its time, less suspensions, and not beyond the end of the order."""
    until_ms = measure.until_ms if measure.until_ms is not None else NEVER_MS
    if order.ended_ms is not None:
        until_ms = min(until_ms, order.ended_ms)
    spans: list[Span] = []
    begin_ms = measure.from_ms
    for pause in order.suspensions:
        spans.append(Span(begin_ms, min(pause.from_ms, until_ms)))
        begin_ms = max(begin_ms, pause.until_ms if pause.until_ms is not None else NEVER_MS)
    spans.append(Span(begin_ms, until_ms))
    return [span for span in spans if span.from_ms < span.until_ms]


def union(spans: Iterable[Span]) -> list[Span]:
    """Return times in order, those that overlap or touch as one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.from_ms <= joined[-1].until_ms:
            joined[-1] = Span(joined[-1].from_ms, max(joined[-1].until_ms, span.until_ms))
        else:
            joined.append(span)
    return joined


def _cut(spans: Iterable[Span], at: Iterable[Span]) -> list[Span]:
    """Cut ``spans`` wherever one of ``at`` begins or ends."""
    edges = {edge for span in at for edge in span}
    pieces: list[Span] = []
    for span in spans:
        cuts = [span.from_ms, *sorted(edge for edge in edges if span.from_ms < edge < span.until_ms), span.until_ms]
        pieces += [Span(a, b) for a, b in pairwise(cuts)]
    return pieces


def _within(span: Span, spans: Iterable[Span]) -> bool:
    return any(one.from_ms <= span.from_ms and span.until_ms <= one.until_ms for one in spans)
