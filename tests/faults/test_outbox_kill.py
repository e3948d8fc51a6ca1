"""A process killed at each step of the outbox: nothing is lost, and nothing is seen twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from jikimi.delivery.life import State
from jikimi.delivery.message import Message
from jikimi.delivery.passage import Way, plan
from jikimi.storage.database import open_database
from jikimi.storage.outbox import SqlShelf
from tests.faults.deliverer import KEY, RULES, ended, now_ms

ROOT = Path(__file__).parents[2]
PUSH, SMS = Way("web_push", "p"), Way("sms", "s")
NOTICES = {"push-first": (PUSH, SMS), "sms-first": (SMS, PUSH), "sms-and-sms": (SMS, SMS, PUSH)}

# Each step, as often as the work of these notices comes to it.
STEPS = [("fresh_read", 1), *((step, number) for step in ("before_save", "after_save") for number in (1, 2)), ("told", 4)]
STEPS += [(step, number) for step in ("before_hand", "after_hand") for number in (1, 3)]


def run(folder: Path, step: str, number: int) -> int:
    command = [sys.executable, "-m", "tests.faults.deliverer", str(folder), step, str(number)]
    return subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode


@pytest.mark.faults
@pytest.mark.parametrize(("step", "number"), STEPS)
def test_nothing_is_lost_and_nothing_doubled_at_the_eye(tmp_path: Path, step: str, number: int) -> None:
    SqlShelf(open_database(tmp_path / "register.db", KEY)).add([notice(key, ways) for key, ways in NOTICES.items()])
    assert run(tmp_path, step, number) == -signal.SIGKILL
    assert run(tmp_path, "never", 1) == 0
    handed = Counter((tmp_path / "providers").read_text().splitlines())
    for key in NOTICES:
        assert ended(tmp_path, key) is State.SHOWN
        assert 1 <= handed[f"web_push {key}"] <= 2, "at least once to the provider; the page shows one of each key"
    assert handed["sms sms-first"] <= 1, "a text is not sent twice"
    assert handed["sms sms-and-sms"] <= 2


def notice(key: str, ways: tuple[Way, ...]) -> object:
    given = Message(
        key=key, topic=key, address="", title="t", text="x", language="en", urgent=True, sent_ms=now_ms(), until_ms=now_ms() + 60_000
    )
    return plan(given, ways, RULES, is_danger=True)
