"""Is an order as long as its law allows? What an entry is refused for, and what somebody must settle.

What a court cannot have meant is refused with one sentence that names the latest lawful end, so that a slip of the pen costs a
minute and no protection. What it may have meant (a tag that ends on another day than the measure it serves) is entered and asked.
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from jikimi.model.durations import Basis, Durations, Extending, Limit
from jikimi.model.register import CourtOrder, Extension, Measure, MeasureKind
from jikimi.orders.days import last_day, latest_end_ms
from jikimi.orders.project import concerns

LATEST_MS: Final = 7_258_118_400_000
"""The beginning of 2200 (UTC): a later time is a slip of the pen, and calendars end somewhere."""

# A dot or a tilde would make it the name of a lane or a stretch of another order.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_AWAY = frozenset({MeasureKind.NO_APPROACH, MeasureKind.EXCLUSION})


class RefusedError(ValueError):
    """An entry is refused. ``sentences`` say what to mend, one each; they name nobody."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__(" ".join(sentences))


def entry_refusals(order: CourtOrder, durations: Durations) -> list[str]:
    """Return a sentence for everything that keeps an order from being entered; empty when it may be."""
    basis = durations.basis(order.basis_id)
    if basis is None:
        known = ", ".join(basis.basis_id for basis in durations.bases)
        return [f"The basis is not known under this policy; known are {known}."]
    return [*_party_refusals(order), *(one for measure in order.measures for one in _measure_refusals(measure, basis, durations))]


def _party_refusals(order: CourtOrder) -> Iterator[str]:
    protected = [one.person_id for one in order.protected]
    if any(_NAME.fullmatch(name) is None for name in (order.order_id, *(one.measure_id for one in order.measures))):
        yield "The names of an order and of its measures are made of letters, digits, _ and -, at most 64."
    if not order.monitored_ids or not order.measures:
        yield "An order names at least one person who must stay away, and at least one measure."
    if set(order.monitored_ids) & set(protected):
        yield "Nobody can be protected from himself: one person stands on both sides."
    if len(set(protected)) < len(protected) or len(set(order.monitored_ids)) < len(order.monitored_ids):
        yield "A person stands twice on one side."
    if len({measure.measure_id for measure in order.measures}) < len(order.measures):
        yield "Two measures have the same name."
    for measure in order.measures:
        if not (
            set(measure.monitored_ids) <= set(order.monitored_ids)
            and set(measure.protected_ids) <= set(protected)
            and set(measure.place_ids) <= {place.place_id for place in order.places}
        ):
            yield f"The measure {measure.kind} concerns a person or a place that the order does not name."
        if measure.kind in _AWAY and not protected:
            yield f"The measure {measure.kind} needs somebody whom it protects."


def _measure_refusals(measure: Measure, basis: Basis, durations: Durations) -> Iterator[str]:
    limit = limit_of(measure, basis)
    if limit is None:
        yield f"The basis {basis.basis_id} knows no measure {measure.kind}."
        return
    for name, metres in (("distance_m", measure.distance_m), ("alert_m", measure.alert_m)):
        if metres is not None and not 0.0 <= metres < math.inf:
            yield f"The {name} of the measure {measure.kind} must be a distance of 0 m or more."
    if not 0 <= measure.from_ms < LATEST_MS or (measure.until_ms is not None and not 0 <= measure.until_ms < LATEST_MS):
        yield f"The measure {measure.kind} begins or ends outside the years 1970 to 2199."
    elif measure.until_ms is None:
        if limit.most is not None:
            yield f"The measure {measure.kind} needs an end: {limit.most.source}"
    elif measure.until_ms <= measure.from_ms:
        yield f"The measure {measure.kind} ends before it begins."
    elif limit.most is not None and not measure.extensions:
        yield from _beyond(measure, latest_end_ms(measure.from_ms, limit.most, _zone(durations)), limit.most.source, durations)
    elif measure.extensions:
        yield from _extensions_refusals(measure, limit, durations)


def _extensions_refusals(measure: Measure, limit: Limit, durations: Durations) -> Iterator[str]:
    """Take the measure back to its first end, and grant its extensions one by one."""
    first = replace_end(measure, measure.extensions[0].from_ms, ())
    if limit.most is not None:
        yield from _beyond(first, latest_end_ms(first.from_ms, limit.most, _zone(durations)), limit.most.source, durations)
    for number, one in enumerate(measure.extensions):
        before = replace_end(measure, one.from_ms, measure.extensions[:number])
        yield from extension_refusals(before, one.until_ms, limit, durations)


def extension_refusals(measure: Measure, until_ms: int, limit: Limit, durations: Durations) -> list[str]:
    """Return a sentence for everything that keeps ``measure`` from being extended to ``until_ms``."""
    if measure.until_ms is None:
        return [f"The measure {measure.kind} has no end that could be moved."]
    if until_ms >= LATEST_MS:
        return [f"The measure {measure.kind} would end after the year 2199."]
    if until_ms <= measure.until_ms:
        return [f"An extension of the measure {measure.kind} must end later than the measure does now."]
    return _by_rule(measure, measure.until_ms, until_ms, limit, durations)


def latest_extension_ms(measure: Measure, basis_id: str, durations: Durations) -> int | None:
    """Return the latest end that one more extension may set, or None where none may be made."""
    basis = durations.basis(basis_id)
    limit = None if basis is None else limit_of(measure, basis)
    rule = None if limit is None else limit.extension
    if measure.until_ms is None or rule is None or (rule.times is not None and len(measure.extensions) >= rule.times):
        return None
    return _latest_extension(measure, measure.until_ms, rule, _zone(durations))[0]


def _by_rule(measure: Measure, end_ms: int, until_ms: int, limit: Limit, durations: Durations) -> list[str]:
    rule = limit.extension
    if rule is None:
        return [f"The measure {measure.kind} cannot be extended on this basis: {limit.most.source}"] if limit.most is not None else []
    if rule.times is not None and len(measure.extensions) >= rule.times:
        return [f"The measure {measure.kind} was extended as often as the law allows: {rule.source}"]
    latest_ms, source = _latest_extension(measure, end_ms, rule, _zone(durations))
    return list(_beyond(replace_end(measure, until_ms, measure.extensions), latest_ms, source, durations))


def _latest_extension(measure: Measure, end_ms: int, rule: Extending, zone: ZoneInfo) -> tuple[int, str]:
    ends = [(latest_end_ms(end_ms, rule.most, zone), rule.most.source)]
    if rule.total is not None:
        ends.append((latest_end_ms(measure.from_ms, rule.total, zone), rule.total.source))
    return min(ends)


def _beyond(measure: Measure, latest_ms: int, source: str, durations: Durations) -> Iterator[str]:
    if measure.until_ms is not None and measure.until_ms > latest_ms:
        day = last_day(latest_ms, _zone(durations))
        yield f"The measure {measure.kind} may last until the end of {day.isoformat()} at the latest: {source}"


def limit_of(measure: Measure, basis: Basis) -> Limit | None:
    """Return the limits of a measure under a basis; None where the basis knows no such measure."""
    return next((limit for limit in basis.limits if measure.kind in limit.measures), None)


def replace_end(measure: Measure, until_ms: int, extensions: tuple[Extension, ...]) -> Measure:
    """Return the measure with another end and these extensions."""
    return msgspec.structs.replace(measure, until_ms=until_ms, extensions=extensions)


def _zone(durations: Durations) -> ZoneInfo:
    return ZoneInfo(durations.time_zone)


class Mismatch(enum.StrEnum):
    """How a tag's end differs from the end of the measure it serves."""

    TAG_OUTLIVES = "tag_outlives"
    """He still wears a tag, and nobody may be shown where he is."""
    TAG_FALLS_SHORT = "tag_falls_short"
    """He must still stay away, and nobody sees whether he does."""


class EndMismatch(NamedTuple):
    """One monitored person whose tag and whose no-approach measure end at different moments; None is "no end"."""

    monitored_id: str
    mismatch: Mismatch
    tag_until_ms: int | None
    away_until_ms: int | None


def end_mismatches(order: CourtOrder) -> list[EndMismatch]:
    """Return whose tag outlives, or falls short of, what keeps him away."""
    found: list[EndMismatch] = []
    for monitored_id in order.monitored_ids:
        his = [measure for measure in order.measures if concerns(measure, monitored_id)]
        tags = [_end(measure) for measure in his if measure.kind is MeasureKind.MONITORING]
        aways = [_end(measure) for measure in his if measure.kind in _AWAY]
        if tags and aways and max(tags) != max(aways):
            kind = Mismatch.TAG_OUTLIVES if max(tags) > max(aways) else Mismatch.TAG_FALLS_SHORT
            found.append(EndMismatch(monitored_id, kind, _known(max(tags)), _known(max(aways))))
    return found


def _end(measure: Measure) -> float:
    return measure.until_ms if measure.until_ms is not None else math.inf


def _known(end_ms: float) -> int | None:
    return None if end_ms == math.inf else int(end_ms)
