"""From an order in the register to rows of the outcome register: one for each person it protects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from jikimi.model.register import CourtOrder
from jikimi.orders.funnel import Funnel, steps
from jikimi.outcomes.row import OrderRow, rounded, season


def rows_of(order: CourtOrder, funnels: Iterable[Funnel], dropped: Mapping[str, str], *, time_zone: str, group: str) -> Iterator[OrderRow]:
    """Yield the rows of an order; none where no court has decided it.

    Args:
        order: as the register has it.
        funnels: how far it came for each whom it protects.
        dropped: why somebody declined or left, by person, where she said.
        time_zone: of the jurisdiction.
        group: which order's rows these are.
    """
    if order.decided_ms is None:
        return
    year, quarter = season(order.decided_ms, time_zone)
    of = {one.person_id: one for one in funnels}
    for one in order.protected:
        yield OrderRow(
            policy_id=order.policy_id,
            year=year,
            quarter=quarter,
            region=order.region,
            group=group,
            basis_id=order.basis_id,
            tagged=order.tagged,
            protecting_s=_protecting_s(of.get(one.person_id), order.decided_ms),
            status=order.status,
            took_part=one.consent.given,
            dropped_why=dropped.get(one.person_id),
        )


def _protecting_s(funnel: Funnel | None, decided_ms: int) -> int | None:
    """Return the time from the decision until every step was done; None while one is missing."""
    if funnel is None or not funnel.done.keys() >= set(steps(tagged=funnel.tagged)):
        return None
    return rounded(max(funnel.done.values()) - decided_ms)
