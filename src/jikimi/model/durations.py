"""How long a law lets each kind of order last, and how soon each step towards protection must be done: data, with sources."""

from __future__ import annotations

import datetime as dt

import msgspec

from jikimi.model.register import MeasureKind


class Length(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A length of calendar time: ``months`` or ``days``, one of the two.

    ``first_day_counts``: whether the day on which it begins is its first day (then a month from 15 March ends with 14 April), or the
    day after is (then with 15 April).
    """

    months: int | None = None
    days: int | None = None
    first_day_counts: bool = True
    source: str


class Extending(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a measure may be extended.

    Attributes:
        times: how often; None where the law sets no number.
        most: the longest single extension, from the end before it.
        total: the longest time in all, from the measure's beginning; None where the law sets none.
        source: where the number of times comes from.
    """

    times: int | None = None
    most: Length
    total: Length | None = None
    source: str


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long these kinds of measure may last under one basis.

    ``most`` is None where they last until the court ends them; then ``until_ended`` says by which rule.
    """

    measures: tuple[MeasureKind, ...]
    most: Length | None = None
    until_ended: str | None = None
    extension: Extending | None = None


class RequestWithin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order that is cancelled unless a judge's approval is requested within these hours of its beginning."""

    hours: int
    source: str


class Basis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of order a jurisdiction knows.

    ``title`` is by language tag. ``limits`` also say which measures this kind of order may impose.
    """

    basis_id: str
    title: dict[str, str]
    article: str
    limits: tuple[Limit, ...]
    request: RequestWithin | None = None


class Within(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time within which something must be done, in minutes, and its source."""

    minutes: float
    source: str


class Clocks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How soon each thing must be done.

    Attributes:
        notified, fitted, paired, first_fix, drill_done: steps from the order to protection, each from the step before it.
        reporting: how soon a device must be heard after it was given to somebody.
        link: how soon a proposed link between two records must be decided.
        ends: how soon somebody must settle that a tag and its measure end on different days.
        declined: how soon the protecting officer must answer when a protected person declines or leaves.
        silent: how soon somebody must find out why a device does not report.
    """

    notified: Within
    fitted: Within
    paired: Within
    first_fix: Within
    drill_done: Within
    reporting: Within
    link: Within
    ends: Within
    declined: Within
    silent: Within


class NoticeAhead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days before a measure ends its end becomes somebody's task."""

    days: int
    source: str


class Durations(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One jurisdiction's durations, one version. ``valid_until`` is exclusive or None; calendar days are those of ``time_zone``."""

    policy_id: str
    version: str
    valid_from: dt.date
    valid_until: dt.date | None = None
    time_zone: str
    notice: NoticeAhead
    clocks: Clocks
    bases: tuple[Basis, ...]

    def basis(self, basis_id: str) -> Basis | None:
        """Return one kind of order, or None where this jurisdiction has none of that name."""
        return next((basis for basis in self.bases if basis.basis_id == basis_id), None)
