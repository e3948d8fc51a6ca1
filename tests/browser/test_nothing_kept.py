"""Nothing of a position is kept on the phone or at the desk: every store of the page, every byte of the browser's profile on the disk."""

from __future__ import annotations

import re
import time

import pytest

from tests.browser.conftest import FLAGS, PHONE, chromium
from tests.browser.test_oversight import enter
from tests.browser.test_whole import DESK, Whole, whole

__all__ = ["whole"]

PLACE = re.compile(rb"37\.5\d{3,}|127\.0\d{3,}")
WIDE = re.compile(rb"3\x007\x00\.\x005\x00(?:\d\x00){3,}")
"""The same in UTF-16, as browsers store some texts."""

# Everything a page can keep, as one text. Playwright's own evaluation is used, for the page's rules forbid any other.
KEPT = """async () => {
  const found = [localStorage, sessionStorage].map((store) => JSON.stringify(Object.entries(store)));
  found.push(document.cookie, location.href);
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      found.push(request.url, await (await cache.match(request)).text());
    }
  }
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done, failed) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
    for (const store of database.objectStoreNames) {
      found.push(await new Promise((done) => {
        database.transaction(store).objectStore(store).getAll().onsuccess = (event) => done(JSON.stringify(event.target.result));
      }));
    }
    database.close();
  }
  const workers = await navigator.serviceWorker?.getRegistrations() ?? [];
  found.push(String(workers.length));
  return found.join('\\n');
}"""


def approach(server: Whole):
    for north_m in (900.0, 620.0, 500.0, 495.0, 490.0):
        server.send("phone", 0.0)
        server.send("tag", north_m)
        time.sleep(0.3)


def on_disk(profile):
    """Yield the files of a profile in which something reads like a place of the story."""
    for path in sorted(profile.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if PLACE.search(data) or WIDE.search(data):
                yield path.relative_to(profile).as_posix()


@pytest.mark.parametrize("audience", ["protected", "desk", "oversight"])
def test_no_store_of_the_page_and_no_file_of_the_profile_holds_a_position(whole, browser, tmp_path_factory, audience):
    profile = tmp_path_factory.mktemp("profile")
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=chromium(), args=FLAGS, viewport=PHONE if audience == "protected" else DESK, locale="en-GB"
    )
    page = context.pages[0]
    shown = []
    page.on("response", lambda answer: shown.append(answer.url))
    page.goto(enter(whole) if audience == "oversight" else whole.invite(audience, {"protected": "p", "desk": "operator"}[audience]))
    page.locator("h1").first.wait_for(timeout=15_000)
    approach(whole)
    if audience == "desk":
        page.locator("tbody tr").first.click()
    if audience == "oversight":
        page.get_by_role("button", name="Look up", exact=True).click()
        page.locator(".entries li").first.wait_for(timeout=15_000)
    else:
        page.locator(".map canvas").wait_for(timeout=20_000)
        page.locator(".map .mark").wait_for(timeout=20_000)
    page.wait_for_timeout(1_500)
    kept = page.evaluate(KEPT).encode()
    page.reload()
    page.wait_for_timeout(1_000)
    context.close()
    assert PLACE.search(kept) is None
    assert not [url for url in shown if PLACE.search(url.encode())]
    assert list(on_disk(profile)) == []
    assert any(profile.rglob("Cookies")), "the profile was written to the disk"


def test_the_scan_finds_a_position_that_is_kept(tmp_path):
    (tmp_path / "a").write_bytes(b"x\x00" + b'{"latitude":37.504454}')
    (tmp_path / "b").write_bytes("at 37.504454".encode("utf-16-le"))
    (tmp_path / "c").write_bytes(b"version 137.0.7151.68")
    assert list(on_disk(tmp_path)) == ["a", "b"]
