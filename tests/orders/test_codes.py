"""Codes that people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.orders.codes import ALPHABET, new_code, normalise


def test_a_new_code_is_two_groups_of_five_unambiguous_letters():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(code[5] == "-" and len(code) == 11 and set(code) <= {*ALPHABET, "-"} for code in codes)
    assert set("".join(codes)) == {*ALPHABET, "-"}
    assert not set("ILOU") & set(ALPHABET)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("7KQ2M-9XWPA", "7KQ2M9XWPA"),
        ("7kq2m9xwpa", "7KQ2M9XWPA"),
        (" 7 k q 2 m \u2013 9xwpa\n", "7KQ2M9XWPA"),
        ("oOiIl-Lo234", "0011110234"),
    ],
)
def test_what_people_type_is_understood(typed, known):
    assert normalise(typed) == known


@pytest.mark.parametrize(
    "typed",
    ["", "7KQ2M", "7KQ2M-9XWPAA", "7KQ2M-9XWPU", "7KQ2M_9XWPA", "7KQ2M-9XWPÄ", "\N{ARABIC-INDIC DIGIT SEVEN}KQ2M-9XWPA", "7KQ2M-9XWP\0"],
)
def test_what_can_be_no_code_is_none(typed):
    assert normalise(typed) is None


@given(st.text())
def test_any_text_gives_a_code_or_nothing(typed):
    known = normalise(typed)
    assert known is None or (len(known) == 10 and set(known) <= set(ALPHABET) and normalise(known) == known)


def test_every_new_code_is_understood():
    for code in (new_code() for _ in range(50)):
        assert normalise(code.lower()) == code.replace("-", "")
