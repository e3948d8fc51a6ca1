"""The incremental engine: all pairs in memory, indexed by person, event-driven.

It has no clock: every call says when. Calls must come in the order of time; then the same calls give the same
transitions, byte for byte. ``advance`` rings the alarms of pairs that time alone changes, each at its own due
moment, so it does not matter how often it is called as long as it is called before the next input.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Final

from jikimi.core.pair import NEVER_MS, Limits, Watched
from jikimi.core.track import (
    CLAIM_SIGMAS,
    CONFIRMED,
    FUTURE,
    USED,
    ZERO_ISLAND,
    Errors,
    Track,
)
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


class Person:
    """A watched person: the track, and the pairs on either side."""

    __slots__ = ("pairs", "track")

    def __init__(self) -> None:
        self.track: Track | None = None
        self.pairs: list[Watched] = []


class Engine:
    """Judges all pairs. See the module's text for the rules of calling."""

    def __init__(self, rules: TrackRules) -> None:
        self.now_ms: int = 0
        self._persons: dict[str, Person] = {}
        self._pairs: dict[str, Watched] = {}
        self._slots: list[Watched | None] = []
        self._free: list[int] = []
        self._alarms: list[int] = []
        self._limits: dict[PairRules, Limits] = {}
        self.set_track_rules(rules)

    def set_track_rules(self, rules: TrackRules) -> None:
        """Judge fixes by these rules from now on."""
        self.rules = rules
        self._errors = Errors(rules)
        self._tolerance_ms: int = round(rules.future_tolerance_s * 1000.0)

    # -- orders --------------------------------------------------------------------------------------------------

    def put(self, spec: Pair, now_ms: int) -> list[Transition]:
        """Watch a pair, or watch it by new rules; its tier, sights and transition numbers go on."""
        out = self.advance(now_ms)
        limits = self._limits_of(spec.rules)
        pair = self._pairs.get(spec.pair_id)
        if pair is None:
            pair = self._add(spec, limits, now_ms)
            self._link(pair)
        else:
            before = pair.spec
            pair.specify(spec, limits)
            self._link(pair)
            self._unlink(before, pair)
        self._judge(pair, now_ms, out)
        return out

    def end(self, pair_id: str, now_ms: int) -> list[Transition]:
        """Stop watching a pair. A person in no pair any more is forgotten, track and all."""
        out = self.advance(now_ms)
        pair = self._pairs.pop(pair_id, None)
        if pair is not None:
            self._unlink(pair.spec, pair)
            self._slots[pair.index] = None
            self._free.append(pair.index)
        return out

    def adopt(self, spec: Pair, monitored: Track | None, protected: Track | None, state: Mapping[str, object], now_ms: int) -> None:
        """Take over a pair from a checkpoint, with its tracks and what was found when it was last judged."""
        pair = self._add(spec, self._limits_of(spec.rules), now_ms)
        for name, value in state.items():
            setattr(pair, name, value)
        for person_id, track in ((spec.monitored_id, monitored), (spec.protected_id, protected)):
            if person_id is not None:
                self._persons.setdefault(person_id, Person()).track = track
        self._link(pair)
        self._set_alarm(pair, pair.next_alarm_ms(now_ms))

    def _limits_of(self, rules: PairRules) -> Limits:
        limits = self._limits.get(rules)
        if limits is None:
            limits = self._limits[rules] = Limits(rules)
        return limits

    def _add(self, spec: Pair, limits: Limits, now_ms: int) -> Watched:
        index = self._free.pop() if self._free else len(self._slots)
        if index > INDEX_MASK:
            raise OverflowError("one engine holds 2,097,152 pairs: share the persons among several")
        pair = Watched(index, spec, limits, now_ms)
        if index == len(self._slots):
            self._slots.append(pair)
        else:
            self._slots[index] = pair
        self._pairs[spec.pair_id] = pair
        return pair

    def _link(self, pair: Watched) -> None:
        for person_id in (pair.spec.monitored_id, pair.spec.protected_id):
            if person_id is not None:
                person = self._persons.setdefault(person_id, Person())
                person.pairs.append(pair)
        self._meet(pair)

    def _meet(self, pair: Watched) -> None:
        """Give the pair the tracks of both sides, as far as there are any."""
        spec = pair.spec
        pair.monitored = self._persons[spec.monitored_id].track
        pair.protected = self._persons[spec.protected_id].track if spec.protected_id is not None else None
        pair.placed = pair.monitored is not None and (pair.protected is not None or pair.shape is not None)

    def _unlink(self, spec: Pair, pair: Watched) -> None:
        for person_id in (spec.monitored_id, spec.protected_id):
            if person_id is not None:
                person = self._persons[person_id]
                person.pairs.remove(pair)
                if not person.pairs:
                    del self._persons[person_id]

    # -- inputs --------------------------------------------------------------------------------------------------

    def fix(self, person_id: str, fix: Fix, now_ms: int, out: list[Transition]) -> Verdict:
        """Judge one fix of a person, received at ``now_ms``; append what changed to ``out``.

        The caller has called ``advance(now_ms)`` before (once for a batch). Both sides' fixes are judged alike.
        """
        person = self._persons.get(person_id)
        if person is None:
            return VERDICTS[UNASSIGNED]
        verdict = self._take(person, fix, now_ms)
        if verdict not in (USED, CONFIRMED, FUTURE) and (person.track is None or person.track.suspect is None):
            return VERDICTS[verdict]
        for pair in person.pairs:
            self._judge(pair, now_ms, out)
        return VERDICTS[verdict]

    def _take(self, person: Person, fix: Fix, now_ms: int) -> int:
        if fix.valid is False:
            return INVALID
        lat = fix.latitude
        lon = fix.longitude
        if -ISLAND_DEG < lat < ISLAND_DEG and -ISLAND_DEG < lon < ISLAND_DEG:
            return ZERO_ISLAND
        track = person.track
        source = fix.source
        # Hashing an enum member costs more than the whole look at it: ask only when the source changes.
        floor = track.floor_m if track is not None and source is track.source else self._errors.floor_m[source]
        claimed = fix.error_m
        if claimed is None:
            claimed = self._errors.default_m[source]
        sigma = (claimed if claimed > floor else floor) / CLAIM_SIGMAS
        t_ms = fix.fix_time_ms
        if t_ms > now_ms:
            t_ms = now_ms
        verdict = USED
        if track is None:
            track = Track(t_ms, lat, lon, sigma * sigma)
            self._seat(person, track)
        else:
            verdict = track.take(t_ms, lat, lon, sigma * sigma, floor, self.rules)
        if verdict == USED or verdict == CONFIRMED:
            track.mark(fix, floor)
            if fix.fix_time_ms > now_ms + self._tolerance_ms:
                return FUTURE
        return verdict

    def _seat(self, person: Person, track: Track) -> None:
        person.track = track
        for pair in person.pairs:
            self._meet(pair)

    def _judge(self, pair: Watched, now_ms: int, out: list[Transition]) -> None:
        transition = pair.judge(now_ms)
        if transition is not None:
            out.append(transition)
        due = pair.next_alarm_ms(now_ms)
        if due < pair.alarm_ms:
            self._set_alarm(pair, due)

    # -- what is believed -----------------------------------------------------------------------------------------

    def pairs(self) -> Iterable[Watched]:
        """Return every pair under watch, in order of entry."""
        return self._pairs.values()

    def pair(self, pair_id: str) -> Watched | None:
        """Return one pair under watch, or None."""
        return self._pairs.get(pair_id)

    def persons(self) -> Iterable[tuple[str, Person]]:
        """Return every watched person."""
        return self._persons.items()

    def track(self, person_id: str) -> Track | None:
        """Return what is believed of a person, or None."""
        person = self._persons.get(person_id)
        return person.track if person is not None else None

    def pairs_of(self, person_id: str) -> Sequence[Watched]:
        """Return the pairs in which this person is on either side."""
        person = self._persons.get(person_id)
        return person.pairs if person is not None else ()

    # -- time ----------------------------------------------------------------------------------------------------

    def _set_alarm(self, pair: Watched, due_ms: int) -> None:
        pair.alarm_ms = due_ms
        if due_ms < NEVER_MS:
            heappush(self._alarms, due_ms << INDEX_BITS | pair.index)

    def next_alarm_ms(self) -> int | None:
        """Return when ``advance`` has work next, or None. It may turn out that nothing changes then."""
        return self._alarms[0] >> INDEX_BITS if self._alarms else None

    def advance(self, now_ms: int) -> list[Transition]:
        """Ring every alarm due up to ``now_ms``, each at its own moment; return what changed, in order of time."""
        out: list[Transition] = []
        if now_ms < self.now_ms:
            raise ValueError("the engine's time never goes back")
        self.now_ms = now_ms
        limit = (now_ms + 1) << INDEX_BITS
        alarms = self._alarms
        while alarms and alarms[0] < limit:
            alarm = heappop(alarms)
            pair = self._slots[alarm & INDEX_MASK]
            if pair is not None and pair.alarm_ms == alarm >> INDEX_BITS:
                self._ring(pair, out)
        return out

    def _ring(self, pair: Watched, out: list[Transition]) -> None:
        due = pair.alarm_ms
        pair.alarm_ms = NEVER_MS
        transition = pair.ring(due)
        if transition is not None:
            out.append(transition)
        self._set_alarm(pair, pair.next_alarm_ms(due))
