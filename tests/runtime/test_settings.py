"""Settings that cannot be used are refused in a sentence; numbers of a ministry are never replaced unnoticed."""

import os
import subprocess
import sys

import pytest

from jikimi.runtime import doctor, policies
from jikimi.runtime.settings import Settings, SettingsError, load
from jikimi.storage.database import RegisterRefusedError, open_database


def test_networks_by_which_the_ledger_says_from_where_are_networks():
    found = load(None, {}).networks()
    assert (found.office, found.vpn, found.keeps_addresses) == ((), (), False)
    with pytest.raises(SettingsError, match="lists of networks"):
        Settings(office_networks=("10.20.0.1/16",)).networks()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DESK_PORT", "99999"),
        ("DEVICE_PORT", "-1"),
        ("SESSION_DAYS", "-1"),
        ("SESSION_DAYS", "nan"),
        ("SESSION_DAYS", "0"),
        ("CHECKPOINT_EVERY", "0"),
    ],
)
def test_a_setting_out_of_range_is_named(name, value):
    with pytest.raises(SettingsError, match=name.lower()):
        load(None, {f"JIKIMI_{name}": value})


def test_a_policy_folder_that_is_away_never_means_the_presets(tmp_path, capsys, monkeypatch):
    away = Settings(policy_dir=str(tmp_path / "away"))
    with pytest.raises(SettingsError, match="policy_dir"):
        policies.load(away)
    assert list(doctor.known_policies(away)) == ["The folder of the setting policy_dir is not there."]


def test_a_broken_policy_is_named_with_its_file(tmp_path):
    (tmp_path / "mine.toml").write_text("policy_id = 5\n")
    found = list(doctor.known_policies(Settings(policy_dir=str(tmp_path))))
    assert found
    assert all(one.startswith("mine.toml, line ") for one in found)


def test_a_register_that_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(RegisterRefusedError, match="cannot be opened for writing"):
        open_database(tmp_path / "away" / "register.db", b"k" * 32)


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert any("cannot be written to" in one for one in doctor.permissions(Settings(data_dir=str(tmp_path))))


def test_a_reader_who_has_seen_enough_ends_it_quietly():
    command = f"{sys.executable} -m jikimi.cli policy check src/jikimi/policy/presets/kr.toml | true"
    for _ in range(3):
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
        assert done.stderr == ""
