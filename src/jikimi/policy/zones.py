"""Names of time zones. Listing them reads the whole database of zones, so it is done once."""

from __future__ import annotations

import zoneinfo
from functools import cache


@cache
def known_zones() -> frozenset[str]:
    """Return every IANA name that this machine knows."""
    return frozenset(zoneinfo.available_timezones())
