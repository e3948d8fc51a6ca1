"""Drills: a made-up alarm on her real telephone, and a marked incident for those who respond. It never hides a real one.

Nothing of it goes through the core: positions, decisions and the journal know nothing of drills. The first real transition of hers, or a
call for help, ends a drill at once; and a real signal never joins a drill's incident.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from jikimi.disclosure.wire import DrillFrame
from jikimi.incidents.incident import Kind, Party
from jikimi.incidents.opening import Signal
from jikimi.model.decision import Sight, Tier, Transition
from jikimi.model.event import EventKind
from jikimi.model.record import Decided, Events
from jikimi.runtime import parties
from jikimi.runtime.hub import Hub

STEPS: Final = ((Tier.WATCH, 6.0), (Tier.WARNING, 10.0), (Tier.DANGER, 20.0))
"""What is played, and for how many seconds."""


class _Running(msgspec.Struct):
    party: Party
    mark: str
    tier: Tier
    until_ms: int
    task: asyncio.Task[None] | None = None


class Drills:
    """Implements ``Drilling``.

    Args:
        hub: the running core.
        tell: takes signals, for the incidents.
        steps: what is played.
    """

    def __init__(self, hub: Hub, tell: Callable[[Signal], None], steps: tuple[tuple[Tier, float], ...] = STEPS) -> None:
        self._hub = hub
        self._tell = tell
        self._steps = steps
        self._running: dict[str, _Running] = {}
        self._played: set[str] = set()
        self.changed: Callable[[str], None] = _nobody
        """Called with whose screens are to be told anew."""

    def frame(self, person_id: str) -> DrillFrame | None:
        """Return what a drill shows her now, or None."""
        run = self._running.get(person_id)
        return None if run is None else DrillFrame(tier=run.tier.name.lower(), until_ms=run.until_ms)

    def start(self, person_id: str, by: str) -> str | None:
        """Begin one; return why not, in a sentence, or None when it runs."""
        if person_id in self._running:
            return "A drill runs already."
        party = next((one for one in parties.of_person(self._hub, person_id) if one.protected_id == person_id), None)
        if party is None:
            return "No order protects her now."
        if self._hub.sos_of(person_id) is not None or any(self._is_near(pair.pair_id) for pair in self._hub.pairs_of_owner(person_id)):
            return "There is a real alarm, or he is not far: no drill now."
        now_ms = self._hub.now_ms()
        run = _Running(party, f"{by}.{now_ms}", self._steps[0][0], now_ms + round(1000 * sum(s for _, s in self._steps)))
        self._running[person_id] = run
        run.task = asyncio.get_running_loop().create_task(self._play(person_id, run))
        return None

    def stop(self, person_id: str) -> None:
        """End it, if one runs."""
        run = self._running.pop(person_id, None)
        if run is None:
            return
        if run.task is not None:
            run.task.cancel()
        self._tell(self._signal(run, "ended", began=False))
        self.changed(person_id)

    def was_played(self, person_id: str) -> bool:
        """Return whether a drill came to its top on her screens and was not asked about since; a new process knows of none."""
        found = person_id in self._played
        self._played.discard(person_id)
        return found

    def heard(self, record: Decided | Events) -> None:
        """Something real happened: a drill of hers ends at once."""
        if not self._running:
            return
        if isinstance(record, Decided):
            pair = self._hub.pair(record.transition.pair_id)
            if pair is not None and _is_real(record.transition):
                self.stop(pair.owner_id)
        elif record.person_id is not None and any(one.kind is EventKind.SOS for one in record.events):
            self.stop(record.person_id)

    def close(self) -> None:
        """Stop playing; what is open in the books stays."""
        for run in self._running.values():
            if run.task is not None:
                run.task.cancel()
        self._running.clear()

    def _is_near(self, pair_id: str) -> bool:
        view = self._hub.view(pair_id)
        return view is not None and view.tier > Tier.CLEAR

    async def _play(self, person_id: str, run: _Running) -> None:
        for tier, seconds in self._steps:
            run.tier = tier
            if tier >= Tier.WARNING:
                self._tell(self._signal(run, tier.name.lower(), began=True))
            if tier is Tier.DANGER:
                self._played.add(person_id)
            self.changed(person_id)
            await asyncio.sleep(seconds)
        run.task = None
        self.stop(person_id)

    def _signal(self, run: _Running, word: str, *, began: bool) -> Signal:
        return Signal(
            signal_id=f"{run.party.pair_id}.drill.{run.mark}.{word}",
            at_ms=self._hub.now_ms(),
            party=run.party,
            kind=Kind.APPROACH,
            began=began,
            tier=run.tier if began else Tier.CLEAR,
            drill=True,
        )


def _is_real(transition: Transition) -> bool:
    """Whether a transition is one that she must see: anything but calm and seen."""
    return transition.tier > Tier.CLEAR or Sight.BLIND in {transition.monitored, transition.protected}


def _nobody(_person_id: str) -> None:
    """No screen is open."""
