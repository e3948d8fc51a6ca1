"""What the vault keeps of a number that no receiver knows to its last digit.

Each step is far below the error of what measures: GNSS receivers err by metres in height, by 0.05 m/s at best in speed, by half a
degree or more in course, and their claimed error is itself an estimate. A phone prints such numbers with 15 digits; twelve of them are
noise, and noise cannot be compressed. The journal keeps what was sent, and decisions are made from that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

_EXACT: Final = 2.0**40
"""Beyond it a number is no measurement; it is kept as it is, and so are infinities."""


def to_step(value: float, steps: int) -> float:
    """Return the nearest of the numbers that stand ``steps`` to one, itself where it is out of all measure; -0.0 becomes 0.0."""
    return round(value * steps) / steps + 0.0 if abs(value) < _EXACT else value


def height(value: float) -> float:
    """Return a height in m, to 0.1 m."""
    return to_step(value, 10)


def speed(value: float) -> float:
    """Return a speed in m/s, to 0.01 m/s."""
    return to_step(value, 100)


def error(value: float) -> float:
    """Return an error radius in m, to the next 0.1 m above: rounding never claims a better fix than the device did."""
    if not 0.0 <= value < _EXACT:
        return value
    nearest = to_step(value, 10)
    return nearest if nearest >= value else (math.floor(value * 10.0) + 1) / 10


def course(value: float) -> float:
    """Return a course in degrees, to 0.1 degree; what rounds up to 360 is 0."""
    nearest = to_step(value, 10)
    return 0.0 if nearest == 360.0 else nearest


def charge(value: float) -> float:
    """Return a charge in per cent, to 0.1 per cent."""
    return to_step(value, 10)


ROUNDED: Final[Mapping[str, Callable[[float], float]]] = MappingProxyType(
    {"error_m": error, "speed_mps": speed, "course_deg": course, "altitude_m": height, "battery_pct": charge}
)
"""What is done to each field of a fix."""
