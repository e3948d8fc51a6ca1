"""Tables of durations: what comes with Jikimi is sound, and what is wrong is refused with its line."""

import datetime as dt
import re

import pytest

from jikimi.policy.defect import PolicyError
from jikimi.policy.durations import TABLES, load, tables

KR = (TABLES / "kr.toml").read_text(encoding="utf-8")


def defects(tmp_path, text):
    path = tmp_path / "law.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PolicyError) as refused:
        load(path)
    return [(defect.path, defect.sentence, defect.line) for defect in refused.value.defects]


def line(text, part):
    return text[: text.index(part)].count("\n") + 1


def test_there_is_a_table_for_each_jurisdiction():
    assert set(tables()) == {"kr", "es", "fr"}


def test_korea_says_what_the_acts_say():
    kr = tables()["kr"]
    urgent, provisional = kr.basis("kr-urgent"), kr.basis("kr-provisional")
    assert (urgent.request.hours, urgent.limits[0].most.months, urgent.limits[0].extension) == (48, 1, None)
    tag, cell = provisional.limits
    assert (tag.most.months, tag.extension.times, tag.extension.most.months) == (3, 2, 3)
    assert (cell.most.months, cell.extension) == (1, None)
    assert kr.notice.days == 14
    assert kr.clocks.reporting.minutes == 15


def test_every_number_of_every_table_has_a_source():
    for path in TABLES.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        for number, row in enumerate(text.splitlines(), start=1):
            if re.search(r"\{ (months|days|hours|minutes) =", row):
                assert re.search(r'source = "\S[^"]+"', row), f"{path.name}:{number}"


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("months = 1, source", "months = 1, days = 3, source", "bases[1].limits[1].most", "months or days"),
        ("months = 1, source", "source", "bases[1].limits[1].most", "months or days"),
        ("months = 1, source", "months = 0, source", "bases[1].limits[1].most.months", "from 1 to 600"),
        ("months = 1, source", "months = '1', source", "bases[1].limits[1].most.months", "Expected `int | null`"),
        ("months = 1, source", "month = 1, source", "bases[1].limits[1].most", "unknown field `month`"),
        ('hours = 48, source = "Act', 'hours = 48, note = "Act', "bases[1].request", "unknown field `note`"),
        ("hours = 48", "hours = 4800", "bases[1].request.hours", "from 1 to 720"),
        ("times = 2", "times = 0", "bases[2].limits[1].extension.times", "1 or more"),
        ('measures = ["detention"]', 'measures = ["prison"]', "bases[2].limits[2].measures[1]", "Invalid enum value"),
        ('measures = ["detention"]', 'measures = ["monitoring"]', "bases[2].limits", "once"),
        ("kr-provisional", "kr-urgent", "bases[2].basis_id", "already"),
        ("notified = { minutes = 60", "notified = { minutes = 0", "clocks.notified.minutes", "more than 0"),
        ("Asia/Seoul", "Asia/Soul", "time_zone", "no IANA"),
        ("days = 14", "days = 0", "notice.days", "from 1"),
        ("valid_from = 2026-06-01", "valid_from = 2026-06-01\nvalid_until = 2026-06-01", "valid_until", "after valid_from"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path, old, new, path, words):
    text = KR.replace(old, new, 1)
    found = defects(tmp_path, text)
    assert [(where, words in sentence) for where, sentence, _ in found] == [(path, True)]
    assert abs(found[0][2] - line(KR, old)) <= 1 or path == "bases[2].limits"


def test_a_number_without_a_source_is_refused(tmp_path):
    text = re.sub(r'most = \{ months = 1, source = "[^"]*" \}', "most = { months = 1 }", KR, count=1)
    assert defects(tmp_path, text)[0][1].startswith("Object missing required field `source`")
    text = re.sub(r'most = \{ months = 1, source = "[^"]*" \}', 'most = { months = 1, source = " " }', KR, count=1)
    assert "must name the law" in defects(tmp_path, text)[0][1]


def test_all_bases_are_complained_of_at_once(tmp_path):
    found = defects(tmp_path, KR.replace("months = 1, source", "month = 1, source").replace("minutes = 60", "minutes = 'x'", 1))
    assert [path for path, *_ in found] == [
        "clocks.notified.minutes",
        "bases[1].limits[1].most",
        "bases[2].limits[2].most",
        "bases[3].limits[2].most",
    ]


def test_what_is_no_table_is_refused(tmp_path):
    assert "not TOML" in defects(tmp_path, "a = ")[0][1]
    assert "cannot be read" in defects(tmp_path, b"\xff")[0][1]
    assert {path for path, *_ in defects(tmp_path, "bases = 3")} != set()


def test_versions_follow_each_other_and_never_overlap(tmp_path):
    law = KR.replace("valid_from = 2026-06-01", "valid_from = 2026-06-01\nvalid_until = 2027-01-01", 1)
    (tmp_path / "a.toml").write_text(law, encoding="utf-8")
    new = KR.replace("2026-06-01", "2027-01-01", 1).replace('version = "2026-06"', 'version = "2027-01"', 1)
    (tmp_path / "b.toml").write_text(new, encoding="utf-8")
    said = {day: tables(tmp_path, dt.date.fromisoformat(day)) for day in ("2026-05-31", "2026-12-31", "2027-01-01")}
    assert {day: [one.version for one in found.values()] for day, found in said.items()} == {
        "2026-05-31": [],
        "2026-12-31": ["2026-06"],
        "2027-01-01": ["2027-01"],
    }
    assert tables(tmp_path)["kr"].version == "2027-01"
    (tmp_path / "a.toml").write_text(KR, encoding="utf-8")
    with pytest.raises(PolicyError, match="still valid"):
        tables(tmp_path)
