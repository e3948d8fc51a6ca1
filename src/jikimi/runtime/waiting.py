"""Signals that wait to be taken in: those of pairs in danger first, each pair's own in the order in which they came."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Final

from jikimi.incidents.incident import CALLS, Kind
from jikimi.incidents.opening import Signal

URGENT: Final = frozenset({Kind.APPROACH, *CALLS})
"""Who waits for help does not wait behind a thousand silent tags."""


class Waiting:
    """A queue of queues, one a pair. What is taken out is removed only once it is done, for it may have to be tried again."""

    def __init__(self) -> None:
        self._of: dict[str, deque[Signal]] = {}
        self._urgent: dict[str, None] = {}
        self._plain: dict[str, None] = {}

    def __bool__(self) -> bool:
        """Return whether anything waits."""
        return bool(self._of)

    @property
    def is_urgent(self) -> bool:
        """Whether anybody in danger waits."""
        return bool(self._urgent)

    def has(self, pair_id: str) -> bool:
        """Return whether anything of a pair waits: what comes later must not pass it."""
        return pair_id in self._of

    def __iter__(self) -> Iterator[Signal]:
        """Yield all that waits, pair by pair."""
        for own in self._of.values():
            yield from own

    def add(self, signal: Signal) -> None:
        """Let a signal wait."""
        pair_id = signal.party.pair_id
        self._of.setdefault(pair_id, deque()).append(signal)
        if signal.kind in URGENT:
            self._plain.pop(pair_id, None)
            self._urgent[pair_id] = None
        elif pair_id not in self._urgent:
            self._plain[pair_id] = None

    def next(self, most: int) -> list[Signal]:
        """Return the next ones, at most ``most``."""
        found: list[Signal] = []
        for queue in (self._urgent, self._plain):
            for pair_id in queue:
                found += islice(self._of[pair_id], most - len(found))
                if len(found) == most:
                    return found
        return found

    def done(self, signals: list[Signal]) -> None:
        """Remove what ``next`` returned."""
        for signal in signals:
            pair_id = signal.party.pair_id
            own = self._of[pair_id]
            own.popleft()
            if not own:
                del self._of[pair_id]
                self._urgent.pop(pair_id, None)
                self._plain.pop(pair_id, None)
