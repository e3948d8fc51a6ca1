"""What was acknowledged survives a kill at any moment, once and in order; a full disk refuses and recovers.

Run as a script, this file is the process that gets killed.
"""

import asyncio
import json
import os
import random
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from jikimi.runtime.ports import JournalFailedError
from jikimi.storage.journal import SqliteJournal

KEY = bytes(range(32))
ROUNDS = int(os.environ.get("JIKIMI_FAULT_ROUNDS", "4"))
CALLERS = 24
LIMIT_BYTES = 400_000

pytestmark = pytest.mark.faults


def start(*arguments):
    return subprocess.Popen([sys.executable, __file__, *map(str, arguments)], stdout=subprocess.PIPE)


def told(line):
    number, record = line.split()
    return int(number), record


def test_what_was_acknowledged_survives_kills(tmp_path):
    acknowledged = {}
    for round_number in range(ROUNDS):
        moment = random.Random(round_number)
        process = start("append", tmp_path, round_number)
        # The moment of the kill is counted in answers, not in seconds: the first write, the middle, many commits later.
        for _ in range(moment.choice([1, 2, 50, 3_000]) + moment.randrange(200)):
            acknowledged.update([told(process.stdout.readline())])
        beside = list(SqliteJournal.open_for_reading(tmp_path, KEY).read())
        process.kill()
        for line in process.stdout:
            if line.endswith(b"\n"):
                acknowledged.update([told(line)])
        process.stdout.close()
        process.wait()
        found = list(SqliteJournal.open_for_reading(tmp_path, KEY).read())
        check(found, acknowledged)
        assert beside == found[: len(beside)]


def check(found, acknowledged):
    assert [number for number, _ in found] == list(range(1, len(found) + 1)), "no gap, none twice"
    records = dict(found)
    assert {number: records.get(number) for number in acknowledged} == acknowledged
    assert len(set(records.values())) == len(records), "none stored twice"
    sent = {}
    for record in records.values():
        life, caller, count = record.decode().split("/")
        assert sent.get((life, caller), -1) == int(count) - 1, "each caller's in the order of calling"
        sent[life, caller] = int(count)


async def append(folder, life):
    journal = SqliteJournal(Path(folder), KEY)

    async def caller(name):
        count = 0
        while True:
            records = [f"{life}/{name}/{count + i}".encode() for i in range(1 + name % 3)]
            number = await journal.append(records)
            first = number - len(records) + 1
            answers = b"".join(b"%d %s\n" % (first + i, record) for i, record in enumerate(records))
            os.write(1, answers)
            count += len(records)

    await asyncio.gather(*(caller(name) for name in range(CALLERS)))


def test_a_full_disk_refuses_and_works_again_when_there_is_room(tmp_path):
    """The limit on a file's size stands for the disk: writes beyond it fail in the kernel, in the midst of a commit."""
    process = start("fill", tmp_path)
    report = json.loads(process.stdout.read())
    process.stdout.close()
    assert process.wait() == 0
    found = list(SqliteJournal.open_for_reading(tmp_path, KEY).read())
    assert report["refused"] > 0
    assert report["numbers"] == [number for number, _ in found]
    assert len(found) == report["stored"]


async def fill(folder):
    journal = SqliteJournal(Path(folder), KEY)
    numbers = []
    refused = 0

    async def attempt(size):
        nonlocal refused
        try:
            numbers.append(await journal.append([bytes(size)]))
        except JournalFailedError:
            refused += 1

    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (LIMIT_BYTES, 10, LIMIT_BYTES * 2):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
        for _ in range(40):
            await attempt(30_000)
        await attempt(LIMIT_BYTES * 4)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    before = len(numbers)
    await attempt(LIMIT_BYTES * 4)
    assert len(numbers) == before + 1
    journal.close()
    os.write(1, json.dumps({"numbers": numbers, "refused": refused, "stored": len(numbers)}).encode())


if __name__ == "__main__":
    asyncio.run({"append": append, "fill": fill}[sys.argv[1]](*sys.argv[2:]))
