"""A call for help: held, taken back, sent, tried until it arrives, and silent."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.mock_protected import pair


@pytest.fixture
def seen(server, visit):
    server.say(pair())
    found = visit(go=False)
    found.page.clock.install()
    found.page.goto(server.url)
    expect(found.page.get_by_role("heading", level=1)).to_have_text("He is not near you.")
    return found


LOUD = re.compile("^SOS: hold")
SILENT = re.compile("^Silent SOS")


def hold(found, name=LOUD, ms=3_100):
    found.page.get_by_role("button", name=name).hover()
    found.page.mouse.down()
    found.page.clock.run_for(ms)
    found.page.mouse.up()


def sent(server, found):
    """Let the five seconds pass, and return what the server got."""
    found.page.clock.run_for(5_500)
    found.page.wait_for_timeout(200)
    return server.bodies("/api/sos")


def test_three_seconds_and_five_more_then_it_is_sent_and_received(server, seen):
    hold(seen)
    expect(seen.page.get_by_role("alert")).to_contain_text("Your SOS goes out in")
    assert server.bodies("/api/sos") == []
    [body] = sent(server, seen)
    assert body["silent"] is False
    assert body["fix"] is None
    expect(seen.page.locator(".sent").get_by_text("Your SOS was sent and stored at")).to_be_visible()
    expect(seen.page.get_by_role("link", name="Call 112")).to_have_attribute("href", "tel:112")


def test_that_a_person_has_it_is_said_when_one_took_it_and_not_before(server, seen):
    hold(seen)
    sent(server, seen)
    expect(seen.page.locator(".sent")).to_contain_text("Nobody has taken it yet.")
    server.sos_seen_ms = server.now_ms()
    seen.page.clock.run_for(4_500)
    expect(seen.page.locator(".sent").get_by_text("The control room took your SOS at")).to_be_visible()
    asked = len(server.bodies("/api/sos"))
    assert len({body["id"] for body in server.bodies("/api/sos")}) == 1
    seen.page.clock.run_for(20_000)
    assert len(server.bodies("/api/sos")) == asked, "once it is known nobody is asked"


def test_the_keyboard_can_hold_too(server, seen):
    seen.page.get_by_role("button", name=LOUD).focus()
    seen.page.keyboard.down("Enter")
    seen.page.clock.run_for(3_100)
    seen.page.keyboard.up("Enter")
    assert len(sent(server, seen)) == 1


def test_letting_go_early_sends_nothing(server, seen):
    hold(seen, ms=2_500)
    assert sent(server, seen) == []
    expect(seen.page.get_by_role("button", name=LOUD)).to_be_visible()


def test_it_can_be_taken_back_before_it_goes_out(server, seen):
    hold(seen)
    seen.page.get_by_role("button", name="Do not send").click()
    assert sent(server, seen) == []
    assert server.bodies("/api/sos/cancel") == []


IN_REACH = """(button) => {
  const box = button.getBoundingClientRect();
  const on = (y) => button.contains(document.elementFromPoint(box.left + box.width / 2, y));
  return box.top >= 0 && box.bottom <= innerHeight && on(box.top + 8) && on(box.bottom - 8);
}"""


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("size", ["390x844", "320x568"])
def test_it_can_be_taken_back_without_a_scroll_whatever_the_size_of_the_text(server, seen, size, percent):
    width, height = map(int, size.split("x"))
    seen.page.set_viewport_size({"width": width, "height": height})
    server.say(pair("danger"), pair("blind", pair="o/home"))
    seen.page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
    for place in ("0", "document.documentElement.scrollHeight / 2", "document.documentElement.scrollHeight"):
        seen.page.evaluate(f"scrollTo(0, {place})")
        seen.page.get_by_role("button", name=LOUD).focus()
        seen.page.evaluate(f"scrollTo(0, {place})")
        seen.page.keyboard.down("Enter")
        seen.page.clock.run_for(3_100)
        seen.page.keyboard.up("Enter")
        button = seen.page.get_by_role("button", name="Do not send")
        button.wait_for()
        assert button.evaluate(IN_REACH), place
        if place == "0":
            seen.shoot(f"sos-counting-{size}-{percent}")
        button.evaluate("(button) => button.click()")
    assert server.bodies("/api/sos") == []


def test_it_is_tried_until_it_arrives_over_a_reload_and_is_the_same_call(server, seen):
    server.sos_down = True
    hold(seen)
    [first] = sent(server, seen)[:1]
    expect(seen.page.locator(".sent").get_by_text("It has not arrived yet.")).to_be_visible()
    kept = seen.page.evaluate("localStorage.getItem('sos')")
    assert first["id"] in kept
    assert "lat" not in kept
    seen.page.reload()
    expect(seen.page.locator(".sent").get_by_text("It has not arrived yet.")).to_be_visible()
    server.sos_down = False
    seen.page.clock.run_for(3_000)
    expect(seen.page.locator(".sent").get_by_text("Your SOS was sent and stored at")).to_be_visible()
    assert {body["id"] for body in server.bodies("/api/sos")} == {first["id"]}


def test_a_reload_in_the_cancel_window_does_not_lose_it(server, seen, visit):
    hold(seen)
    kept = seen.page.evaluate("localStorage.getItem('sos')")
    again = visit(go=False)
    again.context.add_init_script(f"localStorage.setItem('sos', JSON.stringify({{ ...{kept}, due_ms: Date.now() + 5000 }}))")
    again.page.goto(server.url)
    expect(again.page.locator(".sent").get_by_text("Your SOS goes out in")).to_be_visible()
    expect(again.page.locator(".sent").get_by_text("Your SOS was sent and stored at")).to_be_visible()
    assert {body["id"] for body in server.bodies("/api/sos")} == {json.loads(kept)["id"]}


def test_without_a_line_it_waits_for_one(server, seen):
    seen.context.set_offline(True)
    hold(seen)
    assert sent(server, seen) == []
    expect(seen.page.locator(".sent").get_by_text("It has not arrived yet.")).to_be_visible()
    seen.context.set_offline(False)
    seen.page.clock.run_for(3_000)
    expect(seen.page.locator(".sent").get_by_text("Your SOS was sent and stored at")).to_be_visible()


def test_a_silent_call_makes_no_sound_and_hushes_the_rest(server, seen):
    seen.page.get_by_role("button", name="Sound is off").click()
    hold(seen, SILENT)
    [body] = sent(server, seen)
    assert body["silent"] is True
    expect(seen.page.locator(".sent").get_by_text("Your SOS was sent and stored at")).to_be_visible()
    server.say(pair("danger"))
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("He is very near you.")
    seen.page.clock.run_for(4_000)
    assert seen.ears("tones") == []
    assert [shake for shake in seen.ears("shakes") if shake] == []


def test_a_reader_hears_each_step_once_and_nothing_of_a_silent_call(server, seen):
    hold(seen)
    told = seen.page.get_by_role("alert")
    expect(told).to_have_text("Your SOS goes out in 5 s.")
    seen.page.clock.run_for(2_000)
    expect(told).to_have_text("Your SOS goes out in 5 s.")
    seen.page.get_by_role("button", name="Do not send").click()
    hold(seen, SILENT)
    expect(seen.page.locator(".sent")).to_be_visible()
    expect(seen.page.get_by_role("alert")).to_have_text("")


def test_the_end_of_a_call_reaches_the_server(server, seen):
    hold(seen)
    [body] = sent(server, seen)
    seen.page.get_by_role("button", name="End the SOS").click()
    expect(seen.page.get_by_role("button", name=LOUD)).to_be_visible()
    assert [each["id"] for each in server.bodies("/api/sos/cancel")] == [body["id"]]


def test_a_phone_that_knows_where_it_is_says_so_in_the_call(server, visit):
    server.say(pair(handset="stale"))
    found = visit(go=False, geolocation={"latitude": 37.4, "longitude": 127.1, "accuracy": 9}, permissions=["geolocation"])
    found.page.goto(server.url)
    found.page.get_by_role("button", name="Report my position").click()
    expect(found.page.get_by_role("button", name="Report my position")).to_have_count(0)
    found.page.wait_for_timeout(500)
    found.page.clock.install()
    hold(found)
    found.page.get_by_role("button", name="Send now").click()
    expect(found.page.locator(".sent").get_by_text("Your SOS was sent and stored at")).to_be_visible()
    [body] = server.bodies("/api/sos")
    assert (body["fix"]["lat"], body["fix"]["lon"], body["fix"]["error_m"]) == (37.4, 127.1, 9)
