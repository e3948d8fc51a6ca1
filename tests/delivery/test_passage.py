"""The life table, the passage's pure rules for any course of events, and the planning of a notice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.delivery.leak import LeakError
from jikimi.delivery.life import TABLE, Event, State, after, diagram
from jikimi.delivery.message import Answer, Receipt, Step, Verdict
from jikimi.delivery.passage import advance, answered, is_open, message_of, received, replaced, resumed
from jikimi.delivery.planning import Rendered, passage_of
from jikimi.delivery.words import read_book
from jikimi.model.notice import Notice, Side, Urgency
from tests.delivery.fakes import NAMES, RULES, START_MS, passage

IDEMPOTENT = frozenset(NAMES) - {"sms"}
EYE = (State.DELIVERED, State.SHOWN, State.SEEN)
BOOK = read_book()


def test_the_table_names_every_state_and_the_eye_is_never_unsaid():
    assert set(TABLE) == set(State)
    for state in (State.SHOWN, State.SEEN):
        assert all(EYE.index(then) >= EYE.index(state) for then in TABLE[state].values())
    assert "waiting --> handed: accepted" in diagram()
    assert after(State.SEEN, Event.NEWER) is State.SEEN


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("time"), st.integers(0, 15_000)),
        st.tuples(st.just("answer"), st.sampled_from(Verdict), st.booleans(), st.integers(0, 5)),
        st.tuples(st.just("receipt"), st.sampled_from(Step), st.booleans()),
        st.tuples(st.just("restart")),
        st.tuples(st.just("newer")),
    ),
    max_size=40,
)


@given(ACTS, st.permutations(["stream", "web_push", "sms", "voice"]), st.booleans())
def test_whatever_happens_a_notice_is_neither_lost_nor_late(acts, channels, is_danger):
    one, now_ms = passage(channels=tuple(channels), is_danger=is_danger), START_MS
    for act, *given_ in acts:
        before = one
        if act == "time":
            now_ms += given_[0]
        elif act == "answer":
            verdict, is_gone, number = given_
            if number < len(one.tries) and one.tries[number].verdict is None:
                one = answered(one, number, Answer(verdict, is_gone=is_gone), now_ms)
        elif act == "receipt":
            one = received(one, Receipt(key="n1", step=given_[0], at_ms=now_ms, from_device=given_[1], channel="sms"))
        elif act == "newer":
            one = replaced(one)
        else:
            one, again = resumed(one, now_ms, IDEMPOTENT)
            assert all(one.ways[one.tries[number].way].channel in IDEMPOTENT for number in again)
        for _ in range(10):
            one, number = advance(one, now_ms, RULES, IDEMPOTENT)
            if number is None:
                break
            assert now_ms < one.message.until_ms, "an expired notice is never handed over"
            assert message_of(one, number).address.endswith("-address")
        if before.state in EYE:
            assert one.state is State.REPLACED or EYE.index(one.state) >= EYE.index(before.state)
        if not is_open(before):
            assert not is_open(one), "what ended stays ended"
        if one.state in {State.WAITING, State.HANDED}:
            assert one.next_ms is not None, "no notice is forgotten"
            assert now_ms < one.next_ms <= one.message.until_ms
    if one.state in {State.WAITING, State.HANDED}:
        ended, _ = advance(one, one.message.until_ms, RULES, IDEMPOTENT)
        assert ended.state is State.EXPIRED


def test_a_text_is_sent_twice_only_when_nothing_else_is_left():
    one = passage(channels=("sms",))
    one, number = advance(one, START_MS, RULES, IDEMPOTENT)
    one = answered(one, number, Answer(Verdict.UNKNOWN), START_MS)
    later = START_MS + 3000
    one, number = advance(one, START_MS, RULES, IDEMPOTENT)
    assert number is None
    one, number = advance(one, later, RULES, IDEMPOTENT)
    assert number == 1


def test_an_address_that_is_gone_everywhere_fails_at_once():
    one = passage(channels=("sms",))
    one, number = advance(one, START_MS, RULES, IDEMPOTENT)
    one = answered(one, number, Answer(Verdict.REFUSED, is_gone=True), START_MS)
    one, _ = advance(one, START_MS, RULES, IDEMPOTENT)
    assert one.state is State.FAILED
    assert advance(passage(channels=()), START_MS, RULES, IDEMPOTENT)[0].state is State.FAILED


def notice(**other):
    given_ = {"audience": Side.PROTECTED, "recipient_id": "p-1", "kind": "alarm", "urgency": Urgency.ALARM, "text_key": "alarm.protected"}
    return Notice(**{"notice_id": "n1", "incident_id": "i1", "created_ms": START_MS, "expires_ms": START_MS + 60_000, **given_, **other})


ADDRESSES = {name: f"at-{name}" for name in NAMES}
TEXT = Rendered("위험", "지금 가세요.", "ko")


def planned(rendered=TEXT, addresses=ADDRESSES, **other):
    return passage_of(notice(**other), rendered, addresses, BOOK, RULES)


def test_an_alarm_gets_its_ladder_and_says_when_it_is_short():
    one = planned()
    assert [way.channel for way in one.ways] == [name for name in RULES.ladders.alarm if name in ADDRESSES]
    assert (one.enough, one.is_short, one.message.urgent) == (Step.SHOWN, False, True)
    assert len({way.channel for way in one.ways}) >= 3
    assert planned(addresses={"web_push": "a", "sms": "b"}).is_short
    quiet = planned(urgency=Urgency.QUIET)
    assert (quiet.enough, quiet.message.urgent, quiet.is_short) == (Step.DELIVERED, False, False)


def test_a_drill_cannot_lack_its_mark():
    one = planned(drill=True)
    assert one.message.is_drill
    assert one.message.title == "[훈련] 위험"
    assert one.message.text.startswith("[훈련]")


def test_his_notices_go_by_his_ladder_and_through_the_check():
    his = {"audience": Side.MONITORED, "recipient_id": "m-1", "kind": "instruction", "text_key": "instruction.call"}
    one = planned(Rendered("전화하세요", "02-123-4567", "ko"), **his)
    assert [way.channel for way in one.ways] == ["sms", "sms_http", "voice"]
    with pytest.raises(LeakError):
        planned(Rendered("떠나세요", "북쪽 300 m", "ko"), **his)


def test_newer_notices_of_an_incident_recipient_and_kind_share_a_topic():
    assert planned().message.topic == planned(notice_id="n2").message.topic
    assert planned().message.topic != planned(incident_id="i2").message.topic
    assert planned(kind="closed").message.ends
