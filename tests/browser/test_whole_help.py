"""Her call for help on the desk, and her screen where no tag is or she has left: real server, real pages, both languages."""

from __future__ import annotations

import msgspec
import pytest

from jikimi.model.register import Protected, Standing
from tests.browser.conftest import Visit
from tests.browser.test_office import clerk_of
from tests.browser.test_whole import DESK, until, whole
from tests.runtime.test_server import kept_order, now_ms

__all__ = ["whole"]


def without_a_tag(whole):
    """An order on paper alone, for somebody new."""
    order = kept_order()
    paper = msgspec.structs.replace(
        order,
        order_id="paper",
        monitored_ids=("n",),
        protected=(Protected(person_id="q", standing=Standing.VICTIM),),
        places=(),
        measures=order.measures[:1],
    )
    clerk = clerk_of(whole)
    clerk.enter(paper, now_ms=now_ms(), by="officer", labels={"n": "N", "q": "Q"})
    return clerk


def presses_for_help(visit, name):
    button = visit.page.get_by_role("button", name=name, exact=True)
    button.wait_for()
    button.hover()
    visit.page.mouse.down()
    visit.page.wait_for_timeout(3_300)
    visit.page.mouse.up()


@pytest.mark.parametrize(
    ("locale", "hold", "now", "received", "duty", "taken"),
    [
        ("en-GB", "SOS: hold 3 s", "Send now", "Nobody has taken it yet", "Go on duty", "The control room took your SOS at"),
        ("ko-KR", "SOS: 3초 누르기", "지금 보내기", "아직 확인한 사람은 없습니다", "근무 시작", "관제실 담당자가 SOS를 확인했습니다"),
    ],
)
def test_her_call_stands_on_the_desk_first_of_all_and_she_is_told_when_it_was_taken(
    whole, browser, locale, hold, now, received, duty, taken
):
    desk, her = Visit(browser, viewport=DESK, locale=locale), Visit(browser, locale=locale)
    desk.page.goto(whole.invite("desk", "operator"))
    desk.page.locator("tbody tr").first.wait_for(timeout=15_000)
    her.page.goto(whole.invite("protected", "p"))
    presses_for_help(her, hold)
    her.page.get_by_role("button", name=now).click()
    her.page.locator(".sent").get_by_text(received).wait_for()
    her.shoot(f"sos-received-{locale[:2]}")
    assert her.axe() == []
    desk.page.locator(".count.sos strong", has_text="1").wait_for(timeout=10_000)
    assert "SOS" in desk.page.locator("tbody tr").first.inner_text()
    desk.page.locator(".banner.call", has_text="P").get_by_role("button").press("Enter")
    desk.page.locator(".detail h2").wait_for()
    assert desk.axe() == []
    desk.shoot(f"desk-sos-{locale[:2]}")
    assert her.page.locator(".sent").get_by_text(received).is_visible(), "that a screen shows it is not yet a person who has it"
    desk.page.keyboard.press("i")
    desk.page.get_by_role("button", name=duty).press("Enter")
    desk.page.locator(".incidents .queue li").first.wait_for()
    desk.page.keyboard.press("j")
    desk.page.locator(".incidents .whole h2").wait_for()
    desk.page.keyboard.press("a")
    her.page.locator(".sent").get_by_text(taken).wait_for(timeout=20_000)
    assert her.axe() == []
    her.shoot(f"sos-taken-{locale[:2]}")
    for one in (desk, her):
        assert one.errors == []
        assert one.ears("broken") == []
        one.context.close()


@pytest.mark.parametrize(
    ("locale", "sentence", "hold", "now", "banner"),
    [
        ("en-GB", "Your order has no tag", "SOS: hold 3 s", "Send now", "Q"),
        ("ko-KR", "없습니다", "SOS: 3초 누르기", "지금 보내기", "Q"),
    ],
)
def test_without_a_tag_she_is_told_so_and_her_call_reaches_the_desk(whole, browser, locale, sentence, hold, now, banner):
    without_a_tag(whole)
    desk, her = Visit(browser, viewport=DESK, locale=locale), Visit(browser, locale=locale)
    desk.page.goto(whole.invite("desk", "operator"))
    desk.page.locator("tbody tr").first.wait_for(timeout=15_000)
    her.page.goto(whole.invite("protected", "q"))
    until(her.page, sentence)
    assert her.axe() == []
    her.shoot(f"untagged-{locale[:2]}", whole=True)
    presses_for_help(her, hold)
    her.page.get_by_role("button", name=now).click()
    desk.page.locator(".banner.call", has_text=banner).wait_for(timeout=10_000)
    assert desk.axe() == []
    desk.shoot(f"desk-call-{locale[:2]}")
    for one in (desk, her):
        assert one.errors == []
        one.context.close()


@pytest.mark.parametrize(
    ("locale", "settings", "leave", "sure", "told", "sentence"),
    [
        ("en-GB", "Settings", "Leave protection", "Yes, leave now", "officer has been told", "You have left"),
        ("ko-KR", "설정", "이용 중단", "예, 지금 중단", "알렸습니다", "중단"),
    ],
)
def test_when_she_has_left_her_screen_says_so(whole, browser, locale, settings, leave, sure, told, sentence):
    without_a_tag(whole)
    visit = Visit(browser, locale=locale)
    visit.page.goto(whole.invite("protected", "q"))
    visit.page.get_by_role("button", name=settings).click()
    visit.page.get_by_role("button", name=leave, exact=True).click()
    visit.page.get_by_role("button", name=sure, exact=True).click()
    visit.page.get_by_text(told).wait_for()
    visit.page.reload()
    until(visit.page, sentence)
    assert visit.axe() == []
    visit.shoot(f"left-{locale[:2]}", whole=True)
    assert visit.errors == []
    visit.context.close()
