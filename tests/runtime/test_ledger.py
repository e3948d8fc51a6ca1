"""`jikimi ledger` as an auditor and a witness use it."""

import asyncio
import json

import pytest

from jikimi.cli import app
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from tests.storage.ledger.acts import act


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path / "data"))
    return Site(tmp_path)


class Site:
    def __init__(self, folder):
        self.folder = folder

    def write(self, count):
        async def append():
            ledger = Stores(Settings(data_dir=str(self.folder / "data"))).ledger()
            await asyncio.gather(*(ledger.append(act(n, whose=f"m-{n % 2}")) for n in range(count)))
            ledger.close()
            return str(ledger.verifier)

        return asyncio.run(append())

    def run(self, *words):
        try:
            app([str(word) for word in ("ledger", *words)])
        except SystemExit as ended:
            return ended.code or 0
        return 0

    def path(self, name):
        return self.folder / name


def test_an_export_is_verified_with_the_key_an_auditor_was_given(site, capsys):
    key = site.write(300)
    assert site.run("export", site.path("out")) == 0
    assert key in capsys.readouterr().out
    assert site.run("verify", site.path("out"), "--key", key) == 0
    shown = capsys.readouterr()
    assert "entries      300" in shown.out
    assert "Nothing was changed" in shown.out
    assert shown.err == ""
    assert site.run("verify", site.path("out")) == 0
    assert "taken from the export itself" in capsys.readouterr().err
    assert not (site.path("out") / "openings.jsonl").exists()
    assert site.run("export", site.path("out")) == 1
    assert "new folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("tamper", "sentence"),
    [
        (lambda lines: [*lines[:7], lines[7].replace("response", "own"), *lines[8:]], "Entry 7 was changed."),
        (lambda lines: [*lines[:7], *lines[8:]], "Entry 7 was removed."),
        (lambda lines: [*lines[:7], *lines[8:12], lines[7], *lines[12:]], "Entry 7 was moved to another place."),
        (lambda lines: [*lines[:7], lines[0].replace("disclosed", "closed"), *lines[7:]], "What stands at place 7 was added;"),
        (lambda lines: lines[:-1], "Entry 19 was removed."),
    ],
)
def test_tampering_ends_with_2_and_names_the_entry(site, capsys, tamper, sentence):
    key = site.write(20)
    site.run("export", site.path("out"))
    entries = site.path("out") / "entries.jsonl"
    entries.write_text("".join(f"{line}\n" for line in tamper(entries.read_text().splitlines())))
    assert site.run("verify", site.path("out"), "--key", key) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(sentence)
    assert "Nothing was changed" not in shown.out


def test_a_persons_entries_are_shown_where_asked_for(site, capsys):
    key = site.write(10)
    site.run("export", site.path("out"), "--about", "m-1")
    said = [json.loads(line) for line in (site.path("out") / "openings.jsonl").read_text().splitlines()]
    assert {each["entry"] for each in said} == {1, 3, 5, 7, 9}
    assert site.run("verify", site.path("out"), "--key", key) == 0
    lines = (site.path("out") / "openings.jsonl").read_text().replace("name of m-1", "name of m-2")
    (site.path("out") / "openings.jsonl").write_text(lines)
    assert site.run("verify", site.path("out"), "--key", key) == 2
    assert "is not what the entry committed to" in capsys.readouterr().err
    site.run("export", site.path("all"), "--opened")
    assert (site.path("all") / "openings.jsonl").read_text().count("\n") == 40


def test_a_proof_stands_for_itself(site, capsys):
    key = site.write(300)
    capsys.readouterr()
    assert site.run("proof", 258) == 0
    site.path("one.tlog-proof").write_text(text := capsys.readouterr().out)
    assert site.run("verify", site.path("one.tlog-proof"), "--key", key) == 0
    assert "Entry 258 is one of the 300 entries" in capsys.readouterr().out
    site.path("one.tlog-proof").write_text(text.replace("index 258", "index 257"))
    assert site.run("verify", site.path("one.tlog-proof"), "--key", key) == 2
    assert site.run("verify", site.path("one.tlog-proof")) == 1
    assert site.run("proof", 300) == 1


def test_a_witness_follows_the_ledger_and_refuses_another_past(site, capsys):
    key = site.write(5)
    site.run("export", site.path("first"))
    ask = ("--name", "w.example", "--folder", site.path("witness"), "--key", key)
    assert site.run("cosign", site.path("first"), *ask) == 0
    shown = capsys.readouterr()
    witness = shown.err.strip().removeprefix("This witness's key: ")
    note = site.path("first") / "checkpoint"
    note.write_text(note.read_text() + shown.out.splitlines()[-1] + "\n")
    assert site.run("verify", site.path("first"), "--key", key, "--witness", witness) == 0
    assert "w.example signed 5 entries at" in capsys.readouterr().out

    site.write(7)
    site.run("export", site.path("second"))
    assert site.run("verify", site.path("second"), "--key", key, "--witness", witness) == 1
    assert "signed none of these" in capsys.readouterr().err
    assert site.run("verify", site.path("second"), "--key", key, "--known", note) == 0
    site.run("request", "--old", 5)
    capsys.readouterr()
    assert site.run("request", "--old", 5) == 0
    site.path("request").write_text(capsys.readouterr().out)
    assert site.run("cosign", site.path("request"), *ask) == 0
    assert site.run("cosign", site.path("request"), *ask) == 1, "it asks to begin at what it signed last"
    assert site.run("cosign", site.path("first"), *ask) == 2, "a ledger that was cut back"
    assert "Not signed." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["checkpoint", "checkpoints.jsonl", "entries.jsonl", "hashes.txt"])
def test_an_export_without_a_file_is_no_export(site, capsys, name):
    key = site.write(3)
    site.run("export", site.path("out"))
    (site.path("out") / name).unlink()
    assert site.run("verify", site.path("out"), "--key", key) == 1
    assert name in capsys.readouterr().err
    assert site.run("verify", site.path("nothing"), "--key", "nonsense") == 1


def test_there_is_nothing_to_export_before_the_first_entry(site, capsys):
    assert site.run("export", site.path("out")) == 1
    assert "no ledger" in capsys.readouterr().err
