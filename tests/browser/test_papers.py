"""Her papers in a real browser: a petition question by question, filed to a court that opens it; her diary; nothing in clear."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import struct
from zoneinfo import ZoneInfo

import msgspec
import pyrage
import pytest
from playwright.sync_api import expect

from jikimi.model.petition import Kind
from jikimi.petitions.answers import asked
from jikimi.petitions.package import opened
from jikimi.runtime.backup import back_up
from jikimi.runtime.courts import SEALS
from jikimi.runtime.settings import CourtSettings
from tests.browser.conftest import FLAGS, PHONE, Visit, chromium
from tests.browser.test_languages import texts
from tests.browser.test_nothing_kept import KEPT
from tests.browser.test_whole import Whole
from tests.petitions.case import FORM, answers
from tests.runtime.test_server import now_ms

KEY = pyrage.x25519.Identity.generate()
OPEN = msgspec.structs.replace(FORM, valid_from=dt.date(2026, 1, 1))
SECRET = "그는 zebrafish-quartz 골목에서 기다렸습니다"
PLACE = "quaggawater lane 9"
TODAY = dt.datetime.now(ZoneInfo("Asia/Seoul")).date()


def day(ago):
    return (TODAY - dt.timedelta(days=ago)).isoformat()


def said(declined=89, **changed):
    days = {"declined_on": day(declined), "first_act": day(200), "last_act": day(declined + 1)}
    return answers(**{**days, "story": SECRET, "your_address": PLACE, **changed})


@pytest.fixture
def court(tmp_path):
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    inbox = tmp_path / "court"
    inbox.mkdir()
    setting = CourtSettings(key=str(KEY.to_public()), way="folder", to=str(inbox))
    found = Whole(tmp_path / "data", 19_160 + 10 * worker, courts={"seoul-central": setting})
    found.server.filing._forms = {OPEN.form_id: OPEN}
    found.inbox = inbox
    yield found
    found.close()


class Hers:
    """Her hands on her papers."""

    def __init__(self, page, language):
        self.page = page
        self.t = texts(language)
        self.language = language if language in FORM.languages else "en"
        self.words = ""

    def press(self, key, **values):
        self.page.get_by_role("button", name=self.t[key].format(**values), exact=True).click()

    def enter(self, address):
        self.page.goto(address)
        self.press("papers_title")

    def begin(self):
        self.press("papers_begin")
        self.page.locator(".words li").first.wait_for()
        self.words = " ".join(self.page.locator(".words li").all_inner_texts())

    def answer(self, question, answer):
        page = self.page
        expect(page.locator(".ask")).to_have_text(question.ask[self.language])
        if answer is None:
            return
        if question.kind in {Kind.WORDS, Kind.STORY, Kind.DAY, Kind.LINES}:
            page.locator("#answer").fill("\n".join(answer) if isinstance(answer, tuple) else answer)
        elif question.kind in {Kind.YES_NO, Kind.CONFIRMED}:
            page.get_by_label(self.t["papers_yes" if answer else "papers_no"], exact=True).check()
        else:
            names = {one.choice_id: one.say[self.language] for one in question.choices}
            for one in [answer] if isinstance(answer, str) else answer:
                page.get_by_label(names[one], exact=True).check()

    def write(self, given):
        questions = list(asked(FORM, given))
        for number, question in enumerate(questions, 1):
            self.answer(question, given.get(question.question_id))
            self.press("papers_next" if number < len(questions) else "papers_done")


def narrow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def wide(page):
    over = "[...document.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)"
    return page.evaluate(f"{over}.map((one) => one.outerHTML.slice(0, 90))")


def quiet(visit, court):
    assert visit.errors == []
    assert visit.ears("broken") == []
    assert visit.foreign(court.house.url("protected")) == []


def a_photo(page, latitude=37):
    """Return a JPEG as a camera writes it: with a place in its EXIF block."""
    page.evaluate(
        "() => { const c = document.createElement('canvas'); c.width = c.height = 64; const d = c.getContext('2d');"
        " d.fillStyle = '#376'; d.fillRect(0, 0, 64, 64); window.picture = c.toDataURL('image/jpeg').split(',')[1]; }"
    )
    plain = base64.b64decode(page.evaluate("window.picture"))
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + b"GPSLatitude 37.504454 Quaggaphone 12" + bytes([latitude])
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]


def test_diary_petition_and_filing_and_nothing_of_it_in_clear(court, browser, tmp_path):
    """Given the police declined 89 days ago; when she seals an entry and files; then the court reads all of it, and nobody else."""
    profile = tmp_path / "profile"
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=chromium(), args=FLAGS, viewport=PHONE, locale="en-GB"
    )
    hers = Hers(context.pages[0], "en")
    page = hers.page
    broken = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    hers.enter(court.invite("protected", "p"))
    hers.begin()
    hers.press("papers_words_noted")

    hers.press("papers_diary")
    hers.press("papers_diary_new")
    page.get_by_label(hers.t["papers_entry_place"]).fill(PLACE)
    page.get_by_label(hers.t["papers_entry_text"]).fill(SECRET)
    photo = a_photo(page)
    page.get_by_label(hers.t["papers_file_add"]).set_input_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo})
    hers.press("papers_seal")
    page.locator(".entries li").wait_for()
    hers.press("papers_show_file")
    page.locator(".entries img").wait_for()
    hers.press("back")

    hers.press("papers_petition")
    hers.write(said())
    hers.press("papers_preview")
    expect(page.locator(".sheet").first).to_contain_text(SECRET)
    assert PLACE not in page.locator(".sheet").first.inner_text(), "he never gets her address"
    assert PLACE in page.locator(".sheet").nth(1).inner_text()
    assert list(court.inbox.iterdir()) == []
    hers.press("papers_to_file")
    page.get_by_label("1. ", exact=False).check()
    assert list(court.inbox.iterdir()) == [], "nothing is sent by itself"
    assert page.get_by_role("button", name=hers.t["papers_file"], exact=True).is_disabled()
    page.get_by_label(hers.t["papers_file_sure"]).check()
    hers.press("papers_file")
    page.locator(".receipt").wait_for()
    receipt = page.locator(".receipt .hash").inner_text()

    (package,) = court.inbox.iterdir()
    assert hashlib.sha256(package.read_bytes()).hexdigest() == receipt
    found = opened(package.read_bytes(), str(KEY))
    values = {row.question_id: row.value for paper in found.papers for part in paper.parts for row in part.rows}
    assert {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()} == said()
    (seal,) = {one["exhibit"]: one for one in json.loads(found.exhibits[SEALS])}.keys() & {"diary-01.json"}
    first = next(one for one in json.loads(found.exhibits[SEALS]) if one["exhibit"] == seal)
    assert hashlib.sha256(found.exhibits["diary-01.json"]).hexdigest() == first["sha256"], "what she sealed then is what the court gets now"
    assert json.loads(found.exhibits["diary-01.json"])["files"][0]["sha256"] == hashlib.sha256(photo).hexdigest()
    assert b"Exif" not in found.exhibits["diary-01-1.jpg"]
    assert found.exhibits["diary-01-1.jpg"].startswith(b"\xff\xd8")

    kept = page.evaluate(KEPT)
    page.reload()
    hers.press("papers_title")
    page.get_by_label(hers.t["papers_words_ask"]).fill("acid " * 8)
    hers.press("papers_open")
    page.get_by_text(hers.t["papers_words_wrong"]).wait_for()
    page.get_by_label(hers.t["papers_words_ask"]).fill(hers.words)
    hers.press("papers_open")
    hers.press("papers_diary")
    expect(page.locator(".entries li")).to_contain_text(SECRET)
    hers.press("exit")
    page.wait_for_url("**/notes.html")
    context.close()
    assert broken == []
    court.close()

    (tmp_path / "backup").mkdir()
    back_up(court.house.settings, tmp_path / "backup" / "one", now_ms())
    secrets = [SECRET, PLACE, "zebrafish-quartz", "Quaggaphone", hers.words, base64.b64encode(SECRET.encode()).decode()[:20]]
    assert not [one for one in secrets if one in kept]
    assert found_in(tmp_path / "data", secrets) == []
    assert found_in(tmp_path / "backup", secrets) == []
    assert found_in(profile, secrets) == []
    assert any(profile.rglob("Cookies"))
    rows = everything_in(court.house.register.engine)
    assert len(rows) > 10
    assert not [one for one in forms_of(secrets) if one in rows], "with the server's own key there is nothing to read either"


def forms_of(secrets):
    return [one.encode(form) for one in secrets for form in ("utf-8", "utf-16-le")]


def found_in(folder, secrets):
    """Return the files in which one of these texts stands, in the ways a program writes texts."""
    return [path.name for path in folder.rglob("*") if path.is_file() and any(one in path.read_bytes() for one in forms_of(secrets))]


def everything_in(engine):
    """Return all columns of all rows of the opened register as one."""
    from jikimi.storage.schema import metadata

    with engine.connect() as connection:
        found = [value for table in metadata.sorted_tables for row in connection.execute(table.select()) for value in row]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in found)


def test_the_scan_finds_what_is_written_in_clear(tmp_path):
    (tmp_path / "a").write_bytes(SECRET.encode())
    (tmp_path / "b").write_bytes(SECRET.encode("utf-16-le"))
    assert sorted(found_in(tmp_path, [SECRET])) == ["a", "b"]


@pytest.mark.parametrize(("locale", "size"), [("ko-KR", "1280x800"), ("en-GB", "390x844"), ("ar", "390x844")])
def test_on_day_91_she_is_told_why_and_which_ways_are_open(court, browser, locale, size):
    """Given the notice is older than 90 days; when she answers when it was; then she reads why not, and whom to call instead."""
    width, height = map(int, size.split("x"))
    visit = Visit(browser, locale=locale, viewport={"width": width, "height": height})
    language = locale[:2]
    hers = Hers(visit.page, language)
    hers.t = {**texts("en"), **texts(language)}
    page = visit.page
    hers.enter(court.invite("protected", "p"))
    page.get_by_role("button", name=hers.t["papers_begin"]).wait_for()
    visit.shoot(f"papers-begin-{language}-{width}", whole=True)
    assert visit.axe() == []
    hers.begin()
    visit.shoot(f"papers-words-{language}-{width}", whole=True)
    assert visit.axe() == []
    hers.press("papers_words_noted")
    visit.shoot(f"papers-home-{language}-{width}", whole=True)
    hers.press("papers_petition")
    given = said(declined=95)
    for question in list(asked(FORM, given))[:12]:
        hers.answer(question, given.get(question.question_id))
        if question.question_id in {"your_address", "relation"}:
            visit.shoot(f"papers-{question.question_id}-{language}-{width}", whole=True)
            assert visit.axe() == []
            assert narrow(page)
        hers.press("papers_next")
    page.locator(".stop").wait_for()
    page.locator(".stop a[href='tel:1366']").wait_for()
    assert page.locator("footer a[href='tel:112']").is_visible()
    visit.shoot(f"papers-stopped-{language}-{width}", whole=True)
    assert visit.axe() == []
    hers.press("papers_look")
    hers.press("papers_preview")
    assert page.get_by_role("button", name=hers.t["papers_to_file"], exact=True).count() == 0
    visit.shoot(f"papers-preview-{language}-{width}", whole=True)
    assert visit.axe() == []
    assert narrow(page)
    quiet(visit, court)
    visit.context.close()


def test_by_keyboard_alone_in_type_twice_as_large(court, browser):
    visit = Visit(browser, viewport={"width": 320, "height": 700}, locale="en-GB")
    page = visit.page
    hers = Hers(page, "en")
    hers.enter(court.invite("protected", "p"))
    page.get_by_role("button", name=hers.t["papers_begin"]).wait_for()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.get_by_role("button", name=hers.t["papers_begin"]).focus()
    page.keyboard.press("Enter")
    page.locator(".words li").first.wait_for()
    visit.shoot("papers-large-words", whole=True)
    assert narrow(page), wide(page)
    page.get_by_role("button", name=hers.t["papers_words_noted"]).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=hers.t["papers_petition"]).focus()
    page.keyboard.press("Enter")
    page.locator(".ask").wait_for()
    page.keyboard.press("Tab")
    for text in ("Hana Kim", None):
        if text is not None:
            page.locator("#answer").focus()
            page.keyboard.type(text)
        for _ in range(8):
            if page.evaluate("document.activeElement.textContent") == hers.t["papers_next"]:
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_timeout(200)
    expect(page.locator(".ask")).to_have_text(FORM.question("your_address").ask["en"])
    assert narrow(page)
    visit.shoot("papers-large-question", whole=True)
    assert visit.axe() == []
    quiet(visit, court)
    visit.context.close()
