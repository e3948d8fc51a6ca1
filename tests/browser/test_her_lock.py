"""Her app lock in a real browser: it stands between a stranger and the map, and never between her and an alarm."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.mock_protected import a_map, pair, words
from tests.browser.test_languages import texts
from tests.browser.test_sign_in import authenticator
from tests.browser.test_whole import until, whole

__all__ = ["whole"]

NEAR = pair("danger", words=words(40, 110, contact_s=40), map=a_map(75), closed=None)


def button(page, text):
    return page.get_by_role("button", name=text, exact=True)


def enter(page, say, pin):
    """Give the PIN, under an alarm or without one."""
    show, label = button(page, say["pin_show"]), page.get_by_label(say["pin_label"])
    expect(show.or_(label)).to_be_visible()
    if show.count():
        show.click()
    label.fill(pin)
    page.keyboard.press("Enter")


def approach(whole, page):
    for north_m in (150.0, 150.0, 145.0):
        whole.send("phone", 0.0)
        whole.send("tag", north_m)
        page.wait_for_timeout(400)


def sized(visit, name):
    """It fits a small screen in text of any size, and reads well."""
    for suffix, width, scale in (("", 390, 100), ("-double", 360, 200)):
        visit.page.set_viewport_size({"width": width, "height": 844})
        visit.page.evaluate(f"document.documentElement.style.fontSize = '{scale}%'")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, name + suffix
        visit.shoot(name + suffix)
    visit.page.evaluate("document.documentElement.style.fontSize = ''")
    assert visit.axe() == [], name


@pytest.mark.parametrize("language", ["ko", "en", "ar"])
def test_a_locked_app_says_the_alarm_and_opens_to_her_pin(server, visit, language):
    say = texts(language)
    server.pin = "2048"
    server.say(pair())
    seen = visit(locale=language)
    page = seen.page
    pin = page.get_by_label(say["pin_label"])
    expect(pin).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(say["her_clear"])
    expect(button(page, say["settings"])).to_have_count(0)
    expect(button(page, say["papers_title"])).to_have_count(0)
    sized(seen, f"lock-{language}")
    pin.fill("9999")
    button(page, say["pin_open"]).click()
    expect(page.get_by_role("alert").filter(has_text="9")).to_be_visible()

    server.say(NEAR)
    expect(page.get_by_role("heading", level=1)).to_have_text(say["her_danger"])
    expect(page.locator(".far")).to_be_visible()
    for name in ("exit", "seen_it", "pin_show"):
        expect(button(page, say[name])).to_be_visible()
    expect(page.locator(".sos")).to_be_visible()
    expect(page.locator("a.call").first).to_have_attribute("href", "tel:112")
    expect(page.locator(".map")).to_have_count(0)
    assert 880 in seen.ears("tones") or seen.ears("shakes"), "it is heard or felt as without a lock"
    sized(seen, f"lock-alarm-{language}")

    button(page, say["pin_show"]).click()
    pin.fill("2048")
    page.keyboard.press("Enter")
    expect(page.locator(".map")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(say["her_danger"])
    assert ("POST", "/api/lock/open") in server.asked
    expect(button(page, say["settings"])).to_be_visible()


def test_after_its_time_in_the_background_it_asks_again_and_keeps_nothing(server, visit):
    say = texts("en")
    server.pin = "2048"
    server.say(NEAR)
    seen = visit(go=False)
    page = seen.page
    page.clock.install()
    page.goto(server.url)
    button(page, say["pin_show"]).click()
    page.get_by_label(say["pin_label"]).fill("2048")
    page.keyboard.press("Enter")
    expect(page.locator(".map")).to_be_visible()
    hide = "state => { Object.defineProperty(document, 'visibilityState', { configurable: true, value: state });"
    hide += "document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(hide, "hidden")
    seen.live(server, 30_000)
    page.evaluate(hide, "visible")
    expect(page.locator(".map")).to_be_visible()
    page.evaluate(hide, "hidden")
    seen.live(server, 61_000)
    expect(page.locator(".map")).to_have_count(0)
    page.evaluate(hide, "visible")
    expect(button(page, say["pin_show"])).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(say["her_danger"])
    kept = page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert "2048" not in kept
    assert "word" not in kept


def test_a_pin_is_set_and_the_phone_bound_and_a_copied_cookie_sees_no_map(whole, browser):
    say = texts("en")
    visit = Visit(browser)
    authenticator(visit)
    page = visit.page
    page.goto(whole.invite("protected", "p"))
    until(page, "cannot see")
    button(page, say["settings"]).click()
    page.get_by_label(say["pin_label"]).fill("1111")
    button(page, say["pin_set"]).click()
    page.get_by_text(say["pin_weak"]).wait_for()
    page.get_by_label(say["pin_label"]).fill("2048")
    button(page, say["pin_set"]).click()
    page.get_by_text(say["pin_is_on"]).wait_for()
    button(page, say["bind_start"]).click()
    page.get_by_text(say["bind_is"]).wait_for()
    page.get_by_role("heading", name=say["pin_title"]).scroll_into_view_if_needed()
    sized(visit, "lock-settings")
    button(page, say["back"]).click()
    approach(whole, page)
    page.locator(".map canvas").wait_for(timeout=20_000)

    thief = Visit(browser)
    thief.context.add_cookies(visit.context.cookies())
    thief.page.goto(whole.house.url("protected"))
    expect(button(thief.page, say["pin_show"]).or_(thief.page.get_by_label(say["pin_label"]))).to_be_visible()
    assert thief.page.locator(".map").count() == 0
    assert thief.page.evaluate("fetch('/api/papers').then((answer) => answer.status)") == 423
    enter(thief.page, say, "2048")
    thief.page.get_by_role("button", name=say["bind_open"]).wait_for()
    assert thief.page.locator(".map").count() == 0, "the PIN alone does not do either"
    thief.context.close()

    page.reload()
    enter(page, say, "2048")
    button(page, say["bind_open"]).click()
    approach(whole, page)
    page.locator(".map canvas").wait_for(timeout=20_000)
    assert visit.errors == []
    assert visit.ears("broken") == []
    visit.context.close()
