"""The engine's whole state as plain values, for checkpoints. Restoring gives an engine that decides the same."""

from __future__ import annotations

from typing import Any

import msgspec

from jikimi.core.engine import Engine
from jikimi.core.pair import Watched
from jikimi.core.track import Suspect, Track
from jikimi.model.decision import Approach, Transition
from jikimi.model.fix import Source
from jikimi.model.order import Pair
from jikimi.model.policy import PairRules, TrackRules


class SuspectState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A waiting suspect; see ``core.track.Suspect``."""

    t_ms: int
    lat: float
    lon: float
    variance: float
    error_m: float
    lead_e: float
    lead_n: float
    lead_s: float


class TrackState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One track; see ``core.track.Track``."""

    t_ms: int
    lat: float
    lon: float
    ve: float
    vn: float
    pp: float
    pv: float
    vv: float
    lag_e: float
    lag_n: float
    shown_mps: float
    error_m: float
    floor_m: float
    raw_lat: float
    raw_lon: float
    source: Source
    fix_id: str
    seats: int
    suspect: SuspectState | None


class PairState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One pair; see ``core.pair.Watched``. ``rules`` is the place of its rules in the engine's list."""

    spec: Pair
    rules: int
    tier: int
    sight_m: int
    sight_p: int
    since_ms: int
    number: int
    below_since_ms: int
    gap_m: float
    spread_m: float
    cap_m: float
    cap_p: float
    rel_e: float
    rel_n: float
    seats_m: int
    seats_p: int
    closing_mps: float
    movement: int
    approach: Approach
    last: Transition | None


class EngineState(msgspec.Struct, frozen=True, array_like=True):
    """The whole engine."""

    now_ms: int
    track_rules: TrackRules
    pair_rules: list[PairRules]
    tracks: dict[str, TrackState]
    pairs: list[PairState]


SUSPECT_FIELDS = SuspectState.__struct_fields__
TRACK_FIELDS = tuple(name for name in TrackState.__struct_fields__ if name != "suspect")
PAIR_FIELDS = tuple(name for name in PairState.__struct_fields__ if name not in {"spec", "rules"})


def _dump_track(track: Track) -> TrackState:
    suspect = track.suspect
    waiting = SuspectState(**{name: getattr(suspect, name) for name in SUSPECT_FIELDS}) if suspect is not None else None
    values: dict[str, Any] = {name: getattr(track, name) for name in TRACK_FIELDS}
    return TrackState(**values, suspect=waiting)


def _load_track(state: TrackState) -> Track:
    track = Track(state.t_ms, state.lat, state.lon, state.pp)
    for name in TRACK_FIELDS:
        setattr(track, name, getattr(state, name))
    waiting = state.suspect
    if waiting is not None:
        track.suspect = Suspect(waiting.t_ms, waiting.lat, waiting.lon, waiting.variance, 0.0)
        for name in SUSPECT_FIELDS:
            setattr(track.suspect, name, getattr(waiting, name))
    return track


def dump(engine: Engine) -> EngineState:
    """Return the engine's state. Costs some microseconds a pair; nothing is shared with the engine that changes."""
    rules: dict[PairRules, int] = {}
    pairs = [_dump_pair(pair, rules) for pair in engine.pairs()]
    tracks = {person_id: _dump_track(person.track) for person_id, person in engine.persons() if person.track is not None}
    return EngineState(engine.now_ms, engine.rules, list(rules), tracks, pairs)


def _dump_pair(pair: Watched, rules: dict[PairRules, int]) -> PairState:
    place = rules.setdefault(pair.spec.rules, len(rules))
    values: dict[str, Any] = {name: getattr(pair, name) for name in PAIR_FIELDS}
    return PairState(spec=pair.spec, rules=place, **values)


def load(state: EngineState) -> Engine:
    """Return an engine that goes on where the dumped one stood."""
    engine = Engine(state.track_rules)
    tracks = {person_id: _load_track(track) for person_id, track in state.tracks.items()}
    for pair in state.pairs:
        spec = msgspec.structs.replace(pair.spec, rules=state.pair_rules[pair.rules])
        found = {name: getattr(pair, name) for name in PAIR_FIELDS}
        engine.adopt(spec, tracks.get(spec.monitored_id), tracks.get(spec.protected_id or ""), found, state.now_ms)
    engine.now_ms = state.now_ms
    return engine
