"""Which PINs are taken, how often one is tried, and what a page's word opens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.identity.app_lock import (
    MOST_TRIES,
    Lock,
    Proof,
    hashed,
    is_open,
    is_right,
    is_weak,
    opening,
    proved_by,
    wait_until_ms,
)
from jikimi.identity.passkeys import Kind, Passkey

KEY = Passkey(credential_id=b"c", kind=Kind.HER, subject="p", handle=b"h", public_key=b"k", sign_count=0, made_ms=1)
LOCKS = st.builds(Lock, pin=st.none() | st.text(max_size=9), passkeys=st.sampled_from([(), (KEY,)]))
PROOFS = st.sampled_from([Proof(n) for n in range(4)])


@pytest.mark.parametrize("pin", ["", "123", "123456789", "0000", "1234", "987654", "12a4", "\u0661\u0662\u0664\u0669", " 1029"])
def test_what_is_tried_first_is_no_pin(pin):
    assert is_weak(pin)


@pytest.mark.parametrize("pin", ["1029", "20480917"])
def test_four_to_eight_digits_are_one(pin):
    assert not is_weak(pin)


def test_a_pin_is_kept_as_argon2id_and_no_other_one_opens():
    kept = hashed("1029")
    assert kept.startswith("$argon2id$")
    assert is_right(kept, "1029")
    assert not is_right(kept, "1028")


def test_waits_grow_and_the_tenth_wrong_pin_was_the_last():
    waits = [wait_until_ms(Lock(pin="x", tries=n, tried_ms=0)) for n in range(MOST_TRIES)]
    assert waits[:5] == [None] * 5
    assert waits[5:] == [30_000, 60_000, 300_000, 900_000, 3_600_000]
    assert [Lock(tries=n).tries_left for n in (0, 9, 10, 11)] == [10, 1, 0, 0]


@settings(max_examples=200, deadline=None)
@given(lock=LOCKS, proved=PROOFS, token=st.text(max_size=8), now_ms=st.integers(0, 2_000))
def test_a_word_says_what_was_proved_until_it_ends_and_nothing_in_another_session(lock, proved, token, now_ms):
    word = opening(lock, token, proved, 1_000)
    assert proved_by(lock, token, word, now_ms) == (proved if now_ms < 1_000 else Proof.NOTHING)
    assert proved_by(lock, token + "x", word, now_ms) == Proof.NOTHING


@settings(max_examples=200, deadline=None)
@given(lock=LOCKS, word=st.none() | st.text(max_size=80), place=st.integers(0, 60), now_ms=st.integers(0, 500))
def test_no_text_and_no_changed_letter_of_a_word_proves_anything(lock, word, place, now_ms):
    assert proved_by(lock, "t", word, now_ms) == Proof.NOTHING
    good = opening(lock, "t", Proof.PIN, 1_000)
    at = place % len(good)
    other = "A" if good[at] != "A" else "B"
    # The last letter of 43 holds four bits of the digest alone, and none of them is spare to the comparison of texts.
    assert proved_by(lock, "t", good[:at] + other + good[at + 1 :], now_ms) == Proof.NOTHING


@given(lock=LOCKS, proved=PROOFS)
def test_it_is_open_where_everything_that_she_set_was_proved(lock, proved):
    wanted = {Proof.PIN} if lock.pin is not None else set()
    wanted |= {Proof.PASSKEY} if lock.passkeys else set()
    assert is_open(lock, proved) == all(one in proved for one in wanted)


def test_another_pin_or_passkey_ends_every_word():
    before = Lock(pin="a")
    word = opening(before, "t", Proof.PIN | Proof.PASSKEY, 10)
    for after in (Lock(pin="b"), Lock(), Lock(pin="a", passkeys=(KEY,))):
        assert proved_by(after, "t", word, 1) == Proof.NOTHING
    assert proved_by(Lock(pin="a", tries=3, after_s=0), "t", word, 1) == Proof.PIN | Proof.PASSKEY
