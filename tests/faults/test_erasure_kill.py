"""Kill the keeper: an erasure goes on where it was killed, and history is taken over exactly once.

Given a folder in which an order's record is due, when the keeper is killed with SIGKILL before any single change that it makes, and another
one begins, then nothing of that order can be read any more, everything of the other one can, and there is one certificate a class.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from jikimi.disclosure.retention.due import DAY_MS
from jikimi.runtime.keeper import opened
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.lines import SqlLines
from jikimi.storage.retention import SqlRetention
from tests import scan
from tests.household import Household

pytestmark = pytest.mark.faults

ROUNDS = int(os.environ.get("JIKIMI_FAULT_ROUNDS", "4"))
NOW = 20_600 * DAY_MS + 40_000_000
PERSONS = ("him-1", "her-1", "him-2", "her-2")


def erase(folder: Path, until: int, at: int) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tests.faults.eraser", str(folder), str(NOW + 1), str(until), str(at)]
    return subprocess.run(command, stdout=subprocess.PIPE, check=False)


@pytest.fixture(scope="module")
def due(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Return a folder in which one of two orders is due, and up to which record an erasure must reach."""
    folder = tmp_path_factory.mktemp("due") / "data"
    house = Household(folder, NOW, orders=2)
    house.live(near=False)
    with opened(house.settings, NOW) as keeper:
        keeper.look()
    house.end("o1")
    house.forget("o1")
    until = house.turned()
    house.close()
    return folder, until


def test_an_erasure_killed_at_any_step_is_finished_by_the_next_and_leaves_nothing(due: tuple[Path, int], tmp_path: Path) -> None:
    folder, until = due
    whole = tmp_path / "whole"
    shutil.copytree(folder, whole)
    done = erase(whole, until, 0)
    assert done.returncode == 0
    steps = int(done.stdout)
    assert steps > 20
    chosen = range(1, steps + 1) if ROUNDS > 4 else sorted(random.Random(ROUNDS).sample(range(1, steps + 1), 4))
    for at in chosen:
        here = tmp_path / f"killed-{at}"
        shutil.copytree(folder, here)
        assert erase(here, until, at).returncode == -signal.SIGKILL
        assert erase(here, until, 0).returncode == 0
        check(here, at)
        shutil.rmtree(here)


def check(folder: Path, at: int) -> None:
    settings = Settings(data_dir=str(folder), log_level="critical")
    ours = {b"him-1", b"her-1", b"o1"}
    left = {name for name, data in scan.opened(settings, bytes(32), PERSONS) if any(one in data for one in ours)}
    assert left <= {"register ledger_dues", "register ledger_lines"}, at
    copies = scan.found(scan.opened(settings, bytes(32), ()), {b"copy-o1"})
    assert copies == set()
    assert scan.found(scan.opened(settings, bytes(32), ()), {b"copy-o2"}) == {"oversight"}
    vault = Stores(settings).vault()
    assert [vault.days(name) != [] for name in PERSONS] == [False, False, True, True], at
    vault.close()
    register = Stores(settings).register()
    assert SqlRetention(register.engine).under_way() == []
    certificates = Counter(act.what for _, act in SqlLines(register.engine).unwritten() if act.act == "erased")
    assert certificates == {"positions": 1, "incidents": 1, "register": 1}, at
    assert set(SqlRetention(register.engine).subjects()) == {"o1", "him-1", "her-1"}
    register.close()


def test_a_keeper_killed_at_random_moments_takes_every_fix_over_exactly_once(tmp_path: Path) -> None:
    house = Household(tmp_path / "data", NOW)
    house.live(fixes=4_000, step_ms=1_000, near=False)
    settings = msgspec.json.encode(house.settings)
    house.close()
    rnd = random.Random(3)
    command = [sys.executable, "-m", "jikimi.runtime.keeper", "look", "--now", str(NOW)]
    killed = 0
    for attempt in range(60):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert process.stdin is not None
        process.stdin.write(settings)
        process.stdin.close()
        if attempt < ROUNDS + 2:
            time.sleep(rnd.uniform(0.4, 1.6))
            process.send_signal(signal.SIGKILL)
        process.wait(60)
        killed += process.returncode == -signal.SIGKILL
        if process.returncode == 0:
            break
    stores = Stores(house.settings)
    vault = stores.vault()
    for name in ("him-1", "her-1"):
        times = [kept.fix.fix_id for kept in vault.read(name, 0, 30_000 * DAY_MS, scan.proof_of(name))]
        assert Counter(times) == Counter(f"fix-{name}-{number}" for number in range(4_000))
    assert vault.taken() == stores.reading().last()
    vault.close()
    assert killed, "it was killed on the way"
