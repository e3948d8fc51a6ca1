"""The terms that she accepts: each clause in each language with its source, the penalty as the law has it, and no invented figure."""

import datetime as dt
import re

import pytest

from jikimi.policy.defect import PolicyError
from jikimi.policy.terms import TABLES, load, tables

KR = (TABLES / "kr.toml").read_text(encoding="utf-8")


def test_each_jurisdiction_has_terms_and_korea_names_the_penalty_with_its_article():
    found = tables()
    assert set(found) == {"kr", "es", "fr"}
    penalty = found["kr"].penalty
    assert "36(4)" in penalty.source
    assert "21229" in penalty.source
    assert "3년 이하의 징역 또는 3천만원 이하의 벌금" in penalty.text["ko"]


@pytest.mark.parametrize("policy_id", ["es", "fr"])
def test_where_the_law_was_not_found_no_figure_is_invented(policy_id):
    penalty = tables()[policy_id].penalty
    assert penalty.source.startswith("Not found")
    assert not any(re.search(r"\d", text) for text in penalty.text.values())


def test_they_hold_from_the_day_of_the_law():
    assert "kr" not in tables(day=dt.date(2026, 6, 23))
    assert tables(day=dt.date(2026, 6, 24))["kr"].version == "2026-06"


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ('en = "What misuse costs"', 'en = ""', "is missing in en"),
        ('version = "2026-06"', 'version = ""', "must have 1 to 40 characters"),
        ("valid_from = 2026-06-24", "valid_from = 2026-06-24\nvalid_until = 2026-06-01", "is not after valid_from"),
        ('languages = ["ko", "en"]', "languages = []", "must name one at least"),
        ('source = "Jikimi: docs/privacy.md, the ledger and its reviews."', 'source = " "', "must say where it comes from"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(tmp_path, was, now, sentence):
    assert was in KR
    path = tmp_path / "kr.toml"
    path.write_text(KR.replace(was, now), encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load(path)
    assert sentence in [defect.sentence for defect in refused.value.defects]
    assert all(defect.line is not None for defect in refused.value.defects)
