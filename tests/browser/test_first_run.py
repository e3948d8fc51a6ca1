"""The first five minutes: what it can and cannot do, one permission at a time, the alarm, a drill, and three questions."""

import pytest
from playwright.sync_api import expect

from tests.browser.mock_protected import pair, words
from tests.browser.test_languages import texts

SIZES = {"desk": (1280, 800), "phone": (390, 844)}


def press(page, text):
    page.get_by_role("button", name=text, exact=True).click()


def looked_at(seen, name):
    """On phone and desk: nothing is cut, axe finds nothing, and a picture is kept."""
    for size, (width, height) in SIZES.items():
        seen.page.set_viewport_size({"width": width, "height": height})
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        assert seen.axe() == [], name
        seen.shoot(f"{name}-{size}")


@pytest.mark.parametrize("language", ["ko", "en", "ar"])
def test_she_gets_to_know_the_app_practises_and_shows_that_she_knows(server, visit, language):
    say = texts(language)
    server.say(pair())
    seen = visit(locale=language)
    page = seen.page
    press(page, say["first_title"])
    for number, key in enumerate(("first_can", "sound_title", "report_title", "push_title", "drill_title")):
        expect(page.get_by_role("heading", name=say[key], exact=True)).to_be_visible()
        looked_at(seen, f"first-{number}-{language}")
        expect(page.get_by_role("button", name=say["exit"])).to_be_visible()
        expect(page.get_by_role("link", name=say["sos_call"].format(number="112").split("112")[0].strip())).to_be_visible()
        if key == "sound_title":
            press(page, say["first_turn_on"])
            expect(page.get_by_text(say["sound_ready"])).to_be_visible()
            assert 880 in seen.ears("tones"), "the alarm is not heard"
        if key != "drill_title":
            press(page, say["first_next"])
    with page.expect_response("**/api/drill") as begun:
        press(page, say["drill_start"])
    assert begun.value.request.method == "POST"
    for tier, key in (("watch", "her_watch"), ("warning", "her_warning"), ("danger", "her_danger")):
        server.play(tier)
        if tier != "watch":
            expect(page.get_by_role("heading", level=1)).to_have_text(say[key])
            expect(page.locator(".drill")).to_contain_text(say["drill_mark"])
    looked_at(seen, f"drill-danger-{language}")
    server.play(None)
    expect(page.get_by_role("heading", name=say["check_title"])).to_be_visible()
    looked_at(seen, f"check-{language}")
    press(page, say["check_near_wrong"])
    expect(page.get_by_text(say["check_again"])).to_be_visible()
    assert ("POST", "/api/drill/check") not in server.asked
    page.locator(".answers button", has_text="112").click()
    press(page, say["check_blind_right"])
    with page.expect_response("**/api/drill/check"):
        press(page, say["check_lost_right"])
    expect(page.get_by_text(say["check_done"])).to_be_visible()
    press(page, say["back"])
    expect(page.get_by_role("button", name=say["first_title"], exact=True)).to_have_count(0)


def test_a_real_alarm_takes_the_screen_from_whatever_she_learns(server, visit):
    server.say(pair())
    page = visit().page
    press(page, texts("en")["first_title"])
    server.say(pair("danger", words=words(40, 110)))
    expect(page.get_by_role("heading", level=1)).to_have_text("He is very near you.")
    expect(page.get_by_role("button", name=texts("en")["first_title"], exact=True)).to_have_count(0)
