"""A petition at a court that is served here: without the court's key nobody reads it, wherever its bytes lie.

What lies on her own phone, and what she keeps sealed at the server, is looked at in ``tests/browser/test_papers.py``.
"""

from __future__ import annotations

import shutil

import msgspec
import pytest

from jikimi.petitions.package import opened
from jikimi.petitions.status import Act
from jikimi.runtime.backup import KEY_FILES, back_up, back_up_keys, restore
from jikimi.runtime.stores import Stores
from jikimi.storage.docket import SqlDocket
from tests import scan
from tests.petitions.case import ANSWERS
from tests.runtime.court import DAY_MS, HERE, KEY, CourtHouse

NUMBER = "2027-0001"
WRITTEN = ("비밀스러운 법정 301호", "소명이 부족하다는 이유")
SECRETS = {one.encode() for one in (*WRITTEN, ANSWERS["your_name"], ANSWERS["his_name"], ANSWERS["your_address"], ANSWERS["your_contact"])}
SECRETS |= {line.encode() for line in ANSWERS["story"].splitlines()} | {str(KEY).encode()}


@pytest.fixture
def court(tmp_path):
    found = CourtHouse(tmp_path)
    found.file()
    found.act(NUMBER, Act.HEAR, at_ms=found.now_ms + DAY_MS, detail=WRITTEN[0])
    found.decide(NUMBER, Act.REFUSE, reasons=WRITTEN[1])
    return found


def test_neither_the_data_nor_a_backup_nor_all_that_the_servers_keys_open_tells_a_word_of_it(court, tmp_path):
    """Given a case with a refusal; when somebody has data, backup and the server's keys; then the court's key is still missing."""
    settings = court.house.settings
    back_up(settings, tmp_path / "backup", court.now_ms)
    back_up_keys(settings, tmp_path / "keys")
    assert scan.found(scan.raw(tmp_path / "data"), SECRETS) == set()
    assert scan.found(scan.raw(tmp_path / "backup"), SECRETS) == set()

    there = msgspec.structs.replace(settings, data_dir=str(tmp_path / "there"))
    (tmp_path / "there").mkdir(mode=0o700)
    shutil.copy(tmp_path / "data" / "master.key", tmp_path / "there" / "master.key")
    for name in KEY_FILES:
        if (tmp_path / "keys" / name).exists():
            (tmp_path / "there" / name).parent.mkdir(parents=True, mode=0o700, exist_ok=True)
            shutil.copy(tmp_path / "keys" / name, tmp_path / "there" / name)
    restore(there, tmp_path / "backup")
    for one in (settings, there):
        assert scan.found(scan.opened(one, bytes(32), ("p",)), SECRETS) == set()

    register = Stores(there).register()
    package = SqlDocket(register.engine).package(HERE, NUMBER)
    assert len(SqlDocket(register.engine).entries(HERE, NUMBER)) == 3, "the backup holds the docket as it lay"
    register.close()
    assert package is not None
    story = next(row for part in opened(package, str(KEY)).papers.open.parts for row in part.rows if row.question_id == "story")
    assert story.value == ANSWERS["story"], "whoever has the court's key reads all of it"
