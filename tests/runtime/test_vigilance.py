"""Unusual looks open a review with an owner; it is decided with a reason; nothing waits for it."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from jikimi.disclosure.review import Outcome, ReviewError, Status
from jikimi.disclosure.vigil import Finding, Unusual
from jikimi.model.record import Disclosed
from jikimi.runtime.vigilance import Vigilance
from jikimi.storage.oversight import SqlOversight
from tests.disclosure.cases import KOREA, NOW_MS, ORDER, PAIR
from tests.disclosure.fake_evidence import FakeEvidence
from tests.runtime.fake_ledger import FakeLedger

STRICT = msgspec.structs.replace(KOREA, access=msgspec.structs.replace(KOREA.access, many_views=3.0, colleagues=2.0))


class Tower:
    def __init__(self, folder):
        self.core = FakeEvidence()
        self.core.policies[ORDER.order_id] = STRICT
        self.core.now_ms = lambda: NOW_MS + 1_000
        self.books = SqlOversight(folder, bytes(32))
        self.ledger = FakeLedger()
        self.owners = {}
        self.staff = ["auditor", "officer"]
        self.room = Vigilance(self.core, self.books, self.ledger, self.owners.get, lambda: self.staff)

    async def sees(self, *looks):
        for look in looks:
            self.room.saw(look)
        work = asyncio.create_task(self.room.work())
        await asyncio.sleep(0.3)
        work.cancel()

    def open(self):
        return [(one.kind, one.viewer, one.owner, one.times) for one in self.books.reviews(0, 0)]


def look(at_s=0, who="operator", scope="map:tier", audience="desk"):
    return Disclosed(NOW_MS + at_s * 1000, who, audience, PAIR.pair_id, "response", scope)


@pytest.fixture
def tower(tmp_path):
    found = Tower(tmp_path)
    yield found
    found.books.close()


def run(story):
    asyncio.run(story())


def test_many_views_open_one_review_with_an_owner_and_a_line_in_the_ledger(tower):
    async def story():
        await tower.sees(*(look(at) for at in range(6)))
        assert tower.open() == [(Unusual.MANY_VIEWS, "operator", "auditor", 6)]
        (act,) = tower.ledger.acts
        assert (act.act, act.what, act.purpose) == ("reviewed", "opened:many_views", "oversight")

    run(story)


def test_look_ups_of_colleagues_cases_and_not_of_ones_own(tower):
    async def story():
        tower.owners[PAIR.pair_id] = "colleague"
        await tower.sees(look(0), look(1))
        tower.owners[PAIR.pair_id] = "other"
        await tower.sees(look(0, "other"), look(1, "other"))
        assert tower.open() == [(Unusual.COLLEAGUES, "operator", "auditor", 2)]

    run(story)


def test_nobody_looks_into_ones_own_looks(tower):
    async def story():
        tower.staff = ["auditor"]
        await tower.sees(*(look(at, "auditor") for at in range(3)))
        assert tower.open() == [(Unusual.MANY_VIEWS, "auditor", None, 3)]
        (review,) = tower.books.reviews(0, 0)
        for act in (tower.room.take(review.review_id, "auditor"), tower.room.decide(review.review_id, "auditor", Outcome.JUSTIFIED, "me")):
            with pytest.raises(ReviewError, match="about you"):
                await act

    run(story)


def test_a_decision_has_an_outcome_and_a_reason_and_stands(tower):
    async def story():
        review = await tower.room.open(Finding(kind=Unusual.TOWARDS_HIM, viewer="p", pair_id=PAIR.pair_id, at_ms=NOW_MS, times=1))
        with pytest.raises(ReviewError, match="Say why"):
            await tower.room.decide(review.review_id, "officer", Outcome.MISTAKE, "  ")
        decided = await tower.room.decide(review.review_id, "officer", Outcome.MISTAKE, "her bus goes that way")
        assert (decided.status, decided.owner, decided.reason) == (Status.DECIDED, "officer", "her bus goes that way")
        assert tower.ledger.acts[-1].what == "decided:mistake"
        with pytest.raises(ReviewError, match="stands"):
            await tower.room.decide(review.review_id, "auditor", Outcome.MISUSE, "no")
        assert tower.open() == []

    run(story)


def test_work_is_shared_out_among_reviewers(tower):
    async def story():
        for who in "abc":
            await tower.room.open(Finding(kind=Unusual.MANY_VIEWS, viewer=who, pair_id=PAIR.pair_id, at_ms=NOW_MS, times=1))
        assert [one.owner for one in tower.books.reviews(0, 0)].count("auditor") == 2

    run(story)


def test_counts_go_on_after_a_restart_and_what_was_reviewed_is_not_counted_twice(tower):
    async def story():
        await tower.sees(look(0), look(1))
        assert tower.open() == []
        begun_anew = Tower.__new__(Tower)
        begun_anew.__dict__ |= tower.__dict__
        begun_anew.room = Vigilance(tower.core, tower.books, tower.ledger, tower.owners.get, lambda: tower.staff)
        await begun_anew.sees(look(2))
        assert tower.open() == [(Unusual.MANY_VIEWS, "operator", "auditor", 3)]
        assert tower.books.looks() == []
        begun_anew.room = Vigilance(tower.core, tower.books, tower.ledger, tower.owners.get, lambda: tower.staff)
        await begun_anew.sees(look(3), look(4))
        assert [times for *_, times in tower.open()] == [3]

    run(story)


def test_of_whom_nothing_may_be_known_nothing_is_counted(tower):
    async def story():
        await tower.sees(look(0, who="her"), look(1))
        tower.room.forget(["her"])
        tower.books.forget_viewers(["her"])
        assert [viewer for viewer, *_ in tower.books.looks()] == ["operator"]
        await tower.sees(look(2, who="her"), look(3, who="her"))
        assert tower.open() == []

    run(story)


def test_books_that_fail_lose_no_look_and_hold_nobody_up(tower, monkeypatch):
    async def story():
        def broken(*_):
            raise OSError

        monkeypatch.setattr("jikimi.runtime.vigilance.RETRY_S", 0.01)
        monkeypatch.setattr(tower.books, "reviews", broken)
        await tower.sees(*(look(at) for at in range(3)))
        monkeypatch.undo()
        monkeypatch.setattr("jikimi.runtime.vigilance.RETRY_S", 0.01)
        await tower.sees()
        await asyncio.sleep(0)
        assert [kind for kind, *_ in tower.open()] == [Unusual.MANY_VIEWS]

    run(story)
