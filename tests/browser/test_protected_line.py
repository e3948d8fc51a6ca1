"""The line to the server: lost, found again, late, asleep, over."""

import sys
import time

from playwright.sync_api import expect

from tests.browser.mock_protected import a_map, pair, words

DANGER = pair("danger", words=words(40, 110), map=a_map(), closed=None)


def heading(page):
    return page.get_by_role("heading", level=1)


FIRST = """
const look = new MutationObserver(() => {
  if (!document.querySelector('.app.watch')) return;
  look.disconnect();
  requestAnimationFrame(() => (window.firstStateMs = performance.now()));
});
look.observe(document, { subtree: true, childList: true, attributes: true });
"""


def test_the_first_state_is_on_screen_soon(server, visit, record_property, capsys):
    server.say(pair("watch", words=words(1350, 1600)))
    seen = visit(go=False)
    seen.context.add_init_script(FIRST)
    seen.page.goto(server.url)
    expect(heading(seen.page)).to_have_text("He is in the wider area.")
    seen.until("window.firstStateMs !== undefined")
    shown_ms = seen.page.evaluate("firstStateMs")
    record_property("first_state_ms", shown_ms)
    with capsys.disabled():
        sys.stdout.write(f"\nher page: first state on screen {shown_ms:.0f} ms after navigation (goal: within 1000 ms)\n")
    assert not [url for url in seen.requests if "/assets/map" in url], "the map was loaded though none is open"


def test_a_silent_line_is_said_within_ten_seconds_and_found_again(server, visit):
    server.say(DANGER)
    seen = visit(go=False)
    seen.page.clock.install()
    seen.page.goto(server.url)
    expect(seen.page.locator("canvas")).to_be_visible()
    last = server.number
    server.beating = False
    server.down = True
    seen.page.clock.run_for(9_500)
    expect(heading(seen.page)).to_have_text("Connection lost.")
    expect(seen.page.get_by_text("Before that: He is very near you.")).to_be_visible()
    expect(seen.page.locator("section.map.grey")).to_be_visible()
    server.down = False
    server.beating = True
    seen.page.clock.run_for(6_000)
    expect(heading(seen.page)).to_have_text("He is very near you.")
    assert server.resumed[0] is None
    assert server.resumed[-1] == str(last).encode()


def test_a_broken_line_is_said_at_once_and_resumes_without_a_touch(server, visit):
    server.say(pair())
    page = visit().page
    expect(heading(page)).to_have_text("He is not near you.")
    server.down = True
    server.cut()
    expect(heading(page)).to_have_text("Connection lost.")
    server.down = False
    expect(heading(page)).to_have_text("He is not near you.")


def test_an_old_state_is_never_the_present_after_sleep(server, visit):
    server.say(DANGER)
    seen = visit(go=False)
    seen.page.clock.install()
    seen.page.goto(server.url)
    expect(seen.page.locator("canvas")).to_be_visible()
    server.down = True
    seen.page.clock.fast_forward(600_000)
    seen.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(heading(seen.page)).to_have_text("Connection lost.")
    expect(seen.page.locator("section.map")).to_have_count(0)


def test_positions_go_when_their_time_is_over(server, visit):
    server.say({**DANGER, "map": a_map(valid_s=12)})
    seen = visit(go=False)
    seen.page.clock.install()
    seen.page.goto(server.url)
    expect(seen.page.locator("canvas")).to_be_visible()
    server.down = True
    server.cut()
    seen.page.clock.run_for(13_000)
    expect(seen.page.locator("section.map")).to_have_count(0)


def test_what_waited_in_a_sleeping_phone_is_not_news(server, visit):
    server.say(pair())
    seen = visit()
    expect(heading(seen.page)).to_have_text("He is not near you.")
    stale = {"at_ms": round(time.time() * 1000) - 300_000, "late_s": 0, "pairs": [pair("watch", words=words(1350, 1600))]}
    before = len(server.resumed)
    with seen.page.expect_response("**/api/stream"):
        server.say_as_it_is(stale)
    expect(heading(seen.page)).not_to_have_text("He is in the wider area.")
    expect(heading(seen.page)).to_have_text("He is not near you.")
    assert len(server.resumed) > before


def test_an_ended_session_leads_to_the_code(server, visit):
    server.say(pair())
    page = visit().page
    expect(heading(page)).to_have_text("He is not near you.")
    server.signed_in = False
    server.end("session_ended")
    expect(page.get_by_label("Code")).to_be_visible()


def test_an_ended_order_is_said(server, visit):
    server.say(DANGER)
    page = visit().page
    expect(page.locator("canvas")).to_be_visible()
    server.end("order_ended")
    expect(heading(page)).to_have_text("No order is in force.")
    expect(page.locator("section.map")).to_have_count(0)


def test_the_page_opens_without_a_line_and_says_so(server, visit):
    server.say(DANGER)
    seen = visit()
    expect(seen.page.locator("canvas")).to_be_visible()
    seen.page.evaluate("navigator.serviceWorker.ready")
    seen.context.set_offline(True)
    seen.page.reload()
    expect(heading(seen.page)).to_have_text("Connection lost.")
    kept = seen.page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))"
        ".then((all) => all.flat().map((request) => new URL(request.url).pathname))"
    )
    assert kept
    assert not [path for path in kept if path.startswith(("/api", "/tiles"))]
    seen.context.set_offline(False)
    expect(heading(seen.page)).to_have_text("He is very near you.")
