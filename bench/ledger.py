"""The ledger: durable appends a second, what one caller waits, and the proof of one entry among ten million.

Run alone: ``python -m bench ledger``. Times depend on the disk's fsync; 0.2 ms is a disk with a write-back cache.
"""

from __future__ import annotations

import asyncio
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import uvloop

from bench.figures import Figure
from bench.journal import percentile
from jikimi.disclosure.ledger.checkpoint import Checkpoint
from jikimi.disclosure.ledger.leaf import Act, Client, Network, Personal
from jikimi.disclosure.ledger.proof import check
from jikimi.disclosure.ledger.tree import fold
from jikimi.storage.keys import subkey
from jikimi.storage.ledger import LedgerReader, SqliteLedger, tables
from jikimi.storage.ledger.identity import signer_of

CALLERS = (1, 32)
SECONDS = 2.0
PEOPLE = 2_000
MANY = 10_000_000
PROOFS = 40


def act(n: int) -> Act:
    """Return an entry as the gate writes it for the desk."""
    person = n % PEOPLE
    return Act(
        at_ms=1_780_000_000_000 + n,
        act="disclosed",
        what="map:inside_ring",
        purpose="response",
        audience="desk",
        client=Client.BROWSER,
        network=Network.OFFICE,
        who=Personal(f"staff-{n % 40}", f"staff-{n % 40}"),
        whose=(Personal(f"m{person}", f"m{person}"), Personal(f"p{person}", f"p{person}")),
        order=Personal(f"o{person}", f"o{person}"),
    )


async def load(ledger: SqliteLedger, callers: int, seconds: float) -> list[float]:
    """Append from ``callers`` tasks at once, each waiting for its own answer; return every wait in ms."""
    waits: list[float] = []
    end = time.perf_counter() + seconds

    async def caller(number: int) -> None:
        n = number
        while (begin := time.perf_counter()) < end:
            await ledger.append(act(n))
            waits.append((time.perf_counter() - begin) * 1e3)
            n += callers

    await asyncio.gather(*(caller(number) for number in range(callers)))
    return waits


async def with_callers(folder: Path, callers: int) -> list[Figure]:
    """Measure appends of ``callers`` tasks."""
    ledger = SqliteLedger(folder / f"callers-{callers}", secrets.token_bytes(32))
    await load(ledger, callers, 0.5)
    waits = await load(ledger, callers, SECONDS)
    ledger.close()
    size = sum(path.stat().st_size for path in (folder / f"callers-{callers}").glob("*.db"))
    name = f"ledger, {callers} callers"
    return [
        Figure(f"{name}: durable appends", len(waits) / SECONDS, "1/s", 5_000 if callers >= 32 else None, "higher"),
        Figure(f"{name}: wait p50", percentile(waits, 0.5), "ms", None, "lower"),
        Figure(f"{name}: wait p99", percentile(waits, 0.99), "ms", None, "lower"),
        Figure(f"{name}: on disk", size / (len(waits) * (SECONDS + 0.5) / SECONDS), "bytes/entry", None, "lower"),
    ]


def made_up(folder: Path, key: bytes, size: int) -> None:
    """Write a ledger of ``size`` entries with short leaves in one transaction: what a proof reads is as in a real one."""
    signer = signer_of(key)
    connection = tables.opened(folder, subkey(key, "entries"))
    connection.execute("PRAGMA synchronous = OFF")
    tables.prepare(connection)
    connection.execute("BEGIN")
    level, hashes = 0, b""
    insert = "INSERT INTO entries VALUES (?, ?, ?, ?, ?)"

    def rows() -> Iterator[tuple[int, bytes, bytes, bytes, bytes]]:
        nonlocal hashes
        parts = []
        for number in range(size):
            leaf = b"%d" % number
            hash_ = sha256(b"\x00" + leaf).digest()
            parts.append(hash_)
            yield number, hash_, leaf, b"", b""
        hashes = b"".join(parts)

    connection.executemany(insert, rows())
    above = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    root = fold(above)
    while len(above) >= 256:
        level += 1
        above = [fold(above[at : at + 256]) for at in range(0, len(above) - 255, 256)]
        connection.executemany("INSERT INTO nodes VALUES (?, ?, ?)", [(level, number, hash_) for number, hash_ in enumerate(above)])
    note = signer.sign(Checkpoint(signer.verifier.name, size, root).text())
    connection.execute("INSERT INTO checkpoints (size, at_ms, note) VALUES (?, 0, ?)", (size, str(note)))
    connection.execute("COMMIT")
    connection.close()


def proofs(folder: Path, size: int) -> list[Figure]:
    """Measure proofs of single entries, each read by a reader that was just opened."""
    key = secrets.token_bytes(32)
    folder.mkdir()
    made_up(folder, key, size)
    waits = []
    for _ in range(PROOFS):
        reader = LedgerReader(folder, key)
        begin = time.perf_counter()
        proof = reader.proof(secrets.randbelow(size))
        waits.append((time.perf_counter() - begin) * 1e3)
        check(proof, reader.verifier)
        reader.close()
    name = f"ledger, proof of 1 entry in {size:,}"
    return [Figure(f"{name}: p50", statistics.median(waits), "ms", 50, "lower"), Figure(f"{name}: worst", max(waits), "ms", None, "lower")]


async def appends(folder: Path) -> list[Figure]:
    """Return the figures of appending, each from a ledger of its own."""
    return [figure for callers in CALLERS for figure in await with_callers(folder, callers)]


def measure() -> list[Figure]:
    """Measure on the event loop that the server uses."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as name:
        folder = Path(name)
        return [*uvloop.run(appends(folder)), *proofs(folder / "many", MANY)]
