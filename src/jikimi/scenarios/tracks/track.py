"""What every reader of recorded tracks returns, and the one error it raises."""

from __future__ import annotations

import math

import msgspec

from jikimi.model.fix import Source


class TrackError(ValueError):
    """A file is not a track. Its text is one sentence that names the line or the element; it holds no position."""


class TrackPoint(msgspec.Struct, frozen=True):
    """One recorded position. Unknown is None.

    Attributes:
        time_ms: when, whole milliseconds since 1970-01-01 UTC.
        latitude: degrees north, WGS-84.
        longitude: degrees east, WGS-84.
        error_m: radius the receiver claimed.
        speed_mps: speed over ground, as the receiver said it.
        course_deg: clockwise from true north, in [0, 360), as the receiver said it.
        source: what the position came from, where the file says so.
    """

    time_ms: int
    latitude: float
    longitude: float
    error_m: float | None = None
    speed_mps: float | None = None
    course_deg: float | None = None
    source: Source = Source.UNKNOWN


Track = tuple[TrackPoint, ...]
"""In order of time; points of the same moment keep the file's order. At least one point."""


def finished(points: list[TrackPoint]) -> Track:
    """Return the points as a track.

    Raises:
        TrackError: there is none.
    """
    if not points:
        msg = "The file holds no track point."
        raise TrackError(msg)
    return tuple(sorted(points, key=lambda point: point.time_ms))


def latitude(value: object, where: str) -> float:
    """Return a latitude in degrees, or raise ``TrackError`` naming ``where``."""
    return _angle(value, 90.0, "latitude", where)


def longitude(value: object, where: str) -> float:
    """Return a longitude in degrees, or raise ``TrackError`` naming ``where``."""
    return _angle(value, 180.0, "longitude", where)


def measure(value: object, name: str, where: str) -> float | None:
    """Return a number that is 0 or more, or None where it is absent or empty.

    Raises:
        TrackError: it is something else.
    """
    if value is None or value == "":
        return None
    number = _number(value, name, where)
    if number < 0.0:
        msg = f"{where}: {name} is negative."
        raise TrackError(msg)
    return number


def course(value: object, where: str) -> float | None:
    """Return a course in [0, 360), or None where it is absent; 360 is north."""
    degrees = measure(value, "course", where)
    if degrees is None:
        return None
    if degrees > 360.0:
        msg = f"{where}: course is above 360."
        raise TrackError(msg)
    return degrees % 360.0


def _angle(value: object, limit: float, name: str, where: str) -> float:
    number = _number(value, name, where)
    if abs(number) > limit:
        msg = f"{where}: {name} lies outside -{limit:.0f} to {limit:.0f} degrees."
        raise TrackError(msg)
    return number


def _number(value: object, name: str, where: str) -> float:
    number = _read(value)
    if number is None or not math.isfinite(number):
        msg = f"{where}: {name} is not a number."
        raise TrackError(msg)
    return number


def _read(value: object) -> float | None:
    """Return the value as a float, or None; Python's own "1_0" and digits of other scripts are no numbers of a file."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and (not value.isascii() or "_" in value):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
