"""Incidents on the desk: from an approach to a closed incident by keyboard, on the real server and pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.mock_desk import MockDesk, incident, row
from tests.browser.test_office import enter
from tests.browser.test_whole import DESK, whole

__all__ = ["whole"]


@pytest.mark.parametrize(
    ("locale", "incidents", "duty", "spoken", "note", "close", "resolved", "drill"),
    [
        ("en-GB", "Incidents", "Go on duty", "I spoke with her", "Write it down", "Close", "resolved", "Begin a drill on her phone"),
        ("ko-KR", "사건", "근무 시작", "피해자와 통화함", "기록", "종료", "종료", "피해자 휴대전화로 훈련 시작"),
    ],
)
def test_an_operator_works_an_incident_to_its_end(whole, browser, locale, incidents, duty, spoken, note, close, resolved, drill):
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
    assert page.locator(".staff-notices p").first.get_attribute("lang") == locale[:2], "notices come in the language of the page"
    page.keyboard.press("a")
    speak(page)
    page.get_by_role("button", name=spoken).press("Enter")
    page.locator(".whole > form textarea").fill("She is indoors and well.")
    page.get_by_role("button", name=note, exact=True).press("Enter")
    page.locator(".history li", has_text="She is indoors and well.").wait_for()
    page.locator(".whole > form textarea").fill("He was told to leave and left.")
    page.locator(".whole").get_by_role("button", name=close, exact=True).press("Enter")
    page.locator(".whole p", has_text=resolved).wait_for()
    page.keyboard.press("t")
    page.get_by_role("button", name=drill).press("Enter")
    page.locator(".drilling [role=alert]").wait_for()
    finding = page.locator(".finding")
    finding.locator("summary").press("Enter")
    finding.locator("select").nth(0).select_option(index=1)
    finding.locator("select").nth(3).select_option("none")
    finding.locator("button").press("Enter")
    finding.get_by_role("status").wait_for()
    assert [finding.locator("select").nth(n).evaluate("one => one.selectedIndex") for n in range(4)] == [1, 0, 0, 1]
    visit.shoot(f"incidents-finding-{locale[:2]}", whole=True)
    assert visit.axe() == []
    page.set_viewport_size({"width": 390, "height": 844})
    visit.shoot(f"incidents-{locale[:2]}-phone", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert visit.errors == []
    assert visit.ears("broken") == []
    assert visit.foreign(whole.house.url("desk")) == []
    visit.context.close()


def speak(page):
    """By keyboard: a call that no service makes is refused in words, a message goes to her, a fixed text to him; the history has both."""
    page.locator(".speaking").wait_for()
    page.keyboard.press("p")
    page.locator(".calls button").first.wait_for()
    page.keyboard.press("Enter")
    page.locator(".speaking [role=alert]", has_text="telephone service").wait_for()
    page.locator(".whole h2").click()
    page.keyboard.press("m")
    page.keyboard.press("Tab")
    page.keyboard.type("Stay indoors; they are coming.")
    page.keyboard.press("Enter")
    page.locator(".speaking [role=status]").wait_for()
    page.locator(".history li.entry", has_text="Stay indoors; they are coming.").wait_for()
    page.locator(".speaking form select").first.select_option("monitored")
    page.locator(".speaking form input").wait_for(state="detached")
    page.locator(".speaking form button").press("Enter")
    page.locator(".speaking [role=alert]").or_(page.locator(".speaking [role=status]")).wait_for()


@pytest.fixture
def desk():
    with MockDesk() as found:
        yield found


FAR = 60
"""Lines of a queue that no screen shows at once."""
PICTURES = (
    ("silent", {"kinds": ["silent_sos"], "standing": ["silent_sos"], "level": "danger"}),
    ("drill", {"drill": True}),
    ("outage", {"kinds": ["mass_silence"], "standing": ["mass_silence"], "members": {"total": 150, "standing": 120}, "tasks": []}),
)


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "dark"), ("ko-KR", "light")])
def test_a_silent_call_a_drill_and_an_outage_each_say_what_they_are(desk, browser, locale, scheme):
    visit = Visit(browser, viewport=DESK, locale=locale, color_scheme=scheme)
    page, press = visit.page, visit.page.keyboard.press
    desk.queued = [incident(n, desk.now_ms(), **more) for n, (_, more) in enumerate(PICTURES)]
    desk.queued += [incident(n, desk.now_ms()) for n in range(len(PICTURES), FAR)]
    page.goto(desk.url)
    desk.board([row(1)])
    page.locator("tbody tr").first.wait_for()
    press("i")
    page.locator(".queue li").first.wait_for()
    for name, _ in PICTURES:
        press("j")
        page.locator(f".queue li.chosen:nth-child({1 + [one for one, _ in PICTURES].index(name)})").wait_for()
        page.locator(".whole h2").wait_for()
        if name == "outage":
            page.locator(".members li").first.wait_for()
            assert page.locator(".speaking").count() == 0, "an outage is nobody's telephone"
        else:
            page.locator(".speaking").wait_for()
            assert page.locator(".calls button").first.is_disabled() == (name == "silent"), "nothing rings near her"
            assert page.locator(".speaking option[value=monitored], .his").count() == 0, "he hears of no drill, and of no silent call"
        assert visit.axe() == []
        visit.shoot(f"incident-{name}-{locale[:2]}-{scheme}", whole=True)
    for _ in range(FAR - len(PICTURES)):
        press("j")
    for part in (f".queue li.chosen:nth-child({FAR})", ".whole h2"):
        expect(page.locator(part)).to_be_in_viewport()
    visit.shoot(f"incident-far-{locale[:2]}-{scheme}")
    assert visit.errors == []
    visit.context.close()


@pytest.mark.parametrize(("locale", "replay", "state"), [("en-GB", "Replay", "Danger"), ("ko-KR", "사건 다시 보기", "위험")])
def test_a_supervisor_looks_at_an_incident_again_by_keyboard(whole, browser, locale, replay, state):
    enter(whole)
    visit = Visit(browser, viewport=DESK, locale=locale)
    page = visit.page
    page.goto(whole.invite("desk", "eve"))
    page.locator("tbody tr").first.wait_for(timeout=15_000)
    whole.send("phone", 0.0)
    for north_m in (5000.0, 60.0, 58.0, 56.0):
        whole.send("tag", north_m)
    page.keyboard.press("i")
    page.locator(".incidents .queue li.danger").first.wait_for(timeout=15_000)
    page.keyboard.press("j")
    page.get_by_role("button", name=replay).press("Enter")
    slider = page.locator(".replay input[type=range]")
    slider.wait_for(timeout=30_000)
    page.locator(".replay .facts dd.state").wait_for()
    slider.press("End")
    page.locator(".replay .facts dd.state", has_text=state).wait_for()
    page.locator(".replay .map .mark").wait_for()
    page.locator(".replay .map canvas").wait_for(timeout=20_000)
    assert visit.axe() == []
    visit.shoot(f"replay-{locale[:2]}", whole=True)
    slider.press("Home")
    page.locator(".replay .facts dd.state.danger").wait_for(state="detached")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    visit.shoot(f"replay-{locale[:2]}-phone", whole=True)
    page.locator(".replay button").first.click()
    page.locator(".replay").wait_for(state="detached")
    assert visit.errors == []
    assert visit.ears("broken") == []
    visit.context.close()
