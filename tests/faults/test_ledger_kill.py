"""What the ledger acknowledged survives ``kill -9`` at any moment, and every checkpoint it ever signed fits what is there after."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from jikimi.disclosure.ledger.tree import leaf_hash
from jikimi.disclosure.ledger.verify import Export, verify
from jikimi.storage.ledger import LedgerReader
from tests.faults.ledger_appender import KEY, act
from tests.faults.test_journal_kill import ROOT, ROUNDS, listen

Told = dict[int, tuple[int, int, int]]


@pytest.mark.faults
def test_what_the_ledger_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    chance = random.Random(20261124)
    kept: Told = {}
    signed = 0
    for round_ in range(ROUNDS):
        new, size = run_and_kill(tmp_path / "ledger", round_, chance.uniform(0.05, 0.5))
        assert kept.keys().isdisjoint(new), "no number is given twice"
        kept |= new
        signed = max(signed, size)
        look(tmp_path / "ledger", kept, signed)
    assert len(kept) > ROUNDS, "the processes were killed at work, not before it"


def run_and_kill(folder: Path, round_: int, wait_s: float) -> tuple[Told, int]:
    """Start a writer, kill it, and return what it had said was durable: entries by number, and the greatest size signed."""
    command = [sys.executable, "-m", "tests.faults.ledger_appender", str(folder), str(round_)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"opening\n"
        first = process.stdout.readline()
        os.set_blocking(process.stdout.fileno(), False)
        heard = first + listen(process.stdout.fileno(), wait_s)
        process.kill()
        assert process.wait() < 0, "it was still running"
        os.set_blocking(process.stdout.fileno(), True)
        heard += process.stdout.read()
    return understand(heard)


def understand(heard: bytes) -> tuple[Told, int]:
    """Return the entries and the greatest size signed that whole lines tell of."""
    kept: Told = {}
    signed = 0
    for line in heard.split(b"\n")[:-1]:
        word, *numbers = line.split()
        if word == b"signed":
            signed = max(signed, int(numbers[0]))
        else:
            entry, round_, caller, call = map(int, numbers)
            kept[entry] = (round_, caller, call)
    return kept, signed


def look(folder: Path, kept: Told, signed: int) -> None:
    """Check everything ever acknowledged, and every checkpoint, against what is there."""
    reader = LedgerReader(folder, KEY)
    rows = list(reader.entries(0, 1 << 60))
    notes = [note for _, note in reader.notes()]
    for entry, call in kept.items():
        said = {opening.field: opening.value for opening in reader.openings(entry)}
        wanted = act(*call)
        assert wanted.who is not None
        assert said == {"who": wanted.who.value, "whose/0": wanted.whose[0].value}
    reader.close()
    assert all(leaf_hash(leaf) == hash_ for hash_, leaf in rows)
    newest = reader_size(notes)
    export = Export(lambda: [leaf for _, leaf in rows[:newest]], lambda: [hash_ for hash_, _ in rows[:newest]], notes)
    report = verify(export, reader.verifier)
    assert report.findings == []
    assert report.size is None or report.size >= signed


def reader_size(notes: list[str]) -> int:
    """Return how many entries the newest checkpoint holds."""
    return int(notes[-1].split("\n")[1]) if notes else 0
