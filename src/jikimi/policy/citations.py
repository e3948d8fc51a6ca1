"""Every number of a policy names its source: a law, a ministry's practice, or our own reason, said to be our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from jikimi.model.access import AccessRules
from jikimi.model.policy import Judging, Rings, Times, TrackRules, ViewRules
from jikimi.policy.defect import Finding

_TABLES = {
    "rings": Rings,
    "place_rings": Rings,
    "times": Times,
    "judging": Judging,
    "track": TrackRules,
    "view": ViewRules,
    "access": AccessRules,
}
_WHOLE = ("sampling", "advice")
"""Tables that are cited as a whole: no law sets them; each number's reason stands beside it."""


def citation_findings(raw: Mapping[str, object]) -> Iterator[Finding]:
    """Yield each rule without a citation and each citation without a rule (or with one that another already cites)."""
    rules = set(_rules(raw))
    cited: set[str] = set()
    for place, rule in _cited(raw):
        if rule not in rules:
            yield ("citations", place, "rule"), f"is {rule}, which names no rule of this file"
        elif rule in cited:
            yield ("citations", place, "rule"), f"is {rule}, which is cited above already"
        cited.add(rule)
    for rule in sorted(rules - cited):
        yield tuple(rule.split(".")), f'has no citation: add one with rule = "{rule}"'


def _rules(raw: Mapping[str, object]) -> Iterator[str]:
    """What must be cited: each ring, asking and advice as a whole, each other number, when the map opens, and whom her app calls."""
    for table, kind in _TABLES.items():
        yield from (f"{table}.{key}" for key in _table(raw, table) if key in kind.__struct_fields__)
    yield from (table for table in _WHOLE if table in raw)
    if "emergency_number" in raw:
        yield "emergency_number"


def _cited(raw: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    citations = raw.get("citations")
    for place, citation in enumerate(citations if isinstance(citations, list) else []):
        rule = citation.get("rule") if isinstance(citation, dict) else None
        if isinstance(rule, str):
            yield place, rule


def _table(raw: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = raw.get(name)
    return cast("Mapping[str, object]", table) if isinstance(table, dict) else {}
