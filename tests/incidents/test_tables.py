"""The tables: states, tasks, routing, scripts, notices; and the diagrams drawn from them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.incidents.incident import Kind
from jikimi.incidents.scripts import FILE, LANGUAGES, ScriptError, read, scripts, words_to_him
from jikimi.incidents.status import TABLE, TASK_TABLE, Act, NotAllowedError, Status, TaskStatus, after, diagram, moved, task_diagram
from jikimi.model.notice import Notice, Side, Urgency
from jikimi.policy.defect import PolicyError
from jikimi.policy.responders import TABLES, load, tables

DOCS = Path(__file__).parents[2] / "docs" / "incidents.md"


def test_the_diagrams_in_the_docs_are_drawn_from_the_tables():
    text = DOCS.read_text(encoding="utf-8")
    assert f"```mermaid\n{diagram()}\n```" in text
    assert f"```mermaid\n{task_diagram()}\n```" in text


@given(st.lists(st.sampled_from(Act)))
def test_no_sequence_of_acts_leaves_resolved_or_resolves_by_hand_what_nobody_acknowledged(acts):
    status, done = Status.OPEN, []
    for act in acts:
        try:
            status = after(status, act)
            done.append(act)
        except NotAllowedError:
            assert act not in TABLE[status]
    if Act.RESOLVE in done:
        assert done[0] is Act.ACKNOWLEDGE
        assert done[-1] is Act.RESOLVE
    assert (status is Status.RESOLVED) == bool({Act.RESOLVE, Act.SETTLE} & set(done))


@given(st.lists(st.sampled_from(TaskStatus)))
def test_a_task_only_goes_on(targets):
    sequence, status = list(TaskStatus), TaskStatus.WAITING
    for target in targets:
        try:
            new = moved(status, target)
            assert sequence.index(new) > sequence.index(status)
            status = new
        except NotAllowedError:
            assert target not in TASK_TABLE[status]


def test_every_jurisdiction_has_responders():
    assert set(tables()) == {"kr", "es", "fr"}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("within_s = 60", "within_s = 61", "from 1 to 60 s"),
        ("after_s = 30", "after_s = 0", "from 1 to 600 s"),
        ("every_m = 100", "every_m = 1", "from 10 to 1000 m"),
        ('order_bases = ["kr-provisional"]', 'order_bases = ["kr-provisional"]\nspeed = 1', "unknown field"),
        ('tag_bases = ["kr-provisional"]', 'tag_bases = ["kr-provisional", "kr-parole"]', "covers"),
        (
            'source = "Jikimi default: where the basis is not known the police go to both; they are on duty everywhere at every hour."',
            'source = " "',
            "must say where",
        ),
    ],
)
def test_a_wrong_table_is_refused_in_a_sentence(tmp_path, old, new, sentence):
    path = tmp_path / "kr.toml"
    text = (TABLES / "kr.toml").read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyError, match=sentence):
        load(path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_words_to_him(language):
    assert scripts().version
    assert all(words_to_him(kind, language) for kind in Kind if kind is not Kind.SILENT_SOS)
    assert not any(words_to_him(kind, language, {Kind.SILENT_SOS, kind}) for kind in Kind), "he may be beside her"


def test_a_script_that_speaks_to_him_while_she_calls_silently_is_refused():
    text = FILE.read_text(encoding="utf-8").replace("him = { ko = [], en = [] }", 'him = { ko = [], en = ["Call the office."] }')
    with pytest.raises(ScriptError, match="she called"):
        read(text)


@pytest.mark.parametrize(
    "words",
    [
        "Go north.",
        "She is here.",
        "Turn left.",
        "Keep 100 of them.",
        "Leave {place}.",
        "가까이 있습니다.",
        "북쪽으로 가세요.",
        "Stay off the school.",
    ],
)
def test_words_to_him_that_tell_where_she_is_are_refused_at_load(words):
    text = FILE.read_text(encoding="utf-8").replace("Charge the tag now.", words)
    with pytest.raises(ScriptError, match="could tell"):
        read(text)


def test_a_kind_without_a_script_is_refused():
    with pytest.raises(ScriptError, match="order"):
        read(FILE.read_text(encoding="utf-8").partition("[scripts.order]")[0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"arguments": {"lat": "37.5665"}},
        {"arguments": {"metres": "1234567"}},
        {"expires_ms": 60_001},
        {"expires_ms": 0},
        {"text_key": "Go north"},
        {"audience": Side.MONITORED, "arguments": {"kind": "sos"}},
    ],
)
def test_a_notice_has_no_room_for_a_position(wrong):
    good = {
        "notice_id": "n",
        "incident_id": "i",
        "audience": Side.OPERATOR,
        "recipient_id": "ann",
        "kind": "alarm",
        "urgency": Urgency.ALARM,
        "created_ms": 0,
        "expires_ms": 60_000,
        "text_key": "alarm.operator.sos",
    }
    Notice(**good)
    with pytest.raises(ValueError):
        Notice(**{**good, **wrong})
