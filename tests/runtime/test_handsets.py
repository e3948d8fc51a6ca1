"""Would her handset bring her an alarm: what falls silent, runs empty or confirms nothing is known in time, told once, and its end too."""

from __future__ import annotations

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
import pytest

from jikimi.delivery.daily import handset_test
from jikimi.delivery.message import Receipt, Step, Verdict
from jikimi.delivery.passage import Try, Way, plan
from jikimi.delivery.rules import read_rules
from jikimi.delivery.words import LANGUAGE, read_book
from jikimi.incidents.incident import Kind
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix
from jikimi.orders.pairs import pairs_of
from jikimi.policy.resolve import pair_rules
from jikimi.runtime.clock import Clock
from jikimi.runtime.daily import DailyTests
from jikimi.runtime.handsets import PERIOD_S, Episode, HandsetWatch
from jikimi.runtime.hub import Hub
from jikimi.runtime.mind import Mind
from jikimi.storage.memory import MemoryJournal
from tests.apps.jump_loop import run
from tests.disclosure.cases import HER, HIM, KOREA, NOW_MS, ORDER
from tests.disclosure.ledger.fake_ledger import FakeLedger

RULES = read_rules()
BOOK = read_book()


class Watched:
    """A hub on simulated time with one order, a watch over its handsets, and all that it told."""

    def __init__(self, start_ms=NOW_MS):
        loop = asyncio.get_running_loop()

        def now_ms():
            return start_ms + round(loop.time() * 1000)

        self.now_ms = now_ms
        self.hub = Hub(Mind(KOREA.track), MemoryJournal(), FakeLedger(), Clock(now_ms, now_ms), {"kr": KOREA})
        self.hub.set_orders([ORDER], pairs_of(ORDER, KOREA, pair_rules))
        self.signals = []
        self.watch = HandsetWatch(self.hub, RULES, self.signals.append)
        self.hub.heard = self.watch.heard
        self._number = 0

    def reports(self, person=HER, battery_pct=None):
        self._number += 1
        fix = Fix(fix_id=str(self._number), fix_time_ms=self.now_ms(), latitude=37.5, longitude=127.0, error_m=5.0, battery_pct=battery_pct)
        self.hub._take_fixes("phone", person, [fix], 1)

    def says(self, kind, person=HER):
        self._number += 1
        self.hub._take_events("phone", person, [DeviceEvent(event_id=f"e{self._number}", kind=kind)])

    async def wait(self, seconds, *, reports=True):
        """Let time pass, and the watch look as often as it does; she reports every 30 s or not at all."""
        for second in range(0, round(seconds), round(PERIOD_S)):
            if reports and second % 30 == 0:
                self.reports()
            await asyncio.sleep(PERIOD_S)
            await self.watch.look()

    def told(self):
        found = [(one.kind, one.began, one.trouble) for one in self.signals]
        self.signals.clear()
        return found


def handed(person, at_ms, receipts=(), channel="web_push"):
    """A passage that a channel took, with the receipts it has."""
    one = plan(handset_test(person, str(at_ms), BOOK, "ko", at_ms), [Way(channel, "x")], RULES, is_danger=False)
    given = tuple(Receipt(key=one.message.key, step=Step.SHOWN, at_ms=when, from_device=True) for when in receipts)
    return msgspec.structs.replace(one, tries=(Try(0, at_ms, at_ms, Verdict.ACCEPTED),), receipts=given)


def test_a_handset_that_falls_silent_is_known_within_two_minutes_once_and_so_is_its_return():
    async def story():
        scene = Watched()
        await scene.wait(300)
        assert scene.told() == []
        await scene.wait(120, reports=False)
        assert scene.told() == [(Kind.HANDSET, True, "silent")]
        await scene.wait(600, reports=False)
        assert scene.told() == [], "it is told once"
        await scene.wait(30)
        assert scene.told() == [(Kind.HANDSET, False, None)]

    run(story())


def test_his_tag_and_a_handset_never_heard_are_no_business_of_this_watch():
    async def story():
        scene = Watched()
        scene.reports(HIM)
        await scene.wait(900, reports=False)
        assert scene.told() == []

    run(story())


def test_an_empty_battery_is_a_battery_and_then_a_silence_of_its_own():
    async def story():
        scene = Watched()
        scene.reports(battery_pct=9.0)
        await scene.wait(5, reports=False)
        assert scene.told() == [(Kind.PHONE_BATTERY, True, "charge")]
        scene.reports(battery_pct=40.0)
        await scene.wait(5, reports=False)
        assert scene.told() == [(Kind.PHONE_BATTERY, False, None)]
        await scene.wait(120, reports=False)
        assert scene.told() == [(Kind.HANDSET, True, "silent")]

    run(story())


def test_a_lost_network_is_named():
    async def story():
        scene = Watched()
        scene.reports()
        scene.says(EventKind.OFFLINE)
        await scene.wait(115, reports=False)
        assert scene.told() == [(Kind.HANDSET, True, "network")]

    run(story())


def test_permission_lost_ends_with_the_next_position_and_with_nothing_else():
    async def story():
        scene = Watched()
        scene.reports()
        scene.says(EventKind.PERMISSION_LOST)
        await scene.wait(10, reports=False)
        assert scene.told() == [], "the event itself has opened the incident"
        scene.says(EventKind.ALIVE)
        await scene.wait(10, reports=False)
        assert scene.told() == []
        scene.reports()
        await scene.wait(5, reports=False)
        assert scene.told() == [(Kind.HANDSET, False, None)]

    run(story())


def test_notices_that_nobody_confirms_are_trouble_until_one_is_confirmed():
    async def story():
        scene = Watched()
        scene.watch.handled(handed(HER, scene.now_ms()))
        scene.watch.handled(handed(HER, scene.now_ms(), channel="sms"))
        scene.watch.handled(handed(HIM, scene.now_ms()))
        await scene.wait(120)
        assert scene.told() == [(Kind.HANDSET, True, "untold")]
        scene.watch.handled(handed(HER, scene.now_ms(), [scene.now_ms() + 1]))
        await scene.wait(10)
        assert scene.told() == [(Kind.HANDSET, False, None)]
        # A text message is not confirmed by the handset, so that it is not says nothing.
        scene.watch.handled(handed(HER, scene.now_ms(), channel="sms"))
        await scene.wait(150)
        assert scene.told() == []

    run(story())


def test_what_came_while_it_was_away_says_nothing_of_it_once_it_is_back():
    async def story():
        scene = Watched()
        scene.reports()
        await scene.wait(60, reports=False)
        scene.watch.handled(handed(HER, scene.now_ms()))
        await scene.wait(60, reports=False)
        assert scene.told() == [(Kind.HANDSET, True, "silent")]
        await scene.wait(300)
        assert scene.told() == [(Kind.HANDSET, False, None)]

    run(story())


def test_after_a_restart_what_stood_ends_when_it_is_mended_and_nobody_is_silent_at_once():
    async def story():
        before = Watched()
        before.reports()
        await before.wait(120, reports=False)
        (signal,) = before.signals
        scene = Watched()
        scene.reports()
        scene.watch.resume({HER: Episode(Kind.HANDSET, signal.party)})
        await scene.wait(5, reports=False)
        assert scene.told() == [(Kind.HANDSET, False, None)]

    run(story())


def test_whom_no_order_protects_any_more_is_forgotten():
    async def story():
        scene = Watched()
        scene.reports()
        await scene.wait(120, reports=False)
        scene.hub.set_orders([], [])
        await scene.wait(5, reports=False)
        assert not scene.watch._standing
        scene.signals.clear()
        await scene.wait(300, reports=False)
        assert scene.told() == []

    run(story())


class Addresses:
    def of(self, recipient_id):
        return {"web_push": "{}", "sms": "+1", LANGUAGE: "vi"} if recipient_id == HER else {}


def daily_of(scene, sent):
    async def send(made):
        sent.extend(made())

    return DailyTests(scene.hub, Addresses(), BOOK, RULES, send)


@pytest.mark.parametrize("hour", [0, 9, 12, 23])
def test_each_handset_is_tested_once_a_day_in_daytime_and_confirms_on_the_device(hour):
    async def story():
        start = dt.datetime(2026, 11, 24, hour, tzinfo=ZoneInfo("Asia/Seoul"))
        scene, sent = Watched(round(start.timestamp() * 1000)), []
        daily = daily_of(scene, sent)
        for _ in range(3 * 24 * 60):
            await daily.look()
            await asyncio.sleep(60)
        at = [dt.datetime.fromtimestamp(one.message.sent_ms / 1000, ZoneInfo("Asia/Seoul")) for one in sent]
        assert len({one.date() for one in at}) == len(at) in {2, 3}
        assert all(10 <= one.hour < 18 for one in at)
        assert len({one.message.key for one in sent}) == len(sent)
        assert {tuple(way.channel for way in one.ways) for one in sent} == {("stream", "web_push")}
        assert not any(one.message.urgent for one in sent)
        assert {one.message.language for one in sent} == {"vi"}, "the language that she chose"

    run(story())


def test_nobody_is_tested_while_she_calls_for_help():
    async def story():
        scene, sent = Watched(), []
        daily = daily_of(scene, sent)
        scene.says(EventKind.SOS)
        for _ in range(24 * 60):
            await daily.look()
            await asyncio.sleep(60)
        assert sent == []

    run(story())


def test_an_order_that_ends_while_the_others_times_are_worked_out_is_left_out(monkeypatch):
    monkeypatch.setattr("jikimi.runtime.daily.SLICE", 1)

    async def story():
        scene, sent = Watched(), []
        daily = daily_of(scene, sent)
        looking = asyncio.create_task(daily.look())
        await asyncio.sleep(0)
        scene.hub.set_orders([], [])
        await looking
        assert sent == []
        scene.hub.set_orders([ORDER], pairs_of(ORDER, KOREA, pair_rules))
        for _ in range(24 * 60):
            await daily.look()
            await asyncio.sleep(60)
        assert len(sent) == 1, "when it is in force again she is tested as ever"

    run(story())


def test_a_test_on_request_goes_to_the_closed_page_alone():
    async def story():
        scene, sent = Watched(), []
        await daily_of(scene, sent).on_request(HER)
        (one,) = sent
        assert [way.channel for way in one.ways] == ["web_push"]

    run(story())
