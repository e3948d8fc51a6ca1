"""Every route of the court's app, tried by every role; nothing of it knows a position."""

from __future__ import annotations

import asyncio

import pytest

from jikimi.apps.court import NEEDS, court_app
from jikimi.apps.docket import OrderLine
from jikimi.apps.rights import OPEN
from jikimi.identity.roles import RIGHTS, Right, Role
from jikimi.identity.second import Present
from tests.apps.client import FAR_MS, Browser
from tests.apps.fake_docket import COURT, EXHIBIT, docket
from tests.apps.fake_watch import FakeRegister, FakeSession, FakeStaff, FakeWatch
from tests.apps.jump_loop import run

TOKEN = "judge-token-0123456789abcdef"
CASE = {"court": COURT, "number": "2027-0012"}
REFUSAL = {"act": "refuse", "title": "기각", "text": "청구를 기각한다. 이유: {reasons}", "reasons": "소명이 부족하다."}
BODIES = {
    "/api/case": CASE,
    "/api/exhibit": {**CASE, "name": "photo-1.png"},
    "/api/practice": {"court": COURT, "form_id": "kr-stalking-protection"},
    "/api/act": {**CASE, "act": "hear", "at_ms": 1_800_000_000_000},
    "/api/draft": {**CASE, "act": "grant"},
    "/api/preview": {**CASE, "decision": REFUSAL},
    "/api/decide": {**CASE, "decision": REFUSAL},
    "/api/change": {
        "court": COURT,
        "number": "2027-0009",
        "change": {"order_id": "order-x", "what": "revoke", "reason": "the court of appeal"},
    },
    "/api/second": {"court": COURT, "number": "2027-0009", "request": 4, "step": "refuse", "reason": "not so"},
}


class FakeCourtStaff(FakeStaff):
    """Everybody belongs to one court."""

    async def courts(self, subject):
        assert subject
        return (COURT,)


class World:
    def __init__(self, role=Role.COURT):
        watch, register = FakeWatch(), FakeRegister()
        register.sessions[TOKEN] = FakeSession("court", "judge", FAR_MS)
        self.docket = docket(lambda: 1_800_000_000_000)
        order = OrderLine(order_id="order-x", status="in_force", runs=True, tagged=False, measures=(), extension_ms=None)
        self.docket.orders["2027-0009"] = [order]
        self.docket._propose("2027-0009", "withdraw", Present("clerk", "court", None), None)
        self.docket.done.clear()
        named = {COURT: {"ko": "서울중앙지방법원"}}
        self.app = court_app(watch, register, FakeCourtStaff(role), docket=self.docket, named=named)
        self.judge = Browser(self.app, "court", TOKEN)


def test_the_table_knows_every_route_and_no_other():
    routes = World().app._api.routes
    assert {(method, route.path) for route in routes for method in route.methods if method != "OPTIONS"} == {*NEEDS, *OPEN}


@pytest.mark.parametrize("role", [*Role, None])
def test_each_role_may_do_what_the_table_says_and_nothing_else(role):
    async def story():
        rights = frozenset() if role is None else RIGHTS[role]
        for method, path in sorted(NEEDS):
            world = World(role)
            answer = await world.judge.call(method, path, BODIES.get(path))
            if Right.SEE_COURT not in rights:
                assert (answer.status, answer.error) == (403, "no_seat"), path
            elif NEEDS[method, path] not in rights:
                assert (answer.status, answer.error) == (403, "no_right"), path
                assert world.docket.done == []
            else:
                assert answer.status == 200, (path, answer.body)

    run(story())


def test_who_is_signed_in_and_what_the_page_may_offer():
    async def story():
        for role, keeps, decides in ((Role.COURT, True, True), (Role.COURT_CLERK, True, False)):
            me = (await World(role).judge.get("/api/me")).json
            assert me["courts"] == [{"court": COURT, "name": {"ko": "서울중앙지방법원"}}]
            assert (me["name"], me["keeps"], me["decides"]) == ("judge", keeps, decides)

    run(story())


@pytest.mark.parametrize("path", sorted(BODIES))
def test_an_account_reaches_no_case_of_another_court_and_is_not_told_whether_there_is_one(path):
    async def story():
        world = World()
        answer = await world.judge.post(path, {**BODIES[path], "court": "jeju"})
        assert (answer.status, answer.error) == (403, "no_court")
        assert world.docket.done == []

    run(story())


@pytest.mark.parametrize("act", ["refuse_interim", "affirm", "reverse", "grant", "grant_interim", "receive", "file"])
def test_a_clerk_records_what_happened_and_nothing_that_a_judge_decides(act):
    async def story():
        clerk = World(Role.COURT_CLERK)
        answer = await clerk.judge.post("/api/act", {**CASE, "act": act})
        assert (answer.status, answer.error) == (403, "no_right")
        for given in ("hear", "return"):
            assert (await World(Role.COURT_CLERK).judge.post("/api/act", {**CASE, "act": given})).status == 200

    run(story())


def test_a_judge_decides_only_by_the_way_that_shows_first_what_it_does():
    async def story():
        world = World()
        for act in ("grant", "grant_in_part", "grant_interim", "refuse", "receive"):
            assert (await world.judge.post("/api/act", {**CASE, "act": act})).error == "no_right"
        assert (await world.judge.post("/api/draft", {**CASE, "act": "hear"})).error == "unreadable"
        assert (await world.judge.post("/api/act", {**CASE, "act": "refuse_interim", "detail": " why "})).status == 200
        assert world.docket.done[-1] == ("refuse_interim", "2027-0012", "judge", None, "why")

    run(story())


def test_refusals_are_sentences_and_a_ledger_that_cannot_be_written_opens_nothing():
    async def story():
        world = World()
        bare = {**CASE, "decision": {**REFUSAL, "reasons": " "}}
        answer = await world.judge.post("/api/preview", bare)
        assert (answer.status, answer.json["message"]) == (409, "A refusal needs its reasons.")
        assert (await world.judge.post("/api/case", {"court": COURT, "number": "1"})).error == "not_found"
        assert (await world.judge.post("/api/exhibit", {**CASE, "name": "../key"})).error == "not_found"
        for bad in ({"number": ""}, {"number": 3}, {"court": "c" * 201}):
            assert (await world.judge.post("/api/case", {**CASE, **bad})).error == "unreadable"
        world.docket.locked = "The key file of this court is not there."
        answer = await world.judge.post("/api/case", CASE)
        assert (answer.status, answer.error, answer.json["message"]) == (409, "key_missing", "The key file of this court is not there.")
        assert (await world.judge.get("/api/inbox")).json[0]["locked"] == "The key file of this court is not there."
        world.docket.broken = True
        for path in ("/api/case", "/api/exhibit", "/api/act"):
            assert (await world.judge.post(path, BODIES[path])).error == "not_stored"

    run(story())


def test_who_confirms_has_just_proved_to_be_it_and_no_other_step_is_taken():
    async def story():
        world = World()
        body = {**BODIES["/api/second"], "step": "confirm"}
        answer = await world.judge.post("/api/second", body)
        assert (answer.status, answer.error) == (403, "proof_needed"), "a session whose proof is not known counts for nobody"
        assert world.docket.done == []
        for step in ("adopt", "do", "expire"):
            assert (await world.judge.post("/api/second", {**body, "step": step})).error == "unreadable"
        answer = await world.judge.post("/api/second", {**body, "request": 9})
        assert (answer.status, answer.json["message"]) == (409, "This does not wait for anybody any more.")

    run(story())


def test_an_exhibit_is_a_file_and_never_a_page_of_ours():
    async def story():
        world = World()
        answer = await world.judge.post("/api/exhibit", BODIES["/api/exhibit"])
        assert (answer.body, answer.headers["content-type"], answer.headers["content-disposition"]) == (EXHIBIT, "image/png", "attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"

        async def strange(*_):
            return "text/html; charset=x\r\nset-cookie: a", b"<script>"

        world.docket.exhibit = strange
        answer = await world.judge.post("/api/exhibit", BODIES["/api/exhibit"])
        assert (answer.headers["content-type"], "set-cookie" in answer.headers) == ("application/octet-stream", False)

    run(story())


def test_a_session_of_another_app_is_none_here_and_its_stream_tells_only_a_number():
    async def story():
        world = World()
        desk = Browser(world.app, "desk", TOKEN)
        assert (await desk.get("/api/me")).error == "session_needed"
        line = Browser(world.app, "court", TOKEN).listen()
        await asyncio.sleep(3)
        assert line.of("changed")[-1] == {"number": world.docket.number()}
        await line.leave()

    run(story())
