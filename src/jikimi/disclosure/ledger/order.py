"""Which entries were changed, removed, moved or added: two lists of hashes compared, the one that was signed and the one that is there."""

from __future__ import annotations

import enum
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec


class Tampering(enum.StrEnum):
    """What was done to an entry."""

    CHANGED = "changed"
    REMOVED = "removed"
    MOVED = "moved"
    ADDED = "added"


class Difference(msgspec.Struct, frozen=True):
    """One difference: ``entry`` is the number (from 0) that was signed for; of an added one, the place where it stands now."""

    tampering: Tampering
    entry: int


def differences(signed: Sequence[bytes], there: Sequence[bytes]) -> Iterator[Difference]:
    """Yield what turns the signed list into the one that is there, by place.

    As many entries as possible are taken to be where they were; the others were moved. A place whose entry is gone and where a
    strange one stands was changed.
    """
    kept = _kept(signed, there)
    present = set(there)
    stays = {entry for entry, _ in kept}
    moved = {entry for entry, hash_ in enumerate(signed) if hash_ in present and entry not in stays}
    back = {signed[entry] for entry in moved}
    entry, place = 0, 0
    for next_entry, next_place in [*kept, (len(signed), len(there))]:
        yield from _between(range(entry, next_entry), there, range(place, next_place), moved, back)
        entry, place = next_entry + 1, next_place + 1


def _between(entries: range, there: Sequence[bytes], places: range, moved: set[int], back: set[bytes]) -> Iterator[Difference]:
    """Yield what happened between two entries that stayed; a moved entry is told of once, where it was."""
    strange = [place for place in places if there[place] not in back]
    gone = 0
    for entry in entries:
        if entry in moved:
            yield Difference(Tampering.MOVED, entry)
        else:
            yield Difference(Tampering.CHANGED if gone < len(strange) else Tampering.REMOVED, entry)
            gone += 1
    for place in strange[gone:]:
        yield Difference(Tampering.ADDED, place)


def _kept(signed: Sequence[bytes], there: Sequence[bytes]) -> list[tuple[int, int]]:
    """Return (entry, place) of the longest run of entries, not always neighbours, that stand in the order signed."""
    where = {hash_: entry for entry, hash_ in enumerate(signed)}
    ends: list[int] = []
    best: list[int] = []
    before: list[int | None] = []
    found = [(where[hash_], place) for place, hash_ in enumerate(there) if hash_ in where]
    for number, (entry, _) in enumerate(found):
        length = bisect_left(ends, entry)
        ends[length : length + 1] = [entry]
        best[length : length + 1] = [number]
        before.append(best[length - 1] if length else None)
    run: list[tuple[int, int]] = []
    last = best[-1] if best else None
    while last is not None:
        run.append(found[last])
        last = before[last]
    return run[::-1]
