"""Incidents on the desk: from an approach to a closed incident by keyboard, on the real server and pages."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.test_office import enter
from tests.browser.test_whole import DESK, whole

__all__ = ["whole"]


@pytest.mark.parametrize(
    ("locale", "incidents", "duty", "acknowledge", "spoken", "note", "close", "resolved"),
    [
        ("en-GB", "Incidents", "Go on duty", "Acknowledge", "I spoke with her", "Write it down", "Close", "resolved"),
        ("ko-KR", "사건", "근무 시작", "확인", "보호 대상자와 통화함", "기록", "종료", "종료"),
    ],
)
def test_an_operator_works_an_incident_to_its_end(whole, browser, locale, incidents, duty, acknowledge, spoken, note, close, resolved):
    enter(whole)
    visit = Visit(browser, viewport=DESK, locale=locale)
    page = visit.page
    page.goto(whole.invite("desk", "operator"))
    page.locator("tbody tr").first.wait_for(timeout=15_000)
    page.get_by_role("button", name=incidents).press("Enter")
    page.get_by_role("button", name=duty).press("Enter")
    whole.send("phone", 0.0)
    for north_m in (5000.0, 60.0, 58.0, 56.0):
        whole.send("tag", north_m)
    rows = page.locator(".incidents .queue li.danger")
    rows.first.wait_for(timeout=15_000)
    page.keyboard.press("j")
    page.locator(".incidents .whole h2").wait_for()
    page.locator(".incidents .tasks li").first.wait_for()
    assert visit.axe() == []
    visit.shoot(f"incidents-{locale[:2]}", whole=True)
    page.keyboard.press("a")
    page.get_by_role("button", name=spoken).press("Enter")
    page.locator(".incidents textarea").fill("She is indoors and well.")
    page.get_by_role("button", name=note, exact=True).press("Enter")
    page.locator(".history li", has_text="She is indoors and well.").wait_for()
    page.locator(".incidents textarea").fill("He was told to leave and left.")
    page.locator(".whole").get_by_role("button", name=close, exact=True).press("Enter")
    page.locator(".whole p", has_text=resolved).wait_for()
    assert visit.axe() == []
    page.set_viewport_size({"width": 390, "height": 844})
    visit.shoot(f"incidents-{locale[:2]}-phone", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert visit.errors == []
    assert visit.ears("broken") == []
    assert visit.foreign(whole.house.url("desk")) == []
    visit.context.close()
