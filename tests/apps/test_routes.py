"""Every route of both apps: what is right, what is wrong, who may, and what never leaks."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from jikimi.apps import pairing
from jikimi.apps.handset import BROWSER
from jikimi.apps.ports import DeviceHealth, Sos
from jikimi.ingest.credentials import digest
from jikimi.model.decision import Sight, Tier
from jikimi.model.order import Device, DeviceKind
from tests.apps.client import FAR_MS, STAFF, TOKEN, Browser, World, scope_of
from tests.apps.fake_watch import FakeSession
from tests.apps.jump_loop import run
from tests.apps.test_stream import fresh, pause
from tests.disclosure.cases import HER, HER_AT, HIM, HIS_AT, HOME, NOW_MS, ORDER, PAIR, numbers, transition

FIX = {"id": "f1", "time": NOW_MS, "lat": 37.5, "lon": 127.0, "error_m": 5.0}


def story(function):
    """Run a test in a world of its own, on time that jumps."""

    def test(self):
        async def whole():
            await function(self, World())

        run(whole())

    test.__name__ = function.__name__
    return test


class TestPairing:
    @story
    async def test_a_code_becomes_a_cookie(self, world):
        world.register.codes["7KQ2M-9XWPA"] = ("protected", HER)
        guest = Browser(world.protected, "protected")
        answer = await guest.post("/api/pair", {"code": "7KQ2M-9XWPA"})
        assert (answer.status, answer.body) == (204, b"")
        cookie, *attributes = [part.strip() for part in answer.headers["set-cookie"].split(";")]
        name, _, guest.token = cookie.partition("=")
        assert name == "__Host-jikimi-protected"
        assert set(attributes) == {"Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=7776000"}
        assert world.register.sessions[guest.token].until_ms == NOW_MS + 90 * 86_400_000
        assert (await guest.get("/api/me")).status == 200

    @story
    async def test_a_code_works_once(self, world):
        world.register.codes["7KQ2M-9XWPA"] = ("protected", HER)
        guest = Browser(world.protected, "protected")
        assert (await guest.post("/api/pair", {"code": "7KQ2M-9XWPA"})).status == 204
        assert (await guest.post("/api/pair", {"code": "7KQ2M-9XWPA"})).error == "code_unknown"

    @story
    async def test_a_code_for_the_other_audience_opens_nothing(self, world):
        world.register.codes["7KQ2M-9XWPA"] = ("protected", HER)
        before = set(world.register.sessions)
        answer = await Browser(world.desk, "desk").post("/api/pair", {"code": "7KQ2M-9XWPA"})
        assert (answer.status, answer.error) == (403, "code_unknown")
        assert set(world.register.sessions) == before
        right = await Browser(world.protected, "protected").post("/api/pair", {"code": "7KQ2M-9XWPA"})
        assert right.status == 204, "and it is not used up"

    @story
    async def test_guessing_gets_one_answer_whatever_failed(self, world):
        loop = asyncio.get_running_loop()
        seen = set()
        for code in ["wrong", "", "x" * 5_000, "7KQ2M-9XWPA", "a", "b", "c", "d", "e"]:
            began = loop.time()
            answer = await Browser(world.protected, "protected").post("/api/pair", {"code": code})
            seen.add((answer.status, answer.body, tuple(sorted(answer.pairs)), round(loop.time() - began, 3)))
        assert len(seen) == 1

    @story
    async def test_five_tries_a_minute_a_source_then_even_the_right_code_is_wrong(self, world):
        world.register.codes["7KQ2M-9XWPA"] = ("protected", HER)
        guesser = Browser(world.protected, "protected")
        for _ in range(5):
            await guesser.post("/api/pair", {"code": "guess"})
        assert (await guesser.post("/api/pair", {"code": "7KQ2M-9XWPA"})).status == 403
        assert "7KQ2M-9XWPA" in world.register.codes
        other = Browser(world.protected, "protected", client="198.51.100.9")
        assert (await other.post("/api/pair", {"code": "7KQ2M-9XWPA"})).status == 204

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
            ("192.0.2.1", "192.0.2.2", False),
            (None, "not an address", True),
        ],
    )
    def test_a_source_is_what_one_customer_has(self, one, other, same):
        assert (pairing.source_of(one) == pairing.source_of(other)) is same

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"code": 5}', b'{"c": "x"}', b"\xff\xfe", b"[" * 100_000])
    def test_an_unreadable_body(self, body):
        async def whole():
            answer = await World().her.post("/api/pair", body)
            assert (answer.status in {400, 413}, "error" in answer.json) == (True, True)
            assert set(answer.json) <= {"error", "message"}

        run(whole())

    @story
    async def test_signing_off(self, world):
        answer = await world.her.call("DELETE", "/api/session")
        assert answer.status == 204
        assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert TOKEN not in world.register.sessions
        assert (await world.her.get("/api/me")).status == 401
        assert (await world.her.call("DELETE", "/api/session")).status == 204


class TestSessions:
    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/api/me"), ("POST", "/api/fixes"), ("POST", "/api/sos"), ("POST", "/api/sos/cancel"), ("POST", "/api/handset")],
    )
    def test_hers_need_one_of_hers(self, method, path):
        async def whole():
            world = World()
            for token in (None, STAFF, "nobodys-token-0123456789"):
                answer = await Browser(world.protected, "protected", token).call(method, path, {})
                assert (answer.status, answer.json) == (401, {"error": "session_needed"})

        run(whole())

    @pytest.mark.parametrize("path", ["/api/me", "/api/pairs/abc"])
    def test_the_desks_need_one_of_the_desks(self, path):
        async def whole():
            world = World()
            for token in (None, TOKEN):
                assert (await Browser(world.desk, "desk", token).get(path)).status == 401

        run(whole())

    @story
    async def test_a_cookie_of_another_name_is_none(self, world):
        found = Browser(world.desk, "protected", STAFF)
        assert (await found.get("/api/me")).status == 401

    @story
    async def test_the_register_is_asked_once_in_half_a_minute(self, world):
        for _ in range(50):
            assert (await world.her.get("/api/me")).status == 200
        assert world.register.asked == 1
        await asyncio.sleep(31)
        await world.her.get("/api/me")
        assert world.register.asked == 2

    @story
    async def test_a_session_ends_by_its_own_time_even_in_between(self, world):
        world.register.sessions[TOKEN] = FakeSession("protected", HER, NOW_MS + 5_000)
        assert (await world.her.get("/api/me")).status == 200
        await asyncio.sleep(6)
        assert (await world.her.get("/api/me")).status == 401

    @story
    async def test_a_fault_of_ours_says_nothing(self, world):
        world.register.broken = True
        answer = await world.her.get("/api/me")
        assert (answer.status, answer.json) == (500, {"error": "internal"})


class TestCrossSite:
    @pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
    def test_another_page_may_change_nothing(self, site):
        async def whole():
            world = World()
            world.her.site = site
            for method, path in (("POST", "/api/sos"), ("DELETE", "/api/session"), ("POST", "/api/pair"), ("PUT", "/api/x")):
                answer = await world.her.call(method, path, {"id": "x", "silent": False})
                assert (answer.status, answer.error) == (403, "cross_site")
            assert world.watch.raised == []
            assert TOKEN in world.register.sessions

        run(whole())

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("http://app.test", 202),
            ("https://app.test", 202),
            ("http://evil.test", 403),
            ("null", 403),
            (None, 403),
            ("http://app.test.evil", 403),
        ],
    )
    def test_an_older_browser_shows_its_origin(self, origin, status):
        async def whole():
            world = World()
            world.her.site = None
            answer = await world.her.post("/api/sos", {"id": "x", "silent": False}, {"origin": origin})
            assert answer.status == status

        run(whole())

    @story
    async def test_another_page_may_read_nothing(self, world):
        world.her.site = "cross-site"
        assert (await world.her.get("/api/me")).status == 403


class TestMe:
    @story
    async def test_says_what_the_page_must_know_and_no_name(self, world):
        answer = await world.her.get("/api/me")
        assert answer.json == {
            "policy": {
                "languages": ["ko", "en"],
                "emergency_number": "112",
                "time_zone": "Asia/Seoul",
                "position_max_age_s": 60.0,
                "orders": 1,
            },
            "handset": None,
            "demo": False,
            "orders": [{"tagged": True, "given": None, "measures": [{"kind": "no_approach", "until_ms": ORDER.until_ms}]}],
            "push_key": None,
            "language": None,
        }

    @story
    async def test_without_an_order_the_policy_is_unknown(self, world):
        world.watch.orders.clear()
        assert (await world.her.get("/api/me")).json["policy"] is None

    @story
    async def test_names_her_handset_a_background_one_first(self, world):
        for device_id, person in (("app-1", HER), ("owntracks-1", HER), ("aaa", "person-x")):
            world.register.add_device(Device(device_id=device_id, kind=DeviceKind.HANDSET, person_id=person, secret_sha256=b""))
        world.register.add_device(Device(device_id="a", kind=DeviceKind.HANDSET, person_id=HER, secret_sha256=b"", revoked=True))
        assert (await world.her.get("/api/me")).json["handset"] == {"device_id": "owntracks-1"}

    def test_marks_a_demonstration(self):
        async def whole():
            world = World(demonstration=True)
            assert (await world.her.get("/api/me")).json["demo"] is True
            assert (await world.staff.get("/api/me")).json["demo"] is True

        run(whole())


class TestFixes:
    @story
    async def test_a_batch_is_taken_for_her_own_browser_device(self, world):
        answer = await world.her.post("/api/fixes", {"fixes": [FIX], "events": [{"id": "e", "event": "alive"}]})
        assert (answer.status, answer.json) == (200, {"accepted": 2, "repeated": 0, "refused": []})
        ((device_id, decoded),) = world.watch.intake.offered
        assert (decoded.fixes[0].fix_id, len(decoded.events)) == ("f1", 1)
        device = world.register.known[device_id]
        assert (device.kind, device.person_id, device_id.startswith(f"{BROWSER}-")) == (DeviceKind.HANDSET, HER, True)
        assert (await world.her.post("/api/fixes", {"fixes": [FIX]})).json["repeated"] == 1
        assert (list(world.register.known), world.device_changes) == ([device_id], 1)

    @story
    async def test_one_device_however_many_tabs_and_restarts(self, world):
        await asyncio.gather(*(world.her.post("/api/fixes", {"fixes": [FIX | {"id": str(n)}]}) for n in range(10)))
        assert len(world.register.known) == 1
        again = World()
        again.register.known = world.register.known
        await again.her.post("/api/fixes", {"fixes": [FIX]})
        assert len(world.register.known) == 1

    @story
    async def test_ndjson_and_gzip(self, world):
        lines = b"\n".join(json.dumps(FIX | {"id": str(n)}).encode() for n in range(3))
        headers = {"content-type": "application/x-ndjson", "content-encoding": "gzip"}
        assert (await world.her.post("/api/fixes", gzip.compress(lines), headers)).json["accepted"] == 3

    @story
    async def test_bad_ones_are_named_and_the_rest_kept(self, world):
        answer = await world.her.post("/api/fixes", {"fixes": [FIX | {"lat": 91}, FIX]})
        assert (answer.json["accepted"], answer.json["refused"][0]["index"]) == (1, 0)

    @story
    async def test_unreadable_and_too_large(self, world):
        answer = await world.her.post("/api/fixes", b"{")
        assert (answer.status, answer.error) == (400, "unreadable")
        answer = await world.her.post("/api/fixes", b" " * (1 << 20) + b"{}")
        assert (answer.status, answer.error) == (413, "too_large")
        bomb = gzip.compress(b" " * (8 << 20))
        assert (await world.her.post("/api/fixes", bomb, {"content-encoding": "gzip"})).status == 413
        assert (await world.her.post("/api/fixes", b"x", {"content-encoding": "gzip"})).status == 400

    @story
    async def test_busy_and_not_stored_say_come_back(self, world):
        world.watch.intake.fail = True
        answer = await world.her.post("/api/fixes", {"fixes": [FIX]})
        assert (answer.status, answer.error, answer.headers["retry-after"]) == (503, "not_stored", "2")
        world.watch.intake.is_busy = True
        assert (await world.her.post("/api/fixes", {"fixes": [FIX]})).error == "busy"

    @story
    async def test_too_often(self, world):
        answers = [await world.her.post("/api/fixes", {"fixes": []}) for _ in range(201)]
        assert {answer.status for answer in answers[:200]} == {200}
        assert (answers[200].status, answers[200].error) == (429, "too_often")


class TestSos:
    @story
    async def test_is_durable_before_it_is_acknowledged_and_needs_no_position(self, world):
        answer = await world.her.post("/api/sos", {"id": "s1", "silent": True, "fix": None})
        assert (answer.status, answer.json) == (202, {"id": "s1", "received_at_ms": NOW_MS})
        assert world.watch.raised == [Sos(sos_id="s1", person_id=HER, at_ms=NOW_MS, silent=True)]
        assert world.watch.intake.offered == []

    @story
    async def test_the_same_press_has_the_same_answer(self, world):
        first = await world.her.post("/api/sos", {"id": "s1"})
        await asyncio.sleep(4)
        assert (await world.her.post("/api/sos", {"id": "s1"})).body == first.body
        assert len(world.watch.raised) == 1

    @story
    async def test_the_same_press_after_a_restart_too(self, world):
        world.watch.calls[HER] = Sos(sos_id="s1", person_id=HER, at_ms=NOW_MS - 500, silent=False)
        assert (await world.her.post("/api/sos", {"id": "s1"})).json["received_at_ms"] == NOW_MS - 500

    @story
    async def test_its_position_is_stored_beside_it(self, world):
        await world.her.post("/api/sos", {"id": "s1", "silent": False, "fix": FIX})
        ((_, decoded),) = world.watch.intake.offered
        assert decoded.fixes[0].fix_id == "f1"

    @pytest.mark.parametrize("fix", [{"id": "f"}, {"lat": 999}, 5, "x", [], {"id": "f", "time": NOW_MS, "lat": 99.0, "lon": 0}])
    def test_a_bad_position_does_not_cost_the_call(self, fix):
        async def whole():
            world = World()
            assert (await world.her.post("/api/sos", {"id": "s1", "silent": False, "fix": fix})).status == 202
            assert len(world.watch.raised) == 1

        run(whole())

    @story
    async def test_a_position_that_hangs_or_fails_does_not_hold_the_call(self, world):
        world.watch.intake.hold = asyncio.Event()
        assert (await world.her.post("/api/sos", {"id": "s1", "fix": FIX})).status == 202
        world.watch.intake.fail = True
        world.watch.intake.hold.set()
        assert (await world.her.post("/api/sos", {"id": "s2", "fix": FIX})).status == 202

    @story
    async def test_not_stored_is_not_acknowledged(self, world):
        world.watch.cannot_store = True
        answer = await world.her.post("/api/sos", {"id": "s1"})
        assert (answer.status, answer.error, answer.headers["retry-after"]) == (503, "not_stored", "1")
        world.watch.cannot_store = False
        assert (await world.her.post("/api/sos", {"id": "s1"})).status == 202

    @pytest.mark.parametrize("body", [b"", b"{}", b'{"id": ""}', b'{"id": 5}', b'{"id": "%s"}' % (b"x" * 129)])
    def test_without_an_id_it_is_refused_with_a_sentence(self, body):
        async def whole():
            answer = await World().her.post("/api/sos", body)
            assert answer.status == 400
            assert answer.json["message"].endswith(".")

        run(whole())

    @story
    async def test_cancel(self, world):
        await world.her.post("/api/sos", {"id": "s1", "silent": True})
        await asyncio.sleep(2)
        answer = await world.her.post("/api/sos/cancel", {"id": "s1"})
        assert (answer.status, answer.json) == (202, {"id": "s1", "received_at_ms": NOW_MS + 2_000})
        assert world.watch.raised[-1] == Sos(sos_id="s1", person_id=HER, at_ms=NOW_MS, silent=True, cancelled_ms=NOW_MS + 2_000)
        assert (await world.her.post("/api/sos/cancel", {"id": "s1"})).body == answer.body
        assert len(world.watch.raised) == 2

    @story
    async def test_a_late_cancel_of_an_old_call_ends_no_new_one(self, world):
        await world.her.post("/api/sos", {"id": "s1"})
        world.watch.calls[HER] = Sos(sos_id="s2", person_id=HER, at_ms=NOW_MS, silent=False)
        assert (await world.her.post("/api/sos/cancel", {"id": "s1"})).status == 202
        assert world.watch.calls[HER].sos_id == "s2"

    @story
    async def test_a_cancel_that_overtakes_its_call(self, world):
        assert (await world.her.post("/api/sos/cancel", {"id": "s1"})).status == 202
        assert (await world.her.post("/api/sos", {"id": "s1"})).status == 202
        assert [sos.cancelled_ms is None for sos in world.watch.raised] == [True, False]
        assert world.watch.calls == {}

    @story
    async def test_calls_without_end_are_told_that_one_stands(self, world):
        answers = [await world.her.post("/api/sos", {"id": f"s{n}"}) for n in range(31)]
        assert [answer.status for answer in answers] == [202] * 30 + [429]


class TestHandset:
    @story
    async def test_owntracks(self, world):
        answer = await world.her.post("/api/handset", {"protocol": "owntracks"})
        found = answer.json
        assert (answer.status, found["url"]) == (200, "https://door.test/owntracks")
        link = urlsplit(found["setup_url"])
        assert (link.scheme, link.path) == ("owntracks", "/config")
        settings = json.loads(base64.b64decode(unquote(link.query.removeprefix("inline="))))
        assert (settings["_type"], settings["mode"], settings["url"]) == ("configuration", 3, "https://door.test/owntracks")
        assert (settings["auth"], settings["username"], settings["password"]) == (True, found["device_id"], found["secret"])
        assert found["steps"] == ["owntracks_install", "owntracks_scan", "owntracks_allow"]
        # Without its name space no browser draws it as an image.
        assert found["qr_svg"].startswith('<svg xmlns="http://www.w3.org/2000/svg"')

    @story
    async def test_traccar(self, world):
        found = (await world.her.post("/api/handset", {"protocol": "traccar"})).json
        settings = parse_qs(urlsplit(found["setup_url"]).query)
        assert (settings["url"], settings["id"]) == (["https://door.test/osmand"], [f"{found['device_id']}.{found['secret']}"])
        assert (settings["stop_detection"], settings["buffer"], settings["interval"]) == (["false"], ["true"], ["10"])

    @story
    async def test_overland(self, world):
        found = (await world.her.post("/api/handset", {"protocol": "overland"})).json
        link = urlsplit(found["setup_url"])
        assert (link.scheme, link.netloc) == ("overland", "setup")
        settings = parse_qs(link.query)
        assert (settings["url"], settings["token"]) == (["https://door.test/overland"], [f"{found['device_id']}.{found['secret']}"])

    @story
    async def test_the_secret_is_kept_as_a_digest_and_the_device_is_hers(self, world):
        found = (await world.her.post("/api/handset", {"protocol": "overland"})).json
        device = world.register.known[found["device_id"]]
        assert (device.secret_sha256, device.sealing_key, device.person_id) == (digest(found["secret"]), None, HER)

    @story
    async def test_a_new_one_revokes_the_earlier_one_of_that_app_alone(self, world):
        ids = [(await world.her.post("/api/handset", {"protocol": name})).json["device_id"] for name in ("overland", "traccar", "overland")]
        assert len(set(ids)) == 3
        assert [world.register.known[one].revoked for one in ids] == [True, False, False]
        assert world.device_changes >= 3

    @story
    async def test_leaves_other_persons_devices_alone(self, world):
        world.register.add_device(Device(device_id="overland-x", kind=DeviceKind.HANDSET, person_id="person-x", secret_sha256=b""))
        await world.her.post("/api/handset", {"protocol": "overland"})
        assert not world.register.known["overland-x"].revoked

    @story
    async def test_an_unknown_app(self, world):
        answer = await world.her.post("/api/handset", {"protocol": "carrier-pigeon"})
        assert answer.status == 400
        assert "pigeon" not in answer.body.decode()
        assert world.register.known == {}


class TestDeskPair:
    @staticmethod
    async def opened(world, **change):
        """Put the pair on the board and open it."""
        world.watch.known.pop(HOME.pair_id, None)
        world.watch.views[PAIR.pair_id] = fresh(world, **change)
        line = world.staff.listen()
        await pause()
        name = line.of("board")[-1]["rows"][0]["pair"]
        await line.leave()
        return name, await world.staff.get(f"/api/pairs/{name}")

    @story
    async def test_row_map_and_moments(self, world):
        world.watch.moments = [transition(2), transition(1)]
        world.watch.healths[HIM] = DeviceHealth(heard_ms=NOW_MS - 2_000, fix_time_ms=None, error_m=4.0, battery_pct=55.4)
        name, answer = await self.opened(world)
        page = answer.json
        assert (answer.status, page["row"]["pair"], page["closed"]) == (200, name, None)
        assert (page["row"]["label_monitored"], page["row"]["label_protected"]) == ("M. One", "H. Two")
        assert page["row"]["tag"] == {"heard_s": 2.0, "fix_age_s": None, "battery_pct": 55.0, "error_m": 4.0}
        assert page["map"]["monitored"]["latitude"] == HIS_AT[0]
        assert page["viewer"] == "operator"
        assert [moment["pair"] for moment in page["moments"]] == [name, name]
        assert world.watch.recorded == [("operator", "desk", PAIR.pair_id, "response", "map:tier")]

    @story
    async def test_clear_is_closed_and_not_recorded(self, world):
        _, answer = await self.opened(world, tier=Tier.CLEAR)
        assert (answer.json["map"], answer.json["closed"]) == (None, "no_incident")
        assert not any(number in answer.body for number in numbers(HIS_AT, HER_AT))
        assert world.watch.recorded == []

    @story
    async def test_near_or_unseen_is_looked_at_in_words_and_an_incident_and_a_call_open_it(self, world):
        for change in ({"tier": Tier.WATCH}, {"tier": Tier.CLEAR, "monitored_sight": Sight.BLIND}):
            _, answer = await self.opened(world, **change)
            assert (answer.json["map"], answer.json["closed"]) == (None, "no_incident")
            assert not any(number in answer.body for number in numbers(HIS_AT, HER_AT))
            await pause()
        assert [record[4] for record in world.watch.recorded] == ["words:watch"]
        world.watch.recorded.clear()
        world.watch.incidents.add(PAIR.pair_id)
        _, answer = await self.opened(world, tier=Tier.CLEAR, monitored_sight=Sight.BLIND)
        assert answer.json["map"] is not None
        world.watch.calls[HER] = Sos(sos_id="s", person_id=HER, at_ms=NOW_MS, silent=False)
        _, answer = await self.opened(world, tier=Tier.CLEAR)
        assert answer.json["row"]["sos"] == {"since_ms": NOW_MS, "silent": False}
        assert [record[4] for record in world.watch.recorded] == ["map:incident", "map:sos"]

    @story
    async def test_not_written_down_not_shown(self, world):
        world.watch.fails = True
        _, answer = await self.opened(world)
        assert (answer.status, answer.json["map"], answer.json["closed"]) == (200, None, "no_record")
        assert not any(number in answer.body for number in numbers(HIS_AT, HER_AT))

    @story
    async def test_looking_on_is_one_opening_and_looking_away_closes_it(self, world):
        name, _ = await self.opened(world)
        for _ in range(10):
            await asyncio.sleep(5)
            await world.staff.get(f"/api/pairs/{name}")
        assert len(world.watch.recorded) == 1
        await asyncio.sleep(61)
        assert [record[4] for record in world.watch.recorded] == ["map:tier", "closed"]

    @story
    async def test_a_name_from_another_session_is_unknown(self, world):
        name, _ = await self.opened(world)
        world.register.sessions["second-staff-0123456789"] = FakeSession("desk", "other", FAR_MS)
        other = Browser(world.desk, "desk", "second-staff-0123456789")
        for one in (name, PAIR.pair_id, "x", "..", "a/b"):
            assert (await other.get(f"/api/pairs/{one}")).status == 404

    @story
    async def test_an_ended_order_is_unknown(self, world):
        name, _ = await self.opened(world)
        world.watch.orders.clear()
        answer = await world.staff.get(f"/api/pairs/{name}")
        assert (answer.status, answer.error) == (404, "pair_unknown")

    @story
    async def test_labels_are_not_asked_for_each_board(self, world):
        await self.opened(world)
        before = world.register.label_calls
        for _ in range(5):
            await asyncio.sleep(2)
            await self.opened(world)
        assert world.register.label_calls == before == 2


class TestErrors:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/api/nothing", 404),
            ("GET", "/api/sos", 405),
            ("GET", "/api/pair", 405),
            ("POST", "/api/stream", 405),
            ("GET", "/api/", 404),
        ],
    )
    def test_are_json_and_short(self, method, path, status):
        async def whole():
            answer = await World().her.call(method, path, {})
            assert (answer.status, set(answer.json)) == (status, {"error"})

        run(whole())

    @story
    async def test_a_large_body_on_a_small_route(self, world):
        answer = await world.her.post("/api/sos", b'{"id": "' + b"x" * 70_000 + b'"}')
        assert (answer.status, answer.error) == (413, "too_large")

    @story
    async def test_a_body_that_never_ends_is_given_up(self, world):
        sent = []

        async def receive():
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        await world.protected(scope_of("POST", "/api/sos", world.her.headers({})), receive, send)
        assert sent[0]["status"] == 408

    @story
    async def test_no_schema_is_offered(self, world):
        for path in ("/schema", "/openapi", "/openapi.json", "/api/schema"):
            assert (await world.her.get(path)).status in {404, 503}


def test_a_bad_cookie_header_is_no_session():
    async def whole():
        world = World()
        for cookie in ("", "=", ";;;", "__Host-jikimi-protected", "__Host-jikimi-protected=", "x=" + "y" * 9_000, "\xff\xfe"):
            answer = await world.her.call("GET", "/api/me", headers={"cookie": cookie.encode("latin-1").decode("latin-1")[:8_000]})
            assert answer.status == 401

    run(whole())


def test_wire_structs_have_no_identifier_of_a_person():
    async def whole():
        world = World()
        world.watch.views[PAIR.pair_id] = fresh(world)
        line, board = world.her.listen(), world.staff.listen()
        await pause(12)
        for stream in (line, board):
            assert not any(word in stream.bytes for word in (HER.encode(), HIM.encode(), b"pair-1"))
            await stream.leave()

    run(whole())
