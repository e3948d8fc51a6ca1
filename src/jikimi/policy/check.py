"""What ``jikimi policy check`` prints of a policy file, or of a whole folder of a jurisdiction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from jikimi.policy import agencies, durations, petitions, responders, retention, terms
from jikimi.policy.defect import PolicyError
from jikimi.policy.load import load

NEEDED: Final[Mapping[str, Callable[[Path], Mapping[str, object]]]] = {
    "durations": durations.tables,
    "retention": retention.tables,
    "responders": responders.tables,
    "agencies": agencies.tables,
}
"""What every policy of a folder needs, in folders of these names."""
OPTIONAL: Final[Mapping[str, Callable[[Path], Mapping[str, object]]]] = {"petitions": petitions.forms, "terms": terms.tables}
"""What it may have."""


def check(path: Path) -> list[str]:
    """Return one line for each defect, in the order of lines; empty when all is good.

    A file is a policy. A folder is a jurisdiction's: its policies, the tables that each of them needs, forms of petitions, and terms.
    """
    if not path.is_dir():
        return list(_refused(lambda: load(path)))
    policies = sorted(path.glob("*.toml"))
    if not policies:
        return [f"{path.name}: the folder holds no policy; each is a file whose name ends in .toml."]
    lines = [line for file in policies for line in _refused(lambda file=file: load(file))]  # type: ignore[misc]
    names = {load(file).policy_id for file in policies} if not lines else set()
    for kind, tables in NEEDED.items():
        lines += _refused(lambda tables=tables, kind=kind: tables(path / kind), f"{kind}/") or _missing(names, kind, tables(path / kind))  # type: ignore[misc]
    for kind, texts in OPTIONAL.items():
        if (path / kind).is_dir():
            lines += _refused(lambda texts=texts, kind=kind: texts(path / kind), f"{kind}/")  # type: ignore[misc]
    return lines


def _refused(read: Callable[[], object], folder: str = "") -> list[str]:
    try:
        read()
    except PolicyError as error:
        return [f"{folder}{error.name}, {defect}" for defect in error.defects]
    return []


def _missing(names: set[str], kind: str, tables: Mapping[str, object]) -> list[str]:
    return [f"{kind}/: there is no table for the policy {name}." for name in sorted(names - tables.keys())]
