"""Times as other systems write them."""

from __future__ import annotations

import datetime as dt


def iso_utc(at_ms: int) -> str:
    """Return ``2026-11-24T03:04:05.678Z``."""
    return moment(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cap_time(at_ms: int) -> str:
    """Return ``2026-11-24T03:04:05-00:00``: CAP 1.2 forbids the letter Z (section 3.3.2)."""
    return moment(at_ms).isoformat(timespec="seconds").replace("+00:00", "-00:00")


def moment(at_ms: int) -> dt.datetime:
    """Return the moment, in UTC."""
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC)
