"""What an act does to an order. Pure: the caller says when, and keeps what comes back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from jikimi.model.durations import Durations
from jikimi.model.register import Act, Consent, CourtOrder, Extension, Measure, Protected, Suspension
from jikimi.orders.duration import RefusedError, entry_refusals, extension_refusals, limit_of
from jikimi.orders.status import ENDED, after


def fitting(order: CourtOrder, act: Act) -> Act:
    """Return the act as the table knows it: an order that was extended goes on as extended."""
    if act is Act.RESUME and any(measure.extensions for measure in order.measures):
        return Act.RESUME_EXTENDED
    return act


def applied(order: CourtOrder, act: Act, at_ms: int) -> CourtOrder:
    """Return the order after an act that needs nothing but its time.

    Raises:
        NotAllowedError: the act does not fit the order's state.
        RefusedError: its time does not fit.
    """
    order = msgspec.structs.replace(order, status=after(order.status, act))
    if order.status in ENDED:
        return msgspec.structs.replace(order, ended_ms=at_ms)
    if act is Act.REQUEST:
        return msgspec.structs.replace(order, requested_ms=at_ms)
    if act is Act.SUSPEND:
        return msgspec.structs.replace(order, suspensions=(*order.suspensions, _suspension(order, at_ms)))
    if act in {Act.RESUME, Act.RESUME_EXTENDED}:
        return msgspec.structs.replace(order, suspensions=(*order.suspensions[:-1], _resumed(order.suspensions[-1], at_ms)))
    return order


def _suspension(order: CourtOrder, at_ms: int) -> Suspension:
    last = order.suspensions[-1].until_ms if order.suspensions else None
    if last is not None and at_ms < last:
        raise RefusedError(["The order was suspended at that time already; a later suspension begins after the earlier one."])
    return Suspension(from_ms=at_ms)


def _resumed(suspension: Suspension, at_ms: int) -> Suspension:
    if at_ms < suspension.from_ms:
        raise RefusedError(["The order cannot go on before it was suspended."])
    return msgspec.structs.replace(suspension, until_ms=at_ms)


def extended(order: CourtOrder, until: Mapping[str, int], at_ms: int, durations: Durations) -> CourtOrder:
    """Return the order with measures extended.

    Args:
        order: the order as it stands.
        until: the new end (exclusive, milliseconds) of each measure that is extended, by its name.
        at_ms: when that was decided.
        durations: the jurisdiction's.

    Raises:
        NotAllowedError: the order has ended, or has not begun.
        RefusedError: an end is not lawful, or no measure is named, or one that the order does not have.
    """
    status = after(order.status, Act.EXTEND)
    if not until or not set(until) <= {measure.measure_id for measure in order.measures}:
        raise RefusedError(["An extension names the measures it extends, by the names they have in the order."])
    refusals = [one for measure in order.measures if measure.measure_id in until for one in _refusals(order, measure, until, durations)]
    if refusals:
        raise RefusedError(refusals)
    measures = tuple(_longer(measure, until.get(measure.measure_id), at_ms) for measure in order.measures)
    return msgspec.structs.replace(order, status=status, measures=measures)


def _refusals(order: CourtOrder, measure: Measure, until: Mapping[str, int], durations: Durations) -> list[str]:
    basis = durations.basis(order.basis_id)
    limit = limit_of(measure, basis) if basis is not None else None
    if limit is None:
        return ["The basis of the order is not known under this policy any more."]
    return extension_refusals(measure, until[measure.measure_id], limit, durations)


def _longer(measure: Measure, until_ms: int | None, at_ms: int) -> Measure:
    if until_ms is None or measure.until_ms is None:
        return measure
    step = Extension(at_ms=at_ms, from_ms=measure.until_ms, until_ms=until_ms)
    return msgspec.structs.replace(measure, until_ms=until_ms, extensions=(*measure.extensions, step))


def shortened(order: CourtOrder, measure_id: str, at_ms: int) -> CourtOrder:
    """Return the order with one measure ended at ``at_ms``, before its time.

    Raises:
        NotAllowedError: the order has ended, or has not begun.
        RefusedError: it has no such measure, or that ends by then by itself.
    """
    status = after(order.status, Act.END_MEASURE)
    measure = next((one for one in order.measures if one.measure_id == measure_id), None)
    if measure is None or (measure.until_ms is not None and measure.until_ms <= at_ms):
        raise RefusedError(["The order has no measure of this name that would still run then."])
    ended = msgspec.structs.replace(measure, until_ms=max(at_ms, measure.from_ms))
    measures = tuple(ended if one is measure else one for one in order.measures)
    return msgspec.structs.replace(order, status=status, measures=measures)


def added(order: CourtOrder, measure: Measure, durations: Durations) -> CourtOrder:
    """Return the order with one more measure.

    Raises:
        NotAllowedError: the order has ended, or has not begun.
        RefusedError: the measure is not lawful on the order's basis.
    """
    longer = msgspec.structs.replace(order, status=after(order.status, Act.ADD_MEASURE), measures=(*order.measures, measure))
    refusals = set(entry_refusals(longer, durations)) - set(entry_refusals(order, durations))
    if refusals:
        raise RefusedError(sorted(refusals))
    return longer


def joined(order: CourtOrder, person_id: str, same_as: str) -> CourtOrder:
    """Return the order with a monitored person under the name of his other record.

    Raises:
        NotAllowedError: the order has ended.
    """
    measures = tuple(msgspec.structs.replace(one, monitored_ids=_renamed(one.monitored_ids, person_id, same_as)) for one in order.measures)
    monitored_ids = _renamed(order.monitored_ids, person_id, same_as)
    return msgspec.structs.replace(order, status=after(order.status, Act.JOIN), monitored_ids=monitored_ids, measures=measures)


def _renamed(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(new if name == old else name for name in names))


def answered(order: CourtOrder, person_id: str, consent: Consent) -> CourtOrder:
    """Return the order with a protected person's answer.

    Raises:
        NotAllowedError: the order has ended.
        RefusedError: the order does not protect this person.
    """
    if person_id not in {one.person_id for one in order.protected}:
        raise RefusedError(["The order does not protect this person."])
    protected = tuple(_answered(one, consent) if one.person_id == person_id else one for one in order.protected)
    return msgspec.structs.replace(order, status=after(order.status, Act.CONSENT), protected=protected)


def _answered(one: Protected, consent: Consent) -> Protected:
    return msgspec.structs.replace(one, consent=consent)


def living(order: CourtOrder) -> bool:
    """Whether the court has decided the order, and it has not ended."""
    return order.decided_ms is not None and order.status not in ENDED
