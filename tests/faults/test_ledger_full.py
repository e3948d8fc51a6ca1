"""A full disk: no entry that does not fit is acknowledged, those that were stay, and it works again when there is room.

Run as a script, this file is the process whose disk is full; see ``test_journal_full``.
"""

import asyncio
import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from jikimi.disclosure.ledger.leaf import Personal
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.storage.ledger import LedgerReader, SqliteLedger
from tests.faults.ledger_appender import KEY, act

LIMIT_BYTES = 500_000


@pytest.mark.faults
def test_on_a_full_disk_nothing_is_acknowledged_that_is_not_there(tmp_path):
    done = subprocess.run([sys.executable, "-m", "tests.faults.test_ledger_full", tmp_path], stdout=subprocess.PIPE, check=True)
    report = json.loads(done.stdout)
    reader = LedgerReader(tmp_path, KEY)
    assert report["refused"] > 0
    assert report["last"], "with room again, entries are written again"
    for entry, name in report["stored"]:
        assert name in {opening.value for opening in reader.openings(entry)}
    checkpoint, _ = reader.newest()
    assert checkpoint.size == len(list(reader.entries(0, 1 << 60)))
    reader.close()


async def fill(folder):
    """Write until the disk is full, then with room; say what was acknowledged."""
    ledger = SqliteLedger(folder, KEY, every_s=0.0)
    stored = []
    refused = 0
    last = False
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (LIMIT_BYTES, 10, most):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
        for n in range(0, 1000, 20):
            acts = [act(limit % 97, k, n) for k in range(20)]
            answers = await asyncio.gather(*(ledger.append(each) for each in acts), return_exceptions=True)
            failed = [answer for answer in answers if isinstance(answer, LedgerUnavailableError)]
            assert len(failed) in {0, 20}, "one commit is stored as a whole or refused as a whole"
            refused += len(failed)
            last = not failed
            if last:
                stored += [(answer, each.who.value) for answer, each in zip(answers, acts, strict=True) if isinstance(each.who, Personal)]
    ledger.close()
    sys.stdout.write(json.dumps({"stored": stored, "refused": refused, "last": last}))


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1])))
