"""Her page on loopback: how soon the first state is on screen, and what it weighs before the map."""

from __future__ import annotations

import gzip
import re
import statistics
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright
from tests.browser.conftest import FLAGS, PHONE, chromium

from bench.figures import Figure
from bench.world import world
from jikimi.apps.web import STATIC

VISITS = 7
LATER = re.compile(r"^(map|maplibre|pmtiles|papers)", re.IGNORECASE)
TEXTS = re.compile(r"^texts-")
SHOWN = "() => { const h = document.querySelector('h1'); return h && !/Connecting|Notes/.test(h.textContent) ? performance.now() : 0; }"


def measure() -> list[Figure]:
    """Measure in the machine's Chromium; without one there is nothing to say."""
    weight = weight_kb(STATIC / "protected" / "assets")
    figures = [Figure("script of her page before the map, gzip", weight, "kB", 60, "lower", "without map and papers, loaded when opened")]
    if chromium() is None:
        return figures
    with world(1, VISITS, 18_730) as w, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        took = [first_state_ms(browser, w.settings.protected_port, w.sessions[0]) for _ in range(VISITS)]
        browser.close()
    note = f"median of {VISITS} first visits, from navigation to the sentence; worst {max(took) / 1000:.2f} s"
    return [*figures, Figure("first state on her screen, loopback", statistics.median(took) / 1000, "s", 1, "lower", note)]


def weight_kb(folder: Path) -> float:
    """Return what a page's scripts weigh before map and papers, squeezed, with the heaviest language."""
    found = [path for path in folder.iterdir() if path.suffix in {".js", ".mjs"} and not LATER.match(path.name)]
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in found}
    texts = [size for name, size in sizes.items() if TEXTS.match(name)]
    return (sum(sizes.values()) - sum(texts) + max(texts, default=0)) / 1000


def first_state_ms(browser: Browser, port: int, token: str) -> float:
    """Return the milliseconds from the beginning of the navigation to the first sentence with a state, in a fresh profile."""
    context = browser.new_context(viewport=ViewportSize(width=PHONE["width"], height=PHONE["height"]), locale="en-GB")
    context.add_cookies([{"name": "__Host-jikimi-protected", "value": token, "url": "https://localhost/", "secure": True}])
    page = context.new_page()
    page.goto(f"http://localhost:{port}/")
    handle = page.wait_for_function(SHOWN, timeout=20_000)
    found = float(handle.json_value())
    context.close()
    return found
