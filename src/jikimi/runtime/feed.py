"""Who is told of changes, and what happened lately.

Screens hold subscriptions; a screen that lost its line asks what it missed. All in memory: after a restart the number
starts above every earlier one, and a screen that asks for older news gets the whole state instead.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Final

from jikimi.apps.ports import Change, Sos
from jikimi.model.decision import Transition
from jikimi.model.record import Security

KEPT_CHANGES: Final = 10_000
KEPT_PAIRS: Final = 5_000
KEPT_PER_PAIR: Final = 50

Wake = Callable[[Change], None]


class Feed:
    """Changes as they happen, to whoever subscribed."""

    def __init__(self, first: int) -> None:
        self._number = first
        self._changes: deque[Change] = deque(maxlen=KEPT_CHANGES)
        self._dropped = first
        self._by_pair: dict[str, dict[Wake, None]] = {}
        self._to_all: dict[Wake, None] = {}
        self._recent: OrderedDict[str, deque[Transition]] = OrderedDict()

    # -- telling -------------------------------------------------------------------------------------------------

    def moved(self, pair_id: str) -> None:
        """Tell that a pair was judged anew without a transition."""
        wakes = self._by_pair.get(pair_id)
        if wakes or self._to_all:
            self._tell(Change(number=self._number, pair_id=pair_id))

    def changed(self, transition: Transition) -> None:
        """Tell a transition."""
        self._remember(transition)
        self._keep(transition.pair_id, transition, None)

    def called(self, pair_id: str, sos: Sos) -> None:
        """Tell an SOS, or its end, to those who watch one of her pairs."""
        self._keep(pair_id, None, sos)

    def alarmed(self, security: Security) -> None:
        """Tell a security event to those who watch everything; it is not kept for later."""
        change = Change(number=self._number, pair_id="", security=security)
        for wake in tuple(self._to_all):
            wake(change)

    def _keep(self, pair_id: str, transition: Transition | None, sos: Sos | None) -> None:
        self._number += 1
        change = Change(number=self._number, pair_id=pair_id, transition=transition, sos=sos)
        if len(self._changes) == KEPT_CHANGES:
            self._dropped = self._changes[0].number
        self._changes.append(change)
        self._tell(change)

    def _tell(self, change: Change) -> None:
        for wake in tuple(self._by_pair.get(change.pair_id, ())):
            wake(change)
        for wake in tuple(self._to_all):
            wake(change)

    def _remember(self, transition: Transition) -> None:
        recent = self._recent.get(transition.pair_id)
        if recent is None:
            recent = self._recent[transition.pair_id] = deque(maxlen=KEPT_PER_PAIR)
            if len(self._recent) > KEPT_PAIRS:
                self._recent.popitem(last=False)
        recent.append(transition)
        self._recent.move_to_end(transition.pair_id)

    # -- asking --------------------------------------------------------------------------------------------------

    def transitions(self, pair_id: str, limit: int) -> Sequence[Transition]:
        """Return a pair's newest transitions, newest first."""
        return list(reversed(self._recent.get(pair_id, ())))[:limit]

    @property
    def number(self) -> int:
        """The number of the newest change."""
        return self._number

    def after(self, number: int, pair_ids: Sequence[str] | None) -> Sequence[Change] | None:
        """Return what was told after ``number``, oldest first, or None when part of it is forgotten."""
        if number < self._dropped or number > self._number:
            return None
        wanted = None if pair_ids is None else set(pair_ids)
        return [c for c in self._changes if c.number > number and (wanted is None or c.pair_id in wanted)]

    def subscribe(self, pair_ids: Sequence[str] | None, wake: Wake) -> Callable[[], None]:
        """Call ``wake`` for each change of these pairs (None: of all); return the way to stop."""
        tables = [self._to_all] if pair_ids is None else [self._by_pair.setdefault(pair_id, {}) for pair_id in pair_ids]
        for table in tables:
            table[wake] = None

        def stop() -> None:
            for table in tables:
                table.pop(wake, None)
            for pair_id in pair_ids or ():
                if not self._by_pair.get(pair_id, True):
                    del self._by_pair[pair_id]

        return stop
