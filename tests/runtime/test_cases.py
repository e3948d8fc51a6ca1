"""Past cases of others are run again after an erasure, byte by byte, and hold nothing of whom was erased."""

from __future__ import annotations

import pytest

from jikimi.disclosure.retention.due import DAY_MS
from jikimi.policy.load import presets
from jikimi.policy.resolve import track_rules
from jikimi.runtime import cases, recovery
from jikimi.runtime.keeper import opened
from jikimi.storage.cases import Cases, Head
from jikimi.storage.seal import Sealer
from tests import scan
from tests.household import HOME, Household

NOW = 20_600 * DAY_MS + 40_000_000
RULES = track_rules(presets()["kr"])
FIXES = 8


@pytest.fixture
def house(tmp_path):
    made = Household(tmp_path / "data", NOW, orders=3)
    made.live(fixes=FIXES)
    yield made
    made.close()


def erase(house, order_id, now):
    with opened(house.settings, now) as keeper:
        keeper.look()
    house.end(order_id)
    house.forget(order_id)
    until = house.turned()
    with opened(house.settings, now + 1) as keeper:
        keeper.erase(until)


def test_after_an_erasure_past_cases_of_others_give_the_same_bytes(house):
    before = {pair: recovery.replay(house.stores.reading(), RULES, pair) for order in ("o2", "o3") for pair in pairs(house, order)}
    assert all(found.transitions for found in before.values())
    erase(house, "o1", NOW)
    journal = house.stores.reading()
    assert pairs(house, "o1") == []
    assert {pair: recovery.replay(journal, RULES, pair) for pair in before} == before
    whole = recovery.replay(journal, RULES)
    assert (whole.fixes, whole.difference) == (4 * FIXES, None)
    assert not scan.found(scan.opened(house.settings, bytes(32), ("him-1", "her-1")), {b"him-1", b"her-1"}) - {"register"}


def pairs(house, order_id):
    return recovery.pairs_of_case(house.stores.reading(), order_id)


def test_a_second_erasure_takes_its_own_from_them_too(house):
    erase(house, "o1", NOW)
    house.now_ms += 60_000
    erase(house, "o2", NOW + 60_000)
    whole = recovery.replay(house.stores.reading(), RULES)
    assert (whole.fixes, whole.difference) == (2 * FIXES, None)
    assert pairs(house, "o2") == []
    assert len(list((house.stores.folder / "journal").glob("cases-*.key"))) == 1


def test_past_cases_go_a_week_after_the_erasure(house):
    erase(house, "o1", NOW)
    with opened(house.settings, NOW + 8 * DAY_MS) as keeper:
        keeper.look()
    assert house.stores.reading().cases.load() is None


def test_where_another_order_needs_somebody_past_cases_are_done_without(house):
    with opened(house.settings, NOW) as keeper:
        claims = {claim.order_id: claim for claim in keeper.retention.claims()}
        assert keeper._gone(claims) == frozenset()
    house.end("o1")
    with opened(house.settings, NOW + 1) as keeper:
        claims = {claim.order_id: claim for claim in keeper.retention.claims()}
        assert keeper._gone(claims) == {"him-1", "her-1"}
        both = {**claims, "o2": type(claims["o2"])(**{**fields(claims["o2"]), "persons": frozenset({"him-1"})})}
        assert keeper._gone(both) is None


def fields(claim):
    return {name: getattr(claim, name) for name in claim.__struct_fields__}


def test_where_there_is_too_much_past_cases_are_done_without_and_it_is_erased_all_the_same(house, monkeypatch):
    monkeypatch.setattr(cases, "MOST", 3)
    erase(house, "o1", NOW)
    journal = house.stores.reading()
    assert journal.cases.load() is None
    assert list((house.stores.folder / "journal").glob("cases-*")) == []
    assert recovery.replay(journal, RULES).difference is None


def test_a_file_that_was_killed_half_way_is_none_and_the_one_before_is_gone_with_its_key(tmp_path):
    kept = Cases(tmp_path, Sealer(bytes(32)))
    kept.replace(Head(1, b"state", 9, 5), [(2, b"two"), (9, b"nine")])

    def broken():
        yield 10, b"ten"
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        kept.replace(Head(9, b"later", 12, 6), broken())
    assert kept.load() is None
    assert list(tmp_path.glob("cases-*")) == []
    kept.replace(Head(1, b"state", 9, 5), ((n, b"%d" % n) for n in range(2, 1500)))
    case = kept.load()
    assert case is not None
    assert (case.head.state, len(list(case.records))) == (b"state", 1498)
    assert Cases(tmp_path, Sealer(b"1" * 32)).load() is None
    assert not scan.found(scan.raw(tmp_path), {b"state", str(HOME[0]).encode()})
