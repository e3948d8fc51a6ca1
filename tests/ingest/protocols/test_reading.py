"""Slips of careless writers are mended, and nothing else is touched."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.ingest.ports import DecodeError
from jikimi.ingest.protocols.reading import loose, mended, number

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(), st.lists)


@given(JSON)
def test_sound_json_stays_byte_for_byte(value):
    text = json.dumps(value).encode("utf-8", "surrogatepass")
    if b"\\ud" not in text:
        assert mended(text) == text
    assert json.loads(mended(text)) is not None or value is None


@given(st.text(alphabet=st.characters(min_codepoint=0x10000, max_codepoint=0x10FFFF)))
def test_whole_pairs_of_surrogates_stay(text):
    sound = json.dumps(text).encode()
    assert mended(sound) == sound


@pytest.mark.parametrize(
    ("slip", "sound"),
    [
        (b'{"a":NaN,"b":-Infinity,"c":Infinity}', b'{"a":null,"b":null,"c":null}'),
        (b'{"NaN":"NaN, \\"Infinity\\""}', b'{"NaN":"NaN, \\"Infinity\\""}'),
        (b'["a\nb\tc"]', b'["a b c"]'),
        (b'["\\ud83d", "\\ude00x", "\\ud83d\\ude00", "\\\\ud83d"]', b'["\\ufffd", "\\ufffdx", "\\ud83d\\ude00", "\\\\ud83d"]'),
        (b'["\xff"]', '["\ufffd"]'.encode()),
    ],
)
def test_a_slip_is_mended(slip, sound):
    assert mended(slip) == sound
    json.loads(mended(slip))


@given(st.binary())
def test_whatever_comes_is_read_once_and_the_second_time_changes_nothing(data):
    assert mended(mended(data)) == mended(data)


def test_an_endless_text_is_read_once():
    assert mended(b'"' + b'\\"' * 500_000).startswith(b'"')


@pytest.mark.parametrize("text", ["1_0", "\uff13\uff17", "\u0663\u0667", "0x1f", "nan", "inf", "", "1e", ".", "--1", "1e999"])
def test_what_is_no_decimal_number_is_refused(text):
    with pytest.raises(DecodeError):
        number(text, "lat")


@pytest.mark.parametrize(("text", "value"), [("37.5", 37.5), ("-.5", -0.5), ("+1.", 1.0), (" 1e-3 ", 0.001), ("0", 0.0)])
def test_a_decimal_number_is_read(text, value):
    assert number(text, "lat") == value


@pytest.mark.parametrize(("value", "known"), [(5, 5.0), (0, 0.0), (True, None), ("5", None), (10**400, None), (None, None)])
def test_a_number_beside_a_position_is_known_or_not(value, known):
    assert loose(value) == known
