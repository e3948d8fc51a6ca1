"""The door of staff: a code makes a passkey once, a passkey signs in, five failures lock an account, an idle screen locks."""

from __future__ import annotations

import asyncio
import functools
import json

import pytest

from jikimi.apps.desk import desk_app
from jikimi.apps.signing import Entrance, can_have_passkeys
from jikimi.identity.account import DOOR, MOST_FAILURES, Act, Status
from jikimi.identity.passkeys import Kind, site_of
from jikimi.identity.roles import Role
from jikimi.orders.clerk import Clerk
from jikimi.policy.durations import tables
from jikimi.runtime.office import Office
from jikimi.storage.identity import SqlStaff
from jikimi.storage.lines import SqlLines
from jikimi.storage.register import SqlRegister
from jikimi.storage.signing import SqlSigning
from tests.apps.client import Browser
from tests.apps.fake_watch import FakeWatch
from tests.apps.jump_loop import run
from tests.disclosure.cases import NOW_MS, PAIR, transition, view
from tests.identity.authenticator import Authenticator
from tests.orders.fake_books import FakeBooks

ORIGIN = "https://desk.test"
CODE, OTHER = "7KQ2M-9XWPA", "8KQ2M-9XWPA"
DAY_MS = 86_400_000
IDLE_S = 600.0


def jumping(story):
    """Run a story on time that jumps."""

    @functools.wraps(story)
    def told(tmp_path):
        run(story(tmp_path))

    return told


class Desk:
    """A desk over a real register, on simulated time; everybody's rights are those of the register."""

    def __init__(self, folder, *, codes=False, lock_after_s=IDLE_S, sso=None):
        self.register = SqlRegister(folder / "register.db", bytes(32))
        self.staff = SqlStaff(self.register.engine)
        self.staff.add("chief", Role.ADMINISTRATOR, "chief", None, now_ms=1, until_ms=2)
        self.watch = FakeWatch()
        self.watch.views[PAIR.pair_id] = view(420.0)
        office = Office(Clerk(FakeBooks(), tables(), bytes(32)), self.watch.now_ms, lambda: None)
        entrance = Entrance(
            signing=SqlSigning(self.register.engine),
            site=site_of(ORIGIN, "Desk"),
            are_codes_enough=codes,
            lock_after_s=lock_after_s,
            sso=sso,
        )
        self.app = desk_app(self.watch, self.register, office, Rights(self.staff), entrance=entrance)

    def add(self, name, code, role=Role.OPERATOR):
        self.staff.add(name, role, "chief", code, now_ms=NOW_MS, until_ms=NOW_MS + DAY_MS)

    def code(self, name, code):
        self.staff.give_code(name, "chief", code, now_ms=NOW_MS, until_ms=NOW_MS + DAY_MS)

    def browser(self, client="203.0.113.7"):
        return Browser(self.app, "desk", client=client)

    def status(self, name):
        return next(one.status for one in self.staff.accounts() if one.name == name)

    async def enrol(self, code, browser=None, key=None):
        browser, key = browser or self.browser(), key or Authenticator(ORIGIN)
        options = await browser.post("/api/passkey/enrol/options", {"code": code})
        assert options.status == 200, options.body
        answer = await browser.post("/api/passkey/enrol", {"code": code, "answer": json.loads(key.create(options.body))})
        signed(browser, answer)
        return browser, key, answer


class Rights:
    def __init__(self, staff):
        self._staff = staff

    async def rights(self, subject):
        from jikimi.identity.account import rights_of

        return rights_of(next((one for one in self._staff.accounts() if one.name == subject), None))

    async def fresh_rights(self, subject):
        return await self.rights(subject)


def signed(browser, answer):
    for name, value in answer.pairs:
        if name == "set-cookie":
            browser.token = value.split(";")[0].split("=", 1)[1]


async def prove(browser, key, path="/api/passkey", **lies):
    options = await browser.post("/api/passkey/options", {})
    answer = await browser.post(path, {"answer": json.loads(key.get(options.body, **lies))})
    signed(browser, answer)
    return answer


@jumping
async def test_a_code_makes_a_passkey_once_and_from_then_on_the_passkey_signs_in(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    assert (await desk.browser().get("/api/door")).json == {"codes": False, "passkeys": True, "sso": None}
    browser, key, made = await desk.enrol(CODE)
    assert made.status == 204
    me = (await browser.get("/api/me")).json
    assert (me["name"], me["locked"]) == ("anna", False)
    again = desk.browser()
    assert (await again.post("/api/passkey/enrol/options", {"code": CODE})).error == "code_unknown"
    assert (await prove(again, key)).status == 204
    assert (await again.get("/api/me")).json["name"] == "anna"
    assert [one.act for one in desk.staff.acts()][-1] is Act.ENROL


@jumping
async def test_a_code_alone_signs_in_only_where_the_deployment_says_so(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    browser = desk.browser()
    refused = await browser.post("/api/pair", {"code": CODE})
    assert (refused.status, refused.error) == (403, "passkey_needed")
    browser.token = desk.register.redeem(CODE, "desk", NOW_MS, NOW_MS + DAY_MS)
    assert (await browser.get("/api/me")).status == 401, "a session of before, begun by a code, is none here"


@jumping
async def test_where_codes_are_enough_whoever_is_signed_in_may_add_a_passkey(tmp_path):
    desk = Desk(tmp_path, codes=True)
    desk.add("anna", CODE)
    browser, key = desk.browser(), Authenticator(ORIGIN)
    signed(browser, await browser.post("/api/pair", {"code": CODE}))
    options = await browser.post("/api/passkey/enrol/options", {})
    assert (await browser.post("/api/passkey/enrol", {"answer": json.loads(key.create(options.body))})).status == 204
    assert (await prove(desk.browser(), key)).status == 204
    stranger = desk.browser()
    assert (await stranger.post("/api/passkey/enrol/options", {})).status == 401


@jumping
async def test_a_passkey_made_with_a_code_that_was_used_meanwhile_is_not_kept(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    browser, key = desk.browser(), Authenticator(ORIGIN)
    options = await browser.post("/api/passkey/enrol/options", {"code": CODE})
    await desk.enrol(CODE)
    late = await browser.post("/api/passkey/enrol", {"code": CODE, "answer": json.loads(key.create(options.body))})
    assert late.error == "code_unknown"
    assert len(SqlSigning(desk.register.engine).passkeys("anna")) == 1


@jumping
async def test_five_failures_lock_the_account_and_nobody_else_until_an_administrator_unlocks_it(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    desk.add("bert", OTHER)
    annas, key, _ = await desk.enrol(CODE)
    _, berts, _ = await desk.enrol(OTHER, desk.browser("203.0.113.8"))
    for number in range(MOST_FAILURES):
        answer = await prove(desk.browser(f"198.51.100.{number}"), key, origin="https://elsewhere.test")
        assert (answer.status, answer.error) == (403, "passkey_unknown")
    assert (desk.status("anna"), desk.status("bert")) == (Status.LOCKED, Status.ACTIVE)
    assert (await annas.get("/api/me")).status == 200, "who is at work stays at work"
    told = await prove(desk.browser(), key)
    assert (told.status, told.error) == (403, "account_locked"), "only whoever has the passkey is told"
    assert (await prove(desk.browser(), berts)).status == 204
    lock = [one for one in desk.staff.acts() if one.act is Act.LOCK]
    assert [(one.name, one.by) for one in lock] == [("anna", DOOR)]
    desk.staff.unlock("anna", "chief", now_ms=NOW_MS)
    assert (await prove(desk.browser(), key)).status == 204


@jumping
async def test_a_success_begins_the_count_anew(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    _, key, _ = await desk.enrol(CODE)
    for number in range(3 * MOST_FAILURES):
        if number % (MOST_FAILURES - 1):
            await prove(desk.browser(f"198.51.100.{number}"), key, origin="https://elsewhere.test")
        else:
            assert (await prove(desk.browser(), key)).status == 204
    assert desk.status("anna") is Status.ACTIVE


@jumping
async def test_a_copied_authenticator_is_refused_and_stands_in_the_ledger(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    _, key, _ = await desk.enrol(CODE)
    assert (await prove(desk.browser(), key)).status == 204
    key.step = 0
    assert (await prove(desk.browser("198.51.100.1"), key)).error == "passkey_unknown"
    (line,) = [act for _, act in SqlLines(desk.register.engine).unwritten()]
    assert (line.what, line.whose[0].value) == ("passkey:cloned", "anna")


@jumping
async def test_a_disabled_account_has_no_passkey_any_more(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    _, key, _ = await desk.enrol(CODE)
    desk.staff.disable("anna", "chief", now_ms=NOW_MS)
    assert (await prove(desk.browser(), key)).error == "passkey_unknown"


@jumping
async def test_whose_role_has_no_place_here_is_told_so(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    _, key, _ = await desk.enrol(CODE)
    desk.staff.change_role("anna", Role.AUDITOR, "chief", now_ms=NOW_MS)
    assert (await prove(desk.browser(), key)).error == "no_seat"


@jumping
async def test_a_source_that_fails_too_often_is_refused_and_no_account_pays_for_unknown_keys(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    _, key, _ = await desk.enrol(CODE)
    guesser = desk.browser("198.51.100.9")
    for _ in range(10):
        stranger = Authenticator(ORIGIN)
        stranger.handle = key.handle
        assert (await prove(guesser, stranger)).error == "passkey_unknown"
    assert (await prove(guesser, key)).error == "passkey_unknown", "the source is counted out"
    assert (await prove(desk.browser(), key)).status == 204


# -- the lock of a screen ------------------------------------------------------------------------------------------


@jumping
async def test_an_idle_screen_locks_by_itself_counts_on_and_opens_with_the_passkey(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    browser, key, _ = await desk.enrol(CODE)
    stream = browser.listen()
    await asyncio.sleep(1.0)
    assert "rows" in stream.of("board")[-1]
    assert stream.of("board")[-1]["rows"] != []
    await asyncio.sleep(IDLE_S + 12.0)
    locked = stream.of("board")[-1]
    assert locked["rows"] == []
    assert sum(locked["counts"].values()) > 0
    assert not stream.done, "its streams go on"
    assert (await browser.get("/api/office")).status == 423
    assert (await browser.get("/api/me")).json["locked"] is True
    assert (await browser.post("/api/moved")).status == 423, "moving does not open it"
    before = len(stream.heard)
    desk.watch.turned(transition())
    await asyncio.sleep(1.0)
    assert "transition" in [name for _, name, _, _ in stream.heard[before:]], "an alarm is heard while it is locked"
    assert (await prove(browser, key, "/api/unlock")).status == 204
    await asyncio.sleep(11.0)
    assert stream.of("board")[-1]["rows"] != []
    assert (await browser.get("/api/office")).status == 200


@jumping
async def test_a_screen_at_which_somebody_moves_stays_open_and_locks_at_once_when_asked(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    browser, _, _ = await desk.enrol(CODE)
    for _ in range(5):
        await asyncio.sleep(IDLE_S / 2)
        assert (await browser.post("/api/moved")).status == 204
    assert (await browser.get("/api/office")).status == 200
    assert (await browser.post("/api/lock")).status == 204
    assert (await browser.get("/api/office")).status == 423


@jumping
async def test_a_locked_screen_opens_for_nobody_else(tmp_path):
    desk = Desk(tmp_path)
    desk.add("anna", CODE)
    desk.add("bert", OTHER)
    browser, _, _ = await desk.enrol(CODE)
    elsewhere = desk.browser("203.0.113.8")
    _, berts, _ = await desk.enrol(OTHER, elsewhere)
    await browser.post("/api/lock")
    options = await elsewhere.post("/api/passkey/options", {})
    assert (await browser.post("/api/unlock", {"answer": json.loads(berts.get(options.body))})).error == "passkey_unknown"
    desk.code("bert", "9KQ2M-9XWPA")
    assert (await browser.post("/api/unlock", {"code": "9KQ2M-9XWPA"})).error == "code_unknown"
    assert (await browser.get("/api/office")).status == 423
    assert (await desk.browser("203.0.113.9").post("/api/passkey/enrol/options", {"code": "9KQ2M-9XWPA"})).status == 200
    desk.code("anna", "AKQ2M-9XWPA")
    assert (await browser.post("/api/unlock", {"code": "AKQ2M-9XWPA"})).status == 204


@jumping
async def test_a_wall_never_locks_and_zero_means_never(tmp_path):
    desk = Desk(tmp_path)
    desk.add("wall", CODE, Role.WALL)
    browser, _, _ = await desk.enrol(CODE)
    await asyncio.sleep(3 * IDLE_S)
    assert (await browser.get("/api/me")).json["locked"] is False


@pytest.mark.parametrize(
    ("url", "can"),
    [
        ("https://desk.example.org", True),
        ("http://localhost:8472", True),
        ("http://desk.example.org", False),
        ("https://192.0.2.1", False),
        ("https://[2001:db8::a]", False),
    ],
)
def test_which_addresses_can_have_passkeys(url, can):
    assert can_have_passkeys(site_of(url, "x")) is can
    assert Kind.STAFF.value == "desk"
