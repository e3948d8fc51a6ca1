"""Each state of her page: its sentence in both languages, its own shape, and nothing that axe finds."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT
from tests.browser.mock_protected import a_map, pair, words

ZONE = {"type": "circle", "latitude": 37.4112, "longitude": 127.1287, "radius_m": 40}
STATES = {
    "clear": ([pair()], "her_clear"),
    "watch": ([pair("watch", words=words(1350, 1600, movement="steady", contact_s=1500))], "her_watch"),
    "warning": ([pair("warning", words=words(movement="leaving"))], "her_warning"),
    "coming": ([pair("warning", words=words(), map=a_map(), closed=None)], "her_warning_coming"),
    "danger": ([pair("danger", words=words(40, 110, contact_s=40), map=a_map(75), closed=None)], "her_danger"),
    "home": ([pair("danger", place="home", map=a_map(60, zone=ZONE, protected=None), closed=None)], "her_danger_home"),
    "stale": ([pair(seen="stale")], "her_stale"),
    "blind": ([pair("watch", seen="blind", words=words(0, 2600, movement="unknown", contact_s=90, fix_age_s=640))], "her_blind"),
    "handset": ([pair(handset="stale")], "her_handset"),
    "none": ([], "her_none"),
}
LOCALES = {"en": "en-GB", "ko": "ko-KR"}
TEXTS = {language: json.loads((ROOT / "web" / "messages" / f"{language}.json").read_text(encoding="utf-8")) for language in LOCALES}


@pytest.mark.parametrize("language", LOCALES)
def test_each_state_has_its_sentence_in_her_language(server, visit, language):
    page = visit(locale=LOCALES[language]).page
    for pairs, key in STATES.values():
        server.say(*pairs)
        expect(page.get_by_role("heading", level=1)).to_have_text(TEXTS[language][key])
    assert page.evaluate("document.documentElement.lang") == language


# axe passes over a text that has the colour of its own ground.
UNREADABLE = """() => [...document.querySelectorAll('button, a')].filter((each) => {
  const { color, backgroundColor } = getComputedStyle(each);
  return color === backgroundColor;
}).map((each) => each.textContent)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(server, visit, scheme):
    server.say()
    seen = visit(color_scheme=scheme, locale="ko-KR" if scheme == "dark" else "en-GB")
    texts = TEXTS["ko" if scheme == "dark" else "en"]
    for name, (pairs, key) in STATES.items():
        server.say(*pairs)
        expect(seen.page.get_by_role("heading", level=1)).to_have_text(texts[key])
        if any(each["map"] for each in pairs):
            expect(seen.page.locator("canvas")).to_be_visible()
        seen.shoot(f"{name}-{scheme}")
        assert seen.page.evaluate(UNREADABLE) == [], name
        assert seen.axe() == [], name


@pytest.mark.parametrize("size", ["390x844", "1280x800"])
def test_pictures_for_eyes(server, visit, size):
    """Pictures of each state land in ``shots``. With ``JIKIMI_PICTURES`` set to a folder, those of the README land there too."""
    width, height = map(int, size.split("x"))
    seen = visit(viewport={"width": width, "height": height}, device_scale_factor=1)
    kept = os.environ.get("JIKIMI_PICTURES")
    server.say()
    seen.page.get_by_role("button", name="Sound is off").click()
    for name in ("danger", "coming", "home", "watch", "clear", "blind"):
        pairs, key = STATES[name]
        server.say(*pairs)
        expect(seen.page.get_by_role("heading", level=1)).to_have_text(TEXTS["en"][key])
        if any(each["map"] for each in pairs):
            seen.page.wait_for_timeout(1_500)
        picture = seen.shoot(f"{name}-{size}")
        assert picture.stat().st_size > 0
        if kept and size == "390x844" and name in ("danger", "watch"):
            Path(kept).mkdir(parents=True, exist_ok=True)
            shutil.copy(picture, Path(kept) / f"protected-{name}.png")


SENTENCE_FIRST = """() => {
  const [h1, sos] = ['h1', '.sos'].map((each) => document.querySelector(each));
  const [sentence, help] = [h1, sos].map((each) => each.getBoundingClientRect());
  const others = [...document.querySelectorAll('.app *')].filter((each) => !each.matches('h1, :has(h1), .top *'));
  const told = others.filter((each) => each.textContent.trim() !== '' && each.getBoundingClientRect().height > 0);
  const before = told.filter((each) => each.getBoundingClientRect().bottom <= sentence.top + 1);
  return {
    whole: sentence.top >= 0 && sentence.bottom <= help.top && h1.scrollWidth <= h1.clientWidth + 1,
    reachable: help.top >= 0 && help.bottom <= innerHeight,
    before: before.map((each) => each.className || each.textContent),
  };
}"""


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("size", ["390x844", "320x568"])
@pytest.mark.parametrize("language", LOCALES)
def test_the_sentence_is_first_and_whole_and_help_in_reach_whatever_the_size_of_the_text(server, visit, language, size, percent):
    width, height = map(int, size.split("x"))
    server.me["demo"] = True
    server.say()
    seen = visit(viewport={"width": width, "height": height}, locale=LOCALES[language])
    expect(seen.page.get_by_role("heading", level=1)).to_have_text(TEXTS[language]["her_none"])
    seen.page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
    for name, (pairs, key) in STATES.items():
        server.say(*pairs)
        expect(seen.page.get_by_role("heading", level=1)).to_have_text(TEXTS[language][key])
        if percent == 200:
            seen.shoot(f"{name}-{language}-{size}-{percent}")
        found = seen.page.evaluate(SENTENCE_FIRST)
        assert (found["whole"], found["reachable"]) == (True, True), f"{name}: {found}"
        # At the usual size one line of what a hand needs may stand above it, and nothing else.
        assert set(found["before"]) <= ({"top"} if percent == 100 else set()), name
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert seen.page.evaluate(
            "[...document.querySelectorAll('button, a, h1, p:not(.visually-hidden)')].every((e) => e.scrollWidth <= e.clientWidth + 1)"
        ), name


def test_each_state_has_a_shape_of_its_own_and_blind_does_not_resemble_clear(server, visit):
    server.say()
    page = visit().page
    looks = {}
    for name in ("clear", "watch", "warning", "danger", "blind", "handset", "none", "stale"):
        server.say(*STATES[name][0])
        expect(page.get_by_role("heading", level=1)).to_have_text(TEXTS["en"][STATES[name][1]])
        shape = page.locator("svg.shape").inner_html()
        looks[name] = (shape, page.evaluate("getComputedStyle(document.querySelector('.app')).backgroundColor"))
    assert len({shape for shape, _ in looks.values()}) == len(looks)
    assert looks["blind"][1] != looks["clear"][1]


def test_no_text_of_hers_says_safe():
    for language, word in (("en", "safe"), ("ko", "안전")):
        said = [text for key, text in TEXTS[language].items() if not key.startswith(("desk_", "ov_"))]
        assert not [text for text in said if word in text.lower()]


def test_the_facts_stand_under_the_sentence(server, visit):
    server.say(pair("warning", words=words(310, 420, bearing_deg=182, contact_s=400, fix_age_s=4)))
    page = visit().page
    facts = page.locator(".facts")
    for fact in ("450\u00a0m away", "To the south of you", "Coming nearer", "Could reach you in 6 min at the earliest", "Seen "):
        expect(facts).to_contain_text(fact)
    assert "rotate(182" in page.locator("svg.arrow path").get_attribute("transform")


def test_the_age_grows_on_the_pages_own_time(server, visit):
    server.say(pair("warning", words=words(fix_age_s=4)))
    seen = visit(go=False)
    seen.page.clock.install()
    seen.page.goto(server.url)
    shown = seen.page.get_by_text(re.compile("^Seen [0-9]+ s ago$"))
    before_s = int(shown.inner_text().split()[1])
    seen.page.clock.run_for(5_000)
    assert int(shown.inner_text().split()[1]) >= before_s + 5


def test_no_direction_is_said_of_somebody_who_is_not_seen(server, visit):
    server.say(*STATES["blind"][0])
    page = visit().page
    expect(page.locator(".facts")).to_contain_text("Seen 11 min ago")
    expect(page.locator("svg.arrow")).to_have_count(0)
    expect(page.locator(".facts")).not_to_contain_text("north")


def test_a_turned_phone_turns_the_second_arrow(server, visit):
    server.say(pair("warning", words=words(bearing_deg=90)))
    page = visit().page
    page.get_by_text("Sound is off").click()
    page.evaluate("dispatchEvent(new DeviceOrientationEvent('deviceorientationabsolute', { alpha: 0, absolute: true }))")
    expect(page.locator(".turned")).to_contain_text("On your right")
    page.evaluate("dispatchEvent(new DeviceOrientationEvent('deviceorientationabsolute', { alpha: 270, absolute: true }))")
    expect(page.locator(".turned")).to_contain_text("In front of you")


def test_a_reader_is_told_of_changes_and_not_of_seconds(server, visit):
    server.say(pair("watch", words=words(1350, 1600)))
    seen = visit(go=False)
    seen.page.clock.install()
    seen.page.goto(server.url)
    expect(seen.page.locator("[aria-live=polite]")).to_have_text("He is in the wider area.")
    seen.page.evaluate(
        "window.told = 0; new MutationObserver(() => told++).observe(document.body, { subtree: true, childList: true, characterData: true,"
        " attributeFilter: [] })"
    )
    live = (
        "new MutationObserver((all) => { for (const e of all) if (e.target.parentElement?.closest('[aria-live],[role=alert]')) said++; })"
    )
    seen.page.evaluate(f"window.said = 0; {live}.observe(document.body, {{ subtree: true, childList: true, characterData: true }})")
    seen.page.clock.run_for(6_000)
    assert seen.page.evaluate("told") > 0
    assert seen.page.evaluate("said") == 0
    server.say(pair("danger", words=words(40, 110)))
    expect(seen.page.locator("[aria-live=assertive]")).to_have_text("He is very near you.")


def test_a_late_server_says_so(server, visit):
    server.say(pair(), late_s=8)
    page = visit().page
    expect(page.get_by_text("The server is 8 seconds behind.")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="The server is behind.")).to_have_count(1)


def test_a_second_danger_is_not_hidden_behind_the_first(server, visit):
    server.say(pair("danger", words=words(40, 110)), pair("warning", pair="p2", place="school"))
    page = visit().page
    expect(page.get_by_role("heading", level=1)).to_have_text("He is very near you.")
    expect(page.get_by_text("He is near the school.")).to_be_visible()


def test_blindness_is_not_hidden_behind_a_danger_or_a_lost_line(server, visit):
    blind = pair(pair="p2", seen="blind")
    server.say(pair("danger", words=words(40, 110)), blind)
    page = visit().page
    expect(page.get_by_role("list", name="Also").get_by_text("We cannot see where he is.")).to_be_visible()
    server.say(blind)
    expect(page.get_by_role("heading", level=1)).to_have_text("We cannot see where he is.")
    server.down = True
    server.cut()
    expect(page.get_by_text("Before that: We cannot see where he is.")).to_be_visible()


def test_a_stranger_learns_nothing_from_name_icon_and_manifest(server, visit):
    server.say(pair("danger", words=words(40, 110)))
    page = visit().page
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.title() == "Notes"
    manifest = page.evaluate("fetch('/app-notes-en.webmanifest').then((answer) => answer.json())")
    assert manifest["name"] == manifest["short_name"] == "Notes"
    for icon in manifest["icons"]:
        assert page.evaluate("url => fetch(url).then((answer) => answer.ok)", icon["src"])
