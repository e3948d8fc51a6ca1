"""Her app lock and her phone's passkey: between a stranger and his position and her papers, never between her and an alarm."""

from __future__ import annotations

import json

import msgspec
import pytest

from jikimi.apps import her_lock
from jikimi.apps.her_lock import UNLOCKED, HerDoor
from jikimi.apps.protected import protected_app
from jikimi.identity.app_lock import OPEN_MS
from jikimi.identity.guests import Check, InvitationError, Seen, Waiver
from jikimi.identity.passkeys import site_of
from jikimi.model.access import Bound
from jikimi.orders.clerk import Clerk
from jikimi.policy.durations import tables
from jikimi.runtime.office import Office
from jikimi.storage.app_locks import SqlAppLocks
from jikimi.storage.guests import SqlGuests
from jikimi.storage.lines import SqlLines
from jikimi.storage.register import SqlRegister
from tests.apps.client import Browser
from tests.apps.fake_watch import FakeWatch
from tests.apps.test_signing import jumping, signed
from tests.apps.test_stream import pause
from tests.disclosure.cases import HER, NOW_MS, PAIR, view
from tests.identity.authenticator import Authenticator
from tests.orders.fake_books import FakeBooks

ORIGIN = "https://hers.test"
CODES = ("7KQ2M-9XWPA", "8KQ2M-9XWPA")
CHECK = Check(person_id=HER, order_id="o", seen=Seen.PASSPORT, by="anna", at_ms=NOW_MS)
PIN = "2048"


class Page(Browser):
    """Her page: it keeps the word that it was given, and nothing else does."""

    opening = None

    def headers(self, extra):
        return super().headers({"jikimi-open": self.opening, **(extra or {})})

    async def open(self, answer):
        if answer.status == 200:
            self.opening = answer.json["opening"]
        return answer

    async def enter(self, pin):
        return await self.open(await self.post("/api/lock/open", {"pin": pin}))

    async def set(self, pin, after_s=60):
        return await self.open(await self.post("/api/lock/set", {"pin": pin, "after_s": after_s}))

    async def bind(self, key=None):
        key = key or Authenticator(ORIGIN)
        options = await self.post("/api/passkey/bind/options")
        return key, await self.open(await self.post("/api/passkey/bind", {"answer": json.loads(key.create(options.body))}))

    async def prove(self, key, **lies):
        options = await self.post("/api/passkey/options")
        return await self.open(await self.post("/api/passkey", {"answer": json.loads(key.get(options.body, **lies))}))


class House:
    """Her app over a real register, on simulated time, with an alarm on."""

    def __init__(self, folder, url=ORIGIN):
        self.register = SqlRegister(folder / "register.db", bytes(32))
        self.watch = FakeWatch()
        self.watch.views[PAIR.pair_id] = view(60.0)
        self.locks = SqlAppLocks(self.register.engine)
        self.access(Bound.MAY)
        office = Office(Clerk(FakeBooks(), tables(), bytes(32)), self.watch.now_ms, lambda: None)
        self.door = HerDoor(self.locks, site_of(url, "Notes"), self.watch.now_ms)
        self.app = protected_app(self.watch, self.register, office, device_url="https://door.test/", door=self.door)

    def access(self, bound):
        """Let the policy demand a passkey of hers, or leave it to her."""
        policy = FakeWatch.policy

        def told(order_id):
            found = policy(self.watch, order_id)
            return msgspec.structs.replace(found, access=msgspec.structs.replace(found.access, her_passkey=bound))

        self.watch.policy = told

    def page(self, token=None):
        return Page(self.app, "protected", token)

    async def enter(self, code=CODES[0]):
        SqlGuests(self.register.engine).invite(CHECK, code, NOW_MS + 86_400_000)
        page = self.page()
        signed(page, await page.post("/api/pair", {"code": code}))
        return page

    def said(self):
        return [line.what for _, line in SqlLines(self.register.engine).unwritten()]


async def shown(page):
    """Return what a page is told now: the pair's tier, whether distance, whether the map, and why not."""
    stream = page.listen()
    await pause(0.5)
    pair = stream.of("state")[-1]["pairs"][0]
    await stream.leave()
    return pair["tier"], pair["words"] is not None, pair["map"] is not None, pair["closed"]


OPEN = ("warning", True, True, None)
LOCKED = ("warning", True, False, "locked")


@jumping
async def test_without_a_lock_nothing_changes(tmp_path):
    house = House(tmp_path)
    page = await house.enter()
    assert await shown(page) == OPEN
    assert (await page.get("/api/lock")).json == {
        "pin": False, "passkey": False, "after_s": 300, "is_open": True, "tries_left": 10, "wait_until_ms": None, "can_bind": True,
        "must_bind": False,
    }  # fmt: skip


@jumping
async def test_a_pin_hides_the_map_and_never_the_alarm_its_words_sos_or_the_exit(tmp_path):
    house = House(tmp_path)
    page = await house.enter()
    assert (await page.set("1234")).error == "pin_weak"
    assert (await page.set(PIN)).status == 200
    assert await shown(page) == OPEN, "whoever sets it sits in front of it"
    stolen = house.page(page.token)
    assert await shown(stolen) == LOCKED
    assert (await stolen.post("/api/sos", {"id": "s1"})).status == 202
    assert (await stolen.post("/api/sos/cancel", {"id": "s1"})).status == 202
    assert (await stolen.get("/api/me")).json["policy"]["emergency_number"]
    for method, path in (("POST", "/api/view/renew"), ("POST", "/api/consent"), ("POST", "/api/handset"), ("POST", "/api/lock/set")):
        assert (await stolen.call(method, path, {})).error == "locked", path
    assert (await stolen.enter("9999")).error == "pin_wrong"
    assert (await stolen.enter(PIN)).json["is_open"]
    assert await shown(stolen) == OPEN
    assert (await house.page(page.token).call("DELETE", "/api/session")).status == 204
    assert await shown_status(stolen) == 401


async def shown_status(page):
    return (await page.get("/api/me")).status


@jumping
async def test_a_word_ends_by_itself_and_a_new_pin_ends_those_of_other_pages(tmp_path):
    house = House(tmp_path)
    page = await house.enter()
    await page.set(PIN)
    other = house.page(page.token)
    await other.enter(PIN)
    await page.set("4826")
    assert await shown(other) == LOCKED
    assert await shown(page) == OPEN
    page.opening = page.opening.replace(page.opening[:13], str(int(page.opening[:13]) + OPEN_MS))
    assert await shown(page) == LOCKED, "nobody gives a word more time"


@jumping
async def test_guessing_waits_longer_and_longer_and_ends(tmp_path):
    house = House(tmp_path)
    page = await house.enter()
    await page.set(PIN)
    thief = house.page(page.token)
    found = [(await thief.enter(f"1{n}7{n}")) for n in range(6)]
    assert [one.status for one in found] == [403] * 5 + [429]
    assert 0 < int(found[-1].headers["retry-after"]) <= 30
    state = (await thief.get("/api/lock")).json
    assert (state["tries_left"], state["is_open"]) == (5, False)
    for _ in range(5):
        await pause(3_700.0)
        await thief.enter("1937")
    await pause(3_700.0)
    assert (await thief.enter(PIN)).error == "pin_over", "the right one neither"
    assert (await thief.post("/api/view/renew")).error == "locked"
    assert house.locks.reset(CHECK)
    house.door.doubt()
    assert (await thief.post("/api/view/renew")).status == 204
    assert house.said()[-3:] == ["lock:set", "lock:exhausted", "lock:reset:passport"]


@jumping
async def test_a_stolen_cookie_opens_no_position_once_her_phone_is_bound(tmp_path):
    house = House(tmp_path)
    page = await house.enter()
    key, bound = await page.bind()
    assert bound.json["is_open"]
    assert await shown(page) == OPEN
    stolen = house.page(page.token)
    assert await shown(stolen) == LOCKED
    other = Authenticator(ORIGIN)
    other.handle = key.handle
    assert (await stolen.prove(other)).error == "passkey_unknown"
    assert (await stolen.prove(key, origin="https://look-alike.test")).error == "passkey_unknown"
    assert (await stolen.post("/api/passkey/unbind")).error == "locked"
    assert (await stolen.post("/api/passkey/bind/options")).error == "locked"
    assert (await house.page(page.token).prove(key)).json["is_open"], "she opens another page of hers by it"
    key.step = 0
    assert (await stolen.prove(key)).error == "passkey_unknown"
    assert house.said()[-2:] == ["passkey:bound", "passkey:cloned"]


@jumping
async def test_with_both_a_page_opens_when_both_are_proved(tmp_path):
    house = House(tmp_path)
    page = await house.enter()
    await page.set(PIN)
    key, _ = await page.bind()
    page.opening = None
    assert not (await page.enter(PIN)).json["is_open"]
    assert await shown(page) == LOCKED
    assert (await page.prove(key)).json["is_open"]
    assert await shown(page) == OPEN
    await page.open(await page.post("/api/lock/drop"))
    await page.open(await page.post("/api/passkey/unbind"))
    assert await shown(house.page(page.token)) == OPEN


@jumping
async def test_a_new_phone_is_bound_anew_and_her_pin_goes_with_her(tmp_path):
    house = House(tmp_path)
    page = await house.enter()
    await page.set(PIN)
    key, _ = await page.bind()
    new = await house.enter(CODES[1])
    assert (await new.prove(key)).status == 403, "the old phone's passkey is worth nothing"
    assert await shown(new) == LOCKED
    assert (await new.enter(PIN)).json["is_open"]
    assert await shown_status(page) == 401


@jumping
async def test_where_the_policy_says_so_the_map_waits_for_the_passkey_and_the_words_do_not(tmp_path):
    house = House(tmp_path)
    house.access(Bound.MUST)
    page = await house.enter()
    assert await shown(page) == ("warning", True, False, "passkey")
    assert (await page.get("/api/lock")).json["must_bind"], "she is asked before there is an alarm"
    assert (await page.post("/api/sos", {"id": "a", "silent": False, "fix": None})).status == 202, "no call for help waits for it"
    await page.bind()
    assert await shown(page) == OPEN
    insecure = House(tmp_path / "plain", url="http://192.0.2.7:8471") if (tmp_path / "plain").mkdir() is None else None
    insecure.access(Bound.MUST)
    plain = await insecure.enter()
    assert await shown(plain) == OPEN, "an address that can have no passkey keeps nothing from her"
    assert (await plain.post("/api/passkey/bind/options")).error == "no_passkeys"


@jumping
async def test_the_office_waives_the_passkey_for_a_named_person_with_a_reason_and_demands_it_again(tmp_path):
    house = House(tmp_path)
    house.access(Bound.MUST)
    page = await house.enter()
    assert await shown(page) == ("warning", True, False, "passkey")
    house.locks.waive(HER, "o", Waiver.OLD_PHONE, "anna", NOW_MS)
    house.door.doubt()
    assert await shown(page) == OPEN
    assert not (await page.get("/api/lock")).json["must_bind"]
    assert [check.seen for check in SqlGuests(house.register.engine).checks(HER)] == [Seen.PASSPORT], "a waiver is no check of identity"
    house.locks.waive(HER, "o", None, "anna", NOW_MS + 1)
    house.door.doubt()
    assert await shown(page) == ("warning", True, False, "passkey")
    assert house.said()[-2:] == ["passkey:waived:old_phone", "passkey:waived:ended"]
    with pytest.raises(InvitationError):
        house.locks.waive(HER, "o", Waiver.CANNOT, " ", NOW_MS)


@jumping
async def test_whoever_copied_the_session_of_somebody_who_set_nothing_cannot_lock_her_out(tmp_path):
    """Given a cookie that was copied, of somebody with neither PIN nor passkey, when she signed in by a code long ago (here a minute),
    then it sets no PIN and binds no passkey; she does, with a new code, and from then on as she likes."""
    with pytest.MonkeyPatch.context() as sooner:
        sooner.setattr(her_lock, "FIRST_MS", 60_000)
        house = House(tmp_path)
        page = await house.enter()
        await pause(61)
        for answer in (await page.set(PIN), await page.post("/api/passkey/bind/options")):
            assert (answer.status, answer.error) == (409, "code_first")
        assert await shown(page) == OPEN
        fresh = await house.enter(CODES[1])
        key, bound = await fresh.bind()
        assert bound.status == 200
        await pause(61)
        await fresh.prove(key)
        assert (await fresh.set(PIN)).status == 200, "what she proves by her passkey needs no code"


def test_every_route_that_asks_for_no_lock_is_needed_by_an_alarm_or_opens_it():
    words = ("sos", "session", "ended", "me", "phone", "language", "fixes", "push", "receipts", "drill", "lock", "passkey", "pair")
    for _, path in UNLOCKED:
        assert path.split("/")[2] in words
        assert not any(word in path for word in ("papers", "petition", "helpers", "looks", "view", "consent", "handset"))
        assert path not in ("/api/lock/set", "/api/lock/drop", "/api/passkey/bind", "/api/passkey/unbind")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"pin": 5}', b'{"pin": "' + b"1" * 99 + b'"}', b"\xff"])
def test_what_is_no_pin_is_refused_and_not_counted(tmp_path, body):
    async def story(folder):
        house = House(folder)
        page = await house.enter()
        await page.set(PIN)
        assert (await page.call("POST", "/api/lock/open", body)).status == 400
        assert (await page.get("/api/lock")).json["tries_left"] == 10

    jumping(story)(tmp_path)
