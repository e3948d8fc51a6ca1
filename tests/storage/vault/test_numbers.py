"""Columns of whole numbers come back as they were, in every form, and bytes that are none are refused."""

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.storage.vault import bits
from jikimi.storage.vault.numbers import DamagedColumnError, join, pack, split, unpack

NUMBERS = st.lists(st.integers(-(2**62), 2**62) | st.integers(-300, 300), max_size=60)


@given(NUMBERS)
def test_numbers_come_back(numbers):
    assert unpack(pack(numbers)) == numbers


@given(st.lists(st.integers(-(2**62), 2**62) | st.integers(-300, 300), min_size=2, max_size=60), st.integers(0, 1))
def test_numbers_come_back_from_bits_of_each_order(numbers, order):
    assert bits.unpack(bits.pack(numbers, order), order) == numbers


@given(st.integers(-(2**62), 2**62), st.integers(1, 10**6))
def test_one_number_many_times_costs_nearly_nothing(number, count):
    packed = pack([number] * count)
    assert len(packed) <= 1 + 3 + 10
    assert unpack(packed) == [number] * count


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=6))
def test_parts_come_back(parts):
    assert split(join(parts), len(parts)) == parts


@given(st.binary(max_size=60))
def test_any_bytes_are_numbers_or_refused(data):
    """Unpacking ends in a list or in ``DamagedColumnError``, whatever the bytes are."""
    with contextlib.suppress(DamagedColumnError):
        assert isinstance(unpack(data), list)


@pytest.mark.parametrize(
    "data", [b"", b"\x07", b"\x06", b"\x06\x01", b"\x06\xff\xff\xff\xff\x7f\x00", b"\x03\x3f\x02", b"\x03\x00\x02\xff", b"\x05\x00\x02"]
)
def test_bytes_that_are_no_column_are_refused(data):
    with pytest.raises(DamagedColumnError):
        unpack(data)


def test_thirty_numbers_of_a_way_need_less_as_bits_than_deflated():
    rnd = random.Random(1)
    way = [n * 4000 + rnd.randrange(900) for n in range(30)]
    packed = pack(way)
    assert packed[0] in {3, 4, 5}
    assert unpack(packed) == way
