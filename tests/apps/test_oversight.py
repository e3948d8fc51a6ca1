"""Every route of the oversight app, tried by every role; nothing of it knows a position."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

import jikimi.apps.overseeing
import jikimi.apps.oversight
from jikimi.apps.overseeing import Head, Lookups, RetentionState
from jikimi.apps.oversight import NEEDS, oversight_app
from jikimi.apps.rights import OPEN
from jikimi.disclosure.copying import CopyError
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.disclosure.review import ReviewError
from jikimi.identity.roles import RIGHTS, Right, Role
from tests.apps.client import FAR_MS, Browser
from tests.apps.fake_watch import FakeRegister, FakeSession, FakeStaff, FakeWatch, NothingAsked
from tests.apps.jump_loop import run

TOKEN = "auditor-token-0123456789abcdef"
BODIES = {
    "/api/second": {"deed": "export_history", "target": "x", "reason": "r"},
    **{f"/api/second/{step}": {"number": 1, "reason": "r"} for step in ("adopt", "confirm", "refuse", "withdraw")},
    "/api/lookups": {"person": "m"},
    "/api/reviews/take": {"review": "x"},
    "/api/reviews/decide": {"review": "x", "outcome": "justified", "reason": "y"},
    "/api/copies/permit": {"copy": "x", "court": "c", "number": "n", "decided_ms": 1, "until_ms": 2, "document": "0" * 64},
    "/api/proof": {"entry": 3},
    "/api/consistency": {"old": 3},
}


class FakeOverseen:
    """Nothing was looked at, and the ledger may be out of order."""

    broken = False

    async def lookups(self, question, by):
        assert (question.person, by) == ("m", "auditor")
        if self.broken:
            raise LedgerUnavailableError("no")
        return Lookups(rows=[], before=None)

    async def report(self, month, by):
        raise ValueError(month, by)

    async def head(self):
        return Head(size=4, root="00", note="n", key="k")

    async def proof(self, entry, by):
        return f"proof of {entry} for {by}"

    async def consistency(self, old, by):
        raise LookupError(f"No checkpoint holds {old} entries, {by}.")

    async def retention(self):
        return RetentionState(keeps=[], holds=[], erasures=[], overdue=0)

    async def reviews(self):
        return []

    async def take(self, review_id, by):
        raise ReviewError(f"There is no such review: {review_id}, {by}.")

    async def decide(self, review_id, by, outcome, reason):
        assert (review_id, by, outcome, reason) == ("x", "auditor", "justified", "y")

    async def copies(self):
        return []

    async def permit(self, copy_id, decision, by):
        raise CopyError(f"There is no such copy: {copy_id}, {decision.court}, {by}.")

    def number(self):
        return 7


def app(role, overseen=None):
    watch, register = FakeWatch(), FakeRegister()
    register.sessions[TOKEN] = FakeSession("oversight", "auditor", FAR_MS)
    return oversight_app(watch, register, overseen or FakeOverseen(), FakeStaff(role), second=NothingAsked())


async def try_all(role):
    browser = Browser(app(role), "oversight", TOKEN)
    for method, path in sorted(NEEDS):
        yield (method, path), await browser.call(method, path.replace("{month:str}", "x"), BODIES.get(path))


def test_the_table_knows_every_route_and_no_other():
    routes = app(Role.AUDITOR)._api.routes
    assert {(method, route.path) for route in routes for method in route.methods if method != "OPTIONS"} == {*NEEDS, *OPEN}


@pytest.mark.parametrize("role", [*Role, None])
def test_each_role_may_do_what_the_table_says_and_nothing_else(role):
    async def story():
        rights = frozenset() if role is None else RIGHTS[role]
        async for route, answer in try_all(role):
            if Right.SEE_OVERSIGHT not in rights:
                assert (answer.status, answer.error) == (403, "no_seat"), route
            elif NEEDS[route] not in rights:
                assert (answer.status, answer.error) == (403, "no_right"), route
            else:
                assert answer.status in {200, 204, 404, 409}, (route, answer.status)

    run(story())


def test_refusals_are_sentences_and_a_ledger_that_cannot_be_written_shows_nothing():
    async def story():
        overseen = FakeOverseen()
        officer = Browser(app(Role.DATA_PROTECTION, overseen), "oversight", TOKEN)
        assert (await officer.post("/api/reviews/take", {"review": "x"})).json["message"].startswith("There is no such review")
        assert (await officer.post("/api/copies/permit", BODIES["/api/copies/permit"])).status == 409
        assert (await officer.post("/api/consistency", {"old": 9})).status == 404
        assert (await officer.get("/api/report/11-2026")).status == 404
        for bad in ({"outcome": "fine"}, {"reason": "  "}):
            assert (await officer.post("/api/reviews/decide", BODIES["/api/reviews/decide"] | bad)).error == "unreadable"
        proof = await officer.post("/api/proof", {"entry": 3})
        assert (proof.body, proof.headers["content-disposition"]) == (b"proof of 3 for auditor", 'attachment; filename="3.tlog-proof"')
        overseen.broken = True
        assert (await officer.post("/api/lookups", {"person": "m"})).error == "not_stored"

    run(story())


def test_a_session_of_another_app_is_none_here_and_its_stream_tells_only_a_number():
    async def story():
        desk = Browser(app(Role.AUDITOR), "desk", TOKEN)
        assert (await desk.get("/api/me")).error == "session_needed"
        line = Browser(app(Role.AUDITOR), "oversight", TOKEN).listen()
        await asyncio.sleep(3)
        assert line.of("changed")[-1] == {"number": 7}
        await line.leave()

    run(story())


def test_it_knows_no_word_for_a_position():
    """Neither the app nor what it is told of names a coordinate, a pair's view or the map."""
    for module in (jikimi.apps.oversight, jikimi.apps.overseeing):
        text = Path(module.__file__).read_text(encoding="utf-8")
        assert not re.search(r"latitude|longitude|\.view\(|\.trail\(|map_of|frames|basemap|PmtilesApp", text)
