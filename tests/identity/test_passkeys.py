"""Passkeys: what proves somebody, and each way in which it must not."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.identity.ceremony import enrol_options, enrolled, proved, sign_in_options
from jikimi.identity.passkeys import (
    CHALLENGE_S,
    MOST_CHALLENGES,
    Challenges,
    ClonedError,
    Kind,
    PasskeyError,
    Purpose,
    check_count,
    credential_of,
    new_handle,
    site_of,
)
from jikimi.storage.passkeys import SqlPasskeys, put_passkey
from jikimi.storage.register import SqlRegister
from tests.identity.authenticator import Authenticator

DESK = site_of("https://desk.example.org", "Desk")
OTHER = site_of("https://oversight.example.org", "Oversight")
LATER_MS = int(CHALLENGE_S * 1_000)


@pytest.fixture
def challenges():
    return Challenges()


def made(challenges, *, site=DESK, kind=Kind.STAFF, subject="anna", key=None):
    key = key if key is not None else Authenticator(site.origin)
    asked = challenges.begin(Purpose.ENROL, kind, subject, 0, new_handle())
    answer = key.create(enrol_options(site, asked, subject, ()))
    taken = challenges.take(answer, Purpose.ENROL, kind, 1)
    return key, enrolled(site, taken, answer, 1)


def prove(challenges, key, passkey, *, site=DESK, kind=Kind.STAFF, subject=None, **lies):
    asked = challenges.begin(Purpose.SIGN_IN, kind, subject, 2)
    answer = key.get(sign_in_options(site, asked), **lies)
    taken = challenges.take(answer, Purpose.SIGN_IN, kind, 3)
    assert credential_of(answer) == key.credential_id
    return proved(site, taken, answer, passkey)


def test_a_passkey_that_was_made_proves_its_owner_again_and_again(challenges):
    key, passkey = made(challenges)
    assert passkey.subject == "anna"
    assert prove(challenges, key, passkey) == 1
    assert prove(challenges, key, passkey, subject="anna") == 2


def test_a_cloned_authenticator_is_told_by_its_counter(challenges):
    key, passkey = made(challenges)
    count = prove(challenges, key, passkey)
    key.step = 0
    with pytest.raises(ClonedError):
        prove(challenges, key, msgspec.structs.replace(passkey, sign_count=count))


def test_an_authenticator_without_a_counter_is_none_the_worse(challenges):
    key, passkey = made(challenges)
    key.step = 0
    assert prove(challenges, key, passkey) == 0


def test_a_forged_signature_is_not_taken_for_a_clone(challenges):
    key, passkey = made(challenges)
    thief = Authenticator(DESK.origin)
    thief.credential_id, thief.handle, thief.step = key.credential_id, key.handle, 0
    with pytest.raises(PasskeyError) as refused:
        prove(challenges, thief, passkey)
    assert not isinstance(refused.value, ClonedError)


def test_another_origin_proves_nothing_here(challenges):
    key, passkey = made(challenges)
    with pytest.raises(PasskeyError, match="origin"):
        prove(challenges, key, passkey, origin="https://desk.example.org.evil.example")


def test_another_rp_proves_nothing_here(challenges):
    key, passkey = made(challenges)
    key.rp_id = "example.org"
    with pytest.raises(PasskeyError, match="RP ID"):
        prove(challenges, key, passkey)
    with pytest.raises(PasskeyError, match="RP ID"):
        made(challenges, key=Authenticator(DESK.origin, rp_id=OTHER.rp_id))


def test_a_replayed_answer_finds_no_challenge(challenges):
    key, passkey = made(challenges)
    asked = challenges.begin(Purpose.SIGN_IN, Kind.STAFF, None, 2)
    answer = key.get(sign_in_options(DESK, asked))
    proved(DESK, challenges.take(answer, Purpose.SIGN_IN, Kind.STAFF, 3), answer, passkey)
    with pytest.raises(PasskeyError, match="no challenge"):
        challenges.take(answer, Purpose.SIGN_IN, Kind.STAFF, 3)


def test_a_challenge_runs_out(challenges):
    key, _ = made(challenges)
    answer = key.get(sign_in_options(DESK, challenges.begin(Purpose.SIGN_IN, Kind.STAFF, None, 2)))
    with pytest.raises(PasskeyError, match="run out"):
        challenges.take(answer, Purpose.SIGN_IN, Kind.STAFF, 2 + LATER_MS)


def test_a_challenge_for_one_purpose_or_kind_is_none_for_another(challenges):
    key, _ = made(challenges)
    for purpose, kind in ((Purpose.ENROL, Kind.STAFF), (Purpose.SIGN_IN, Kind.HER)):
        answer = key.get(sign_in_options(DESK, challenges.begin(Purpose.SIGN_IN, Kind.STAFF, None, 2)))
        with pytest.raises(PasskeyError, match="something else"):
            challenges.take(answer, purpose, kind, 3)
    create = Authenticator(DESK.origin).create(enrol_options(DESK, challenges.begin(Purpose.ENROL, Kind.STAFF, "a", 2, b"a"), "a", ()))
    with pytest.raises(PasskeyError, match="something else"):
        challenges.take(create, Purpose.SIGN_IN, Kind.STAFF, 3)


def test_her_passkey_opens_nothing_of_staff_and_nobody_proves_to_be_somebody_else(challenges):
    key, hers = made(challenges, kind=Kind.HER, subject="p")
    with pytest.raises(PasskeyError, match="somebody else"):
        prove(challenges, key, hers)
    key, annas = made(challenges)
    with pytest.raises(PasskeyError, match="somebody else"):
        prove(challenges, key, annas, subject="bert")
    key.handle = Authenticator(DESK.origin).handle or "AAAA"
    with pytest.raises(PasskeyError, match="names somebody else"):
        prove(challenges, key, annas)


def test_whoever_only_touches_a_key_without_pin_or_finger_is_not_verified(challenges):
    with pytest.raises(PasskeyError):
        made(challenges, key=Authenticator(DESK.origin, verifies=False))
    key, passkey = made(challenges)
    key.flags = 0x01
    with pytest.raises(PasskeyError, match="verif"):
        prove(challenges, key, passkey)


def test_a_flood_of_challenges_holds_no_memory(challenges):
    for _ in range(MOST_CHALLENGES + 10):
        challenges.begin(Purpose.SIGN_IN, Kind.STAFF, None, 0)
    assert len(challenges._asked) == MOST_CHALLENGES


@given(
    st.binary(max_size=300) | st.text(max_size=100).map(lambda text: f'{{"id":"{text}","response":{{"clientDataJSON":"{text}"}}}}'.encode())
)
def test_any_bytes_are_refused_in_one_way(body):
    with pytest.raises(PasskeyError):
        Challenges().take(body, Purpose.SIGN_IN, Kind.STAFF, 0)
    with contextlib.suppress(PasskeyError):
        credential_of(body)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_counter_moves_on_or_is_none(before, after):
    if after > before or before == after == 0:
        check_count(before, after)
    else:
        with pytest.raises(ClonedError):
            check_count(before, after)


def test_the_register_keeps_passkeys_apart_by_kind_and_refuses_a_count_twice(tmp_path, challenges):
    register = SqlRegister(tmp_path / "register.db", bytes(32))
    kept = SqlPasskeys(register.engine)
    _, passkey = made(challenges)
    with register.engine.begin() as connection:
        put_passkey(connection, passkey)
    assert kept.of(Kind.STAFF, "anna") == [passkey]
    assert kept.find(Kind.HER, passkey.credential_id) is None
    assert kept.handle(Kind.STAFF, "anna") == passkey.handle
    kept.used(passkey, 5, 9)
    with pytest.raises(ClonedError):
        kept.used(passkey, 5, 10)
    assert kept.find(Kind.STAFF, passkey.credential_id).used_ms == 9
    register.close()
