"""OsmAnd's query and form, and the JSON of Traccar Client 9, field by field."""

from __future__ import annotations

import json

import pytest

from jikimi.ingest.ports import DecodeError, Request
from jikimi.ingest.protocols import decode_bytes, osmand
from jikimi.ingest.protocols.reading import UNTIMED, TooMuchError
from jikimi.model.event import EventKind
from jikimi.model.fix import Fix

T = 1_609_459_200_000
LEAST = b"id=x&lat=48.8566&lon=2.3522&timestamp=1609459200"
FULL = LEAST + b"&speed=15&bearing=270&altitude=35.5&accuracy=10&hdop=0.8&batt=75.5&valid=true&charge=true"
FULL += b"&driverUniqueId=7&cell=208,10,1,2,3&wifi=00-11,-70"


def query(text: bytes):
    by_query = decode_bytes("osmand", b"", query=text)
    assert decode_bytes("osmand", text, content_type="application/x-www-form-urlencoded") == by_query
    return by_query


def fix_of(text: bytes) -> Fix:
    decoded = query(text)
    assert decoded.refused == ()
    (fix,) = decoded.fixes
    return fix


def test_every_field_used_is_converted():
    fix = fix_of(FULL)
    assert (fix.fix_time_ms, fix.latitude, fix.longitude) == (T, 48.8566, 2.3522)
    assert fix.speed_mps == pytest.approx(7.71667, abs=1e-5)
    assert (fix.course_deg, fix.altitude_m, fix.error_m, fix.battery_pct, fix.valid) == (270, 35.5, 10, 75.5, True)


def test_what_is_missing_stays_missing():
    fix = fix_of(LEAST)
    assert (fix.speed_mps, fix.course_deg, fix.altitude_m, fix.error_m, fix.battery_pct, fix.valid) == (None,) * 6
    assert fix_of(LEAST + b"&speed=&accuracy=").speed_mps is None


@pytest.mark.parametrize(
    "text",
    [b"1609459200", b"1609459200000", b"2021-01-01T00:00:00Z", b"2021-01-01T09:00:00%2B09:00", b"2021-01-01%2000:00:00", b"1609459200.0"],
)
def test_a_time_is_seconds_milliseconds_or_text(text):
    assert fix_of(LEAST.replace(b"1609459200", text)).fix_time_ms == T


@pytest.mark.parametrize("field", [b"bearing", b"heading"])
def test_a_course_has_two_names(field):
    assert fix_of(LEAST + b"&" + field + b"=360").course_deg == 0


def test_a_position_may_be_one_field():
    assert fix_of(b"deviceid=x&location=48.8566,2.3522&timestamp=1609459200") == fix_of(LEAST)


@pytest.mark.parametrize(
    ("word", "valid"), [(b"true", True), (b"1", True), (b"TRUE", True), (b"false", False), (b"0", False), (b"no", False)]
)
def test_validity_is_kept(word, valid):
    assert fix_of(LEAST + b"&valid=" + word).valid is valid


def test_negative_is_unknown_and_so_is_a_radius_of_zero():
    fix = fix_of(LEAST + b"&speed=-1&bearing=-1&accuracy=-1&batt=-1&altitude=-7")
    assert (fix.speed_mps, fix.course_deg, fix.error_m, fix.battery_pct, fix.altitude_m) == (None, None, None, None, -7)
    fix = fix_of(LEAST + b"&speed=0&bearing=0&accuracy=0&batt=0&altitude=0")
    assert (fix.speed_mps, fix.course_deg, fix.error_m, fix.battery_pct, fix.altitude_m) == (0, 0, None, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        b"id=x",
        b"id=x&batt=5",
        b"id=x&cell=208,10,1,2&timestamp=1609459200",
    ],
)
def test_a_report_without_a_position_says_that_the_device_was_heard(text):
    decoded = query(text)
    assert [event.kind for event in decoded.events] == [EventKind.ALIVE]
    assert (decoded.fixes, decoded.refused) == ((), ())


def test_an_sos_needs_neither_position_nor_time():
    (event,) = query(b"id=x&alarm=sos").events
    assert (event.kind, event.detail, event.event_time_ms) == (EventKind.SOS, "sos", None)
    assert event.event_id.startswith(UNTIMED)
    assert query(b"id=x&alarm=sos&timestamp=1609459200").events[0].event_time_ms == T


WRONG = [
    LEAST.replace(b"48.8566", b"91"),
    LEAST.replace(b"2.3522", b"180.1"),
    LEAST.replace(b"2.3522", b"x"),
    LEAST.replace(b"48.8566", b"nan"),
    LEAST.replace(b"48.8566", b"inf"),
    LEAST.replace(b"48.8566", b"4_8"),
    LEAST.replace(b"48.8566", "\uff13\uff17".encode()),
    LEAST.replace(b"48.8566", "\u0663\u0667".encode()),
    LEAST.replace(b"48.8566", b"0x30"),
    b"id=x&lat=48.8566&timestamp=1609459200",
    b"id=x&lon=2.3522&timestamp=1609459200",
    b"id=x&location=48.8566&timestamp=1609459200",
    b"id=x&lat=48.8566&lon=2.3522",
    LEAST.replace(b"1609459200", b"noon"),
    LEAST.replace(b"1609459200", b"-5"),
    LEAST.replace(b"1609459200", b"1" + b"0" * 30),
    LEAST.replace(b"1609459200", b"1" + b"0" * 400),
]


@pytest.mark.parametrize("beside", ["speed=nan", "speed=abc", "accuracy=inf", "batt=full", "altitude=1e999", "altitude=NaN", "bearing=1_0"])
def test_nonsense_beside_the_position_is_unknown_and_costs_nothing(beside):
    assert fix_of(LEAST + b"&" + beside.encode()) == fix_of(LEAST)


def test_the_device_may_stand_in_any_of_three_fields():
    named = {name: osmand.claim(Request("GET", "/osmand", f"{name}=d.s".encode(), {}, b"")) for name in ("id", "deviceid", "device_id")}
    assert len({(claim.device_id, claim.secret) for claim in named.values()}) == 1


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_field_is_refused_but_never_costs_an_alarm(text):
    with pytest.raises(DecodeError) as caught:
        query(text)
    assert str(caught.value).endswith(".")
    decoded = query(text + b"&alarm=sos")
    assert [event.kind for event in decoded.events] == [EventKind.SOS]
    assert (decoded.fixes, len(decoded.refused)) == ((), 1)


def test_an_alarm_stands_beside_its_fix():
    decoded = query(LEAST + b"&alarm=removing,sos&batt=5")
    assert [event.kind for event in decoded.events] == [EventKind.SOS, EventKind.STRAP]
    assert len(decoded.fixes) == 1


def test_a_resend_has_the_same_ids_whatever_the_credential():
    assert query(FULL) == query(FULL.replace(b"id=x", b"id=y"))
    assert query(LEAST + b"&alarm=sos") == query(LEAST + b"&alarm=sos")


@pytest.mark.parametrize("body", [b"", b"x", b"&&&"])
def test_what_is_no_form_is_refused(body):
    with pytest.raises(DecodeError):
        decode_bytes("osmand", body)


def test_too_many_fields_are_refused():
    with pytest.raises(TooMuchError):
        decode_bytes("osmand", b"&".join(b"a%d=1" % n for n in range(201)))


def test_every_cut_of_a_query_is_read_or_refused():
    for end in range(len(FULL)):
        try:
            decoded = query(FULL[:end])
        except DecodeError:
            continue
        assert len(decoded.fixes) + len(decoded.events) == 1


LOCATION = {
    "timestamp": "2021-01-01T00:00:00.000Z",
    "coords": {"latitude": 48.8566, "longitude": 2.3522, "accuracy": 10.5, "speed": 1.5, "heading": 90.5, "altitude": 35.0},
    "is_moving": True,
    "odometer": 100.5,
    "event": "motionchange",
    "battery": {"level": 0.75, "is_charging": False},
    "activity": {"type": "walking"},
    "extras": {},
    "_": "&id=x.y&lat=48.8566&lon=2.3522&timestamp=2021-01-01T00:00:00.000Z&",
}


def post(location: object):
    return decode_bytes("osmand", json.dumps({"location": location, "device_id": "x"}).encode(), content_type="application/json")


def location_fix(**changes: object) -> Fix:
    decoded = post(LOCATION | changes)
    assert decoded.refused == ()
    (fix,) = decoded.fixes
    return fix


def coords(**changes: object) -> dict[str, object]:
    return {"coords": LOCATION["coords"] | changes}


def test_the_json_form_is_in_metres_a_second_and_parts_of_one():
    fix = location_fix()
    assert (fix.fix_time_ms, fix.latitude, fix.longitude) == (T, 48.8566, 2.3522)
    assert (fix.speed_mps, fix.course_deg, fix.altitude_m, fix.error_m, fix.battery_pct, fix.valid) == (1.5, 90.5, 35, 10.5, 75, None)


def test_minus_one_is_unknown_in_the_json_form():
    fix = location_fix(**coords(accuracy=-1, speed=-1, heading=-1), battery={"level": -1, "is_charging": False})
    assert (fix.error_m, fix.speed_mps, fix.course_deg, fix.battery_pct) == (None,) * 4
    assert location_fix(**coords(altitude=-1)).altitude_m == -1


def test_zero_is_a_value_in_the_json_form():
    fix = location_fix(**coords(accuracy=0, speed=0, heading=0, altitude=0), battery={"level": 0})
    assert (fix.error_m, fix.speed_mps, fix.course_deg, fix.altitude_m, fix.battery_pct) == (0, 0, 0, 0, 0)


def test_what_is_missing_or_misshapen_beside_the_position_is_unknown():
    least = {"timestamp": LOCATION["timestamp"], "coords": {"latitude": 1, "longitude": 2}}
    odd = {"battery": 5, "geofence": [], "provider": "x", "extras": [1], "uuid": 7, "mock": "no"}
    for location in (least, least | dict.fromkeys(odd), least | odd):
        decoded = post(location)
        assert decoded.events == ()
        (fix,) = decoded.fixes
        assert (fix.error_m, fix.speed_mps, fix.course_deg, fix.altitude_m, fix.battery_pct, fix.valid) == (None,) * 6


def test_its_own_uuid_is_its_id():
    assert location_fix(uuid="c0ffee").fix_id == "c0ffee"
    assert location_fix(uuid="").fix_id == location_fix().fix_id
    assert location_fix(uuid="x" * 200).fix_id == location_fix().fix_id


@pytest.mark.parametrize("name", ["accuracy", "speed", "heading", "altitude"])
@pytest.mark.parametrize("value", ["x", [], {}, True, "NaN"])
def test_nonsense_beside_the_coordinates_is_unknown(name, value):
    assert post(LOCATION | coords(**{name: value})).fixes == post(LOCATION | coords(**{name: None})).fixes


def test_a_bare_nan_and_an_alarm_in_one_body():
    body = json.dumps({"device_id": "d.s", "location": LOCATION | coords(speed="@") | {"extras": {"alarm": "sos"}}})
    decoded = decode_bytes("osmand", body.replace('"@"', "NaN").encode())
    assert ([event.kind for event in decoded.events], decoded.fixes[0].speed_mps) == ([EventKind.SOS], None)


def told(**changes: object) -> list[tuple[EventKind, str | None]]:
    return [(event.kind, event.detail) for event in post(LOCATION | changes).events]


def test_an_sos_comes_in_the_extras():
    assert told(extras={"alarm": "sos"}) == [(EventKind.SOS, "sos")]
    assert told(extras={"alarm": 5, "heartbeat": True}) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"coords": None},
        {"coords": {}},
        coords(latitude=91),
        coords(latitude="x"),
        {"timestamp": None},
        {"timestamp": 5},
        {"timestamp": "x"},
    ],
)
def test_an_sos_in_the_json_form_needs_no_position(changes):
    decoded = post(LOCATION | changes | {"extras": {"alarm": "sos"}})
    assert [event.kind for event in decoded.events] == [EventKind.SOS]
    assert (decoded.fixes, len(decoded.refused)) == ((), 1)
    with pytest.raises(DecodeError):
        post(LOCATION | changes)


def test_a_faked_position_is_tampering_and_not_used():
    assert told(mock=True) == [(EventKind.TAMPER, "mock")]
    assert location_fix(mock=False).valid is None
    assert post(LOCATION | {"mock": True}).fixes[0].valid is False


@pytest.mark.parametrize(
    ("action", "kinds"), [("ENTER", [EventKind.REGION_ENTER]), ("EXIT", [EventKind.REGION_LEAVE]), ("DWELL", []), (None, [])]
)
def test_a_region_is_an_event(action, kinds):
    found = told(geofence={"identifier": "home", "action": action})
    assert found == [(kind, "home") for kind in kinds]


@pytest.mark.parametrize(
    ("provider", "kinds"),
    [
        ({"enabled": False, "status": 3}, [EventKind.PERMISSION_LOST]),
        ({"enabled": True, "status": 2}, [EventKind.PERMISSION_LOST]),
        ({"enabled": True, "status": 3, "gps": True, "network": True}, []),
        ({}, []),
    ],
)
def test_a_lost_permission_is_an_event(provider, kinds):
    assert [kind for kind, _ in told(event="providerchange", provider=provider)] == kinds


def test_a_batch_of_locations_keeps_its_good_part():
    decoded = post([LOCATION, LOCATION | coords(latitude=91), 5, LOCATION | {"timestamp": "2021-01-01T00:00:01Z"}])
    assert [fix.fix_time_ms for fix in decoded.fixes] == [T, T + 1000]
    assert [refusal.index for refusal in decoded.refused] == [1, 2]
    with pytest.raises(TooMuchError):
        post([0] * 10_001)


def test_every_cut_of_the_json_form_is_refused():
    body = json.dumps({"location": LOCATION, "device_id": "x"}).encode()
    for end in range(1, len(body)):
        with pytest.raises(DecodeError):
            decode_bytes("osmand", body[:end])
    for wrong in (body + b"x", b"{}", b'{"location": 5}', b'{"location": null}', b'{"x": "\xff"}', b'{"location":' + b"[" * 100_000):
        with pytest.raises(DecodeError):
            decode_bytes("osmand", wrong)
