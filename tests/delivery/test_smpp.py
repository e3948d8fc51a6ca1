"""SMS over SMPP against a message centre on a socket; the texts and the PDUs by themselves."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.delivery.message import Step, Verdict
from jikimi.delivery.smpp import pdu
from jikimi.delivery.smpp.channel import SmppSms, validity
from jikimi.delivery.smpp.session import Centre
from jikimi.delivery.smpp.text import DEFAULT, UCS2, coded
from tests.delivery.fakes import START_MS, Clock, message
from tests.delivery.smsc import THROTTLED, Smsc

LONG = "그가 다가오고 있습니다. 가까운 경찰서나 사람이 많은 곳으로 가세요. 문을 잠그고 112에 전화하세요. " * 4 + "😀"


def sms(smsc, heard, **other):
    given = {"enquire_s": 10.0, "answer_s": 2.0, "password": "secret", **other}
    centre = Centre(host="127.0.0.1", port=smsc.port, system_id="jikimi", source="JIKIMI", **given)
    return SmppSms(centre, heard.append, Clock())


def hand(channel, **other):
    return channel.hand(message(address="+821012345678", **other), START_MS)


async def until(condition):
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come")


async def korean_text_arrives_in_parts_that_the_phone_joins(smsc, heard):
    channel = sms(smsc, heard)
    answer = await hand(channel, text=LONG)
    assert answer.verdict is Verdict.ACCEPTED
    assert smsc.phone() == [f"위험\n{LONG}"]
    assert {text.coding for text in smsc.texts} == {UCS2}
    assert {(text.validity, text.registered, text.priority) for text in smsc.texts} == {("000000000100000R", 1, 1)}
    assert answer.reference == smsc.texts[-1].message_id
    await channel.close()
    assert smsc.unbinds == 1


async def a_short_text_takes_the_place_of_the_one_before_it(smsc, heard):
    channel = sms(smsc, heard)
    await hand(channel, text="first", title="a")
    await hand(channel, text="second", title="a", key="n2")
    await hand(channel, text="other", title="a", topic="pair-2")
    first, second, other = smsc.texts
    assert first.protocol_id == second.protocol_id
    assert all(0x41 <= text.protocol_id <= 0x47 for text in (first, second, other))
    assert first.coding == DEFAULT
    assert first.target == "821012345678"
    assert first.ton == 1
    await channel.close()


async def receipts_of_both_forms_are_the_providers_word(smsc, heard):
    channel = sms(smsc, heard)
    await hand(channel)
    smsc.receipt("m0000", "DELIVRD")
    smsc.receipt("m0000", "UNDELIV", as_tlv=True)
    smsc.receipt("m0000", "ENROUTE")
    await until(lambda: smsc.acknowledged == 3)
    assert [(one.reference, one.step, one.from_device) for one in heard] == [
        ("m0000", Step.DELIVERED, False),
        ("m0000", Step.FAILED, False),
    ]
    await channel.close()


async def throttling_is_a_fault_that_may_pass(smsc, heard):
    channel = sms(smsc, heard)
    smsc.statuses = [THROTTLED]
    answer = await hand(channel)
    assert (answer.verdict, answer.why, answer.is_fault, answer.is_gone) == (Verdict.REFUSED, "throttled", True, False)
    assert (await hand(channel)).verdict is Verdict.ACCEPTED
    await channel.close()


async def a_bad_number_is_gone_and_no_fault_of_the_centre(smsc, heard):
    channel = sms(smsc, heard)
    answer = await channel.hand(message(address="nobody"), START_MS)
    assert (answer.verdict, answer.is_gone, answer.is_fault) == (Verdict.REFUSED, True, False)
    answer = await channel.hand(message(address="전화"), START_MS)
    assert (answer.verdict, answer.is_gone) == (Verdict.REFUSED, True)
    await channel.close()


async def half_a_text_is_unknown(smsc, heard):
    channel = sms(smsc, heard)
    smsc.statuses = [0, THROTTLED]
    assert (await hand(channel, text=LONG)).verdict is Verdict.UNKNOWN
    await channel.close()


async def a_line_lost_after_sending_is_unknown_and_bound_anew(smsc, heard):
    channel = sms(smsc, heard)
    await hand(channel)
    smsc.drop_on_submit = True
    assert (await hand(channel, key="n2")).verdict is Verdict.UNKNOWN
    smsc.drop_on_submit = False
    assert (await hand(channel, key="n3")).verdict is Verdict.ACCEPTED
    assert smsc.binds == 2
    smsc.lose_lines()
    await asyncio.sleep(0.02)
    assert (await hand(channel, key="n4")).verdict is Verdict.ACCEPTED
    await channel.close()


async def a_wrong_password_is_refused(smsc, heard):
    channel = sms(smsc, heard, password="wrong")
    answer = await hand(channel)
    assert (answer.verdict, answer.why, answer.is_fault) == (Verdict.REFUSED, "bind_refused", True)
    await channel.close()


async def a_silent_centre_is_found_out(smsc, heard):
    channel = sms(smsc, heard, enquire_s=0.02, answer_s=0.1)
    await hand(channel)
    await until(lambda: smsc.enquiries > 1)
    smsc.silent = True
    assert (await hand(channel, key="n2")).verdict is Verdict.UNKNOWN
    await asyncio.sleep(0.3)
    smsc.silent = False
    assert (await hand(channel, key="n3")).verdict is Verdict.ACCEPTED
    assert smsc.binds == 2
    await channel.close()


async def the_centres_own_requests_are_answered(smsc, heard):
    channel = sms(smsc, heard)
    await hand(channel)
    smsc.send(0x15)
    smsc.send(0x103)
    smsc.send(0x05, b"\0\0")
    await asyncio.sleep(0.02)
    assert (await hand(channel, key="n2")).verdict is Verdict.ACCEPTED
    smsc.send(0x06)
    await asyncio.sleep(0.02)
    assert (await hand(channel, key="n3")).verdict is Verdict.ACCEPTED
    assert smsc.binds == 3, "a broken unit and an unbind each end a line"
    assert heard == []
    await channel.close()


STORIES = [
    korean_text_arrives_in_parts_that_the_phone_joins,
    a_short_text_takes_the_place_of_the_one_before_it,
    receipts_of_both_forms_are_the_providers_word,
    throttling_is_a_fault_that_may_pass,
    a_bad_number_is_gone_and_no_fault_of_the_centre,
    half_a_text_is_unknown,
    a_line_lost_after_sending_is_unknown_and_bound_anew,
    a_wrong_password_is_refused,
    a_silent_centre_is_found_out,
    the_centres_own_requests_are_answered,
]


@pytest.mark.sockets
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_against_a_centre(story):
    async def tell():
        async with Smsc().listening() as smsc:
            await story(smsc, [])

    asyncio.run(tell())


@pytest.mark.sockets
def test_nobody_there_is_refused():
    async def tell():
        async with Smsc().listening() as smsc:
            channel = sms(smsc, [])
        answer = await hand(channel)
        assert (answer.verdict, answer.is_fault) == (Verdict.REFUSED, True)

    asyncio.run(tell())


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=1500), st.integers(0, 255))
def test_a_phone_joins_what_was_cut(text, reference):
    parts = coded(text, reference)
    coding = "ascii" if parts.data_coding == DEFAULT else "utf-16-be"
    joined = "".join(part[6 * parts.has_header :].decode(coding) for part in parts.parts)
    assert joined == text
    most = 160 if parts.data_coding == DEFAULT else 140
    assert all(len(part) <= most for part in parts.parts)


def test_a_text_of_more_than_255_parts_is_refused():
    with pytest.raises(ValueError, match="too long"):
        coded("가" * 67 * 256, 1)


@given(st.binary(max_size=200))
def test_hostile_units_end_in_one_error(data):
    for read in (pdu.decode, pdu.delivered):
        try:
            read(data)
        except pdu.BadPduError:
            continue


def test_time_left_is_rounded_down():
    assert validity(58_900) == "000000000058000R"
    assert validity(3_661_000) == "000000010101000R"
    assert validity(-5) == "000000000001000R"
