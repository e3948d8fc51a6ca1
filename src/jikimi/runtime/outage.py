"""Many fall silent at once: an outage has one cause, and a hundred thousand incidents would hide the one that matters.

Silences are counted in a moving window, each policy by itself. While there are more than the policy calls one by one, they wait here
and become members of one incident; approaches, calls for help and everything else go their own way, before them.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

from jikimi.incidents.incident import Kind
from jikimi.incidents.opening import Signal
from jikimi.model.decision import Tier
from jikimi.model.responders import Responders

CALM: Final = frozenset({None, Tier.CLEAR, Tier.WATCH})
"""From warning up a silence belongs to an approach, and has an incident of its own."""


class Outage:
    """Silences of an outage, in the order in which they came.

    Args:
        responders: how many make an outage, by policy id.
    """

    def __init__(self, responders: Mapping[str, Responders]) -> None:
        self._mass = {policy_id: one.mass for policy_id, one in responders.items()}
        self._began: dict[str, deque[int]] = {}
        self._waiting: deque[Signal] = deque()
        self._pairs: Counter[str] = Counter()
        self.policies: frozenset[str] = frozenset()
        """Policies of which an incident of this kind is open: what ends may be one of its members."""

    def __bool__(self) -> bool:
        """Return whether any waits."""
        return bool(self._waiting)

    def __iter__(self) -> Iterator[Signal]:
        """Yield all that wait."""
        return iter(self._waiting)

    def remember(self, silences: Iterable[tuple[str, int]]) -> None:
        """Count silences that an earlier process took in, policy and time of each: its window goes on after a restart."""
        for policy_id, at_ms in sorted(silences, key=lambda one: one[1]):
            rule = self._mass.get(policy_id)
            if rule is not None:
                self._began.setdefault(policy_id, deque(maxlen=rule.silent + 1)).append(at_ms)

    def takes(self, signal: Signal) -> bool:
        """Let a signal wait here, if it is one of an outage; return whether it is."""
        if signal.kind is not Kind.SILENCE:
            return False
        # What comes later of a pair that waits here must not pass it.
        taken = signal.party.pair_id in self._pairs or (signal.tier in CALM and self._is_one(signal))
        if taken:
            self._waiting.append(signal)
            self._pairs[signal.party.pair_id] += 1
        return taken

    def waits_with(self, pair_id: str) -> bool:
        """Return whether a silence of a pair waits here."""
        return pair_id in self._pairs

    def _is_one(self, signal: Signal) -> bool:
        return self._is_mass(signal) if signal.began else signal.party.policy_id in self.policies

    def next(self, most: int) -> list[Signal]:
        """Return the next ones, at most ``most``."""
        return list(islice(self._waiting, most))

    def done(self, count: int) -> None:
        """Remove so many that ``next`` returned."""
        for _ in range(count):
            pair_id = self._waiting.popleft().party.pair_id
            self._pairs[pair_id] -= 1
            if not self._pairs[pair_id]:
                del self._pairs[pair_id]

    def _is_mass(self, signal: Signal) -> bool:
        """Count a silence, and return whether there were too many in the policy's window."""
        rule = self._mass.get(signal.party.policy_id)
        if rule is None:
            return False
        began = self._began.setdefault(signal.party.policy_id, deque(maxlen=rule.silent + 1))
        began.append(signal.at_ms)
        return len(began) > rule.silent and signal.at_ms - began[0] <= 1_000 * rule.within_s
