"""Oversight in a real browser: both languages, desk and phone, light and dark, by keyboard; and nothing of a position in it."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib

import pytest

from jikimi.apps.copies import Asked
from jikimi.identity.roles import Role
from jikimi.model.record import Disclosed
from jikimi.orders.codes import new_code
from tests.accounts import sign_up
from tests.browser.conftest import PHONE, Visit
from tests.browser.test_languages import texts
from tests.browser.test_whole import DESK, Whole, until, whole
from tests.runtime.test_server import now_ms

__all__ = ["whole"]


def enter(server: Whole, name="officer"):
    code = new_code()
    sign_up(server.house.register, name, code, Role.DATA_PROTECTION)
    return f"{server.house.url('oversight')}/#code={code}"


def something_happened(server: Whole, browser):
    """Somebody at the desk sees where both are, in an alarm."""
    server.send("phone", 0.0)
    for north_m in (400.0, 250.0, 90.0):
        server.send("tag", north_m)
    visit = Visit(browser, viewport=DESK)
    visit.page.goto(server.invite("desk", "operator"))
    visit.page.locator("tbody tr").first.click()
    visit.page.locator(".map .mark").wait_for(timeout=15_000)
    visit.context.close()
    sign(server)


def sign(server: Whole):
    """Have a checkpoint signed now: by itself it comes ten seconds after the first entry."""

    async def now():
        await server.server._ledger.checkpoint()

    asyncio.run_coroutine_threadsafe(now(), server._loop).result(10)


NAMES = {
    "en-GB": (
        "Who looked",
        "Reviews",
        "Copies for investigations",
        "Monthly report",
        "What is kept",
        "Proofs",
        "Look up",
        "Make the report",
    ),
    "ko-KR": ("조회 기록", "검토", "수사용 사본", "월간 보고서", "보관 현황", "증명", "조회", "보고서 만들기"),
}


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("ko-KR", "dark")])
def test_every_page_reads_well_on_desk_and_phone_in_both_languages(whole, browser, locale, scheme):
    something_happened(whole, browser)
    names = NAMES[locale]
    visit = Visit(browser, viewport=DESK, locale=locale, color_scheme=scheme)
    page = visit.page
    page.goto(enter(whole))
    for number, name in enumerate(names[:6]):
        button = page.get_by_role("navigation").get_by_role("button", name=name, exact=True)
        button.wait_for()
        button.focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=name, exact=True).wait_for()
        if number == 0:
            page.get_by_role("button", name=names[6], exact=True).press("Enter")
            page.locator(".entries li").first.wait_for()
        if number == 3:
            page.get_by_role("button", name=names[7], exact=True).press("Enter")
            page.locator(".paper pre").first.wait_for(timeout=20_000)
        if number == 4:
            page.locator(".entries li").first.wait_for()
        if number == 5:
            page.locator("pre").first.wait_for()
        assert visit.axe() == [], name
        visit.shoot(f"oversight-{number}-{locale[:2]}", whole=True)
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, name
        assert visit.axe() == [], name
        visit.shoot(f"oversight-{number}-{locale[:2]}-phone", whole=True)
        page.set_viewport_size(DESK)
    assert "37.5" not in page.content()
    assert visit.foreign(whole.house.url("oversight")) == []
    assert (visit.errors, visit.ears("broken")) == ([], [])
    visit.context.close()


def test_a_review_is_decided_and_a_proof_is_taken(whole, browser):
    something_happened(whole, browser)
    visit = Visit(browser, viewport=DESK)
    page = visit.page
    page.goto(enter(whole))
    page.get_by_role("navigation").wait_for()
    hub_asks(whole)
    page.get_by_role("button", name="Reviews", exact=True).click()
    page.get_by_label("Outcome").wait_for(timeout=15_000)
    page.get_by_label("Outcome").select_option("mistake")
    page.get_by_label("Reason").fill("the screen was left open")
    page.get_by_label("Reason").press("Enter")
    page.get_by_text("a mistake: the screen was left open").wait_for()
    page.get_by_role("button", name="Who looked", exact=True).click()
    page.get_by_label("Officer").fill("operator")
    page.get_by_role("button", name="Look up", exact=True).click()
    page.get_by_text("an alarm stood").first.wait_for()
    sign(whole)
    with page.expect_download(timeout=20_000) as taken:
        page.get_by_role("button", name="Proof of entry").first.click()
    assert taken.value.path().read_text().startswith("c2sp.org/tlog-proof@v1")
    visit.shoot("oversight-lookups")
    records_a_permission(whole, visit)
    assert (visit.errors, visit.ears("broken")) == ([], [])
    visit.context.close()


def records_a_permission(server: Whole, visit):
    """An inspector asked for a copy: it is made once somebody else saw the court's document, whose hash is kept and which stays here."""
    room, now, page = server.server.overseeing.copies_room, now_ms(), visit.page
    (pair,) = [pair for pair in server.server.hub.pairs() if pair.place_id is None]
    wish = Asked(order_id=pair.order_id, person_id=pair.monitored_id, reason="a robbery", from_ms=now - 2_000, to_ms=now)
    copy = asyncio.run_coroutine_threadsafe(room.make(wish, "inspector"), server._loop).result(10)
    page.get_by_role("button", name="Copies for investigations", exact=True).click()
    page.get_by_role("button", name="Record a permission").press("Enter")
    day = dt.datetime.now(dt.UTC).date()
    page.get_by_label("Court", exact=True).fill("Seoul Central District Court")
    page.get_by_label("Number of the decision").fill("2026-cho-77")
    page.get_by_label("Decided on").fill(day.isoformat())
    page.get_by_label("Last day of the permission").fill((day + dt.timedelta(days=3)).isoformat())
    letter = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"letter"}
    page.get_by_label("The court's document (stays").set_input_files(letter)
    page.get_by_label("I have seen the court's document").check()
    assert visit.axe() == []
    visit.shoot("oversight-permission", whole=True)
    page.get_by_role("button", name="Record", exact=True).press("Enter")
    page.get_by_text(hashlib.sha256(b"letter").hexdigest()).wait_for()
    (kept,) = asyncio.run_coroutine_threadsafe(room.copies(), server._loop).result(10)
    assert (kept.copy_id, kept.status.value) == (copy.copy_id, "permitted")


def hub_asks(server: Whole):
    """The operator opens maps all evening."""

    async def looks():
        (pair,) = [pair for pair in server.server.hub.pairs() if pair.place_id is None]
        for _ in range(40):
            server.server.hub.looked(Disclosed(now_ms(), "operator", "desk", pair.pair_id, "response", "map:tier"))

    asyncio.run_coroutine_threadsafe(looks(), server._loop).result(10)


@pytest.mark.parametrize(
    ("locale", "settings", "show", "line"),
    [("en-GB", "Settings", "Show the list", "control room"), ("ko-KR", "설정", "목록 보기", "관제실")],
)
def test_she_sees_in_her_app_who_looked_at_her(whole, browser, locale, settings, show, line):
    async def look():
        (pair,) = [pair for pair in whole.server.hub.pairs() if pair.place_id is None]
        await whole.server.hub.disclosed("operator", "desk", pair.pair_id, "response", "map:tier")

    visit = Visit(browser, locale=locale)
    visit.page.goto(whole.invite("protected", "p"))
    asyncio.run_coroutine_threadsafe(look(), whole._loop).result(10)
    # Her first state is an alarm here, nobody having reported, and an alarm takes the screen from the settings.
    until(visit.page, texts(locale[:2])["her_blind"])
    visit.page.get_by_role("button", name=settings).click()
    visit.page.get_by_role("button", name=show).click()
    seen = visit.page.get_by_text(line)
    seen.wait_for()
    seen.scroll_into_view_if_needed()
    assert "operator" not in visit.page.content()
    assert visit.axe() == []
    visit.shoot(f"her-looks-{locale[:2]}", whole=True)
    assert (visit.errors, visit.ears("broken")) == ([], [])
    visit.context.close()
