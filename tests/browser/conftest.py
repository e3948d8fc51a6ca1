"""A real Chromium on the real pages. Everything that a page asks for, breaks or throws is kept, and judged when a test ends."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from jikimi.apps.web import STATIC
from tests.browser.mock_protected import MockProtected

ROOT = Path(__file__).parents[2]
SHOTS = Path(__file__).parent / "shots"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--metrics-recording-only",
    "--use-angle=swiftshader-webgl",
    "--enable-unsafe-swiftshader",
]
WAIT_MS = 20_000
"""How long a test waits for what must come; a slow machine fails no test."""
PHONE = {"width": 390, "height": 844}

# What a phone does besides showing: kept, so that a test can ask for it.
_EARS = """
window.ears = { broken: [], tones: [], shakes: [], locks: [], heard: 0 };
const read = ReadableStreamDefaultReader.prototype.read;
ReadableStreamDefaultReader.prototype.read = async function (...all) {
  const got = await read.apply(this, all);
  ears.heard += 1;
  return got;
};
addEventListener('securitypolicyviolation', (event) => ears.broken.push(event.violatedDirective + ' ' + event.blockedURI));
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { ears.tones.push(this.frequency.value); return start.call(this, at); };
navigator.vibrate = (pattern) => { ears.shakes.push(pattern); return true; };
Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => {
  ears.locks.push('on');
  const lock = new EventTarget();
  lock.release = async () => { ears.locks.push('off'); };
  return lock;
} } });
"""


def chromium():
    """Return the machine's Chromium or Chrome, or None."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


def pytest_collection_modifyitems(items):
    """Say plainly, once a test, when no browser is there. With ``JIKIMI_REQUIRE_BROWSER=1`` they fail instead: CI must run them."""
    skip = pytest.mark.skip(reason="No Chromium or Chrome is on this machine; the tests in a real browser were not run.")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.sockets)
            if chromium() is None and os.environ.get("JIKIMI_REQUIRE_BROWSER") != "1":
                item.add_marker(skip)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests of a worker."""
    if chromium() is None:
        pytest.fail("JIKIMI_REQUIRE_BROWSER is set and no Chromium or Chrome is on this machine.")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def server():
    """The protected person's server, played."""
    if not (STATIC / "protected" / "index.html").is_file():
        pytest.fail("The pages are not built: run `make setup`.")
    with MockProtected() as found:
        yield found


class Visit:
    """One visit of one phone: a fresh browser profile, and everything that was asked and broken."""

    def __init__(self, browser, **options):
        options = {"viewport": PHONE, "locale": "en-GB", "reduced_motion": "reduce", **options}
        self.context = browser.new_context(**options)
        self.context.add_init_script(_EARS)
        self.requests = []
        self.errors = []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.said = []
        self.page.on("console", lambda one: self.said.append(one.text) if one.type in {"error", "warning"} else None)

    def until(self, expression):
        """Wait for a page's expression to become true. Playwright's own waiting evaluates text, which the page's rules forbid."""
        for _ in range(WAIT_MS // 50):
            if self.page.evaluate(expression):
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"never true: {expression}")

    def live(self, server, ms):
        """Let time pass in the page while the server lives on with it: a beat each second."""
        for _ in range(0, ms, 1_000):
            self.page.clock.run_for(1_000)
            heard = self.ears("heard")
            server.beat_after(1_000)
            self.until(f"ears.heard > {heard}")

    def ears(self, name):
        """Return what the phone did: ``broken`` rules, ``tones``, ``shakes``, ``locks``."""
        return self.page.evaluate("name => window.ears[name]", name)

    def shoot(self, name, *, whole=False):
        """Keep a picture."""
        SHOTS.mkdir(exist_ok=True)
        path = SHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=whole)
        return path

    def axe(self):
        """Return what axe finds, in short."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
        return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]]

    def foreign(self, origin):
        """Return requests that went anywhere else."""
        own = (origin, "data:", "blob:" + origin)
        return [url for url in self.requests if not url.startswith(own)]


@pytest.fixture
def visit(browser, server):
    """Open visits; when the test ends, none may have asked a stranger, broken a rule or thrown."""
    visits = []

    def open_visit(path="", *, go=True, **options):
        found = Visit(browser, **options)
        visits.append(found)
        if go:
            found.page.goto(server.url + path)
        return found

    yield open_visit
    for found in visits:
        broken = found.ears("broken") if found.page.url.startswith(server.url) else []
        foreign = found.foreign(server.url)
        found.context.close()
        assert broken == []
        assert foreign == []
        assert found.errors == []
