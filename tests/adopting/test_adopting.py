"""The worked example of docs/adopting.md, built from the page: checked, served, and lived through."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from pathlib import Path

import httpx2
import pytest

from jikimi.cli import app
from jikimi.incidents.incident import Where
from jikimi.policy.check import NEEDED, OPTIONAL, check
from jikimi.runtime import policies
from jikimi.runtime.policies import check_complete, installed
from jikimi.runtime.server import Server
from jikimi.runtime.settings import Settings, SettingsError
from jikimi.runtime.stores import Stores
from jikimi.storage.incidents import SqlIncidents
from tests.accounts import stand_for
from tests.runtime.ports import free_base
from tests.runtime.test_server import now_ms

PAGE = Path(__file__).parents[2] / "docs" / "adopting.md"
TEMPLATE = Path(policies.__file__).parents[1] / "policy" / "template.toml"
BLOCK = re.compile(r"^```toml (edit|file)=(\S+)(?: from=template\.toml)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def edited(text: str, changes: str) -> str:
    """Change lines of the template, each within the table that stands above it in the changes."""
    table, lines = "", text.splitlines()
    for change in filter(None, changes.splitlines()):
        if change.startswith("["):
            table = change
            continue
        begin = lines.index(table) if table else 0
        key = change.partition(" =")[0]
        at = next(number for number in range(begin, len(lines)) if lines[number].startswith(f"{key} ="))
        lines[at] = change
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Exland, as the page writes it."""
    made = tmp_path / "exland"
    for what, name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(edited(TEMPLATE.read_text(encoding="utf-8"), text) if what == "edit" else text, encoding="utf-8")
    return made


def test_the_page_holds_all_that_a_jurisdiction_needs(folder):
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.toml")} == {"xl.toml", *(f"{kind}/xl.toml" for kind in NEEDED)}
    assert check(folder) == []


@pytest.mark.parametrize("kind", list(NEEDED))
def test_a_table_that_is_missing_is_named_by_the_check_and_the_server_does_not_start(folder, tmp_path, kind):
    (folder / kind / "xl.toml").unlink()
    assert check(folder) == [f"{kind}/: there is no table for the policy xl."]
    settings = Settings(data_dir=str(tmp_path / "data"), policy_dir=str(folder))
    with pytest.raises(SettingsError, match=f"The policy xl has no table of {kind}"):
        check_complete(policies.load(settings), installed(settings))


def test_a_line_that_is_wrong_in_any_table_is_named_with_its_folder(folder):
    for kind in (*NEEDED, *OPTIONAL):
        path = folder / kind / "xl.toml"
        path.parent.mkdir(exist_ok=True)
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(f"{text}\nnonsense = 1\n", encoding="utf-8")
    lines = check(folder)
    assert {line.partition("/")[0] for line in lines} == {*NEEDED, *OPTIONAL}


def run(capsys, *words: str) -> str:
    capsys.readouterr()
    try:
        app(list(words))
    except SystemExit as ended:
        assert not ended.code, capsys.readouterr().err  # noqa: PT017
    return capsys.readouterr().out


@pytest.mark.sockets
def test_exland_lives(folder, tmp_path, monkeypatch, capsys):
    """Given Exland's tables, when an order is entered and he comes, both its agencies are asked; when he is acquitted, erasure is due."""
    base = free_base()
    settings = Settings(
        data_dir=str(tmp_path / "data"),
        policy_dir=str(folder),
        device_port=base,
        protected_port=base + 1,
        desk_port=base + 2,
        field_port=base + 3,
        helper_port=0,
        court_port=0,
        oversight_port=base + 4,
        log_level="critical",
    )
    monkeypatch.setenv("JIKIMI_DATA_DIR", settings.data_dir)
    monkeypatch.setenv("JIKIMI_POLICY_DIR", str(folder))
    basis = ("--policy", "xl", "--basis", "xl-protection")
    entered = run(capsys, "order", "add", *basis, "--monitored", "m", "--protected", "p", "--owner", "office", "--days", "90")
    order_id = next(word for word in entered.split() if word.startswith("order-"))
    secrets = {}
    for kind, person in (("tag", "m"), ("handset", "p")):
        said = run(capsys, "device", "add", "--kind", kind, "--person", person, *(("--order", order_id) if kind == "tag" else ()))
        secrets[person] = next(word for word in said.split() if "." in word and word.startswith(f"{kind}-"))

    async def approach() -> None:
        async with Server(settings, policies.load(settings)), httpx2.AsyncClient() as client:
            for number, north_m in enumerate((900.0, 850.0, 250.0, 240.0, 230.0)):
                for person, metres in (("p", 0.0), ("m", north_m)):
                    fix = {
                        "id": f"{number}",
                        "time": now_ms(),
                        "lat": 38.7 + metres / 111_000,
                        "lon": -9.1,
                        "error_m": 5.0,
                        "source": "gnss",
                    }
                    headers = {"Authorization": f"Bearer {secrets[person]}"}
                    answer = await client.post(f"http://localhost:{base}/v1/fixes", json={"fixes": [fix]}, headers=headers)
                    assert answer.status_code == 200, answer.text
            for _ in range(100):
                if asked():
                    return
                await asyncio.sleep(0.1)

    def asked() -> set[tuple[Where, str]]:
        register = Stores(settings).register()
        with SqlIncidents(register.engine).reading() as page:
            found = {(task.where, task.responder) for one in page.open_incidents() for task in one.tasks}
        register.close()
        return found

    asyncio.run(approach())
    assert asked() == {(Where.PROTECTED, "police"), (Where.MONITORED, "probation")}
    run(capsys, "staff", "add", "chief", "--role", "administrator")
    for name in ("officer", "colleague"):
        run(capsys, "staff", "add", name, "--role", "tag_officer", "--by", "chief")
    run(capsys, "order", "end", order_id, "--how", "acquit", "--reason", "acquitted", "--by", "officer")
    stores = Stores(settings)
    register = stores.register()
    stand_for(register, stores.clerk(register, policies.durations(settings)), 1, "officer", "colleague")
    register.close()
    assert f"positions {dt.datetime.now(dt.UTC).date()}" in run(capsys, "retention", "status")
