"""Her plan on a whole server: sealed, unreadable to phone and register; under an alarm it says which ways lead away from him."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_her_lock import button, enter, sized
from tests.browser.test_languages import texts
from tests.browser.test_nothing_kept import KEPT
from tests.browser.test_papers import Hers
from tests.browser.test_whole import until, whole
from tests.runtime.test_server import HERE

__all__ = ["whole"]

SHELTER, CLINIC = "Zebrafish house", "Quagga clinic"


def stand(visit, north_m):
    visit.context.set_geolocation({"latitude": HERE[0] + north_m / 111_000, "longitude": HERE[1], "accuracy": 8})


def near(whole, page, locator):
    """He is very near, north of her, and goes on being seen until the page shows what a test waits for."""
    for _ in range(60):
        whole.send("phone", 0.0)
        whole.send("tag", 80.0)
        page.wait_for_timeout(400)
        if locator.is_visible():
            return
    pytest.fail("it was never shown")


def keep_place(visit, say, name, north_m):
    page = visit.page
    page.get_by_label(say["plan_place_name"]).fill(name)
    page.get_by_role("button", name=say["plan_add"], exact=True).first.click()
    stand(visit, north_m)
    row = page.locator(".plan li", has_text=name)
    row.get_by_role("button", name=say["plan_here"]).click()
    expect(row.get_by_text(say["plan_has_place"])).to_be_visible()


@pytest.mark.parametrize("language", ["ko", "en", "ar"])
def test_her_plan_is_sealed_and_shows_the_way_away_from_him_behind_her_lock(whole, browser, language):
    say = texts(language)
    visit = Visit(browser, locale=language, permissions=["geolocation"])
    stand(visit, 0)
    page = visit.page
    page.goto(whole.invite("protected", "p"))
    until(page, say["her_blind"])
    hers = Hers(page, language)
    hers.press("papers_title")
    hers.begin()
    hers.press("papers_words_noted")
    hers.press("plan_title")
    keep_place(visit, say, SHELTER, -400)
    keep_place(visit, say, CLINIC, 900)
    page.get_by_label(say["plan_person_name"], exact=True).fill("Mina")
    page.get_by_label(say["plan_person_phone"]).fill("010-1234-5678")
    page.get_by_role("button", name=say["plan_add"], exact=True).last.click()
    page.get_by_label(say["plan_take"]).fill("keys")
    page.get_by_label(say["plan_alarm"]).check()
    with page.expect_request("**/api/papers/write") as written:
        hers.press("plan_save")
    body = written.value.post_data_buffer
    assert SHELTER.encode() not in body
    assert b"37." not in body
    expect(page.get_by_text(say["plan_saved"], exact=True)).to_be_visible()
    sized(visit, f"plan-{language}")
    page.set_viewport_size({"width": 390, "height": 844})
    stand(visit, 0)
    hers.press("back")
    hers.press("back")

    ways = page.locator(".ways")
    near(whole, page, ways.locator("li.away", has_text=SHELTER))
    expect(ways.locator("li.towards")).to_contain_text(CLINIC)
    expect(ways.locator("a.call")).to_have_attribute("href", "tel:01012345678")
    assert SHELTER in ways.locator("li").first.inner_text(), "where to go stands before where not to"
    ways.scroll_into_view_if_needed()
    sized(visit, f"ways-{language}")
    page.set_viewport_size({"width": 390, "height": 844})
    kept = page.evaluate(KEPT)
    assert SHELTER not in kept
    assert "37.5" not in kept

    button(page, say["settings"]).click()
    page.get_by_label(say["pin_label"]).fill("2048")
    hers.press("pin_set")
    expect(page.get_by_text(say["pin_is_on"])).to_be_visible()
    page.reload()
    expect(button(page, say["pin_show"]).or_(page.get_by_label(say["pin_label"]))).to_be_visible()
    near(whole, page, button(page, say["pin_show"]))
    expect(page.get_by_text(SHELTER)).to_have_count(0)
    enter(page, say, "2048")
    near(whole, page, ways.locator("li.away", has_text=SHELTER))

    button(page, say["exit"]).click()
    page.wait_for_url("**/notes*.html")
    assert page.evaluate("indexedDB.databases().then((found) => found.length)") == 0
    assert visit.errors == []
    assert visit.ears("broken") == []
    visit.context.close()
