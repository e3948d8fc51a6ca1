"""Telling a signature seen before from a new one, in bounded memory, one device apart from another."""

from __future__ import annotations

import heapq
from typing import Final

WINDOW_MS: Final = 300_000
"""How far a signature's time may be from the server's clock, either way."""

MAX_KEPT: Final = 64
"""Signatures remembered of one device."""


class Replays:
    """Remembers the latest signatures of each device.

    A device's memory holds the ``MAX_KEPT`` signatures with the latest times. Once it is full the earliest time in it is
    forgotten and becomes the device's floor, as does one that grew too old: nothing at or below the floor is accepted
    again. So every replay is caught, a device that sends in order never notices, and one that floods forgets only its own.

    The memory is lost when the process ends. A request replayed then is authentic, at most five minutes old, and harmless
    to the track: its fixes have the ids that the journal knows.
    """

    def __init__(self) -> None:
        self._kept: dict[str, list[tuple[int, str]]] = {}
        self._floor: dict[str, int] = {}

    def is_new(self, device_id: str, time_ms: int, signature: str, now_ms: int) -> bool:
        """Remember a right signature whose time is within the window; return False if it was, or may have been, used.

        Args:
            device_id: a device that exists; strangers must not reach this.
            time_ms: the signature's time.
            signature: the signature.
            now_ms: the time, to forget what no clock would accept any more.
        """
        kept = self._kept.setdefault(device_id, [])
        while kept and kept[0][0] < now_ms - WINDOW_MS:
            self._floor[device_id] = heapq.heappop(kept)[0]
        if time_ms <= self._floor.get(device_id, -1) or (time_ms, signature) in kept:
            return False
        heapq.heappush(kept, (time_ms, signature))
        if len(kept) > MAX_KEPT:
            self._floor[device_id] = heapq.heappop(kept)[0]
        return True
