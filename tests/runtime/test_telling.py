"""From a court's decision to an authority's word that it knows, and to the task that this closes; on simulated time."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.apps.docket import DocketError
from jikimi.delivery.decision import CHANNEL, Decided, DecisionPost, about, decision_passage, word_of
from jikimi.delivery.leak import check
from jikimi.delivery.life import State
from jikimi.delivery.message import Answer, BadReceiptError, Verdict
from jikimi.delivery.ports import ShelfFailedError
from jikimi.delivery.runner import Runner
from jikimi.delivery.setup import DeliverySettings
from jikimi.delivery.words import read_book
from jikimi.model.order import Place
from jikimi.model.register import CourtOrder, Measure, MeasureKind, Protected, Standing
from jikimi.model.zone import Circle
from jikimi.orders.tasks import Reason
from jikimi.petitions.status import Act, Status
from jikimi.storage.retention import SqlRetention
from tests.delivery.fakes import ACCEPTED, RULES, FakeChannel, settle
from tests.runtime.court import HERE, HOUR_MS, CourtHouse

NUMBER = "2027-0001"
RECORDS = "records"
BOOK = read_book()
DOWN = Answer(Verdict.REFUSED, why="status_503", is_fault=True)
MINUTE_MS = 60_000
ENDPOINT = {"url": "https://records.example/in", "secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"}


class Heard:
    """Keeps what would be posted."""

    async def post(self, name, key, body, content_type, now_ms):
        self.body = json.loads(body)
        return ACCEPTED


@pytest.fixture
def court(tmp_path):
    made = CourtHouse(tmp_path, decisions={"police": RECORDS})
    made.file()
    return made


@contextlib.asynccontextmanager
async def running(court, channel):
    runner = Runner(court.shelf, [channel], RULES, court.clock, court.telling.handled)
    await runner.open()
    try:
        yield runner
    finally:
        await runner.close()


async def at(court, runner, minutes):
    court.now_ms += round(minutes * MINUTE_MS)
    await settle(runner)
    await court.office.do(court.telling.settle)


def tasks(court, order_id):
    with court.clerk._books.reading() as page:
        return {one.about: one for one in page.tasks(order_id=order_id) if one.reason is Reason.TELL_DECISION}


def test_a_decision_is_told_to_the_police_by_machine_and_their_word_closes_the_task(court):
    """Given police with an address; when a court decides; then they get one notice, and the task closes with their word, not before."""
    (order_id,) = court.decide(NUMBER, Act.GRANT).order_ids
    before = tasks(court, order_id)
    assert court.woken
    assert (before["police"].notice, before["prosecutor"].notice, before["respondent"].notice) == ("waiting", None, None)
    channel = FakeChannel(CHANNEL)

    async def story():
        async with running(court, channel) as runner:
            await at(court, runner, 0)
            assert (tasks(court, order_id)["police"].notice, tasks(court, order_id)["police"].done_ms) == ("handed", None)
            runner.receive(word_of("fire", b'{"key": "%s", "status": "received"}' % before["police"].task_id.encode(), court.now_ms))
            await at(court, runner, 5)
            assert tasks(court, order_id)["police"].done_ms is None, "the word of another authority counts for nothing"
            runner.receive(word_of(RECORDS, b'{"key": "%s", "status": "received"}' % before["police"].task_id.encode(), court.now_ms))
            await at(court, runner, 0)
            await at(court, runner, 120)

    asyncio.run(story())
    assert [message.key for _, message in channel.handed] == [before["police"].task_id], "one notice, once"
    task = tasks(court, order_id)["police"]
    assert (task.done_by, task.done_ms, task.notice) == (RECORDS, before["police"].made_ms + 5 * MINUTE_MS, "delivered")
    assert "by machine" in task.outcome
    assert tasks(court, order_id)["respondent"].done_ms is None, "he is served by an officer"


def test_their_system_is_down_and_later_up_and_the_same_notice_goes_out_once_more_each_minute(court):
    (order_id,) = court.decide(NUMBER, Act.GRANT_INTERIM).order_ids
    channel = FakeChannel(CHANNEL, DOWN, Answer(Verdict.UNKNOWN, why="timeout", is_fault=True), DOWN)

    async def story():
        async with running(court, channel) as runner:
            for _ in range(4):
                await at(court, runner, 0.5)
                await at(court, runner, 0.6)

    asyncio.run(story())
    times = [at_ms for at_ms, _ in channel.handed]
    assert len(times) == 4
    assert all(later - one >= MINUTE_MS for one, later in itertools.pairwise(times))
    assert len({message.key for _, message in channel.handed}) == 1, "whoever drops a known key sees it once"
    assert tasks(court, order_id)["police"].notice == "handed"


def test_a_system_that_is_never_up_leaves_the_task_overdue_with_its_owner_and_a_late_word_still_closes_it(court):
    (order_id,) = court.decide(NUMBER, Act.GRANT).order_ids
    key = tasks(court, order_id)["police"].task_id
    channel = FakeChannel(CHANNEL, then=DOWN)

    async def story():
        async with running(court, channel) as runner:
            for _ in range(70):
                await at(court, runner, 1)
            task = tasks(court, order_id)["police"]
            assert (task.owner, task.done_ms, task.notice) == ("officer", None, "expired")
            assert task.due_ms < court.now_ms
            runner.receive(word_of(RECORDS, b'{"key": "%s", "status": "received"}' % key.encode(), court.now_ms))
            await settle(runner)

    asyncio.run(story())
    assert 50 <= len(channel.handed) <= 60
    assert tasks(court, order_id)["police"].done_ms is None, "the process died before the task was closed"
    court.telling.settle(court.clerk)
    assert tasks(court, order_id)["police"].done_by == RECORDS


def test_of_a_decision_that_fails_nothing_lies_in_the_outbox_and_a_change_and_an_end_are_told_too(court):
    (order_id,) = court.decide(NUMBER, Act.GRANT_INTERIM).order_ids
    with pytest.raises(DocketError):
        court.decide(NUMBER, Act.GRANT_INTERIM)
    assert len(court.shelf.fresh(0)) == 1
    court.now_ms += HOUR_MS
    court.act(NUMBER, Act.WITHDRAW)
    assert len(court.shelf.fresh(0)) == 1, "one account ends no order"
    court.second(NUMBER)
    told = [one.message for _, one in court.shelf.fresh(0)]
    assert [(one.ends, one.details["decision"], one.details["order"]) for one in told] == [
        (False, "grant_interim", order_id),
        (True, "withdraw", order_id),
    ]
    assert {one.details["court"] for one in told} == {HERE}
    assert len({one.topic for one in told}) == 2, "the newer one takes no earlier one's place: each is to be known"


def test_a_notice_that_cannot_be_kept_leaves_no_decision_and_the_next_try_makes_both(court, monkeypatch):
    def full(_passages):
        raise ShelfFailedError("The outbox cannot be reached now.")

    with monkeypatch.context() as broken:
        broken.setattr(court.shelf, "add", full)
        with pytest.raises(ShelfFailedError):
            court.decide(NUMBER, Act.GRANT)
    assert court.orders() == {}
    assert court.ask("inbox", HERE).lines[0].status is Status.RECEIVED
    assert court.shelf.fresh(0) == []
    (order_id,) = court.decide(NUMBER, Act.GRANT).order_ids
    assert list(court.orders()) == [order_id]
    assert len(court.shelf.fresh(0)) == 1


def test_what_was_told_of_an_order_goes_with_it(court):
    (order_id,) = court.decide(NUMBER, Act.GRANT_INTERIM).order_ids
    court.now_ms += HOUR_MS
    (_, other) = court.decide(NUMBER, Act.GRANT).order_ids
    assert {len(court.shelf.about(about(one))) for one in (order_id, other)} == {1}
    SqlRetention(court.house.register.engine).erase_order(order_id, (), {})
    assert [len(court.shelf.about(about(one))) for one in (order_id, other)] == [0, 1]


def test_without_an_address_nothing_is_sent(tmp_path):
    court = CourtHouse(tmp_path)
    court.file()
    (order_id,) = court.decide(NUMBER, Act.GRANT).order_ids
    assert court.shelf.fresh(0) == []
    assert {one.notice for one in tasks(court, order_id).values()} == {None}
    assert court.woken == 0


@pytest.mark.parametrize("party", ["respondent", "petitioner", "lawyer", "tag_office"])
def test_the_settings_tell_no_side_by_machine_and_nobody_without_an_address(party):
    settings = {"endpoints": {RECORDS: ENDPOINT, "sms": ENDPOINT}}
    assert msgspec.convert({**settings, "decisions": {"police": RECORDS}}, DeliverySettings).decisions == {"police": RECORDS}
    for wrong in ({party: RECORDS}, {"police": "nobody"}, {"police": "sms"}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**settings, "decisions": wrong}, DeliverySettings)


OTHER_WORD = b'{"key": "%s", "status": "no"}' % (b"a" * 24)


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"key": "x", "status": "received"}', OTHER_WORD])
def test_what_is_no_word_of_theirs_is_refused(body):
    with pytest.raises(BadReceiptError):
        word_of(RECORDS, body, 5)


PLACES = st.tuples(st.floats(-80, 80), st.floats(-179, 179), st.text("가나다라마바사ABCDEF 0123456789", min_size=8, max_size=30))


@given(one=PLACES, other=PLACES, language=st.sampled_from(["ko", "en", "fr"]))
def test_whatever_her_places_and_name_are_the_notice_is_the_same_to_the_byte_and_its_words_pass_the_check(one, other, language):
    def notice(place):
        latitude_deg, longitude_deg, name = place
        order = CourtOrder(
            order_id="petition-0123456789abcdef-1",
            policy_id="kr",
            basis_id="kr-victim-protection",
            legal_basis="Act, article 1",
            owner="officer",
            monitored_ids=("he",),
            protected=(Protected(person_id=name, standing=Standing.VICTIM),),
            places=(Place(name, name, Circle(latitude_deg, longitude_deg, 100.0)),),
            measures=(
                Measure(
                    measure_id=name, kind=MeasureKind.NO_CONTACT, from_ms=0, until_ms=HOUR_MS, place_ids=(name,), protected_ids=(name,)
                ),
            ),
        )
        made = decision_passage("a" * 24, RECORDS, order, Decided("grant", HERE, 0, ends=False), HOUR_MS, BOOK, language)
        heard = Heard()
        asyncio.run(DecisionPost(heard, "/jikimi").hand(made.message, 0))
        assert made.state is State.WAITING
        check(f"{made.message.title}\n{made.message.text}")
        return heard.body

    body = notice(one)
    assert body == notice(other)
    assert (body["type"], body["data"]["acknowledge"]) == ("jikimi.decision", "/v1/receipts/records")
    assert body["data"]["measures"] == [
        {"kind": "no_contact", "from": "1970-01-01T00:00:00.000Z", "until": "1970-01-01T01:00:00.000Z", "distance_m": None}
    ]
