"""The policies a server works with: the presets, and a folder of a deployer's own, which win."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from jikimi.model.durations import Durations
from jikimi.model.policy import Policy
from jikimi.model.retention import Retention
from jikimi.policy import durations as tables
from jikimi.policy import retention as periods
from jikimi.policy.load import load_directory, presets
from jikimi.runtime.settings import Settings, SettingsError

RetentionTables = Mapping[str, Retention]


def load(settings: Settings, today: dt.date | None = None) -> Mapping[str, Policy]:
    """Return the policy in force today under each id.

    Raises:
        PolicyError: a file of the deployer's cannot be used; it says line and reason.
        SettingsError: there is no such folder: the presets must never stand in for a ministry's own numbers unnoticed.
    """
    found = dict(presets())
    if settings.policy_dir is not None:
        if not Path(settings.policy_dir).is_dir():
            raise SettingsError("The folder of the setting policy_dir is not there.")
        day = today if today is not None else dt.datetime.now(dt.UTC).date()
        for policy_id, versions in load_directory(Path(settings.policy_dir)).items():
            valid = [p for p in versions if p.valid_from <= day and (p.valid_until is None or day < p.valid_until)]
            if valid:
                found[policy_id] = valid[-1]
    return found


def durations(settings: Settings, today: dt.date | None = None) -> Mapping[str, Durations]:
    """Return the table of durations in force today under each policy id: ours, and those in the deployer's folder ``durations``, which win.

    Raises:
        PolicyError: a file of the deployer's cannot be used; it says line and reason.
    """
    day = today if today is not None else dt.datetime.now(dt.UTC).date()
    own = Path(settings.policy_dir) / "durations" if settings.policy_dir is not None else None
    return {**tables.tables(day=day), **(tables.tables(own, day) if own is not None and own.is_dir() else {})}


def retention(settings: Settings, today: dt.date | None = None) -> RetentionTables:
    """Return how long what is kept under each policy id: our tables, and those in the deployer's folder ``retention``, which win.

    Raises:
        PolicyError: a file of the deployer's cannot be used; it says line and reason.
    """
    day = today if today is not None else dt.datetime.now(dt.UTC).date()
    own = Path(settings.policy_dir) / "retention" if settings.policy_dir is not None else None
    return {**periods.tables(day=day), **(periods.tables(own, day) if own is not None and own.is_dir() else {})}
