"""The engine's whole state as plain values, for checkpoints. Restoring gives an engine that decides the same."""

from __future__ import annotations

import msgspec

from jikimi.core.engine import Engine
from jikimi.core.limits import Limits
from jikimi.core.pair import Watched
from jikimi.core.track import Rest, Suspect, Track
from jikimi.model.decision import Approach, Transition
from jikimi.model.fix import Source
from jikimi.model.order import Pair
from jikimi.model.policy import PairRules, TrackRules
from jikimi.model.zone import Zone


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


class RestState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A rest that one fix may have ended; see ``core.track.Rest``."""

    lat: float
    lon: float
    pp: float
    seconds: float


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
    way_e: float
    way_n: float
    way_s: float
    path_m: float
    stride_e: float
    stride_n: float
    stride_s: float
    pace_s: float
    shown_mps: float
    quick: bool
    anew: bool
    error_m: float
    floor_m: float
    raw_lat: float
    raw_lon: float
    source: Source
    fix_id: str
    suspect: SuspectState | None
    rests: bool
    lull_s: float
    scatter: float
    left: RestState | None


class PairState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One pair; see ``model.order.Pair`` and ``core.pair.Watched``. ``rules`` is the place of its rules in the engine's list."""

    pair_id: str
    order_id: str
    monitored_id: str
    owner_id: str
    protected_id: str | None
    place_id: str | None
    zone: Zone | None
    rules: int
    index: int
    tier: int
    sight_m: int
    sight_p: int
    since_ms: int
    number: int
    below_since_ms: int
    closing_mps: float
    coming: int
    coming_ms: int
    nearing: bool
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


def _dump_suspect(suspect: Suspect | None) -> SuspectState | None:
    if suspect is None:
        return None
    return SuspectState(
        suspect.t_ms,
        suspect.lat,
        suspect.lon,
        suspect.variance,
        suspect.error_m,
        suspect.lead_e,
        suspect.lead_n,
        suspect.lead_s,
    )


def _load_suspect(state: SuspectState | None) -> Suspect | None:
    if state is None:
        return None
    suspect = Suspect(state.t_ms, state.lat, state.lon, state.variance, 0.0)
    suspect.error_m = state.error_m
    suspect.lead_e = state.lead_e
    suspect.lead_n = state.lead_n
    suspect.lead_s = state.lead_s
    return suspect


def _dump_track(track: Track) -> TrackState:
    return TrackState(
        track.t_ms,
        track.lat,
        track.lon,
        track.ve,
        track.vn,
        track.pp,
        track.pv,
        track.vv,
        track.lag_e,
        track.lag_n,
        track.way_e,
        track.way_n,
        track.way_s,
        track.path_m,
        track.stride_e,
        track.stride_n,
        track.stride_s,
        track.pace_s,
        track.shown_mps,
        track.quick,
        track.anew,
        track.error_m,
        track.floor_m,
        track.raw_lat,
        track.raw_lon,
        track.source,
        track.fix_id,
        _dump_suspect(track.suspect),
        track.rests,
        track.lull_s,
        track.scatter,
        RestState(track.left.lat, track.left.lon, track.left.pp, track.left.seconds) if track.left is not None else None,
    )


def _load_track(state: TrackState) -> Track:
    track = Track(state.t_ms, state.lat, state.lon, state.pp)
    track.ve = state.ve
    track.vn = state.vn
    track.pv = state.pv
    track.vv = state.vv
    track.lag_e = state.lag_e
    track.lag_n = state.lag_n
    track.way_e = state.way_e
    track.way_n = state.way_n
    track.way_s = state.way_s
    track.path_m = state.path_m
    track.stride_e = state.stride_e
    track.stride_n = state.stride_n
    track.stride_s = state.stride_s
    track.pace_s = state.pace_s
    track.shown_mps = state.shown_mps
    track.quick = state.quick
    track.anew = state.anew
    track.error_m = state.error_m
    track.floor_m = state.floor_m
    track.raw_lat = state.raw_lat
    track.raw_lon = state.raw_lon
    track.source = state.source
    track.fix_id = state.fix_id
    track.suspect = _load_suspect(state.suspect)
    track.rests = state.rests
    track.lull_s = state.lull_s
    track.scatter = state.scatter
    if state.left is not None:
        track.left = Rest(state.left.lat, state.left.lon, state.left.pp, state.left.seconds)
    return track


def _dump_pair(pair: Watched, rules: int) -> PairState:
    spec = pair.spec
    return PairState(
        spec.pair_id,
        spec.order_id,
        spec.monitored_id,
        spec.owner_id,
        spec.protected_id,
        spec.place_id,
        spec.zone,
        rules,
        pair.index,
        pair.tier,
        pair.sight_m,
        pair.sight_p,
        pair.since_ms,
        pair.number,
        pair.below_since_ms,
        pair.closing_mps,
        pair.coming,
        pair.coming_ms,
        pair.nearing,
        pair.movement,
        pair.approach,
        pair.last,
    )


def _load_pair(state: PairState, limits: Limits, names: dict[str, str]) -> Watched:
    """Return the pair. ``names`` keeps one copy of each person's id: it stands in pairs and tracks."""
    protected_id = state.protected_id
    spec = Pair(
        pair_id=state.pair_id,
        order_id=state.order_id,
        monitored_id=names.setdefault(state.monitored_id, state.monitored_id),
        owner_id=names.setdefault(state.owner_id, state.owner_id),
        protected_id=names.setdefault(protected_id, protected_id) if protected_id is not None else None,
        place_id=state.place_id,
        zone=state.zone,
        rules=limits.rules,
    )
    pair = Watched(state.index, spec, limits, state.since_ms)
    pair.tier = state.tier
    pair.sight_m = state.sight_m
    pair.sight_p = state.sight_p
    pair.number = state.number
    pair.below_since_ms = state.below_since_ms
    pair.closing_mps = state.closing_mps
    pair.coming = state.coming
    pair.coming_ms = state.coming_ms
    pair.nearing = state.nearing
    pair.movement = state.movement
    pair.approach = state.approach
    pair.last = state.last
    return pair


def dump(engine: Engine) -> EngineState:
    """Return the engine's state. Costs some microseconds a pair; nothing is shared with the engine that changes."""
    rules: dict[PairRules, int] = {}
    pairs = [_dump_pair(pair, rules.setdefault(pair.spec.rules, len(rules))) for pair in engine.pairs()]
    tracks = {person_id: _dump_track(track) for person_id, track in engine.tracks()}
    return EngineState(engine.now_ms, engine.rules, list(rules), tracks, pairs)


def load(state: EngineState) -> Engine:
    """Return an engine that goes on where the dumped one stood."""
    limits = [Limits(rules) for rules in state.pair_rules]
    names: dict[str, str] = {}
    pairs = [_load_pair(pair, limits[pair.rules], names) for pair in state.pairs]
    tracks = {names.get(person_id, person_id): _load_track(track) for person_id, track in state.tracks.items()}
    return Engine.restored(state.track_rules, state.now_ms, tracks, pairs)
