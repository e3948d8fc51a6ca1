"""Past cases of others survive an erasure: the journal's records without those of whom is erased, and a state before the first of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jikimi.model.fix import Verdict
from jikimi.model.order import Pair
from jikimi.model.policy import TrackRules
from jikimi.model.record import Decided, Disclosed, Events, Fixes, Forget, Gap, PairEnd, PairPut, Record, Security, decode, encode
from jikimi.runtime import recovery
from jikimi.runtime.mind import Mind
from jikimi.storage.cases import Head
from jikimi.storage.journal import SqliteJournal

MOST: Final = 3_000_000
"""Records that are written anew in one erasure at most: half a minute of work. Where more is reported in a week, past cases end with it."""


class TooManyError(Exception):
    """There are more records than can be written anew in passing."""


class Without:
    """Which records bear on persons who are erased: theirs, and what is said of their pairs."""

    def __init__(self, gone: frozenset[str], pairs: set[str]) -> None:
        self._gone = gone
        self._pairs = pairs

    def stripped(self, gap: Gap) -> Gap:
        """Return a gap whose state knows nothing of them."""
        if gap.state is None:
            return gap
        mind = recovery.loaded(gap.state)
        self._pairs.update(pair.spec.pair_id for pair in mind.engine.pairs() if concerned(pair.spec, self._gone))
        forget(mind, self._gone)
        return Gap(gap.at_ms, gap.since_ms, recovery.belief(mind))

    def bears(self, record: Record) -> bool:
        """Return whether a record does."""
        if isinstance(record, PairPut):
            if concerned(record.pair, self._gone):
                self._pairs.add(record.pair.pair_id)
            return record.pair.pair_id in self._pairs
        if isinstance(record, Fixes):
            # What no order asked for moved nothing, and goes from the vault before a week is over.
            return record.person_id in self._gone or {*record.verdicts} == {Verdict.UNASSIGNED}
        if isinstance(record, Events):
            return record.person_id in self._gone
        if isinstance(record, Decided):
            return record.transition.pair_id in self._pairs
        if isinstance(record, PairEnd | Disclosed):
            return record.pair_id in self._pairs
        # Who tried what he may not is no part of any case; and whoever is named by a word to forget is to be forgotten here, too.
        return isinstance(record, Security) or (isinstance(record, Forget) and not self._gone.isdisjoint(record.person_ids))


def concerned(pair: Pair, gone: frozenset[str]) -> bool:
    """Return whether a pair has anything to do with these persons."""
    return not gone.isdisjoint({pair.monitored_id, pair.owner_id, pair.protected_id} - {None})


def keep_cases(journal: SqliteJournal, until: int, gone: frozenset[str], now_ms: int, keep_ms: int, rules: TrackRules) -> None:
    """Write down what past cases up to a record are run again from, without these persons.

    Args:
        journal: to read from, and to put the cases beside.
        until: the record.
        gone: whom nothing may tell of.
        now_ms: when this is.
        keep_ms: what is older than this goes into the state before the first record.
        rules: track rules where the journal is whole; otherwise its state holds its own.

    Raises:
        TooManyError: there is too much of it.
        OSError, sqlite3.Error, NotAuthenticError: it cannot be read or written.
    """
    there = journal.past()
    mind, number = (recovery.loaded(there.state), there.number) if there is not None else (Mind(rules), 0)
    source = there.records if there is not None else journal.read()
    forget(mind, gone)
    without = Without(gone, {pair.spec.pair_id for pair in mind.engine.pairs() if concerned(pair.spec, gone)})
    rest = _kept(source, until, without)
    retelling = recovery.Retelling(mind)
    first: tuple[int, bytes, Record] | None = None
    for found in rest:
        if found[2].at_ms >= now_ms - keep_ms:
            first = found
            break
        number = found[0]
        retelling.take(number, found[2])
    retelling.end(number)
    if first is None:
        journal.cases.drop()
        return
    head = Head(number, recovery.dump(mind), until, now_ms)
    journal.cases.replace(head, _counted(first, rest))


def forget(mind: Mind, gone: frozenset[str]) -> None:
    """Take persons out of a state; nothing else of it changes."""
    now_ms = mind.engine.now_ms
    for pair_id in [pair.spec.pair_id for pair in mind.engine.pairs() if concerned(pair.spec, gone)]:
        mind.end(now_ms, pair_id)
    mind.forget(Forget(now_ms, sorted(gone), []))
    # Which reports were known is asked of live input alone, and whose devices these are is known no more.
    mind.repeats.clear()


def _kept(source: Iterator[tuple[int, bytes]], until: int, without: Without) -> Iterator[tuple[int, bytes, Record]]:
    for number, data in source:
        if number > until:
            return
        record = decode(data)
        if isinstance(record, Gap):
            record = without.stripped(record)
            yield number, encode(record), record
        elif not without.bears(record):
            yield number, data, record


def _counted(first: tuple[int, bytes, Record], rest: Iterator[tuple[int, bytes, Record]]) -> Iterator[tuple[int, bytes]]:
    yield first[:2]
    for count, (number, data, _) in enumerate(rest, start=2):
        if count > MOST:
            raise TooManyError
        yield number, data
