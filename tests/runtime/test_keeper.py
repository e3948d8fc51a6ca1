"""One round of the keeper by itself: several orders over one person, copies for investigations, days that nobody asked for."""

from __future__ import annotations

import msgspec
import pytest

from jikimi.disclosure.retention.due import DAY_MS
from jikimi.disclosure.review import Review
from jikimi.disclosure.vigil import Unusual
from jikimi.model.fix import Fix, Verdict
from jikimi.model.record import Fixes
from jikimi.model.register import Protected, Standing
from jikimi.runtime.keeper import KeeperError, opened
from jikimi.storage.lines import SqlLines
from tests import scan
from tests.household import HOME, Household

NOW = 20_600 * DAY_MS + 40_000_000
LEDGER_MS = 6 * 366 * DAY_MS


@pytest.fixture
def house(tmp_path):
    made = Household(tmp_path / "data", NOW)
    yield made
    made.close()


def look(house, now=NOW):
    with opened(house.settings, now) as keeper:
        return keeper.look()


def days(house, name):
    vault = house.stores.vault()
    found = vault.days(name)
    vault.close()
    return found


def test_what_another_order_still_needs_stays_and_the_copy_under_the_ended_one_goes(house):
    house.live(near=False)
    look(house)
    other = msgspec.structs.replace(
        house.orders[0],
        order_id="o2",
        protected=(Protected(person_id="her-2", standing=Standing.VICTIM),),
        measures=tuple(msgspec.structs.replace(one, from_ms=NOW - DAY_MS) for one in house.orders[0].measures),
    )
    house.clerk.enter(other, now_ms=NOW, by="officer")
    house.write([Fixes(NOW, "device-him-1", "him-1", [Fix("old", NOW - 2 * DAY_MS, *HOME)], [Verdict.USED])])
    look(house)
    before = days(house, "him-1")
    assert len(before) == 2
    house.end("o1")
    until = house.turned()
    with opened(house.settings, NOW + 1) as keeper:
        found = keeper.look()
        assert (found.leaving, found.forget) == (("her-1",), ("her-1",))
        keeper.erase(until)
    assert days(house, "him-1") == before[1:], "the day that only the ended order claimed is gone"
    assert days(house, "her-1") == []
    assert scan.found(scan.opened(house.settings, bytes(32), ()), {b"copy-o1"}) == set()
    assert house.clerk.order("o2").monitored_ids == ("him-1",)


def test_days_that_no_order_ever_asked_for_go_after_a_week_and_the_ledger_says_so(house):
    house.live(near=False)
    before = Fixes(NOW, "device-him-1", "him-1", [Fix("early", NOW - 20 * DAY_MS, *HOME)], [Verdict.UNASSIGNED])
    stranger = Fixes(NOW, "device-x", "nobody-known", [Fix("x", NOW - 20 * DAY_MS, *HOME)], [Verdict.UNASSIGNED])
    house.write([before, stranger])
    assert not look(house).due
    assert len(days(house, "him-1")) == 1
    assert days(house, "nobody-known") == []
    acts = [(act.what, act.reason.value) for _, act in SqlLines(house.register.engine).unwritten() if act.act == "erased"]
    assert acts == [("positions:unclaimed", "days on which no order was in force: 2")]


def test_the_ledger_is_to_forget_years_later_and_reviews_with_it(house):
    house.live(near=False)
    look(house)
    house.end("o1")
    house.forget("o1")
    until = house.turned()
    with opened(house.settings, NOW + 1) as keeper:
        keeper.erase(until)
    oversight = house.stores.oversight()
    oversight.put_review(
        Review(review_id="r", kind=next(iter(Unusual)), viewer="v", subject="him-1", opened_ms=NOW, due_ms=NOW, times=1, owner=None)
    )
    assert look(house, NOW + 2).subjects == ()
    assert look(house, NOW + LEDGER_MS).subjects == ("her-1", "him-1", "o1")
    assert oversight.review("r") is None
    oversight.close()


def test_an_erasure_that_would_leave_something_in_the_journal_is_not_finished(house):
    house.live(near=False)
    look(house)
    house.end("o1")
    with opened(house.settings, NOW + 1) as keeper, pytest.raises(KeeperError):
        keeper.erase(house.stores.reading().last())
    with opened(house.settings, NOW + 2) as keeper:
        assert keeper.look().due, "it is tried again"


def test_a_vault_that_is_newer_than_the_journal_is_said(house):
    house.live(near=False)
    look(house)
    vault = house.stores.vault()
    vault.take([], until=10_000)
    vault.close()
    with pytest.raises(KeeperError, match="put back from a copy"):
        look(house)
