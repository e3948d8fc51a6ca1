"""From the journal back to what the server knew: at a start, in a checkpoint, in a replay."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from jikimi.model.decision import Transition
from jikimi.model.policy import TrackRules
from jikimi.model.record import Decided, Fixes, PairEnd, PairPut, Record, TrackRulesPut, decode
from jikimi.runtime import mind as minds
from jikimi.runtime.mind import Mind, MindState
from jikimi.runtime.ports import Journal

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(MindState)


class Recovered(msgspec.Struct):
    """A mind, the number of the last record in it, the latest time in the journal, and how many records were replayed."""

    mind: Mind
    number: int
    at_ms: int
    replayed: int


def dump(mind: Mind) -> bytes:
    """Return a mind as a checkpoint."""
    return _encoder.encode(mind.dump())


def recover(journal: Journal, rules: TrackRules) -> Recovered:
    """Rebuild from the newest checkpoint and what the journal holds after it.

    Args:
        journal: to read from.
        rules: track rules where the journal is empty; otherwise it holds its own.
    """
    checkpoint = journal.load_checkpoint()
    if checkpoint is None:
        found = Recovered(Mind(rules), 0, 0, 0)
    else:
        mind = minds.load(_decoder.decode(checkpoint[1]))
        found = Recovered(mind, checkpoint[0], mind.engine.now_ms, 0)
    for number, data in journal.read(found.number):
        record = decode(data)
        found.mind.replay(record)
        found.number = number
        found.at_ms = max(found.at_ms, record.at_ms)
        found.replayed += 1
    return found


class Difference(msgspec.Struct, frozen=True):
    """The first place where a replay says something else than the journal.

    Attributes:
        number: the journal's record, 0 where the replay says more than the journal holds.
        expected: what the journal holds, or None where it holds nothing more.
        found: what the replay says, or None where it says nothing.
    """

    number: int
    expected: Transition | None
    found: Transition | None


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay found."""

    fixes: int
    transitions: int
    difference: Difference | None


def records(journal: Journal, after: int = 0) -> Iterator[tuple[int, Record]]:
    """Yield every record of the journal, decoded."""
    for number, data in journal.read(after):
        yield number, decode(data)


def replay(journal: Journal, rules: TrackRules, pair_id: str | None = None) -> Replayed:
    """Run a journal through the core again and compare its transitions, byte by byte.

    Args:
        journal: from its beginning.
        rules: track rules until the journal names its own.
        pair_id: compare only this pair, and run only what its two persons sent; None for all.
    """
    concerned = Concerned(journal, pair_id) if pair_id is not None else None
    mind = Mind(rules)
    pending: list[Transition] = []
    fixes = transitions = 0
    for number, record in records(journal):
        if concerned is not None and not concerned.by(record):
            continue
        if isinstance(record, Decided):
            # With nothing pending, time alone caused it: the server noticed when it rang, between two inputs.
            pending = pending or _of(pair_id, mind.engine.advance(record.at_ms))
            found = pending.pop(0) if pending else None
            transitions += 1
            if _encoder.encode(found) != _encoder.encode(record.transition):
                return Replayed(fixes=fixes, transitions=transitions, difference=Difference(number, record.transition, found))
        elif pending:
            break
        else:
            fixes += len(record.fixes) if isinstance(record, Fixes) else 0
            pending = _of(pair_id, mind.replay(record)[1])
    difference = Difference(0, None, pending[0]) if pending else None
    return Replayed(fixes=fixes, transitions=transitions, difference=difference)


def _of(pair_id: str | None, transitions: list[Transition]) -> list[Transition]:
    return transitions if pair_id is None else [t for t in transitions if t.pair_id == pair_id]


class Concerned:
    """Which records bear on one pair: its persons' fixes, and every pair that kept their tracks alive before it."""

    def __init__(self, journal: Journal, pair_id: str) -> None:
        puts = [record.pair for _, record in records(journal) if isinstance(record, PairPut)]
        self._persons = {person for pair in puts if pair.pair_id == pair_id for person in (pair.monitored_id, pair.protected_id)} - {None}
        self._pairs = {pair.pair_id for pair in puts if not self._persons.isdisjoint((pair.monitored_id, pair.protected_id))}
        self._pair_id = pair_id

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
        return isinstance(record, TrackRulesPut)
