"""What was found out, entered at the desk and read again."""

from __future__ import annotations

import asyncio

from jikimi.apps.desk import desk_app
from jikimi.identity.roles import Role
from jikimi.outcomes.row import HarmDone
from tests.apps.client import STAFF, Browser, World
from tests.apps.fake_watch import FakeStaff
from tests.apps.test_rights import EmptyRoom


class Book:
    """Keeps findings of one incident."""

    def __init__(self):
        self.kept = {}

    def finding(self, incident_id):
        return self.kept.get(incident_id)

    def find(self, incident_id, finding):
        if incident_id != "known":
            return False
        self.kept[incident_id] = finding
        return True


def test_a_finding_is_read_as_it_was_entered_without_who_entered_it():
    world, book = World(), Book()
    desk = Browser(
        desk_app(world.watch, world.register, world.office, FakeStaff(Role.OPERATOR), response=EmptyRoom(), findings=book), "desk", STAFF
    )
    path = "/api/incidents/known/finding"

    async def story():
        empty = await desk.call("GET", path)
        assert empty.json == {"breach": None, "arrested": None, "harm": None, "is_false": None}
        said = {"breach": True, "arrested": False, "harm": "hurt", "is_false": None}
        assert (await desk.call("POST", path, said)).status == 204
        assert (await desk.call("GET", path)).json == said
        assert (await desk.call("POST", "/api/incidents/other/finding", said)).status == 404
        assert (await desk.call("POST", path, {"harm": "nonsense"})).status == 400

    asyncio.run(story())
    kept = book.kept["known"]
    assert (kept.by, kept.harm) == ("operator", HarmDone.HURT)
