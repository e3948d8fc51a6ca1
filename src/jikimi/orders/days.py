"""Calendar days and months in a jurisdiction's time zone, and the moments at which they begin.

A period of months ends with the day before the one that has its first day's number; where that month is too short to have such a
day, with the month's last day (Korean Civil Act, art. 160; of short months the French Code of Civil Procedure, art. 641, and the
Spanish Civil Code, art. 5, say the same). A span is written from its first moment (inclusive) to the first moment after it
(exclusive), milliseconds since 1970.
"""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from jikimi.model.durations import Length

_MONTHS: Final = 12


def day_of(at_ms: int, zone: ZoneInfo) -> dt.date:
    """Return the calendar day of a moment."""
    return dt.datetime.fromtimestamp(at_ms / 1000, zone).date()


def begin_ms(day: dt.date, zone: ZoneInfo) -> int:
    """Return the moment at which a day begins."""
    return int(dt.datetime.combine(day, dt.time(), zone).timestamp() * 1000)


def months_later(day: dt.date, months: int) -> dt.date:
    """Return the first day after a period of ``months`` that begins on ``day``."""
    years, month = divmod(day.month - 1 + months, _MONTHS)
    try:
        return day.replace(year=day.year + years, month=month + 1)
    except ValueError:  # that month has no such day: the period ends with its last one
        years, month = divmod(day.month + months, _MONTHS)
        return dt.date(day.year + years, month + 1, 1)


def latest_end_ms(from_ms: int, length: Length, zone: ZoneInfo) -> int:
    """Return the latest end (exclusive) of what begins at ``from_ms`` and lasts for ``length`` at most."""
    first = day_of(from_ms, zone)
    if not length.first_day_counts and from_ms > begin_ms(first, zone):
        first += dt.timedelta(days=1)
    if length.months is not None:
        return begin_ms(months_later(first, length.months), zone)
    return begin_ms(first + dt.timedelta(days=length.days or 0), zone)


def days_before_ms(at_ms: int, days: int, zone: ZoneInfo) -> int:
    """Return the moment of the same wall time so many calendar days before."""
    there = dt.datetime.fromtimestamp(at_ms / 1000, zone)
    return int((there - dt.timedelta(days=days)).timestamp() * 1000)


def last_day(until_ms: int, zone: ZoneInfo) -> dt.date:
    """Return the last day that a span with this end touches, as a person would say its end."""
    return day_of(until_ms - 1, zone)
