"""What a device sent is acknowledged when all of it is durable, and never by what a repetition found in memory alone."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from jikimi.ingest.ports import Decoded, IntakeFailedError
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix, Verdict
from jikimi.model.order import Device, DeviceKind
from jikimi.model.record import Fixes, decode, encode
from jikimi.runtime.clock import Clock
from jikimi.runtime.hub import SLICE, Hub
from jikimi.runtime.mind import Mind
from jikimi.runtime.ports import JournalFailedError
from tests.apps.jump_loop import run
from tests.disclosure.cases import HIM, KOREA, NOW_MS

TAG = Device(device_id="tag", kind=DeviceKind.TAG, person_id=HIM, secret_sha256=b"")


class SlowJournal:
    """Commits one append at a time, when told to."""

    def __init__(self):
        self.waiting = []
        self.stored = []

    def append(self, records):
        future = asyncio.get_running_loop().create_future()
        self.waiting.append((records, future))
        return future

    def commit(self, *, fails=False):
        records, future = self.waiting.pop(0)
        if fails:
            future.set_exception(JournalFailedError("full"))
        else:
            self.stored += records
            future.set_result(len(self.stored))

    def fixes(self):
        found = map(decode, self.stored)
        return [fix.fix_id for record in found if isinstance(record, Fixes) for fix in record.fixes]


def scene():
    journal = SlowJournal()
    return journal, Hub(Mind(KOREA.track), journal, None, Clock(lambda: NOW_MS, lambda: NOW_MS), {"kr": KOREA})


def batch(count, *events):
    return Decoded(fixes=tuple(Fix(str(n), NOW_MS - 1000 * (count - n), 37.5, 127.0, 5.0) for n in range(count)), events=events)


@pytest.mark.parametrize("rounds_between", range(5))
def test_a_large_batch_sent_again_while_it_is_taken_is_acknowledged_only_when_each_fix_is_stored(rounds_between):
    async def story():
        journal, hub = scene()
        wanted = [str(n) for n in range(3 * SLICE)]
        sent = [asyncio.ensure_future(hub.offer(TAG, batch(3 * SLICE)))]
        for _ in range(rounds_between):
            await asyncio.sleep(0)
        sent.append(asyncio.ensure_future(hub.offer(TAG, batch(3 * SLICE))))
        while not all(receipt.done() for receipt in sent):
            await asyncio.sleep(0)
            if any(receipt.done() for receipt in sent):
                assert sorted(journal.fixes(), key=int) == wanted
            if journal.waiting:
                journal.commit()
        assert sorted(journal.fixes(), key=int) == wanted
        receipts = [receipt.result() for receipt in sent]
        assert sum(receipt.accepted for receipt in receipts) == sum(receipt.repeated for receipt in receipts) == 3 * SLICE

    run(story())


def test_events_and_fixes_are_acknowledged_together():
    async def story():
        journal, hub = scene()
        receipt = hub.offer(TAG, batch(1, DeviceEvent("help", EventKind.SOS)))
        assert len(journal.waiting) == 2
        journal.commit()
        await asyncio.sleep(0)
        assert not receipt.done()
        journal.commit()
        assert (await receipt).accepted == 2

    run(story())


@pytest.mark.parametrize("count", [1, 2 * SLICE])
def test_what_could_not_be_stored_is_new_when_it_comes_again(count):
    async def story():
        journal, hub = scene()
        for fails in (True, False):
            receipt = asyncio.ensure_future(hub.offer(TAG, batch(count)))
            while not journal.waiting:
                await asyncio.sleep(0)
            journal.commit(fails=fails)
            for _ in range(5):
                await asyncio.sleep(0)
            while journal.waiting:
                journal.commit()
                await asyncio.sleep(0)
            if fails:
                with pytest.raises(IntakeFailedError):
                    await receipt
        assert (await receipt).accepted == count

    run(story())


def test_who_hangs_up_leaves_what_was_lost_as_new():
    async def story():
        journal, hub = scene()
        hub.offer(TAG, batch(1)).cancel()
        journal.commit(fails=True)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        while journal.waiting:
            journal.commit()
        again = hub.offer(TAG, batch(1))
        while journal.waiting:
            journal.commit()
        assert (await again).accepted == 1

    run(story())


def test_a_device_that_nobody_carries_has_nothing_to_tell():
    async def story():
        _, hub = scene()
        for count in (1, 2 * SLICE):
            with pytest.raises(IntakeFailedError):
                await hub.offer(Device(device_id="gw", kind=DeviceKind.GATEWAY, person_id=None, secret_sha256=b""), batch(count))

    run(story())


def test_a_queue_of_ten_thousand_sent_again_after_a_restart_is_known():
    """Given a tag whose whole queue was taken in slices after a long day, when the server starts anew, then none of it is stored twice."""

    async def story():
        journal, hub = scene()
        day = [Fix(f"day{n}", NOW_MS - 90_000_000 + n, 37.5, 127.0, 5.0) for n in range(7_000)]
        for start in range(0, len(day), SLICE):
            await taken(journal, hub, Decoded(fixes=tuple(day[start : start + SLICE])))
        assert (await taken(journal, hub, batch(10_000))).accepted == 10_000
        mind = Mind(KOREA.track)
        for record in map(decode, journal.stored):
            mind.replay(record)
        again = Hub(mind, journal, None, Clock(lambda: NOW_MS, lambda: NOW_MS), {"kr": KOREA})
        receipt = await taken(journal, again, batch(10_000))
        assert (receipt.accepted, receipt.repeated) == (0, 10_000)

    run(story())


async def taken(journal, hub, decoded):
    receipt = asyncio.ensure_future(hub.offer(TAG, decoded))
    while not receipt.done():
        await asyncio.sleep(0)
        if journal.waiting:
            journal.commit()
    return receipt.result()


def test_a_journal_from_before_the_size_of_a_request_was_kept_is_read():
    record = Fixes(NOW_MS, "tag", HIM, [Fix("a", NOW_MS, 37.5, 127.0, 5.0)], [Verdict.USED], 3)
    tag, *fields = msgspec.msgpack.decode(encode(record))
    older = msgspec.msgpack.encode([tag, *fields[:-1]])
    assert decode(older) == msgspec.structs.replace(record, batch=0)
