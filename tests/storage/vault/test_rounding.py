"""Rounding changes nothing that a receiver knows, never claims a better fix, and does nothing twice."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.storage.vault.rounding import ROUNDED, course, error, height, speed

FINITE = st.floats(-1e5, 1e5)


@given(FINITE)
def test_a_number_moves_by_no_more_than_half_a_step(value):
    assert abs(height(value) - value) <= 0.05 + 1e-9
    assert abs(speed(value) - value) <= 0.005 + 1e-9


@given(st.floats(0, 1e6))
def test_an_error_is_never_rounded_down_and_a_small_one_never_becomes_none(value):
    assert value <= error(value) <= value + 0.1 + 1e-9
    assert (error(value) == 0.0) == (value == 0.0)


@given(st.floats(allow_nan=False))
@pytest.mark.parametrize("name", ROUNDED)
def test_rounding_again_changes_nothing(name, value):
    once = ROUNDED[name](value)
    assert ROUNDED[name](once) == once
    assert math.copysign(1.0, once) == 1.0 or once != 0.0


def test_a_course_stays_within_the_circle():
    assert course(359.96) == 0.0
    assert course(359.94) == 359.9
