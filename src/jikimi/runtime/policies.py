"""The policies a server works with: the presets, and a folder of a deployer's own, which win."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from jikimi.model.agencies import Agencies
from jikimi.model.durations import Durations
from jikimi.model.petition import PetitionForm, Texts
from jikimi.model.policy import Policy
from jikimi.model.responders import Responders
from jikimi.model.retention import Retention
from jikimi.model.terms import Terms
from jikimi.policy import agencies, petitions, responders
from jikimi.policy import durations as tables
from jikimi.policy import retention as periods
from jikimi.policy import terms as agreements
from jikimi.policy.load import load_directory, presets
from jikimi.runtime.settings import Settings, SettingsError

RetentionTables = Mapping[str, Retention]
Table = TypeVar("Table")


class Installed(NamedTuple):
    """All that a jurisdiction enters beside its policy, each under its policy's id; forms under their own."""

    durations: Mapping[str, Durations]
    retention: RetentionTables
    responders: Mapping[str, Responders]
    agencies: Mapping[str, Agencies]
    forms: Mapping[str, PetitionForm]


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


def installed(settings: Settings, today: dt.date | None = None) -> Installed:
    """Return every table: ours, and those in the folders of the same names under the deployer's policy folder, which win.

    Raises:
        PolicyError: a file of the deployer's cannot be used; it says line and reason.
    """
    day = _day(today)
    return Installed(
        durations=durations(settings, day),
        retention=retention(settings, day),
        responders=_both(settings, "responders", responders.TABLES, lambda folder: responders.tables(folder, day)),
        agencies=_both(settings, "agencies", agencies.TABLES, agencies.tables),
        forms=forms(settings),
    )


def durations(settings: Settings, today: dt.date | None = None) -> Mapping[str, Durations]:
    """Return the table of durations in force today under each policy id: ours, and the deployer's, which win.

    Raises:
        PolicyError: a file of the deployer's cannot be used; it says line and reason.
    """
    return _both(settings, "durations", tables.TABLES, lambda folder: tables.tables(folder, _day(today)))


def forms(settings: Settings) -> Mapping[str, PetitionForm]:
    """Return every form by its name: ours, and the deployer's, which win.

    Raises:
        PolicyError: a file of the deployer's cannot be used; it says line and reason.
    """
    return _both(settings, "petitions", petitions.TABLES, petitions.forms)


def court_names(found: Mapping[str, PetitionForm]) -> dict[str, Texts]:
    """Return the names by language of every court that a form names."""
    return {one.choice_id: one.form for form in found.values() for one in form.question(form.venue.court).choices}


def retention(settings: Settings, today: dt.date | None = None) -> RetentionTables:
    """Return how long what is kept under each policy id: our tables, and the deployer's, which win.

    Raises:
        PolicyError: a file of the deployer's cannot be used; it says line and reason.
    """
    return _both(settings, "retention", periods.TABLES, lambda folder: periods.tables(folder, _day(today)))


def terms(settings: Settings, today: dt.date | None = None) -> Mapping[str, Terms]:
    """Return the terms in force today under each policy id: ours, and the deployer's, which win.

    Raises:
        PolicyError: a file of the deployer's cannot be used; it says line and reason.
    """
    return _both(settings, "terms", agreements.TABLES, lambda folder: agreements.tables(folder, _day(today)))


NEEDED: Final = ("durations", "retention", "responders", "agencies")
"""Tables without which an order under a policy could not be entered, erased, answered or named."""


def check_complete(policies: Iterable[str], found: Installed) -> None:
    """Refuse to start with a policy that lacks a table: an alarm under it would send nobody, or an order end without erasure.

    Raises:
        SettingsError: a policy lacks one; the sentence names both.
    """
    for policy_id in policies:
        missing = [name for name in NEEDED if of_variant(getattr(found, name), policy_id) is None]
        if missing:
            raise SettingsError(f"The policy {policy_id} has no table of {', '.join(missing)}: see docs/adopting.md.")


def of_variant(tables: Mapping[str, Table], policy_id: str) -> Table | None:
    """Return a policy's table; a variant of a policy, such as ``kr-city``, has that of the policy."""
    return tables.get(policy_id) or tables.get(policy_id.partition("-")[0])


def response_of(policies: Iterable[str], responders: Mapping[str, Responders]) -> dict[str, Responders]:
    """Return who responds under each policy, each of which has a table (``check_complete``)."""
    found = {policy_id: of_variant(responders, policy_id) for policy_id in policies}
    return {policy_id: table for policy_id, table in found.items() if table is not None}


def _both(settings: Settings, name: str, ours: Path, load: Callable[[Path], Mapping[str, Table]]) -> Mapping[str, Table]:
    own = Path(settings.policy_dir) / name if settings.policy_dir is not None else None
    return {**load(ours), **(load(own) if own is not None and own.is_dir() else {})}


def _day(today: dt.date | None) -> dt.date:
    return today if today is not None else dt.datetime.now(dt.UTC).date()
