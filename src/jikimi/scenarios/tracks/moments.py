"""Times as recorded files write them, turned into whole milliseconds since 1970-01-01 UTC."""

from __future__ import annotations

import datetime as dt
from typing import Final

from jikimi.scenarios.tracks.track import TrackError

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LAST_MS: Final = 4_102_444_800_000
"""2100-01-01: a later time is a mistake of units (microseconds), not a recording."""
GPS_EPOCH_MS: Final = 315_964_800_000
"""1980-01-06, where GPS weeks begin (IS-GPS-200, section 3.3.4)."""
WEEK_MS: Final = 604_800_000
LEAP_MS: Final = 18_000
"""GPS minus UTC since 2017-01-01 (IERS Bulletin C 52)."""
LEAP_SINCE_MS: Final = 1_483_228_800_000


def moment_ms(value: object, where: str, *, naive_is_utc: bool = False) -> int:
    """Return a time given as ISO 8601 with a zone, or as whole milliseconds (number or digits).

    Args:
        value: as read from the file.
        where: line or element, for the error's text.
        naive_is_utc: take a time without a zone as UTC (GPX says so); else it is refused.

    Raises:
        TrackError: it is no such time.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return _bounded(value, where)
    if not isinstance(value, str):
        msg = f"{where}: the time is missing or not a text."
        raise TrackError(msg)
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) > 8:
        return _bounded(int(text[:20]), where)
    return _bounded(_iso_ms(text, where, naive_is_utc=naive_is_utc), where)


def gps_ms(week: float, seconds: float, where: str) -> int:
    """Return UTC of a GPS week number and the seconds in it. Recordings from 2017 on: one leap offset holds since then."""
    time_ms = GPS_EPOCH_MS + round(week) * WEEK_MS + round(seconds * 1000.0) - LEAP_MS
    if time_ms < LEAP_SINCE_MS:
        msg = f"{where}: GPS weeks before 2017 are not read."
        raise TrackError(msg)
    return _bounded(time_ms, where)


def _iso_ms(text: str, where: str, *, naive_is_utc: bool) -> int:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        msg = f"{where}: the time is not ISO 8601."
        raise TrackError(msg) from None
    if moment.tzinfo is None:
        if not naive_is_utc:
            msg = f"{where}: the time has no zone."
            raise TrackError(msg)
        moment = moment.replace(tzinfo=dt.UTC)
    return (moment - EPOCH) // dt.timedelta(milliseconds=1)


def _bounded(time_ms: int, where: str) -> int:
    if not 0 <= time_ms < LAST_MS:
        msg = f"{where}: the time lies outside the years 1970 to 2099."
        raise TrackError(msg)
    return time_ms
