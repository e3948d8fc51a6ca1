"""Whom to go to first is policy: her, him, or both at once by one request; and each notice names the one whose place it takes."""

import msgspec
import pytest

from jikimi.incidents.room import Room
from jikimi.model.responders import FirstContact
from jikimi.policy.responders import tables
from jikimi.storage.incidents import SqlIncidents
from tests.incidents.helpers import approach, engine, party


def a_room(first):
    books = SqlIncidents(engine())
    table = tables()["kr"]
    changed = msgspec.structs.replace(table, contact=msgspec.structs.replace(table.contact, first=first))
    return Room(books, {"kr": changed}), books


def requests(books, after=0):
    return [(one.recipient_id, one.text_key) for _, one in books.notices_after(after) if one.text_key.startswith("task.")]


@pytest.mark.parametrize(
    ("first", "asked"),
    [
        (FirstContact.HER_FIRST, ["task.responder.at_protected", "task.responder.at_monitored"]),
        (FirstContact.HIM_FIRST, ["task.responder.at_monitored", "task.responder.at_protected"]),
        (FirstContact.TOGETHER, ["task.responder.at_both"]),
    ],
)
def test_the_order_of_first_contact_is_the_policys(first, asked):
    room, books = a_room(first)
    incident = room.signal(approach(1, 0), 0)
    assert [key for _, key in requests(books)] == asked
    assert len(incident.tasks) == 2, "each side has a task of its own"
    number = books.notices_after(0)[-1][0]
    room.advance(30_000)
    assert [key for _, key in requests(books, number)] == asked, "made again in the same way"


def test_two_agencies_that_go_together_are_asked_at_once_each_for_its_own():
    room, books = a_room(FirstContact.TOGETHER)
    room.signal(approach(1, 0, whom=party(basis="kr-urgent", tag="kr-attachment")), 0)
    assert sorted(requests(books)) == [("police", "task.responder.at_protected"), ("tag_authority", "task.responder.at_monitored")]
    assert len({one.created_ms for _, one in books.notices_after(0) if one.text_key.startswith("task.")}) == 1


def test_each_notice_names_the_one_whose_place_it_takes():
    room, books = a_room(FirstContact.HER_FIRST)
    room.signal(approach(1, 0), 0)
    room.advance(30_000)
    room.advance(60_000)
    asked = [one for _, one in books.notices_after(0) if one.text_key == "task.responder.at_protected"]
    assert [one.replaces for one in asked] == [None, *(one.notice_id for one in asked[:-1])]
    others = [one for _, one in books.notices_after(0) if one.replaces is not None]
    known = {one.notice_id: one for _, one in books.notices_after(0)}
    for one in others:
        before = known[one.replaces]
        assert (before.recipient_id, before.text_key) == (one.recipient_id, one.text_key), "no other text is taken back"
