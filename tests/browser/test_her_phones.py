"""A new phone of hers on a whole server: the old one shows nothing any more and says why, the new one says what happened."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.test_whole import until, whole

__all__ = ["whole"]

WORDS = {
    "en-GB": ("cannot see", "This phone is turned off", "An earlier phone of yours is turned off", "I have read it"),
    "ko-KR": ("", "이 휴대전화는 꺼졌습니다", "이전 휴대전화는 꺼졌습니다", "읽었습니다"),
}
SMALL = {"width": 320, "height": 568}
LARGE = {"width": 390, "height": 844}


def pictures(visit, name):
    for suffix, size, scale in (("", LARGE, 100), ("-small", SMALL, 100), ("-double", LARGE, 200), ("-small-double", SMALL, 200)):
        visit.page.set_viewport_size(size)
        visit.page.evaluate(f"document.documentElement.style.fontSize = '{scale}%'")
        assert visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, name + suffix
        visit.shoot(name + suffix)
    visit.page.evaluate("document.documentElement.style.fontSize = ''")
    visit.page.set_viewport_size(LARGE)
    assert visit.axe() == [], name


@pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
def test_a_new_phone_turns_the_old_one_off_at_once_and_both_say_so(whole, browser, locale):
    seen, off, before, read = WORDS[locale]
    old = Visit(browser, locale=locale)
    old.page.goto(whole.invite("protected", "p"))
    until(old.page, seen)
    assert old.page.get_by_text(before).count() == 0

    new = Visit(browser, locale=locale)
    new.page.goto(whole.invite("protected", "p"))
    old.page.get_by_text(off).wait_for(timeout=2_000)
    until(new.page, seen)
    new.page.get_by_text(before).wait_for()
    pictures(old, f"phone-off-{locale[:2]}")
    pictures(new, f"phone-new-{locale[:2]}")

    old.page.reload()
    old.page.get_by_text(off).wait_for()
    assert old.page.evaluate("fetch('/api/me').then((answer) => answer.status)") == 401
    new.page.get_by_role("button", name=read).click()
    new.page.reload()
    until(new.page, seen)
    assert new.page.get_by_text(before).count() == 0
    kept = new.page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert "37.5" not in kept
    for visit in (old, new):
        visit.context.close()
