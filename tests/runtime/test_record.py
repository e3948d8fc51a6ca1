"""Whole records: two persons and a line in the ledger before anything is read; back again with 0 differences; nothing foreign is taken."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.disclosure.retention.due import DAY_MS
from jikimi.model.access import Purpose
from jikimi.model.fix import Fix, Source, Verdict
from jikimi.runtime import policies, record
from jikimi.runtime.record import HistoryRefusedError, Wish, bring_in, export
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.archive import FIXES, MANIFEST, REGISTER, Archive, ArchiveError, digest, kept_of, line_of
from jikimi.storage.vault.kept import Kept
from jikimi.storage.vault.store import Vault
from tests import scan
from tests.household import HOME, Household

NOW = 20_600 * DAY_MS + 40_000_000
WISH = Wish("o1", None, "mina", second="yoon", reason="the court asked for it")


@pytest.fixture
def house(tmp_path):
    made = Household(tmp_path / "here", NOW, orders=2)
    made.live()
    yield made
    made.close()


@pytest.fixture
def exported(house, tmp_path):
    export(house.settings, WISH, tmp_path / "record", NOW)
    return tmp_path / "record"


@pytest.fixture
def elsewhere(tmp_path):
    return Settings(data_dir=str(tmp_path / "there"), log_level="critical")


def seal(folder):
    """Make the manifest say what the files are: what a forger would do."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for file in manifest["files"]:
        data = (folder / file["name"]).read_bytes()
        file |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "lines": data.count(b"\n")}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def test_export_of_an_orders_full_record_and_import_into_an_empty_system_has_0_differences(house, exported, elsewhere, tmp_path):
    told = digest(exported)
    done = bring_in(elsewhere, exported, told, NOW)
    assert done.fixes == 12
    assert done.rows > 10
    export(elsewhere, WISH, tmp_path / "again", NOW)
    for name in (REGISTER, FIXES):
        assert (tmp_path / "again" / name).read_bytes() == (exported / name).read_bytes()
    clerk = Stores(elsewhere).clerk(Stores(elsewhere).register(), {})
    assert clerk.order("o1") == house.clerk.order("o1")
    with pytest.raises(LookupError):
        clerk.order("o2")


def test_a_persons_record_has_all_orders_that_name_her_and_the_positions_of_nobody_else(house, tmp_path):
    done = export(house.settings, WISH._replace(order_id=None, person_id="her-2"), tmp_path / "hers", NOW)
    assert done.fixes == 6
    assert {json.loads(line)["person"] for line in (tmp_path / "hers" / FIXES).read_bytes().splitlines()} == {"her-2"}


def test_an_export_tells_no_secret_of_a_device_and_a_device_that_was_imported_is_not_believed(exported, elsewhere):
    text = (exported / REGISTER).read_bytes()
    assert b"device-him-1" in text
    assert not scan.found(scan.raw(exported), {b"secret of the device", b"secret of the device".hex().encode(), (b"s" * 32).hex().encode()})
    bring_in(elsewhere, exported, None, NOW)
    assert all(device.revoked for device in Stores(elsewhere).register().devices())


def test_reading_history_needs_the_gate_and_its_ledger_line_comes_first(house, tmp_path, monkeypatch):
    """The gate, then the line, then the vault; whichever of the first two says no, nothing is read."""
    said, read = [], Vault.read
    line, gate = record.written_first, record.whole

    def noted(name, call):
        def noting(*asked):
            said.append(name)
            return call(*asked)

        return noting

    def refuse(_stores, _register, act):
        said.append((act.act, act.purpose, [one.value for one in act.whose]))
        raise LedgerUnavailableError("full")

    monkeypatch.setattr(Vault, "read", noted("read", read))
    monkeypatch.setattr(record, "whole", noted("gate", gate))
    monkeypatch.setattr(record, "written_first", refuse)
    with pytest.raises(LedgerUnavailableError):
        export(house.settings, WISH, tmp_path / "record", NOW)
    assert said == ["gate", ("exported", "export", ["her-1", "him-1"])]
    assert not (tmp_path / "record").exists(), "nothing was read"
    said.clear()
    monkeypatch.setattr(record, "written_first", noted("line", line))
    with pytest.raises(HistoryRefusedError):
        export(house.settings, WISH._replace(second=None), tmp_path / "record", NOW)
    assert said == ["gate"]
    export(house.settings, WISH, tmp_path / "record", NOW)
    assert said[1:3] == ["gate", "line"]
    assert set(said[3:]) == {"read"}


def test_where_no_server_runs_the_line_is_in_the_ledger_itself(house, exported):
    reader = house.stores.ledger_reader()
    assert [json.loads(leaf)["act"] for _, leaf in reader.entries(0, 1)] == ["exported"]
    assert reader.about("her-1")
    assert exported.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"second": None}, "second person"),
        ({"second": "mina"}, "another one"),
        ({"reason": " "}, "Say why"),
        ({"order_id": "o9"}, "no such order"),
        ({"order_id": None, "person_id": "nobody"}, "no such order"),
    ],
)
def test_the_gate_stays_closed_without_right_second_person_reason_and_order(house, tmp_path, change, words):
    with pytest.raises(HistoryRefusedError, match=words):
        export(house.settings, WISH._replace(**change), tmp_path / "record", NOW)
    assert not (tmp_path / "record").exists()


def test_a_record_holds_the_time_of_its_order_and_not_the_rest_of_the_day(house, tmp_path):
    """Given fixes of the days on which the order began and was suspended, then what leaves is the order's."""
    begin = house.clerk.order("o1").from_ms
    day = begin // DAY_MS * DAY_MS
    assert begin > day
    with closing(house.stores.vault()) as vault:
        vault.put("him-1", [Kept(Fix(f"x{at}", at, *HOME), at, Verdict.USED, "d") for at in (begin - 1, begin, NOW + 2)])
    export(house.settings, WISH, tmp_path / "record", NOW)
    text = (tmp_path / "record" / FIXES).read_text(encoding="utf-8")
    assert [f'"x{at}"' in text for at in (begin - 1, begin, NOW + 2)] == [False, True, False]


def test_a_policy_that_does_not_know_the_purpose_lets_no_record_leave(house, tmp_path, monkeypatch):
    known = policies.load(house.settings)
    access = msgspec.structs.replace(known["kr"].access, purposes=(Purpose.OWN_SAFETY, Purpose.RESPONSE))
    closed = known | {"kr": msgspec.structs.replace(known["kr"], access=access)}
    load = policies.load
    for held, words in ((closed, "does not know an export"), ({}, "not installed")):
        tables = iter([load(house.settings), held])  # the keeper's own, and the one the gate is asked with
        monkeypatch.setattr(policies, "load", lambda _settings, tables=tables: next(tables))
        with pytest.raises(HistoryRefusedError, match=words):
            export(house.settings, WISH, tmp_path / "record", NOW)
    assert not (tmp_path / "record").exists()


def test_import_refuses_where_something_of_the_record_is_known(house, exported):
    with pytest.raises(ArchiveError, match="knows an order or a person"):
        bring_in(house.settings, exported, None, NOW)


def test_an_import_that_was_killed_half_way_is_done_again(exported, elsewhere):
    vault = Stores(elsewhere)
    vault.vault_folder.mkdir(parents=True)
    opened = vault.vault()
    opened.put("her-1", [Kept(Fix("left", NOW, *HOME), NOW, Verdict.USED, "d")])
    opened.close()
    assert bring_in(elsewhere, exported, None, NOW).fixes == 12


@pytest.mark.parametrize("name", [REGISTER, FIXES])
def test_damaged_files_are_refused_with_one_sentence(exported, elsewhere, name):
    data = bytearray((exported / name).read_bytes())
    data[len(data) // 2] ^= 1
    (exported / name).write_bytes(data)
    with pytest.raises(ArchiveError, match=r"was changed: its hash differs"):
        bring_in(elsewhere, exported, None, NOW)


def test_a_forged_record_is_found_by_the_hash_that_was_told(exported, elsewhere):
    told = digest(exported)
    (exported / FIXES).write_bytes(b"")
    seal(exported)
    with pytest.raises(ArchiveError, match="another one than was announced"):
        bring_in(elsewhere, exported, told, NOW)


def lines(change):
    def changed(folder):
        rows = (folder / FIXES).read_bytes().splitlines(keepends=True)
        (folder / FIXES).write_bytes(b"".join(change(rows)))
        seal(folder)

    return changed


def manifest(**change):
    def changed(folder):
        found = json.loads((folder / MANIFEST).read_bytes())
        (folder / MANIFEST).write_text(json.dumps(found | change), encoding="utf-8")

    return changed


def register(old, new):
    def changed(folder):
        (folder / REGISTER).write_bytes((folder / REGISTER).read_bytes().replace(old, new))
        seal(folder)

    return changed


def append(folder, table, **columns):
    with (folder / REGISTER).open("ab") as file:
        file.write(json.dumps({"table": table, "columns": columns}).encode() + b"\n")
    seal(folder)


HOSTILE = {
    "reordered fixes": (lines(lambda rows: rows[::-1]), "another order"),
    "a fix of somebody else": (lines(lambda rows: [rows[0].replace(b'"her-1"', b'"her-9"')]), "nobody whom the manifest names"),
    "an unknown verdict": (lines(lambda rows: [rows[0].replace(b'"used"', b'"guilty"')]), "unknown way"),
    "a latitude beyond the pole": (lines(lambda rows: [rows[0].replace(b'"lat":37', b'"lat":97')]), "not what it should be"),
    "no number": (lines(lambda rows: [rows[0].replace(b'"lat":37', b'"lat":NaN')]), "not what it should be"),
    "half a line": (lines(lambda rows: [rows[0][:40]]), "not what it should be"),
    "a nested line": (lines(lambda _: [b"[" * 100_000]), "not what it should be"),
    "bytes that are no text": (lines(lambda _: [b"\xff\xfe\n"]), "not what it should be"),
    "a table that no record has": (register(b'"persons"', b'"accounts"'), "no record has"),
    "an account's session": (
        lambda folder: append(folder, "sessions", token_sha256="00", audience="desk", subject="chief", until_ms=9),
        "no record has",
    ),
    "the address of the police": (
        lambda folder: append(folder, "addresses", recipient_id="police", channel="sms", address="+82"),
        "the manifest does not name",
    ),
    "a device that would be believed": (register(b'"revoked":true', b'"revoked":false'), "the manifest does not name"),
    "somebody else's order": (register(b'"columns":{"order_id":"o1","status"', b'"columns":{"order_id":"o2","status"'), "does not name"),
    "other columns": (register(b'"label":"label of', b'"role":"label of'), "other columns"),
    "another body": (register(b'"policy_id":"kr"', b'"policy_id":7'), "does not hold"),
    "a path for a name": (manifest(files=[{"name": "../../x", "sha256": "", "bytes": 0, "lines": 0}]), "and no others"),
    "another version": (manifest(version=2), "no record of the form"),
    "nobody's order": (manifest(orders=[]), "in another way"),
    "no manifest": (lambda folder: (folder / MANIFEST).unlink(), "missing"),
    "a manifest that is none": (lambda folder: (folder / MANIFEST).write_bytes(b"{"), "cannot be read"),
    "a missing file": (lambda folder: (folder / FIXES).unlink(), "missing"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_with_one_sentence_and_leave_nothing(exported, elsewhere, what):
    change, words = HOSTILE[what]
    change(exported)
    with pytest.raises(ArchiveError, match=words) as refused:
        bring_in(elsewhere, exported, None, NOW)
    assert str(refused.value).count("\n") == 0
    assert "her-" not in str(refused.value)
    assert not (Stores(elsewhere).vault_folder / "history.db").exists(), "it was checked whole before anything was opened"


numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.builds(
        Fix,
        st.text(max_size=8),
        st.integers(min_value=0, max_value=2**50),
        st.floats(min_value=-90, max_value=90),
        st.floats(min_value=-180, max_value=180),
        numbers,
        st.sampled_from(Source),
        numbers,
        numbers,
        numbers,
        numbers,
        st.none() | st.booleans(),
    ),
    st.sampled_from(Verdict),
)
def test_every_fix_comes_back_from_its_line(fix, verdict):
    kept = Kept(fix, 5, verdict, "d")
    assert kept_of(line_of("p", kept)) == kept


def test_an_archive_is_read_a_day_at_a_time(exported):
    assert [(person, len(kept)) for person, kept in Archive(exported).people()] == [("her-1", 6), ("him-1", 6)]
