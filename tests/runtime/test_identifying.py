"""Two offices enter two records of one man at the command line: who he is comes from a file, and its words stay nowhere."""

from __future__ import annotations

import io
import json
import logging
import sys

import msgspec
import pytest

from jikimi.cli import app
from jikimi.orders.dossier import LinkState
from jikimi.orders.matching import Strength
from jikimi.orders.tasks import Reason
from jikimi.runtime.counter import Counter
from jikimi.storage.lines import SqlLines

HIM = {"name": "김도현", "born": "1985-02-03", "national_id": "850203-1122334", "passport": "M12345678", "phone": "010-1234-5678"}
WORDS = (*HIM.values(), "8502031122334", "Kim Do-hyun", "821012345678")


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Write identifiers to a file outside the server's folder; return its path."""
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path / "data"))

    def write(content):
        file = tmp_path / "him.json"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
        return str(file)

    return write


@pytest.fixture
def run(capsys):
    def command(*words):
        app(["order", *words], result_action="return_value")
        return capsys.readouterr().out

    return command


@pytest.fixture
def refused(capsys):
    def command(*words):
        with pytest.raises(SystemExit):
            app(["order", *words], result_action="return_value")
        return capsys.readouterr().err

    return command


def words(monitored, owner, *more):
    plain = ("add", "--policy", "kr", "--basis", "kr-provisional", "--days", "30", "--protected", f"p-{owner}")
    return (*plain, "--monitored", monitored, "--owner", owner, *more)


def name_of(out):
    return next(line.split()[1] for line in out.splitlines() if line.startswith("order "))


def books():
    return Counter(None).clerk._books


def links():
    with books().reading() as page:
        return page.links(), page.tasks(is_open=True)


def test_march_2026_at_the_command_line_two_offices_two_record_names_and_one_number(told, run):
    # Given a man who wears a tag, entered by one office
    first = run(*words("m-probation", "tag-kim", "--monitored-is", told({"national_id": HIM["national_id"]})))
    assert "record name alone" not in first
    # When another office enters her order against him under a record name of its own, without a tag
    out = run(*words("m-police", "officer-yoon", "--no-tagged", "--monitored-is", told({"national_id": "8502031122334"})))
    # Then a certain link is there at once, and its owner is who answers for the tag, by name, with a task
    (link,), tasks = links()
    assert (link.order_id, link.tag_order_id) == (name_of(out), name_of(first))
    assert (link.strength, link.state, link.owner) == (Strength.CERTAIN, LinkState.PROPOSED, "tag-kim")
    assert 0 <= link.opened_ms - Counter(None).order(name_of(out)).decided_ms < 60_000
    assert [(one.owner, one.about) for one in tasks if one.reason is Reason.LINK] == [("tag-kim", link.link_id)]
    assert "records that may be one man's (1). The desk shows them to whoever decides: tag-kim." in out


def test_a_name_spelled_otherwise_with_the_same_day_of_birth_waits_for_review(told, run):
    run(*words("m-probation", "tag-kim", "--monitored-is", told({"name": "김도현", "born": "1985-02-03"})))
    run(*words("m-police", "officer-yoon", "--no-tagged", "--monitored-is", told({"name": ["Kim Do-hyun"], "born": "1985-02-03"})))
    (link,), tasks = links()
    assert (link.strength, link.state, link.owner) == (Strength.NEAR, LinkState.REVIEW, "tag-kim")
    assert [one.owner for one in tasks if one.reason is Reason.LINK] == ["tag-kim"]


def test_an_order_that_says_nobody_is_asked_about_and_who_he_is_can_be_said_later_from_standard_input(told, run, monkeypatch):
    tagged = name_of(run(*words("m-probation", "tag-kim", "--monitored-is", told(HIM))))
    out = run(*words("m-police", "officer-yoon", "--no-tagged"))
    order_id = name_of(out)
    assert "matched by its record name alone" in out
    assert f"jikimi order identify {order_id} --monitored-is FILE" in out
    assert links()[0] == []
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(HIM).encode())))
    assert "tag-kim" in run("identify", order_id, "--monitored-is", "-", "--by", "officer-yoon")
    assert [(one.order_id, one.tag_order_id) for one in links()[0]] == [(order_id, tagged)]
    # And a second order against a record that is known by more than its name asks nothing.
    assert "record name alone" not in run(*words("m-police", "officer-yoon", "--no-tagged"))
    acts = [act for _, act in SqlLines(Counter(None).register.engine).unwritten()]
    assert [act.what for act in acts] == ["order:entered", "order:entered", "order:identified", "order:entered"]


def test_none_of_the_words_that_say_who_he_is_stand_anywhere_afterwards(told, run, tmp_path, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    said = run(*words("m-probation", "tag-kim", "--monitored-is", told(HIM)))
    said += run(*words("m-police", "officer-yoon", "--no-tagged", "--monitored-is", told(HIM | {"name": ["김도현", "Kim Do-hyun"]})))
    said += run("identify", name_of(said), "--monitored-is", told(HIM), "--by", "officer-yoon")
    with books().reading() as page:
        kept = [page.dossiers(), page.links(), page.tasks(), [sorted(page.marks(one)) for one in ("m-probation", "m-police")]]
    acts = [act for _, act in SqlLines(Counter(None).register.engine).unwritten()]
    assert len(acts) == 3
    read = f"{said}{caplog.text}{capsys.readouterr()}{kept}{acts}".encode()
    files = [file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file()]
    assert len(files) > 1
    for content in (read, msgspec.json.encode([kept, acts]), *files):
        assert [word for word in WORDS if word.encode() in content] == []


WRONG = {
    "name": ("", "---", 7, [], ["김도현", ""], "n" * 81, ["n"] * 11),
    "born": ("1985-02-30", "3.2.1985", "19850203", "1899-12-31", "2999-01-01", 1985),
    "national_id": ("850203-1******", "unknown", "1234", "000000-0000000", 8502031122334, "1" * 81),
    "passport": ("M1", "none", ["M12345678"], "M1234567?"),
    "phone": ("none", "123", 1012345678),
    "country_code": ("", "KR", "0082", 82),
}


@pytest.mark.parametrize("field", WRONG)
def test_each_wrong_field_has_one_sentence_that_repeats_nothing_of_it_and_nothing_is_entered(told, refused, field):
    for value in WRONG[field]:
        err = refused(*words("m", "officer", "--monitored-is", told(HIM | {field: value})))
        assert err.count("\n") == 1
        assert err.startswith(f"The field {field} is ")
        assert not [word for word in (*WORDS, str(value)) if len(word) > 4 and word in err]
    assert Counter(None).register.orders() == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe", "no JSON object"),
        (b'{"name": "\xff"}', "no JSON object"),
        (b'["850203-1122334"]', "no JSON object"),
        ({"850203-1122334": "national_id"}, "a field that is none of name, born"),
        ({"name": "김도현"}, "belong together"),
        ({"born": "1985-02-03", "passport": "M12345678"}, "belong together"),
        ({"country_code": "82", "passport": None}, "says nothing"),
        (b" " * 16_385, "at most 16,384 bytes"),
    ],
)
def test_a_file_that_says_nobody_is_refused_and_repeats_nothing(told, refused, content, sentence):
    err = refused(*words("m", "officer", "--monitored-is", told(content)))
    assert sentence in err
    assert err.count("\n") == 1
    assert not [word for word in WORDS if word in err]


def test_all_wrong_fields_are_said_at_once(told, refused):
    assert refused(*words("m", "officer", "--monitored-is", told({"born": "x", "phone": "y"}))).count("The field ") == 2


def test_a_missing_file_an_unknown_order_and_a_stranger_are_refused(told, run, refused):
    assert "cannot be read" in refused(*words("m", "officer", "--monitored-is", "/nowhere/him.json"))
    assert "no" in refused("identify", "nothing", "--monitored-is", told(HIM), "--by", "officer")
    order_id = name_of(run(*words("m", "officer")))
    assert "binds nobody" in refused("identify", order_id, "--monitored-is", told(HIM), "--by", "officer", "--monitored", "other")
