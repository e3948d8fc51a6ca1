"""Whether two records are one man: however his name is written, without a plain identifier being kept."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.orders.matching import Identifiers, Strength, marks_of, match, plain_name, plain_number, plain_phone
from jikimi.orders.sound import sounds

KEY = bytes(range(32))
FULL_WIDTH = "".join(chr(ord(digit) + 0xFEE0) for digit in "810412") + " 1234567"
BORN = dt.date(1981, 4, 12)


def found(one, other, key=KEY):
    both = match(marks_of(Identifiers(**one), KEY), marks_of(Identifiers(**other), key))
    return None if both is None else both.strength


def test_one_number_however_written_is_certain():
    assert found({"national_id": "810412-1234567"}, {"national_id": FULL_WIDTH}) is Strength.CERTAIN
    assert found({"passport": "m 1234 5678"}, {"passport": "M12345678"}) is Strength.CERTAIN


@pytest.mark.parametrize("slip", ["810412-1234568", "810412-123456", "8104121-1234567", "810412-1234657", "810142-1234567"])
def test_a_number_one_slip_away_is_to_be_looked_at(slip):
    assert found({"national_id": "810412-1234567"}, {"national_id": slip}) is Strength.NEAR


def test_two_slips_are_another_man():
    assert found({"national_id": "810412-1234567"}, {"national_id": "810412-1234599"}) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("김민수", "김 민수"),
        ("김민수", "\u1100\u1175\u11b7\u1106\u1175\u11ab\u1109\u116e"),
        ("KIM Minsu", "kim min-su"),
        ("José García", "JOSE GARCIA"),
    ],
)
def test_one_name_however_typed_with_one_birthday_is_likely(one, other):
    assert found({"names": (one,), "birth_date": BORN}, {"names": (other,), "birth_date": BORN}) is Strength.LIKELY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("김민수", "Kim Min-soo"),
        ("김민수", "Minsu KIM"),
        ("이영희", "Lee Young-hee"),
        ("이영희", "Yi Yeonghui"),
        ("박지훈", "Jihoon Park"),
        ("정재현", "Chung Jae Hyun"),
        ("최민호", "Choi, Minho"),
        ("류승룡", "Ryu Seung-ryong"),
        ("García López, José", "José García López"),
    ],
)
def test_a_name_in_another_script_or_sequence_is_to_be_looked_at(one, other):
    assert found({"names": (one,), "birth_date": BORN}, {"names": (other,), "birth_date": BORN}) is Strength.NEAR


def test_a_birthday_mistyped_or_turned_round_is_to_be_looked_at():
    him = {"names": ("김민수",), "birth_date": BORN}
    assert found(him, {"names": ("김민수",), "birth_date": dt.date(1981, 12, 4)}) is Strength.NEAR
    assert found(him, {"names": ("김민수",), "birth_date": dt.date(1981, 4, 13)}) is Strength.NEAR
    assert found(him, {"names": ("김민수",), "birth_date": dt.date(1995, 1, 30)}) is None
    assert found(him, {"names": ("박철수",), "birth_date": BORN}) is None


def test_a_telephone_is_never_proof():
    assert found({"phone": "010-1234-5678"}, {"phone": "+82 (0)10 1234 5678"}) is Strength.NEAR
    assert found({"phone": "010-1234-5678"}, {"phone": "010-1234-5679"}) is None


def test_a_former_name_counts_too():
    assert found({"names": ("김민수", "김도윤"), "birth_date": BORN}, {"names": ("김도윤",), "birth_date": BORN}) is Strength.LIKELY


@pytest.mark.parametrize("nothing", ["", " ", "-", "・", "\u200b"])
def test_what_is_empty_agrees_with_nothing(nothing):
    empty = {"national_id": nothing, "passport": nothing, "phone": nothing, "names": (nothing,), "birth_date": BORN}
    assert marks_of(Identifiers(**empty), KEY) == frozenset()


def test_without_the_key_marks_tell_nothing_and_match_nothing():
    him = {"national_id": "810412-1234567", "names": ("김민수",), "birth_date": BORN, "phone": "010-1234-5678"}
    assert found(him, him, key=KEY[::-1]) is None
    marks = marks_of(Identifiers(**him), KEY)
    assert {len(mark.digest) for mark in marks} == {16}
    kept = repr(sorted(marks))
    assert not any(text in kept for text in ("810412", "김", "5678", "1981"))


def test_a_number_is_no_passport():
    assert found({"national_id": "123456789"}, {"passport": "123456789"}) is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_gives_one_form_that_stays(one, other):
    assert plain_name(plain_name(one)) == plain_name(one)
    assert plain_number(plain_number(one)) == plain_number(one)
    assert plain_phone(one, "82") == "" or plain_phone(one, "82").isdecimal()
    him = {"national_id": one, "names": (one, other), "birth_date": BORN, "phone": other}
    assert found(him, him) is not None or marks_of(Identifiers(**him), KEY) == frozenset()
    assert all(set(sound) <= set("KNTLMPSJ|") for sound in sounds(one))


@given(st.text("0123456789", min_size=6, max_size=13), st.data())
def test_any_one_slip_is_near(number, data):
    place = data.draw(st.integers(0, len(number) - 1))
    digit = data.draw(st.sampled_from("0123456789"))
    for slip in (
        number[:place] + digit + number[place + 1 :],
        number[:place] + number[place + 1 :],
        number[:place] + digit + number[place:],
    ):
        assert found({"national_id": number}, {"national_id": slip}) in {Strength.NEAR, Strength.CERTAIN}
