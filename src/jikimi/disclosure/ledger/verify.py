"""Checking an export offline: that what it holds is what the ledger signed, and if not, which entry is not.

Nothing is believed but the ledger's public key, which a careful reader has from elsewhere, and the witnesses' keys. The roots
are computed anew from the entries; every checkpoint must be signed and must fit the same tree, which is what consistency means.
The list of hashes that an export holds only helps to say *which* entry does not fit; it is believed only as far as a signed
root confirms it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, zip_longest
from typing import Final

import msgspec

from jikimi.disclosure.ledger.checkpoint import Checkpoint, cosigned_at, open_note
from jikimi.disclosure.ledger.leaf import LeafError, Opening, opens
from jikimi.disclosure.ledger.note import NoteError, Verifier
from jikimi.disclosure.ledger.order import Tampering, differences
from jikimi.disclosure.ledger.tree import Frontier, leaf_hash

MOST_FINDINGS: Final = 1000

_SENTENCES: Final = {
    Tampering.CHANGED: "Entry {0} was changed.",
    Tampering.REMOVED: "Entry {0} was removed.",
    Tampering.MOVED: "Entry {0} was moved to another place.",
    Tampering.ADDED: "What stands at place {0} was added; the ledger never signed for it.",
}


class Export(msgspec.Struct, frozen=True):
    """What an export holds. ``leaves`` and ``hashes`` begin anew at each call; they may be longer than memory."""

    leaves: Callable[[], Iterable[bytes]]
    hashes: Callable[[], Iterable[bytes]]
    notes: Sequence[str]
    openings: Sequence[tuple[int, Opening]] = ()


class Finding(msgspec.Struct, frozen=True):
    """Something that is not as it should be.

    Attributes:
        kind: ``changed``, ``removed``, ``moved``, ``added``, ``range``, ``checkpoint``, ``fork``, ``hashes``, ``opening``.
        entry: the entry concerned (from 0), or None where it is the whole.
        sentence: what it means, for a reader.
    """

    kind: str
    entry: int | None
    sentence: str


class Report(msgspec.Struct, frozen=True):
    """What checking found.

    Attributes:
        size: entries in the newest checkpoint; None without one.
        root: its root.
        checkpoints: how many are signed and fit.
        cosigned: for each witness asked about, the size of the newest checkpoint it signed, and when (seconds since 1970).
        findings: everything that is wrong; empty when nothing is.
    """

    size: int | None
    root: bytes | None
    checkpoints: int
    cosigned: dict[str, tuple[int, int]]
    findings: list[Finding]


def verify(export: Export, log: Verifier, witnesses: Iterable[Verifier] = (), known: Iterable[str] = ()) -> Report:
    """Check an export.

    Args:
        export: what is checked.
        log: the ledger's key.
        witnesses: keys of witnesses whose signatures are looked for.
        known: notes of checkpoints that the reader has from elsewhere (an earlier audit, a witness): they must fit as well.
    """
    findings: list[Finding] = []
    cosigned: dict[str, tuple[int, int]] = {}
    points = _points([*export.notes, *known], log, list(witnesses), cosigned, findings)
    newest = max(points, key=lambda point: point.size, default=None)
    if newest is None:
        findings.append(Finding("checkpoint", None, "There is no signed checkpoint: nothing proves what this is."))
        return Report(None, None, 0, cosigned, findings)
    findings += islice(_entries(export, points, newest), MOST_FINDINGS)
    findings += islice(_openings(export), MOST_FINDINGS)
    bad = sum(finding.kind == "fork" for finding in findings)
    return Report(newest.size, newest.root, len(points) - bad, cosigned, findings)


def _points(
    notes: Iterable[str], log: Verifier, witnesses: list[Verifier], cosigned: dict[str, tuple[int, int]], findings: list[Finding]
) -> list[Checkpoint]:
    points: list[Checkpoint] = []
    for number, text in enumerate(notes, start=1):
        try:
            point, note = open_note(text, log)
            times = {str(witness): cosigned_at(note, witness) for witness in witnesses}
        except NoteError as error:
            findings.append(Finding("checkpoint", None, f"Checkpoint {number} cannot be believed. {error}"))
            continue
        points.append(point)
        cosigned |= {
            key: (point.size, at_s) for key, at_s in times.items() if at_s is not None and point.size >= cosigned.get(key, (0, 0))[0]
        }
    return points


def _entries(export: Export, points: list[Checkpoint], newest: Checkpoint) -> Iterator[Finding]:
    own = _misfits(map(leaf_hash, export.leaves()), points)
    listed = _misfits(export.hashes(), points)
    if newest not in own.wrong:
        yield from _forks(own.wrong)
        yield from _hash_list(export)
        yield from _beyond(own.count, newest)
        return
    if newest not in listed.wrong:
        yield from _forks(listed.wrong)
        signed = list(islice(export.hashes(), newest.size))
        found = differences(signed, [leaf_hash(leaf) for leaf in export.leaves()])
        yield from (Finding(d.tampering.value, d.entry, _SENTENCES[d.tampering].format(d.entry)) for d in found)
        return
    yield from _range(own, points, newest)
    yield from _hash_list(export)


class _Fit(msgspec.Struct):
    """How a list of hashes fits the checkpoints: how long it is, and which ones it does not fit."""

    count: int
    wrong: list[Checkpoint]


def _misfits(hashes: Iterable[bytes], points: list[Checkpoint]) -> _Fit:
    frontier = Frontier()
    waiting = sorted(points, key=lambda point: point.size, reverse=True)
    wrong: list[Checkpoint] = []

    def settle() -> None:
        while waiting and waiting[-1].size == frontier.size:
            point = waiting.pop()
            if frontier.root() != point.root:
                wrong.append(point)

    settle()
    for each in hashes:
        frontier.append(each)
        settle()
    return _Fit(frontier.size, wrong + waiting)


def _forks(wrong: list[Checkpoint]) -> Iterator[Finding]:
    for point in wrong:
        yield Finding(
            "fork",
            None,
            f"The ledger signed another history of {point.size} entries than this one: two readers were shown different ledgers.",
        )


def _beyond(count: int, newest: Checkpoint) -> Iterator[Finding]:
    for entry in range(newest.size, count):
        yield Finding("added", entry, _SENTENCES[Tampering.ADDED].format(entry))


def _range(own: _Fit, points: list[Checkpoint], newest: Checkpoint) -> Iterator[Finding]:
    wrong = set(own.wrong)
    good = max((point.size for point in points if point not in wrong), default=0)
    bad = min((point.size for point in own.wrong if point.size > good), default=newest.size)
    if own.count < bad:
        least = bad - own.count
        yield Finding("removed", good, f"Of the entries {good} to {bad - 1} at least {least} are missing; which ones cannot be said.")
    else:
        said = f"Entries {good} to {bad - 1} are not what was signed: one of them was changed, removed, moved or added."
        yield Finding("range", good, f"{said} The list of hashes does not fit either, so which one cannot be said.")


def _hash_list(export: Export) -> Iterator[Finding]:
    for entry, (leaf, listed) in enumerate(zip_longest(export.leaves(), export.hashes())):
        if leaf is None or listed is None or leaf_hash(leaf) != listed:
            yield Finding("hashes", entry, f"The list of hashes and the entries differ from entry {entry} on.")
            return


def _openings(export: Export) -> Iterator[Finding]:
    wanted: dict[int, list[Opening]] = {}
    for entry, opening in export.openings:
        wanted.setdefault(entry, []).append(opening)
    if not wanted:
        return
    for entry, leaf in enumerate(export.leaves()):
        for opening in wanted.pop(entry, ()):
            if not _opens(leaf, opening):
                yield Finding("opening", entry, f"What is said of entry {entry} ({opening.field}) is not what the entry committed to.")
    for entry in sorted(wanted):
        yield Finding("opening", entry, f"Something is said of entry {entry}, which is not there.")


def _opens(leaf: bytes, opening: Opening) -> bool:
    try:
        return opens(leaf, opening)
    except LeafError:
        return False
