"""The devices' door, through ASGI and without sockets."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import hmac
import json

import pytest

from jikimi.apps.device import Limits
from jikimi.ingest.ports import Decoded
from jikimi.model.event import EventKind
from tests.ingest.fakes import NOW_MS, SECRET, Door

BEARER = {"Authorization": f"Bearer tag-1.{SECRET}"}
BASIC = {"Authorization": "Basic " + base64.b64encode(f"tag-1:{SECRET}".encode()).decode()}
GATEWAY = {"Authorization": f"Bearer gw.{SECRET}"}
FIX = {"id": "f1", "time": NOW_MS, "lat": 37.5, "lon": 127.0}
BATCH = json.dumps({"fixes": [FIX]}).encode()
SOS = json.dumps({"events": [{"id": "e1", "event": "sos"}], "fixes": [FIX, FIX | {"id": "f0", "time": NOW_MS - 5000}]}).encode()
POSITION = {"fixTime": "2026-11-18T10:00:00.000+00:00", "latitude": 37.5, "longitude": 127.0, "valid": True}


def signed(
    body: bytes, *, time_ms: int = NOW_MS, nonce: str = "n1", key: str = SECRET, device: str = "tag-1", path: str = "/v1/fixes"
) -> dict:
    text = f"POST\n{path}\n{time_ms}\n{nonce}\n{hashlib.sha256(body).hexdigest()}"
    made = hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {"Authorization": f"Jikimi-HMAC device={device},time={time_ms},nonce={nonce},signature={made}"}


@pytest.fixture
def door() -> Door:
    return Door()


def offered(door: Door) -> Decoded:
    ((_, decoded),) = door.intake.offered
    return decoded


def test_a_batch_is_counted_and_its_repetition_told(door):
    first = door.post("/v1/fixes", BATCH, BEARER)
    again = door.post("/v1/fixes", BATCH, BEARER)
    assert (first.status, first.json) == (200, {"accepted": 1, "repeated": 0, "refused": []})
    assert again.json == {"accepted": 0, "repeated": 1, "refused": []}
    assert first.headers["content-type"] == "application/json"
    assert int(first.headers["content-length"]) == len(first.body)
    assert door.intake.offered[0][0] == "tag-1"
    assert door.intake.alarms == []


def test_the_good_part_of_a_batch_is_kept(door):
    body = json.dumps({"fixes": [FIX, FIX | {"id": "f2", "lat": 91}], "events": [{"id": "e", "event": "strap"}]}).encode()
    answer = door.post("/v1/fixes", body, BEARER)
    assert answer.status == 200
    assert answer.json == {
        "accepted": 2,
        "repeated": 0,
        "refused": [{"index": 1, "reason": '"lat" must be a number of degrees from -90 to 90.'}],
    }


def test_a_batch_in_which_nothing_can_be_read_is_refused(door):
    answer = door.post("/v1/fixes", json.dumps({"fixes": [FIX | {"lat": 91}]}).encode(), BEARER)
    assert answer.status == 400
    assert answer.error == 'None of the 1 items can be read; number 0: "lat" must be a number of degrees from -90 to 90.'
    assert door.intake.offered == []


def test_an_empty_batch_is_fine_and_not_offered(door):
    assert door.post("/v1/fixes", b'{"fixes":[]}', BEARER).json == {"accepted": 0, "repeated": 0, "refused": []}
    assert door.intake.offered == []


@pytest.mark.parametrize(
    ("path", "headers", "body", "answer"),
    [
        (
            "/overland",
            BEARER,
            {"locations": [{"geometry": {"coordinates": [127, 37]}, "properties": {"timestamp": "2026-01-01T00:00:00Z"}}]},
            b'{"result":"ok"}',
        ),
        ("/owntracks", BASIC, {"_type": "location", "lat": 37, "lon": 127, "tst": 1_700_000_000}, b"[]"),
        ("/osmand", BEARER, {"location": {"timestamp": "2026-01-01T00:00:00Z", "coords": {"latitude": 37, "longitude": 127}}}, b""),
        ("/traccar", GATEWAY, {"position": POSITION, "device": {"uniqueId": "350000000000001"}}, b""),
    ],
)
def test_each_protocol_gets_its_own_answer(door, path, headers, body, answer):
    got = door.post(path, json.dumps(body).encode(), headers)
    assert (got.status, got.body) == (200, answer)
    assert len(offered(door).fixes) == 1


OWNTRACKS_COMMAND = [
    {
        "_type": "cmd",
        "action": "setConfiguration",
        "configuration": {"_type": "configuration", "monitoring": 2, "locatorInterval": 15, "moveModeLocatorInterval": 15},
    }
]
FEATURE = {"geometry": {"coordinates": [127, 37]}, "properties": {"timestamp": "2026-01-01T00:00:00Z"}}


@pytest.mark.parametrize(
    ("path", "headers", "body", "answer"),
    [
        ("/v1/fixes", BEARER, {"fixes": [FIX]}, {"accepted": 1, "repeated": 0, "refused": [], "interval_s": 15.0}),
        ("/owntracks", BASIC, {"_type": "location", "lat": 37, "lon": 127, "tst": 1_700_000_000}, OWNTRACKS_COMMAND),
        ("/overland", BEARER, {"locations": [FEATURE]}, {"result": "ok"}),
        ("/osmand", BEARER, {"location": {"timestamp": "2026-01-01T00:00:00Z", "coords": {"latitude": 37, "longitude": 127}}}, None),
        ("/traccar", GATEWAY, {"position": POSITION, "device": {"uniqueId": "350000000000001"}}, None),
    ],
)
def test_the_interval_asked_for_travels_where_the_format_can_carry_it(door, path, headers, body, answer):
    door.intake.interval_s = 15.0
    got = door.post(path, json.dumps(body).encode(), headers)
    assert got.status == 200
    assert (got.json if got.body else None) == answer


@pytest.mark.parametrize("path", ["/v1/fixes", "/overland"])
def test_200_is_sent_only_after_the_commit(door, path):
    body = (
        BATCH
        if path == "/v1/fixes"
        else b'{"locations":[{"geometry":{"coordinates":[1,2]},"properties":{"timestamp":"2026-01-01T00:00:00Z"}}]}'
    )

    async def story() -> None:
        door.intake.hold = asyncio.Event()
        task = asyncio.create_task(door.call("POST", path, body, BEARER))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not task.done()
        door.intake.hold.set()
        assert (await task).status == 200

    asyncio.run(story())


def test_what_could_not_be_stored_is_asked_for_again(door):
    door.intake.fail = True
    answer = door.post(
        "/overland", b'{"locations":[{"geometry":{"coordinates":[1,2]},"properties":{"timestamp":"2026-01-01T00:00:00Z"}}]}', BEARER
    )
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert b"ok" not in answer.body


def test_a_busy_server_says_so_before_reading(door):
    door.intake.is_busy = True
    answer = door.post("/v1/fixes", BATCH, BEARER)
    assert (answer.status, door.reads) == (503, 0)
    assert "retry-after" in answer.headers


@pytest.mark.parametrize(
    ("headers", "kind", "device_id"),
    [
        ({"Authorization": "Bearer tag-1.wrong"}, "wrong_secret", "tag-1"),
        ({"Authorization": f"Bearer stranger.{SECRET}"}, "unknown_device", None),
        ({"Authorization": f"Bearer gone.{SECRET}"}, "revoked_device", "gone"),
        ({"Authorization": "Bearer nodot"}, "no_credential", None),
        ({"Authorization": "Bearer tag-1."}, "no_credential", None),
        ({}, "no_credential", None),
        ({"Authorization": f"Basic {SECRET}"}, "no_credential", None),
    ],
)
def test_a_claim_that_does_not_hold_costs_one_event_and_no_reading(door, headers, kind, device_id):
    answer = door.post("/v1/fixes", BATCH, headers)
    assert answer.status == 401
    assert answer.error == "The credential is not accepted."
    assert answer.headers["www-authenticate"] == "Bearer"
    assert door.intake.alarms == [(kind, device_id, "native")]
    assert door.reads == 0
    assert door.intake.offered == []


def test_unknown_and_wrong_look_the_same(door):
    wrong = door.post("/v1/fixes", BATCH, {"Authorization": "Bearer tag-1.wrong"})
    unknown = door.post("/v1/fixes", BATCH, {"Authorization": "Bearer who.wrong"})
    assert (wrong.status, wrong.headers, wrong.body) == (unknown.status, unknown.headers, unknown.body)


@pytest.mark.parametrize("name", ["tag-1", "stranger"])
def test_a_flood_of_wrong_secrets_does_not_fill_the_journal_nor_lock_the_device_out(door, name):
    for _ in range(500):
        assert door.post("/v1/fixes", BATCH, {"Authorization": f"Bearer {name}.wrong"}).status == 401
    assert 1 <= len(door.intake.alarms) <= 60
    assert door.post("/v1/fixes", BATCH, BEARER).status == 200
    door.post("/v1/fixes", BATCH, {"Authorization": "Bearer tag-2.wrong"})
    assert door.intake.alarms[-1] == ("wrong_secret", "tag-2", "native")


def test_a_device_id_may_hold_dots(door):
    assert door.post("/v1/fixes", BATCH, {"Authorization": f"bearer no.key.here.{SECRET}"}).status == 200


def test_a_signed_request_is_taken_once(door):
    assert door.post("/v1/fixes", BATCH, signed(BATCH)).status == 200
    again = door.post("/v1/fixes", BATCH, signed(BATCH))
    assert again.status == 401
    assert "used before" in again.error
    assert door.intake.alarms == [("replayed", "tag-1", "native")]
    assert door.post("/v1/fixes", BATCH, signed(BATCH, nonce="n2")).status == 200


@pytest.mark.parametrize("shift_ms", [-300_001, 300_001])
def test_a_signature_of_another_time_is_refused(door, shift_ms):
    answer = door.post("/v1/fixes", BATCH, signed(BATCH, time_ms=NOW_MS + shift_ms))
    assert answer.status == 401
    assert "5 minutes" in answer.error
    assert door.intake.alarms == [("stale_signature", "tag-1", "native")]


@pytest.mark.parametrize(
    ("body", "headers", "kind", "device_id"),
    [
        (BATCH + b" ", signed(BATCH), "wrong_signature", "tag-1"),
        (BATCH, signed(BATCH, key="guess"), "wrong_signature", "tag-1"),
        (BATCH, signed(BATCH, path="/overland"), "wrong_signature", "tag-1"),
        (BATCH, signed(BATCH, device="no.key.here"), "wrong_signature", "no.key.here"),
        (BATCH, signed(BATCH, device="who"), "unknown_device", None),
        (BATCH, signed(BATCH, device="gone"), "revoked_device", "gone"),
        (BATCH, {"Authorization": "Jikimi-HMAC device=tag-1,time=x,signature=00"}, "no_credential", None),
        (BATCH, {"Authorization": "Jikimi-HMAC device=tag-1,time=1"}, "no_credential", None),
        (BATCH, {"Authorization": f"Jikimi-HMAC device=tag-1,time={NOW_MS},signature=\u00e9"}, "wrong_signature", "tag-1"),
    ],
)
def test_a_forged_signature_is_refused(door, body, headers, kind, device_id):
    answer = door.post("/v1/fixes", body, headers)
    assert (answer.status, answer.error) == (401, "The credential is not accepted.")
    assert door.intake.alarms == [(kind, device_id, "native")]
    assert door.intake.offered == []


def test_the_signature_covers_the_body_as_sent(door):
    packed = gzip.compress(BATCH, mtime=0)
    assert door.post("/v1/fixes", packed, signed(packed) | {"Content-Encoding": "gzip"}).status == 200


def test_a_gzip_body_is_read(door):
    answer = door.post("/v1/fixes", gzip.compress(BATCH, mtime=0), BEARER | {"Content-Encoding": "gzip"})
    assert answer.json == {"accepted": 1, "repeated": 0, "refused": []}


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b" " * (4 << 20) + BATCH, mtime=0), "gzip", 413),
        (gzip.compress(bytes(50 << 20), 9, mtime=0), "gzip", 413),
        (gzip.compress(BATCH, mtime=0)[:-4], "gzip", 400),
        (gzip.compress(BATCH, mtime=0) + b"x", "gzip", 400),
        (BATCH, "gzip", 400),
        (b"", "gzip", 400),
        (BATCH, "br", 400),
    ],
)
def test_a_bomb_or_a_broken_encoding_is_refused(door, body, encoding, status):
    answer = door.post("/v1/fixes", body, BEARER | {"Content-Encoding": encoding})
    assert answer.status == status
    assert answer.error.endswith(".")
    assert door.intake.offered == []


def test_a_body_that_is_announced_too_large_is_not_read(door):
    answer = door.post("/v1/fixes", BATCH, BEARER | {"Content-Length": str(1 << 30)})
    assert (answer.status, door.reads) == (413, 0)


def test_a_body_that_grows_too_large_is_given_up(door):
    answer = door.post("/v1/fixes", [bytes(1 << 20)] * 100, BEARER)
    assert answer.status == 413
    assert door.reads == 5


def test_a_body_in_pieces_is_read(door):
    assert door.post("/v1/fixes", [BATCH[:9], b"", BATCH[9:]], BEARER).status == 200


def test_too_many_items_are_refused(door):
    body = json.dumps({"fixes": [FIX] * 10_001}).encode()
    answer = door.post("/v1/fixes", body, BEARER)
    assert answer.status == 413
    assert "10000 items" in answer.error


def test_a_sender_that_hangs_up_is_not_answered(door):
    async def story() -> list[object]:
        sent: list[object] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.disconnect"}

        async def send(message: object) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/fixes",
            "query_string": b"",
            "headers": [(b"authorization", BEARER["Authorization"].encode())],
        }
        await door.app(scope, receive, send)
        return sent

    assert asyncio.run(story()) == []
    assert door.intake.offered == []


def test_a_body_that_never_ends_is_given_up():
    door = Door(Limits(body_s=0.01))

    async def story() -> int:
        async def receive() -> dict[str, object]:
            await asyncio.sleep(10)
            return {}

        sent: list[dict[str, int]] = []

        async def send(message: dict[str, int]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/fixes",
            "query_string": b"",
            "headers": [(b"authorization", BEARER["Authorization"].encode())],
        }
        await door.app(scope, receive, send)
        return sent[0]["status"]

    assert asyncio.run(story()) == 408


def test_the_wrong_method_is_told_the_right_one(door):
    answer = door.get("/v1/fixes")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_nothing_else_is_here(door):
    assert door.get("/").status == 404
    assert door.get("/healthz").json == {"ok": True, "late_s": None}


def test_osmand_takes_the_secret_in_its_id_field(door):
    query = f"id=tag-1.{SECRET}&lat=37.5&lon=127&timestamp=1700000000".encode()
    assert door.get("/osmand", query).status == 200
    assert asyncio.run(door.call("POST", "/osmand", query)).status == 200
    assert asyncio.run(door.call("POST", "/osmand", query=query)).status == 200
    body = {"location": {"timestamp": "2026-01-01T00:00:00Z", "coords": {"latitude": 1, "longitude": 2}}, "device_id": f"tag-1.{SECRET}"}
    assert door.post("/osmand", json.dumps(body).encode()).status == 200
    packed = gzip.compress(json.dumps(body).encode())
    assert door.post("/osmand", packed, {"Content-Encoding": "gzip"}).status == 200
    assert [name for name, _ in door.intake.offered] == ["tag-1"] * 5


@pytest.mark.parametrize("name", ["tag-1", "tag-1.wrong", "350000000000001"])
def test_an_osmand_id_alone_does_not_work(door, name):
    answer = door.get("/osmand", f"id={name}&lat=37.5&lon=127&timestamp=1700000000".encode())
    assert answer.status == 401
    assert len(door.intake.alarms) == 1
    assert door.post("/osmand", json.dumps({"location": {}, "device_id": name}).encode()).status == 401
    assert door.post("/osmand", json.dumps({"location": {}, "device_id": 12345}).encode()).status == 401


def test_a_wrong_encryption_key_costs_401_and_one_event(door):
    body = json.dumps({"_type": "encrypted", "data": base64.b64encode(bytes(80)).decode()}).encode()
    answer = door.post("/owntracks", body, BASIC)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert door.intake.alarms == [("wrong_key", "tag-1", "owntracks")]


def test_a_gateway_speaks_for_its_own_devices_alone(door):
    def forward(name: str, headers: dict[str, str]) -> int:
        return door.post("/traccar", json.dumps({"position": POSITION, "device": {"uniqueId": name}}).encode(), headers).status

    assert forward("350000000000001", GATEWAY) == 200
    assert door.intake.offered[0][0] == "hw-1"
    assert forward("350000000000002", GATEWAY) == 403
    assert forward("tag-1", GATEWAY) == 403
    assert forward("350000000000001", BEARER) == 403
    assert door.post("/v1/fixes", BATCH, GATEWAY).status == 403
    assert door.intake.alarms == [("not_behind_gateway", "gw", "traccar")] * 2
    assert len(door.intake.offered) == 1


def flood(door: Door) -> None:
    while door.post("/v1/fixes", BATCH, BEARER).status == 200:
        pass


def test_a_flooding_device_is_held_back_alone():
    door = Door(Limits(per_second=1, burst=5))
    flood(door)
    answer = door.post("/v1/fixes", BATCH, BEARER)
    assert (answer.status, answer.headers["retry-after"]) == (429, "1")
    assert len(door.intake.offered) == 5
    assert door.post("/v1/fixes", BATCH, {"Authorization": f"Bearer tag-2.{SECRET}"}).status == 200
    door.now_ms += 1000
    assert door.post("/v1/fixes", BATCH, BEARER).status == 200


def test_a_large_batch_counts_as_several_requests():
    door = Door(Limits(per_second=1, burst=5, items_per_request=10))
    body = json.dumps({"fixes": [FIX | {"id": str(n)} for n in range(100)]}).encode()
    assert door.post("/v1/fixes", body, BEARER).status == 200
    assert door.post("/v1/fixes", BATCH, BEARER).status == 429
    door.now_ms += 7_000
    assert door.post("/v1/fixes", BATCH, BEARER).status == 200


def test_an_sos_is_never_held_back():
    door = Door(Limits(per_second=1, burst=3))
    flood(door)
    answer = door.post("/v1/fixes", SOS, BEARER)
    assert answer.status == 429
    assert answer.error.startswith("The SOS was taken.")
    kept = door.intake.offered[-1][1]
    assert [event.kind for event in kept.events] == [EventKind.SOS]
    assert [fix.fix_id for fix in kept.fixes] == ["f1"]


def test_the_word_sos_alone_opens_nothing():
    door = Door(Limits(per_second=1, burst=3))
    flood(door)
    before = len(door.intake.offered)
    body = json.dumps({"fixes": [FIX | {"id": "sos"}]}).encode()
    assert door.post("/v1/fixes", body, BEARER).status == 429
    assert len(door.intake.offered) == before


def test_two_presses_of_a_button_without_a_clock_are_two(door):
    query = f"id=tag-1.{SECRET}&alarm=sos".encode()
    assert door.get("/osmand", query).status == 200
    door.now_ms += 60_000
    assert door.get("/osmand", query).status == 200
    ids = [decoded.events[0].event_id for _, decoded in door.intake.offered]
    assert len(set(ids)) == 2


def test_the_door_starts_and_ends_with_the_server(door):
    async def story() -> list[str]:
        messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        sent: list[str] = []

        async def receive() -> dict[str, str]:
            return messages.pop(0)

        async def send(message: dict[str, str]) -> None:
            sent.append(message["type"])

        await door.app({"type": "lifespan"}, receive, send)
        await door.app({"type": "websocket"}, receive, send)
        return sent

    assert asyncio.run(story()) == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]


def test_a_request_cancelled_from_outside_stays_cancelled(door):
    async def story() -> None:
        async def receive() -> dict[str, object]:
            await asyncio.sleep(10)
            return {}

        async def send(_: object) -> None:
            raise AssertionError

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/fixes",
            "query_string": b"",
            "headers": [(b"authorization", BEARER["Authorization"].encode())],
        }
        task = asyncio.create_task(door.app(scope, receive, send))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())
