"""A short run of every fuzz target: arbitrary bytes, broken copies of good payloads, and good shapes with odd values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.corpus import CORPUS
from tests.fuzz.targets import TARGETS, decoded

JSON_TARGETS = sorted(set(TARGETS) - {"authorization", "gzip_body", "record", "chunk", "receipts"})

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([-1, 0, 90, 180, 360, 1e308, -1e308, 2**63, 10**30, 253402300800000, "NaN", "", "sos", "2026-01-01T00:00:00Z"]),
    st.text(max_size=8),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@pytest.mark.parametrize("name", TARGETS)
def test_good_payloads_hold(name):
    for payload in CORPUS[name]:
        TARGETS[name](payload)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_hold(name, data):
    TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_broken_copies_hold(name, data):
    payload = data.draw(st.sampled_from(CORPUS[name]))
    start = data.draw(st.integers(0, len(payload)))
    end = data.draw(st.integers(start, min(len(payload), start + 30)))
    TARGETS[name](payload[:start] + data.draw(st.binary(max_size=12)) + payload[end:])


def _spoilt(data: st.DataObject, value: object) -> object:
    """Return a copy in which some leaves are odd, so that the shape still carries the decoder deep."""
    if data.draw(st.integers(0, 9)) == 0:
        return data.draw(ODD)
    if isinstance(value, dict):
        return {key: _spoilt(data, inner) for key, inner in value.items() if data.draw(st.integers(0, 19)) != 0}
    if isinstance(value, list):
        return [_spoilt(data, inner) for inner in value]
    return value


@pytest.mark.parametrize("name", JSON_TARGETS)
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_good_shapes_with_odd_values_hold(name, data):
    documents = [payload for payload in CORPUS[name] if payload.startswith(b"{") and b"\n" not in payload]
    document = json.loads(data.draw(st.sampled_from(documents)))
    TARGETS[name](json.dumps(_spoilt(data, document)).encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(st.one_of(st.binary(max_size=20), st.sampled_from(CORPUS["native"][1].split(b"\n"))), max_size=6))
def test_lines_hold(lines):
    TARGETS["native"](b"\n".join(lines))


@settings(max_examples=100, deadline=None)
@given(
    fields=st.dictionaries(
        st.sampled_from(["id", "lat", "lon", "location", "timestamp", "speed", "bearing", "accuracy", "batt", "alarm", "valid"]),
        st.text(max_size=12),
    )
)
def test_odd_queries_hold(fields):
    TARGETS["osmand"]("&".join(f"{key}={value}" for key, value in fields.items()).encode("utf-8", "surrogatepass"))


def test_a_target_can_fail():
    def leak():
        raise ValueError

    with pytest.raises(ValueError):
        decoded(leak)
