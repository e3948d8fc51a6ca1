"""A drill in her app, end to end: begun in the settings, marked in words over every state, ended by a real alarm."""

from __future__ import annotations

from tests.browser.conftest import Visit
from tests.browser.test_office import enter
from tests.browser.test_whole import until, whole

__all__ = ["whole"]

SETTINGS, START, MARK, DANGER, END = "설정", "훈련 시작", "훈련: 실제 상황이 아닙니다", "가까이", "훈련 끝내기"


def test_she_practises_an_alarm_and_a_real_one_ends_it(whole, browser):
    enter(whole)
    whole.send("phone", 0.0)
    whole.send("tag", 9000.0)
    visit = Visit(browser, locale="ko-KR")
    page = visit.page
    page.goto(whole.invite("protected", "p"))
    page.locator(".app.clear, .app.handset, .app.stale").wait_for()
    page.get_by_role("button", name=SETTINGS, exact=True).click()
    assert visit.axe() == []
    visit.shoot("drill-settings", whole=True)
    for _ in range(20):
        page.get_by_role("button", name=START).click()
        page.wait_for_timeout(300)
        if page.locator(".drill").count():
            break
    page.locator(".drill", has_text=MARK).wait_for()
    page.locator(".app.danger").wait_for(timeout=40_000)
    assert page.locator(".drill", has_text=MARK).count() == 1
    until(page, DANGER)
    assert page.locator(".map").count() == 0
    assert visit.axe() == []
    visit.shoot("drill-danger")
    page.get_by_role("button", name=END).wait_for()
    for north_m in (60.0, 58.0, 56.0):
        whole.send("tag", north_m)
    page.locator(".drill").wait_for(state="detached")
    page.locator(".app.danger").wait_for()
    page.locator(".map canvas").wait_for()
    visit.shoot("drill-real")
    assert visit.errors == []
    assert visit.ears("broken") == []
    visit.context.close()
