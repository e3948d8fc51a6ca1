"""What `jikimi doctor` finds: each cause is made once, and named in a sentence that says what to do."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import subprocess
from types import SimpleNamespace

import pytest

from jikimi.delivery.setup import DeliverySettings, Push
from jikimi.runtime import doctor
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=str(tmp_path / "data"))


@pytest.mark.parametrize(("answer", "wrong"), [("no\n", True), ("yes\n", False), ("", False)])
def test_a_clock_that_no_time_service_keeps_is_told(settings, monkeypatch, answer, wrong):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", lambda words, **_: subprocess.CompletedProcess(words, 0, answer, ""))
    found = list(doctor.clock(settings))
    assert any(one.startswith("no time service keeps it. Switch one on") for one in found) is wrong


def test_a_clock_that_is_years_behind_is_told(settings, monkeypatch):
    class Past(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2020, 1, 1, tzinfo=tz)

    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(doctor.dt, "datetime", Past)
    (found,) = doctor.clock(settings)
    assert found.endswith("Set the machine's clock, and let a time service keep it.")


@pytest.mark.parametrize(("free", "wrong"), [(1_900_000_000, True), (2_000_000_000, False)])
def test_a_disk_that_is_nearly_full_is_told(settings, monkeypatch, free, wrong):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    found = list(doctor.disk(settings))
    assert found == (["1.9 GB are free where the data live; keep at least 2 GB, or devices will be told to come back."] if wrong else [])


def test_data_and_key_that_others_can_read_are_told(settings):
    Stores(settings)
    assert list(doctor.permissions(settings)) == []
    (settings.data / "master.key").chmod(0o644)
    settings.data.chmod(0o755)
    folder, key = doctor.permissions(settings)
    assert folder.endswith("Close it: chmod 700.")
    assert key.startswith("other users of this machine can read the master key. Close it: chmod 600")


def test_a_master_key_that_opens_nothing_is_told(settings):
    Stores(settings).register().version()
    assert list(doctor.keys(settings)) == []
    (settings.data / "master.key").write_bytes(b"x")
    (found,) = doctor.keys(settings)
    assert "32 bytes" in found


def test_no_base_map_and_a_broken_one_are_told(settings):
    (found,) = doctor.base_map(settings)
    assert found == "none is installed: run `jikimi basemap build`, or `jikimi basemap install FILE`."
    place = Stores(settings).basemap
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"no map")
    (found,) = doctor.base_map(settings)
    assert "PMTiles" in found


@pytest.mark.parametrize(
    ("push", "sentence"),
    [
        (None, None),
        (Push(contact="mailto:a@example.org", hosts=("push.example.org",)), None),
        (Push(contact="a@example.org", hosts=("push.example.org",)), "The contact for Web Push is a mailto: or an https: address."),
        (Push(contact="mailto:a@example.org", hosts=()), "Name the push services that Web Push may use, or leave the push settings out."),
        (Push(contact="mailto:a@example.org", hosts=("h",), key="AAAA"), "The key for Web Push is 32 bytes in base64url."),
    ],
)
def test_push_keys_that_cannot_sign_are_told(settings, push, sentence):
    with_push = Settings(data_dir=str(settings.data), delivery=DeliverySettings(push=push))
    assert list(doctor.push_keys(with_push)) == ([sentence] if sentence is not None else [])


@pytest.mark.sockets
def test_a_port_that_another_program_has_is_told():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        found = list(doctor.ports(Settings(host="127.0.0.1", desk_port=port)))
    assert f"port {port} of the desk app is taken (by a running server, or by another program)." in found


@pytest.mark.parametrize(("host", "tls", "wrong"), [("0.0.0.0", False, True), ("0.0.0.0", True, False), ("127.0.0.1", False, False)])
def test_a_door_to_the_world_without_tls_is_told(host, tls, wrong):
    assert bool(list(doctor.outside(Settings(host=host, tls=tls)))) is wrong


def test_it_ends_with_1_and_a_line_for_each_finding(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "CHECKS", {"one": lambda _: iter(()), "two": lambda _: iter(("this. Do that.",))})
    (tmp_path / "jikimi.toml").write_text("")
    assert doctor.run(tmp_path / "jikimi.toml") == 1
    assert capsys.readouterr().out == "✓ one\n✗ two: this. Do that.\n"
    monkeypatch.setattr(doctor, "CHECKS", {"one": lambda _: iter(())})
    assert doctor.run(tmp_path / "jikimi.toml") == 0
