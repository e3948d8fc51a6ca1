"""Easy words and a neutral name of her choice: short, with pictures, one thing at a time; and telling a stranger nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.mock_protected import pair, words
from tests.browser.test_her_lock import button, sized
from tests.browser.test_languages import LANGUAGES, texts


@pytest.mark.parametrize("language", ["ko", "en", "ar"])
def test_easy_words_say_one_thing_at_a_time_with_a_picture_without_colour_or_sound(server, visit, language):
    say = texts(language)
    server.say(pair())
    seen = visit(locale=language, forced_colors="active")
    page = seen.page
    button(page, say["first_title"]).click()
    page.get_by_label(say["easy_on"]).check()
    expect(page.get_by_text(say["easy_can_warn"])).to_be_visible()
    sized(seen, f"easy-first-{language}")
    button(page, say["first_later"]).click()
    heading, step = page.get_by_role("heading", level=1), page.locator(".step")
    expect(heading).to_have_text(say["easy_clear"])

    server.say(pair("danger", words=words(40, 110, contact_s=40)))
    expect(heading).to_have_text(say["easy_danger"])
    expect(step).to_have_text(say["easy_do_people"])
    expect(step).to_have_attribute("role", "status")
    expect(step.locator("svg[aria-hidden]")).to_be_visible()
    assert say["her_danger"] in page.locator("[aria-live=assertive]").inner_text(), "a screen reader is told at once"
    expect(page.locator(".sos")).to_be_visible()
    sized(seen, f"easy-danger-{language}")
    page.set_viewport_size({"width": 390, "height": 844})
    following = button(page, say["easy_next"])
    box = following.bounding_box()
    assert box["height"] >= 48, "a thumb hits it"
    following.click()
    expect(step).to_contain_text("112")
    button(page, say["easy_again"]).click()
    expect(step).to_have_text(say["easy_do_people"])

    server.say(pair("warning", place="home"))
    expect(heading).to_have_text(say["her_warning_home"])
    expect(step).to_have_text(say["easy_do_away"])
    server.say(pair(seen="blind"))
    expect(heading).to_have_text(say["easy_blind"])
    page.reload()
    expect(heading).to_have_text(say["easy_blind"])


def test_the_full_words_stand_in_where_the_easy_ones_cannot_be_had(server, visit):
    server.say(pair("danger", words=words(40, 110)))
    seen = visit(go=False, service_workers="block")
    seen.context.add_init_script("localStorage.setItem('easy', 'yes')")
    seen.page.route("**/assets/later-*", lambda route: route.abort())
    seen.page.goto(server.url)
    expect(seen.page.get_by_role("heading", level=1)).to_have_text(texts("en")["her_danger"])
    seen.errors.clear()


@pytest.mark.parametrize("language", ["en", "ko", "ar"])
def test_she_chooses_a_name_and_a_picture_that_say_nothing(server, visit, language):
    say = texts(language)
    server.say(pair())
    seen = visit(locale=language)
    page = seen.page
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    seen.until("navigator.serviceWorker.controller !== null")
    expect(page.get_by_role("heading", level=1)).to_have_text(say["her_clear"])
    assert page.title() == say["guise_notes"]
    button(page, say["settings"]).click()
    recipes = button(page, say["guise_recipes"])
    recipes.click()
    expect(recipes).to_have_attribute("aria-pressed", "true")
    recipes.scroll_into_view_if_needed()
    sized(seen, f"guise-{language}")
    assert page.title() == say["guise_recipes"]
    manifest = page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then((answer) => answer.json())")
    assert (manifest["name"], manifest["id"], manifest["start_url"]) == (say["guise_recipes"], "/", "/?as=recipes")
    for icon in [*(one["src"] for one in manifest["icons"]), page.locator("link[rel=apple-touch-icon]").get_attribute("href")]:
        assert "recipes" in icon
        assert page.evaluate("url => fetch(url).then((answer) => answer.ok)", icon)
    exit_page = "recipes" if language == "en" else f"recipes-{language}"
    seen.until(f"caches.match('/{exit_page}.html').then((kept) => kept !== undefined)")
    seen.until("caches.match('/guise').then((kept) => kept.text()).then((icon) => icon === '/icon-recipes-192.png')")
    page.goto(server.url + "?as=lists")
    assert page.title() == say["guise_recipes"], "what she chose last counts"
    page.set_viewport_size({"width": 390, "height": 844})
    button(page, say["exit"]).click()
    page.wait_for_url(f"**/{exit_page}.html")
    expect(page.get_by_role("heading", level=1)).to_have_text(say["guise_recipes"])
    assert seen.axe() == []
    seen.shoot(f"guise-exit-{language}")
    page.goto(server.url + "?as=lists")
    seen.until(f"document.title === {say['guise_lists']!r}")


def test_no_name_of_the_app_says_what_it_is_in_any_language():
    telling = ("jikimi", "지킴", "protect", "safe", "alarm", "guard", "police", "court", "보호", "안전", "경보", "법원", "112")
    for language in LANGUAGES:
        names = [texts(language)[key] for key in ("guise_notes", "guise_lists", "guise_recipes")]
        assert len(set(names)) == 3
        assert not [name for name in names for word in telling if word in name.lower()]
