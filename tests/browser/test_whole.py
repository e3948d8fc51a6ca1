"""The real server and the real pages together: what a tag sends is read on her phone and on the desk."""

from __future__ import annotations

import asyncio
import threading
import time

import httpx2
import msgspec
import pytest

from jikimi.apps.web import STATIC
from jikimi.orders.codes import new_code
from jikimi.policy.load import presets
from jikimi.runtime.server import Server
from tests.accounts import sign_up
from tests.browser.conftest import Visit
from tests.runtime.ports import free_base
from tests.runtime.test_server import DAY_MS, House, now_ms

DESK = {"width": 1280, "height": 800}


class Whole:
    """A server in a thread of its own, and hands that send fixes to it."""

    def __init__(self, folder, *, has_helpers=False, has_court=False, **settings):
        base = free_base()
        self.house = House(folder, base)
        ports = {"field_port": base + 3, "helper_port": base + 4 if has_helpers else 0, "court_port": base + 5 if has_court else 0}
        self.house.settings = msgspec.structs.replace(self.house.settings, **ports, **settings)
        self.numbers = 0
        self._ready = threading.Event()
        self._stop = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(20)

    async def _serve(self):
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        async with Server(self.house.settings, presets()) as self.server:
            self._ready.set()
            await self._stop.wait()

    def close(self):
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(20)

    def send(self, device, north_m):
        self.numbers += 1
        answer = httpx2.post(**self.house.request(device, north_m, number=self.numbers))
        assert answer.status_code == 200, answer.text

    def invite(self, audience, subject):
        code = new_code()
        if audience == "desk":
            sign_up(self.house.register, subject, code)
        else:
            self.house.register.add_invitation(code, audience, subject, now_ms() + DAY_MS)
        return f"{self.house.url(audience)}/#code={code}"


@pytest.fixture
def whole(tmp_path):
    if not (STATIC / "desk" / "index.html").is_file():
        pytest.fail("The pages are not built: run `make setup`.")
    found = Whole(tmp_path)
    yield found
    found.close()


def until(page, text, seconds=15):
    page.get_by_role("heading", level=1).filter(has_text=text).wait_for(timeout=seconds * 1000)


def test_her_page_from_silence_to_danger_and_back(whole, browser):
    visit = Visit(browser)
    visit.page.goto(whole.invite("protected", "p"))
    until(visit.page, "cannot see where he is")
    assert "code=" not in visit.page.url

    whole.send("phone", 0.0)
    whole.send("tag", 5000.0)
    until(visit.page, "not near you")
    assert visit.page.locator(".map").count() == 0

    for north_m in (500.0, 500.0, 495.0):
        whole.send("phone", 0.0)
        whole.send("tag", north_m)
        time.sleep(0.4)
    visit.page.locator(".map canvas").wait_for(timeout=20_000)
    visit.page.locator(".map .mark").wait_for()
    assert visit.axe() == []
    visit.shoot("whole-warning")

    # Nothing of a position is kept on the phone.
    kept = visit.page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert "37.5" not in kept
    assert visit.foreign(whole.house.url("protected")) == []
    assert visit.errors == []
    assert visit.ears("broken") == []
    visit.context.close()


@pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
def test_the_desk_shows_the_worst_first_with_its_reasons(whole, browser, locale):
    whole.send("phone", 0.0)
    for north_m in (900.0, 890.0, 880.0):
        whole.send("tag", north_m)
    visit = Visit(browser, viewport=DESK, locale=locale)
    visit.page.goto(whole.invite("desk", "operator"))
    rows = visit.page.locator("tbody tr")
    rows.first.wait_for(timeout=15_000)
    assert rows.count() == 2, "the pair in person, and her home"
    visit.page.keyboard.press("j")
    visit.page.locator(".detail h2").wait_for()
    visit.page.locator(".detail .closed").wait_for()
    visit.shoot(f"desk-watch-{locale[:2]}")
    for north_m in (82.0, 80.0, 78.0):
        whole.send("tag", north_m)
    visit.page.locator(".map canvas").wait_for(timeout=20_000)
    time.sleep(1.0)
    assert "operator" in visit.page.locator(".detail .mark").inner_text(), "who looks stands over the position"
    assert visit.axe() == []
    visit.shoot(f"desk-{locale[:2]}")
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.shoot(f"desk-{locale[:2]}-phone")
    wide = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "no sideways scroll on a phone"
    assert visit.errors == []
    assert visit.ears("broken") == []
    assert visit.foreign(whole.house.url("desk")) == []
    visit.context.close()


def test_the_desk_says_when_its_line_is_lost(whole, browser):
    visit = Visit(browser, viewport=DESK)
    visit.page.goto(whole.invite("desk", "operator"))
    visit.page.locator("tbody tr").first.wait_for(timeout=15_000)
    visit.context.set_offline(True)
    whole.close()
    visit.page.get_by_role("alert").filter(has_text="lost").wait_for(timeout=10_000)
    visit.shoot("desk-lost")
    visit.context.close()


def test_rows_keep_their_places_while_somebody_works(whole, browser):
    whole.send("phone", 0.0)
    whole.send("tag", 9000.0)
    visit = Visit(browser, viewport=DESK)
    visit.page.goto(whole.invite("desk", "operator"))
    rows = visit.page.locator("tbody tr")
    rows.first.wait_for(timeout=15_000)
    visit.page.keyboard.press("j")
    before = visit.page.locator("tbody tr td:nth-child(3)").all_inner_texts()
    for north_m in (700.0, 690.0, 680.0):
        whole.send("tag", north_m)
        time.sleep(0.2)
    visit.page.keyboard.press("j")
    visit.page.locator(".count.warning strong, .count.danger strong").first.wait_for()
    time.sleep(1.2)
    assert visit.page.locator("tbody tr td:nth-child(3)").all_inner_texts() == before
    visit.context.close()
