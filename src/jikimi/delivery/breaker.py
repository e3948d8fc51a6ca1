"""A breaker for each channel: who fails again and again is left alone for a while, and others are not made to wait for it."""

from __future__ import annotations

from jikimi.delivery.rules import BreakerRules


class Breaker:
    """Counts faults in a row. Open: nothing passes. After ``open_s`` one passes; its answer decides."""

    def __init__(self, rules: BreakerRules) -> None:
        self._rules = rules
        self._faults = 0
        self._open_until_ms: int | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the channel is believed to work."""
        return self._open_until_ms is None

    def allow(self, now_ms: int) -> bool:
        """Whether a message may be handed over now."""
        if self._open_until_ms is None:
            return True
        if now_ms < self._open_until_ms:
            return False
        # The one that passes; the others wait for its answer.
        self._open_until_ms = now_ms + round(self._rules.open_s * 1000)
        return True

    def tell(self, now_ms: int, *, is_fault: bool) -> None:
        """Count an answer."""
        if not is_fault:
            self._faults = 0
            self._open_until_ms = None
            return
        self._faults += 1
        if self._faults >= self._rules.faults:
            self._open_until_ms = now_ms + round(self._rules.open_s * 1000)
