"""Content encodings within bounds."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from jikimi.ingest.bodies import inflate
from jikimi.ingest.ports import DecodeError
from jikimi.ingest.protocols.reading import TooMuchError


@pytest.mark.parametrize("name", ["gzip", "GZIP ", "x-gzip"])
def test_gzip_is_undone(name):
    assert inflate(gzip.compress(b"abc" * 100), name, 300) == b"abc" * 100


@pytest.mark.parametrize("name", ["", "identity"])
def test_none_is_none(name):
    assert inflate(b"abc", name, 3) == b"abc"


def test_one_byte_too_many_is_refused():
    with pytest.raises(TooMuchError):
        inflate(gzip.compress(bytes(301)), "gzip", 300)


def test_a_bomb_takes_no_memory():
    bomb = gzip.compress(bytes(100 << 20))
    tracemalloc.start()
    with pytest.raises(TooMuchError):
        inflate(bomb, "gzip", 1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_every_cut_is_refused():
    whole = gzip.compress(b'{"fixes":[]}')
    for end in range(len(whole)):
        with pytest.raises(DecodeError):
            inflate(whole[:end], "gzip", 100)


@pytest.mark.parametrize("name", ["br", "deflate", "gzip, gzip", "zstd"])
def test_other_encodings_are_refused(name):
    with pytest.raises(DecodeError, match="must be gzip"):
        inflate(b"", name, 100)
