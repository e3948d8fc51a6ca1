"""Whoever sets up a court makes its key once and reads what it still lacks, at the command line."""

from __future__ import annotations

import stat

import pytest

from jikimi.identity.roles import Role
from jikimi.orders.codes import new_code
from jikimi.petitions.package import public_of
from jikimi.runtime.commands import DAY_MS, now_ms
from tests.accounts import CHIEF, sign_up
from tests.runtime.test_server import House
from tests.runtime.test_staff import run

COURT = "seoul-central"


def added(house, name, role):
    staff = sign_up(house.register, "officer", new_code())
    staff.add(name, role, CHIEF, new_code(), now_ms=now_ms(), until_ms=now_ms() + DAY_MS, courts=(COURT,))


def test_a_key_is_made_once_and_the_list_says_what_a_court_lacks_until_it_lacks_nothing(tmp_path, capsys):
    """Given nothing but the forms; when a key is made and accounts are added; then the list says at each step what is still missing."""
    house, key = House(tmp_path / "data", 21_000), tmp_path / "key.txt"
    config = tmp_path / "jikimi.toml"
    config.write_text(f'data_dir = "{house.settings.data}"\n')
    run("court", "list", "--config", str(config))
    assert "name no court" in capsys.readouterr().out
    run("court", "key", COURT, str(key), "--config", str(config))
    said = capsys.readouterr().out
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert f'key = "{public_of(key.read_text().strip())}"' in said
    assert key.read_text().strip() not in said
    for name, file, why in (
        (COURT, key, "written over"),
        (COURT, house.settings.data / "key.txt", "outside the data folder"),
        ("nowhere", tmp_path / "other.txt", "No form names"),
    ):
        with pytest.raises(SystemExit):
            run("court", "key", name, str(file), "--config", str(config))
        assert why in capsys.readouterr().err
    settings = said[: said.index("Keep a second copy")].replace('owner = ""', 'owner = "officer"')
    config.write_text(config.read_text() + settings)

    def lacks():
        run("court", "list", "--config", str(config))
        return capsys.readouterr().out

    assert "is no active account" in lacks()
    sign_up(house.register, "officer", new_code())
    assert "Nobody can decide" in lacks()
    added(house, "judge", Role.COURT)
    assert "takes a second account" in lacks()
    added(house, "clerk", Role.COURT_CLERK)
    assert lacks().splitlines() == [f"{COURT:<24} here", "  1 judges, 1 clerks."]
    key.unlink()
    assert "key file cannot be read" in lacks()
