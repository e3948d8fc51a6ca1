"""Pages, map and headers: what stands in front of the API."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from jikimi.apps.static import Static
from tests.apps.client import Answer, Browser, World, scope_of
from tests.apps.jump_loop import run


@pytest.fixture
def pages(tmp_path):
    """A built front end, as the build leaves it."""
    folder = tmp_path / "site"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Notes</title>" + "<p>x</p>" * 200)
    (folder / "assets" / "index-a1b2c3.js").write_text("console.log(1);" * 200)
    (folder / "assets" / "mark-a1b2.png").write_bytes(b"\x89PNG" + bytes(range(256)))
    (folder / "manifest.webmanifest").write_text("{}")
    (folder / "sw.js").write_text("1")
    (folder / "secrets.toml").write_text("nothing to be served")
    (tmp_path / "outside.txt").write_text("outside")
    return folder


def get(folder, path, method="GET", **headers):
    async def whole():
        sent = []

        async def send(message):
            sent.append(message)

        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await Static(folder)(scope_of(method, path, named), send)
        return Answer(sent)

    return asyncio.run(whole())


def test_the_page_is_never_kept_and_hashed_files_for_ever(pages):
    page = get(pages, "/")
    assert (page.status, page.headers["content-type"], page.headers["cache-control"]) == (200, "text/html; charset=utf-8", "no-store")
    assert page.body == get(pages, "/index.html").body
    script = get(pages, "/assets/index-a1b2c3.js")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"].startswith("text/javascript")
    assert get(pages, "/sw.js").headers["cache-control"] == "no-cache"
    assert get(pages, "/manifest.webmanifest").headers["content-type"] == "application/manifest+json"


def test_squeezed_for_whoever_understands_it(pages):
    plain = get(pages, "/assets/index-a1b2c3.js")
    squeezed = get(pages, "/assets/index-a1b2c3.js", accept_encoding="br, gzip")
    assert squeezed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(squeezed.body) == plain.body
    assert squeezed.headers["vary"] == "accept-encoding"
    assert "content-encoding" not in get(pages, "/assets/mark-a1b2.png", accept_encoding="gzip").headers
    assert "content-encoding" not in get(pages, "/sw.js", accept_encoding="gzip").headers  # would grow


def test_unchanged_is_not_sent_again(pages):
    tag = get(pages, "/sw.js").headers["etag"]
    answer = get(pages, "/sw.js", if_none_match=tag)
    assert (answer.status, answer.body) == (304, b"")
    assert get(pages, "/sw.js", if_none_match='"other"').status == 200


def test_head_says_the_length_and_sends_nothing(pages):
    answer = get(pages, "/sw.js", method="HEAD")
    assert (answer.headers["content-length"], answer.body) == ("1", b"")


@pytest.mark.parametrize(
    "path",
    ["/../outside.txt", "/%2e%2e/outside.txt", "//etc/passwd", "/assets/", "/assets", "/secrets.toml", "/assets/../../outside.txt", "/x"],
)
def test_nothing_but_the_pages_own_files(pages, path):
    answer = get(pages, path)
    assert answer.status == 404
    assert b"outside" not in answer.body


def test_pages_can_only_be_read(pages):
    answer = get(pages, "/", method="POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_not_built_yet_says_what_to_do_and_heals_by_itself(tmp_path):
    async def whole():
        world = World(tmp_path)
        answer = await world.her.get("/")
        assert answer.status == 503
        assert b"make setup" in answer.body
        (tmp_path / "index.html").write_text("built")
        assert (await world.her.get("/")).body == b"built"

    run(whole())


def test_every_answer_of_both_apps_is_protected(pages):
    async def whole():
        world = World(pages)
        asked = [("GET", "/"), ("GET", "/assets/index-a1b2c3.js"), ("GET", "/nothing"), ("GET", "/api/me"), ("GET", "/api/nothing")]
        asked += [("POST", "/api/pair"), ("POST", "/"), ("GET", "/tiles/base.pmtiles"), ("DELETE", "/api/session"), ("GET", "/api/stream")]
        for browser, own in ((world.her, "geolocation=(self)"), (world.staff, "geolocation=()")):
            for method, path in asked:
                browser.token = browser.token if path != "/api/stream" else None
                answer = await browser.call(method, path, {})
                headers = answer.headers
                assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
                assert "unsafe" not in headers["content-security-policy"]
                assert headers["referrer-policy"] == "no-referrer"
                assert headers["x-content-type-options"] == "nosniff"
                assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
                assert own in headers["permissions-policy"]
                assert headers["cache-control"] in {"no-store", "no-cache", "public, max-age=31536000, immutable"}
                assert "strict-transport-security" not in headers
                assert len(headers) == len(answer.pairs)
                if path.startswith("/api/"):
                    assert headers["cache-control"] == "no-store"

    run(whole())


def test_only_behind_tls_are_browsers_told_to_use_nothing_else(pages):
    async def whole():
        world = World(pages, tls=True)
        for path in ("/", "/api/me"):
            assert (await world.her.get(path)).headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"

    run(whole())


class TestMap:
    @staticmethod
    async def tiles(scope, receive, send):
        await send({"type": "http.response.start", "status": 206, "headers": [(b"content-type", b"x"), (b"cache-control", b"no-store")]})
        await send({"type": "http.response.body", "body": scope["method"].encode()})

    def test_is_for_the_signed_in(self):
        async def whole():
            world = World(tiles=self.tiles)
            for browser in (world.her, world.staff):
                answer = await browser.get("/tiles/base.pmtiles", range="bytes=0-1")
                assert (answer.status, answer.body) == (206, b"GET")
                stranger = Browser(browser.app, browser.audience)
                assert (await stranger.get("/tiles/base.pmtiles")).status == 401

        run(whole())

    def test_is_not_there_when_none_is_installed(self):
        async def whole():
            assert (await World().her.get("/tiles/base.pmtiles")).status == 404

        run(whole())


def test_web_sockets_are_not_spoken_and_lifespan_is():
    async def whole():
        world = World()
        sent = []
        incoming = [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}]

        async def receive():
            return incoming.pop()

        async def send(message):
            sent.append(message["type"])

        await world.protected({"type": "websocket", "path": "/api/stream", "headers": []}, receive, send)
        await world.protected({"type": "lifespan"}, receive, send)
        assert sent == ["websocket.close", "lifespan.startup.complete", "lifespan.shutdown.complete"]

    run(whole())
