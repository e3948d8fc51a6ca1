"""Tables of names and texts: what comes with Jikimi is sound, and what is wrong is refused with its place."""

import pytest

from jikimi.policy.agencies import TABLES, load, tables
from jikimi.policy.defect import PolicyError

KR = (TABLES / "kr.toml").read_text(encoding="utf-8")


def defects(tmp_path, text):
    path = tmp_path / "names.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load(path)
    return [(defect.path, defect.sentence) for defect in refused.value.defects]


def test_there_is_a_table_for_each_jurisdiction():
    assert set(tables()) == {"kr", "es", "fr"}


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ('ko = "경찰청", en', "en", "agencies[1].names[1].name", "missing in ko"),
        ('ko = "경찰청"', 'ko = " "', "agencies[1].names[1].name", "missing in ko"),
        ("valid_until = 2026-10-02", "valid_until = 2026-12-02", "agencies[3].names[2].valid_from", "another of this name"),
        ("valid_until = 2026-10-02\n", "", "agencies[3].names[2].valid_from", "another of this name"),
        ("valid_until = 2026-10-02", "valid_until = 2020-10-02", "agencies[3].names[1].valid_until", "not after"),
        ('agency_id = "tag_authority"', 'agency_id = "police"', "agencies[2].agency_id", "already"),
        ('template_id = "measure_ends"', 'template_id = "request_approval"', "templates[2].valid_from", "another of this name"),
        ("by {day}, {time}. Without", "by {when}, {time}. Without", "templates[1].text.en", "a place for when; known are about, day, time"),
        ("by {day}, {time}. Without", "by {day, {time}. Without", "templates[1].text.en", "bracket"),
        ('no_approach = { ko = "접근 금지", en', "no_approach = { en", "words.no_approach", "missing in ko"),
        ('agency_id = "police"', 'agency = "police"', "agencies[1]", "agency"),
        ('version = "2026-06"', "version = 3", "version", "Expected `str`"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path, old, new, path, words):
    assert old in KR
    found = defects(tmp_path, KR.replace(old, new, 1))
    assert [(where, words in sentence) for where, sentence in found] == [(path, True)]


def test_a_name_without_a_source_is_refused(tmp_path):
    first = KR.index("source = ")
    text = KR[:first] + 'source = " "' + KR[KR.index("\n", first) :]
    assert "where the name" in defects(tmp_path, text)[0][1]
