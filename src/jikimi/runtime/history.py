"""Positions of a past time as JSON lines, for whoever the gate let read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import chain

import msgspec

from jikimi.model.fix import Fix, Verdict
from jikimi.model.record import Fixes, decode
from jikimi.runtime.keeper import LOCK
from jikimi.runtime.stores import Stores
from jikimi.storage import files

_encode = msgspec.json.Encoder().encode


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One position as it was reported, with what the decision made of it."""

    at_ms: int
    received_ms: int
    latitude: float
    longitude: float
    error_m: float | None
    source: str
    verdict: str

    @property
    def key(self) -> tuple[int, int]:
        """What is the same in vault and journal, which round otherwise."""
        return self.at_ms, self.received_ms


class Granted(msgspec.Struct, frozen=True):
    """What the gate opened, as the vault asks for it. Made only once the ledger's line is durable."""

    person_id: str
    from_ms: int
    until_ms: int

    def covers(self, person_id: str, from_ms: int, until_ms: int) -> bool:
        """Return whether this person's time lies within what was opened."""
        return person_id == self.person_id and self.from_ms <= from_ms and until_ms <= self.until_ms


class History:
    """Where history lies: the vault, and what the journal holds that the vault did not take over yet.

    Args:
        stores: the server's folder.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def lines(self, person_id: str, from_ms: int, to_ms: int) -> bytes:
        """Return a person's positions measured in [from_ms, to_ms), as they came, one JSON object a line. Reads much."""
        # The journal first: what a keeper takes over and drops between the two reads stands in the vault by then.
        fresh = list(self._fresh(person_id, from_ms, to_ms))
        points = {point.key: point for point in chain(self._kept(person_id, from_ms, to_ms), fresh)}
        return b"".join(_encode(point) + b"\n" for point in sorted(points.values(), key=lambda one: (one.at_ms, one.received_ms)))

    def _kept(self, person_id: str, from_ms: int, to_ms: int) -> Iterator[Point]:
        folder = self._stores.vault_folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with files.alone(folder / LOCK), closing(self._stores.vault()) as vault:
            for kept in vault.read(person_id, from_ms, to_ms, Granted(person_id, from_ms, to_ms)):
                yield _point(kept.fix, kept.received_ms, kept.verdict)

    def _fresh(self, person_id: str, from_ms: int, to_ms: int) -> Iterator[Point]:
        with closing(self._stores.reading()) as journal:
            for _, data in journal.read():
                record = decode(data)
                if isinstance(record, Fixes) and record.person_id == person_id:
                    for fix, verdict in zip(record.fixes, record.verdicts, strict=True):
                        if from_ms <= fix.fix_time_ms < to_ms:
                            yield _point(fix, record.at_ms, verdict)


def _point(fix: Fix, received_ms: int, verdict: Verdict) -> Point:
    return Point(
        at_ms=fix.fix_time_ms,
        received_ms=received_ms,
        latitude=fix.latitude,
        longitude=fix.longitude,
        error_m=fix.error_m,
        source=fix.source.value,
        verdict=verdict.name.lower(),
    )
