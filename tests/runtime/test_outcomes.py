"""`jikimi outcomes` at the command line."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest
from nacl.signing import SigningKey

from jikimi.cli import app
from jikimi.identity.roles import Role
from jikimi.identity.second import SecondError
from jikimi.runtime import outcomes as command
from jikimi.storage.identity import SqlStaff
from jikimi.storage.second import SqlSecond
from tests.accounts import here
from tests.household import Household
from tests.outcomes.test_research import TEXT

DAY_MS = 86_400_000


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    house = Household(tmp_path / "data", 20_600 * DAY_MS, orders=2)
    house.live(fixes=1, near=False)
    staff = SqlStaff(house.register.engine)
    for name, role in (("admin", Role.ADMINISTRATOR), ("op", Role.OPERATOR), ("aud", Role.AUDITOR), ("dpo", Role.DATA_PROTECTION)):
        staff.add(name, role, "admin", None, now_ms=1, until_ms=2)
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path / "data"))

    def said(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            app(["outcomes", *words])
        except SystemExit as ended:
            return (ended.code or 0, *capsys.readouterr())  # type: ignore[return-value]
        return (0, *capsys.readouterr())

    said.house = house
    yield said
    house.close()


def at(monkeypatch, day: dt.date) -> None:
    monkeypatch.setattr(command, "now_ms", lambda: round(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() * 1000))


def test_a_finding_is_entered_by_who_may_and_what_is_not_given_stays(run):
    assert run("found", "incident-o1", "--by", "op", "--breach", "yes")[0] == 0
    assert run("found", "incident-o1", "--by", "op", "--harm", "none")[0] == 0
    assert run("found", "incident-o1", "--by", "aud", "--breach", "no")[0] == 1
    assert run("found", "nowhere", "--by", "op") == (1, "", "There is no such incident.\n")
    found = command.SqlOutcomes(run.house.register.engine, {}).finding("incident-o1")
    assert (found.breach, found.harm.value) == (True, "none")


def test_a_report_is_made_after_its_time_once_and_stays_the_same(run, tmp_path, monkeypatch):
    folder = tmp_path / "report"
    words = ("report", str(folder), "--policy", "kr", "--year", "2026")
    at(monkeypatch, dt.date(2026, 12, 1))
    status, _, error = run(*words)
    assert status == 1
    assert error.startswith("This can be published from 2027-02-01 on")
    at(monkeypatch, dt.date(2027, 3, 1))
    assert run(*words)[0] == 0
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(first) == {"kr-2026.html", "kr-2026.csv"}
    # What is found out later changes the year no more.
    run("found", "incident-o1", "--by", "op", "--breach", "yes")
    at(monkeypatch, dt.date(2027, 9, 1))
    assert run(*words)[0] == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert run("report", str(folder), "--policy", "kr", "--year", "2026", "--quarter", "2")[0] == 0
    assert (folder / "kr-2026-q2.csv").exists()
    assert run("report", str(folder), "--policy", "nowhere", "--year", "2026")[0] == 1


def test_rows_for_research_need_a_signed_agreement_a_second_person_and_the_ledger_first(run, tmp_path, monkeypatch):
    key = SigningKey.generate()
    agreement, signature, file = tmp_path / "a.toml", tmp_path / "a.sig", tmp_path / "rows.csv"
    text = TEXT.replace(b"[2027]", b"[2026]")
    agreement.write_bytes(text)
    signature.write_bytes(base64.b64encode(key.sign(text).signature))
    at(monkeypatch, dt.date(2028, 6, 1))
    words = ("research", str(file), "--agreement", str(agreement), "--signature", str(signature), "--by")
    why = ("--reason", "the study was agreed on")
    assert run(*words, "aud", *why)[0] == 1, "no key is set"
    monkeypatch.setenv("JIKIMI_RESEARCH_SIGNER", key.verify_key.encode().hex())
    for refused in (("op", *why), ("aud",), ("aud", "--request", "1")):
        assert run(*words, *refused)[0] == 1
    assert run(*words, "aud", *why)[1].startswith("request     1   A command line counts nobody")
    assert run(*words, "aud", "--request", "1")[0] == 1, "one alone hands nothing over"
    # Both persons are sessions in oversight: a name that is typed is none.
    requests = SqlSecond(run.house.register.engine)
    with pytest.raises(SecondError):
        requests.confirm(1, here("dpo", command.now_ms()), now_ms=command.now_ms())
    requests.adopt(1, here("aud", command.now_ms()), now_ms=command.now_ms())
    for name in ("aud", "op", "admin"):
        with pytest.raises(SecondError):
            requests.confirm(1, here(name, command.now_ms()), now_ms=command.now_ms())
    assert not file.exists()
    requests.confirm(1, here("dpo", command.now_ms()), now_ms=command.now_ms())
    status, out, _ = run(*words, "aud", "--request", "1")
    assert (status, out) == (0, "4 rows. The institute erases them by 2030-12-31.\n")
    told = file.read_text(encoding="utf-8")
    assert not any(name in told for name in ("o1", "o2", "her-", "him-", "label"))
    leaf = next(json.loads(leaf) for _, leaf in run.house.stores.ledger_reader().entries(0, 9) if b'"research"' in leaf)
    assert leaf["act"] == "exported", "the line was in the ledger first"
    assert run(*words, "aud", "--request", "1")[0] == 1, "nothing is written over"
    file.unlink()
    assert run(*words, "aud", "--request", "1")[0] == 1, "a request is used once"
