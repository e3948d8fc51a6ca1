"""A full disk refuses what does not fit, keeps what was acknowledged, and works again when there is room.

Run as a script, this file is the process whose disk is full: a limit on the size of its files stands for the disk, so that
writes fail in the kernel, in the midst of a commit.
"""

import asyncio
import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from jikimi.runtime.ports import JournalFailedError
from jikimi.storage.journal import SqliteJournal

KEY = bytes(range(32))
LIMIT_BYTES = 400_000
SMALL_BYTES = 30_000
BIG_BYTES = 4 * LIMIT_BYTES


@pytest.mark.faults
def test_what_does_not_fit_is_refused_and_what_was_acknowledged_stays(tmp_path):
    done = subprocess.run([sys.executable, __file__, tmp_path], stdout=subprocess.PIPE, check=True)
    report = json.loads(done.stdout)
    found = list(SqliteJournal.open_for_reading(tmp_path, KEY).read())
    assert report["refused"] > 0
    assert report["last"], "after the disk had room again, even the big record was stored"
    assert [[number, len(record)] for number, record in found] == report["stored"]
    assert len(list(tmp_path.glob("*.db"))) == len(list((tmp_path / "keys").iterdir())), "no half-made segment is left"


async def fill(folder):
    """Append until the disk is full, three times, then with room; say what was acknowledged."""
    journal = SqliteJournal(folder, KEY)
    stored = []
    refused = 0
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (LIMIT_BYTES, 10, 2 * LIMIT_BYTES, most):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
        for size in [SMALL_BYTES] * 40 + [BIG_BYTES]:
            try:
                stored.append((await journal.append([bytes(size)]), size))
            except JournalFailedError:
                refused += 1
    journal.close()
    sys.stdout.write(json.dumps({"stored": stored, "refused": refused, "last": stored[-1][1] == BIG_BYTES}))


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1])))
