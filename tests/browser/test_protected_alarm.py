"""Sound, vibration and the screen that stays on: when they begin, and when they stop."""

import pytest
from playwright.sync_api import expect

from tests.browser.mock_protected import pair, words

WARNING = pair("warning", words=words(movement="leaving"))
DANGER = pair("danger", words=words(40, 110))


@pytest.fixture
def seen(server, visit):
    server.say(pair())
    found = visit(go=False)
    found.page.clock.install()
    found.page.goto(server.url)
    expect(found.page.get_by_role("heading", level=1)).to_have_text("He is not near you.")
    return found


def shows(found, text):
    expect(found.page.get_by_role("heading", level=1)).to_have_text(text)


def tones_during(server, found, ms):
    """Return the pitches that sound within a time."""
    found.page.evaluate("ears.tones.length = 0")
    found.live(server, ms)
    return set(found.ears("tones"))


def test_sound_that_is_off_is_called_off_and_one_tap_turns_it_on(server, seen):
    server.say(DANGER)
    shows(seen, "He is very near you.")
    assert tones_during(server, seen, 4_000) == set()
    seen.page.get_by_role("button", name="Sound is off").click()
    expect(seen.page.get_by_role("button", name="Sound is off")).to_have_count(0)
    assert tones_during(server, seen, 4_000)


def test_each_tier_sounds_its_own_and_a_higher_one_sounds_again(server, seen):
    seen.page.get_by_role("button", name="Sound is off").click()
    server.say(WARNING)
    shows(seen, "He is near you.")
    warning = tones_during(server, seen, 7_000)
    seen.page.get_by_role("button", name="I have seen it").click()
    assert tones_during(server, seen, 7_000) == set()
    shows(seen, "He is near you.")
    server.say(DANGER)
    shows(seen, "He is very near you.")
    danger = tones_during(server, seen, 7_000)
    assert danger
    assert danger != warning
    assert seen.ears("shakes")


def test_it_stops_at_all_clear(server, seen):
    seen.page.get_by_role("button", name="Sound is off").click()
    server.say(DANGER)
    shows(seen, "He is very near you.")
    assert tones_during(server, seen, 3_000)
    assert seen.ears("locks")[-1] == "on"
    server.say(pair())
    shows(seen, "He is not near you.")
    assert tones_during(server, seen, 10_000) == set()
    expect(seen.page.get_by_role("button", name="I have seen it")).to_have_count(0)
    assert seen.ears("locks")[-1] == "off"


def test_danger_goes_on_sounding_while_the_line_is_lost(server, seen):
    seen.page.get_by_role("button", name="Sound is off").click()
    server.say(DANGER)
    shows(seen, "He is very near you.")
    server.down = True
    server.cut()
    shows(seen, "Connection lost.")
    seen.page.evaluate("ears.tones.length = 0")
    seen.page.clock.run_for(4_000)
    assert 880 in seen.ears("tones")


def test_losing_sight_of_him_near_her_sounds(server, seen):
    seen.page.get_by_role("button", name="Sound is off").click()
    server.say(pair("watch", seen="blind", words=words(0, 2600, movement="unknown")))
    shows(seen, "We cannot see where he is.")
    assert tones_during(server, seen, 5_000)


def test_an_alarm_comes_before_the_settings(server, seen):
    seen.page.get_by_role("button", name="Settings").click()
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("Settings")
    server.say(DANGER)
    shows(seen, "He is very near you.")


def test_another_language_leaves_line_and_sound_as_they_are(server, seen):
    seen.page.get_by_role("button", name="Sound is off").click()
    seen.page.get_by_role("button", name="Settings").click()
    seen.page.get_by_role("button", name="한국어").click()
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("설정")
    expect(seen.page.get_by_text("소리가 켜져 있습니다.")).to_be_visible()
    assert seen.page.evaluate("document.documentElement.lang") == "ko"
    seen.page.get_by_role("button", name="뒤로").click()
    shows(seen, "상대방이 가까이에 있지 않습니다.")
    assert len(server.resumed) == 1


def test_the_screen_can_be_kept_on(server, seen):
    assert seen.ears("locks") == []
    seen.page.get_by_role("button", name="Settings").click()
    seen.page.get_by_label("Keep the screen on").check()
    seen.until("ears.locks.at(-1) === 'on'")
    seen.page.get_by_label("Keep the screen on").uncheck()
    seen.until("ears.locks.at(-1) === 'off'")
