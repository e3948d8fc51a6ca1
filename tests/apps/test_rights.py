"""Every route of the desk, tried by every role."""

from __future__ import annotations

import asyncio

import pytest

from jikimi.apps.desk import desk_app
from jikimi.apps.rights import NEEDS, OPEN, SEATED, SEATS
from jikimi.disclosure.copying import CopyError
from jikimi.identity.roles import RIGHTS, Role
from jikimi.incidents.status import NotAllowedError
from tests.apps.client import STAFF, Browser, World
from tests.apps.fake_watch import FakeStaff, NothingAsked

BODIES = {
    "/api/links": {"link": "x", "accept": True, "reason": "y"},
    "/api/tasks": {"task": "x", "outcome": "y"},
    "/api/incidents/{name:str}/task": {"where": "at_protected", "status": "sent"},
    "/api/incidents/{name:str}/note": {"text": "x"},
    "/api/incidents/{name:str}/resolve": {"outcome": "false_alarm", "reason": "x"},
    "/api/incidents/{name:str}/field": {"where": "protected"},
    "/api/incidents/{name:str}/field/end": {"link": "0" * 24},
    "/api/pairs/{name:str}/show": {"reason": "x"},
    "/api/copies": {"order_id": "x", "person_id": "y", "reason": "z", "from_ms": 1, "to_ms": 2},
    "/api/copies/read": {"copy": "x"},
    "/api/copies/whom": {"order": "x"},
    "/api/invitations": {"order": "x", "person": "y", "seen": "passport"},
    "/api/invitations/whom": {"order": "x"},
    "/api/invitations/declined": {"order": "x", "person": "y"},
    "/api/invitations/waive": {"order": "x", "person": "y", "why": "cannot"},
    "/api/invitations/clear-pin": {"order": "x", "person": "y", "seen": "passport"},
    "/api/incidents/{name:str}/message": {"to": "protected", "text": "x"},
    "/api/incidents/{name:str}/call": {"to": "protected"},
    "/api/incidents/{name:str}/finding": {"breach": True, "arrested": None, "harm": "none", "is_false": False},
    "/api/language": {"language": "en"},
    "/api/receipts": {"key": "0" * 24, "step": "shown"},
    "/api/duty": {"on": True},
    "/api/duty/offer": {"operator": "x"},
    "/api/duty/take": {"operator": "x"},
}


class EmptyRoom:
    """A room of incidents in which nothing is open."""

    number = 0
    failed = 0

    async def queue(self):
        return [], []

    async def dossier(self, incident_id):
        assert incident_id

    async def members(self, incident_id, skip, most):
        assert incident_id
        assert most > skip
        return []

    async def act(self, call):
        assert call
        raise NotAllowedError("There is no such incident.")


class EmptyDrills:
    """Plays nothing."""


class NoFindings:
    """No incident that anything could be found out about."""

    def finding(self, incident_id):
        assert incident_id

    def find(self, incident_id, finding):
        assert (finding.by, finding.breach) == ("operator", True)
        return False


class EmptyReceipts:
    """Takes every receipt."""

    async def take(self, body, subject, rights):
        assert rights


class EmptyField:
    """Officers' links where there are none."""

    async def about(self, incident_id):
        assert incident_id
        return []

    async def give(self, incident_id, where, officer, by, agency=None):
        raise NotAllowedError("Nobody is on the way there.")

    async def message(self, incident_id, spoken, by):
        raise NotAllowedError("There is no such incident.")

    async def call(self, incident_id, spoken, by):
        raise NotAllowedError("There is no such incident.")

    async def take_back(self, incident_id, link_id, by):
        raise NotAllowedError("The incident has no such link.")


class NoCopies:
    """No order that a copy could be made under."""

    async def make(self, asked, _officer):
        assert asked is not None
        raise CopyError("There is no such order.")

    async def copies(self):
        return []

    async def read(self, copy_id, _officer):
        assert copy_id
        raise CopyError("There is no such copy for you.")


class NoGuests:
    """Nobody was ever invited."""

    def checks(self, person_id):
        raise AssertionError(f"{person_id} was looked up in an empty register")

    def invite(self, check, code, until_ms):
        raise AssertionError(f"{check.person_id} was invited with {len(code)} letters until {until_ms}")


async def no_journal(pair_id, from_ms, until_ms):
    raise AssertionError(f"{pair_id} was opened in an empty room, from {from_ms} to {until_ms}")


def whole_desk(role=Role.SUPERVISOR):
    """Return a desk with every route it can have."""
    world = World()
    empty = {
        "response": EmptyRoom(),
        "field": EmptyField(),
        "speaking": EmptyField(),
        "copies": NoCopies(),
        "receipts": EmptyReceipts(),
        "drills": EmptyDrills(),
        "findings": NoFindings(),
        "speak": {}.__setitem__,
        "retell": no_journal,
        "second": NothingAsked(),
        "guests": NoGuests(),
        "her_locks": NoGuests(),
    }
    return desk_app(world.watch, world.register, world.office, FakeStaff(role), **empty)


async def try_all(role):
    """Return (route, answer) of every route, as one role asks."""
    browser = Browser(whole_desk(role), "desk", STAFF)
    found = []
    for method, path in sorted(NEEDS):
        found.append(((method, path), await browser.call(method, path.replace("{name:str}", "x"), BODIES.get(path))))
    return found


def test_the_table_knows_every_route_and_no_other():
    routes = whole_desk()._api.routes
    known = {(method, route.path) for route in routes for method in route.methods if method != "OPTIONS"}
    assert {(method, path) for method, path in known} == {*NEEDS, *OPEN, *SEATED}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_the_table_says_and_nothing_else(role):
    for route, answer in asyncio.run(try_all(role)):
        if SEATS.isdisjoint(RIGHTS[role]):
            assert (answer.status, answer.error) == (403, "no_seat"), route
        elif NEEDS[route] not in RIGHTS[role]:
            assert (answer.status, answer.error) == (403, "no_right"), route
        else:
            assert answer.status in {200, 201, 204, 400, 404, 409}, route


@pytest.mark.parametrize("role", [None, Role.COURT, Role.AUDITOR, Role.ADMINISTRATOR])
def test_without_a_seat_there_is_no_stream_and_no_map(role):
    async def ask():
        world = World()
        world.accounts.role = role
        stream = world.staff.listen()
        await asyncio.wait_for(stream.task, 5)
        return stream.status, (await world.staff.get("/tiles/base.pmtiles")).status

    assert asyncio.run(ask())[0] == 401


def test_a_wall_has_a_seat_and_neither_stream_nor_map():
    async def ask():
        world = World()
        world.accounts.role = Role.WALL
        stream = world.staff.listen()
        await asyncio.wait_for(stream.task, 5)
        me = await world.staff.get("/api/me")
        return stream.status, (await world.staff.get("/tiles/base.pmtiles")).status, me.json["rights"]

    assert asyncio.run(ask()) == (403, 404, ["see_wall"])


def test_a_good_code_of_a_role_without_a_seat_is_told_so_and_leaves_no_session():
    async def ask():
        world = World()
        world.accounts.role = Role.AUDITOR
        world.register.codes["code"] = ("desk", "aud")
        answer = await Browser(world.desk, "desk").post("/api/pair", {"code": "code"})
        return answer.status, answer.error, "set-cookie" in answer.headers, len(world.register.sessions)

    assert asyncio.run(ask()) == (403, "no_seat", False, 2)


def test_a_role_that_ends_closes_open_streams_at_once():
    async def ends():
        world = World()
        stream = world.staff.listen()
        await asyncio.sleep(0.05)
        assert stream.status == 200
        world.desk.recheck()
        await asyncio.sleep(0.05)
        assert not stream.task.done(), "who may stay, stays"
        world.accounts.role = Role.COURT
        world.desk.recheck()
        await asyncio.wait_for(stream.task, 1)
        return stream.bytes

    assert b"no_seat" in asyncio.run(ends())
