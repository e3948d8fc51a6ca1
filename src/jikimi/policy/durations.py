"""Read the tables of durations. A table that is not right in every point is refused, with line and reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, Final

import msgspec

from jikimi.model.durations import Basis, Clocks, Durations, Extending, Length, Limit
from jikimi.policy.defect import Finding
from jikimi.policy.lines import Path
from jikimi.policy.tables import complaints, each, editions, read_table
from jikimi.policy.zones import known_zones

TABLES: Final = FilePath(__file__).parent / "durations"
MOST_MONTHS: Final = 600
MOST_DAYS: Final = 3_660
MOST_HOURS: Final = 720
MOST_MINUTES: Final = 60 * 24 * 60


def load(path: FilePath) -> Durations:
    """Return the table in the TOML file ``path``.

    Raises:
        PolicyError: it cannot be read or is wrong anywhere.
    """
    return read_table(path, Durations, _shape, _sense)


def tables(directory: FilePath = TABLES, day: dt.date | None = None) -> Mapping[str, Durations]:
    """Return the table of each policy id that is valid on a day, or, without a day, the newest one.

    Raises:
        PolicyError: a file is wrong, or two versions of a table are valid on the same day.
    """
    return editions(directory, load, day)


def _shape(raw: dict[str, Any]) -> Iterator[Finding]:
    yield from each(raw, "bases", Basis)
    if "clocks" in raw:
        yield from complaints(raw["clocks"], Clocks, ("clocks",))
    bases = raw.get("bases")
    rest = {**raw, "bases": [] if isinstance(bases, list) else bases, "clocks": msgspec.UNSET}
    yield from (one for one in complaints(rest, Durations) if one[0] != ("clocks",) or "clocks" not in raw)


def _sense(table: Durations) -> Iterator[Finding]:
    if table.time_zone not in known_zones():
        yield ("time_zone",), "is no IANA time zone"
    if table.valid_until is not None and table.valid_until <= table.valid_from:
        yield ("valid_until",), "is not after valid_from"
    if not 1 <= table.notice.days <= MOST_DAYS:
        yield ("notice", "days"), f"must be from 1 to {MOST_DAYS}"
    yield from _sourced(table.notice.source, ("notice",))
    for name in Clocks.__struct_fields__:
        clock = getattr(table.clocks, name)
        if not 0 < clock.minutes <= MOST_MINUTES:
            yield ("clocks", name, "minutes"), f"must be more than 0 and at most {MOST_MINUTES}"
        yield from _sourced(clock.source, ("clocks", name))
    seen: set[str] = set()
    for number, basis in enumerate(table.bases):
        if basis.basis_id in seen:
            yield ("bases", number, "basis_id"), "stands in this file already"
        seen.add(basis.basis_id)
        yield from _basis(basis, ("bases", number))


def _basis(basis: Basis, where: Path) -> Iterator[Finding]:
    if not basis.title:
        yield (*where, "title"), "must be given in one language at least"
    if basis.request is not None:
        if not 1 <= basis.request.hours <= MOST_HOURS:
            yield (*where, "request", "hours"), f"must be from 1 to {MOST_HOURS}"
        yield from _sourced(basis.request.source, (*where, "request"))
    kinds = [kind for limit in basis.limits for kind in limit.measures]
    if not kinds or len(set(kinds)) < len(kinds):
        yield (*where, "limits"), "must name each kind of measure once, and one at least"
    for number, limit in enumerate(basis.limits):
        yield from _limit(limit, (*where, "limits", number))


def _limit(limit: Limit, where: Path) -> Iterator[Finding]:
    if (limit.most is None) == (limit.until_ended is None):
        yield where, "needs most or until_ended, one of the two"
    if limit.most is not None:
        yield from _length(limit.most, (*where, "most"))
    if limit.until_ended is not None:
        yield from _sourced(limit.until_ended, (*where, "until_ended"), key=None)
    if limit.extension is not None:
        yield from _extending(limit.extension, (*where, "extension"))


def _extending(extension: Extending, where: Path) -> Iterator[Finding]:
    if extension.times is not None and extension.times < 1:
        yield (*where, "times"), "must be 1 or more; leave the extension out where there is none"
    yield from _length(extension.most, (*where, "most"))
    if extension.total is not None:
        yield from _length(extension.total, (*where, "total"))
    yield from _sourced(extension.source, where)


def _length(length: Length, where: Path) -> Iterator[Finding]:
    if (length.months is None) == (length.days is None):
        yield where, "needs months or days, one of the two"
    if length.months is not None and not 1 <= length.months <= MOST_MONTHS:
        yield (*where, "months"), f"must be from 1 to {MOST_MONTHS}"
    if length.days is not None and not 1 <= length.days <= MOST_DAYS:
        yield (*where, "days"), f"must be from 1 to {MOST_DAYS}"
    yield from _sourced(length.source, where)


def _sourced(source: str, where: Path, key: str | None = "source") -> Iterator[Finding]:
    if not source.strip():
        yield (*where, key) if key is not None else where, "must name the law, or say that the number is our own and why"
