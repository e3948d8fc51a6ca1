"""What the clerk writes down is what a running server watches: from the first millisecond to the last, and no longer."""

import asyncio

import pytest

from jikimi.model.register import Act
from jikimi.orders.clerk import Clerk
from jikimi.policy.durations import tables
from jikimi.policy.load import presets
from jikimi.runtime.directory import MemoryDirectory
from jikimi.runtime.followers import LOOK_S, RegisterFollower
from jikimi.storage.books import SqlBooks
from jikimi.storage.database import open_database
from jikimi.storage.register import SqlRegister
from tests.orders.world import HOME, at, away, court_order, tag

KEY = bytes(range(32))
BEGIN = at("2026-03-02")


class WatchingHub:
    """A hub that only remembers what it is to watch."""

    def __init__(self):
        self.now, self.orders, self.pairs = BEGIN, [], []

    def now_ms(self):
        return self.now

    def set_orders(self, orders, pairs):
        self.orders, self.pairs = orders, pairs


class World:
    """A server's follower and a clerk, on one file."""

    def __init__(self, path):
        self._engine = open_database(path, KEY)
        self._register = SqlRegister(path, KEY)
        self.clerk = Clerk(SqlBooks(self._engine), tables(), KEY)
        self._hub = WatchingHub()
        self._follower = RegisterFollower(self._hub, self._register, MemoryDirectory(), presets())

    def watched(self, now):
        """Return how many orders and pairs the server watches after its next look."""
        self._hub.now = now
        asyncio.run(self._follower.follow_once())
        return len(self._hub.orders), len(self._hub.pairs)

    def close(self):
        self._register.close()
        self._engine.dispose()


@pytest.fixture
def world(tmp_path):
    opened = World(tmp_path / "register.db")
    yield opened
    opened.close()


def enter(world, *measures):
    world.clerk.enter(court_order(*measures, decided_ms=BEGIN, places=(HOME,)), now_ms=BEGIN, by="x")


def test_a_server_looks_far_more_often_than_an_end_may_wait():
    assert LOOK_S <= 1.0


def test_an_order_that_is_entered_is_watched_and_one_that_is_revoked_is_not(world):
    assert world.watched(BEGIN) == (0, 0)
    enter(world)
    assert world.watched(BEGIN) == (1, 2)
    now = at("2026-04-01")
    world.clerk.act("order-1", Act.REVOKE, at_ms=now, now_ms=now, by="court-desk", reason="decision of today")
    assert world.watched(now) == (0, 0)


def test_an_order_ends_at_its_millisecond_though_nobody_wakes_the_clerk(world):
    enter(world)
    world.watched(BEGIN)
    assert world.watched(at("2026-06-02") - 1) == (1, 2)
    assert world.watched(at("2026-06-02")) == (0, 0)


def test_a_tag_that_ends_first_leaves_an_order_without_pairs(world):
    enter(world, away(), tag(until="2026-05-02"))
    assert world.watched(at("2026-05-02") - 1) == (1, 2)
    assert world.watched(at("2026-05-02")) == (1, 0)


def test_a_suspended_order_is_watched_again_when_it_goes_on(world):
    enter(world)
    pause, again = at("2026-04-01"), at("2026-04-10")
    world.clerk.act("order-1", Act.SUSPEND, at_ms=pause, now_ms=pause, by="x", reason="detained")
    assert world.watched(pause) == (0, 0)
    world.clerk.act("order-1", Act.RESUME, at_ms=again, now_ms=again, by="x", reason="released")
    assert world.watched(again) == (1, 2)


def test_who_leaves_is_not_watched_and_her_home_is(world):
    enter(world)
    world.clerk.consent("order-1", "p-1", given=False, terms="2026-06", now_ms=BEGIN, by="p-1")
    assert world.watched(BEGIN) == (1, 1)
