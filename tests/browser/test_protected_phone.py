"""Pairing, leaving, and the phone as her handset."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.mock_protected import a_map, pair, words

HERE = {"geolocation": {"latitude": 37.4, "longitude": 127.1, "accuracy": 9}, "permissions": ["geolocation"]}


def heading(page):
    return page.get_by_role("heading", level=1)


def test_a_code_opens_the_page(server, visit):
    server.signed_in = False
    server.say(pair())
    seen = visit()
    seen.page.get_by_label("Code").fill("bad code")
    seen.page.get_by_role("button", name="Continue").click()
    expect(seen.page.get_by_role("alert")).to_contain_text("not known")
    assert seen.axe() == []
    seen.shoot("pairing")
    seen.page.get_by_label("Code").fill(" good-code ")
    seen.page.keyboard.press("Enter")
    expect(heading(seen.page)).to_have_text("He is not near you.")


def test_a_code_in_the_address_is_used_once_and_removed(server, visit):
    server.signed_in = False
    server.say(pair())
    page = visit("#code=GOOD-CODE").page
    expect(heading(page)).to_have_text("He is not near you.")
    assert urlsplit(page.url).fragment == ""
    assert not [path for _, path in server.asked if "CODE" in path]


def test_quick_exit_leaves_a_harmless_page_and_nothing_behind(server, visit):
    server.say(pair("danger", words=words(40, 110), map=a_map(), closed=None))
    seen = visit()
    expect(seen.page.locator("canvas")).to_be_visible()
    seen.page.get_by_role("button", name="Quick exit").click()
    expect(heading(seen.page)).to_have_text("Notes")
    assert seen.page.url.endswith("/notes.html")
    assert server.signed_in is False
    assert seen.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert seen.page.evaluate("caches.keys().then((names) => names.length)") == 0
    assert seen.axe() == []
    seen.page.goto(server.url)
    expect(seen.page.get_by_label("Code")).to_be_visible()


def test_leaving_without_a_line_ends_the_session_as_soon_as_there_is_one(server, visit):
    server.say(pair("danger", words=words(40, 110)))
    seen = visit()
    expect(heading(seen.page)).to_have_text("He is very near you.")
    server.down = True
    seen.page.get_by_role("button", name="Quick exit").click()
    expect(heading(seen.page)).to_have_text("Notes")
    seen.page.goto(server.url)
    expect(seen.page.get_by_label("Code")).to_be_visible()
    server.down = False
    seen.until("localStorage.length === 0")
    assert server.signed_in is False


def test_the_exit_opens_a_harmless_page_where_there_is_no_network_at_all(server, visit):
    server.say(pair("danger", words=words(40, 110)))
    seen = visit()
    expect(heading(seen.page)).to_have_text("He is very near you.")
    seen.page.evaluate("navigator.serviceWorker.ready.then(() => 'ready')")
    seen.context.set_offline(True)
    seen.page.get_by_role("button", name="Quick exit").click()
    expect(heading(seen.page)).to_have_text("Notes")
    seen.page.go_back()
    expect(seen.page.get_by_text("He is very near you.")).to_have_count(0)
    seen.context.set_offline(False)


def test_leaving_does_not_silence_a_call_for_help(server, visit):
    server.say(pair())
    server.sos_down = True
    seen = visit(go=False)
    seen.page.clock.install()
    seen.page.goto(server.url)
    seen.page.locator("button.sos").hover()
    seen.page.mouse.down()
    seen.page.clock.run_for(3_100)
    seen.page.mouse.up()
    seen.page.get_by_role("button", name="Send now").click()
    expect(seen.page.locator(".sent").get_by_text("It has not arrived yet.")).to_be_visible()
    server.sos_down = False
    seen.page.get_by_role("button", name="Quick exit").click()
    seen.page.clock.run_for(2_000)
    expect(heading(seen.page)).to_have_text("Notes")
    asked = [(method, path) for method, path, _ in server.posted]
    assert asked.index(("DELETE", "/api/session")) > max(at for at, each in enumerate(asked) if each == ("POST", "/api/sos"))


def test_the_phone_reports_where_it_is_and_keeps_what_could_not_be_sent(server, visit):
    server.say(pair(handset="stale"))
    seen = visit(**HERE)
    expect(heading(seen.page)).to_have_text("Your phone is not reporting.")
    expect(seen.page.get_by_text("He never sees it.")).to_be_visible()
    server.down = True
    seen.page.get_by_role("button", name="Report my position").click()
    seen.page.wait_for_timeout(500)
    assert server.bodies("/api/fixes") == []
    server.down = False
    for _ in range(80):
        if server.bodies("/api/fixes"):
            break
        seen.page.wait_for_timeout(100)
    fix = server.bodies("/api/fixes")[0]["fixes"][0]
    assert (fix["lat"], fix["lon"], fix["error_m"]) == (37.4, 127.1, 9)
    assert fix["id"]
    assert "37.4" not in seen.page.evaluate("JSON.stringify({ ...localStorage })")


MEASURED = """
navigator.geolocation.watchPosition = (take) => {
  let measured = 0;
  const coords = { latitude: 37.4, longitude: 127.1, accuracy: 9, speed: null, heading: null, altitude: null };
  return setInterval(() => take({ coords, timestamp: 1_795_000_000_000 + 1_000 * measured++ }), 50);
};
Date.now = () => 1_795_000_000_000;
"""
"""A phone that measures each second, in a twentieth of the time."""


def test_the_phone_reports_as_often_as_it_is_asked_to_and_at_once_on_a_change(server, visit):
    server.interval_s = 300
    server.say(pair(handset="stale"))
    seen = visit(go=False)
    seen.context.add_init_script(MEASURED)
    seen.page.goto(server.url)
    seen.page.get_by_role("button", name="Report my position").click()

    def reported():
        return len({fix["id"] for body in server.bodies("/api/fixes") for fix in body["fixes"]})

    for _ in range(80):
        seen.page.wait_for_timeout(100)
        if reported() > 0:
            break
    seen.page.wait_for_timeout(500)
    before = reported()
    seen.page.wait_for_timeout(2_000)
    assert before <= reported() <= before + 1, "some 40 were measured, and one at most was due"
    server.interval_s = 5
    before = reported()
    server.say(pair("danger", words=words(40, 110)))
    expect(heading(seen.page)).to_have_text("He is very near you.")
    for _ in range(80):
        seen.page.wait_for_timeout(100)
        if reported() > before + 20:
            break
    assert reported() > before + 20, "now each one is sent"


def test_a_phone_that_may_not_say_where_it_is_says_that(server, visit):
    server.say(pair(handset="stale"))
    seen = visit(go=False)
    seen.context.add_init_script(
        "navigator.geolocation.watchPosition = (_, refused) => { refused({ code: 1, PERMISSION_DENIED: 1 }); return 1; };"
    )
    seen.page.goto(server.url)
    seen.page.get_by_role("button", name="Report my position").click()
    expect(seen.page.get_by_text("The phone does not allow it.")).to_be_visible()


def test_a_background_app_is_set_up_with_a_picture_and_three_lines(server, visit):
    server.say(pair())
    seen = visit()
    seen.page.get_by_role("button", name="Settings").click()
    seen.page.get_by_role("button", name="OwnTracks").click()
    picture = seen.page.get_by_alt_text("Code for the app")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    expect(seen.page.get_by_role("listitem")).to_have_count(3)
    expect(seen.page.get_by_role("link")).to_have_attribute("href", "owntracks:///config?inline=e30")
    assert seen.axe() == []
    seen.shoot("settings", whole=True)
