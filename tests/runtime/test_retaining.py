"""`jikimi retention`, `export` and the doctor, as whoever runs a server uses them."""

from __future__ import annotations

import asyncio
import datetime as dt
import json

import pytest

from jikimi.cli import app
from jikimi.identity.roles import Role
from jikimi.identity.second import Deed, SecondError, State
from jikimi.model.retention import DataClass, Outcome
from jikimi.policy.durations import tables
from jikimi.policy.retention import TABLES, TEMPLATE
from jikimi.runtime import commands, doctor, retaining
from jikimi.runtime.commands import now_ms
from jikimi.runtime.second import Hands, SecondRoom, held_by
from jikimi.runtime.settings import load
from jikimi.runtime.stores import Stores
from jikimi.storage.identity import SqlStaff
from jikimi.storage.lines import SqlLines
from jikimi.storage.retention import SqlRetention
from jikimi.storage.second import SqlSecond
from tests.accounts import here
from tests.household import Household

DAY_MS = 86_400_000
SOON = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path / "data"))
    made = Household(tmp_path / "data", now_ms())
    made.live(near=False)
    staff = SqlStaff(made.register.engine)
    staff.add("chief", Role.ADMINISTRATOR, "chief", None, now_ms=1, until_ms=2)
    for name, role in (("mina", Role.SUPERVISOR), ("yoon", Role.AUDITOR), ("park", Role.OPERATOR), ("dean", Role.DATA_PROTECTION)):
        staff.add(name, role, "chief", None, now_ms=1, until_ms=2)
    yield made
    made.close()


COURT = "Seoul Central District Court 2026 order 12"


class StillOffice:
    """The office of a server on which nothing else happens."""

    now_ms = staticmethod(now_ms)

    async def do(self, step):
        return step(None)


def room(house):
    """What two persons stand for at the screens of a server."""
    clerk = house.stores.clerk(house.register, tables())
    return SecondRoom(SqlSecond(house.register.engine), Hands(house.register, clerk), StillOffice())


def hold(order="o1", authority=COURT, reason="appeal", last_day=SOON):
    retaining.hold(None, order, authority, reason, "mina", last_day)


def held(house):
    return SqlRetention(house.register.engine).holds(now_ms() + 1)


def said(house):
    return [(act.act, act.reason.value) for _, act in SqlLines(house.register.engine).unwritten() if act.purpose == "retention"]


def test_status_says_when_what_falls_due_and_what_is_held_back(house, capsys):
    retaining.status(None)
    assert "in force" in capsys.readouterr().out
    house.end("o1")
    hold()
    stand_by(house)
    retaining.status(None)
    said = capsys.readouterr().out
    assert "acquitted" in said
    assert f"hold-1: held back by {COURT} until" in said


def test_a_look_at_what_would_be_erased_erases_nothing(house, capsys):
    with retaining.opened(house.settings, now_ms()) as keeper:
        keeper.look()
    house.end("o1")
    before = house.rows()
    retaining.erase(None)
    said = capsys.readouterr().out
    assert "due now: 2 persons" in said
    assert "days of positions" in said
    assert "Nothing was erased" in said
    assert house.rows() == before


def stand_by(house, number=1):
    """Mina makes what was proposed her request, and the data protection officer confirms it."""
    two = room(house)
    asyncio.run(two.adopt(number, here("mina")))
    return asyncio.run(two.confirm(number, here("dean", audience="oversight")))


def test_a_hold_is_recorded_by_two_and_released_by_two_and_both_reasons_stay_in_the_ledger(house, capsys):
    hold()
    assert held(house) == [], "a command line holds nothing back"
    assert stand_by(house).state is State.DONE
    (kept,) = held(house)
    assert (kept.hold_id, kept.authority, kept.reason, kept.by) == ("hold-1", COURT, "appeal", "mina")
    assert said(house)[-1] == ("held", f"{COURT}: appeal; until {SOON + dt.timedelta(days=1)}; second person dean")
    two = room(house)
    asked = asyncio.run(two.ask(Deed.RELEASE_HOLD, "hold-1", f"{COURT}, 2027", here("dean"), "the appeal was dismissed"))
    assert held(house) == [kept], "one alone releases nothing"
    with pytest.raises(SecondError):
        asyncio.run(two.confirm(asked.number, here("dean")))
    with pytest.raises(SecondError):
        asyncio.run(two.confirm(asked.number, here("park")))
    assert asyncio.run(two.confirm(asked.number, here("mina"))).state is State.DONE
    assert held(house) == []
    act, reason = said(house)[-1]
    assert act == "released"
    assert reason.startswith(f"{COURT}, 2027: the appeal was dismissed; until ")
    assert reason.endswith("; second person mina")


def test_the_first_request_for_a_hold_keeps_the_record_while_it_waits_and_a_later_one_does_not(house):
    """Given an order whose record falls due now, when a hold is asked for, then nothing goes before a second person looked at it;
    and nobody keeps a record for ever by asking anew."""
    two, words = room(house), f"{SOON.isoformat()} {COURT}"
    asked = asyncio.run(two.ask(Deed.HOLD_RECORD, "o1", words, here("mina"), "appeal"))
    (kept,) = held(house)
    assert (kept.until_ms, kept.reason) == (asked.until_ms, "asked for, and not confirmed yet: appeal")
    asyncio.run(two.refuse(asked.number, here("dean"), "no such decision"))
    assert held(house) == []
    again = asyncio.run(two.ask(Deed.HOLD_RECORD, "o1", words, here("mina"), "appeal"))
    assert held(house) == []
    asyncio.run(two.confirm(again.number, here("dean")))
    assert [one.until_ms for one in held(house)] == [held_by(words)[0]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"order": "o9"}, "no order of that name"),
        ({"authority": " "}, "Name the court"),
        ({"last_day": dt.date(2020, 1, 1)}, "is past"),
        ({"reason": "he was at 37.5512345, 126.9812345"}, "held a place"),
    ],
)
def test_a_hold_without_court_reason_or_order_is_refused(house, capsys, change, words):
    with pytest.raises(SystemExit):
        hold(**change)
    assert words in capsys.readouterr().err
    assert held(house) == []


def test_a_table_is_checked_from_the_command_line(tmp_path, capsys):
    retaining.check(TEMPLATE)
    bad = tmp_path / "bad.toml"
    text = (TABLES / "kr.toml").read_text(encoding="utf-8").replace("hours = 24", "hours = 48")
    bad.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit):
        retaining.check(bad)
    line = text[: text.index("hours = 48")].count("\n") + 1
    assert f"line {line}: within.hours" in capsys.readouterr().err


@pytest.fixture
def told(capsys):
    """Run the command line; return its status and what it said."""

    def run(*words):
        capsys.readouterr()
        try:
            app([str(word) for word in words])
        except SystemExit as ended:
            return (ended.code or 0, "".join(capsys.readouterr()))
        return (0, "".join(capsys.readouterr()))

    return run


def test_an_order_is_exported_by_two_and_imported_into_an_empty_system_at_the_command_line(house, tmp_path, told, monkeypatch):
    folder = tmp_path / "record"
    words = ("export", folder, "--order", "o1", "--by")
    why = ("--reason", "the court asked")
    for refused in (("park", *why), ("nobody", *why), ("mina",), ("mina", "--request", 1)):
        assert told(*words, *refused)[0] == 1
    assert "Then the same command with --request 1" in told(*words, "mina", *why)[1]
    assert told(*words, "mina", "--request", 1)[0] == 1
    # Whoever holds a shell of the machine is nobody, whatever name is typed there.
    assert told("second", "confirm", 1, "--by", "yoon")[0] != 0
    requests = SqlSecond(house.register.engine)
    requests.adopt(1, here("mina"), now_ms=now_ms())
    for name in ("mina", "park"):
        with pytest.raises(SecondError):
            requests.confirm(1, here(name), now_ms=now_ms())
    assert told(*words, "mina", "--request", 1)[0] == 1
    assert not folder.exists(), "one alone exports nothing"
    requests.confirm(1, here("yoon", audience="oversight"), now_ms=now_ms())
    assert told("second", "wait", 1) == (0, "It is confirmed: asked by mina, confirmed by yoon.\n")
    assert told("export", folder, "--order", "o2", "--by", "mina", "--request", 1)[0] == 1, "it was confirmed for another order"
    assert told(*words, "yoon", "--request", 1)[0] == 1, "only whoever asked"
    status, said = told(*words, "mina", "--request", 1)
    assert status == 0
    sha256 = said.split("sha256 ")[1].strip()
    assert json.loads((folder / "manifest.json").read_bytes())["orders"] == ["o1"]
    assert told("export", tmp_path / "again", "--order", "o1", "--by", "mina", "--request", 1)[0] == 1, "it is used up"
    assert [leaf["act"] for leaf in leaves(house) if leaf["purpose"] == "export"] == ["exported"]

    assert told("import", folder, "--sha256", sha256)[0] == 1, "this system knows the order already"
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path / "elsewhere"))
    assert told("import", folder, "--sha256", "0" * 64)[0] == 1
    assert told("import", folder, "--sha256", sha256) == (0, "Imported 12 fixes and 14 rows: 0 differences.\n")
    assert "knows an order or a person" in told("import", folder, "--sha256", sha256)[1], "once"
    there = Stores(load(None, {"JIKIMI_DATA_DIR": str(tmp_path / "elsewhere")})).ledger_reader()
    assert [json.loads(leaf)["act"] for _, leaf in there.entries(0, 9)] == ["imported"]


def leaves(house):
    reader = house.stores.ledger_reader()
    return [json.loads(leaf) for _, leaf in reader.entries(0, 99)]


def test_the_doctor_says_when_an_erasure_is_overdue(house, monkeypatch):
    house.now_ms -= 3 * DAY_MS - 1
    house.end("o1")
    found = list(doctor.erasure(load()))
    assert len(found) == 1
    assert "is not erased yet" in found[0]


def test_the_doctor_finds_nothing_wrong_where_nothing_is_due(house):
    assert list(doctor.erasure(load())) == []


def test_the_doctor_names_a_law_without_a_table(house, monkeypatch):
    monkeypatch.setattr(retaining.policies, "retention", lambda _settings: {})
    found = list(doctor.erasure(load()))
    assert any("no table of retention is there for kr" in one for one in found)


def test_what_oversight_shows_is_read_from_the_register_alone(house):
    house.end("o1")
    hold()
    stand_by(house)
    (state,) = retaining.states(SqlRetention(house.register.engine), retaining.policies.retention(load()), now_ms())
    assert (state.order_id, state.outcome) == ("o1", "acquitted")
    assert state.due_ms["positions"] == state.held[0][2]
    assert state.due_ms["ledger"] > state.ended_ms + 4 * 365 * DAY_MS


def test_a_deployers_own_table_wins_and_a_wrong_one_keeps_the_server_from_starting(house, tmp_path, monkeypatch, capsys):
    own = tmp_path / "policies" / "retention"
    own.mkdir(parents=True)
    text = (TABLES / "kr.toml").read_text(encoding="utf-8").replace("years = 5", "years = 7").replace("2026-06-01", "2020-01-01")
    (own / "kr.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("JIKIMI_POLICY_DIR", str(tmp_path / "policies"))
    found = retaining.policies.retention(load())
    assert found["kr"].keep(DataClass.POSITIONS, Outcome.EXPIRED).years == 7
    assert found["fr"].keep(DataClass.POSITIONS, Outcome.EXPIRED).years == 6
    (own / "kr.toml").write_text(text.replace("hours = 24", "hours = 0"), encoding="utf-8")
    with pytest.raises(SystemExit):
        commands.serve(None)
    assert "within.hours: must be from 1 to 24" in capsys.readouterr().err
