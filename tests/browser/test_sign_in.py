"""Staff at the door, in a real browser with an authenticator: a code makes a passkey, it signs in, a locked screen still sounds."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from jikimi.identity import second as rules
from jikimi.identity.account import MOST_FAILURES, Act
from jikimi.identity.roles import Role
from jikimi.identity.second import Deed, State
from jikimi.model.register import Status
from jikimi.orders.codes import new_code
from jikimi.policy.durations import tables
from jikimi.runtime.settings import SsoSettings
from jikimi.runtime.stores import Stores
from jikimi.storage.second import SqlSecond
from tests.accounts import sign_up
from tests.browser.conftest import PHONE, Visit
from tests.browser.test_whole import DESK, Whole
from tests.identity.provider import CLIENT, SECRET, IdentityProvider
from tests.runtime.test_server import kept_order, now_ms

WORDS = {
    "en-GB": ("Make my passkey", "Sign in with your passkey", "I have a code", "Lock", "Open with your passkey", "Locked"),
    "ko-KR": ("패스키 만들기", "패스키로 로그인", "코드가 있습니다", "잠금", "패스키로 열기", "화면 잠김"),
}


@pytest.fixture
def guarded(tmp_path):
    """A server where a code alone opens nothing, and a screen locks after a time that a test does not reach by waiting."""
    found = Whole(tmp_path, has_court=True, staff_codes=False, lock_after_s=3_600.0)
    yield found
    found.close()


def authenticator(visit):
    """Give a browser a key of its own."""
    devtools = visit.context.new_cdp_session(visit.page)
    devtools.send("WebAuthn.enable")
    can = dict.fromkeys(("hasResidentKey", "hasUserVerification", "isUserVerified", "automaticPresenceSimulation"), True)
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {"protocol": "ctap2", "transport": "internal", **can}})
    return devtools, made["authenticatorId"]


def code_for(server, name, role=Role.SUPERVISOR):
    code = new_code()
    return sign_up(server.house.register, name, code, role), code


def sound(visit, width, name):
    """A page reads well at desk and phone width."""
    for suffix, size in (("", DESK), ("-phone", PHONE)):
        visit.page.set_viewport_size(size)
        assert visit.axe() == [], name
        assert visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, name
        visit.shoot(name + suffix)
    visit.page.set_viewport_size(width)


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("ko-KR", "dark")])
def test_from_the_code_to_the_passkey_to_the_locked_screen_and_back(guarded, browser, locale, scheme):
    make, use, have_code, lock, reopen, locked = WORDS[locale]
    guarded.send("phone", 0.0)
    for north_m in (900.0, 890.0, 880.0):
        guarded.send("tag", north_m)
    staff, code = code_for(guarded, "anna")
    visit = Visit(browser, viewport=DESK, locale=locale, color_scheme=scheme)
    page = visit.page
    authenticator(visit)
    page.goto(f"{guarded.house.url('desk')}/#code={code}")
    page.get_by_role("button", name=make, exact=True).wait_for()
    assert "code=" not in page.url
    sound(visit, DESK, f"enrol-{locale[:2]}")
    page.get_by_role("button", name=make, exact=True).click()
    page.locator("tbody tr").first.wait_for()
    assert [one.act for one in staff.acts()][-1] is Act.ENROL

    visit.context.clear_cookies()
    page.goto(guarded.house.url("desk"))
    page.get_by_role("button", name=use, exact=True).wait_for()
    page.get_by_role("button", name=have_code, exact=True).wait_for()
    sound(visit, DESK, f"sign-in-{locale[:2]}")
    page.get_by_role("button", name=use, exact=True).press("Enter")
    page.locator("tbody tr").first.wait_for()
    page.locator("tbody tr").first.click()
    page.locator(".detail h2").wait_for()

    page.get_by_role("button", name=lock, exact=True).click()
    page.get_by_role("heading", name=locked, exact=True).wait_for()
    page.locator(".lock .count.warning strong, .lock .count.danger strong").first.wait_for()
    visit.until("[...document.querySelectorAll('.lock .count strong')].some((one) => one.textContent !== '0')")
    assert page.locator(".detail, tbody tr, .map").count() == 0, "nothing of anybody is behind the lock"
    for label in (" M ", "37.5"):
        assert label not in f" {page.locator('main').inner_text()} "
    before = len(visit.ears("tones"))
    for north_m in (60.0, 55.0, 50.0):
        guarded.send("tag", north_m)
    visit.until(f"ears.tones.length > {before}")
    visit.until("Number(document.querySelector('.lock .count.danger strong').textContent) > 0")
    sound(visit, DESK, f"locked-{locale[:2]}")
    page.reload()
    page.get_by_role("heading", name=locked, exact=True).wait_for()
    page.get_by_role("button", name=reopen, exact=True).click()
    page.locator("tbody tr").first.wait_for()
    assert (visit.errors, visit.ears("broken")) == ([], [])
    assert visit.foreign(guarded.house.url("desk")) == []
    visit.context.close()


def test_a_key_that_verifies_nobody_opens_nothing_and_five_failures_lock_the_account(guarded, browser):
    staff, code = code_for(guarded, "anna")
    visit = Visit(browser, viewport=DESK)
    devtools, key = authenticator(visit)
    visit.page.goto(f"{guarded.house.url('desk')}/#code={code}")
    visit.page.get_by_role("button", name="Make my passkey").click()
    visit.page.get_by_role("button", name="Lock", exact=True).wait_for()
    visit.context.clear_cookies()
    visit.page.goto(guarded.house.url("desk"))
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    visit.page.get_by_role("button", name="Sign in with your passkey").click()
    visit.page.get_by_text("No passkey was used").wait_for()
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    for _ in range(MOST_FAILURES):
        staff.failed("anna", now_ms=1)
    visit.page.get_by_role("button", name="Sign in with your passkey").click()
    visit.page.get_by_text("locked after five failures").wait_for()
    assert visit.axe() == []
    visit.shoot("sign-in-locked")
    staff.unlock("anna", "chief", now_ms=2)
    visit.page.get_by_role("button", name="Sign in with your passkey").click()
    visit.page.get_by_role("button", name="Lock", exact=True).wait_for()
    visit.context.close()


def test_oversight_and_a_court_have_the_same_door_and_lock(guarded, browser):
    for audience, role, inside in (("oversight", Role.AUDITOR, "Who looked"), ("court", Role.COURT, "Petitions")):
        _, code = code_for(guarded, f"staff-{audience}", role)
        visit = Visit(browser, viewport=DESK)
        authenticator(visit)
        page = visit.page
        page.goto(f"{guarded.house.url(audience)}/#code={code}")
        page.get_by_role("button", name="Make my passkey").click()
        page.get_by_role("heading", name=inside).wait_for()
        page.get_by_role("button", name="Lock", exact=True).click()
        page.get_by_role("heading", name="Locked").wait_for()
        assert page.get_by_role("heading", name=inside).count() == 0
        assert visit.axe() == []
        visit.shoot(f"{audience}-locked")
        page.get_by_role("button", name="Open with your passkey").click()
        page.get_by_role("heading", name=inside).wait_for()
        assert (visit.errors, visit.ears("broken")) == ([], [])
        visit.context.close()


TWO = {
    "en-GB": (
        "Office",
        "Ask for something",
        "Ask a second person",
        "You asked",
        "Confirm and do it",
        "done: bert",
        "Prove it with your passkey",
    ),
    "ko-KR": ("업무", "요청하기", "다른 담당자에게 확인 요청", "본인이 요청했습니다", "확인하고 실행", "실행됨: bert", "패스키로 증명"),
}


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("ko-KR", "dark")])
def test_one_asks_for_an_orders_end_and_another_confirms_it_at_the_desk(guarded, browser, monkeypatch, locale, scheme):
    office, open_form, send, mine, confirm, done, prove = TWO[locale]
    Stores(guarded.house.settings).clerk(guarded.house.register, tables()).enter(kept_order(), now_ms=now_ms(), by="officer")
    desks = {}
    for name in ("anna", "bert"):
        _, code = code_for(guarded, name)
        visit = desks[name] = Visit(browser, viewport=DESK, locale=locale, color_scheme=scheme)
        authenticator(visit)
        visit.page.goto(f"{guarded.house.url('desk')}/#code={code}")
        visit.page.get_by_role("button", name=WORDS[locale][0], exact=True).click()
        visit.page.get_by_role("button", name=office).click()
    annas, berts = desks["anna"].page, desks["bert"].page
    annas.get_by_text(open_form, exact=True).click()
    form = annas.locator("section[aria-labelledby=two-persons] form")
    form.locator("input").first.fill("kept")
    form.locator("input").last.fill("the court lifted it today")
    sound(desks["anna"], DESK, f"second-ask-{locale[:2]}")
    form.get_by_role("button", name=send, exact=True).click()
    annas.get_by_text(mine).wait_for()
    assert annas.get_by_role("button", name=confirm, exact=True).count() == 0
    berts.get_by_role("button", name=confirm, exact=True).wait_for()
    sound(desks["bert"], DESK, f"second-confirm-{locale[:2]}")
    with monkeypatch.context() as later:
        later.setattr(rules, "FRESH_MS", 0)
        berts.get_by_role("button", name=confirm, exact=True).press("Enter")
        berts.get_by_role("button", name=prove, exact=True).wait_for()
        sound(desks["bert"], DESK, f"second-prove-{locale[:2]}")
    assert Stores(guarded.house.settings).clerk(guarded.house.register, tables()).order("kept").status is Status.IN_FORCE
    berts.get_by_role("button", name=prove, exact=True).press("Enter")
    berts.get_by_text(done).wait_for()
    clerk = Stores(guarded.house.settings).clerk(guarded.house.register, tables())
    assert clerk.order("kept").status is Status.REVOKED
    for visit in desks.values():
        assert (visit.errors, visit.ears("broken")) == ([], [])
        visit.context.close()


def test_two_of_oversight_stand_for_rows_that_a_command_line_proposed(guarded, browser):
    codes = [code_for(guarded, name, role)[1] for name, role in (("dora", Role.AUDITOR), ("dean", Role.DATA_PROTECTION))]
    requests = SqlSecond(guarded.house.register.engine, shell="root")
    requests.propose(Deed.RESEARCH_ROWS, "2026-7", "dora", "the study was agreed on", now_ms=now_ms())
    for code, press, then in zip(
        codes, ("Make it my request", "Confirm"), ("You asked. A colleague must confirm.", "confirmed: dean"), strict=True
    ):
        visit = Visit(browser, viewport=DESK)
        authenticator(visit)
        page = visit.page
        page.goto(f"{guarded.house.url('oversight')}/#code={code}")
        page.get_by_role("button", name="Make my passkey").click()
        page.get_by_role("button", name="Two persons").click()
        page.get_by_role("button", name=press, exact=True).wait_for()
        sound(visit, DESK, f"oversight-two-{press.split()[0].lower()}")
        page.get_by_role("button", name=press, exact=True).press("Enter")
        page.get_by_text(then).wait_for()
        assert (visit.errors, visit.ears("broken")) == ([], [])
        visit.context.close()
    one = requests.one(1, now_ms())
    assert (one.asked_by, one.settled_by, one.state) == ("dora", "dean", State.CONFIRMED)


class ProvidersSite(BaseHTTPRequestHandler):
    """A provider's pages: whoever comes is Anna, and is sent back at once."""

    provider = None

    def do_GET(self):
        if self.path.startswith("/authorize"):
            back = self.provider.consent(f"{self.provider.issuer}{self.path}", "248289761001")
            home = parse_qs(urlsplit(self.path).query)["redirect_uri"][0]
            self.send_response(302)
            self.send_header("location", f"{home}?{urlencode(back)}")
            self.end_headers()
        else:
            self._answer(httpx2.Request("GET", f"{self.provider.issuer}{self.path}"))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        given = {"authorization": self.headers["authorization"]}
        self._answer(httpx2.Request("POST", f"{self.provider.issuer}{self.path}", content=body, headers=given))

    def _answer(self, request):
        found = self.provider.serve(request)
        self.send_response(found.status_code)
        self.end_headers()
        self.wfile.write(found.content)

    def log_message(self, *_):
        pass


@pytest.fixture
def federated(tmp_path):
    """A server that knows a provider on this machine."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), ProvidersSite)
    ProvidersSite.provider = IdentityProvider(now_ms, f"http://localhost:{site.server_port}")
    threading.Thread(target=site.serve_forever, daemon=True).start()
    sso = SsoSettings(issuer=ProvidersSite.provider.issuer, client_id=CLIENT, client_secret=SECRET, name="Ministry ID")
    found = Whole(tmp_path, staff_codes=False, sso=sso)
    yield found
    found.close()
    site.shutdown()
    site.server_close()


def test_the_organisations_sign_on_opens_the_desk_once_a_code_tied_it(federated, browser):
    visit = Visit(browser, viewport=DESK)
    page = visit.page
    page.goto(federated.house.url("desk"))
    page.get_by_role("button", name="Sign in by Ministry ID").click()
    page.get_by_text("No account here is tied to you yet").wait_for()
    assert "code=" not in page.url
    assert "state=" not in page.url
    assert visit.axe() == []
    visit.shoot("sso-unknown")
    _, code = code_for(federated, "anna")
    page.get_by_role("button", name="I have a code").click()
    page.get_by_label("One-time code").fill(code)
    page.get_by_role("button", name="Use the code with Ministry ID").click()
    page.get_by_role("button", name="Lock", exact=True).click()
    page.get_by_role("heading", name="Locked").wait_for()
    page.get_by_role("button", name="Sign in by Ministry ID").click()
    page.get_by_role("button", name="Lock", exact=True).wait_for()
    assert visit.errors == []
    visit.context.close()
