"""A journal that could not store for a while: a replay says between which times, and everything else gives the same bytes."""

from __future__ import annotations

import asyncio

import pytest

from jikimi.disclosure.retention.due import DAY_MS
from jikimi.ingest.ports import Decoded, IntakeFailedError
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix
from jikimi.model.order import Device, DeviceKind
from jikimi.model.record import Decided, Gap, decode
from jikimi.orders.pairs import pairs_of
from jikimi.policy.resolve import pair_rules
from jikimi.runtime import hub as hubs
from jikimi.runtime import recovery
from jikimi.runtime.clock import Clock
from jikimi.runtime.hub import GAP_RETRY_S, Hub
from jikimi.runtime.keeper import opened
from jikimi.runtime.mind import Mind
from jikimi.storage.memory import MemoryJournal
from tests import scan
from tests.apps.jump_loop import run
from tests.disclosure.cases import HER, HIM, KOREA, NOW_MS, ORDER
from tests.household import Household
from tests.runtime.test_cases import FIXES, RULES, erase, pairs


class Scene:
    """A hub on simulated time over a journal that can be full."""

    def __init__(self):
        loop = asyncio.get_running_loop()

        def now_ms():
            return NOW_MS + round(loop.time() * 1000)

        self.now_ms = now_ms
        self.journal = MemoryJournal()
        self.hub = Hub(Mind(KOREA.track), self.journal, None, Clock(now_ms, now_ms), {"kr": KOREA})
        self.hub.set_track_rules(KOREA.track, first=True)
        self.hub.set_orders([ORDER], pairs_of(ORDER, KOREA, pair_rules))
        self.number = 0

    async def report(self, person, north_m, number=None):
        """Send a fix as a device does; return whether it was acknowledged as new, as known, or not at all."""
        self.number += 1
        name = str(number or self.number)
        fix = Fix(fix_id=name, fix_time_ms=self.now_ms(), latitude=37.5 + north_m / 111_000, longitude=127.0, error_m=5.0)
        device = Device(device_id=f"of-{person}", kind=DeviceKind.TAG, person_id=person, secret_sha256=b"")
        try:
            receipt = await self.hub.offer(device, Decoded(fixes=[fix], events=[], refused=[]))
        except IntakeFailedError:
            return None
        return receipt.accepted

    async def walk(self, *north_m):
        """Let him walk, and both report, each ten seconds."""
        for away_m in north_m:
            await self.report(HER, 0.0)
            await self.report(HIM, away_m)
            await asyncio.sleep(10)

    def records(self):
        return [decode(data) for _, data in self.journal.read()]

    def gaps(self):
        return [record for record in self.records() if isinstance(record, Gap)]


def test_after_a_full_disk_a_replay_says_what_is_missing_and_gives_the_same_bytes():
    async def story():
        scene = Scene()
        await scene.walk(3000.0, 2900.0, 2800.0)
        scene.journal.full = True
        from_ms = scene.now_ms()
        await scene.walk(1500.0, 1000.0, 600.0, 300.0)
        scene.hub._take_events("phone", HER, [DeviceEvent(event_id="help", kind=EventKind.SOS)])
        await asyncio.sleep(1)
        scene.journal.full = False
        until_ms = scene.now_ms()
        await scene.walk(280.0, 260.0, 900.0, 2000.0, 4000.0)
        await asyncio.sleep(900)
        scene.hub.tick()
        await asyncio.sleep(1)
        [gap] = scene.gaps()
        assert from_ms <= gap.since_ms < until_ms <= gap.at_ms < until_ms + 1_000
        assert any(isinstance(record, Decided) for record in scene.records()[scene.records().index(gap) :])
        for pair_id in (None, *recovery.pairs_of_case(scene.journal, ORDER.order_id)):
            found = recovery.replay(scene.journal, KOREA.track, pair_id)
            assert (found.difference, found.gaps) == (None, ((gap.since_ms, gap.at_ms),))
        again = recovery.recover(scene.journal, KOREA.track)
        assert again.difference is None
        assert again.mind.belief() == scene.hub._mind.belief()
        assert again.mind.sos.keys() == {HER}, "a call that could not be stored stands after a restart all the same"

    run(story())


def test_without_the_mark_it_would_differ():
    """The guard of the test above: what was not stored did change what was said afterwards."""

    async def story():
        scene = Scene()
        await scene.walk(3000.0, 2900.0, 2800.0)
        scene.journal.full = True
        await scene.walk(2600.0, 2300.0, 2000.0, 1700.0)
        scene.journal.full = False
        scene.hub._next_gap_s = 1e9
        await scene.walk(1400.0, 1100.0, 800.0)
        assert scene.gaps() == []
        assert recovery.replay(scene.journal, KOREA.track).difference is not None

    run(story())


def test_a_report_that_was_not_stored_is_new_when_it_comes_again_also_after_a_restart():
    async def story():
        scene = Scene()
        await scene.walk(3000.0)
        scene.journal.full = True
        assert await scene.report(HIM, 500.0, number=77) is None
        scene.journal.full = False
        await scene.walk(480.0)
        assert len(scene.gaps()) == 1
        again = recovery.recover(scene.journal, KOREA.track).mind
        fix = Fix(fix_id="77", fix_time_ms=scene.now_ms(), latitude=37.5, longitude=127.0, error_m=5.0)
        assert again.known(f"of-{HIM}", 1).new_fixes([fix]) == [fix]

    run(story())


def test_a_mark_that_fails_is_tried_again_but_not_at_once_and_each_gap_has_one():
    async def story():
        scene = Scene()
        await scene.walk(3000.0)
        append, asked = scene.journal.append, []

        def small(records):
            is_gap = any(isinstance(decode(one), Gap) for one in records)
            asked.extend([scene.now_ms()] if is_gap else [])
            scene.journal.full = is_gap
            done = append(records)
            scene.journal.full = False
            return done

        scene.journal.full = True
        await scene.report(HIM, 2000.0)
        scene.journal.full = False
        scene.journal.append = small
        for _ in range(200):
            await scene.report(HIM, 2000.0)
            await asyncio.sleep(0.1)
        assert 3 <= len(asked) <= 1 + 20 / GAP_RETRY_S
        scene.journal.append = append
        await asyncio.sleep(GAP_RETRY_S)
        await scene.walk(1900.0, 1800.0)
        assert len(scene.gaps()) == 1
        assert scene.gaps()[0].since_ms <= asked[0]
        assert recovery.replay(scene.journal, KOREA.track).difference is None

    run(story())


def test_with_very_many_pairs_the_gap_is_marked_without_a_state(monkeypatch):
    monkeypatch.setattr(hubs, "MOST_GAP_PAIRS", 0)

    async def story():
        scene = Scene()
        await scene.walk(3000.0)
        scene.journal.full = True
        await scene.walk(2900.0)
        scene.journal.full = False
        await scene.walk(2800.0)
        [gap] = scene.gaps()
        assert gap.state is None
        assert recovery.replay(scene.journal, KOREA.track).gaps == ((gap.since_ms, gap.at_ms),)

    run(story())


@pytest.fixture
def house(tmp_path):
    made = Household(tmp_path / "data", 20_600 * DAY_MS + 40_000_000, orders=2)
    made.live(fixes=FIXES)
    made.write([Gap(made.now_ms, made.now_ms - 1_000, recovery.belief(made._mind))])
    yield made
    made.close()


def test_an_erasure_takes_its_persons_out_of_a_gaps_state(house):
    erase(house, "o1", house.now_ms)
    journal = house.stores.reading()
    whole = recovery.replay(journal, RULES)
    assert (whole.difference, len(whole.gaps)) == (None, 1)
    assert pairs(house, "o1") == []
    assert len(pairs(house, "o2")) == 2
    mind, records = recovery.past(journal)
    assert mind is not None
    held = b"".join(record.state for _, record in records if isinstance(record, Gap))
    assert b"him-2" in held
    assert b"him-1" not in held
    assert b"her-1" not in held
    assert not scan.found(scan.opened(house.settings, bytes(32), ("him-1", "her-1")), {b"him-1", b"her-1"}) - {"register"}
    with opened(house.settings, house.now_ms + 8 * DAY_MS) as keeper:
        keeper.look()
    assert journal.cases.load() is None
