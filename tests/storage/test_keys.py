"""The master key: where it comes from, and what is refused."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from jikimi.storage.keys import FILE, VARIABLE, MasterKeyError, master_key, subkey

KEY = bytes(range(0xE0, 0x100))


@pytest.mark.parametrize(
    "text",
    [KEY.hex(), KEY.hex().upper(), base64.b64encode(KEY).decode(), base64.urlsafe_b64encode(KEY).decode(), f"  {KEY.hex()}\n"],
)
def test_the_environment_names_the_key_and_no_file_is_made(tmp_path, text):
    assert master_key(tmp_path, {VARIABLE: text}) == KEY
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "secret", KEY.hex()[:-2], KEY.hex()[:-1] + "g", base64.b64encode(KEY + b"x").decode(), "é" * 64, "\0" * 44]
)
def test_a_malformed_key_is_refused_without_being_repeated(tmp_path, text):
    with pytest.raises(MasterKeyError) as refused:
        master_key(tmp_path, {VARIABLE: text})
    assert VARIABLE in str(refused.value)
    assert not text or text not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_key_is_made_once_for_its_owner_only(tmp_path):
    first = master_key(tmp_path, {})
    assert len(first) == 32
    assert master_key(tmp_path, {}) == first
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_all_who_start_at_once_get_the_same_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: master_key(tmp_path, {}), range(16)))
    assert len(keys) == 1


def test_a_damaged_key_file_is_refused_and_left_alone(tmp_path):
    master_key(tmp_path, {})
    (tmp_path / FILE).write_bytes(b"\xff\x00half")
    with pytest.raises(MasterKeyError, match=FILE):
        master_key(tmp_path, {})
    assert (tmp_path / FILE).read_bytes() == b"\xff\x00half"


def test_a_key_file_open_to_others_is_refused(tmp_path):
    master_key(tmp_path, {})
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        master_key(tmp_path, {})


def test_a_folder_that_cannot_be_written_is_named_in_one_sentence(tmp_path):
    with pytest.raises(MasterKeyError, match="cannot be read or written"):
        master_key(tmp_path / "missing", {})


def test_each_purpose_has_a_key_of_its_own():
    keys = {subkey(KEY, "journal"), subkey(KEY, "register"), subkey(bytes(32), "journal"), KEY}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
    assert subkey(KEY, "journal") == subkey(KEY, "journal")
