"""`jikimi rings`: what it prints, and what it says of a wrong question."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from jikimi.cli import app
from jikimi.orders.advice import advise
from jikimi.runtime.rings import NOTES, duration, render
from tests.core.rules import PAIR


def command(*words):
    with pytest.raises(SystemExit) as ended:
        app(["rings", *words])
    return ended.value.code


def test_json_holds_the_whole_advice(capsys):
    assert command("--policy", "kr", "--distance-m", "500", "--police-s", "480", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [(ring["tier"], ring["metres"]) for ring in found["rings"]] == [("watch", 2000), ("warning", 1000), ("danger", 500)]
    assert found["police_s"] == 480
    assert len(found["needed"]) == 5
    assert found["rings"][2]["warned"][3]["ring_s"] == pytest.approx(36.0, abs=0.1)


def test_the_table_says_what_is_unknown(capsys):
    assert command("--policy", "kr") == 0
    out = capsys.readouterr().out
    assert "Police: time unknown." in out
    assert "needed" not in out


def shown(advice):
    console = Console(file=io.StringIO(), width=140)
    render(advice, console)
    return console.file.getvalue()


def test_the_table_compares_with_the_police():
    out = shown(advise(PAIR, 480.0))
    assert "8 min 00 s" in out
    assert "672 m" in out
    assert "the city is not wider" in out
    assert all(note in out for note in NOTES)
    lines = out.splitlines()
    (title,) = [number for number, line in enumerate(lines) if line.startswith("warning: 1,000 m, or 5 min 00 s to contact.")]
    assert "0.3 (26% of days)" in lines[title]
    on_foot = next(line for line in lines[title:] if "on foot" in line)
    assert "11 min 54 s" in on_foot
    assert "yes" in on_foot


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--policy", "xx"), "There is no policy xx"),
        (("--policy", "kr", "--distance-m", "-5"), "must be a distance of 0 m or more"),
        (("--policy", "kr", "--police-s", "-5"), "The time of the police"),
        (("--policy", "kr", "--city-radius-m", "0"), "the city's radius above 0 m"),
    ],
)
def test_a_wrong_question_gets_one_sentence(capsys, words, sentence):
    assert command(*words) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (119.4, "119 s"), (119.6, "2 min 00 s"), (714.3, "11 min 54 s")])
def test_durations(seconds, words):
    assert duration(seconds) == words
