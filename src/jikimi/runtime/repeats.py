"""Which reports of a device are known already, so that sending one again is harmless.

A device sends a report again when it did not hear the answer, so only reports of its last few requests can come twice.
For each device the newest marks are kept: 32, or twice the largest batch it ever sent. A fix dated later than all
before it is new for certain and is not even looked up.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final
from zlib import crc32

from jikimi.model.fix import Fix

LEAST: Final = 32
FEW: Final = 8
CRC_BITS: Final = 20
CRC_MASK: Final = (1 << CRC_BITS) - 1
TIME_MASK: Final = (1 << 43) - 1


def fix_mark(fix_id: str, time_ms: int) -> int:
    """Return 63 bits that stand for a fix: its time and a checksum of its id.

    Two different fixes of one device collide only when dated to the same millisecond, and then once in a million.
    """
    return (time_ms & TIME_MASK) << CRC_BITS | (crc32(fix_id.encode()) & CRC_MASK)


def event_mark(event_id: str) -> int:
    """Return 63 bits that stand for an event: an SOS must never be taken for another one."""
    return int.from_bytes(blake2b(event_id.encode(), digest_size=8).digest()) >> 1


class Repeats:
    """The newest marks of one device."""

    __slots__ = ("keep", "marks", "newest_ms")

    def __init__(self, marks: bytes = b"", keep: int = LEAST, newest_ms: int = -1) -> None:
        self.marks = array("q", marks)
        self.keep = keep
        self.newest_ms = newest_ms

    def expect(self, batch: int) -> None:
        """Make room for a batch of this size and its repetition."""
        if 2 * batch > self.keep:
            self.keep = 2 * batch

    def add_fix(self, fix_id: str, time_ms: int) -> bool:
        """Remember a fix; return False when it was known already."""
        mark = fix_mark(fix_id, time_ms)
        if time_ms > self.newest_ms:
            self.newest_ms = time_ms
            self._keep(mark)
            return True
        return self._add(mark)

    def new_fixes(self, fixes: Sequence[Fix]) -> list[Fix]:
        """Remember fixes; return those that were not known already, in their order."""
        if len(fixes) <= FEW:
            return [fix for fix in fixes if self.add_fix(fix.fix_id, fix.fix_time_ms)]
        # Looked up one by one, a batch sent newest first would cost its square.
        known = set(self.marks)
        new: list[Fix] = []
        for fix in fixes:
            mark = fix_mark(fix.fix_id, fix.fix_time_ms)
            if mark not in known:
                known.add(mark)
                new.append(fix)
                self._keep(mark)
        self.newest_ms = max(self.newest_ms, *(fix.fix_time_ms for fix in fixes))
        return new

    def add_event(self, event_id: str) -> bool:
        """Remember an event; return False when it was known already."""
        return self._add(event_mark(event_id))

    def _add(self, mark: int) -> bool:
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
