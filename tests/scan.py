"""Looks for a place in everything a server keeps: in the files as they are, and in all that the master key opens."""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

import msgspec
import sqlalchemy as sa

from jikimi.disclosure.proof import Proof, prove
from jikimi.orders.project import Span
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.keys import subkey
from jikimi.storage.ledger import tables as ledger_tables
from jikimi.storage.schema import metadata
from jikimi.storage.vault.store import DAY_MS

_SCALES = (10**5, 10**6, 10**7, 600_000, 1_800_000)
"""Degrees as whole numbers: of 1e-5 to 1e-7, and of minutes as trackers' protocols have them."""


def proof_of(*person_ids: str) -> Proof:
    """Return a proof for all of somebody's past, without the gate; only a test or a bench has one."""
    return prove({name: [Span(-(2**63), 2**63)] for name in person_ids})


def encodings(degrees: float) -> set[bytes]:
    """Return how a coordinate may be spelled: decimal text, floats of both widths and orders, scaled whole numbers, MessagePack."""
    found = {f"{degrees:.{digits}f}".encode() for digits in (4, 5, 6, 7)} | {repr(degrees).encode()}
    found |= {struct.pack(form, degrees) for form in ("<d", ">d", "<f", ">f")}
    for scale in _SCALES:
        whole = round(degrees * scale)
        found |= {struct.pack(form, whole) for form in ("<i", ">i", "<q", ">q")} | {str(whole).encode()}
    return found


def raw(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file of a folder: databases, logs, caches, checkpoints, exports."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def opened(settings: Settings, key: bytes, persons: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield everything that whoever has the master key can read."""
    stores = Stores(settings)
    register = stores.register()
    with register.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                yield f"register {table.name}", b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    register.close()
    oversight = stores.oversight()
    for copy in oversight.copies():
        yield "oversight", msgspec.msgpack.encode(copy) + (oversight.data(copy.copy_id) or b"")
    for review in oversight.reviews(0, 2**60):
        yield "oversight", msgspec.msgpack.encode(review)
    yield "oversight", msgspec.msgpack.encode([list(oversight.views().items()), oversight.looks()])
    oversight.close()
    journal = stores.reading()
    for number, record in journal.read():
        yield f"journal {number}", record
    for state in (journal.load_checkpoint(), journal.checkpoints.load_base()):
        if state is not None:
            yield "checkpoint", state[1]
    past = journal.past()
    if past is not None:
        yield "checkpoint", past.state
        for number, record in past.records:
            yield f"past {number}", record
    vault = stores.vault()
    for person_id in persons:
        for kept in vault.read(person_id, 0, 30_000 * DAY_MS, proof_of(person_id)):
            yield "vault", msgspec.msgpack.encode(kept)
    vault.close()
    with contextlib.suppress(ledger_tables.LedgerDamagedError, sqlite3.Error):
        reader = stores.ledger_reader()
        newest = reader.newest()
        for number in range(0 if newest is None else newest[0].size):
            for opening in reader.openings(number):
                yield f"ledger {number}", f"{opening.field}={opening.value}".encode()
        reader.close()
    assert subkey(key, "journal")


def found(things: Iterator[tuple[str, bytes]], wanted: set[bytes]) -> set[str]:
    """Return where any of these bytes stand."""
    return {name.split(" ")[0] if " " in name else name for name, data in things if any(one in data for one in wanted)}
