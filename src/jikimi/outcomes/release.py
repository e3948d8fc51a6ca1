"""A release: what is published of one jurisdiction's year, or quarter. It is made once, kept as it was made, and printed again from that.

That nothing is made anew is part of the protection: two versions of one year would tell by their difference.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from jikimi.outcomes.noise import EPSILON, SCALE, noised
from jikimi.outcomes.row import Row
from jikimi.outcomes.suppress import drawn, hidden
from jikimi.outcomes.table import EVERYWHERE, blind_hours, figures, medians

GRACE: Final = dt.timedelta(days=31)
"""So long after its end a year is still entered: verdicts, harm, what became of an arrest."""


class NotOverError(ValueError):
    """The time cannot be published yet. The text says from when on it can."""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """What is published.

    Attributes:
        policy_id, year: of which jurisdiction and year.
        quarter: 1 to 4, or None for the whole year.
        made_ms: when.
        regions: the columns; ``all`` alone for a quarter.
        figures: counts by name; None where one is hidden. Those of a quarter are noised.
        medians: seconds by the span's name; none for a quarter.
        blind_hours: hours without sight of somebody; None where few orders stand behind it.
        epsilon, noise_scale: what the noise of a quarter keeps; None for a year.
    """

    policy_id: str
    year: int
    quarter: int | None
    made_ms: int
    regions: tuple[str, ...]
    figures: dict[str, int | None]
    medians: dict[str, int] = {}
    blind_hours: int | None = None
    epsilon: float | None = None
    noise_scale: float | None = None

    @property
    def name(self) -> str:
        """The name under which it is kept."""
        return name_of(self.policy_id, self.year, self.quarter)


def name_of(policy_id: str, year: int, quarter: int | None) -> str:
    """Return the name of a release: ``kr-2027``, ``kr-2027-q1``."""
    return f"{policy_id}-{year}" if quarter is None else f"{policy_id}-{year}-q{quarter}"


def check_over(year: int, quarter: int | None, time_zone: str, now_ms: int) -> None:
    """Let only what is over be published, and not before what is found out late was entered.

    Raises:
        NotOverError: it is too early.
    """
    month = 12 if quarter is None else 3 * quarter
    end = dt.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=ZoneInfo(time_zone)) + GRACE
    if now_ms < end.timestamp() * 1000:
        raise NotOverError(f"This can be published from {end.date().isoformat()} on: {GRACE.days} days after its end, once, and for good.")


def release(rows: Sequence[Row], policy_id: str, year: int, quarter: int | None, now_ms: int) -> Release:
    """Return a new release of these rows, others left out. Of a year what could point to somebody is hidden; a quarter is noised."""
    mine = [row for row in rows if row.policy_id == policy_id and row.year == year and quarter in {None, row.quarter}]
    if quarter is not None:
        return Release(
            policy_id=policy_id,
            year=year,
            quarter=quarter,
            made_ms=now_ms,
            regions=(EVERYWHERE,),
            figures=dict(noised(mine)),
            epsilon=EPSILON,
            noise_scale=SCALE,
        )
    found = figures(mine)
    gone = hidden(found.counts, found.orders, found.sums, drawn(found.counts))
    return Release(
        policy_id=policy_id,
        year=year,
        quarter=None,
        made_ms=now_ms,
        regions=(EVERYWHERE, *found.regions),
        figures={name: None if name in gone else count for name, count in found.counts.items()},
        medians=medians(mine),
        blind_hours=blind_hours(mine),
    )


HIDDEN: Final = "*"
"""How a hidden figure is printed. Not each of them is below five: some are hidden so that others cannot be worked out."""
