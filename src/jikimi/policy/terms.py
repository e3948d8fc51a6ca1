"""Read the terms that a protected person accepts. A text that lacks a language or a source is refused, with line and reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, Final

from jikimi.model.terms import Clause, Terms
from jikimi.policy.defect import Finding
from jikimi.policy.lines import Path
from jikimi.policy.tables import complaints, each, editions, read_table

TABLES: Final = FilePath(__file__).parent / "terms"
MOST_VERSION: Final = 40


def load(path: FilePath) -> Terms:
    """Return the terms in the TOML file ``path``.

    Raises:
        PolicyError: they cannot be read or are wrong anywhere.
    """
    return read_table(path, Terms, _shape, _sense)


def tables(directory: FilePath = TABLES, day: dt.date | None = None) -> Mapping[str, Terms]:
    """Return the terms of each policy id that are valid on a day, or, without a day, the newest ones.

    Raises:
        PolicyError: a file is wrong, or two versions are valid on the same day.
    """
    return editions(directory, load, day)


def _shape(raw: dict[str, Any]) -> Iterator[Finding]:
    yield from each(raw, "clauses", Clause)
    clauses = raw.get("clauses")
    yield from complaints({**raw, "clauses": [] if isinstance(clauses, list) else clauses}, Terms)


def _sense(table: Terms) -> Iterator[Finding]:
    if not 0 < len(table.version) <= MOST_VERSION:
        yield ("version",), f"must have 1 to {MOST_VERSION} characters"
    if table.valid_until is not None and table.valid_until <= table.valid_from:
        yield ("valid_until",), "is not after valid_from"
    if not table.languages:
        yield ("languages",), "must name one at least"
    for number, clause in enumerate(table.clauses):
        yield from _clause(clause, table.languages, ("clauses", number))
    yield from _clause(table.penalty, table.languages, ("penalty",))


def _clause(clause: Clause, languages: tuple[str, ...], where: Path) -> Iterator[Finding]:
    for name in ("title", "text"):
        for language in languages:
            if not getattr(clause, name).get(language, "").strip():
                yield (*where, name), f"is missing in {language}"
    if not clause.source.strip():
        yield (*where, "source"), "must say where it comes from"
