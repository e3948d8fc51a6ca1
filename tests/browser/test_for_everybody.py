"""No colour, no sound, no second hand and no eyesight is needed, and text of twice the size fits: each by name."""

from playwright.sync_api import expect

from tests.browser.mock_protected import pair, words
from tests.browser.test_languages import heading, texts

SAY = texts("en")
STATES = {
    "her_danger": [pair("danger", words=words(40, 110, contact_s=40))],
    "her_warning": [pair("warning", words=words(movement="leaving"))],
    "her_blind": [pair("watch", seen="blind")],
    "her_clear": [pair()],
}
TOUCH_PX = 44
"""The least side of what is touched (WCAG 2.2, 2.5.5)."""


def test_no_colour_is_needed(server, visit):
    server.say(pair())
    seen = visit(forced_colors="active")
    shapes = set()
    for key, pairs in STATES.items():
        server.say(*pairs)
        expect(heading(seen.page)).to_have_text(SAY[key])
        shapes.add(seen.page.locator("svg.shape").inner_html())
        expect(seen.page.get_by_role("button", name=SAY["sos_hold"], exact=True)).to_be_visible()
    assert len(shapes) == len(STATES)
    assert seen.axe() == []
    seen.shoot("no-colour")


def test_no_sound_is_needed(server, visit):
    server.say(pair())
    seen = visit()
    server.say(*STATES["her_danger"])
    expect(heading(seen.page)).to_have_text(SAY["her_danger"])
    expect(seen.page.get_by_text(SAY["her_do_danger"].format(number="112"))).to_be_visible()
    expect(seen.page.get_by_text(SAY["sound_on"])).to_be_visible()
    assert seen.ears("tones") == []
    assert "on" in seen.ears("locks"), "the screen stays on, since nothing is heard"


def test_one_hand_is_enough(server, visit):
    server.say(*STATES["her_danger"])
    seen = visit()
    expect(heading(seen.page)).to_have_text(SAY["her_danger"])
    for part in seen.page.locator("section.help button, section.help a").all():
        box = part.bounding_box()
        assert box["y"] > 844 * 2 / 3, "the thumb reaches the lower third"
        assert box["width"] >= TOUCH_PX
        assert box["height"] >= TOUCH_PX


def test_a_screen_reader_is_told_the_alarm_the_step_and_the_mistake(server, visit):
    server.say(pair())
    page = visit().page
    page.get_by_role("button", name=SAY["first_title"], exact=True).click()
    expect(page.get_by_role("status").filter(has_text=SAY["first_step"].format(n=1, count=5))).to_have_count(1)
    page.get_by_role("button", name=SAY["first_next"], exact=True).click()
    expect(page.get_by_role("status").filter(has_text=SAY["first_step"].format(n=2, count=5))).to_have_count(1)
    server.play("danger")
    expect(page.locator("[aria-live=assertive]")).to_contain_text(SAY["drill_mark"])
    server.play(None)
    page.get_by_role("button", name=SAY["check_near_wrong"], exact=True).click()
    expect(page.get_by_role("alert").filter(has_text=SAY["check_again"])).to_have_count(1)
