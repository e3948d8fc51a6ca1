"""Positions of a past time as JSON lines, for whoever the gate let read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import chain

import msgspec

from jikimi.disclosure.proof import Proof
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


class History:
    """Where history lies: the vault, and what the journal holds that the vault did not take over yet.

    Args:
        stores: the server's folder.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def lines(self, proof: Proof) -> bytes:
        """Return what the gate let be read, as it came, one JSON object a line. Reads much; whoever asks wrote it down first."""
        # The journal first: what a keeper takes over and drops between the two reads stands in the vault by then.
        fresh = list(self._fresh(proof))
        points = {point.key: point for point in chain(self._kept(proof), fresh)}
        return b"".join(_encode(point) + b"\n" for point in sorted(points.values(), key=lambda one: (one.at_ms, one.received_ms)))

    def _kept(self, proof: Proof) -> Iterator[Point]:
        folder = self._stores.vault_folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with files.alone(folder / LOCK), closing(self._stores.vault()) as vault:
            for person_id in proof.persons:
                for span in proof.pieces(person_id):
                    for kept in vault.read(person_id, span.from_ms, span.until_ms, proof):
                        yield _point(kept.fix, kept.received_ms, kept.verdict)

    def _fresh(self, proof: Proof) -> Iterator[Point]:
        with closing(self._stores.reading()) as journal:
            for _, data in journal.read():
                record = decode(data)
                if isinstance(record, Fixes) and proof.pieces(record.person_id):
                    for fix, verdict in zip(record.fixes, record.verdicts, strict=True):
                        if proof.covers(record.person_id, fix.fix_time_ms, fix.fix_time_ms + 1):
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
