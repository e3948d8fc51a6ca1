"""An officer's phone on the real server and pages: opened by a press, worked with the thumb, dark when it is over."""

from __future__ import annotations

import httpx2
import pytest

from tests.browser.conftest import Visit
from tests.browser.test_office import enter
from tests.browser.test_whole import DESK, whole

__all__ = ["whole"]

WORDS = {
    "en-GB": ("Open", "Received", "On the way", "Arrived", "Close", "Close my part", "Arrested", "very near her", "over", "Give a link"),
    "ko-KR": ("열기", "확인", "출동", "도착", "종료", "내 임무 종료", "체포", "가까이", "끝났", "링크 발급"),
}


def wide(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def comes(whole):
    whole.send("phone", 0.0)
    for north_m in (80.0, 78.0, 76.0, 74.0):
        whole.send("tag", north_m)


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("ko-KR", "dark")])
def test_an_officer_opens_his_link_and_works_it_to_the_end(whole, browser, locale, scheme):
    opened, received, sent, arrived, close, close_part, outcome, near, over, give = WORDS[locale]
    enter(whole)
    desk = Visit(browser, viewport=DESK, locale=locale)
    desk.page.goto(whole.invite("desk", "operator"))
    desk.page.locator("tbody tr").first.wait_for()
    comes(whole)
    desk.page.get_by_role("button", name="Incidents" if locale == "en-GB" else "사건").press("Enter")
    desk.page.locator(".incidents .queue li.danger").first.wait_for()
    desk.page.keyboard.press("j")
    desk.page.locator(".field-links input:not([type=radio]):not([type=tel])").fill("Kim 7")
    desk.page.get_by_role("button", name=give).press("Enter")
    url = desk.page.locator(".field-links .address").inner_text()
    assert desk.axe() == []
    desk.shoot(f"field-desk-{locale[:2]}", whole=True)

    visit = Visit(browser, locale=locale, color_scheme=scheme)
    page = visit.page
    page.goto(url)
    assert "#" not in page.url, "the link is not kept in the history"
    button = page.get_by_role("button", name=opened, exact=True)
    button.wait_for()
    assert visit.axe() == []
    visit.shoot(f"field-open-{locale[:2]}-{scheme}")
    button.click()
    page.get_by_role("heading", level=1).filter(has_text=near).wait_for()
    page.locator(".map canvas").wait_for()
    page.locator(".map .mark", has_text="Kim 7").wait_for()
    page.wait_for_timeout(800)
    assert visit.axe() == []
    visit.shoot(f"field-{locale[:2]}-{scheme}")
    visit.shoot(f"field-{locale[:2]}-{scheme}-whole", whole=True)
    assert wide(page) <= 0
    page.set_viewport_size(DESK)
    visit.shoot(f"field-{locale[:2]}-{scheme}-wide")
    assert visit.axe() == []
    page.set_viewport_size({"width": 390, "height": 844})
    for step in (received, sent, arrived):
        page.locator(".steps .primary", has_text=step).click()
    page.locator(".steps .primary", has_text=close).click()
    page.get_by_text(outcome, exact=True).click()
    assert visit.axe() == []
    visit.shoot(f"field-close-{locale[:2]}-{scheme}")
    page.get_by_role("button", name=close_part).click()
    page.get_by_role("status").filter(has_text=over).wait_for()
    assert page.locator(".map").count() == 0
    kept = page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert "37.5" not in kept
    visit.shoot(f"field-over-{locale[:2]}-{scheme}")
    desk.page.locator(".history li", has_text="Kim 7").first.wait_for()
    # The same link on another phone opens nothing.
    second = Visit(browser, locale=locale)
    second.page.goto(url)
    second.page.get_by_role("button", name=opened, exact=True).click()
    second.page.get_by_role("alert").wait_for()
    assert second.axe() == []
    for each in (visit, second):
        assert each.errors == []
        assert each.ears("broken") == []
        assert each.foreign(whole.house.url("field")) == []
    for each in (desk, visit, second):
        each.context.close()


def test_an_officers_page_says_when_its_line_is_lost(whole, browser):
    enter(whole)
    desk = Visit(browser, viewport=DESK)
    desk.page.goto(whole.invite("desk", "operator"))
    desk.page.locator("tbody tr").first.wait_for()
    comes(whole)
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in desk.context.cookies())
    base = whole.house.url("desk")
    with httpx2.Client(base_url=base, headers={"Origin": base, "Cookie": cookies}) as client:
        for _ in range(100):
            rows = client.get("/api/incidents").json()["rows"]
            if rows:
                break
            desk.page.wait_for_timeout(100)
        url = client.post(f"/api/incidents/{rows[0]['incident']}/field", json={"where": "protected", "officer": "Lee"}).json()["url"]
    visit = Visit(browser)
    visit.page.goto(url)
    visit.page.get_by_role("button", name="Open", exact=True).click()
    visit.page.locator(".map canvas").wait_for()
    visit.context.set_offline(True)
    whole.close()
    visit.page.get_by_role("alert").filter(has_text="Connection lost").wait_for()
    assert visit.page.locator(".app.lost").count() == 1
    visit.page.wait_for_timeout(500)
    visit.shoot("field-lost")
    visit.context.close()
    desk.context.close()
