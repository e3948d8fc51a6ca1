"""Meetings that are allowed: a hearing, work at the same site, a known overlap, a way between two places, each with its times.

A permission makes an alarm less urgent for those who would be sent. It hides nothing: tiers, her warnings and the desk's board stay
as they are, and at the order's own distance it counts for nothing at all.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from jikimi.core.zone import Shape
from jikimi.model.register import CourtOrder
from jikimi.model.zone import Polygon, Zone
from jikimi.orders.days import begin_ms, day_of
from jikimi.orders.project import Span
from jikimi.policy.zones import known_zones


class PermissionKind(enum.StrEnum):
    """Why they may be near each other."""

    HEARING = "hearing"
    WORK = "work"
    OVERLAP = "overlap"
    TRANSIT = "transit"
    """A corridor between two places, at its times."""


class Once(msgspec.Struct, frozen=True, kw_only=True, tag="once"):
    """From a day and time to a day and time, as the clock on the wall shows them."""

    from_day: dt.date
    from_time: dt.time
    until_day: dt.date
    until_time: dt.time


class Weekly(msgspec.Struct, frozen=True, kw_only=True, tag="weekly"):
    """On these days of the week (0 is Monday), from the first to the last day. An end before the beginning is on the next day."""

    weekdays: frozenset[int]
    from_time: dt.time
    until_time: dt.time
    first_day: dt.date
    last_day: dt.date


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """Where, and when, a monitored person may be although it is near.

    ``time_zone`` is the one of the place: a hearing at ten is at ten there. ``decided_by`` names the decision that allows it.
    """

    permission_id: str
    order_id: str
    monitored_id: str
    kind: PermissionKind
    zone: Zone
    when: Once | Weekly
    time_zone: str
    decided_by: str


class Dispatch(enum.StrEnum):
    """What those who would be sent do."""

    FULL = "full"
    DOWNGRADED = "downgraded"
    """Nobody is sent by the machine; the operator sees it as before and may send."""


class Seen(NamedTuple):
    """Where the monitored person is, as far as it is known now: degrees, whether seen live, least distance to her in metres."""

    latitude: float
    longitude: float
    live: bool
    low_m: float | None


MOST_YEARS: Final = (1970, 2199)
MOST_DAYS: Final = 3_660
LOOK_AHEAD_DAYS: Final = 28
GAP_MS: Final = 2 * 3_600_000
"""A corridor that leads nowhere within two hours has no gap; it simply ends."""


def dispatch(permissions: Iterable[Permission], now_ms: int, seen: Seen | None, order_m: float) -> tuple[Dispatch, str | None]:
    """Return what an alarm of his deserves, and the permission that makes it so.

    Args:
        permissions: those of the monitored person.
        now_ms: the moment.
        seen: where he is; None where that is unknown.
        order_m: the distance of the order. At it, or nearer, or at an unknown distance, no permission counts.
    """
    if seen is None or not seen.live or seen.low_m is None or seen.low_m <= order_m:
        return Dispatch.FULL, None
    for one in permissions:
        if _inside(one.zone, seen) and any(span.from_ms <= now_ms < span.until_ms for span in spans(one, now_ms, now_ms + 1)):
            return Dispatch.DOWNGRADED, one.permission_id
    return Dispatch.FULL, None


def _inside(zone: Zone, seen: Seen) -> bool:
    shape = Shape(zone)
    return shape.distance_m(shape.local(seen.latitude, seen.longitude)) == 0.0


def spans(permission: Permission, from_ms: int, until_ms: int) -> list[Span]:
    """Return the times of a permission that touch a span, oldest first."""
    zone = ZoneInfo(permission.time_zone)
    return [span for span in _all_spans(permission.when, zone, from_ms, until_ms) if span.from_ms < until_ms and from_ms < span.until_ms]


def _all_spans(when: Once | Weekly, zone: ZoneInfo, from_ms: int, until_ms: int) -> Iterator[Span]:
    if isinstance(when, Once):
        yield from _span(when.from_day, when.from_time, when.until_day, when.until_time, zone)
        return
    day = max(when.first_day, day_of(from_ms, zone) - dt.timedelta(days=2))
    while day <= min(when.last_day, day_of(until_ms, zone)):
        if day.weekday() in when.weekdays:
            end = day if when.from_time < when.until_time else day + dt.timedelta(days=1)
            yield from _span(day, when.from_time, end, when.until_time, zone)
        day += dt.timedelta(days=1)


def _span(from_day: dt.date, from_time: dt.time, until_day: dt.date, until_time: dt.time, zone: ZoneInfo) -> Iterator[Span]:
    # An hour that comes twice, or never, in the night when clocks change: the shorter reading, for it permits less.
    span = Span(max(_both(from_day, from_time, zone)), min(_both(until_day, until_time, zone)))
    if span.from_ms < span.until_ms:
        yield span


def _both(day: dt.date, time: dt.time, zone: ZoneInfo) -> list[int]:
    return [int(dt.datetime.combine(day, time.replace(fold=fold), zone).timestamp() * 1000) for fold in (0, 1)]


def refusals(permissions: Iterable[Permission], order: CourtOrder) -> list[str]:
    """Return a sentence for everything that keeps permissions from being entered; empty when they may be."""
    return list(dict.fromkeys(sentence for one in permissions for sentence in _refusals(one, order)))


def _refusals(one: Permission, order: CourtOrder) -> Iterator[str]:
    if one.order_id != order.order_id or one.monitored_id not in order.monitored_ids:
        yield "A permission belongs to this order, and to a person who must stay away under it."
    if one.time_zone not in known_zones():
        yield "A permission names the time zone of its place, such as Asia/Seoul."
    first, last = _days(one)
    if not (MOST_YEARS[0] <= first.year and last.year <= MOST_YEARS[1] and 0 <= (last - first).days <= MOST_DAYS):
        yield "A permission begins before it ends, between 1970 and 2199, and lasts ten years at most."
    if isinstance(one.when, Weekly) and not one.when.weekdays <= set(range(7)):
        yield "Days of the week are 0 (Monday) to 6 (Sunday)."
    if isinstance(one.zone, Polygon) and len(one.zone.corners) < 3:
        yield "An area has three corners at least."


class Flaw(enum.StrEnum):
    """What is doubtful about a schedule."""

    EMPTY = "empty"
    """It permits nothing at all."""
    OUTSIDE = "outside"
    """It permits something when the order is not in force."""
    OVERLAP = "overlap"
    """At one time he may be at two places that do not touch."""
    GAP = "gap"
    """Between a corridor and what it leads to, or comes from, some time is not permitted."""


class Doubt(NamedTuple):
    """One flaw: of which permissions, and from when until when it first shows."""

    flaw: Flaw
    permission_ids: tuple[str, ...]
    span: Span


def doubts(permissions: Sequence[Permission], order: Span) -> list[Doubt]:
    """Return what whoever enters a schedule must be asked, once each; looks four weeks ahead from the order's beginning."""
    ahead = Span(order.from_ms, order.from_ms + LOOK_AHEAD_DAYS * 86_400_000)
    found = [doubt for one in permissions for doubt in _alone(one, order)]
    times = {one.permission_id: spans(one, *ahead) for one in permissions}
    for one, other in combinations(permissions, 2):
        if one.monitored_id == other.monitored_id:
            found += _together(one, other, times)
    return found


def _alone(one: Permission, order: Span) -> Iterator[Doubt]:
    ever = spans(one, *_whole(one))
    if not ever:
        yield Doubt(Flaw.EMPTY, (one.permission_id,), order)
    outside = next((span for span in ever if span.from_ms < order.from_ms or span.until_ms > order.until_ms), None)
    if outside is not None:
        yield Doubt(Flaw.OUTSIDE, (one.permission_id,), outside)


def _whole(one: Permission) -> Span:
    """Return a span that holds all its times."""
    first, last = _days(one)
    zone = ZoneInfo(one.time_zone)
    return Span(begin_ms(first, zone), begin_ms(last + dt.timedelta(days=2), zone))


def _days(one: Permission) -> tuple[dt.date, dt.date]:
    return (one.when.from_day, one.when.until_day) if isinstance(one.when, Once) else (one.when.first_day, one.when.last_day)


def _together(one: Permission, other: Permission, times: dict[str, list[Span]]) -> Iterator[Doubt]:
    ids = (one.permission_id, other.permission_id)
    pairs = [(a, b) for a in times[one.permission_id] for b in times[other.permission_id]]
    both = next((Span(max(a.from_ms, b.from_ms), min(a.until_ms, b.until_ms)) for a, b in pairs if _meet(a, b)), None)
    if both is not None and not _touch(one.zone, other.zone):
        yield Doubt(Flaw.OVERLAP, ids, both)
    if PermissionKind.TRANSIT in {one.kind, other.kind} and both is None:
        gaps = [Span(min(a.until_ms, b.until_ms), max(a.from_ms, b.from_ms)) for a, b in pairs]
        gap = next((span for span in gaps if 0 < span.until_ms - span.from_ms <= GAP_MS), None)
        if gap is not None:
            yield Doubt(Flaw.GAP, ids, gap)


def _meet(a: Span, b: Span) -> bool:
    return a.from_ms < b.until_ms and b.from_ms < a.until_ms


def _touch(one: Zone, other: Zone) -> bool:
    """Whether two zones share a point, as far as their corners and centres tell."""
    a, b = Shape(one), Shape(other)
    return any(a.distance_m(a.local(*point)) <= b.radius_m for point in _points(other)) or any(
        b.distance_m(b.local(*point)) <= a.radius_m for point in _points(one)
    )


def _points(zone: Zone) -> Sequence[tuple[float, float]]:
    return zone.corners if isinstance(zone, Polygon) else [(zone.latitude, zone.longitude)]
