"""Since when her view is open outlives a restart: nobody's ten minutes begin anew because a server did."""

from __future__ import annotations

import asyncio

import pytest

from jikimi.disclosure.gate import Audience, Closed, Ground
from jikimi.disclosure.viewer import Viewer
from jikimi.model.decision import Approach, Tier
from jikimi.runtime.viewing import ViewKeeper
from jikimi.storage.oversight import SqlOversight
from tests.disclosure.cases import HER, NOW_MS, PAIR, view
from tests.disclosure.fake_evidence import FakeEvidence

TEN_MIN_MS = 600_000


class Process:
    """A server from its start to its end: what is believed, her screen, and what is kept."""

    def __init__(self, folder, tier=Tier.WARNING):
        self.core = FakeEvidence()
        self.core.views[PAIR.pair_id] = view(300.0, tier=tier)
        self.books = SqlOversight(folder, bytes(32))
        self.keeper = ViewKeeper(self.core, self.books)
        self.her = Viewer(self.core, Audience.PROTECTED, HER)

    def sees(self, now_ms, tier=Tier.WARNING):
        self.core.views[PAIR.pair_id] = view(300.0, tier=tier, now_ms=now_ms)
        return self.her.look(PAIR.pair_id, now_ms).opening

    def goes_towards(self, now_ms):
        """Look while she goes towards him; return what was told of it."""
        self.core.views[PAIR.pair_id] = view(300.0, now_ms=now_ms, approach=Approach.PROTECTED)
        assert self.her.look(PAIR.pair_id, now_ms).opening.monitored
        return self.core.towards

    async def lives(self):
        work = asyncio.create_task(self.keeper.work())
        await asyncio.sleep(0.3)
        work.cancel()
        self.books.close()


def test_a_view_that_was_open_before_a_restart_closes_when_it_would_have_closed(tmp_path):
    before = Process(tmp_path)
    assert before.sees(NOW_MS).ground is Ground.INSIDE_RING
    asyncio.run(before.lives())
    after = Process(tmp_path)
    assert after.sees(NOW_MS + TEN_MIN_MS - 1).ground is Ground.INSIDE_RING
    assert after.sees(NOW_MS + TEN_MIN_MS).closed is Closed.NOT_RENEWED
    after.core.renewals[HER] = NOW_MS + TEN_MIN_MS + 1
    assert after.sees(NOW_MS + TEN_MIN_MS + 2).ground is Ground.INSIDE_RING
    asyncio.run(after.lives())
    again = Process(tmp_path)
    assert again.sees(NOW_MS + 2 * TEN_MIN_MS).ground is Ground.INSIDE_RING, "the renewal is kept as well"
    assert again.sees(NOW_MS + 2 * TEN_MIN_MS + 1).closed is Closed.NOT_RENEWED
    again.books.close()


def test_how_long_she_goes_towards_him_counts_on_over_a_restart_and_is_told_once(tmp_path):
    before = Process(tmp_path)
    assert before.goes_towards(NOW_MS) == before.goes_towards(NOW_MS + 100_000) == []
    asyncio.run(before.lives())
    after = Process(tmp_path)
    assert after.goes_towards(NOW_MS + 119_000) == []
    assert after.goes_towards(NOW_MS + 121_000) == [(HER, PAIR.pair_id)]
    asyncio.run(after.lives())
    again = Process(tmp_path)
    assert again.goes_towards(NOW_MS + 300_000) == []
    again.books.close()


@pytest.mark.parametrize("how", ["while it ran", "while it was down"])
def test_the_next_alarm_is_another_view(tmp_path, how):
    before = Process(tmp_path)
    before.sees(NOW_MS)
    if how == "while it ran":
        before.core.her_views.over(PAIR.pair_id)
    asyncio.run(before.lives())
    after = Process(tmp_path, tier=Tier.WARNING if how == "while it ran" else Tier.CLEAR)
    assert after.books.views() == {}
    assert after.sees(NOW_MS + 2 * TEN_MIN_MS).ground is Ground.INSIDE_RING
    after.books.close()


def test_books_that_fail_close_nothing_and_are_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr("jikimi.runtime.viewing.RETRY_S", 0.01)
    process = Process(tmp_path)
    put, tries = process.books.put_views, []

    def failing(views):
        tries.append(dict(views))
        if len(tries) == 1:
            raise OSError
        put(views)

    monkeypatch.setattr(process.books, "put_views", failing)
    assert process.sees(NOW_MS).ground is Ground.INSIDE_RING
    work = process.lives()

    async def story():
        await asyncio.wait_for(work, 5)

    monkeypatch.setattr("jikimi.runtime.viewing.REST_S", 0.01)
    asyncio.run(story())
    assert len(tries) == 2
    assert tries[0].keys() == tries[1].keys() == {PAIR.pair_id}
