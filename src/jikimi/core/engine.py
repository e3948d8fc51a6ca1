"""The incremental engine: all pairs in memory, indexed by person, event-driven.

It has no clock: every call says when. Calls must come in the order of time; then the same calls give the same
transitions, byte for byte. ``advance`` rings the alarms of pairs that time alone changes, each at its own due
moment, so it does not matter how often it is called as long as it is called before the next input.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import Final

from msgspec.structs import replace

from jikimi.core.limits import NEVER_MS, Limits
from jikimi.core.pair import Watched
from jikimi.core.track import CONFIRMED, DUPLICATE, FUTURE, OUT_OF_ORDER, USED, ZERO_ISLAND, Beliefs, Track
from jikimi.model.decision import Transition
from jikimi.model.fix import Fix, Verdict
from jikimi.model.order import Pair
from jikimi.model.policy import PairRules, TrackRules

INVALID: Final = int(Verdict.INVALID)
UNASSIGNED: Final = int(Verdict.UNASSIGNED)
VERDICTS: Final = tuple(Verdict)
INDEX_BITS: Final = 21
"""An alarm is one integer, due time above, pair index below: compact, and ties ring in the order of entry."""
INDEX_MASK: Final = (1 << INDEX_BITS) - 1
ISLAND_DEG: Final = 1e-5
"""About a metre: nearer to 0° N 0° E than this is a receiver's way to say nothing."""


def parties(spec: Pair) -> tuple[str, ...]:
    """Return the persons of a pair."""
    return (spec.monitored_id,) if spec.protected_id in {None, spec.monitored_id} else (spec.monitored_id, spec.protected_id)


class Engine:
    """Judges all pairs. See the module's text for the rules of calling."""

    def __init__(self, rules: TrackRules) -> None:
        self.now_ms: int = 0
        self._tracks: dict[str, Track] = {}
        self._unheard: dict[str, tuple[Watched, ...]] = {}
        self._pairs: dict[str, Watched] = {}
        self._slots: list[Watched | None] = []
        self._free: list[int] = []
        self._alarms: list[int] = []
        self._limits: dict[PairRules, Limits] = {}
        self.set_track_rules(rules)

    def set_track_rules(self, rules: TrackRules) -> None:
        """Judge fixes by these rules from now on."""
        self.rules = rules
        self._beliefs = Beliefs(rules)

    # -- orders --------------------------------------------------------------------------------------------------

    def put(self, spec: Pair, now_ms: int) -> list[Transition]:
        """Watch a pair, or watch it by new rules; its tier, sights and transition numbers go on.

        A pair whose parties change takes its place behind all others, as a new one does.
        """
        out = self.advance(now_ms)
        spec, limits = self._shared(spec)
        pair = self._pairs.get(spec.pair_id)
        if pair is None:
            pair = Watched(self._slot(), spec, limits, now_ms)
            self._enter(pair)
        elif parties(pair.spec) == parties(spec):
            pair.specify(spec, limits)
            pair.meet(pair.monitored, pair.protected)
        else:
            tracks = self._part(pair)
            pair.specify(spec, limits)
            self._tracks.update({person_id: track for person_id, track in tracks.items() if person_id in parties(spec)})
            self._enter(pair)
        pair.judge(now_ms, None, 0.0, 0.0, out)
        self._set_alarm(pair, pair.next_alarm_ms(pair.gap_m(), now_ms))
        return out

    def end(self, pair_id: str, now_ms: int) -> list[Transition]:
        """Stop watching a pair. A person in no pair any more is forgotten, track and all."""
        out = self.advance(now_ms)
        pair = self._pairs.get(pair_id)
        if pair is not None:
            self._part(pair)
            self._slots[pair.index] = None
            heappush(self._free, pair.index)
        return out

    @classmethod
    def restored(cls, rules: TrackRules, now_ms: int, tracks: dict[str, Track], pairs: Sequence[Watched]) -> Engine:
        """Return an engine that goes on with tracks and pairs from a checkpoint; the pairs in order of entry."""
        engine = cls(rules)
        engine.now_ms = now_ms
        engine._tracks = tracks
        taken = {pair.index: pair for pair in pairs}
        engine._slots = [taken.get(index) for index in range(max(taken, default=-1) + 1)]
        engine._free = [index for index, pair in enumerate(engine._slots) if pair is None]
        for pair in pairs:
            engine._limits[pair.limits.rules] = pair.limits
            engine._enter(pair)
            engine._set_alarm(pair, pair.next_alarm_ms(pair.gap_m(), now_ms))
        return engine

    def _shared(self, spec: Pair) -> tuple[Pair, Limits]:
        """Return the pair with the one copy of its rules that all under equal rules share."""
        limits = self._limits.get(spec.rules)
        if limits is None:
            limits = self._limits[spec.rules] = Limits(spec.rules)
        if spec.rules is not limits.rules:
            spec = replace(spec, rules=limits.rules)
        return spec, limits

    def _slot(self) -> int:
        if self._free:
            return heappop(self._free)
        if len(self._slots) > INDEX_MASK:
            raise OverflowError("one engine holds 2,097,152 pairs: share the persons among several")
        self._slots.append(None)
        return len(self._slots) - 1

    def _enter(self, pair: Watched) -> None:
        """Enter a pair behind all others, with the tracks of both sides as far as there are any."""
        self._pairs[pair.spec.pair_id] = pair
        self._slots[pair.index] = pair
        alone = (pair,)
        for person_id in parties(pair.spec):
            track = self._tracks.get(person_id)
            if track is not None:
                track.join(pair)
            else:
                before = self._unheard.get(person_id)
                self._unheard[person_id] = before + alone if before is not None else alone
        self._meet(pair)

    def _part(self, pair: Watched) -> dict[str, Track]:
        """Take a pair out; return the tracks of persons that are in no pair any more."""
        del self._pairs[pair.spec.pair_id]
        gone: dict[str, Track] = {}
        for person_id in parties(pair.spec):
            track = self._tracks.get(person_id)
            if track is None:
                left = tuple([other for other in self._unheard.pop(person_id) if other is not pair])
                if left:
                    self._unheard[person_id] = left
                continue
            track.leave(pair)
            if track.first is None:
                gone[person_id] = self._tracks.pop(person_id)
        return gone

    def _meet(self, pair: Watched) -> None:
        spec = pair.spec
        pair.meet(self._tracks.get(spec.monitored_id), self._tracks.get(spec.protected_id) if spec.protected_id is not None else None)

    # -- inputs --------------------------------------------------------------------------------------------------

    def fix(self, person_id: str, fix: Fix, now_ms: int, out: list[Transition]) -> Verdict:
        """Judge one fix of a person, received at ``now_ms``; append what changed to ``out``.

        The caller has called ``advance(now_ms)`` before (once for a batch). Both sides' fixes are judged alike.
        """
        track = self._tracks.get(person_id)
        if track is None and person_id not in self._unheard:
            return VERDICTS[UNASSIGNED]
        lat = fix.latitude
        lon = fix.longitude
        if fix.valid is False or (-ISLAND_DEG < lat < ISLAND_DEG and -ISLAND_DEG < lon < ISLAND_DEG):
            return VERDICTS[INVALID if fix.valid is False else ZERO_ISLAND]
        beliefs = self._beliefs
        source = fix.source
        # Hashing an enum member costs more than the whole look at it: ask only when the source changes.
        floor = track.floor_m if track is not None and source is track.source else beliefs.floor_m[source]
        variance = beliefs.variance_m2(fix.error_m, source, floor, track)
        fix_ms = fix.fix_time_ms
        t_ms = fix_ms if fix_ms < now_ms else now_ms
        was_lat = lat
        was_lon = lon
        moved: Track | None = None
        verdict = USED
        if track is None:
            track = self._hear(person_id, Track(t_ms, lat, lon, variance))
        else:
            was_lat = track.lat
            was_lon = track.lon
            track.seated = False
            verdict = track.take(t_ms, lat, lon, variance, floor, beliefs)
            if not track.seated:
                moved = track
        if verdict == USED or verdict == CONFIRMED:
            track.mark(fix.fix_id, source, lat, lon, floor)
            if fix_ms > now_ms + beliefs.tolerance_ms:
                verdict = FUTURE
        elif verdict == DUPLICATE or verdict == OUT_OF_ORDER:
            return VERDICTS[verdict]
        first = track.first
        assert first is not None, "a track is of somebody in a pair"
        due = first.judge(now_ms, moved, was_lat, was_lon, out)
        if due < NEVER_MS:
            self._ring_by(first, due)
        for pair in track.more:
            self._ring_by(pair, pair.judge(now_ms, moved, was_lat, was_lon, out))
        return VERDICTS[verdict]

    def _hear(self, person_id: str, track: Track) -> Track:
        """Take a person in who was never heard before."""
        pairs = self._unheard.pop(person_id)
        for pair in pairs:
            track.join(pair)
        if not self._unheard:
            # An emptied table keeps its size.
            self._unheard = {}
        spec = pairs[0].spec
        # The text that the pair holds anyway, not the caller's copy of it.
        own_id = spec.protected_id if spec.protected_id is not None and spec.protected_id == person_id else spec.monitored_id
        self._tracks[own_id] = track
        for pair in pairs:
            self._meet(pair)
        return track

    # -- what is believed -----------------------------------------------------------------------------------------

    def pairs(self) -> Iterable[Watched]:
        """Return every pair under watch, in order of entry."""
        return self._pairs.values()

    def pair(self, pair_id: str) -> Watched | None:
        """Return one pair under watch, or None."""
        return self._pairs.get(pair_id)

    def tracks(self) -> Iterable[tuple[str, Track]]:
        """Return every watched person who was heard, and the track."""
        return self._tracks.items()

    def track(self, person_id: str) -> Track | None:
        """Return what is believed of a person, or None."""
        return self._tracks.get(person_id)

    def pairs_of(self, person_id: str) -> Sequence[Watched]:
        """Return the pairs in which this person is on either side."""
        track = self._tracks.get(person_id)
        return track.pairs() if track is not None else self._unheard.get(person_id, ())

    # -- time ----------------------------------------------------------------------------------------------------

    def _ring_by(self, pair: Watched, due_ms: int) -> None:
        """Let the alarm of a pair ring at this time, unless it rings earlier anyway."""
        if due_ms < NEVER_MS and due_ms < pair.alarm_ms:
            self._set_alarm(pair, due_ms)

    def _set_alarm(self, pair: Watched, due_ms: int) -> None:
        pair.alarm_ms = due_ms
        if due_ms < NEVER_MS:
            heappush(self._alarms, due_ms << INDEX_BITS | pair.index)

    def next_alarm_ms(self) -> int | None:
        """Return when ``advance`` has work next, or None. It may turn out that nothing changes then."""
        return self._alarms[0] >> INDEX_BITS if self._alarms else None

    def advance(self, now_ms: int) -> list[Transition]:
        """Ring every alarm due up to ``now_ms``, each at its own moment; return what changed, in order of time.

        Raises:
            ValueError: the time is before one that was named already.
        """
        out: list[Transition] = []
        if now_ms < self.now_ms:
            raise ValueError("the engine's time never goes back")
        self.now_ms = now_ms
        alarms = self._alarms
        if alarms:
            limit = (now_ms + 1) << INDEX_BITS
            while alarms and alarms[0] < limit:
                alarm = heappop(alarms)
                pair = self._slots[alarm & INDEX_MASK]
                if pair is not None and pair.alarm_ms == alarm >> INDEX_BITS:
                    self._ring(pair, out)
        return out

    def _ring(self, pair: Watched, out: list[Transition]) -> None:
        due = pair.alarm_ms
        pair.alarm_ms = NEVER_MS
        self._set_alarm(pair, pair.ring(due, out))
