"""Tables of retention: what comes with Jikimi is sound and says what the laws say, and what is wrong is refused with its line."""

import pytest

from jikimi.model.retention import DataClass, Outcome
from jikimi.policy.defect import PolicyError
from jikimi.policy.retention import LEDGER_MONTHS, TABLES, TEMPLATE, least_months, load, tables

KR = (TABLES / "kr.toml").read_text(encoding="utf-8")
AT_ONCE = (Outcome.LAPSED, Outcome.ACQUITTED, Outcome.DISMISSED)


def defects(tmp_path, text):
    path = tmp_path / "law.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load(path)
    return [(defect.path, defect.sentence, defect.line) for defect in refused.value.defects]


def line(text, part):
    return text[: text.index(part)].count("\n") + 1


def test_there_is_a_table_for_each_jurisdiction_and_a_template_that_loads():
    assert set(tables()) == {"kr", "es", "fr"}
    assert load(TEMPLATE).policy_id == "xx"


def test_retention_in_korea_is_at_once_when_an_order_lapses_or_on_acquittal_or_dismissal_else_five_years():
    kr = tables()["kr"]
    for data in (DataClass.POSITIONS, DataClass.INCIDENTS, DataClass.REGISTER):
        assert [kr.keep(data, outcome).days for outcome in AT_ONCE] == [0, 0, 0]
        assert [kr.keep(data, outcome).years for outcome in (Outcome.EXPIRED, Outcome.REVOKED)] == [5, 5]


def test_retention_in_france_is_six_years_by_the_decree():
    fr = tables()["fr"]
    assert {fr.keep(DataClass.POSITIONS, outcome).years for outcome in Outcome} == {6}
    assert "R. 631-11" in fr.keep(DataClass.POSITIONS, Outcome.EXPIRED).source


def test_ledgers_are_kept_for_three_years_at_least_everywhere():
    for table in tables().values():
        assert all(least_months(table.keep(DataClass.LEDGER, outcome)) >= LEDGER_MONTHS for outcome in Outcome)


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("days = 0,", "days = 0, months = 1,", "rules[1].keep", "one of the three"),
        ("days = 0,", "", "rules[1].keep", "one of the three"),
        ("days = 0,", "days = -1,", "rules[1].keep.days", "from 0 to 36500"),
        ("days = 0,", "days = '0',", "rules[1].keep.days", "Expected `int | null`"),
        ("years = 5, source", "years = 500, source", "rules[2].keep.years", "from 0 to 100"),
        ("years = 5, source", "year = 5, source", "rules[2].keep", "unknown field `year`"),
        ("hours = 24", "hours = 25", "within.hours", "from 1 to 24"),
        ("hours = 24", "hours = 0", "within.hours", "from 1 to 24"),
        ("Asia/Seoul", "Asia/Soul", "time_zone", "no IANA"),
        ("valid_from = 2026-06-01", "valid_from = 2026-06-01\nvalid_until = 2026-06-01", "valid_until", "after valid_from"),
        ('["lapsed", "acquitted", "dismissed"]', '["lapsed", "acquitted"]', "rules", "say nothing of positions after dismissed"),
        ('["expired", "revoked"]', '["expired", "revoked", "lapsed"]', "rules[2]", "rule 1 does"),
        ('"dismissed"]', '"forgotten"]', "rules[1].outcomes[3]", "Invalid enum value"),
        ('data = ["ledger"]', "data = []", "rules[3].data", "name one"),
        ("source = \"Project's brief: finished", 'source = " "\nwhy = "', "within", "unknown field"),
        ("source = \"Project's brief: finished within 24 hours of falling due.", 'source = " ', "within.source", "must name the law"),
    ],
)
def test_a_table_that_is_wrong_is_refused_at_load_with_line_and_reason(tmp_path, old, new, path, words):
    found = defects(tmp_path, KR.replace(old, new, 1))
    assert (path, True) in [(where, words in sentence) for where, sentence, _ in found]
    number = next(number for where, sentence, number in found if where == path and words in sentence)
    assert path == "rules" or abs(number - line(KR, old)) <= 3


def test_a_ledger_kept_for_less_than_three_years_is_refused(tmp_path):
    text = KR.replace("keep = { years = 5, source = \"Project's", "keep = { months = 35, source = \"Project's")
    assert [(where, "less than three years" in sentence) for where, sentence, _ in defects(tmp_path, text)] == [("rules[3].keep", True)]


def test_positions_that_would_outlive_the_register_are_refused(tmp_path):
    text = KR.replace('["positions", "incidents", "register"]\noutcomes = ["expired"', '["incidents", "register"]\noutcomes = ["expired"')
    text += '\n[[rules]]\ndata = ["positions"]\noutcomes = ["expired", "revoked"]\nkeep = { years = 6, source = "none" }\n'
    found = defects(tmp_path, text)
    assert {where for where, _, _ in found} == {"rules[4].keep"}
    assert all("longer than the register" in sentence for _, sentence, _ in found)


def test_two_versions_valid_on_one_day_are_refused(tmp_path):
    (tmp_path / "a.toml").write_text(KR, encoding="utf-8")
    (tmp_path / "b.toml").write_text(KR.replace("2026-06-01", "2026-07-01"), encoding="utf-8")
    with pytest.raises(PolicyError, match="still valid"):
        tables(tmp_path)
