"""The desk for each role: who has no place is told so, nobody sees a button that would be refused, and the wall tells no names."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from jikimi.identity.roles import Role
from jikimi.orders.codes import new_code
from jikimi.storage.identity import SqlStaff
from tests.accounts import CHIEF, sign_up
from tests.browser.conftest import PHONE, Visit
from tests.browser.test_office import clerk_of, enter
from tests.browser.test_whole import DESK, Whole
from tests.runtime.test_server import kept_order, now_ms

WALL = {"width": 1920, "height": 1080}


@pytest.fixture
def house(tmp_path):
    found = Whole(tmp_path)
    yield found
    found.close()


def as_role(house, name, role):
    code = new_code()
    sign_up(house.house.register, name, code, role)
    return f"{house.house.url('desk')}/#code={code}"


def becomes(house, name, role):
    SqlStaff(house.house.register.engine).change_role(name, role, CHIEF, now_ms=now_ms())


def comes_near(house):
    house.send("phone", 0.0)
    for north_m in (5000.0, 60.0, 58.0, 56.0):
        house.send("tag", north_m)


def well(visit):
    assert visit.axe() == []
    assert visit.errors == []
    assert visit.ears("broken") == []
    assert visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize(("locale", "title"), [("en-GB", "You have no place at this desk"), ("ko-KR", "자리가 없습니다")])
def test_who_loses_the_place_is_told_so_at_once_and_asked_for_no_code(house, browser, locale, title):
    visit = Visit(browser, viewport=DESK, locale=locale)
    visit.page.goto(as_role(house, "kim", Role.OPERATOR))
    visit.page.locator("tbody tr").first.wait_for(timeout=15_000)
    becomes(house, "kim", Role.COURT)
    visit.page.get_by_role("heading", name=title).wait_for(timeout=20_000)
    assert visit.page.locator("input").count() == 0
    well(visit)
    visit.shoot(f"desk-no-seat-{locale[:2]}")
    visit.context.close()


def test_the_police_read_and_see_no_button_that_would_be_refused(house, browser):
    enter(house)
    begin_earlier(house)
    visit = Visit(browser, viewport=DESK)
    visit.page.goto(as_role(house, "unit7", Role.POLICE))
    visit.page.locator("tbody tr").first.wait_for(timeout=15_000)
    comes_near(house)
    visit.page.get_by_role("button", name="Incidents").wait_for()
    assert visit.page.get_by_role("button", name="Office").count() == 0
    visit.page.keyboard.press("i")
    visit.page.locator(".incidents .queue li.danger").first.wait_for(timeout=15_000)
    visit.page.keyboard.press("j")
    visit.page.locator(".incidents .whole h2").wait_for()
    for name in ("Go on duty", "Acknowledge", "Close", "Write it down"):
        assert visit.page.get_by_role("button", name=name, exact=True).count() == 0
    assert visit.page.locator(".incidents textarea").count() == 0
    # Agencies stand there by their names, and the core's reasons beside what happened.
    visit.page.locator(".tasks li", has_text="National Police Agency").first.wait_for()
    visit.page.locator(".history li.entry", has_text="approach").first.wait_for()
    visit.page.locator(".history li.reports").first.wait_for()
    visit.page.locator(".history li.notice").first.wait_for()
    well(visit)
    visit.shoot("desk-police", whole=True)
    takes_a_copy(visit)
    visit.context.close()


def begin_earlier(house):
    """An order that holds since two hours: a copy covers no time outside of it."""
    began = now_ms() - 2 * 3_600_000
    measures = tuple(msgspec.structs.replace(one, from_ms=began) for one in kept_order().measures)
    clerk_of(house).enter(msgspec.structs.replace(kept_order(), order_id="older", measures=measures), now_ms=began, by="officer")


def takes_a_copy(visit):
    """In an emergency, by keyboard: asked for with a reason, read under the viewer's own mark, and gone from the page when it is closed."""
    page, now = visit.page, dt.datetime.now(dt.UTC)
    page.get_by_role("button", name="Copies", exact=True).press("Enter")
    page.get_by_text("Data protection sees the court's document").wait_for()
    page.get_by_role("button", name="Ask for the copy").wait_for()
    page.get_by_label("Emergency: the permission follows").check()
    page.get_by_label("Name of the order").fill("older")
    page.get_by_label("Name of the order").press("Tab")
    page.get_by_label("Whose positions").select_option("m")
    page.get_by_label("From (UTC)").fill((now - dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S"))
    page.get_by_label("To (UTC)").fill(now.strftime("%Y-%m-%dT%H:%M:%S"))
    page.get_by_label("Reason (names nobody and no place)").fill("robbery of this night")
    well(visit)
    visit.shoot("desk-copies-new", whole=True)
    page.get_by_role("button", name="Make the copy").press("Enter")
    page.get_by_role("button", name="Read", exact=True).press("Enter")
    page.get_by_text("Seen by unit7").wait_for()
    assert page.locator("tbody tr").count() > 1
    well(visit)
    visit.shoot("desk-copy-read", whole=True)
    page.get_by_role("button", name="Close", exact=True).press("Enter")
    page.locator("tbody").wait_for(state="detached")
    assert "37.5" not in page.content()
    page.set_viewport_size(PHONE)
    well(visit)
    visit.shoot("desk-copies-phone", whole=True)


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("ko-KR", "dark")])
def test_the_wall_tells_the_room_and_names_nobody_and_says_when_it_is_old(house, browser, locale, scheme):
    enter(house)
    visit = Visit(browser, viewport=WALL, locale=locale, color_scheme=scheme)
    visit.page.clock.install()
    visit.page.goto(as_role(house, "wall", Role.WALL))
    visit.page.locator(".wall .totals").wait_for()
    comes_near(house)
    visit.page.locator(".wall ol li.danger").first.wait_for(timeout=15_000)
    text = visit.page.locator(".wall").inner_text()
    assert "M" not in text.split(), "no name"
    assert visit.page.locator(".wall button").count() == 0
    size = visit.page.evaluate("parseFloat(getComputedStyle(document.querySelector('.wall')).fontSize) / innerWidth")
    assert size >= 0.018, "on a screen two metres wide a letter's box is 36 mm"
    well(visit)
    visit.shoot(f"wall-{locale[:2]}-{scheme}")
    house.close()
    visit.page.clock.fast_forward(15_000)
    visit.page.locator(".wall .old").wait_for(timeout=20_000)
    assert visit.axe() == []
    visit.shoot(f"wall-old-{locale[:2]}-{scheme}")
    visit.context.close()


def test_two_operators_hand_a_shift_over_and_the_load_moves(house, browser):
    enter(house)
    kim, lee = Visit(browser, viewport=DESK), Visit(browser, viewport=DESK)
    for visit, name in ((kim, "kim"), (lee, "lee")):
        visit.page.goto(as_role(house, name, Role.OPERATOR))
        visit.page.locator("tbody tr").first.wait_for(timeout=15_000)
        visit.page.keyboard.press("i")
        visit.page.locator(".incidents").wait_for()
    kim.page.keyboard.press("d")
    kim.page.locator(".duty", has_text="kim").wait_for()
    comes_near(house)
    lee.page.locator(".queue li", has_text="kim").first.wait_for(timeout=15_000)
    lee.page.keyboard.press("d")
    kim.page.get_by_role("button", name="Hand over to lee").press("Enter")
    lee.page.get_by_role("button", name="Take over from kim").press("Enter")
    lee.page.locator(".queue li", has_text="lee").first.wait_for()
    assert lee.page.locator(".duty span").all_inner_texts() == [lee.page.locator(".duty span").first.inner_text()]
    kim.page.get_by_role("button", name="Go on duty").wait_for()
    lee.page.keyboard.press("?")
    lee.page.locator(".keys kbd").first.wait_for()
    well(lee)
    lee.shoot("desk-keys")
    for visit in (kim, lee):
        visit.context.close()


@pytest.mark.parametrize(
    ("locale", "desk_says", "she_reads"),
    [
        ("en-GB", "One unconfirmed report puts him within", "An unconfirmed report puts him nearer"),
        ("ko-KR", "확인되지 않은", "확인되지 않은"),
    ],
)
def test_a_report_that_nobody_believes_yet_has_a_mark_of_its_own(house, browser, locale, desk_says, she_reads):
    desk, her = Visit(browser, viewport=DESK, locale=locale, color_scheme="dark"), Visit(browser, locale=locale)
    desk.page.goto(as_role(house, "kim", Role.OPERATOR))
    her.page.goto(house.invite("protected", "p"))
    house.send("phone", 0.0)
    # The first places him; the second would take him to her in no time, and waits for a third.
    house.send("tag", 900.0)
    house.send("tag", 60.0)
    desk.page.locator("tbody tr", has_text="P").locator(".doubt").first.wait_for(timeout=15_000)
    desk.page.keyboard.press("j")
    desk.page.locator(".detail .doubt", has_text=desk_says).wait_for()
    her.page.locator(".doubt", has_text=she_reads).wait_for()
    assert desk.axe() == []
    assert her.axe() == []
    desk.shoot(f"desk-unconfirmed-{locale[:2]}")
    her.shoot(f"her-unconfirmed-{locale[:2]}")
    for visit in (desk, her):
        assert visit.errors == []
        visit.context.close()
