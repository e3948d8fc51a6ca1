"""Accounts on a running server: what another process does to one reaches open streams and the ledger."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
import pytest

from jikimi.cli import app
from jikimi.disclosure.ledger.leaf import check
from jikimi.identity.account import Act, Done
from jikimi.identity.roles import Role
from jikimi.orders.codes import new_code
from jikimi.runtime.commands import now_ms
from jikimi.runtime.server import Server
from jikimi.runtime.staffing import UNSPEAKABLE, entry_of
from tests.accounts import CHIEF, sign_up
from tests.runtime.test_server import House, presets


def run(*words: str) -> None:
    try:
        app(words)
    except SystemExit as ended:
        if ended.code:
            raise


STREAMS = {"desk": (Role.SUPERVISOR, "event: board"), "oversight": (Role.AUDITOR, "event: changed")}


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("audience", "act", "port"),
    [
        ("desk", "disable", 18_990),
        ("desk", "other role", 21_410),
        ("oversight", "disable", 21_420),
        ("oversight", "other role", 21_430),
    ],
)
def test_rights_taken_in_another_process_close_open_streams_and_stand_in_the_ledger(
    tmp_path: Path, audience: str, act: str, port: int
) -> None:
    role, first = STREAMS[audience]

    async def story() -> None:
        house = House(tmp_path, port)
        code = new_code()
        staff = sign_up(house.register, "anna", code, role)
        base = house.url(audience)

        def take() -> None:
            if act == "disable":
                staff.disable("anna", CHIEF, now_ms=now_ms())
            else:
                staff.change_role("anna", Role.COURT, CHIEF, now_ms=now_ms())

        async with Server(house.settings, presets()), httpx2.AsyncClient(timeout=20) as client:
            answer = await client.post(f"{base}/api/pair", json={"code": code}, headers={"Origin": base})
            assert answer.status_code == 204
            client.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
            async with client.stream("GET", f"{base}/api/stream") as stream:
                lines = stream.aiter_lines()
                async for line in lines:
                    if line == first:
                        break
                await asyncio.to_thread(take)
                async with asyncio.timeout(60):
                    assert "event: end" in [line async for line in lines]
            assert (await client.get(f"{base}/api/me")).status_code == 401
            for _ in range(100):
                if not staff.unwritten():
                    break
                await asyncio.sleep(0.05)
        assert staff.unwritten() == []

    asyncio.run(story())


def test_what_the_ledger_says_of_an_act_may_be_said() -> None:
    for act in Act:
        done = Done(number=1, at_ms=1, name="37.5665 126.9780", act=act, role=Role.TAG_OFFICER, by="chief")
        check(entry_of(done, name=UNSPEAKABLE, by=UNSPEAKABLE))


def test_the_command_line_keeps_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path))
    run("staff", "add", "chief", "--role", "administrator")
    assert "pairing" not in capsys.readouterr().out
    run("staff", "add", "anna", "--role", "operator", "--by", "chief")
    assert "pairing" in capsys.readouterr().out
    run("staff", "role", "anna", "supervisor", "--by", "chief")
    run("staff", "code", "anna", "--by", "chief")
    assert "for anna" in capsys.readouterr().out
    run("staff", "unlock", "anna", "--by", "chief")
    run("staff", "disable", "anna", "--by", "chief")
    run("staff", "list")
    assert capsys.readouterr().out.splitlines()[-2:] == [f"{'anna':<24} supervisor     disabled", f"{'chief':<24} administrator  active"]
    for words in (("code", "chief", "--by", "chief"), ("add", "berta", "--role", "police"), ("disable", "chief", "--by", "chief")):
        with pytest.raises(SystemExit):
            run("staff", *words)
    assert len(capsys.readouterr().err.splitlines()) == 3
