"""The outcome register beside the orders it counts, and after their erasure."""

from __future__ import annotations

import msgspec
import pytest
import sqlalchemy as sa

from jikimi.model.register import Consent
from jikimi.outcomes.row import Finding, HarmDone, IncidentRow, OrderRow
from jikimi.policy.load import presets
from jikimi.storage import personal
from jikimi.storage.outcomes import SqlOutcomes
from jikimi.storage.retention import SqlRetention
from jikimi.storage.schema import dossiers, outcome_groups, outcome_rows
from tests.household import Household

DAY_MS = 86_400_000


@pytest.fixture
def house(tmp_path):
    made = Household(tmp_path / "data", 20_600 * DAY_MS, orders=2)
    made.live(fixes=1, near=False)
    yield made
    made.close()


def book(house: Household) -> SqlOutcomes:
    return SqlOutcomes(house.register.engine, presets())


def bare(rows):
    return sorted(msgspec.msgpack.encode(msgspec.structs.replace(row, group="")) for row in rows)


def test_an_erasure_changes_no_figure_and_leaves_no_name(house):
    """Given findings on two orders, when one is erased, then every row is as it was, and nothing tells whose rows they are."""
    outcomes = book(house)
    assert outcomes.find("incident-o1", Finding(breach=True, harm=HarmDone.NONE, by="operator", at_ms=1))
    before = outcomes.rows()
    assert {type(row) for row in before} == {IncidentRow, OrderRow}
    retention = SqlRetention(house.register.engine, presets())
    retention.erase_incidents(["incident-o1"])
    assert bare(outcomes.rows()) == bare(before)
    retention.erase_order("o1", ("him-1", "her-1"), {})
    assert bare(outcomes.rows()) == bare(before)
    with house.register.engine.connect() as connection:
        assert connection.execute(sa.select(outcome_groups)).all() == []
        kept = connection.execute(sa.select(outcome_rows.c.body)).scalars().all()
    for name in (b"o1", b"him-1", b"her-1", b"operator", b"incident-"):
        assert not any(name in body for body in kept)
    words = {row.group for row in outcomes.rows()}
    assert len(words) == 2
    assert "o1" not in words
    assert "o2" in words


def test_an_erasure_that_is_cut_short_counts_nothing_twice(house, monkeypatch):
    """Given an erasure killed between counting and deleting, when it is done again, then each incident is counted once."""
    outcomes = book(house)
    before = outcomes.rows()
    retention = SqlRetention(house.register.engine, presets())

    def killed(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(personal, "erase_incidents", killed)
        with pytest.raises(KeyboardInterrupt):
            retention.erase_incidents(["incident-o1"])
    assert bare(outcomes.rows()) == bare(before)
    retention.erase_incidents(["incident-o1"])
    retention.erase_incidents(["incident-o1"])
    assert bare(outcomes.rows()) == bare(before)


def test_findings_are_of_incidents_that_are_there_and_the_newest_holds(house):
    outcomes = book(house)
    assert not outcomes.find("incident-nobody", Finding(by="operator", at_ms=1))
    for harm in (HarmDone.NONE, HarmDone.HURT):
        assert outcomes.find("incident-o1", Finding(harm=harm, by="operator", at_ms=1))
    found = outcomes.finding("incident-o1")
    assert found is not None
    assert found.harm is HarmDone.HURT
    assert outcomes.finding("incident-o2") is None


def test_why_she_left_is_entered_of_who_left_only(house):
    outcomes = book(house)
    assert not outcomes.dropped("o1", "her-1", "burden"), "nobody asked her yet"
    with house.register.engine.connect() as connection, connection.begin():
        from jikimi.orders.dossier import Dossier

        body = connection.execute(sa.select(dossiers.c.body).where(dossiers.c.order_id == "o1")).scalar_one()
        one = msgspec.msgpack.decode(body, type=Dossier)
        her = msgspec.structs.replace(one.order.protected[0], consent=Consent(given=False))
        left = msgspec.structs.replace(one, order=msgspec.structs.replace(one.order, protected=(her,)))
        connection.execute(sa.update(dossiers).where(dossiers.c.order_id == "o1").values(body=msgspec.msgpack.encode(left)))
    assert outcomes.dropped("o1", "her-1", "burden")
    (row,) = [row for row in outcomes.rows() if isinstance(row, OrderRow) and row.group == "o1"]
    assert (row.took_part, row.dropped_why) == (False, "burden")
    assert not outcomes.dropped("nowhere", "her-1", "burden")


def test_a_release_is_kept_as_it_was_made_first(house):
    outcomes = book(house)
    assert outcomes.release("kr-2027") is None
    assert outcomes.publish("kr-2027", 1, b"first") == b"first"
    assert outcomes.publish("kr-2027", 2, b"second") == b"first"
    assert outcomes.release("kr-2027") == b"first"
