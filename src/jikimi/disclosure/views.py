"""Since when her view of each pair is open, whichever of her screens asks: a screen that comes back begins no new ten minutes.

What the gate remembers of her (``OpenState``) stands here while the alarm lasts, so that a lost line, a second phone or a server that
began anew changes nothing about when her view closes for want of a renewal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jikimi.disclosure.gate import NOTHING_OPEN, OpenState


class Views:
    """Her views, by pair. What the time counts from is noted as changed, so that somebody may keep it."""

    def __init__(self) -> None:
        self._states: dict[str, OpenState] = {}
        self._changed: set[str] = set()
        self.changed: Callable[[], None] = _nobody
        """Called when something is worth keeping."""

    def restore(self, kept: Mapping[str, OpenState]) -> None:
        """Go on from what was kept before the process began."""
        self._states.update(kept)

    def of(self, pair_id: str) -> OpenState:
        """Return what is remembered of a pair."""
        return self._states.get(pair_id, NOTHING_OPEN)

    def keep(self, pair_id: str, state: OpenState) -> None:
        """Remember what the gate said."""
        before = self.of(pair_id)
        if state == NOTHING_OPEN:
            self._states.pop(pair_id, None)
        else:
            self._states[pair_id] = state
        if _kept(before) != _kept(state):
            self._note(pair_id)

    def over(self, pair_id: str) -> None:
        """The alarm is over, or the pair is: the next one is another view."""
        if self._states.pop(pair_id, None) is not None:
            self._note(pair_id)

    def taken(self) -> dict[str, OpenState | None]:
        """Return what changed since the last call; None: nothing is remembered of that pair any more."""
        pairs, self._changed = self._changed, set()
        return {pair_id: self._states.get(pair_id) for pair_id in pairs}

    def again(self, pair_ids: Mapping[str, OpenState | None]) -> None:
        """Note anew what could not be kept."""
        for pair_id in pair_ids:
            self._note(pair_id)

    def _note(self, pair_id: str) -> None:
        self._changed.add(pair_id)
        self.changed()


def _kept(state: OpenState) -> tuple[object, ...]:
    """Return what is worth keeping over a restart: from when the ten minutes count, and since when she goes towards him."""
    return state.shown_ms, state.tier, state.towards_ms


def _nobody() -> None:
    """Nobody keeps it."""
