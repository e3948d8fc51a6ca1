"""When time alone changes an order, and how. Found by its dates, met in sequence, never looked for by luck."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from jikimi.model.durations import Durations
from jikimi.model.register import CourtOrder, Measure, Status
from jikimi.orders.acts import living
from jikimi.orders.days import days_before_ms
from jikimi.orders.dossier import Dossier

HOUR_MS: Final = 3_600_000


class What(enum.IntEnum):
    """What a moment brings. Of two at one time the lower comes first: what ends an order comes last."""

    COMMENCE = 1
    NOTICE = 2
    END_MEASURE = 3
    PLANNED = 4
    LAPSE = 5
    EXPIRE = 6


class Moment(NamedTuple):
    """One moment: when, what, its name, and the measure (or the planned act's place) it is about."""

    at_ms: int
    what: What
    name: str
    measure_id: str | None = None
    planned: int | None = None


def next_moment(dossier: Dossier, durations: Durations) -> Moment | None:
    """Return the first moment that was not met yet; None where time changes nothing any more."""
    return min((moment for moment in _moments(dossier, durations) if moment.name not in dossier.met), default=None)


def _moments(dossier: Dossier, durations: Durations) -> Iterator[Moment]:
    order = dossier.order
    if not living(order):
        return
    if order.status is Status.DRAFTED:
        yield Moment(order.from_ms, What.COMMENCE, "commence")
        return
    for number, planned in enumerate(dossier.planned):
        yield Moment(planned.at_ms, What.PLANNED, f"planned {number}", planned=number)
    for measure in order.measures:
        yield from _of_measure(measure, order, durations)
    lapse_ms = lapse_at_ms(order, durations)
    if lapse_ms is not None and order.requested_ms is None:
        yield Moment(lapse_ms, What.LAPSE, "lapse")
    if order.until_ms is not None:
        yield Moment(order.until_ms, What.EXPIRE, "expire")


def _of_measure(measure: Measure, order: CourtOrder, durations: Durations) -> Iterator[Moment]:
    if measure.until_ms is None:
        return
    end = f"{measure.measure_id} {measure.until_ms}"
    notice_ms = days_before_ms(measure.until_ms, durations.notice.days, ZoneInfo(durations.time_zone))
    yield Moment(notice_ms, What.NOTICE, f"notice {end}", measure.measure_id)
    if measure.until_ms != order.until_ms:
        yield Moment(measure.until_ms, What.END_MEASURE, f"end {end}", measure.measure_id)


def lapse_at_ms(order: CourtOrder, durations: Durations) -> int | None:
    """Return when the order is cancelled for want of a request; None where its basis asks for none."""
    basis = durations.basis(order.basis_id)
    return order.from_ms + basis.request.hours * HOUR_MS if basis is not None and basis.request is not None else None
