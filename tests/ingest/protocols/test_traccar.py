"""Traccar's forwarded positions, field by field."""

from __future__ import annotations

import json

import pytest

from jikimi.ingest.ports import DecodeError
from jikimi.ingest.protocols import decode_bytes
from jikimi.model.event import EventKind
from jikimi.model.fix import Fix, Source

T = 1_536_939_257_000
FULL = {
    "id": 18336,
    "attributes": {"batteryLevel": 80, "sat": 9, "distance": 4.2, "totalDistance": 99.1, "motion": True, "hdop": 0.8, "battery": 3.9},
    "deviceId": 7,
    "protocol": "gt06",
    "serverTime": "2018-09-14T15:34:19.000+00:00",
    "deviceTime": "2018-09-14T15:34:18.000+00:00",
    "fixTime": "2018-09-14T15:34:17.000+0000",
    "outdated": False,
    "valid": True,
    "latitude": 49.0156556,
    "longitude": 8.3975169,
    "altitude": 116.0,
    "speed": 10.0,
    "course": 271.0,
    "address": "x",
    "accuracy": 6.5,
    "network": None,
    "geofenceIds": [1],
}


def decode(position: object, device: object = None):
    device = {"id": 7, "name": "x", "uniqueId": "350000000000001", "status": "online"} if device is None else device
    return decode_bytes("traccar", json.dumps({"position": position, "device": device}).encode())


def fix_of(**changes: object) -> Fix:
    decoded = decode(FULL | changes)
    assert decoded.refused == ()
    (fix,) = decoded.fixes
    return fix


def attributes(**changes: object) -> dict[str, object]:
    return {"attributes": FULL["attributes"] | changes}


def test_every_field_used_is_converted():
    fix = fix_of()
    assert (fix.fix_time_ms, fix.latitude, fix.longitude) == (T, 49.0156556, 8.3975169)
    assert fix.speed_mps == pytest.approx(5.14444, abs=1e-5)
    assert (fix.course_deg, fix.altitude_m, fix.error_m, fix.battery_pct) == (271, 116, 6.5, 80)
    assert (fix.source, fix.valid) == (Source.GNSS, True)
    assert decode(FULL).device_name == "350000000000001"


def test_zeros_of_java_that_may_mean_nothing_are_unknown():
    fix = fix_of(accuracy=0.0, speed=0.0, course=0.0, altitude=0.0)
    assert (fix.error_m, fix.speed_mps, fix.course_deg, fix.altitude_m) == (None,) * 4


def test_a_zero_beside_a_value_is_one():
    assert (fix_of(speed=0.0).speed_mps, fix_of(speed=0.0).course_deg) == (0, 271)
    assert fix_of(course=0.0).course_deg == 0


def test_what_is_missing_or_null_stays_missing():
    names = ("altitude", "speed", "course", "accuracy", "valid", "attributes", "network", "deviceTime", "outdated")
    least = {key: FULL[key] for key in ("fixTime", "latitude", "longitude")}
    for position in (least, least | dict.fromkeys(names)):
        (fix,) = decode(position).fixes
        assert (fix.altitude_m, fix.speed_mps, fix.course_deg, fix.error_m, fix.valid, fix.battery_pct) == (None,) * 6
        assert fix.source is Source.UNKNOWN


def test_the_receivers_own_doubt_is_kept():
    assert fix_of(valid=False).valid is False


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        (attributes(sat=0), Source.UNKNOWN),
        (attributes(sat="9"), Source.UNKNOWN),
        (attributes(approximate=True) | {"network": {"wifiAccessPoints": [{}]}}, Source.WIFI),
        (attributes(approximate=True) | {"network": {"cellTowers": [{}]}}, Source.CELL),
        (attributes(approximate=True), Source.CELL),
        (attributes(approximate=True) | {"network": 5}, Source.CELL),
        (attributes(approximate="yes"), Source.GNSS),
    ],
)
def test_the_source_is_told_by_satellites_and_networks(changes, source):
    assert fix_of(**changes).source is source


@pytest.mark.parametrize("level", ["80", True, None, -1, 101, {}])
def test_a_battery_that_is_none_is_unknown(level):
    assert fix_of(**attributes(batteryLevel=level)).battery_pct is None


ALARMS = [
    ("sos", EventKind.SOS),
    ("SOS", EventKind.SOS),
    ("lowBattery", EventKind.BATTERY_LOW),
    ("lowPower", EventKind.BATTERY_LOW),
    ("powerOff", EventKind.OFFLINE),
    ("powerOn", EventKind.ONLINE),
    ("tampering", EventKind.TAMPER),
    ("gpsAntennaCut", EventKind.TAMPER),
    ("removing", EventKind.STRAP),
    ("jamming", EventKind.JAMMING),
    ("geofenceEnter", EventKind.REGION_ENTER),
    ("geofenceExit", EventKind.REGION_LEAVE),
    ("fallDown", EventKind.OTHER),
    ("overspeed", EventKind.OTHER),
]


@pytest.mark.parametrize(("word", "kind"), ALARMS)
def test_an_alarm_is_an_event_beside_its_fix(word, kind):
    decoded = decode(FULL | attributes(alarm=word))
    assert len(decoded.fixes) == 1
    (event,) = decoded.events
    assert (event.kind, event.detail, event.event_time_ms, event.battery_pct) == (kind, word, T + 1000, 80)


def test_several_alarms_are_several_events_and_an_sos_is_first():
    decoded = decode(FULL | attributes(alarm="lowBattery, tampering,,lowBattery,sos"))
    assert [event.kind for event in decoded.events] == [EventKind.SOS, EventKind.BATTERY_LOW, EventKind.TAMPER]
    many = decode(FULL | attributes(alarm=",".join([f"a{n}" for n in range(99)] + ["sos"])))
    assert len(many.events) == 16
    assert many.events[0].kind is EventKind.SOS


@pytest.mark.parametrize(("value", "count"), [(None, 0), (False, 0), (True, 1), (5, 1), ("", 0)])
def test_an_alarm_need_not_be_a_word(value, count):
    assert len(decode(FULL | attributes(alarm=value)).events) == count


@pytest.mark.parametrize(
    "changes",
    [
        {"latitude": 91},
        {"longitude": None},
        {"latitude": "NaN"},
        {"fixTime": None},
        {"fixTime": 5},
        {"fixTime": "2018-09-14"},
        {"fixTime": "x"},
    ],
)
def test_a_wrong_position_is_refused_but_never_costs_an_alarm(changes):
    with pytest.raises(DecodeError) as caught:
        decode(FULL | changes)
    assert str(caught.value).endswith(".")
    decoded = decode(FULL | attributes(alarm="sos") | changes)
    assert [event.kind for event in decoded.events] == [EventKind.SOS]
    assert (decoded.fixes, len(decoded.refused), decoded.device_name) == ((), 1, "350000000000001")


@pytest.mark.parametrize("time", [None, 5, "x"])
def test_an_alarm_without_a_time_is_kept(time):
    (event,) = decode(FULL | attributes(alarm="sos") | {"deviceTime": time}).events
    assert (event.kind, event.event_time_ms) == (EventKind.SOS, None)


def test_an_outdated_position_is_no_fix_but_the_device_was_heard():
    decoded = decode(FULL | {"outdated": True} | attributes(alarm="sos"))
    assert decoded.fixes == ()
    assert [(event.kind, event.event_time_ms) for event in decoded.events] == [(EventKind.SOS, T + 1000), (EventKind.ALIVE, T + 1000)]
    never = decode({"outdated": True, "fixTime": "1970-01-01T00:00:00.000+00:00", "latitude": 0, "longitude": 0})
    assert [event.kind for event in never.events] == [EventKind.ALIVE]


@pytest.mark.parametrize("device", [{}, {"uniqueId": ""}, {"uniqueId": 5}, [], "x"])
def test_a_device_without_a_name_is_refused(device):
    with pytest.raises(DecodeError):
        decode(FULL, device)


def test_every_cut_and_every_tail_is_refused():
    body = json.dumps({"position": FULL, "device": {"uniqueId": "1"}}).encode()
    for end in range(len(body)):
        with pytest.raises(DecodeError):
            decode_bytes("traccar", body[:end])
    for wrong in (body + b"x", b"{}", b"[]", b'{"position": 5, "device": {"uniqueId": "1"}}', b"\xff", b"[" * 100_000):
        with pytest.raises(DecodeError):
            decode_bytes("traccar", wrong)


def test_a_resend_has_the_same_ids():
    one = decode(FULL | attributes(alarm="sos"))
    assert one == decode(FULL | attributes(alarm="sos") | {"serverTime": "2018-09-14T16:00:00.000+00:00", "id": 0})


@pytest.mark.parametrize("name", ["speed", "course", "altitude", "accuracy", "valid"])
@pytest.mark.parametrize("value", ["NaN", "x", [], {}])
def test_nonsense_beside_the_position_is_unknown_and_costs_nothing(name, value):
    """Jackson writes a NaN of Java as a text."""
    found, untold = decode(FULL | {name: value}), decode(FULL | {name: None})
    assert (found.refused, found.fixes) == ((), untold.fixes)
