"""What offices are called on the desk: a policy's name for an agency, on the day and in the language of whoever reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from jikimi.model.agencies import Agencies, name_on
from jikimi.model.durations import Durations
from jikimi.policy.agencies import tables

UTC: Final = dt.UTC


class AgencyNames:
    """Names of agencies.

    Args:
        durations: the table of durations under each policy id: in which time zone its days are counted.
        agencies: the names under each policy id; None: those that come with Jikimi.
    """

    def __init__(self, durations: Mapping[str, Durations], agencies: Mapping[str, Agencies] | None = None) -> None:
        self._tables = agencies if agencies is not None else tables()
        self._durations = durations

    def table(self, policy_id: str) -> Agencies | None:
        """Return a policy's names and texts; a variant of a policy, such as ``kr-city``, speaks as the policy does."""
        return self._tables.get(policy_id) or self._tables.get(policy_id.partition("-")[0])

    def all(self, policy_id: str, language: str, at_ms: int) -> dict[str, str]:
        """Return the names of all agencies of a policy, by their ids."""
        table = self.table(policy_id)
        if table is None:
            return {}
        day = dt.datetime.fromtimestamp(at_ms / 1000.0, self._zone(policy_id)).date()
        spoken = language if language in table.languages else table.languages[0]
        found = {one.agency_id: name_on(table, one.agency_id, day, spoken) for one in table.agencies}
        return {agency_id: name for agency_id, name in found.items() if name is not None}

    def _zone(self, policy_id: str) -> dt.tzinfo:
        table = self._durations.get(policy_id) or self._durations.get(policy_id.partition("-")[0])
        return UTC if table is None else ZoneInfo(table.time_zone)
