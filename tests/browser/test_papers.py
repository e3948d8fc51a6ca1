"""Her papers in a real browser: a petition question by question, filed to a court that opens it; her diary; nothing in clear."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import json
import struct
from zoneinfo import ZoneInfo

import msgspec
import pikepdf
import pyrage
import pytest
from playwright.sync_api import expect

from jikimi.identity.roles import Role
from jikimi.identity.second import Step
from jikimi.model.petition import Kind
from jikimi.orders.codes import new_code
from jikimi.petitions.answers import asked
from jikimi.petitions.package import opened
from jikimi.petitions.status import Act
from jikimi.runtime.backup import back_up
from jikimi.runtime.courts import SEALS
from jikimi.runtime.settings import CourtSettings
from tests.accounts import CHIEF, here, sign_up
from tests.browser.conftest import AXE, FLAGS, PHONE, SHOTS, Visit, chromium
from tests.browser.test_languages import texts
from tests.browser.test_nothing_kept import KEPT
from tests.browser.test_whole import DESK, Whole, until
from tests.browser.test_whole_help import without_a_tag
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
    inbox = tmp_path / "court"
    inbox.mkdir()
    setting = CourtSettings(key=str(KEY.to_public()), way="folder", to=str(inbox))
    (tmp_path / "court-key").write_text(str(KEY))
    served = CourtSettings(key=str(KEY.to_public()), way="here", key_file=str(tmp_path / "court-key"), owner="officer", region="KR-11")
    found = Whole(tmp_path / "data", courts={"seoul-central": setting, "seoul-eastern": served}, has_helpers=True)
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


def looked_at(page, name):
    """Keep a picture, and return what axe finds."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"papers-{name}.png", full_page=True)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]]


def wide(page):
    over = (
        "[...document.querySelectorAll('*')].filter((one) => { const box = one.getBoundingClientRect();"
        " return box.right > innerWidth + 1 || box.left < -1; })"
    )
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
    assert looked_at(page, "entry-en-390") == []
    hers.press("papers_seal")
    page.locator(".entries li").wait_for()
    hers.press("papers_show_file")
    page.locator(".entries img").wait_for()
    assert looked_at(page, "diary-en-390") == []
    hers.press("back")

    hers.press("papers_petition")
    hers.write(said())
    hers.press("papers_preview")
    expect(page.locator(".sheet").first).to_contain_text(SECRET)
    assert PLACE not in page.locator(".sheet").first.inner_text(), "he never gets her address"
    assert PLACE in page.locator(".sheet").nth(1).inner_text()
    assert list(court.inbox.iterdir()) == []
    hers.press("papers_to_file")
    for one in FORM.told:
        page.get_by_text(one.say["en"], exact=True).wait_for()
    page.get_by_label("1. ", exact=False).check()
    assert list(court.inbox.iterdir()) == [], "nothing is sent by itself"
    assert page.get_by_role("button", name=hers.t["papers_file"], exact=True).is_disabled()
    for key, holds in (("papers_print_served", False), ("papers_print_court", True)):
        with page.expect_download() as download:
            hers.press(key)
        with pikepdf.open(download.value.path()) as pdf:
            inside = pdf.attachments["petition.json"].get_file().read_bytes()
        assert (PLACE.encode() in inside) is holds, "to print and sign: two papers, and only the court's has her address"
    page.get_by_text(hers.t["papers_saved_clear"]).wait_for()
    assert list(court.inbox.iterdir()) == []
    page.locator("summary", has_text=hers.t["papers_scan"]).click()
    page.locator("details input[type=file]").set_input_files({"name": "IMG_2.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.get_by_text(hers.t["papers_scans"].format(count=1)).wait_for()
    page.get_by_label(hers.t["papers_file_sure"]).check()
    assert looked_at(page, "file-en-390") == []
    hers.press("papers_file")
    page.locator(".receipt").wait_for()
    assert looked_at(page, "receipt-en-390") == []
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
    assert found.exhibits["signed-1.jpg"].startswith(b"\xff\xd8"), "what she signed by hand goes with it, without what the camera wrote"
    assert b"Exif" not in found.exhibits["signed-1.jpg"]
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


def fits(visit, name):
    """On phone and desk, and in type of twice the size: nothing is cut, axe finds nothing, and a picture is kept."""
    for size in (PHONE, DESK):
        visit.page.set_viewport_size(size)
        visit.shoot(f"papers-{name}-{size['width']}", whole=True)
        assert visit.axe() == [], name
        assert wide(visit.page) == [], name
    visit.page.set_viewport_size(PHONE)
    visit.page.evaluate("document.documentElement.style.fontSize = '200%'")
    visit.shoot(f"papers-{name}-large", whole=True)
    assert wide(visit.page) == [], name
    visit.page.evaluate("document.documentElement.style.fontSize = ''")


@pytest.mark.parametrize("language", ["ko", "en", "ar"])
def test_on_day_91_she_is_told_why_and_which_ways_are_open(court, browser, language):
    """Given the notice is older than 90 days; when she answers when it was; then she reads why not, and whom to call instead."""
    visit = Visit(browser, locale=language)
    hers = Hers(visit.page, language)
    page = visit.page
    hers.enter(court.invite("protected", "p"))
    page.get_by_role("button", name=hers.t["papers_begin"]).wait_for()
    assert visit.axe() == []
    hers.begin()
    fits(visit, f"words-{language}")
    hers.press("papers_words_noted")
    hers.press("papers_diary")
    hers.press("papers_diary_new")
    fits(visit, f"entry-{language}")
    hers.press("back")
    hers.press("back")
    hers.press("papers_petition")
    given = said(declined=95)
    for question in list(asked(FORM, given))[:12]:
        hers.answer(question, given.get(question.question_id))
        if question.question_id in {"your_address", "relation"}:
            fits(visit, f"{question.question_id}-{language}")
        hers.press("papers_next")
    page.locator(".stop").wait_for()
    page.locator(".stop a[href='tel:1366']").wait_for()
    assert page.locator("footer a[href='tel:112']").is_visible()
    assert page.get_by_role("button", name=hers.t["exit"]).is_visible()
    assert str(TODAY.year) in page.locator(".stop").inner_text(), "years and digits are those of the court's papers"
    fits(visit, f"stopped-{language}")
    hers.press("papers_look")
    hers.press("papers_preview")
    assert page.get_by_role("button", name=hers.t["papers_to_file"], exact=True).count() == 0
    assert page.locator(".sheet").first.get_attribute("lang") == "ko", "the court reads its own language, whatever hers is"
    assert (page.locator("main > .note").count() == 1) is (language != "ko"), "her own sentences are not translated, and she is told"
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    for one in (page.get_by_role("button", name=hers.t["exit"]), page.locator("footer a[href='tel:112']")):
        expect(one).to_be_in_viewport(ratio=1)
    fits(visit, f"preview-{language}")
    quiet(visit, court)
    visit.context.close()


@pytest.mark.parametrize("language", ["ko", "ar"])
def test_she_reads_where_her_petition_stands_and_mends_what_was_sent_back(court, browser, language):
    """Given a court that this server serves; when it acts, she reads it in words; what it sends back she mends and files again."""
    visit = Visit(browser, locale=language)
    hers, page = Hers(visit.page, language), visit.page
    docket = court.server.docket
    for name, role in (("judge", Role.COURT), ("clerk", Role.COURT_CLERK)):
        staff = sign_up(court.house.register, name, new_code(), role)
        staff.belong(name, ("seoul-eastern",), CHIEF, now_ms=now_ms())
    judge, clerk = here("judge", audience="court"), here("clerk", audience="court")

    def at_court(call):
        return asyncio.run_coroutine_threadsafe(call, court._loop).result(60)

    def looks_again(key, **values):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.get_by_text(hers.t[key].split("{")[0], exact=not values).wait_for()

    def decide(number, act, reasons=""):
        draft = at_court(docket.draft("seoul-eastern", number, act, "judge"))
        why = "formal" if act is Act.REFUSE else None
        return at_court(docket.decide("seoul-eastern", number, msgspec.structs.replace(draft, reasons=reasons, why=why), judge))

    def file():
        hers.press("papers_preview")
        hers.press("papers_to_file")
        page.get_by_text(hers.t["papers_way_receiver"]).wait_for()
        page.get_by_label(hers.t["papers_file_sure"]).check()
        hers.press("papers_file")
        page.locator(".receipt").wait_for()
        page.get_by_text(hers.t["papers_court_has"], exact=True).wait_for()

    hers.enter(court.invite("protected", "p"))
    hers.begin()
    hers.press("papers_words_noted")
    hers.press("papers_petition")
    hers.write(said(court="seoul-eastern"))
    file()
    (line,) = at_court(docket.inbox("seoul-eastern")).lines
    at_court(docket.act("seoul-eastern", line.number, Act.RETURN, clerk, at_ms=None, detail="address"))
    looks_again("papers_court_returned")
    fits(visit, f"returned-{language}")
    hers.press("papers_mend")
    file()
    number = max(one.number for one in at_court(docket.inbox("seoul-eastern")).lines)
    assert number != line.number
    at_court(docket.act("seoul-eastern", number, Act.HEAR, clerk, at_ms=now_ms() + 86_400_000, detail=""))
    looks_again("papers_court_hears", when=None)
    decide(number, Act.GRANT_INTERIM)
    looks_again("papers_court_interim")
    fits(visit, f"interim-{language}")
    proposed = decide(number, Act.REFUSE, reasons="소명이 부족하다")
    at_court(docket.second("seoul-eastern", number, proposed.waiting.request, Step.CONFIRM, clerk, reason=""))
    looks_again("papers_court_decided")
    assert page.get_by_text(hers.t["papers_court_refused"], exact=True).count() == 0, "the court itself tells her that"
    at_court(docket.act("seoul-eastern", number, Act.TELL, clerk, at_ms=None, detail=""))
    looks_again("papers_court_refused")
    page.locator("main a[href='tel:1366']").wait_for()
    assert page.locator("footer a[href='tel:112']").is_visible()
    fits(visit, f"refused-{language}")
    assert "소명이" not in page.content(), "the court's reasons are not on her phone"
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

    page.locator("#answer").fill("half an ans")
    court.send("phone", 0.0)
    for _ in range(3):
        court.send("tag", 60.0)
    page.locator(".app.alarm").wait_for()
    hers.press("papers_title")
    hers.press("papers_petition")
    expect(page.locator("#answer")).to_have_value("half an ans")
    quiet(visit, court)
    visit.context.close()


def test_the_phones_own_lock_opens_her_papers_beside_her_words(court, browser):
    visit = Visit(browser, locale="en-GB")
    page = visit.page
    line = visit.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    has = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "hasPrf": True, "automaticPresenceSimulation": True}
    phone = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", **has}
    made = line.send("WebAuthn.addVirtualAuthenticator", {"options": phone})
    hers = Hers(page, "en")
    hers.enter(court.invite("protected", "p"))
    hers.begin()
    hers.press("papers_words_noted")
    page.get_by_text(hers.t["papers_lock_more"]).click()
    visit.shoot("papers-lock-en-390", whole=True)
    assert visit.axe() == []
    hers.press("papers_lock_add")
    page.get_by_text(hers.t["papers_lock_is"]).wait_for()
    page.reload()
    hers.press("papers_title")
    hers.press("papers_lock_use")
    page.get_by_text(hers.t["papers_lock_is"]).wait_for()
    hers.press("papers_lock")
    line.send("WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], "isUserVerified": False})
    hers.press("papers_lock_use")
    page.get_by_text(hers.t["papers_lock_not"]).wait_for()
    page.get_by_label(hers.t["papers_words_ask"]).fill(hers.words)
    hers.press("papers_open")
    hers.press("papers_lock_drop")
    hers.press("papers_lock")
    page.get_by_label(hers.t["papers_words_ask"]).wait_for()
    assert page.get_by_role("button", name=hers.t["papers_lock_use"], exact=True).count() == 0
    quiet(visit, court)
    visit.context.close()


def test_an_order_without_a_tag_has_all_of_the_app_that_needs_none_and_says_so(court, browser):
    """Given an order without a tag; then she reads that nobody can warn her, and all else is there."""
    without_a_tag(court)
    visit = Visit(browser, locale="en-GB")
    page = visit.page
    hers = Hers(page, "en")
    page.goto(court.invite("protected", "q"))
    until(page, "Your order has no tag")
    expect(page.locator(".help .sos")).to_be_visible()
    assert not [url for url in visit.requests if "Papers" in url], "her papers weigh nothing until she opens them"
    hers.press("papers_title")
    hers.begin()
    assert [url for url in visit.requests if "Papers" in url]
    hers.press("papers_words_noted")
    page.get_by_text(hers.t["papers_untagged"]).wait_for()
    for key in ("papers_petition", "papers_diary", "papers_helpers"):
        expect(page.get_by_role("button", name=hers.t[key], exact=True)).to_be_enabled()
    hers.press("papers_petition")
    page.locator(".ask").wait_for()
    hers.press("back")
    hers.press("back")
    hers.press("settings")
    page.get_by_role("button", name=hers.t["looks_show"]).wait_for()
    quiet(visit, court)
    visit.context.close()


def test_a_lawyer_by_her_link_writes_comments_and_files_what_she_signed_until_she_ends_it(court, browser):
    """Given a petition; when she invites a lawyer; then that one sees it alone, files what she signed, and is out when she says."""
    visit = Visit(browser, locale="ko-KR")
    hers = Hers(visit.page, "ko")
    page = visit.page
    hers.enter(court.invite("protected", "p"))
    hers.begin()
    hers.press("papers_words_noted")
    hers.press("papers_petition")
    hers.write(said())
    hers.press("back")
    hers.press("back")
    hers.press("papers_helpers")
    page.get_by_label("변호사", exact=True).check()
    page.get_by_label(hers.t["papers_may_write"], exact=True).check()
    visit.shoot("papers-helpers-ko-390", whole=True)
    assert visit.axe() == []
    hers.press("papers_invite_make")
    link = page.locator(".receipt .hash").inner_text()

    other = Visit(browser, viewport=DESK, locale="en-GB")
    lawyer, t = other.page, texts("en")
    lawyer.goto(link)
    lawyer.get_by_text(SECRET).first.wait_for()
    assert "#" not in lawyer.url
    other.shoot("helper-en-1280", whole=True)
    assert other.axe() == []
    assert lawyer.title() == "Notes"
    lawyer.get_by_role("button", name=t["exit"], exact=True).click()
    lawyer.wait_for_url("**/notes.html")
    lawyer.goto(link)
    lawyer.get_by_text(SECRET).first.wait_for()
    assert lawyer.locator("footer a[href='tel:112']").is_visible()
    fear = lawyer.locator(".entries li").filter(has_text=FORM.question("fear").ask["en"])
    fear.get_by_role("button").click()
    lawyer.locator("#answer").fill("더 무섭습니다")
    lawyer.get_by_role("button", name=t["helper_save"]).click()
    lawyer.get_by_text("더 무섭습니다").first.wait_for()
    lawyer.get_by_label(t["helper_comment"]).fill("날짜를 확인하세요")
    lawyer.get_by_role("button", name=t["helper_say"]).click()
    lawyer.get_by_text("날짜를 확인하세요").wait_for()
    assert lawyer.get_by_role("button", name=t["papers_file"], exact=True).count() == 0
    for path in ("/api/papers", "/api/stream", "/api/looks", "/api/helpers"):
        assert lawyer.evaluate("path => fetch(path).then((answer) => answer.status)", path) in {200, 404}
        assert SECRET not in lawyer.evaluate("path => fetch(path).then((answer) => answer.text())", path)

    third = Visit(browser)
    third.page.goto(link)
    third.page.get_by_text(t["helper_ended"]).wait_for()
    third.shoot("helper-ended-en-390", whole=True)
    third.context.close()

    hers.press("back")
    hers.press("papers_helpers")
    page.get_by_text("날짜를 확인하세요").wait_for()
    hers.press("papers_sign")
    page.get_by_text(hers.t["papers_signed"]).wait_for()
    lawyer.goto(link)
    lawyer.reload()
    lawyer.goto("about:blank")
    lawyer.goto(link)
    lawyer.get_by_role("button", name=t["papers_file"], exact=True).click()
    lawyer.locator(".receipt").wait_for()
    (package,) = court.inbox.iterdir()
    assert "더 무섭습니다" in msgspec.json.encode(opened(package.read_bytes(), str(KEY)).papers.open).decode()

    hers.press("papers_helper_end")
    expect(page.get_by_role("button", name=hers.t["papers_helper_end"])).to_have_count(0)
    lawyer.goto("about:blank")
    lawyer.goto(link)
    lawyer.get_by_text(t["helper_ended"]).wait_for()
    for one, url in ((visit, court.house.url("protected")), (other, court.house.url("helper"))):
        assert one.errors == []
        assert one.foreign(url) == []
        one.context.close()
