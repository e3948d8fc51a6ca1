"""From the journal back to what the server knew: at a start, in a checkpoint, in a replay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from zlib import crc32

import msgspec

from jikimi.core.state import EngineState, PairState, RestState, SuspectState, TrackState
from jikimi.model.decision import Transition
from jikimi.model.order import Pair
from jikimi.model.policy import TrackRules
from jikimi.model.record import Decided, Events, Fixes, Forget, Gap, PairEnd, PairPut, Record, TrackRulesPut, decode
from jikimi.runtime import mind as minds
from jikimi.runtime.mind import Mind, MindState, RepeatsState
from jikimi.runtime.ports import Journal, JournalFailedError

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(MindState)

_STATES: Final = (MindState, RepeatsState, EngineState, TrackState, SuspectState, RestState, PairState)


def form_of(states: tuple[type[msgspec.Struct], ...]) -> bytes:
    """Return a mark of what a state's values mean: they stand without names, so another number or order of them would be misread."""
    return crc32(" ".join(f"{state.__name__}:{','.join(state.__struct_fields__)}" for state in states).encode()).to_bytes(4)


FORM: Final = form_of(_STATES)
"""What every checkpoint begins with."""


class FormError(JournalFailedError):
    """A checkpoint of a version whose state had another form."""


class Difference(msgspec.Struct, frozen=True):
    """The first place where the core says something else than the journal.

    Attributes:
        number: the journal's record, or where it should stand.
        expected: what the journal holds, or None where it holds nothing more.
        found: what the core says, or None where it says nothing.
    """

    number: int
    expected: Transition | None
    found: Transition | None


class Retelling:
    """Takes a journal's records in, in order, and holds the core's word against the journal's."""

    def __init__(self, mind: Mind, pair_id: str | None = None) -> None:
        self.mind = mind
        self.fixes = 0
        self.transitions = 0
        self.difference: Difference | None = None
        self.gaps: list[tuple[int, int]] = []
        """Between which times not everything that came in was stored, ms."""
        self._differs_ms = 0
        self._pair_id = pair_id
        self._pending: list[Transition] = []

    def take(self, number: int, record: Record) -> None:
        """Take one record in."""
        if isinstance(record, Decided):
            self._compare(number, record)
            return
        self.end(number)
        if isinstance(record, Gap):
            self._resume(record)
            return
        self.fixes += len(record.fixes) if isinstance(record, Fixes) else 0
        self._pending = self._mine(self.mind.replay(record)[1])

    def end(self, number: int) -> None:
        """Note what the core said and the journal did not."""
        if self._pending and self.difference is None:
            self.difference = Difference(number, None, self._pending[0])
            self._differs_ms = self._pending[0].at_ms
        self._pending = []

    def _resume(self, gap: Gap) -> None:
        """Go on from what was believed after a gap. What differs since it began has its reason: it rests on what was not stored."""
        self.gaps.append((gap.since_ms, gap.at_ms))
        if self._differs_ms >= gap.since_ms:
            self.difference = None
        if gap.state is not None:
            self.mind.believe(_state(gap.state))

    def _compare(self, number: int, record: Decided) -> None:
        # With nothing pending, time alone caused it: the server noticed when it rang, between two inputs.
        self._pending = self._pending or self._mine(self.mind.engine.advance(record.at_ms))
        found = self._pending.pop(0) if self._pending else None
        self.transitions += 1
        if self.difference is None and _encoder.encode(found) != _encoder.encode(record.transition):
            self.difference = Difference(number, record.transition, found)
            self._differs_ms = record.at_ms

    def _mine(self, transitions: list[Transition]) -> list[Transition]:
        return transitions if self._pair_id is None else [t for t in transitions if t.pair_id == self._pair_id]


class Recovered(msgspec.Struct):
    """What the journal gave back.

    Attributes:
        mind: what the server knew.
        number: the last record in it.
        at_ms: the latest time in the journal.
        replayed: how many records came after the checkpoint.
        difference: where the core now says something else than it said then, or None.
    """

    mind: Mind
    number: int
    at_ms: int
    replayed: int
    difference: Difference | None


def dump(mind: Mind) -> bytes:
    """Return a mind as a checkpoint."""
    return FORM + _encoder.encode(mind.dump())


def belief(mind: Mind) -> bytes:
    """Return what a mind believes, as a gap keeps it."""
    return FORM + _encoder.encode(mind.belief())


def loaded(state: bytes) -> Mind:
    """Return the mind that a checkpoint holds.

    Raises:
        FormError: another version wrote it, and its values mean something else.
    """
    return minds.load(_state(state))


def _state(state: bytes) -> MindState:
    if state[: len(FORM)] != FORM:
        raise FormError("The checkpoint was written by a version of Jikimi whose state has another form: start that version, not this one.")
    found: MindState = _decoder.decode(state[len(FORM) :])
    return found


def recover(journal: Journal, rules: TrackRules) -> Recovered:
    """Rebuild from the newest checkpoint and what the journal holds after it.

    Args:
        journal: to read from.
        rules: track rules where the journal is empty; otherwise it holds its own.

    Raises:
        FormError: the checkpoint is of a version whose state has another form.
    """
    checkpoint = journal.load_checkpoint()
    begin = checkpoint[0] if checkpoint is not None else 0
    mind = loaded(checkpoint[1]) if checkpoint is not None else Mind(rules)
    retelling = Retelling(mind)
    number, at_ms, replayed = begin, mind.engine.now_ms, 0
    for number, record in records(journal, begin):
        retelling.take(number, record)
        at_ms = max(at_ms, record.at_ms)
        replayed += 1
    retelling.end(number)
    return Recovered(mind, number, at_ms, replayed, retelling.difference)


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay found."""

    fixes: int
    transitions: int
    difference: Difference | None
    gaps: tuple[tuple[int, int], ...] = ()
    """Between which times not everything that came in was stored, ms."""


def records(journal: Journal, after: int = 0) -> Iterator[tuple[int, Record]]:
    """Yield every record of the journal, decoded."""
    for number, data in journal.read(after):
        yield number, decode(data)


def pairs_of_case(journal: Journal, case: str) -> list[str]:
    """Return the pairs that the journal knows under an order's or a pair's name, in order of entry."""
    return list(dict.fromkeys(pair.pair_id for pair in _pairs(journal) if case in {pair.order_id, pair.pair_id}))


def _pairs(journal: Journal) -> list[Pair]:
    """Return every pair that was entered, those at the beginning first."""
    mind, found = past(journal)
    known = [pair.spec for pair in mind.engine.pairs()] if mind is not None else []
    for _, record in found:
        if isinstance(record, PairPut):
            known.append(record.pair)
        elif isinstance(record, Gap) and record.state is not None:
            known += [pair.spec for pair in loaded(record.state).engine.pairs()]
    return known


def past(journal: Journal) -> tuple[Mind | None, Iterator[tuple[int, Record]]]:
    """Return with what a replay begins, None for nothing, and every record from there: what came before may have left the journal."""
    there = journal.past()
    if there is None:
        return None, records(journal)
    return loaded(there.state), ((number, decode(data)) for number, data in there.records)


def replay(journal: Journal, rules: TrackRules, pair_id: str | None = None) -> Replayed:
    """Run a journal through the core again and compare its transitions, byte by byte.

    Args:
        journal: from its beginning, or from the state before which it was dropped.
        rules: track rules until the journal names its own.
        pair_id: compare only this pair, and run only what its two persons sent; None for all.
    """
    concerned = Concerned(journal, pair_id) if pair_id is not None else None
    mind, found = past(journal)
    retelling = Retelling(mind if mind is not None else Mind(rules), pair_id)
    number = 0
    for number, record in found:
        if concerned is None or concerned.by(record):
            retelling.take(number, record)
    retelling.end(number)
    gaps = tuple(retelling.gaps)
    return Replayed(fixes=retelling.fixes, transitions=retelling.transitions, difference=retelling.difference, gaps=gaps)


class Concerned:
    """Which records bear on one pair: its persons' fixes, and every pair that kept their tracks alive before it."""

    def __init__(self, journal: Journal, pair_id: str) -> None:
        puts = _pairs(journal)
        self._persons = {person for pair in puts if pair.pair_id == pair_id for person in (pair.monitored_id, pair.protected_id)} - {None}
        self._pairs = {pair.pair_id for pair in puts if not self._persons.isdisjoint((pair.monitored_id, pair.protected_id))}
        self._pair_id = pair_id
        self._owners = {pair.owner_id for pair in puts if pair.pair_id == pair_id}

    def is_call(self, record: Record) -> bool:
        """Return whether this record is what a device of one of the pair's persons told: her calls for help are among it."""
        return isinstance(record, Events) and record.person_id in self._persons | self._owners

    def by(self, record: Record) -> bool:
        """Return whether this record is one of them."""
        if isinstance(record, Fixes):
            return record.person_id in self._persons
        if isinstance(record, PairPut):
            return record.pair.pair_id in self._pairs
        if isinstance(record, PairEnd):
            return record.pair_id in self._pairs
        if isinstance(record, Decided):
            return record.transition.pair_id == self._pair_id
        return isinstance(record, TrackRulesPut | Forget | Gap)
