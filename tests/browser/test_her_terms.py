"""Her terms on a whole server: they lie under what is said, hide no alarm, and are gone once she accepted."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from jikimi.storage.schema import acceptances
from tests.browser.conftest import Visit
from tests.browser.test_her_phones import pictures
from tests.browser.test_whole import until, whole

__all__ = ["whole"]

WORDS = {
    "en-GB": ("Before you see where he is", "I have read this and accept it", "three years in prison"),
    "ko-KR": ("상대방의 위치를 보기 전에", "읽었으며 동의합니다", "3년 이하의 징역"),
}


@pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
def test_the_terms_name_the_penalty_lie_under_the_alarm_and_go_when_accepted(whole, browser, locale):
    title, accept, penalty = WORDS[locale]
    with whole.house.register.engine.begin() as connection:
        connection.execute(sa.delete(acceptances))
    whole.server.terms._accepted.clear()
    visit = Visit(browser, locale=locale)
    visit.page.goto(whole.invite("protected", "p"))
    until(visit.page, "")
    visit.page.get_by_text(penalty).wait_for()
    heading, sentence = (visit.page.get_by_role("heading", name=title), visit.page.locator("h1"))
    assert heading.bounding_box()["y"] > sentence.bounding_box()["y"], "what is said of him stands first"
    assert visit.page.locator(".sos, .sosbar, footer").count() >= 1
    pictures(visit, f"terms-{locale[:2]}")
    visit.page.get_by_role("button", name=accept).click()
    heading.wait_for(state="detached")
    visit.page.reload()
    until(visit.page, "")
    assert heading.count() == 0
    kept = visit.page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert "37.5" not in kept
    visit.context.close()
