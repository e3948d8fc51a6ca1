"""OwnTracks over HTTP, element by element."""

from __future__ import annotations

import base64
import json

import pytest
from nacl.secret import SecretBox

from jikimi.ingest.ports import DecodeError
from jikimi.ingest.protocols import decode_bytes
from jikimi.ingest.protocols.reading import SealError
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix, Source

T = 1_795_000_000
LEAST = {"_type": "location", "lat": 37.5, "lon": 127.0, "tst": T}
FULL = LEAST | {
    "acc": 12,
    "alt": -3,
    "batt": 56,
    "bs": 1,
    "cog": 270,
    "vac": 4,
    "vel": 54,
    "p": 101.3,
    "conn": "w",
    "tid": "ab",
    "topic": "owntracks/u/d",
    "inregions": ["Home"],
    "inrids": ["6da9cf"],
    "rad": 50,
    "SSID": "net",
    "BSSID": "aa:bb",
    "created_at": T + 5,
    "m": 1,
    "poi": "x",
    "tag": "y",
    "_id": "0a1b2c3d",
    "t": "u",
    "motionactivities": ["walking"],
}


def decode(message: object, key: bytes | None = None):
    return decode_bytes("owntracks", json.dumps(message).encode(), key=key)


def fix_of(message: object) -> Fix:
    decoded = decode(message)
    assert decoded.refused == ()
    (fix,) = decoded.fixes
    return fix


def test_every_element_used_is_converted():
    fix = fix_of(FULL)
    assert fix.fix_time_ms == T * 1000
    assert (fix.latitude, fix.longitude) == (37.5, 127.0)
    assert fix.speed_mps == pytest.approx(15)
    assert (fix.error_m, fix.altitude_m, fix.course_deg, fix.battery_pct) == (12, -3, 270, 56)
    assert (fix.source, fix.valid) == (Source.UNKNOWN, None)


def test_absent_is_not_zero():
    fix = fix_of(LEAST)
    assert (fix.error_m, fix.altitude_m, fix.course_deg, fix.battery_pct, fix.speed_mps, fix.valid) == (None,) * 6
    assert fix_of(LEAST | dict.fromkeys(("acc", "alt", "cog", "batt", "vel", "t"))) == fix


def test_zero_is_kept_but_a_radius_of_zero_is_unknown():
    fix = fix_of(LEAST | {"acc": 0, "alt": 0, "cog": 0, "vel": 0, "batt": 0})
    assert (fix.error_m, fix.altitude_m, fix.course_deg, fix.speed_mps, fix.battery_pct) == (None, 0, 0, 0, 0)


def test_negative_is_unknown():
    fix = fix_of(LEAST | {"acc": -1, "cog": -1, "vel": -1, "batt": -1})
    assert (fix.error_m, fix.course_deg, fix.speed_mps, fix.battery_pct) == (None,) * 4


def test_nonsense_beside_the_position_does_not_cost_it():
    fix = fix_of(LEAST | {"acc": 1e12, "cog": 999, "vel": 1e9, "batt": 255, "alt": 1e12})
    assert (fix.error_m, fix.course_deg, fix.speed_mps, fix.battery_pct, fix.altitude_m) == (20_037_508, None, None, None, None)
    assert fix_of(LEAST | {"cog": 360}).course_deg == 0


@pytest.mark.parametrize(
    ("word", "source"), [("gps", Source.GNSS), ("fused", Source.FUSED), ("network", Source.UNKNOWN), ("?", Source.UNKNOWN)]
)
def test_a_source_is_kept_where_it_says_enough(word, source):
    assert fix_of(LEAST | {"source": word}).source is source


def test_fractions_of_seconds_are_kept():
    assert fix_of(LEAST | {"tst": T + 0.25}).fix_time_ms == T * 1000 + 250


@pytest.mark.parametrize(
    "change", [{"lat": 91}, {"lon": -181}, {"lat": None}, {"lon": None}, {"tst": None}, {"tst": -1}, {"tst": 1e12}, {"lat": "37"}]
)
def test_a_wrong_position_or_time_is_refused(change):
    with pytest.raises(DecodeError) as caught:
        decode(LEAST | change)
    assert str(caught.value).endswith(".")


def test_the_same_report_has_the_same_id_and_another_another():
    assert fix_of(FULL).fix_id == fix_of(FULL | {"_id": "ffffffff", "created_at": T + 99}).fix_id
    ids = {
        fix_of(FULL | change).fix_id
        for change in ({}, {"tst": T + 1}, {"lat": 37.6}, {"lon": 1}, {"acc": 13}, {"vel": 0}, {"cog": 1}, {"alt": 1})
    }
    assert len(ids) == 8


def test_a_ping_is_alive_and_its_old_position_is_not_fresh():
    decoded = decode(LEAST | {"t": "p", "batt": 9})
    assert decoded.fixes[0].valid is False
    (event,) = decoded.events
    assert (event.kind, event.event_time_ms, event.detail, event.battery_pct) == (EventKind.ALIVE, T * 1000, "ping", 9)


def test_a_ping_that_tells_both_times_is_a_fix():
    decoded = decode(LEAST | {"t": "p", "created_at": T + 900})
    assert decoded.fixes[0].valid is None
    assert decode(LEAST | {"t": "p", "created_at": T}).fixes[0].valid is False


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [("1", EventKind.ONLINE), ("f", EventKind.ONLINE), ("L", EventKind.OFFLINE), ("9", EventKind.BATTERY_LOW), ("3", EventKind.CHARGING)],
)
def test_triggers_of_trackers_are_events(trigger, kind):
    decoded = decode(LEAST | {"t": trigger})
    assert [(event.kind, event.detail) for event in decoded.events] == [(kind, trigger)]
    assert len(decoded.fixes) == 1


@pytest.mark.parametrize("trigger", ["c", "b", "r", "u", "t", "v", "a", "T", "k", "m", ""])
def test_other_triggers_say_only_why_it_was_sent(trigger):
    decoded = decode(LEAST | {"t": trigger})
    assert decoded.events == ()
    assert decoded.fixes[0].valid is None


def test_a_last_known_position_is_not_a_fix_of_now():
    assert fix_of(LEAST | {"t": "l"}).valid is False


TRANSITION = {
    "_type": "transition",
    "event": "enter",
    "wtst": T - 9,
    "lat": 37.5,
    "lon": 127.0,
    "tst": T,
    "acc": 30,
    "tid": "ab",
    "desc": "Home",
    "t": "c",
    "rid": "x",
}


@pytest.mark.parametrize(("word", "kind"), [("enter", EventKind.REGION_ENTER), ("leave", EventKind.REGION_LEAVE)])
def test_a_transition_is_an_event_and_a_fix(word, kind):
    decoded = decode(TRANSITION | {"event": word})
    (event,) = decoded.events
    assert (event.kind, event.event_time_ms, event.detail) == (kind, T * 1000, "Home")
    assert (decoded.fixes[0].error_m, decoded.fixes[0].fix_time_ms) == (30, T * 1000)


@pytest.mark.parametrize("change", [{"lat": None}, {"lat": 91}, {"tst": None}])
def test_a_transition_with_half_a_position_is_kept_as_an_event(change):
    decoded = decode(TRANSITION | change)
    assert len(decoded.events) == 1
    assert decoded.fixes == ()
    assert len(decoded.refused) == 1


def test_a_beacon_transition_needs_no_position():
    decoded = decode({"_type": "transition", "event": "leave", "tst": T, "t": "b"})
    assert (len(decoded.events), decoded.fixes, decoded.refused) == (1, (), ())


def test_a_transition_without_a_direction_is_refused():
    with pytest.raises(DecodeError, match="enter"):
        decode(TRANSITION | {"event": "hover"})


def test_a_last_will_has_no_time_of_its_own():
    first, again = decode({"_type": "lwt", "tst": T}), decode({"_type": "lwt", "tst": T})
    other = decode({"_type": "lwt", "tst": T + 60})
    (event,) = first.events
    assert (event.kind, event.event_time_ms, event.detail) == (EventKind.OFFLINE, None, "lwt")
    assert again == first
    assert other.events[0].event_id != event.event_id


@pytest.mark.parametrize("word", ["Denied", "Restricted", "NotDetermined"])
def test_a_lost_permission_is_told(word):
    decoded = decode({"_type": "status", "iOS": {"locationManagerAuthorizationStatus": f"kCLAuthorizationStatus{word}"}})
    assert [event.kind for event in decoded.events] == [EventKind.PERMISSION_LOST]


@pytest.mark.parametrize(
    "ios",
    [
        None,
        {},
        {"locationManagerAuthorizationStatus": "kCLAuthorizationStatusAuthorizedAlways"},
        5,
        {"locationManagerAuthorizationStatus": 5},
    ],
)
def test_any_other_status_is_alive(ios):
    assert [event.kind for event in decode({"_type": "status", "iOS": ios}).events] == [EventKind.ALIVE]
    assert [event.kind for event in decode({"_type": "status", "android": {"loc": 0}}).events] == [EventKind.ALIVE]


@pytest.mark.parametrize("kind", ["waypoint", "waypoints", "steps", "beacon", "card", "cmd", "configuration", "request", "dump", "new"])
def test_anything_else_says_that_the_phone_was_heard(kind):
    decoded = decode({"_type": kind, "tst": T, "lat": 1.0, "lon": 2.0, "desc": "37.5,127.0"})
    assert decoded.events == (DeviceEvent(decoded.events[0].event_id, EventKind.ALIVE, T * 1000, kind),)
    assert decoded.fixes == ()


def seal(message: object, key: bytes) -> dict[str, str]:
    box = SecretBox(key[:32].ljust(32, b"\0"))
    return {"_type": "encrypted", "data": base64.b64encode(box.encrypt(json.dumps(message).encode())).decode()}


@pytest.mark.parametrize("key", [b"short", b"x" * 32, b"y" * 43])
def test_an_encrypted_location_opens_with_its_key(key):
    assert decode(seal(FULL, key), key=key) == decode(FULL)


def test_a_recorded_box_opens():
    """The nonce is bytes 0 to 23; key, nonce and message are fixed, so this guards the layout itself."""
    box = SecretBox(b"sesame".ljust(32, b"\0"))
    made = bytes(box.encrypt(json.dumps(LEAST).encode(), nonce=bytes(range(24))))
    assert made[:24] == bytes(range(24))
    assert decode({"_type": "encrypted", "data": base64.b64encode(made).decode()}, key=b"sesame").fixes == decode(LEAST).fixes


@pytest.mark.parametrize("data", [None, "", "!", "AAAA", base64.b64encode(bytes(40)).decode(), base64.b64encode(bytes(100)).decode()])
def test_a_box_that_does_not_open_is_told_apart(data):
    with pytest.raises(SealError, match=r"does not open"):
        decode({"_type": "encrypted", "data": data}, key=b"sesame")


def test_a_box_of_another_key_or_none_does_not_open():
    with pytest.raises(SealError):
        decode(seal(FULL, b"one"), key=b"two")
    with pytest.raises(SealError, match="no encryption key"):
        decode(seal(FULL, b"one"))


def test_a_box_in_a_box_is_refused():
    with pytest.raises(DecodeError, match="still encrypted"):
        decode(seal(seal(FULL, b"k"), b"k"), key=b"k")


def test_every_cut_and_every_tail_is_refused():
    body = json.dumps(FULL).encode()
    for end in range(len(body)):
        with pytest.raises(DecodeError):
            decode_bytes("owntracks", body[:end])
    for tail in (b"x", b"{}", b"\0"):
        with pytest.raises(DecodeError):
            decode_bytes("owntracks", body + tail)
    for body in (b"[]", b"{}", b'{"_type": 5}', b"\xff", b"[" * 100_000):
        with pytest.raises(DecodeError):
            decode_bytes("owntracks", body)


@pytest.mark.parametrize("name", ["acc", "alt", "batt", "cog", "vel", "source", "t", "created_at"])
@pytest.mark.parametrize("value", ["x", [], {}, True])
def test_nonsense_beside_the_position_is_unknown_and_costs_nothing(name, value):
    body, plain = json.dumps(LEAST | {name: value}).encode(), json.dumps(LEAST).encode()
    assert decode_bytes("owntracks", body).fixes == decode_bytes("owntracks", plain).fixes


def test_a_time_that_no_float_holds_in_milliseconds_is_refused_like_any_other_that_is_none():
    payload = b'{"_type":"location","lat":37.5,"lon":127.0,"tst":1.797e305}'
    with pytest.raises(DecodeError, match="from 1970"):
        decode_bytes("owntracks", payload)
