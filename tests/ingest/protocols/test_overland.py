"""Overland batches, property by property."""

from __future__ import annotations

import json

import pytest

from jikimi.ingest.ports import DecodeError
from jikimi.ingest.protocols import decode_bytes
from jikimi.ingest.protocols.reading import TooMuchError
from jikimi.model.event import EventKind
from jikimi.model.fix import Fix

T = 1_443_711_600_000
FULL = {
    "timestamp": "2015-10-01T08:00:00-0700",
    "altitude": 21.5,
    "speed": 4,
    "speed_accuracy": 1,
    "course": 359,
    "course_accuracy": 5,
    "horizontal_accuracy": 30,
    "vertical_accuracy": 5,
    "motion": ["driving", "stationary"],
    "pauses": False,
    "activity": "other_navigation",
    "desired_accuracy": 100,
    "deferred": 1000,
    "significant_change": "disabled",
    "locations_in_payload": 1,
    "battery_state": "charging",
    "battery_level": 0.89,
    "device_id": "d",
    "unique_id": "u",
    "wifi": "net",
}


def feature(properties: object, coordinates: object = (-122.030581, 37.3318)) -> dict[str, object]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": coordinates}, "properties": properties}


def decode(*features: object, **more: object):
    return decode_bytes("overland", json.dumps({"locations": features} | more).encode())


def fix_of(properties: object, **more: object) -> Fix:
    decoded = decode(feature(properties, **more))
    assert decoded.refused == ()
    (fix,) = decoded.fixes
    return fix


def test_every_property_used_is_converted():
    fix = fix_of(FULL)
    assert (fix.fix_time_ms, fix.latitude, fix.longitude) == (T, 37.3318, -122.030581)
    assert (fix.altitude_m, fix.speed_mps, fix.course_deg, fix.error_m, fix.valid) == (21.5, 4, 359, 30, None)
    assert fix.battery_pct == pytest.approx(89)


def test_what_is_missing_stays_missing():
    fix = fix_of({"timestamp": FULL["timestamp"]})
    assert (fix.altitude_m, fix.speed_mps, fix.course_deg, fix.error_m, fix.battery_pct, fix.valid) == (None,) * 6


def test_zero_is_a_value():
    fix = fix_of(FULL | {"altitude": 0, "speed": 0, "course": 0, "horizontal_accuracy": 0, "battery_level": 0})
    assert (fix.altitude_m, fix.speed_mps, fix.course_deg, fix.error_m, fix.battery_pct) == (0, 0, 0, 0, 0)


def test_negative_is_unknown():
    fix = fix_of(FULL | {"speed": -1, "course": -1, "battery_level": -1, "vertical_accuracy": -1})
    assert (fix.speed_mps, fix.course_deg, fix.battery_pct, fix.altitude_m) == (None,) * 4
    assert fix_of(FULL | {"altitude": -20}).altitude_m == -20


def test_a_negative_horizontal_accuracy_means_an_invalid_position():
    fix = fix_of(FULL | {"horizontal_accuracy": -1})
    assert (fix.error_m, fix.valid) == (None, False)


@pytest.mark.parametrize(
    "text", ["2015-10-01T15:00:00Z", "2015-10-01T15:00:00.000Z", "2015-10-02T00:00:00+0900", "2015-10-02T00:00:00+09:00"]
)
def test_times_with_any_offset_are_read(text):
    assert fix_of(FULL | {"timestamp": text}).fix_time_ms == T


def test_a_third_coordinate_is_passed_over():
    assert fix_of(FULL, coordinates=[1, 2, 99]).altitude_m == 21.5


@pytest.mark.parametrize(
    "bad",
    [
        feature(FULL | {"timestamp": None}),
        feature(FULL | {"timestamp": "2015-10-01T08:00:00"}),
        feature(FULL | {"timestamp": "today"}),
        feature(FULL | {"timestamp": "1960-01-01T00:00:00Z"}),
        feature(FULL, [181, 0]),
        feature(FULL, [0, 91]),
        feature(FULL, [0]),
        feature(FULL, "0,0"),
        feature(FULL, [None, 0]),
        {"type": "Feature", "properties": FULL},
        {"type": "Feature", "geometry": None, "properties": FULL},
        {"geometry": {"coordinates": [1, 2]}},
        {},
        [],
        None,
        7,
    ],
)
def test_a_wrong_feature_costs_itself_alone(bad):
    decoded = decode(feature(FULL), bad, feature(FULL | {"timestamp": "2015-10-01T08:00:01-0700"}))
    assert [fix.fix_time_ms for fix in decoded.fixes] == [T, T + 1000]
    (refusal,) = decoded.refused
    assert refusal.index == 1
    assert refusal.reason.endswith(".")


def test_the_current_position_is_one_more():
    decoded = decode(feature(FULL), current=feature(FULL | {"timestamp": "2015-10-01T09:00:00-0700"}))
    assert [fix.fix_time_ms for fix in decoded.fixes] == [T, T + 3_600_000]
    assert decode(feature(FULL), current=None).refused == ()
    assert decode(feature(FULL), current={}).refused[0].index == 1


def test_a_trip_under_way_is_passed_over():
    trip = {"distance": 5, "mode": "walk", "start": FULL["timestamp"], "current_location": feature(FULL), "start_location": feature(FULL)}
    assert len(decode(feature(FULL), trip=trip).fixes) == 1


@pytest.mark.parametrize(
    ("extra", "detail"), [({"action": "visit"}, "visit"), ({"type": "trip"}, "trip"), ({"action": "x" * 99}, "x" * 64)]
)
def test_records_that_are_no_measurements_are_events(extra, detail):
    decoded = decode(feature(FULL | extra))
    assert decoded.fixes == ()
    assert [(event.kind, event.detail, event.event_time_ms) for event in decoded.events] == [(EventKind.OTHER, detail, T)]


def test_a_resend_has_the_same_ids():
    assert decode(feature(FULL)) == decode(feature(FULL))


def test_the_body_is_read_whole_or_refused():
    body = json.dumps({"locations": [feature(FULL)]}).encode()
    for end in range(len(body)):
        with pytest.raises(DecodeError):
            decode_bytes("overland", body[:end])
    for wrong in (body + b"x", b"{}", b"[]", b'{"locations": null}', b'{"locations": {}}', b"\xff", b"[" * 100_000):
        with pytest.raises(DecodeError):
            decode_bytes("overland", wrong)
    assert decode() == decode_bytes("overland", b'{"locations": []}')


def test_the_limit_is_ten_thousand():
    with pytest.raises(TooMuchError):
        decode(*[1] * 10_000, current=1)


@pytest.mark.parametrize("name", ["speed", "course", "altitude", "horizontal_accuracy", "vertical_accuracy", "battery_level"])
@pytest.mark.parametrize("value", ["NaN", "fast", [], {}])
def test_nonsense_beside_the_position_is_unknown_and_costs_nothing(name, value):
    found, untold = decode(feature(FULL | {name: value})), decode(feature(FULL | {name: None}))
    assert (found.refused, found.fixes) == ((), untold.fixes)
