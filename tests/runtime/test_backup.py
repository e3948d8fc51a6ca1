"""Backups forget whom the server forgot: no key is in them, and what an erasure destroys is the keys."""

from __future__ import annotations

import shutil
import sqlite3

import pytest

from jikimi.disclosure.retention.due import DAY_MS
from jikimi.runtime.backup import KEY_FILES, BackupError, back_up, back_up_keys, restore
from jikimi.runtime.keeper import opened
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from tests import scan
from tests.household import HOME, Household

NOW = 20_600 * DAY_MS + 40_000_000
PERSONS = ("him-1", "her-1", "him-2", "her-2")
OURS = {b"him-1", b"her-1", b"label of him-1"}
THEIRS = {b"label of him-2"}


@pytest.fixture
def house(tmp_path):
    made = Household(tmp_path / "data", NOW, orders=2)
    made.live()
    yield made
    made.close()


def erase_first(house):
    with opened(house.settings, NOW) as keeper:
        keeper.look()
    house.end("o1")
    house.forget("o1")
    until = house.turned()
    with opened(house.settings, NOW + 1) as keeper:
        keeper.erase(until)


def put_back(house, tmp_path, keys):
    """Restore as whoever lost the disk: master key, a copy of the keys, the backup."""
    there = Settings(data_dir=str(tmp_path / "there"), log_level="critical")
    (tmp_path / "there" / "vault" / "keys").mkdir(parents=True, mode=0o700)
    (tmp_path / "there").chmod(0o700)
    shutil.copy(house.stores.folder / "master.key", tmp_path / "there" / "master.key")
    for name in KEY_FILES:
        if (keys / name).exists():
            (tmp_path / "there" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(keys / name, tmp_path / "there" / name)
    return there, restore(there, tmp_path / "backup")


def test_a_backup_restored_after_erasure_holds_nothing_readable_of_whom_was_erased_and_all_of_the_others(house, tmp_path):
    back_up(house.settings, tmp_path / "backup", NOW)
    erase_first(house)
    back_up_keys(house.settings, tmp_path / "keys")
    there, done = put_back(house, tmp_path, tmp_path / "keys")
    assert done.erased == 4, "his part, hers, the order's, and its incidents'"
    found = scan.found(scan.opened(there, bytes(32), PERSONS), OURS)
    assert found == set()
    assert scan.found(scan.opened(there, bytes(32), PERSONS), THEIRS) == {"register"}
    vault = Stores(there).vault()
    assert [list(vault.read(name, 0, 30_000 * DAY_MS, scan.proof_of(name))) != [] for name in PERSONS] == [False, False, True, True]
    vault.close()
    clerk = Stores(there).clerk(Stores(there).register(), {})
    assert clerk.order("o2") == house.clerk.order("o2")


def test_a_backup_restored_without_an_erasure_is_the_whole(house, tmp_path):
    back_up(house.settings, tmp_path / "backup", NOW)
    back_up_keys(house.settings, tmp_path / "keys")
    there, done = put_back(house, tmp_path, tmp_path / "keys")
    assert done.erased == 0
    register = Stores(there).register()
    assert register.devices() == house.register.devices()
    assert register.orders() == house.register.orders()
    with opened(there, NOW + 1) as keeper:
        assert not keeper.look().due
        assert keeper.behind() == 0
    before = {name: count for name, count in house.rows().items() if name not in {"changes", "cursors", "ledger_lines", "alembic_version"}}
    again = Household.__new__(Household)
    again.register = register
    assert {name: count for name, count in again.rows().items() if name in before} == before
    register.close()


def test_nothing_in_a_backup_can_be_read_as_it_lies_and_no_key_is_in_it(house, tmp_path):
    back_up(house.settings, tmp_path / "backup", NOW)
    files = dict(scan.raw(tmp_path / "backup"))
    assert set(files) == {"history.db", "register.parts"}
    wanted = OURS | THEIRS | scan.encodings(HOME[0]) | {b"secret of the device"}
    assert not scan.found(iter(files.items()), wanted)
    keys = Stores(house.settings)
    wrapped = dict(scan.raw(keys.vault_folder / "keys"))["keys.db"]
    vault = keys.vault()
    for _, _, key in vault.key_file().execute("SELECT person, day, wrapped FROM day_keys"):
        assert key in wrapped
        assert not any(key in data for data in files.values())
    vault.close()
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "backup").rglob("*"))


def test_the_copy_of_the_keys_takes_the_place_of_the_one_before(house, tmp_path):
    back_up(house.settings, tmp_path / "backup", NOW)
    back_up_keys(house.settings, tmp_path / "keys")
    with (tmp_path / "keys" / KEY_FILES[0]).open("rb") as before:
        old = before.read()
        back_up_keys(house.settings, tmp_path / "keys")
        before.seek(0)
        assert set(before.read()) == {0}, "what a disk goes on holding of it is nothing"
    assert (tmp_path / "keys" / KEY_FILES[0]).read_bytes() == old
    assert len(list(tmp_path.glob("keys/**/keys.db*"))) == 1


def without_parts(house, tmp_path):
    back_up_keys(house.settings, tmp_path / "keys")
    (tmp_path / "backup" / "register.parts").unlink()
    put_back(house, tmp_path, tmp_path / "keys")


WRONG = {
    "a folder in use": lambda house, tmp_path: restore(house.settings, tmp_path / "backup"),
    "a backup in the way": lambda house, tmp_path: back_up(house.settings, tmp_path / "backup", NOW),
    "half a backup": without_parts,
    "no keys": lambda house, tmp_path: put_back(house, tmp_path, tmp_path / "nowhere"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_put_back_is_said_in_one_sentence(house, tmp_path, what):
    back_up(house.settings, tmp_path / "backup", NOW)
    with pytest.raises(BackupError, match=r"^[^\n]+\.$"):
        WRONG[what](house, tmp_path)


def test_a_part_that_was_changed_is_refused(house, tmp_path):
    back_up(house.settings, tmp_path / "backup", NOW)
    back_up_keys(house.settings, tmp_path / "keys")
    with sqlite3.connect(tmp_path / "backup" / "register.parts") as parts:
        parts.execute("UPDATE parts SET sealed = zeroblob(100)")
    parts.close()
    with pytest.raises(BackupError, match="not what was written"):
        put_back(house, tmp_path, tmp_path / "keys")
