"""What was acknowledged survives ``kill -9`` at any moment: all of it, in order, once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from jikimi.storage.journal import SqliteJournal
from tests.faults.appender import KEY, records, state

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("JIKIMI_FAULT_ROUNDS", "4"))
Told = dict[int, tuple[int, int, int]]


@pytest.mark.faults
def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    survive(tmp_path / "journal", ROUNDS)


def survive(folder: Path, rounds: int) -> None:
    """Kill a writing process ``rounds`` times at random moments, and look each time at what the journal then holds."""
    chance = random.Random(20261123)
    kept: Told = {}
    saved = 0
    before: list[bytes] = []
    for round_ in range(rounds):
        # Every third time it is killed while it opens the journal that the last kill left behind.
        opening = round_ % 3 == 2
        new, new_saved = run_and_kill(folder, round_, opening=opening, wait_s=chance.uniform(0.0, 0.05 if opening else 0.5))
        assert kept.keys().isdisjoint(new), "no number is given twice"
        kept |= new
        saved = max(saved, new_saved)
        before = look(folder, kept, saved, before)
    assert len(kept) > rounds, "the processes were killed at work, not before it"


def run_and_kill(folder: Path, round_: int, *, opening: bool, wait_s: float) -> tuple[Told, int]:
    """Start an appender, kill it, and return what it had said was durable: appends by number, and the newest checkpoint."""
    command = [sys.executable, "-m", "tests.faults.appender", str(folder), str(round_)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"opening\n"
        first = b"" if opening else process.stdout.readline()
        os.set_blocking(process.stdout.fileno(), False)
        heard = first + listen(process.stdout.fileno(), wait_s)
        process.kill()
        assert process.wait() < 0, "it was still running"
        os.set_blocking(process.stdout.fileno(), True)
        heard += process.stdout.read()
    return understand(heard)


def listen(pipe: int, wait_s: float) -> bytes:
    """Read what comes for a while: a full pipe would stop the writer, and the kill would always find it waiting."""
    heard = b""
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        try:
            heard += os.read(pipe, 1 << 16)
        except BlockingIOError:
            time.sleep(0.0005)
    return heard


def understand(heard: bytes) -> tuple[Told, int]:
    """Return the appends and the newest checkpoint that whole lines tell of."""
    kept: Told = {}
    saved = 0
    for line in heard.split(b"\n")[:-1]:
        word, *numbers = line.split()
        if word == b"saved":
            saved = max(saved, int(numbers[0]))
        else:
            last, round_, caller, call = map(int, numbers)
            kept[last] = (round_, caller, call)
    return kept, saved


def look(folder: Path, kept: Told, saved: int, before: list[bytes]) -> list[bytes]:
    """Check the whole journal against everything ever acknowledged; return its records."""
    with closing(SqliteJournal(folder, KEY)) as journal:
        numbered = list(journal.read())
        checkpoint = journal.load_checkpoint()
    found = [record for _, record in numbered]
    assert [number for number, _ in numbered] == list(range(1, len(found) + 1))
    assert found[: len(before)] == before, "what was there once stays as it was"
    assert len(set(found)) == len(found), "nothing is there twice"
    for last, call in kept.items():
        sent = records(*call)
        assert found[last - len(sent) : last] == sent
    check_calls(found)
    number, content = checkpoint if checkpoint is not None else (0, state(0))
    assert saved <= number <= len(found)
    assert content == state(number)
    return found


def check_calls(found: list[bytes]) -> None:
    """Check that the journal holds whole calls only, genuine, each caller's in the order it made them."""
    newest: dict[tuple[int, int], int] = {}
    position = 0
    while position < len(found):
        round_, caller, call = (int(word) for word in found[position].split(b" ", 3)[:3])
        sent = records(round_, caller, call)
        assert found[position : position + len(sent)] == sent
        assert call == newest.get((round_, caller), -1) + 1
        newest[round_, caller] = call
        position += len(sent)
