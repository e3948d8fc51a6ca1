"""The runner on simulated time, with fake channels."""

import asyncio
import contextlib

import msgspec
import pytest

from jikimi.delivery.life import State
from jikimi.delivery.message import Answer, Receipt, Step, Verdict
from jikimi.delivery.runner import Runner
from tests.delivery.fakes import RULES, START_MS, Clock, FakeChannel, MemoryShelf, passage, settle

REFUSED = Answer(Verdict.REFUSED, why="status_503", is_fault=True)


class World:
    def __init__(self, *channels, rules=RULES, shelf=None):
        self.clock = Clock()
        self.shelf = MemoryShelf() if shelf is None else shelf
        self.channels = {channel.name: channel for channel in channels}
        self.told = []
        self.runner = Runner(self.shelf, channels, rules, self.clock, self.told.append)

    async def add(self, *passages):
        self.shelf.add(*passages)
        self.runner.wake()
        await settle(self.runner)

    async def at(self, seconds):
        self.clock.now_ms = START_MS + round(seconds * 1000)
        await settle(self.runner)

    async def hear(self, key, step, *, from_device=True, **other):
        self.runner.receive(Receipt(key=key, step=step, at_ms=self.clock(), from_device=from_device, **other))
        await settle(self.runner)

    def handed(self, name):
        return [(at_ms - START_MS, message.key) for at_ms, message in self.channels[name].handed]

    def state(self, key="n1"):
        return self.shelf.rows[key].state


@contextlib.asynccontextmanager
async def world(*channels, **other):
    made = World(*channels, **other)
    await made.runner.open()
    try:
        yield made
    finally:
        await made.runner.close()


def three():
    return FakeChannel("web_push"), FakeChannel("sms", is_idempotent=False), FakeChannel("voice")


async def told_the_word_of_somebody_else_ends_no_search():
    async with world(*three()) as here:
        await here.add(passage(topic="i1 her-1 alarm"))
        await here.hear("n1", Step.SEEN, by="her-2")
        assert not here.shelf.rows["n1"].receipts
        await here.hear("n1", Step.SEEN, by="her-1")
        assert [(one.step, one.by) for one in here.shelf.rows["n1"].receipts] == [(Step.SEEN, None)]


async def told_what_the_device_says_ends_the_search():
    async with world(*three()) as here:
        await here.add(passage())
        assert here.handed("web_push") == [(0, "n1")]
        assert here.state() is State.HANDED
        await here.at(3)
        await here.hear("n1", Step.SHOWN)
        await here.at(30)
        assert here.state() is State.SHOWN
        assert here.handed("sms") == here.handed("voice") == []
        await here.hear("n1", Step.SEEN)
        assert here.state() is State.SEEN


async def without_a_receipt_the_next_channel_after_ten_seconds():
    async with world(*three()) as here:
        await here.add(passage())
        await here.at(9.999)
        assert here.handed("sms") == []
        await here.at(10)
        assert here.handed("sms") == [(10_000, "n1")]
        await here.at(20)
        assert here.handed("voice") == [(20_000, "n1")]
        await here.at(60)
        assert here.state() is State.EXPIRED


async def a_provider_that_lies_is_not_believed():
    async with world(*three()) as here:
        await here.add(passage())
        await here.hear("n1", Step.DELIVERED, from_device=False, channel="web_push")
        await here.at(10)
        assert here.handed("sms") == [(10_000, "n1")]
        assert here.state() is State.HANDED
        assert here.shelf.rows["n1"].tries[0].provider is Step.DELIVERED


async def for_danger_a_phone_that_has_it_and_shows_it_not_is_not_enough():
    async with world(*three()) as here:
        await here.add(passage(), passage("n2", "pair-2", is_danger=False))
        await here.hear("n1", Step.DELIVERED)
        await here.hear("n2", Step.DELIVERED)
        await here.at(10)
        assert here.handed("sms") == [(10_000, "n1")]


async def a_refusal_goes_to_the_next_channel_at_once_and_is_tried_again():
    push, sms, voice = three()
    push.answers = [REFUSED]
    async with world(push, sms, voice) as here:
        await here.add(passage())
        assert here.handed("sms") == [(0, "n1")]
        await here.at(10)
        await here.at(20)
        assert [key for _, key in here.handed("web_push")] == ["n1", "n1"]


async def all_channels_down_and_then_up_loses_nothing():
    channels = three()
    for channel in channels:
        channel.then = REFUSED
    async with world(*channels) as here:
        await here.add(passage())
        assert here.state() is State.WAITING
        for channel in channels:
            channel.then = Answer(Verdict.ACCEPTED)
        await here.at(RULES.retry_after_s)
        assert here.state() is State.HANDED


async def an_expired_one_is_never_handed_over():
    channels = three()
    channels[0].gate = asyncio.Event()
    rules = msgspec.structs.replace(RULES, lane=msgspec.structs.replace(RULES.lane, workers=1))
    async with world(*channels, rules=rules) as here:
        await here.add(passage(), passage("n2", "pair-2"))
        await here.at(61)
        channels[0].gate.set()
        await here.at(62)
        assert [key for _, key in here.handed("web_push")] == ["n1"]
        assert here.state("n2") is State.EXPIRED


async def one_that_waited_on_the_shelf_beyond_its_life_goes_nowhere():
    async with world(*three()) as here:
        here.clock.now_ms = START_MS + 60_000
        await here.add(passage())
        assert here.handed("web_push") == []
        assert here.state() is State.EXPIRED


async def a_newer_one_takes_its_place():
    async with world(*three()) as here:
        await here.add(passage())
        await here.at(5)
        await here.add(passage("n2", sent_ms=START_MS + 5000))
        assert here.state() is State.REPLACED
        await here.at(12)
        assert here.handed("sms") == []
        await here.at(15)
        assert here.handed("sms") == [(15_000, "n2")]


async def one_that_names_another_takes_its_place_whatever_its_topic():
    async with world(*three()) as here:
        await here.add(passage())
        await here.add(passage("n2", "pair-1 closed", update_of="n1"))
        assert here.state() is State.REPLACED
        assert here.state("n2") is State.HANDED


async def a_slow_channel_makes_no_other_wait():
    slow, sms, voice = three()
    slow.gate = asyncio.Event()
    rules = msgspec.structs.replace(RULES, lane=msgspec.structs.replace(RULES.lane, waiting=5, workers=2))
    async with world(slow, sms, voice, rules=rules) as here:
        await here.add(*(passage(f"n{i}", f"p{i}") for i in range(10)), passage("x", "px", ("voice",)))
        assert (0, "x") in here.handed("voice")
        assert len(slow.handed) == 2
        assert len(sms.handed) == 5, "what found no room went to the next channel at once"
        slow.gate.set()


async def a_breaker_spares_everybody_the_wait():
    push, sms, voice = three()
    push.then = REFUSED
    async with world(push, sms, voice) as here:
        await here.add(*(passage(f"n{i}", f"p{i}") for i in range(RULES.breaker.faults)))
        assert here.runner.troubled() == ["web_push"]
        before = len(push.handed)
        await here.add(passage("later", "pl"))
        assert len(push.handed) == before
        assert "later" in [key for _, key in here.handed("sms")]
        push.then = Answer(Verdict.ACCEPTED)
        await here.at(RULES.breaker.open_s + 1)
        await here.add(passage("tries", "pt", sent_ms=here.clock()))
        assert here.runner.troubled() == []


async def while_the_database_is_down_nothing_is_lost():
    async with world(*three()) as here:
        here.shelf.is_down = True
        await here.add(passage())
        assert here.handed("web_push") == []
        here.shelf.is_down = False
        await here.at(1)
        assert here.handed("web_push") == [(1000, "n1")]
        here.shelf.is_down = True
        await here.hear("n1", Step.SHOWN)
        here.shelf.is_down = False
        await here.at(2)
        assert here.state() is State.SHOWN


async def a_channel_that_is_not_set_up_is_passed_by():
    async with world(FakeChannel("voice")) as here:
        await here.add(passage())
        assert here.handed("voice") == [(0, "n1")]


async def the_clocks_outlive_a_restart():
    shelf = MemoryShelf()
    async with world(*three(), shelf=shelf) as here:
        await here.add(passage())
    async with world(*three(), shelf=shelf) as here:
        await here.at(9)
        assert here.handed("web_push") == here.handed("sms") == []
        await here.at(10)
        assert here.handed("sms") == [(10_000, "n1")]


async def a_late_receipt_is_kept_with_an_ended_one():
    async with world(*three()) as here:
        await here.add(passage())
        await here.at(61)
        await here.hear("n1", Step.SHOWN)
        assert here.state() is State.SHOWN
        await here.hear("nobody", Step.SHOWN)
        assert "nobody" not in here.shelf.rows


async def a_receipt_by_the_providers_reference_hastens_a_failure():
    push, sms, voice = three()
    push.then = Answer(Verdict.ACCEPTED, reference="p-77")
    async with world(push, sms, voice) as here:
        await here.add(passage())
        await here.at(2)
        await here.hear(None, Step.FAILED, from_device=False, channel="web_push", reference="p-77")
        assert here.handed("sms") == [(2000, "n1")]


async def a_defect_of_a_channel_stops_nobody():
    push, sms, voice = three()
    push.hand = None
    async with world(push, sms, voice) as here:
        await here.add(passage())
        assert here.handed("sms") == [(0, "n1")]


STORIES = [
    told_what_the_device_says_ends_the_search,
    without_a_receipt_the_next_channel_after_ten_seconds,
    a_provider_that_lies_is_not_believed,
    for_danger_a_phone_that_has_it_and_shows_it_not_is_not_enough,
    a_refusal_goes_to_the_next_channel_at_once_and_is_tried_again,
    all_channels_down_and_then_up_loses_nothing,
    an_expired_one_is_never_handed_over,
    one_that_waited_on_the_shelf_beyond_its_life_goes_nowhere,
    a_newer_one_takes_its_place,
    one_that_names_another_takes_its_place_whatever_its_topic,
    a_slow_channel_makes_no_other_wait,
    a_breaker_spares_everybody_the_wait,
    while_the_database_is_down_nothing_is_lost,
    a_channel_that_is_not_set_up_is_passed_by,
    the_clocks_outlive_a_restart,
    a_late_receipt_is_kept_with_an_ended_one,
    a_receipt_by_the_providers_reference_hastens_a_failure,
    a_defect_of_a_channel_stops_nobody,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_runner(story):
    asyncio.run(story())
