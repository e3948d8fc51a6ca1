"""Everything the running server knows that must survive it: a state machine over the journal's records.

Live input and recovery go through the same calls, so that a restart ends where the process stood. No clock, no input or
output: every call says when.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

import msgspec

from jikimi.apps.ports import DeviceHealth, Sos, TrailPoint
from jikimi.core import state as core_state
from jikimi.core.engine import Engine
from jikimi.model.decision import Tier, Transition
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix, Verdict
from jikimi.model.order import Pair
from jikimi.model.policy import TrackRules
from jikimi.model.record import Events, Fixes, Forget, PairEnd, PairPut, Record, TrackRulesPut
from jikimi.runtime.repeats import Repeats, fair

TRAIL_POINTS: Final = 3600
_USED: Final = frozenset({Verdict.USED, Verdict.CONFIRMED, Verdict.FUTURE})


class RepeatsState(msgspec.Struct, frozen=True, array_like=True):
    """``Repeats`` as plain values."""

    marks: bytes
    keep: int
    newest_ms: int


class MindState(msgspec.Struct, frozen=True, array_like=True):
    """A ``Mind`` as plain values, for a checkpoint."""

    engine: core_state.EngineState
    repeats: dict[str, RepeatsState]
    health: dict[str, DeviceHealth]
    sos: dict[str, Sos]


class Mind:
    """Engine, known reports, health of devices, standing SOS calls, and the trails of running alarms."""

    def __init__(self, rules: TrackRules) -> None:
        self.engine = Engine(rules)
        self.repeats: dict[str, Repeats] = {}
        self._shared_by = 0
        self._share = fair(0)
        self.health: dict[str, DeviceHealth] = {}
        self.sos: dict[str, Sos] = {}
        self._trails: dict[str, deque[TrailPoint]] = {}

    # -- input ---------------------------------------------------------------------------------------------------

    def known(self, device_id: str, batch: int) -> Repeats:
        """Return what is known of a device's reports, with room for a batch."""
        repeats = self.repeats.get(device_id)
        if repeats is None:
            repeats = self.repeats[device_id] = Repeats()
        devices = len(self.repeats)
        if devices != self._shared_by:
            self._shared_by, self._share = devices, fair(devices)
        # Nearly every report is one of a few: room for it was made long ago.
        if repeats.keep < self._share or repeats.keep < 2 * batch:
            repeats.expect(batch, self._share)
        return repeats

    def fixes(self, at_ms: int, person_id: str, fixes: Sequence[Fix]) -> tuple[list[Verdict], list[Transition]]:
        """Judge new fixes of a person, received now; return each one's verdict, and what changed."""
        engine = self.engine
        out = engine.advance(at_ms)
        verdicts = [engine.fix(person_id, fix, at_ms, out) for fix in fixes]
        self._hear(person_id, at_ms, fixes[-1])
        self._extend_trail(person_id, verdicts)
        return verdicts, out

    def events(self, at_ms: int, person_id: str | None, events: Sequence[DeviceEvent]) -> list[Transition]:
        """Take events of a device in."""
        if person_id is not None:
            for event in events:
                self._event(person_id, event, at_ms)
        return self.engine.advance(at_ms)

    def _event(self, person_id: str, event: DeviceEvent, at_ms: int) -> None:
        before = self.health.get(person_id)
        battery = event.battery_pct if event.battery_pct is not None or before is None else before.battery_pct
        self.health[person_id] = DeviceHealth(
            heard_ms=at_ms if event.kind is not EventKind.OFFLINE else before.heard_ms if before is not None else None,
            fix_time_ms=before.fix_time_ms if before is not None else None,
            error_m=before.error_m if before is not None else None,
            battery_pct=battery,
        )
        if event.kind is EventKind.SOS:
            self.sos[person_id] = Sos(sos_id=event.event_id, person_id=person_id, at_ms=at_ms, silent=event.detail == "silent")
        elif event.kind is EventKind.SOS_CANCEL:
            self.sos.pop(person_id, None)

    def _hear(self, person_id: str, at_ms: int, fix: Fix) -> None:
        battery = fix.battery_pct
        if battery is None:
            before = self.health.get(person_id)
            battery = before.battery_pct if before is not None else None
        self.health[person_id] = DeviceHealth(heard_ms=at_ms, fix_time_ms=fix.fix_time_ms, error_m=fix.error_m, battery_pct=battery)

    # -- trails --------------------------------------------------------------------------------------------------

    def _extend_trail(self, person_id: str, verdicts: Sequence[Verdict]) -> None:
        """Keep where a monitored person went while an alarm of his lasts; forget it when none does."""
        if not [True for pair in self.engine.pairs_of(person_id) if pair.tier >= Tier.WARNING and pair.spec.monitored_id == person_id]:
            if self._trails:
                self._trails.pop(person_id, None)
            return
        track = self.engine.track(person_id)
        if track is not None and not _USED.isdisjoint(verdicts):
            self._trails.setdefault(person_id, deque(maxlen=TRAIL_POINTS)).append(TrailPoint(track.lat, track.lon, track.t_ms))

    def trail(self, person_id: str, since_ms: int) -> list[TrailPoint]:
        """Return where he went during the running alarm, from ``since_ms`` on."""
        return [point for point in self._trails.get(person_id, ()) if point.at_ms >= since_ms]

    # -- orders --------------------------------------------------------------------------------------------------

    def put(self, at_ms: int, pair: Pair) -> list[Transition]:
        """Watch a pair from now on."""
        return self.engine.put(pair, at_ms)

    def end(self, at_ms: int, pair_id: str) -> list[Transition]:
        """Stop watching a pair, and forget the trail of whom nobody watches any more."""
        pair = self.engine.pair(pair_id)
        out = self.engine.end(pair_id, at_ms)
        if pair is not None and not self.engine.pairs_of(pair.spec.monitored_id):
            self._trails.pop(pair.spec.monitored_id, None)
        return out

    def forget(self, record: Forget) -> list[Transition]:
        """Forget persons and devices. Who is in a pair keeps a track: only what no order needs is ever forgotten."""
        for person_id in record.person_ids:
            self.health.pop(person_id, None)
            self.sos.pop(person_id, None)
            self._trails.pop(person_id, None)
        for device_id in record.device_ids:
            self.repeats.pop(device_id, None)
        return self.engine.advance(record.at_ms)

    # -- recovery ------------------------------------------------------------------------------------------------

    def replay(self, record: Record) -> tuple[list[Verdict], list[Transition]]:
        """Take one record of the journal in, as it was taken in when it was written."""
        if isinstance(record, Fixes):
            known = self.known(record.device_id, max(len(record.fixes), record.batch))
            known.new_fixes(record.fixes)
            return self.fixes(record.at_ms, record.person_id, record.fixes)
        if isinstance(record, Events):
            known = self.known(record.device_id, len(record.events))
            for event in record.events:
                known.add_event(event)
            return [], self.events(record.at_ms, record.person_id, record.events)
        return [], self._told(record)

    def _told(self, record: Record) -> list[Transition]:
        """Take in what is neither a fix nor an event."""
        if isinstance(record, PairPut):
            return self.put(record.at_ms, record.pair)
        if isinstance(record, PairEnd):
            return self.end(record.at_ms, record.pair_id)
        if isinstance(record, TrackRulesPut):
            out = self.engine.advance(record.at_ms)
            self.engine.set_track_rules(record.rules)
            return out
        return self.forget(record) if isinstance(record, Forget) else []

    def dump(self) -> MindState:
        """Return everything as plain values."""
        repeats = {name: RepeatsState(r.marks.tobytes(), r.keep, r.newest_ms) for name, r in self.repeats.items()}
        return msgspec.structs.replace(self.belief(), repeats=repeats)

    def belief(self) -> MindState:
        """Return what is believed, without which reports are known."""
        return MindState(core_state.dump(self.engine), {}, dict(self.health), dict(self.sos))

    def believe(self, state: MindState) -> None:
        """Go on from what was believed. Known reports stay as they are: one that was not stored is new when it comes again."""
        self.engine = core_state.load(state.engine)
        self.health, self.sos = dict(state.health), dict(state.sos)


def load(state: MindState) -> Mind:
    """Return a mind that goes on where the dumped one stood."""
    mind = Mind(state.engine.track_rules)
    mind.engine = core_state.load(state.engine)
    mind.repeats = {name: Repeats(r.marks, r.keep, r.newest_ms) for name, r in state.repeats.items()}
    mind.health = dict(state.health)
    mind.sos = dict(state.sos)
    return mind
