"""Where a petition stands: every act from every state, and the diagram in the docs."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.petitions.status import DECIDED, TABLE, Act, NotAllowedError, Status, after, diagram

DOCS = Path(__file__).parents[2] / "docs" / "petitions.md"


def test_the_docs_show_the_table():
    assert diagram() in DOCS.read_text(encoding="utf-8")


@given(st.lists(st.sampled_from(Act), max_size=12))
def test_a_petition_moves_only_as_the_table_says(acts):
    status = Status.DRAFT
    for act in acts:
        if act in TABLE[status]:
            status = after(status, act)
        else:
            with pytest.raises(NotAllowedError, match=f"cannot {act}"):
                after(status, act)


def test_nothing_is_decided_twice_and_an_appeal_stays_nothing():
    for status in DECIDED:
        assert not {Act.GRANT, Act.GRANT_IN_PART, Act.REFUSE, Act.GRANT_INTERIM} & set(TABLE[status])
        assert after(status, Act.APPEAL) is status


def test_what_was_withdrawn_stays_so():
    assert TABLE[Status.WITHDRAWN] == {}


def test_a_refusal_set_aside_is_decided_anew_and_a_grant_set_aside_ends():
    assert after(Status.REFUSED, Act.REVERSE) is Status.RECEIVED
    assert after(Status.GRANTED, Act.REVERSE) is Status.REFUSED
