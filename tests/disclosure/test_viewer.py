"""Written down before it is shown; not written down, not shown."""

from __future__ import annotations

import asyncio

import pytest

from jikimi.disclosure.gate import Audience, Closed, Scope
from jikimi.disclosure.viewer import RECORD_WAIT_S, Viewer
from jikimi.model.decision import Tier
from tests.disclosure.cases import HER, NOW_MS, ORDER, PAIR, view
from tests.disclosure.fake_evidence import FakeEvidence

OPENED = (HER, "protected", PAIR.pair_id, "own_safety", "map:inside_ring")
CLOSED = (HER, "protected", PAIR.pair_id, "own_safety", "closed")


@pytest.fixture
def evidence():
    found = FakeEvidence()
    found.views[PAIR.pair_id] = view(100.0)
    return found


@pytest.fixture
def viewer(evidence):
    return Viewer(evidence, Audience.PROTECTED, HER)


async def shown(viewer, now_ms=NOW_MS):
    """What may be shown now, and let what runs beside it run."""
    glance = viewer.look(PAIR.pair_id, now_ms)
    found = [glance] if viewer.settled([glance]) else await viewer.admit([glance])
    await asyncio.sleep(0)
    return found[0].opening


def test_an_opening_is_recorded_once_and_before_it_is_shown(viewer, evidence):
    async def story():
        evidence.hold = asyncio.Event()
        asking = asyncio.create_task(shown(viewer))
        await asyncio.sleep(0.01)
        assert not asking.done()
        evidence.hold.set()
        assert (await asking).scope is Scope.MAP
        assert evidence.recorded == [OPENED]
        for _ in range(5):
            assert (await shown(viewer)).scope is Scope.MAP
        assert evidence.recorded == [OPENED]

    asyncio.run(story())


def test_a_failed_record_withholds_the_map_and_is_tried_again(viewer, evidence):
    async def story():
        evidence.fails = True
        opening = await shown(viewer)
        assert (opening.scope, opening.closed, opening.monitored) == (Scope.WORDS, Closed.NO_RECORD, False)
        evidence.fails = False
        assert (await shown(viewer)).scope is Scope.MAP
        assert evidence.recorded == [OPENED]

    asyncio.run(story())


def test_a_slow_record_withholds_the_map_until_it_is_done(viewer, evidence):
    async def story():
        evidence.hold = asyncio.Event()
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert (await shown(viewer)).closed is Closed.NO_RECORD
        assert loop.time() - began >= RECORD_WAIT_S * 0.9
        assert (await shown(viewer)).closed is Closed.NO_RECORD
        evidence.hold.set()
        await asyncio.sleep(0.01)
        assert evidence.recorded == [OPENED]
        assert (await shown(viewer)).scope is Scope.MAP
        assert evidence.recorded == [OPENED]

    asyncio.run(story())


def test_closing_is_recorded_and_waits_for_nobody(viewer, evidence):
    async def story():
        await shown(viewer)
        evidence.views[PAIR.pair_id] = view(900.0)
        assert (await shown(viewer, NOW_MS + 1_000)).scope is Scope.MAP  # the countdown is no new opening
        assert evidence.recorded == [OPENED]
        evidence.hold = asyncio.Event()
        assert (await shown(viewer, NOW_MS + 21_001)).scope is Scope.WORDS
        evidence.hold.set()
        await asyncio.sleep(0.01)
        assert evidence.recorded == [OPENED, CLOSED]
        await shown(viewer, NOW_MS + 22_000)
        assert evidence.recorded == [OPENED, CLOSED]

    asyncio.run(story())


def test_leaving_closes_what_is_open_even_while_it_is_being_recorded(viewer, evidence):
    async def story():
        await shown(viewer)
        viewer.leave()
        await asyncio.sleep(0.01)
        assert evidence.recorded == [OPENED, CLOSED]
        evidence.hold = asyncio.Event()
        asking = asyncio.create_task(shown(viewer))
        await asyncio.sleep(0.01)
        viewer.leave()
        evidence.hold.set()
        await asking
        await asyncio.sleep(0.01)
        assert evidence.recorded == [OPENED, CLOSED, OPENED, CLOSED]
        assert viewer.open_pairs == []

    asyncio.run(story())


def test_a_failing_closing_disturbs_nobody(viewer, evidence):
    async def story():
        await shown(viewer)
        evidence.fails = True
        viewer.leave()
        await asyncio.sleep(0.01)
        assert evidence.recorded == [OPENED]

    asyncio.run(story())


def test_the_desk_records_each_new_ground(evidence):
    async def story():
        viewer = Viewer(evidence, Audience.DESK, "operator")
        evidence.views[PAIR.pair_id] = view(1500.0, tier=Tier.WATCH)
        await shown(viewer)
        assert evidence.recorded == []
        evidence.incidents.add(PAIR.pair_id)
        await shown(viewer)
        evidence.views[PAIR.pair_id] = view(900.0)
        await shown(viewer)
        evidence.calls[HER] = object()
        await shown(viewer)
        assert [record[3:] for record in evidence.recorded] == [("response", f"map:{why}") for why in ("incident", "tier", "sos")]

    asyncio.run(story())


def test_nothing_is_seen_of_a_pair_unknown_or_whose_order_ended(viewer, evidence):
    assert viewer.look("pair-x", NOW_MS) is None
    assert viewer.look(PAIR.pair_id, ORDER.until_ms) is None
    del evidence.orders[ORDER.order_id]
    assert viewer.look(PAIR.pair_id, NOW_MS) is None
