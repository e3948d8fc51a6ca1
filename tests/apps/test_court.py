"""Every route of the court's app, tried by every role; nothing of it knows a position."""

from __future__ import annotations

import asyncio

import pytest

from jikimi.apps.court import NEEDS, court_app
from jikimi.apps.rights import OPEN
from jikimi.identity.roles import RIGHTS, Right, Role
from tests.apps.client import FAR_MS, Browser
from tests.apps.fake_watch import FakeRegister, FakeSession, FakeStaff, FakeWatch
from tests.apps.jump_loop import run

TOKEN = "judge-token-0123456789abcdef"


class FakeCourtStaff(FakeStaff):
    """Everybody belongs to one court."""

    async def courts(self, subject):
        assert subject
        return ("seoul-central",)


def app(role):
    watch, register = FakeWatch(), FakeRegister()
    register.sessions[TOKEN] = FakeSession("court", "judge", FAR_MS)
    named = {"seoul-central": {"ko": "서울중앙지방법원"}}
    return court_app(watch, register, FakeCourtStaff(role), named=named, number=lambda: 7)


def test_the_table_knows_every_route_and_no_other():
    routes = app(Role.COURT)._api.routes
    assert {(method, route.path) for route in routes for method in route.methods if method != "OPTIONS"} == {*NEEDS, *OPEN}


@pytest.mark.parametrize("role", [*Role, None])
def test_each_role_may_do_what_the_table_says_and_nothing_else(role):
    async def story():
        rights = frozenset() if role is None else RIGHTS[role]
        browser = Browser(app(role), "court", TOKEN)
        for method, path in sorted(NEEDS):
            answer = await browser.call(method, path, None)
            if Right.SEE_COURT not in rights:
                assert (answer.status, answer.error) == (403, "no_seat"), path
            else:
                assert answer.status == 200, path

    run(story())


def test_who_is_signed_in_and_what_the_page_may_offer():
    async def story():
        for role, keeps, decides in ((Role.COURT, True, True), (Role.COURT_CLERK, True, False)):
            me = (await Browser(app(role), "court", TOKEN).get("/api/me")).json
            assert me["courts"] == [{"court": "seoul-central", "name": {"ko": "서울중앙지방법원"}}]
            assert (me["name"], me["keeps"], me["decides"]) == ("judge", keeps, decides)

    run(story())


def test_a_session_of_another_app_is_none_here_and_its_stream_tells_only_a_number():
    async def story():
        desk = Browser(app(Role.COURT), "desk", TOKEN)
        assert (await desk.get("/api/me")).error == "session_needed"
        line = Browser(app(Role.COURT), "court", TOKEN).listen()
        await asyncio.sleep(3)
        assert line.of("changed")[-1] == {"number": 7}
        await line.leave()

    run(story())
