"""A range is what the same slice of the file is (RFC 9110, section 14.1.2), and never more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.basemap.ranges import UnsatisfiableError, wanted

sizes = st.integers(0, 5_000)
places = st.integers(0, 6_000)


@given(sizes, places, places)
def test_first_and_last(size, first, last):
    header = b"bytes=%d-%d" % (first, last)
    data = bytes(size)
    if last < first:
        assert wanted(header, size) is None
    elif first >= size:
        with pytest.raises(UnsatisfiableError):
            wanted(header, size)
    else:
        start, end = wanted(header, size)
        assert start == first
        assert data[start:end] == data[first : last + 1]
        assert start < end <= size


@given(sizes, places)
def test_from_a_place_on(size, first):
    if first >= size:
        with pytest.raises(UnsatisfiableError):
            wanted(b"bytes=%d-" % first, size)
    else:
        assert wanted(b"bytes=%d-" % first, size) == (first, size)


@given(sizes, places)
def test_the_last_bytes(size, count):
    if size == 0 or count == 0:
        with pytest.raises(UnsatisfiableError):
            wanted(b"bytes=-%d" % count, size)
    else:
        assert wanted(b"bytes=-%d" % count, size) == (max(size - count, 0), size)


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"bytes",
        b"bytes=",
        b"bytes=-",
        b"bytes=a-b",
        b"bytes=1-2,4-5",
        b"items=0-1",
        b"bytes=+1-2",
        b"bytes= 1 - 2",
        b"bytes=" + b"9" * 5_000 + b"-",
    ],
)
def test_what_is_no_single_range_is_ignored(header):
    assert wanted(header, 100) is None


def test_numbers_beyond_the_file_are_cut():
    assert wanted(b"bytes=0-99999999999999999999", 100) == (0, 100)
    assert wanted(b"Bytes= 5-9 ", 100) == (5, 10)


@given(st.binary(max_size=60), sizes)
def test_no_header_breaks_it(header, size):
    try:
        part = wanted(header, size)
    except UnsatisfiableError:
        return
    assert part is None or 0 <= part[0] < part[1] <= size
