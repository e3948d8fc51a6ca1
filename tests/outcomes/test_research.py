"""Rows for research leave on a signed agreement only, under names of their own."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from nacl.signing import SigningKey

from jikimi.outcomes.research import AgreementError, agreed, csv_of, rows_for
from tests.outcomes.rows import drawn, incident

TEXT = b"""
number = "2027-4"
institute = "An institute"
question = "Whether earlier warnings help."
policy_id = "kr"
years = [2027]
valid_from = 2028-01-01
valid_until = 2028-12-31
erase_by = 2030-12-31
"""
KEY = SigningKey.generate()
DAY = dt.date(2028, 6, 1)


def signed(text: bytes = TEXT, day: dt.date = DAY, key: SigningKey = KEY):
    return agreed(text, key.sign(text).signature, KEY.verify_key.encode(), day)


def test_an_agreement_holds_when_it_is_signed_and_only_as_long_as_it_says():
    assert signed().institute == "An institute"
    for day in (dt.date(2027, 12, 31), dt.date(2029, 1, 1)):
        with pytest.raises(AgreementError, match="does not hold today"):
            signed(day=day)


def test_what_is_not_the_ministrys_is_refused():
    with pytest.raises(AgreementError, match="not signed"):
        signed(key=SigningKey.generate())
    with pytest.raises(AgreementError, match="not signed"):
        agreed(TEXT + b"#", KEY.sign(TEXT).signature, KEY.verify_key.encode(), DAY)
    with pytest.raises(AgreementError, match="not signed"):
        agreed(TEXT, b"", KEY.verify_key.encode(), DAY)
    with pytest.raises(AgreementError, match="research_signer"):
        agreed(TEXT, KEY.sign(TEXT).signature, None, DAY)


@pytest.mark.parametrize("text", [b"\xff", b"number = ", b"number = 1", TEXT + b"more = 1\n"])
def test_an_agreement_that_cannot_be_read_says_so(text):
    with pytest.raises(AgreementError, match="cannot be read"):
        signed(text)


def test_two_exports_cannot_be_laid_over_each_other():
    rows = [incident("one"), incident("one"), *(incident(f"{number}") for number in range(9))]
    first, second = (rows_for(signed(), rows) for _ in range(2))
    names = [{row.group for row in found} for found in (first, second)]
    assert not names[0] & names[1]
    assert not {row.group for row in rows} & (names[0] | names[1])
    assert sorted([row.group for row in first].count(name) for name in names[0]) == [1] * 9 + [2]


def test_only_what_was_agreed_on_and_no_small_region():
    rows = [*drawn(5, 100), incident("x", year=2026), incident("y", policy_id="fr"), incident("z", region="KR-50")]
    told = rows_for(signed(), rows)
    assert len(told) == len(rows) - 2
    regions = {row.region for row in told}
    assert "KR-50" not in regions
    lines = list(csv.DictReader(io.StringIO(csv_of(told))))
    assert len(lines) == len(told)
    assert {line["what"] for line in lines} == {"incident", "order", "petition"}
    assert {line["year"] for line in lines} == {"2027"}
