"""The office on the desk, and her settings: real server, real pages, both languages, desk and phone."""

from __future__ import annotations

import datetime as dt
import time

import msgspec
import pytest

from jikimi.orders.matching import Identifiers
from jikimi.policy.durations import tables
from jikimi.runtime.stores import Stores
from tests.browser.conftest import Visit
from tests.browser.test_whole import DESK, Whole, whole
from tests.runtime.test_server import kept_order, now_ms

__all__ = ["whole"]
WHO = Identifiers(names=("Hong Gildong",), birth_date=dt.date(1990, 1, 2))


def clerk_of(server: Whole):
    return Stores(server.house.settings).clerk(server.house.register, tables())


def enter(server: Whole):
    """Two orders that may bind one man; one of them with a tag. Time for the first step has run out."""
    clerk, order = clerk_of(server), kept_order()
    untagged = msgspec.structs.replace(order, order_id="paper", monitored_ids=("n",), measures=order.measures[:1])
    clerk.enter(order, now_ms=now_ms() - 2 * 3_600_000, by="officer", who={"m": WHO})
    clerk.enter(untagged, now_ms=now_ms(), by="officer", who={"n": WHO}, labels={"n": "N"})
    return clerk


@pytest.mark.parametrize(
    ("locale", "tasks", "office", "same", "untold"),
    [("en-GB", "Tasks", "Office", "Same man", "Tell them yourself"), ("ko-KR", "할 일", "업무", "동일인", "직접 알려 주세요")],
)
def test_the_office_shows_tasks_links_ways_and_events_and_takes_a_decision(whole, browser, locale, tasks, office, same, untold):
    clerk = enter(whole)
    for task, notice in zip(
        clerk.ask_to_tell("kept", ["police", "prosecutor"], now_ms=now_ms() - 7_200_000, one_of="grant"), ("expired", "handed"), strict=True
    ):
        clerk.notice_moved(task.task_id, notice, heard_ms=None, by="records")
    visit = Visit(browser, viewport=DESK, locale=locale)
    visit.page.goto(whole.invite("desk", "operator"))
    visit.page.locator("tbody tr").first.wait_for(timeout=15_000)
    button = visit.page.get_by_role("button", name=office)
    button.focus()
    visit.page.keyboard.press("Enter")
    visit.page.get_by_role("heading", name=tasks, exact=True).wait_for()
    visit.page.locator(".office li.late").first.wait_for(timeout=10_000)
    assert visit.page.locator(".steps").count() == 2
    assert visit.page.locator(".office li.late").filter(has_text=untold).count() == 1
    assert visit.axe() == []
    visit.shoot(f"office-{locale[:2]}", whole=True)
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.shoot(f"office-{locale[:2]}-phone", whole=True)
    assert visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    section = visit.page.locator("section", has=visit.page.locator("#office-links"))
    section.locator("input").focus()
    visit.page.keyboard.type("compared both records")
    section.get_by_role("button", name=same, exact=True).press("Enter")
    section.locator("input").wait_for(state="detached", timeout=10_000)
    invites(visit, locale)
    assert visit.errors == []
    assert visit.ears("broken") == []
    visit.context.close()


def invites(visit, locale):
    """Somebody makes sure who she is and gives her code: by keyboard, told once, gone when it is done."""
    section = visit.page.locator("section", has=visit.page.locator("#office-invite"))
    section.locator("summary").press("Enter")
    section.locator("form input").first.fill("kept")
    section.locator("form input").first.press("Enter")
    section.locator("select").nth(1).wait_for()
    section.locator("select").nth(1).select_option("passport")
    section.get_by_role("checkbox").check()
    assert visit.axe() == []
    visit.shoot(f"office-invite-{locale[:2]}-phone", whole=True)
    section.locator("form").nth(1).get_by_role("button").press("Enter")
    code = section.locator(".code").inner_text(timeout=10_000)
    assert len(code.replace("-", "")) == 10
    assert visit.axe() == []
    visit.shoot(f"office-code-{locale[:2]}-phone", whole=True)
    section.locator(".slip button").last.press("Enter")
    section.locator(".slip").wait_for(state="detached")
    assert code not in visit.page.content()


@pytest.mark.parametrize(
    ("locale", "settings", "leave", "sure"),
    [("en-GB", "Settings", "Leave protection", "Yes, leave now"), ("ko-KR", "설정", "이용 중단", "예, 지금 중단")],
)
def test_she_sees_the_end_of_her_order_and_leaves_with_two_presses(whole, browser, locale, settings, leave, sure):
    clerk = enter(whole)
    visit = Visit(browser, locale=locale)
    visit.page.goto(whole.invite("protected", "p"))
    visit.page.get_by_role("button", name=settings).click()
    button = visit.page.get_by_role("button", name=leave, exact=True)
    button.wait_for()
    button.scroll_into_view_if_needed()
    assert visit.axe() == []
    visit.shoot(f"settings-orders-{locale[:2]}", whole=True)
    button.click()
    visit.page.get_by_role("button", name=sure, exact=True).click()
    for _ in range(100):
        if clerk.order("kept").protected[0].consent.given is False:
            break
        time.sleep(0.05)
    assert clerk.order("kept").protected[0].consent.given is False
    assert "declined" in {task.reason for task in clerk.overview().tasks}
    assert visit.errors == []
    visit.context.close()
