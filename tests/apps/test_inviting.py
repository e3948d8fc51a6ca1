"""A code at the desk: for whom the order protects, once somebody made sure who she is, told once; and she may decline."""

from __future__ import annotations

import msgspec
import pytest

from jikimi.apps.desk import desk_app
from jikimi.disclosure.ledger.leaf import LeafError
from jikimi.identity.app_lock import Lock
from jikimi.identity.guests import Seen, Waiver
from jikimi.identity.roles import Role
from jikimi.model.register import Act, Consent
from jikimi.orders.tasks import Reason
from tests.apps.client import STAFF, Browser
from tests.apps.fake_watch import FakeStaff
from tests.apps.test_her_orders import enter, order_of, story, tasks
from tests.disclosure.cases import HER, ORDER

DAY_MS = 86_400_000
APP = {"has_pin": True, "bound": False, "waived": False}


class Guests:
    def __init__(self):
        self.given = []

    def checks(self, person_id):
        return [check for check, *_ in self.given if check.person_id == person_id]

    def invite(self, check, code, until_ms):
        if check.order_id == "unspeakable":
            raise LeafError("order looks as if it held a coordinate")
        self.given.append((check, code, until_ms))


class Locks:
    """What she proves herself by, as the office sees and changes it."""

    def __init__(self):
        self.lock = Lock(pin="kept")
        self.done = []

    def of(self, _person_id):
        return self.lock

    def reset(self, check):
        self.done.append(check)
        was_set = self.lock.pin is not None
        self.lock = msgspec.structs.replace(self.lock, pin=None)
        return was_set

    def waive(self, person_id, order_id, why, by, now_ms):
        assert now_ms
        self.done.append((person_id, order_id, why, by))
        self.lock = msgspec.structs.replace(self.lock, waived=why is not None)


def officer(world, role=Role.TAG_OFFICER, locks=None):
    guests = Guests()
    desk = desk_app(world.watch, world.register, world.office, FakeStaff(role), guests=guests, her_locks=locks or Locks())
    return Browser(desk, "desk", STAFF), guests


@story
async def test_a_code_is_told_once_and_the_check_of_her_identity_is_kept_with_who_made_it(world):
    enter(world)
    browser, guests = officer(world)
    (her,) = (await browser.post("/api/invitations/whom", {"order": ORDER.order_id})).json
    assert her == {"person": HER, "name": world.register.labels[HER], "takes_part": None, "checked_ms": None, "checked_by": None} | APP
    answer = await browser.post("/api/invitations", {"order": ORDER.order_id, "person": HER, "seen": "passport"})
    ((check, code, until_ms),) = guests.given
    assert (answer.status, answer.json) == (201, {"code": code, "until_ms": until_ms})
    assert (check.seen, check.by, check.at_ms) == (Seen.PASSPORT, "operator", until_ms - 7 * DAY_MS)
    (her,) = (await browser.post("/api/invitations/whom", {"order": ORDER.order_id})).json
    assert (her["checked_ms"], her["checked_by"]) == (check.at_ms, "operator")
    assert code not in str(her)


@story
async def test_a_forgotten_pin_is_cleared_at_the_desk_once_somebody_made_sure_who_she_is(world):
    enter(world)
    locks = Locks()
    browser, guests = officer(world, locks=locks)
    body = {"order": ORDER.order_id, "person": HER, "seen": "passport"}
    assert (await browser.post("/api/invitations/clear-pin", body | {"person": "person-m"})).error == "refused"
    assert (await browser.post("/api/invitations/clear-pin", body | {"seen": None})).error == "unreadable"
    assert (await browser.post("/api/invitations/clear-pin", body)).json == {"cleared": True}
    (check,) = locks.done
    assert (check.person_id, check.seen, check.by) == (HER, Seen.PASSPORT, "operator")
    assert (await browser.post("/api/invitations/clear-pin", body)).json == {"cleared": False}
    assert guests.given == [], "her phone stays signed in: no code was given"


@story
async def test_the_passkey_is_waived_at_the_invitation_or_later_with_a_reason(world):
    enter(world)
    locks = Locks()
    browser, _ = officer(world, locks=locks)
    invited = {"order": ORDER.order_id, "person": HER, "seen": "passport", "waiver": "old_phone"}
    assert (await browser.post("/api/invitations", invited)).status == 201
    path, asked = "/api/invitations/waive", {"order": ORDER.order_id, "person": HER, "why": None}
    assert (await browser.post(path, asked)).status == 204
    assert (await browser.post(path, asked | {"why": "she asked"})).error == "unreadable"
    assert (await browser.post(path, asked | {"person": "person-m", "why": "cannot"})).error == "refused"
    assert locks.done == [(HER, ORDER.order_id, Waiver.OLD_PHONE, "operator"), (HER, ORDER.order_id, None, "operator")]


@story
async def test_who_is_not_protected_and_what_is_no_check_gives_no_code(world):
    enter(world)
    browser, guests = officer(world)
    body = {"order": ORDER.order_id, "person": HER, "seen": "passport"}
    for wrong, error in (
        ({"person": "person-m"}, "refused"),
        ({"order": "nowhere"}, "order_unknown"),
        ({"seen": "a friend says so"}, "unreadable"),
        ({"seen": None}, "unreadable"),
    ):
        assert (await browser.post("/api/invitations", body | wrong)).error == error
    world.clerk.enter(msgspec.structs.replace(order_of(world, tagged=False), order_id="unspeakable"), now_ms=world.watch.now_ms(), by="x")
    assert (await browser.post("/api/invitations", body | {"order": "unspeakable"})).error == "refused"
    assert guests.given == []


@story
async def test_an_order_that_ended_invites_nobody(world):
    enter(world)
    now_ms = world.watch.now_ms()
    world.clerk.act(ORDER.order_id, Act.REVOKE, at_ms=now_ms, now_ms=now_ms, by="x", reason="r")
    browser, guests = officer(world)
    for path, body in (("/whom", {}), ("", {"person": HER, "seen": "passport"})):
        answer = await browser.post("/api/invitations" + path, {"order": ORDER.order_id} | body)
        assert (answer.status, answer.json["message"]) == (409, "This order has ended, so nobody is invited under it.")
    assert guests.given == []


@story
async def test_she_may_decline_at_invitation_and_a_task_goes_to_the_protecting_officer_within_60_s(world):
    enter(world)
    browser, guests = officer(world)
    assert (await browser.post("/api/invitations/declined", {"order": ORDER.order_id, "person": HER})).status == 204
    (task,) = tasks(world, Reason.DECLINED)
    assert (task.owner, task.person_id, task.made_ms) == ("officer-han", HER, world.watch.now_ms())
    assert task.due_ms - task.made_ms <= 60_000
    (protected,) = world.clerk.order(ORDER.order_id).protected
    assert protected.consent == Consent(given=False, at_ms=world.watch.now_ms(), terms="told the office")
    assert guests.given == []
    # She is followed no longer, and may come back: a code is given to her as to anybody.
    assert not protected.consent.given
    assert (await browser.post("/api/invitations", {"order": ORDER.order_id, "person": HER, "seen": "in_person"})).status == 201


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.POLICE])
def test_other_roles_give_no_code(role):
    @story
    async def refused(world):
        enter(world)
        browser, guests = officer(world, role)
        assert (await browser.post("/api/invitations", {"order": ORDER.order_id, "person": HER, "seen": "passport"})).status == 403
        assert guests.given == []

    refused()
