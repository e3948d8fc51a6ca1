"""How often a device may call, in bounded memory."""

from __future__ import annotations

from typing import Final

_FIRST_SWEEP: Final = 1024


class Meter:
    """Allows each key so many calls a second, with a burst; the generic cell rate algorithm (ITU-T I.371, annex A).

    One number a key: the time at which its debt is paid. A key without debt needs no memory and is swept away.
    """

    def __init__(self, per_second: float, burst: float) -> None:
        """Set the limits.

        Args:
            per_second: calls a second that may go on for ever.
            burst: calls that may come at once after a rest.
        """
        self._cost_ms = 1000 / per_second
        self._burst_ms = burst * self._cost_ms
        self._most_ms = 2 * self._burst_ms
        self._paid_ms: dict[str, float] = {}
        self._sweep_at = _FIRST_SWEEP

    def allow(self, key: str, now_ms: int) -> bool:
        """Count one call; return False, and count nothing, when the key is beyond its limit."""
        paid_ms = self._owed_until(key, now_ms)
        if paid_ms + self._cost_ms - now_ms > self._burst_ms:
            return False
        self._paid_ms[key] = paid_ms + self._cost_ms
        if len(self._paid_ms) > self._sweep_at:
            self._sweep(now_ms)
        return True

    def charge(self, key: str, now_ms: int, calls: float) -> None:
        """Count ``calls`` more whatever the limit: the next ones wait for them. The debt is at most two bursts."""
        paid_ms = self._owed_until(key, now_ms) + calls * self._cost_ms
        self._paid_ms[key] = min(paid_ms, now_ms + self._most_ms)

    def wait_s(self, key: str, now_ms: int) -> int:
        """Return after how many whole seconds, at least 1, the key may call again."""
        debt_ms = self._owed_until(key, now_ms) + self._cost_ms - self._burst_ms - now_ms
        return max(1, -int(-debt_ms // 1000))

    def _owed_until(self, key: str, now_ms: int) -> float:
        """Return when the debt of a key is paid; a debt that cannot be means the clock was set back, and is none."""
        paid_ms = self._paid_ms.get(key, 0.0)
        return paid_ms if now_ms < paid_ms <= now_ms + self._most_ms else now_ms

    def _sweep(self, now_ms: int) -> None:
        self._paid_ms = {key: paid_ms for key, paid_ms in self._paid_ms.items() if paid_ms > now_ms}
        self._sweep_at = max(_FIRST_SWEEP, 2 * len(self._paid_ms))
