"""One position report, as a device sent it.

Whole milliseconds since 1970-01-01 UTC are the time of the inner parts (names end in ``_ms``): integers
compare exactly, so that the same inputs give the same decisions. Unknown is ``None``, never 0.
"""

from __future__ import annotations

import enum

import msgspec


class Source(enum.StrEnum):
    """What a position was computed from. ``UNKNOWN`` is a value of its own: most formats do not say."""

    GNSS = "gnss"
    WIFI = "wifi"
    CELL = "cell"
    FUSED = "fused"
    UNKNOWN = "unknown"


class Fix(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One position report of one device.

    Attributes:
        fix_id: the device's own name for this report; sending it again is harmless.
        fix_time_ms: when the position was measured, by the device's clock.
        latitude: degrees north, WGS-84, in [-90, 90].
        longitude: degrees east, WGS-84, in [-180, 180].
        error_m: radius the device claims (about 68 % of the time inside, as Android and iOS define it), or unknown.
        source: what the position came from.
        speed_mps: speed over ground, or unknown.
        course_deg: course over ground, clockwise from true north in [0, 360), or unknown.
        altitude_m: height as sent, or unknown.
        battery_pct: charge of the device, 0 to 100, or unknown.
        valid: the receiver's own word about the fix, or unknown.
    """

    fix_id: str
    fix_time_ms: int
    latitude: float
    longitude: float
    error_m: float | None = None
    source: Source = Source.UNKNOWN
    speed_mps: float | None = None
    course_deg: float | None = None
    altitude_m: float | None = None
    battery_pct: float | None = None
    valid: bool | None = None


class Verdict(enum.IntEnum):
    """What the core did with a fix. Every fix stays in the journal, marked with one of these."""

    USED = 0
    """It moved the track."""
    DUPLICATE = 1
    """The same moment and place as the last one used."""
    OUT_OF_ORDER = 2
    """Older than the track: kept as history, the track has newer knowledge."""
    FUTURE = 3
    """Dated later than it was received: used as of its reception, since its own clock is wrong."""
    ZERO_ISLAND = 4
    """At 0° N 0° E, what receivers report when they know nothing."""
    IMPOSSIBLE_SPEED = 5
    """Reachable from the track only faster than people travel: held as a suspect until a second fix agrees."""
    OUTLIER = 6
    """Surprising beyond both errors: held as a suspect until a second fix agrees."""
    INVALID = 7
    """The receiver itself called it invalid."""
    CONFIRMED = 8
    """Agreed with the suspect before it: the track was set anew here."""
    UNASSIGNED = 9
    """No order watches this person now: kept, not judged."""
