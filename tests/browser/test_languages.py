"""Her ten languages in a real browser: direction, width at 320 px, one catalogue a phone, and words without a line."""

import base64
import json
import re

import pytest
from playwright.sync_api import expect

from jikimi.petitions.glyphs import FONTS
from tests.browser.conftest import ROOT
from tests.browser.mock_protected import a_map, pair, words

MESSAGES = ROOT / "web" / "messages"
LANGUAGES = ("ko", "en", *sorted(json.loads(path.read_text(encoding="utf-8"))["language"] for path in (MESSAGES / "her").iterdir()))
CATALOGUE = re.compile(r"/assets/texts-[a-z]{2}(-Hans)?-[^/]+$")
"""One language's texts; what reads them is a file of its own."""
NEAR = pair("danger", words=words(40, 110, contact_s=40), map=a_map(75), closed=None)


def texts(language):
    """Return a catalogue."""
    shared = MESSAGES / f"{language}.json"
    if shared.is_file():
        return json.loads(shared.read_text(encoding="utf-8"))
    return json.loads((MESSAGES / "her" / f"{language}.json").read_text(encoding="utf-8"))["texts"]


def heading(page):
    return page.get_by_role("heading", level=1)


@pytest.mark.parametrize("size", ["390x844", "1280x800"])
def test_arabic_is_mirrored_and_its_compass_is_not(server, visit, size):
    width, height = map(int, size.split("x"))
    server.say(NEAR)
    seen = visit(locale="ar", viewport={"width": width, "height": height})
    expect(heading(seen.page)).to_have_text(texts("ar")["her_danger"])
    assert seen.page.evaluate("document.documentElement.dir + document.documentElement.lang") == "rtlar"
    assert "rotate(48" in seen.page.locator("svg.arrow path").get_attribute("transform")
    far = seen.page.locator(".far").inner_text()
    assert far.index("40") < far.index("110"), "the nearer end is read first"
    shape, said = seen.page.locator("svg.shape").bounding_box(), heading(seen.page).bounding_box()
    assert shape["x"] > said["x"], "the sign stands where reading begins"
    expect(seen.page.locator("canvas")).to_be_visible()
    assert seen.axe() == []
    seen.shoot(f"arabic-danger-{size}")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_language_is_chosen_kept_and_spoken_without_a_line(server, visit):
    server.say(pair())
    seen = visit()
    page = seen.page
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    seen.until("navigator.serviceWorker.controller !== null")
    assert not [url for url in seen.requests if CATALOGUE.search(url)], "English needs no catalogue of its own"
    page.get_by_role("button", name=texts("en")["settings"]).click()
    page.get_by_role("button", name="العربية").click()
    expect(heading(page)).to_have_text(texts("ar")["settings"])
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert server.bodies("/api/language") == [{"language": "ar"}]
    loaded = [url for url in seen.requests if CATALOGUE.search(url)]
    assert loaded, "no catalogue was fetched"
    assert all("texts-ar-" in url for url in loaded), "another language than hers was fetched"
    seen.until("caches.match('/language').then((kept) => kept !== undefined)")
    seen.context.set_offline(True)
    page.reload()
    expect(heading(page)).to_have_text(texts("ar")["her_lost"])


def test_a_catalogue_that_cannot_be_had_leaves_english(server, visit):
    server.say(pair())
    seen = visit(go=False, locale="vi-VN", service_workers="block")
    seen.page.route(CATALOGUE, lambda route: route.abort())
    seen.page.goto(server.url)
    expect(heading(seen.page)).to_have_text(texts("en")["her_clear"])
    assert seen.page.evaluate("document.documentElement.lang") == "en"


CALL = {"id": "a" * 32, "due_ms": 1, "silent": False, "received_at_ms": 1_800_000_000_000, "seen_at_ms": None, "cancel": False}
EASY_IN = ("th", "ar", "ru")
OUT_OF_PLACE = """() => [...document.querySelectorAll('body *')].filter((one) => {
  if (one.closest('.visually-hidden, svg, canvas') || one.checkVisibility?.() === false) return false;
  const box = one.getBoundingClientRect();
  const cut = one.matches('button, a, h1, h2, p, li, label, strong') && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1;
  return cut || (box.width > 1 && (box.right > innerWidth + 1 || box.left < -1));
}).map((one) => one.outerHTML.slice(0, 160))"""


def press(page, text):
    page.get_by_role("button", name=text, exact=True).click()


def lettered(page, language):
    """Text twice as large, in letters that a phone of this language has: a box for a letter measures nothing."""
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    if language == "th":
        page.evaluate(
            """async (font) => {
              document.fonts.add(await new FontFace('Letters', Uint8Array.from(atob(font), (one) => one.charCodeAt(0))).load());
              document.documentElement.style.fontFamily = 'Letters, sans-serif';
            }""",
            base64.b64encode((FONTS / "NotoSansThai_400Regular.ttf").read_bytes()).decode(),
        )


def plain(key, say, *, is_easy):
    """Return a text as she reads it, in full or in easy words."""
    return say[f"plain_{key}" if is_easy else key]


def fits(seen, name):
    """Nothing runs out of the screen or of its own place; a picture is kept."""
    if name.split("-")[1] in EASY_IN and not name.endswith(("sound_why", "push_why", "drill_why")):
        seen.shoot(f"large-{name}", whole=True)
    assert seen.page.evaluate(OUT_OF_PLACE) == [], name
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= seen.page.viewport_size["width"], name


HARD = {
    "her_danger": [pair("danger", words=words(40, 110, contact_s=40))],
    "her_watch_shelter": [pair("watch", place="shelter")],
    "her_blind": [pair("watch", seen="blind")],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_fits_a_screen_of_320_pixels(server, visit, language):
    server.say()
    seen = visit(viewport={"width": 320, "height": 568}, locale=language)
    expect(heading(seen.page)).to_have_text(texts(language)["her_none"])
    for key in ("her_danger", "her_watch_shelter", "her_blind"):
        server.say(*HARD[key])
        expect(heading(seen.page)).to_have_text(texts(language)[key])
        top, bar = heading(seen.page).bounding_box(), seen.page.locator("section.help").bounding_box()
        assert top["y"] + top["height"] <= bar["y"], f"{key}: the bar covers the sentence"
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 320, key
        assert seen.page.evaluate(
            "[...document.querySelectorAll('button, a, h1, p:not(.visually-hidden)')].every((e) => e.scrollWidth <= e.clientWidth + 1)"
        ), key
    seen.shoot(f"blind-{language}-320")
    hers_fit_with_text_twice_as_large(server, seen, language)


def hers_fit_with_text_twice_as_large(server, seen, language):
    """Her alarm, her call, the first run, the check and the settings: nothing runs out of its place, in full words and in easy ones.

    Easy words are no longer than the full ones in any language (tools/check_texts.py): they are looked at in three.
    """
    page, say = seen.page, texts(language)
    lettered(page, language)
    server.say(*HARD["her_danger"])
    fits(seen, f"alarm-{language}")
    server.say(pair())
    for is_easy in (False, True)[: 2 if language in EASY_IN else 1]:
        press(page, say["settings"])
        page.get_by_label(say["easy_on"]).set_checked(is_easy)
        expect(page.get_by_text(plain("awake_why", say, is_easy=is_easy))).to_be_visible()
        fits(seen, f"settings-{language}-{is_easy}")
        press(page, say["first_title"])
        for key in (None, "first_sound_why", "report_why", "push_why", "drill_why"):
            if key is not None:
                press(page, say["first_next"])
                expect(page.get_by_text(plain(key, say, is_easy=is_easy))).to_be_visible()
            fits(seen, f"first-{language}-{is_easy}-{key or 'know'}")
        server.play("danger")
        expect(page.locator(".drill")).to_be_visible()
        server.play(None)
        expect(page.get_by_role("heading", name=plain("check_near", say, is_easy=is_easy))).to_be_visible()
        fits(seen, f"check-{language}-{is_easy}")
        page.locator(".answers button", has_text="112").click()
        press(page, say["check_blind_right"])
        press(page, say["check_lost_right"])
        press(page, say["back"])
    page.evaluate("call => localStorage.setItem('sos', call)", json.dumps(CALL))
    page.reload()
    stored = say["plain_sos_received" if language in EASY_IN else "sos_received"]
    expect(page.locator(".sent")).to_contain_text(max(stored.split("{time}"), key=len).strip(" \u2068\u2069:\uff1a"))
    lettered(page, language)
    fits(seen, f"sos-{language}")
