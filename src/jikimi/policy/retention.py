"""Read the tables of retention. A table that is not right in every point is refused, with line and reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, Final

from jikimi.model.retention import DataClass, Outcome, Period, Retention, Rule
from jikimi.policy.defect import Finding
from jikimi.policy.lines import Path
from jikimi.policy.tables import complaints, each, editions, read_table
from jikimi.policy.zones import known_zones

TABLES: Final = FilePath(__file__).parent / "retention"
TEMPLATE: Final = FilePath(__file__).parent / "retention-template.toml"
MOST: Final[Mapping[str, int]] = {"years": 100, "months": 1_200, "days": 36_500}
MOST_HOURS: Final = 24
"""Whoever has a right to be forgotten does not wait longer than a day."""
LEDGER_MONTHS: Final = 36
"""Who looked at whom can be asked for three years at least, whatever became of the order."""
_MONTH_DAYS: Final = 28
_YEAR_MONTHS: Final = 12


def load(path: FilePath) -> Retention:
    """Return the table in the TOML file ``path``.

    Raises:
        PolicyError: it cannot be read or is wrong anywhere.
    """
    return read_table(path, Retention, _shape, _sense)


def tables(directory: FilePath = TABLES, day: dt.date | None = None) -> Mapping[str, Retention]:
    """Return the table of each policy id that is valid on a day, or, without a day, the newest one.

    Raises:
        PolicyError: a file is wrong, or two versions of a table are valid on the same day.
    """
    return editions(directory, load, day)


def least_months(period: Period) -> float:
    """Return a period in months, never too many: what comparisons go by."""
    return (period.years or 0) * _YEAR_MONTHS + (period.months or 0) + (period.days or 0) / 31


def _most_months(period: Period) -> float:
    return (period.years or 0) * _YEAR_MONTHS + (period.months or 0) + (period.days or 0) / _MONTH_DAYS


def _shape(raw: dict[str, Any]) -> Iterator[Finding]:
    yield from each(raw, "rules", Rule)
    rules = raw.get("rules")
    yield from complaints({**raw, "rules": [] if isinstance(rules, list) else rules}, Retention)


def _sense(table: Retention) -> Iterator[Finding]:
    if table.time_zone not in known_zones():
        yield ("time_zone",), "is no IANA time zone"
    if table.valid_until is not None and table.valid_until <= table.valid_from:
        yield ("valid_until",), "is not after valid_from"
    if not 1 <= table.within.hours <= MOST_HOURS:
        yield ("within", "hours"), f"must be from 1 to {MOST_HOURS}"
    yield from _sourced(table.within.source, ("within",))
    for number, rule in enumerate(table.rules):
        yield from _period(rule.keep, ("rules", number, "keep"))
        for name in ("data", "outcomes"):
            if not getattr(rule, name):
                yield ("rules", number, name), "must name one at least"
    covered = list(_coverage(table))
    yield from covered
    if not covered:
        yield from _between(table)


def _coverage(table: Retention) -> Iterator[Finding]:
    """Every class of data has exactly one answer for every end."""
    seen: dict[tuple[DataClass, Outcome], int] = {}
    for number, rule in enumerate(table.rules):
        for pair in ((data, outcome) for data in rule.data for outcome in rule.outcomes):
            if pair in seen:
                yield ("rules", number), f"says again how long {pair[0].value} are kept after {pair[1].value}; rule {seen[pair] + 1} does"
            seen.setdefault(pair, number)
    for data in DataClass:
        missing = [outcome.value for outcome in Outcome if (data, outcome) not in seen]
        if missing:
            yield ("rules",), f"say nothing of {data.value} after {', '.join(missing)}"


def _between(table: Retention) -> Iterator[Finding]:
    """What needs another class to be understood does not outlive it."""
    for number, rule in enumerate(table.rules):
        if DataClass.LEDGER in rule.data and least_months(rule.keep) < LEDGER_MONTHS:
            yield ("rules", number, "keep"), "keeps the ledger for less than three years"
    for outcome in Outcome:
        register = table.keep(DataClass.REGISTER, outcome)
        for data in (DataClass.POSITIONS, DataClass.INCIDENTS):
            if _most_months(table.keep(data, outcome)) > _most_months(register):
                yield (
                    _where(table, data, outcome),
                    f"keeps {data.value} longer than the register after {outcome.value}: nobody could find them",
                )


def _where(table: Retention, data: DataClass, outcome: Outcome) -> Path:
    number = next(number for number, rule in enumerate(table.rules) if data in rule.data and outcome in rule.outcomes)
    return ("rules", number, "keep")


def _period(period: Period, where: Path) -> Iterator[Finding]:
    named = [name for name in MOST if getattr(period, name) is not None]
    if len(named) != 1:
        yield where, "needs years, months or days, one of the three"
    for name in named:
        if not 0 <= getattr(period, name) <= MOST[name]:
            yield (*where, name), f"must be from 0 to {MOST[name]}"
    yield from _sourced(period.source, where)


def _sourced(source: str, where: Path) -> Iterator[Finding]:
    if not source.strip():
        yield (*where, "source"), "must name the law, or say that the number is our own and why"
