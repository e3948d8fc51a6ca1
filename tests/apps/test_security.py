"""Headers of every answer, and requests that come from elsewhere."""

from __future__ import annotations

import pytest

from jikimi.apps.security import headers_for, is_foreign
from jikimi.disclosure.gate import Audience
from tests.apps.client import STAFF, TOKEN, Browser, World, scope_of
from tests.apps.jump_loop import run
from tests.apps.test_stream import pause

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "font-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}


def check(headers, *, api):
    found = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert found == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "strict-transport-security" not in headers
    assert not any(name.startswith("access-control-") for name in headers)
    if api:
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "token"),
    [
        ("GET", "/api/me", True),
        ("GET", "/api/me", False),
        ("GET", "/api/stream", False),
        ("POST", "/api/stream", True),
        ("POST", "/api/pair", False),
        ("DELETE", "/api/session", True),
        ("GET", "/api/nothing", True),
        ("PUT", "/api/me", True),
        ("GET", "/tiles/base.pmtiles", True),
        ("GET", "/", False),
        ("GET", "/nothing.js", False),
        ("POST", "/", False),
    ],
)
def test_every_answer_carries_them_once(method, path, token):
    async def whole():
        world = World()
        browsers = [
            Browser(world.protected, "protected", TOKEN if token else None),
            Browser(world.desk, "desk", STAFF if token else None),
        ]
        for browser in browsers:
            answer = await browser.call(method, path, {"code": "x"})
            check(answer.headers, api=path.startswith("/api/"))
            names = [name for name, _ in answer.pairs]
            assert len(names) == len(set(names))

    run(whole())


def test_the_stream_and_a_fault_of_ours_carry_them():
    async def whole():
        world = World()
        for browser in (world.her, world.staff):
            line = browser.listen()
            await pause()
            check(line.headers, api=True)
            await line.leave()
        broken = World()
        broken.register.broken = True
        answer = await broken.her.get("/api/me")
        assert answer.status == 500
        check(answer.headers, api=True)

    run(whole())


def features(audience):
    found = {name.decode(): value.decode() for name, value in headers_for(audience, tls=False)}
    return dict(part.strip().split("=") for part in found["permissions-policy"].split(","))


def test_only_her_app_may_ask_the_phone_where_it_is_and_which_way_it_points():
    for name in ("geolocation", "accelerometer", "gyroscope", "magnetometer"):
        assert (features(Audience.PROTECTED)[name], features(Audience.DESK)[name]) == ("(self)", "()")
    for name in ("camera", "microphone", "payment", "usb"):
        assert (features(Audience.PROTECTED)[name], features(Audience.DESK)[name]) == ("()", "()")


def test_only_behind_tls_are_browsers_told_to_use_nothing_else():
    async def whole():
        answer = await World(tls=True).her.get("/api/me")
        assert int(answer.headers["strict-transport-security"].split(";")[0].removeprefix("max-age=")) >= 31_536_000

    run(whole())


@pytest.mark.parametrize(
    ("method", "headers", "foreign"),
    [
        ("POST", {"sec-fetch-site": "same-origin"}, False),
        ("POST", {"sec-fetch-site": "same-origin", "origin": "https://other.test"}, False),
        ("POST", {"sec-fetch-site": "same-site", "origin": "https://app.test"}, True),
        ("POST", {"sec-fetch-site": "cross-site", "origin": "https://app.test"}, True),
        ("POST", {"sec-fetch-site": "none"}, True),
        ("POST", {"sec-fetch-site": ""}, True),
        ("POST", {"origin": "https://app.test"}, False),
        ("POST", {"origin": "https://APP.test"}, False),
        ("POST", {"origin": "https://app.test:444"}, True),
        ("POST", {"origin": "https://app.test@evil.test"}, True),
        ("POST", {"origin": "https://evil.test/app.test"}, True),
        ("POST", {"origin": "null"}, True),
        ("POST", {"origin": ""}, True),
        ("POST", {}, True),
        ("OPTIONS", {}, True),
        ("GET", {}, False),
        ("GET", {"sec-fetch-site": "none"}, False),
        ("GET", {"sec-fetch-site": "same-site"}, True),
        ("GET", {"sec-fetch-site": "cross-site"}, True),
    ],
)
def test_whose_page_speaks(method, headers, foreign):
    assert is_foreign(scope_of(method, "/api/sos", {"host": "app.test"} | headers)) is foreign


def test_without_a_host_nothing_is_ours():
    assert is_foreign(scope_of("POST", "/api/sos", {"origin": "https://app.test"}))


def test_another_page_gets_no_stream():
    async def whole():
        world = World()
        world.her.site = "cross-site"
        line = world.her.listen()
        await pause()
        assert (line.status, line.heard) == (403, [])
        assert world.watch.subscribers == 0

    run(whole())
