"""The server's time: whole milliseconds since 1970 that never run backwards.

Decisions need a time that only moves forward; fixes need one that agrees with the world. The wall clock is followed as
long as it goes evenly. If it jumps (an operator sets it, a time service steps it) by more than ``JUMP_MS``, the even
clock goes on and ``off_s`` says by how much they differ, for the screens and for ``jikimi doctor``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

JUMP_MS: Final = 1000

# CLOCK_BOOTTIME also counts while the machine sleeps; where there is none, the monotonic clock must do.
_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _steady_ms() -> int:
    return time.clock_gettime_ns(_STEADY) // 1_000_000


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


class Clock:
    """A clock for one process.

    Args:
        wall: the wall clock, ms; for tests.
        steady: an even clock of any origin, ms; for tests.
    """

    def __init__(self, wall: Callable[[], int] = _wall_ms, steady: Callable[[], int] = _steady_ms) -> None:
        self._wall = wall
        self._steady = steady
        self._anchor_ms = wall() - steady()
        self._last_ms = 0
        self.off_s = 0.0

    def __call__(self) -> int:
        """Return the time now."""
        even_ms = self._anchor_ms + self._steady()
        wall_ms = self._wall()
        drift_ms = wall_ms - even_ms
        if -JUMP_MS <= drift_ms <= JUMP_MS:
            self._anchor_ms += drift_ms
            even_ms = wall_ms
            drift_ms = 0
        self.off_s = drift_ms / 1000.0
        if even_ms > self._last_ms:
            self._last_ms = even_ms
        return self._last_ms

    def not_before(self, at_ms: int) -> None:
        """Never answer an earlier time than this: the journal's last entry, after a restart."""
        if at_ms > self._last_ms:
            self._last_ms = at_ms
