"""`jikimi address`: a number reaches the notices' ways, a wrong one is refused in a sentence, and none is ever printed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from jikimi.cli import app
from jikimi.runtime.settings import Settings
from jikimi.runtime.shell import os_account
from jikimi.runtime.stores import Stores
from jikimi.storage.addresses import SqlAddresses
from jikimi.storage.lines import SqlLines

NUMBER = "+821012345678"


def run(monkeypatch: pytest.MonkeyPatch, text: str, *words: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    try:
        app(["address", *words])
    except SystemExit as ended:
        return int(ended.code or 0) if not isinstance(ended.code, str) else 1
    return 0


def test_an_address_is_kept_replaced_and_dropped_and_never_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path))
    found = SqlAddresses(Stores(Settings(data_dir=str(tmp_path))).register().engine)
    assert run(monkeypatch, "+82101111222\n", "set", "p", "sms") == 0
    assert run(monkeypatch, NUMBER + "\n", "set", "p", "sms") == 0
    assert run(monkeypatch, "duty@example.net\n", "set", "p", "email") == 0
    assert found.of("p") == {"sms": NUMBER, "email": "duty@example.net"}
    assert run(monkeypatch, "", "drop", "p", "sms") == 0
    assert found.of("p") == {"email": "duty@example.net"}
    assert NUMBER[3:] not in "".join(capsys.readouterr())
    lines = [act for _, act in SqlLines(Stores(Settings(data_dir=str(tmp_path))).register().engine).unwritten()]
    assert [line.what for line in lines] == ["address:set"] * 3 + ["address:dropped"]
    for line in lines:
        assert line.whose[0].value == "p"
        assert line.reason is not None
        assert f"by the operating system's account {os_account()}" in line.reason.value
        assert NUMBER not in line.reason.value


@pytest.mark.parametrize(("channel", "text"), [("sms", "01012345678"), ("voice", "+82-10"), ("email", "nobody"), ("sms", "")])
def test_what_is_no_address_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], channel: str, text: str
) -> None:
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path))
    assert run(monkeypatch, text + "\n", "set", "p", channel) != 0
    assert SqlAddresses(Stores(Settings(data_dir=str(tmp_path))).register().engine).of("p") == {}
    assert not text or text not in "".join(capsys.readouterr())
