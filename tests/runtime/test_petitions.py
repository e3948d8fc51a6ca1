"""The command line's petitions: for a counsellor's desk, for paper, and for a court."""

import json

import pyrage
import pytest

from jikimi.cli import app
from tests.petitions.case import answers

KEY = pyrage.x25519.Identity.generate()


def run(*words):
    with pytest.raises(SystemExit) as ended:
        app(list(map(str, words)))
    return ended.value.code


@pytest.fixture
def petition(tmp_path):
    (tmp_path / "photo.png").write_bytes(b"not a photo")

    def write(**changed):
        file = tmp_path / "petition.json"
        exhibits = [{"file": "photo.png", "about": "3월 2일"}]
        file.write_text(json.dumps({"form": "kr-stalking-protection", "answers": answers(**changed), "exhibits": exhibits}))
        return file

    return write


def test_a_whole_petition_says_nothing_and_what_is_missing_is_said_in_her_words(petition, capsys):
    assert run("petition", "check", petition(), "--day", "2027-06-10") == 0
    assert capsys.readouterr().out == ""
    run("petition", "check", petition(fear=None, relation="enemy"), "--day", "2027-06-10")
    assert capsys.readouterr().out.splitlines() == ["missing     What are you most afraid of now?", "not_a_choice" + "Who is he to you?"]


def test_on_day_91_the_reason_and_the_other_ways_are_printed(petition, capsys):
    run("petition", "check", petition(), "--day", "2027-07-31", "--language", "ko")
    first, *ways = capsys.readouterr().out.splitlines()
    assert "90일이 지났습니다" in first
    assert "2027-07-30" in first
    assert len(ways) == 4
    assert "1366" in ways[-1]


def test_before_its_day_it_says_when_it_opens(petition, capsys):
    run("petition", "check", petition(), "--day", "2027-04-01")
    assert "opens       2027-04-22" in capsys.readouterr().out


def test_papers_are_printed_for_a_court_that_takes_paper(petition, tmp_path):
    assert run("petition", "print", petition(), tmp_path / "out", "--day", "2027-06-10") == 0
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "court-only.json",
        "court-only.pdf",
        "petition.json",
        "petition.pdf",
    ]


def test_what_is_packed_is_opened_by_the_court_alone(petition, tmp_path, capsys):
    assert run("petition", "pack", petition(), tmp_path / "sent", "--court-key", KEY.to_public(), "--day", "2027-06-10") == 0
    (package,) = (tmp_path / "sent").iterdir()
    key = tmp_path / "key.txt"
    key.write_text(f"# created: 2027-01-01\n{KEY}\n")
    assert run("petition", "open", package, tmp_path / "court", "--key", key) == 0
    assert sorted(one.name for one in (tmp_path / "court").iterdir()) == ["court-only.pdf", "petition.pdf", "photo.png"]
    key.write_text(str(pyrage.x25519.Identity.generate()))
    assert run("petition", "open", package, tmp_path / "other", "--key", key) == 1
    assert "does not open" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected"),
        ('{"form": "x", "answers": {}}', "no form x"),
        ('{"form": "kr-stalking-protection", "answers": {"a": 5}}', "expected"),
        ('{"form": "kr-stalking-protection", "answers": {}}', "cannot be filed yet"),
    ],
)
def test_what_cannot_be_printed_is_said_in_a_sentence(tmp_path, capsys, text, words):
    file = tmp_path / "petition.json"
    file.write_text(text)
    assert run("petition", "print", file, tmp_path / "out") == 1
    assert words in capsys.readouterr().err
    assert run("petition", "print", tmp_path / "away.json", tmp_path / "out") == 1


def test_an_exhibit_that_is_away_is_said(petition, tmp_path, capsys):
    file = petition()
    (tmp_path / "photo.png").unlink()
    assert run("petition", "print", file, tmp_path / "out", "--day", "2027-06-10") == 1
    assert "exhibit cannot be read" in capsys.readouterr().err
