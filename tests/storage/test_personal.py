"""No table of the register may be forgotten by an erasure."""

import msgspec
import sqlalchemy as sa

from jikimi.storage import personal
from jikimi.storage.retention import SqlRetention
from jikimi.storage.schema import (
    account_acts,
    accounts,
    changes,
    cursors,
    docket_entries,
    dockets,
    duties,
    erasures,
    holds,
    incident_signals,
    ledger_dues,
    ledger_lines,
    metadata,
    outcome_releases,
    outcome_rows,
    second_requests,
    sso_subjects,
)
from tests.household import Household

OF_NOBODY = {account_acts, accounts, changes, cursors, duties, outcome_releases, outcome_rows, sso_subjects}
"""About staff, or about nothing."""
NAMES_ALONE = {erasures, holds, incident_signals, ledger_dues, ledger_lines}
"""They hold at most the name of an order or a person, which tells nothing once all else is gone."""
OF_COURTS = {docket_entries, dockets}
"""A court's own file, sealed to its key: it ends by the court's rules, and nothing here opens it."""


def test_every_table_is_erased_from_or_said_to_hold_nothing_of_the_persons():
    erased = {*personal.OF_ORDERS, *personal.OF_PERSONS, *personal.OF_SUBJECTS, *personal.OF_INCIDENTS, *personal.BY_CONTENT}
    assert {table.name for table in metadata.sorted_tables} == {table.name for table in erased | OF_NOBODY | NAMES_ALONE | OF_COURTS}


def test_a_part_of_an_order_is_known_as_such():
    assert [personal.court_order(name, {"a", "b.2"}) for name in ("a", "a.2", "a~3", "a.2~3", "b.2", "b.2~2")] == [
        "a",
        "a",
        "a",
        "a",
        "b.2",
        "b.2",
    ]


def test_an_incident_goes_with_its_history_and_notices_and_leaves_another_ones(tmp_path):
    house = Household(tmp_path / "data", 20_600 * 86_400_000, orders=2)
    house.live(fixes=1, near=False)
    before = house.rows()
    assert SqlRetention(house.register.engine).erase_incidents(["incident-o1"]) == 1
    after = house.rows()
    gone = {name: before[name] - after[name] for name in before if before[name] != after[name]}
    assert gone == {"incidents": 1, "incident_entries": 1, "notices": 1, "outcome_groups": -1, "outcome_rows": -1}
    house.close()


def test_what_was_asked_of_a_second_person_goes_with_its_order_or_person(tmp_path):
    house = Household(tmp_path / "data", 20_600 * 86_400_000, orders=2)
    asked = [
        {"target": "o1", "order_id": None, "reason": "words"},
        {"target": "device-him-2", "order_id": "o1.2", "reason": "words"},
        {"target": "her-1", "order_id": None, "reason": "words"},
        {"target": "o2", "order_id": "o2", "reason": "words"},
    ]
    with house.register.engine.connect() as connection, connection.begin():
        for one in asked:
            connection.execute(sa.insert(second_requests).values(state="done", until_ms=1, body=msgspec.msgpack.encode(one)))
    SqlRetention(house.register.engine).erase_order("o1", ("him-1", "her-1"), {})
    with house.register.engine.connect() as connection:
        left = [msgspec.msgpack.decode(body)["target"] for body in connection.execute(sa.select(second_requests.c.body)).scalars()]
    assert left == ["o2"]
    house.close()
