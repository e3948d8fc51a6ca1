"""The petitions of a demonstration could be filed as they stand, on whatever day it is."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from jikimi.petitions.answers import standing
from jikimi.petitions.clocks import in_time
from jikimi.policy.petitions import forms
from jikimi.scenarios.petitions import COURT, FORM, played

KR = msgspec.structs.replace(forms()[FORM], valid_from=dt.date(2026, 1, 1))
"""As if its law were in force already: a demonstration does not wait for it."""


@pytest.mark.parametrize("today", [dt.date(2026, 11, 28), dt.date(2028, 2, 29), dt.date(2027, 1, 1)])
def test_they_are_ready_in_time_and_for_the_demonstrations_court(today):
    found = played(KR, today)
    assert [one.hours_ago for one in found] == [50.0, 20.0], "one is overdue after 48 hours, one is not"
    for one in found:
        both = (one.papers.open, one.papers.sealed)
        answers = {row.question_id: row.value for paper in both for part in paper.parts for row in part.rows}
        assert standing(KR, answers, one.papers.open.day).ready
        assert [check.kept for check in in_time(KR, answers, one.papers.open.day)] == [True]
        assert one.papers.open.court_id == COURT
        assert {each.name for each in one.papers.open.exhibits} == set(one.exhibits)
        told = str(one.papers)
        assert "시연" in told
        assert "example.org" in told, "nobody in it is real"
