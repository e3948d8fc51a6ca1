"""Her page on loopback: how soon the first state is on screen, and what it weighs before the map."""

from __future__ import annotations

import gzip
import statistics

from playwright.sync_api import Browser, ViewportSize, sync_playwright
from tests.browser.conftest import FLAGS, PHONE, chromium

from bench.figures import Figure
from bench.world import world
from jikimi.apps.web import STATIC

VISITS = 7
SHOWN = "() => { const h = document.querySelector('h1'); return h && !/Connecting|Notes/.test(h.textContent) ? performance.now() : 0; }"


def measure() -> list[Figure]:
    """Measure in the machine's Chromium; without one there is nothing to say."""
    if chromium() is None:
        return []
    with world(1, VISITS, 18_730) as w, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        visits = [first_visit(browser, w.settings.protected_port, w.sessions[0]) for _ in range(VISITS)]
        browser.close()
    took = [took_ms / 1000 for took_ms, _ in visits]
    weight = max(bytes_ for _, bytes_ in visits) / 1000
    note = f"median of {VISITS} first visits, from navigation to the sentence; worst {max(took):.2f} s"
    return [
        Figure(
            "script of her page until its first state, gzip",
            weight,
            "kB",
            60,
            "lower",
            "what the browser asked for, in English, before map and papers",
        ),
        Figure("first state on her screen, loopback", statistics.median(took), "s", 1, "lower", note),
    ]


def first_visit(browser: Browser, port: int, token: str) -> tuple[float, int]:
    """Return, in a fresh profile, the milliseconds from navigation to the first sentence, and the script until then, in bytes."""
    context = browser.new_context(viewport=ViewportSize(width=PHONE["width"], height=PHONE["height"]), locale="en-GB")
    context.add_cookies([{"name": "__Host-jikimi-protected", "value": token, "url": "https://localhost/", "secure": True}])
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.resource_type == "script" else None)
    page.goto(f"http://localhost:{port}/")
    took_ms = float(page.wait_for_function(SHOWN, timeout=20_000).json_value())
    scripts = {url.rpartition("/")[2] for url in asked}
    context.close()
    return took_ms, sum(weight_bytes(name) for name in scripts if not name.startswith("map"))


def weight_bytes(script: str) -> int:
    """Return what a script weighs on the wire."""
    return len(gzip.compress((STATIC / "protected" / "assets" / script).read_bytes(), 9))
