"""The court in a real browser: both languages, desk and phone, light and dark, by keyboard; decided only after everything was said."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from pathlib import Path

import pytest
import uvicorn

from jikimi.apps.court import court_app
from jikimi.apps.signing import Entrance
from jikimi.identity.passkeys import site_of
from jikimi.identity.roles import Role
from jikimi.identity.second import NotFreshError, Present, Step
from jikimi.model.register import Status
from jikimi.orders.codes import new_code
from jikimi.petitions.status import Act
from jikimi.policy.durations import tables
from jikimi.runtime.courthouse import Courthouse as PlayedCourt
from jikimi.runtime.stores import Stores
from jikimi.scenarios.petitions import MESSAGES
from jikimi.storage.register import SqlRegister
from jikimi.storage.signing import SqlSigning
from tests.accounts import CHIEF, sign_up
from tests.apps.fake_docket import COURT, EXHIBIT, docket
from tests.apps.fake_watch import FakeWatch
from tests.apps.test_court import FakeCourtStaff
from tests.browser.conftest import PHONE, ROOT, Visit
from tests.browser.test_whole import DESK, Whole
from tests.runtime.ports import free_base

MESSAGES_OF = Path(__file__).parents[2] / "web" / "messages"
NAMED = {COURT: {"ko": "서울중앙지방법원", "en": "Seoul Central District Court"}}


def now_ms():
    return time.time_ns() // 1_000_000


class Clocked(FakeWatch):
    def now_ms(self):
        return now_ms()


class Courthouse:
    """The court's app on a port of its own, over a docket set by hand."""

    def __init__(self, folder, port):
        self.url = f"http://localhost:{port}"
        self.docket = docket(now_ms)
        self.staff = FakeCourtStaff(Role.COURT)
        self.register = SqlRegister(folder / "register.db", bytes(32))
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(port)), daemon=True)
        self._thread.start()
        assert self._ready.wait(20)

    async def _serve(self, port):
        self._loop = asyncio.get_running_loop()
        entrance = Entrance(
            signing=SqlSigning(self.register.engine), site=site_of(self.url, "Jikimi"), are_codes_enough=True, lock_after_s=0.0
        )
        self.app = court_app(Clocked(), self.register, self.staff, docket=self.docket, named=NAMED, demonstration=True, entrance=entrance)
        config = uvicorn.Config(self.app, host="127.0.0.1", port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None
        self._server.capture_signals = contextlib.nullcontext
        task = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.01)
        self._ready.set()
        await task

    def recheck(self):
        self._loop.call_soon_threadsafe(self.app.recheck)

    def close(self):
        self._loop.call_soon_threadsafe(self.app.close)
        self._server.should_exit = True
        self._thread.join(20)

    def invite(self, name):
        code = new_code()
        self.register.add_invitation(code, "court", name, now_ms() + 86_400_000)
        return f"{self.url}/#code={code}"


@pytest.fixture
def courthouse(tmp_path):
    found = Courthouse(tmp_path, free_base())
    yield found
    found.close()


W = {
    "en-GB": {
        "overdue": "OVERDUE",
        "partly": "Grant in part",
        "refuse": "Refuse",
        "why": "Kind of reason",
        "show": "Show what this does",
        "decide": "Decide: Grant in part",
        "reasons": "Reasons",
        "untagged": "no position of his exists",
        "back": "Back to the list",
        "hear": "Set a hearing",
        "record": "Write it down",
        "extend": "Extend",
        "hidden": "hidden",
        "sealed": "for the court alone",
        "distance": "Distance: 100 m",
        "far": "within 100 m",
        "told": "The law has these told.",
        "locked": "Cases of this court cannot be opened here.",
    },
    "ko-KR": {
        "overdue": "초과",
        "partly": "일부 인용",
        "refuse": "기각",
        "why": "기각 사유의 종류",
        "show": "결과 미리 보기",
        "decide": "결정: 일부 인용",
        "reasons": "이유",
        "untagged": "전자장치가 없습니다",
        "back": "목록으로",
        "hear": "심문기일 지정",
        "record": "기록",
        "extend": "연장",
        "hidden": "숨김",
        "sealed": "법원만 열람",
        "distance": "거리: 100 m",
        "far": "100미터 이내",
        "told": "법에 따라 다음 사람에게 알립니다.",
        "locked": "이 법원의 사건은 여기서 열 수 없습니다.",
    },
}


def sound(visit, name):
    """A page reads well at desk and phone width, and with text twice as large."""
    page = visit.page
    for suffix, size, scale in (("", DESK, 100), ("-phone", PHONE, 100), ("-phone-large", PHONE, 200)):
        page.set_viewport_size(size)
        page.evaluate("scale => { document.documentElement.style.fontSize = `${scale}%`; }", scale)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, (name, suffix)
        if scale == 100:
            assert visit.axe() == [], (name, suffix)
            visit.shoot(f"{name}{suffix}", whole=True)
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size(DESK)


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("ko-KR", "dark")])
def test_from_the_inbox_to_a_decision_by_keyboard_and_nothing_is_decided_before_everything_was_said(courthouse, browser, locale, scheme):
    words, lang = W[locale], locale[:2]
    visit = Visit(browser, viewport=DESK, locale=locale, color_scheme=scheme)
    page = visit.page
    page.goto(courthouse.invite("judge"))
    page.locator(".entries > li").first.wait_for()
    assert page.locator(".entries h3").all_inner_texts() == ["2027-0012", "2027-0015", "2027-0009"], "soonest first"
    first = page.locator(".entries > li").first
    assert words["overdue"] in first.inner_text(), "lateness is a word, not a colour"
    assert page.locator(".entries > li").nth(1).locator(".over").count() == 0
    sound(visit, f"court-inbox-{lang}")

    page.get_by_role("button", name="2027-0015", exact=True).press("Enter")
    page.get_by_role("heading", name="2027-0015").wait_for()
    page.get_by_text(words["hidden"], exact=True).first.wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H2", "a screen reader begins with the case"
    assert page.locator(".sealed").count() > 3
    assert page.locator(".sealed", has_text=words["sealed"]).first.inner_text()
    assert "score" not in page.locator("aside dl, aside table").first.inner_text().lower()
    sound(visit, f"court-case-{lang}")
    with page.expect_download() as taken:
        page.get_by_role("button", name="photo-1.png").press("Enter")
    assert taken.value.path().read_bytes() == EXHIBIT

    page.get_by_role("button", name=words["refuse"], exact=True).press("Enter")
    page.get_by_label(words["why"], exact=True).select_option("too_late")
    sound(visit, f"court-refuse-{lang}")

    page.get_by_role("button", name=words["partly"], exact=True).press("Enter")
    page.get_by_text(words["distance"]).first.wait_for()
    page.get_by_role("checkbox").last.press("Space")
    page.get_by_label(words["reasons"], exact=True).fill("두 번째 조치는 소명이 부족하다.")
    sound(visit, f"court-decide-{lang}")
    page.get_by_role("button", name=words["show"], exact=True).press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    assert courthouse.docket.done[-1][0] == "opened", "nothing is done by looking"
    said = dialog.inner_text()
    for part in (words["untagged"], words["told"], words["far"], "2027-0015"):
        assert part in said
    assert dialog.locator("ul.does > li").first.locator("ul > li").count() == 1, "the measure that was left out is not ordered"
    sound(visit, f"court-confirm-{lang}")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert courthouse.docket.decisions == {}
    page.get_by_role("button", name=words["show"], exact=True).press("Enter")
    dialog.get_by_role("button", name=words["decide"], exact=True).press("Enter")
    page.get_by_role("heading", name="order-").first.wait_for()
    assert [one.decision.act for one in courthouse.docket.decisions["2027-0015"]] == [Act.GRANT_IN_PART]
    sound(visit, f"court-decided-{lang}")
    page.evaluate("() => { window.print = () => { window.printed = document.querySelector('article.paper').textContent; }; }")
    page.locator(".check button").first.press("Enter")
    visit.until("window.printed !== undefined")
    assert "소명이 부족하다" in page.evaluate("window.printed")

    page.get_by_role("button", name=words["extend"], exact=True).first.press("Enter")
    page.get_by_label(words["reasons"], exact=True).fill("기간 연장")
    sound(visit, f"court-extend-{lang}")
    page.get_by_role("button", name=words["record"], exact=True).press("Enter")
    visit.until("document.activeElement.tagName === 'H2'")
    assert courthouse.docket.done[-2][0] == "extend"
    said = json.loads((MESSAGES_OF / f"{lang}.json").read_text())
    page.get_by_role("button", name=said["co_add"], exact=True).press("Enter")
    page.get_by_label(said["co_add_which"], exact=True).select_option(index=1)
    sound(visit, f"court-add-{lang}")
    page.get_by_role("button", name=said["co_revoke"], exact=True).press("Enter")
    page.get_by_label(words["reasons"], exact=True).fill("피해자의 요청")
    page.get_by_role("button", name=said["co_two_propose"], exact=True).press("Enter")
    page.locator(".waits").wait_for()
    assert courthouse.docket.done[-2] == ("propose", "2027-0015", "judge", "revoke")
    assert page.get_by_role("button", name=said["co_two_back"], exact=True).count() == 1, "whoever proposed it may only take it back"
    assert page.get_by_role("button", name=said["co_two_refuse"], exact=True).count() == 0
    page.get_by_role("button", name=words["back"]).press("Enter")
    page.locator(".entries > li").first.wait_for()
    waits = page.locator(".waits").inner_text()
    assert "judge" in waits
    assert "100 m" in waits or said["co_kind_no_contact"] in waits, "what exactly would end"
    sound(visit, f"court-inbox-waits-{lang}")
    confirmed(courthouse, browser, said, locale)

    assert visit.foreign(courthouse.url) == []
    assert (visit.errors, visit.ears("broken")) == ([], [])
    kept = page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert "2027-" not in kept, "nothing of a case is kept in the browser"
    visit.context.close()


def test_in_arabic_the_court_reads_from_the_right_and_its_own_papers_from_the_left(courthouse, browser):
    said = json.loads((ROOT / "web" / "messages" / "court" / "ar.json").read_text(encoding="utf-8"))["texts"]
    visit = Visit(browser, viewport=DESK)
    page = visit.page
    page.goto(courthouse.invite("judge"))
    page.get_by_role("button", name="العربية", exact=True).click()
    page.get_by_role("heading", name=said["co_title"]).wait_for()
    assert page.evaluate("document.documentElement.lang + document.documentElement.dir") == "arrtl"
    page.get_by_text(said["co_unreviewed"]).wait_for()
    late = page.locator(".entries > li .over").first.inner_text()
    assert said["co_due_late"].partition("{over}")[0].removeprefix("{clock}") in late.replace("\u2068", "").replace("\u2069", "")
    left, right = (page.get_by_role("heading", name=said["co_title"]).bounding_box(), page.locator(".who").bounding_box())
    assert left["x"] > right["x"], "the title stands where reading begins"
    sound(visit, "court-inbox-ar")

    page.get_by_role("button", name="2027-0015", exact=True).press("Enter")
    page.get_by_text(said["co_practice_few"], exact=True).first.wait_for()
    assert page.locator("h2 bdi").inner_text() == "2027-0015", "between Arabic letters its two parts would change places"
    petition = page.locator("section[aria-labelledby=petition]")
    assert (petition.get_attribute("lang"), petition.get_attribute("dir")) == ("ko", "ltr"), "what the court reads stays as it was written"
    assert "\u0660" not in page.locator("main").inner_text(), "digits are those of the court's papers"
    sound(visit, "court-case-ar")
    page.get_by_role("button", name=said["co_act_grant_in_part"], exact=True).press("Enter")
    page.get_by_label(said["co_reasons"], exact=True).fill("두 번째 조치는 소명이 부족하다.")
    sound(visit, "court-decide-ar")
    page.get_by_role("button", name=said["co_check"], exact=True).press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(said["co_does_untagged"]).wait_for()
    sound(visit, "court-confirm-ar")
    dialog.get_by_role("button", name=said["co_cancel"], exact=True).press("Enter")
    page.get_by_role("button", name="English", exact=True).press("Enter")
    page.get_by_role("heading", name="Petitions").wait_for()
    assert page.evaluate("document.documentElement.dir") == "ltr"
    assert (visit.errors, visit.ears("broken"), visit.foreign(courthouse.url)) == ([], [], [])
    visit.context.close()


def confirmed(courthouse, browser, said, locale):
    """A colleague reads what is proposed, proves anew to be that person, and confirms it."""
    visit = Visit(browser, viewport=DESK, locale=locale)
    page = visit.page
    page.goto(courthouse.invite("president"))
    page.get_by_role("button", name="2027-0015", exact=True).click()
    page.locator(".waits .told").wait_for()
    confirm = courthouse.docket.second

    async def stale(*_args, **_named):
        courthouse.docket.second = confirm
        raise NotFreshError

    courthouse.docket.second = stale
    sound(visit, f"court-second-{locale[:2]}")
    act = said["co_two_confirm"].replace("{act}", said["co_revoke"])
    page.get_by_role("button", name=act, exact=True).click()
    page.get_by_role("heading", name=said["two_prove"]).wait_for()
    sound(visit, f"court-prove-{locale[:2]}")
    code = new_code()
    courthouse.register.add_invitation(code, "court", "president", now_ms() + 86_400_000)
    page.get_by_role("button", name=said["in_have_code"]).click()
    page.get_by_label(said["in_code"], exact=True).fill(code)
    page.get_by_role("button", name=said["two_prove_code"], exact=True).click()
    page.locator(".waits").wait_for(state="hidden")
    assert courthouse.docket.done[-2] == (Step.CONFIRM, "2027-0015", "president", "")
    assert (visit.errors, visit.ears("broken")) == ([], [])
    visit.context.close()


def test_a_clerk_keeps_the_docket_a_colleagues_act_is_said_and_a_lost_role_leaves_nothing_on_the_screen(courthouse, browser):
    courthouse.staff.role = Role.COURT_CLERK
    visit = Visit(browser, viewport=DESK)
    page = visit.page
    page.goto(courthouse.invite("clerk"))
    page.get_by_role("button", name="2027-0015", exact=True).click()
    page.get_by_role("button", name="Set a hearing", exact=True).click()
    for name in ("Grant", "Grant in part", "Refuse", "Grant an interim order"):
        assert page.get_by_role("button", name=name, exact=True).count() == 0
    page.get_by_label("Day and hour, on the court's clock").fill("2027-05-03T10:00")
    page.get_by_label("Room, or what to bring").fill("Room 311")
    sound(visit, "court-hearing-en")
    page.get_by_role("button", name="Write it down", exact=True).click()
    page.get_by_text("Hearing: May 3, 2027, 10:00").first.wait_for()
    assert courthouse.docket.done[-2] == (Act.HEAR, "2027-0015", "clerk", 1_809_306_000_000, "Room 311"), "ten o'clock in Seoul"

    asyncio.run_coroutine_threadsafe(
        courthouse.docket.act(COURT, "2027-0015", Act.HEAR, Present("judge", "court", None), at_ms=1_809_392_400_000, detail=""),
        courthouse._loop,
    ).result(10)
    page.get_by_text("Somebody changed this case").wait_for()
    opened = len(courthouse.docket.done)
    page.get_by_role("button", name="Open it anew").click()
    page.get_by_text("Hearing: May 4, 2027, 10:00").first.wait_for()
    assert courthouse.docket.done[opened:] == [("opened", "2027-0015", "clerk")]

    courthouse.docket.locked = "The key file of this court is not there."
    page.get_by_role("button", name="Back to the list").click()
    page.get_by_text("The key file of this court is not there.").wait_for()
    assert page.get_by_role("button", name="2027-0015", exact=True).is_disabled()
    sound(visit, "court-locked-en")

    courthouse.staff.role = Role.POLICE
    courthouse.recheck()
    page.get_by_role("button", name="I have a code").wait_for()
    assert "2027-" not in page.content()
    assert (visit.errors, visit.ears("broken")) == ([], [])
    visit.context.close()


@pytest.fixture
def served(tmp_path):
    """A whole server that serves a court: the demonstration's petitions come in by the door that hers would take."""
    (tmp_path / "keys").mkdir()
    court = PlayedCourt(tmp_path / "keys", "operator")
    found = Whole(tmp_path / "data", courts={COURT: court.settings}, has_court=True)
    asyncio.run_coroutine_threadsafe(court.receive(found.server, now_ms()), found._loop).result(60)
    found.court = court
    yield found
    found.close()


def test_on_a_whole_server_a_sealed_petition_becomes_an_order_and_without_its_key_nothing_opens(served, browser):
    code = new_code()
    staff = sign_up(served.house.register, "judge", code, Role.COURT)
    staff.belong("judge", [COURT], CHIEF, now_ms=now_ms())
    clerk = Stores(served.house.settings).clerk(served.house.register, tables())
    visit = Visit(browser, viewport=DESK)
    page = visit.page
    page.goto(f"{served.house.url('court')}/#code={code}")
    rows = page.locator(".entries > li")
    rows.first.wait_for()
    assert rows.count() == 2
    assert "OVERDUE" in rows.first.inner_text()
    visit.shoot("court-whole-inbox")
    rows.nth(1).locator("h3 button").click()
    page.get_by_text("그만하라고 두 번 말했습니다.").wait_for()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Open messages.txt").click()
    assert taken.value.path().read_text() == MESSAGES

    names = ("petition-demonstration-early-1", "petition-demonstration-early-2")
    acts = (("Grant an interim order", "until the court ends it"), ("Grant", "until the end of"))
    for name, (act, ends) in zip(names, acts, strict=True):
        page.get_by_role("button", name=act, exact=True).click()
        page.get_by_role("button", name="Show what this does", exact=True).click()
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        said = dialog.inner_text()
        for part in (ends, "Nobody wears a tag under this order", "시연 상대방", "The law has these told."):
            assert part in said, (act, part)
        assert (f"The interim order {names[0]} ends with it." in said) is (act == "Grant")
        visit.shoot(f"court-whole-{act.split()[-1].lower()}")
        dialog.get_by_role("button", name=f"Decide: {act}", exact=True).click()
        page.get_by_role("heading", name=f"{name}: in force").wait_for()
    first, second = map(clerk.order, names)
    assert (first.status, second.status) == (Status.REVOKED, Status.IN_FORCE), "the interim order ended with the decision"
    assert not second.tagged
    assert [one.kind.value for one in second.measures] == ["no_approach", "no_contact"]
    page.get_by_text("Without a tag: no position of his exists under this order.").first.wait_for()
    visit.shoot("court-whole-decided", whole=True)

    key = Path(served.court.settings.key_file)
    secret = key.read_text()
    key.unlink()
    page.get_by_role("button", name="Back to the list").click()
    page.get_by_text("Cases of this court cannot be opened here. The court's key file cannot be read").wait_for()
    assert page.get_by_text("시연 상대방").count() == 0
    assert rows.first.locator("h3 button").is_disabled()
    key.write_text(secret)
    staff.belong("judge", ["jeju"], CHIEF, now_ms=now_ms())
    page.get_by_role("button", name="I have a code").wait_for()
    assert (visit.errors, visit.ears("broken")) == ([], [])
    visit.context.close()
