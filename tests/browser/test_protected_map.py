"""The map: late, closed at once, and nothing of it kept."""

import json
import re
import struct

from playwright.sync_api import expect

from jikimi.basemap.serve import PmtilesApp
from tests.browser.mock_protected import a_map, pair, side, words

OPEN = pair("danger", words=words(40, 110), map=a_map(), closed=None)
SHUT = pair("clear")


def tiny_basemap(owner):
    """Return a PMTiles archive (specification version 3) with one tile, all land, and whose data it is."""
    land = bytes.fromhex("1a 1c 7802 0a046c616e64 1212 1803 220e 09 00 00 1a 8040 00 00 8040 ff3f 00 0f")
    told = json.dumps({"attribution": owner, "vector_layers": [{"id": "land", "fields": {}}]}).encode()
    folder = bytes([1, 0, 1, len(land), 1])
    at = 127 + len(folder)
    parts = struct.pack("<11Q", 127, len(folder), at, len(told), at + len(told), 0, at + len(told), len(land), 1, 1, 1)
    plain, vector, world = 1, 1, (-1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000)
    kind = struct.pack("<6B4iB2i", 1, plain, plain, vector, 0, 0, *world, 0, 0, 0)
    return b"PMTiles" + bytes([3]) + parts + kind + folder + told + land


def numbers_in_memory(seen):
    """Return every number that the page's memory still holds, as V8 writes it in a snapshot."""
    client = seen.context.new_cdp_session(seen.page)
    client.send("HeapProfiler.collectGarbage")
    parts = []
    client.on("HeapProfiler.addHeapSnapshotChunk", lambda chunk: parts.append(chunk["chunk"]))
    client.send("HeapProfiler.takeHeapSnapshot", {"captureNumericValue": True, "reportProgress": False})
    client.detach()
    return set(json.loads("".join(parts))["strings"])


def test_the_map_comes_after_the_sentence_and_only_if_it_is_open(server, visit):
    server.say(SHUT)
    seen = visit()
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("He is not near you.")
    assert not [url for url in seen.requests if "/assets/map" in url]
    server.say(OPEN)
    expect(seen.page.locator("canvas")).to_be_visible()
    assert [url for url in seen.requests if "/assets/map" in url]


def test_the_map_has_words_for_who_cannot_see_it(server, visit):
    server.say(OPEN)
    page = visit().page
    expect(page.locator("canvas[role=img]")).to_have_attribute(
        "aria-label", "Map of where he is and where you are; the same stands above in words"
    )


def test_a_closed_map_is_gone_at_once_from_screen_and_memory(server, visit):
    latitude = 37.41234567890123
    server.say({**OPEN, "map": a_map(monitored=side(latitude, 127.13, course_deg=228))})
    seen = visit()
    expect(seen.page.locator("canvas")).to_be_visible()
    assert str(latitude) in numbers_in_memory(seen)
    server.say(SHUT)
    expect(seen.page.locator("canvas")).to_have_count(0)
    server.say(SHUT)
    seen.page.wait_for_timeout(300)
    assert str(latitude) not in numbers_in_memory(seen)
    kept = seen.page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    assert "37.4" not in kept
    assert seen.page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


COVERED = """() => {
  const bar = document.querySelector('section.help'), found = [];
  for (let top = 0; top <= document.documentElement.scrollHeight - innerHeight; top += 10) {
    scrollTo(0, top);
    const { left, right, top: above, bottom } = bar.getBoundingClientRect();
    for (let x = left + 4; x < right; x += 8) for (let y = above + 2; y < bottom; y += 8)
      if (!bar.contains(document.elementFromPoint(x, y))) found.push([top, x, y]);
  }
  return found;
}"""


def test_nothing_of_the_map_lies_over_the_call_for_help(server, visit, tmp_path):
    path = tmp_path / "tiny.pmtiles"
    path.write_bytes(tiny_basemap("© Somebody's survey"))
    server.tiles = PmtilesApp(path)
    server.say(OPEN)
    page = visit(viewport={"width": 390, "height": 620}).page
    expect(page.get_by_label("Whose map data this is")).to_be_visible()
    assert page.evaluate(COVERED) == []


def test_an_old_position_is_called_old(server, visit):
    server.say({**OPEN, "map": a_map(monitored=side(37.4131, 127.1321, age_s=75))})
    page = visit().page
    expect(page.get_by_text(re.compile("^His position is [0-9]+ seconds old$"))).to_be_visible()
    expect(page.get_by_text("Your position is")).to_have_count(0)


def test_a_vague_position_is_called_vague(server, visit):
    server.say({**OPEN, "map": a_map(monitored=side(37.4131, 127.1321, error_m=1500, pin=False))})
    expect(visit().page.get_by_text("Only roughly known")).to_be_visible()


def test_without_a_base_map_the_people_are_drawn_all_the_same(server, visit):
    server.has_tiles = False
    server.say(OPEN)
    seen = visit()
    expect(seen.page.locator("canvas")).to_be_visible()
    expect(seen.page.get_by_text("The map cannot be shown")).to_have_count(0)


def test_the_map_says_whose_data_it_is(server, visit, tmp_path):
    path = tmp_path / "tiny.pmtiles"
    path.write_bytes(tiny_basemap("© Somebody's survey"))
    server.tiles = PmtilesApp(path)
    server.say(OPEN)
    page = visit().page
    page.get_by_label("Whose map data this is").click()
    expect(page.get_by_text("© Somebody's survey")).to_be_visible()


def test_a_phone_that_cannot_draw_maps_keeps_the_words(server, visit):
    server.say(OPEN)
    seen = visit(go=False)
    seen.context.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    seen.page.goto(server.url)
    expect(seen.page.get_by_text("The map cannot be shown on this phone")).to_be_visible()
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("He is very near you.")


def test_the_demonstrations_map_is_drawn_without_a_complaint(server, visit):
    server.say(OPEN)
    seen = visit()
    expect(seen.page.locator("canvas")).to_be_visible()
    seen.page.wait_for_timeout(1_500)
    assert [one for one in seen.said if "layer" in one or "glyph" in one or "sprite" in one or "image" in one.lower()] == []
