"""Which reports of a device are known already, so that sending one again is harmless.

A device sends a report again when it did not hear the answer; some send a whole queue or a whole day again. For each device the newest
marks are kept: as many as an even share of ``BUDGET`` allows, from ``LEAST`` to ``MOST``, and twice the largest batch it ever sent. A fix
dated later than all before it is new for certain and is not even looked up. What comes again after its mark was given up is stored
twice; it is older than what the track knows, so no decision rests on it.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from jikimi.model.event import DeviceEvent
from jikimi.model.fix import Fix

LEAST: Final = 32
MOST: Final = 8_192
"""Most of a day at a fix every 10 s."""
BUDGET: Final = 4_000_000
"""Marks of all devices together, some 64 MB at most."""


def fair(devices: int) -> int:
    """Return how many marks each of so many devices may keep."""
    return min(MOST, max(LEAST, BUDGET // max(devices, 1)))


def fix_mark(fix_id: str, time_ms: int) -> int:
    """Return 63 bits that stand for a fix: its name and its time.

    The time belongs to it: a tracker that counts from 1 again after a restart must not lose what it reports then.
    """
    return _mark(f"{time_ms} {fix_id}")


def event_mark(event: DeviceEvent) -> int:
    """Return 63 bits that stand for an event: its kind, its time and its name. An SOS must never be taken for another event."""
    return _mark(f"{event.kind} {event.event_time_ms} {event.event_id}")


def _mark(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).digest()) >> 1


class Repeats:
    """The newest marks of one device."""

    __slots__ = ("keep", "marks", "newest_ms")

    def __init__(self, marks: bytes = b"", keep: int = LEAST, newest_ms: int = -1) -> None:
        self.marks = array("q", marks)
        self.keep = keep
        self.newest_ms = newest_ms

    def expect(self, batch: int, share: int = LEAST) -> None:
        """Make room for a batch of this size and its repetition, and for this share of all marks."""
        self.keep = max(self.keep, 2 * batch, share)

    def new_fixes(self, fixes: Sequence[Fix]) -> list[Fix]:
        """Remember fixes; return those that were not known already, in their order."""
        known: set[int] | None = None
        new: list[Fix] = []
        for fix in fixes:
            mark = fix_mark(fix.fix_id, fix.fix_time_ms)
            if fix.fix_time_ms > self.newest_ms:
                self.newest_ms = fix.fix_time_ms
            else:
                # Looked up one by one, a batch sent newest first would cost its square.
                known = set(self.marks) if known is None else known
                if mark in known:
                    continue
            if known is not None:
                known.add(mark)
            new.append(fix)
            self._keep(mark)
        return new

    def add_event(self, event: DeviceEvent) -> bool:
        """Remember an event; return False when it was known already."""
        mark = event_mark(event)
        if mark in self.marks:
            return False
        self._keep(mark)
        return True

    def _keep(self, mark: int) -> None:
        self.marks.append(mark)
        if len(self.marks) > 2 * self.keep:
            del self.marks[: -self.keep]

    def forget(self, mark: int) -> None:
        """Take a report back that could not be stored: its repetition must count."""
        if mark in self.marks:
            self.marks.remove(mark)
