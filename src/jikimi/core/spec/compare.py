"""Comparisons that know when they were a coin's toss.

Engine and spec compute the same lengths by different formulae and agree to a part in ten thousand. Where a number
falls on a limit closer than that, either side of it is right; the test stops comparing there.
"""

from __future__ import annotations

from typing import Final

RELATIVE: Final = 2e-5
ABSOLUTE: Final = 1e-3


class Compare:
    """Compares, and remembers whether any comparison so far was too close to call."""

    def __init__(self) -> None:
        self.tie = False

    def over(self, value: float, limit: float, scale: float = 0.0) -> bool:
        """Return whether the value is above the limit; ``scale`` is the size of what it is a difference of."""
        if abs(value - limit) <= ABSOLUTE + RELATIVE * max(abs(value), abs(limit), scale):
            self.tie = True
        return value > limit
