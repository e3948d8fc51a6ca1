"""Accounts on a running server: what another process does to one reaches open streams and the ledger."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
import msgspec
import pytest
import sqlalchemy as sa

from jikimi.cli import app
from jikimi.disclosure.ledger.leaf import check
from jikimi.identity.account import Act, Done
from jikimi.identity.passkeys import Kind, Passkey
from jikimi.identity.roles import Role
from jikimi.orders.codes import new_code
from jikimi.runtime.commands import now_ms
from jikimi.runtime.server import Server
from jikimi.runtime.settings import Settings
from jikimi.runtime.staffing import UNSPEAKABLE, entry_of
from jikimi.runtime.stores import Stores
from jikimi.storage.identity import door_of
from jikimi.storage.passkeys import put_passkey
from jikimi.storage.schema import sessions
from tests.accounts import CHIEF, sign_up
from tests.runtime.test_server import House, presets


def run(*words: str) -> None:
    try:
        app(words)
    except SystemExit as ended:
        if ended.code:
            raise


HER = "her"
"""Not staff: her session, ended by another process, as an erasure does."""
DISABLED, OTHER_ROLE, PASSKEY_GONE, DISABLED_AUDITOR, OTHER_AUDITOR = "dana", "olga", "paul", "dino", "omar"
DISABLED_JUDGE, OTHER_COURT = "june", "cora"
ROLES = {
    DISABLED: Role.SUPERVISOR,
    OTHER_ROLE: Role.SUPERVISOR,
    PASSKEY_GONE: Role.OPERATOR,
    DISABLED_AUDITOR: Role.AUDITOR,
    OTHER_AUDITOR: Role.AUDITOR,
    DISABLED_JUDGE: Role.COURT,
    OTHER_COURT: Role.COURT_CLERK,
}
FIRST = {"desk": "event: board", "oversight": "event: changed", "court": "event: changed", "protected": "event: state"}


def passkey(name: str, credential_id: bytes) -> Passkey:
    return Passkey(
        credential_id=credential_id, kind=Kind.STAFF, subject=name, handle=b"h" * 32, public_key=b"k", sign_count=0, made_ms=0, used_ms=None
    )  # fmt: skip


async def watching(house: House, audience: str, code: str, ready: asyncio.Event, over: dict[str, str], name: str) -> None:
    """Sign in, listen until the stream ends, and note what it said last; then nothing else is answered either."""
    base = house.url(audience)
    async with httpx2.AsyncClient(timeout=60) as client:
        answer = await client.post(f"{base}/api/pair", json={"code": code}, headers={"Origin": base})
        assert answer.status_code == 204, answer.text
        client.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
        async with client.stream("GET", f"{base}/api/stream") as stream:
            lines = stream.aiter_lines()
            async for line in lines:
                if line == FIRST[audience]:
                    break
            ready.set()
            over[name] = next((line for line in [line async for line in lines] if line == "event: end"), "")
        assert (await client.get(f"{base}/api/me")).status_code == 401


@pytest.mark.sockets
def test_rights_taken_in_another_process_close_open_streams_and_stand_in_the_ledger(tmp_path: Path) -> None:
    """Rights removed act within 60 s on open streams: the desk's, oversight's, a court's, hers. (The officers' link: `test_field.py`.)"""

    async def story() -> None:
        house = House(tmp_path, 18_990)
        house.settings = msgspec.structs.replace(house.settings, court_port=18_994)
        codes = {name: new_code() for name in ROLES}
        for name, role in ROLES.items():
            staff = sign_up(house.register, name, codes[name], role)
        with house.register.engine.begin() as connection:
            put_passkey(connection, passkey(PASSKEY_GONE, b"\x0b" * 16))

        def take() -> None:
            staff.disable(DISABLED, CHIEF, now_ms=now_ms())
            staff.disable(DISABLED_AUDITOR, CHIEF, now_ms=now_ms())
            staff.change_role(OTHER_ROLE, Role.COURT, CHIEF, now_ms=now_ms())
            staff.change_role(OTHER_AUDITOR, Role.COURT, CHIEF, now_ms=now_ms())
            staff.disable(DISABLED_JUDGE, CHIEF, now_ms=now_ms())
            staff.belong(OTHER_COURT, ["seoul-central"], CHIEF, now_ms=now_ms())
            staff.remove_passkey(PASSKEY_GONE, "0b0b", CHIEF, now_ms=now_ms())
            with house.register.engine.begin() as connection:
                connection.execute(sa.delete(sessions).where(sessions.c.audience == "protected"))

        doors = {name: (door_of(role) or "", codes[name]) for name, role in ROLES.items()}
        doors[HER] = ("protected", house.code)
        ready, over = {name: asyncio.Event() for name in doors}, {}
        async with Server(house.settings, presets()), asyncio.timeout(60):
            async with asyncio.TaskGroup() as group:
                for name, (audience, code) in doors.items():
                    group.create_task(watching(house, audience, code, ready[name], over, name))
                await asyncio.gather(*(event.wait() for event in ready.values()))
                await asyncio.to_thread(take)
            assert over == dict.fromkeys(doors, "event: end")
            while staff.unwritten():
                await asyncio.sleep(0.05)

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
    with Stores(Settings(data_dir=str(tmp_path))).register().engine.begin() as connection:
        for number in (1, 2):
            put_passkey(connection, passkey("anna", bytes([number]) * 16))
    run("staff", "passkeys", "list", "anna")
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["01" * 8, "02" * 8]
    for words in (("0", "chief"), ("03", "chief"), ("01", "anna")):
        with pytest.raises(SystemExit):
            run("staff", "passkeys", "remove", "anna", words[0], "--by", words[1])
    assert capsys.readouterr().err.startswith("More than one passkey of anna has a name that begins so.\nNo passkey")
    run("staff", "passkeys", "remove", "anna", "01", "--by", "chief")
    capsys.readouterr()
    run("staff", "passkeys", "list", "anna")
    assert capsys.readouterr().out.startswith("02" * 8 + "         made 1970-01-01T00:00:00.000+00:00   never used")
    run("staff", "unlock", "anna", "--by", "chief")
    run("staff", "disable", "anna", "--by", "chief")
    run("staff", "list")
    assert capsys.readouterr().out.splitlines()[-2:] == [f"{'anna':<24} supervisor     disabled", f"{'chief':<24} administrator  active"]
    run("staff", "add", "judge", "--role", "court", "--court", "seoul-central", "--by", "chief")
    assert "court at seoul-central" in capsys.readouterr().out
    run("staff", "courts", "judge", "--court", "seoul-central", "--court", "jeju", "--by", "chief")
    assert "court at jeju, seoul-central" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        run("staff", "courts", "judge", "--court", "atlantis", "--by", "chief")
    assert "No form names a court atlantis" in capsys.readouterr().err
    for words in (("code", "chief", "--by", "chief"), ("add", "berta", "--role", "police"), ("disable", "chief", "--by", "chief")):
        with pytest.raises(SystemExit):
            run("staff", *words)
    assert len(capsys.readouterr().err.splitlines()) == 3
