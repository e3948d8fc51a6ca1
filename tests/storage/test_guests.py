"""A code for her only after somebody made sure who she is; and one phone at a time."""

from __future__ import annotations

import msgspec
import pytest

from jikimi.disclosure.ledger.leaf import LeafError
from jikimi.identity.guests import Check, InvitationError, Seen, check_named
from jikimi.identity.passkeys import Kind, Passkey
from jikimi.model.order import Device, DeviceKind
from jikimi.storage.addresses import SqlAddresses
from jikimi.storage.database import writing
from jikimi.storage.guests import SqlGuests
from jikimi.storage.lines import SqlLines
from jikimi.storage.passkeys import SqlPasskeys, put_passkey
from jikimi.storage.phones import TOLD_MS
from jikimi.storage.register import SqlRegister

CODE, OTHER = "7KQ2M-9XWPA", "8KQ2M-9XWPA"
CHECK = Check(person_id="p-1", order_id="o-1", seen=Seen.PASSPORT, by="anna", at_ms=5)


@pytest.fixture
def register(tmp_path):
    made = SqlRegister(tmp_path / "register.db", bytes(32))
    yield made
    made.close()


def redeem(register, code, now_ms=10):
    return register.redeem(code, "protected", now_ms, 10**15)


def lines(register):
    return [(line.what, line.who.value, line.whose[0].value) for _, line in SqlLines(register.engine).unwritten()]


def test_the_check_the_code_and_the_line_are_one_act_and_no_number_of_a_document_is_kept(register):
    guests = SqlGuests(register.engine)
    guests.invite(CHECK, CODE, 100)
    assert guests.checks("p-1") == [CHECK]
    assert lines(register) == [("invitation:passport", "anna", "p-1")]
    assert set(msgspec.structs.asdict(CHECK)) == {"person_id", "order_id", "seen", "by", "at_ms"}
    token = redeem(register, CODE)
    assert register.session(token, "protected", 20).subject == "p-1"


@pytest.mark.parametrize(("by", "refusal"), [(" ", InvitationError), ("37.5665, 126.9780", LeafError)])
def test_where_nobody_answers_for_it_there_is_no_code(register, by, refusal):
    guests = SqlGuests(register.engine)
    with pytest.raises(refusal):
        guests.invite(msgspec.structs.replace(CHECK, by=by), CODE, 100)
    assert guests.checks("p-1") == []
    assert lines(register) == []
    assert redeem(register, CODE) is None


def test_a_new_code_ends_the_one_that_nobody_used(register):
    guests = SqlGuests(register.engine)
    guests.invite(CHECK, CODE, 100)
    guests.invite(CHECK, OTHER, 100)
    assert redeem(register, CODE) is None
    assert redeem(register, OTHER) is not None


def test_a_code_is_for_somebody_whom_the_order_protects():
    check_named("p-1", ["p-1", "p-2"])
    with pytest.raises(InvitationError):
        check_named("p-3", ["p-1", "p-2"])


def test_a_new_phone_turns_the_old_one_off_and_both_can_say_so(register):
    guests = SqlGuests(register.engine)
    for device_id, person in (("owntracks-0123456789abcdef", "p-1"), ("watch", "p-1"), ("traccar-0123456789abcdef", "p-2")):
        register.add_device(Device(device_id=device_id, kind=DeviceKind.HANDSET, person_id=person, secret_sha256=b"s" * 32))
    guests.invite(CHECK, CODE, 100)
    old = redeem(register, CODE)
    assert not guests.was_replaced("p-1", 11)
    SqlAddresses(register.engine).put("p-1", "web_push", "old phone")
    SqlAddresses(register.engine).put("p-1", "sms", "+820000000")
    with writing(register.engine) as connection, connection.begin():
        put_passkey(
            connection,
            Passkey(credential_id=b"c", kind=Kind.HER, subject="p-1", handle=b"h", public_key=b"k", sign_count=0, made_ms=1),
        )
    other = redeem_somebody_else(guests, register)
    version = register.version()

    guests.invite(CHECK, OTHER, 100)
    assert register.session(old, "protected", 12) is not None, "an invitation alone turns nothing off"
    new = redeem(register, OTHER, 13)

    assert register.session(old, "protected", 14) is None
    assert register.session(new, "protected", 14).subject == "p-1"
    assert register.session(other, "protected", 14).subject == "p-2"
    assert SqlPasskeys(register.engine).of(Kind.HER, "p-1") == []
    assert SqlAddresses(register.engine).of("p-1") == {"sms": "+820000000"}
    assert {one.device_id for one in register.devices() if one.revoked} == {"owntracks-0123456789abcdef"}
    assert register.version() > version, "a running server notices"
    assert lines(register)[-1] == ("phone:replaced", "p-1", "p-1")
    assert [guests.is_replaced(token, 14) for token in (old, new, other, "nobody's")] == [True, False, False, False]
    assert (guests.was_replaced("p-1", 14), guests.was_replaced("p-2", 14)) == (True, False)
    assert not guests.is_replaced(old, 13 + TOLD_MS)


def redeem_somebody_else(guests, register):
    guests.invite(msgspec.structs.replace(CHECK, person_id="p-2"), "9KQ2M-9XWPA", 100)
    return redeem(register, "9KQ2M-9XWPA")
