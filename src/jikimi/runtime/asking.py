"""Which interval each device was asked for last. In memory: after a restart everybody is told again."""

from __future__ import annotations


class Asking:
    """Decides whether a device must be told its interval."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, int]] = {}

    def ask(self, device_id: str, wanted_s: float | None, repeat_s: float, now_ms: int, *, unheard: bool) -> float | None:
        """Return the interval to tell the device now, or None when there is nothing to say.

        Args:
            device_id: the device that is about to be answered.
            wanted_s: the interval it should report at; None where nobody wants to hear from it.
            repeat_s: after so long an unchanged interval is told again.
            now_ms: as of when.
            unheard: whether the answer before this one seems to have been lost.
        """
        if wanted_s is None:
            self._told.pop(device_id, None)
            return None
        told = self._told.get(device_id)
        if told is not None and told[0] == wanted_s and now_ms - told[1] < repeat_s * 1000.0 and not unheard:
            return None
        self._told[device_id] = (wanted_s, now_ms)
        return wanted_s

    def forget(self, device_id: str) -> None:
        """Forget a device."""
        self._told.pop(device_id, None)
