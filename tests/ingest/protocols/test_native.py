"""The native format, field by field."""

from __future__ import annotations

import json

import pytest

from jikimi.ingest.ports import DecodeError, Receipt, Refusal
from jikimi.ingest.protocols import decode_bytes, native
from jikimi.ingest.protocols.reading import UNTIMED, TooMuchError
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix, Source

T = 1_795_000_000_000
FULL = {
    "id": "a-1",
    "time": T,
    "lat": 37.5665,
    "lon": 126.978,
    "error_m": 4.5,
    "source": "gnss",
    "speed_mps": 1.25,
    "course_deg": 359.9,
    "altitude_m": -12.5,
    "battery_pct": 71,
    "valid": True,
}
LEAST = {"id": "a-2", "time": T, "lat": 0, "lon": -180}
EVENT = {"id": "e-1", "event": "strap", "time": T, "detail": "opened", "battery_pct": 0}
NDJSON = "application/x-ndjson"


def fixes(*items: object) -> bytes:
    return json.dumps({"fixes": items}).encode()


def events(*items: object) -> bytes:
    return json.dumps({"events": items}).encode()


def lines(*items: object) -> bytes:
    return b"\n".join(item if isinstance(item, bytes) else json.dumps(item).encode() for item in items)


def test_every_field_is_kept_as_sent():
    decoded = decode_bytes("native", json.dumps({"fixes": [FULL], "events": [EVENT]}).encode())
    assert decoded.fixes == (Fix("a-1", T, 37.5665, 126.978, 4.5, Source.GNSS, 1.25, 359.9, -12.5, 71, True),)
    assert decoded.events == (DeviceEvent("e-1", EventKind.STRAP, T, "opened", 0),)
    assert decoded.refused == ()
    assert decoded.device_name is None


def test_what_is_missing_or_null_stays_unknown():
    nulls = dict.fromkeys(("error_m", "source", "speed_mps", "course_deg", "altitude_m", "battery_pct", "valid"))
    decoded = decode_bytes("native", fixes(LEAST, LEAST | nulls))
    assert decoded.fixes == (Fix("a-2", T, 0.0, -180.0),) * 2
    assert decode_bytes("native", events({"id": "e", "event": "sos"})).events == (DeviceEvent("e", EventKind.SOS),)


def test_zero_is_a_value():
    zeros = dict.fromkeys(("error_m", "speed_mps", "course_deg", "altitude_m", "battery_pct"), 0)
    (fix,) = decode_bytes("native", fixes(LEAST | zeros | {"valid": False})).fixes
    assert (fix.error_m, fix.speed_mps, fix.course_deg, fix.altitude_m, fix.battery_pct, fix.valid) == (0, 0, 0, 0, 0, False)


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("2026-11-18T08:26:40Z", 1_794_990_400_000),
        ("2026-11-18T08:26:40.123Z", 1_794_990_400_123),
        ("2026-11-18T08:26:40.1239Z", 1_794_990_400_123),
        ("2026-11-18T17:26:40+09:00", 1_794_990_400_000),
    ],
)
def test_a_time_may_be_iso(text, time_ms):
    assert decode_bytes("native", fixes(LEAST | {"time": text})).fixes[0].fix_time_ms == time_ms
    assert decode_bytes("native", events(EVENT | {"time": text})).events[0].event_time_ms == time_ms


@pytest.mark.parametrize("source", list(Source))
def test_every_source_has_its_word(source):
    assert decode_bytes("native", fixes(LEAST | {"source": source.value})).fixes[0].source is source


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_has_its_word(kind):
    assert decode_bytes("native", events(EVENT | {"event": kind.value})).events[0].kind is kind


WRONG_FIX = [
    ("id", ""),
    ("id", "x" * 129),
    ("id", 5),
    ("time", 1_795_000_000),
    ("time", -T),
    ("time", 4_102_444_800_000),
    ("time", "2026-11-18T08:26:40"),
    ("time", "1969-01-01T00:00:00Z"),
    ("time", "2100-01-01T00:00:00Z"),
    ("time", "yesterday"),
    ("time", None),
    ("lat", 90.0001),
    ("lat", -90.0001),
    ("lat", "37.5"),
    ("lat", None),
    ("lon", 180.0001),
    ("lon", True),
    ("error_m", -1),
    ("error_m", 1e300),
    ("source", "magic"),
    ("speed_mps", -1),
    ("speed_mps", 12_001),
    ("course_deg", 360),
    ("course_deg", -1),
    ("altitude_m", 1e9),
    ("battery_pct", 101),
    ("battery_pct", -1),
    ("valid", "yes"),
    ("valid", 1),
]


@pytest.mark.parametrize(("name", "value"), WRONG_FIX)
@pytest.mark.parametrize("content_type", [None, NDJSON])
def test_a_wrong_field_costs_its_item_alone_and_names_the_field(name, value, content_type):
    bad = FULL | {name: value}
    body = fixes(LEAST, bad, FULL) if content_type is None else lines(LEAST, bad, FULL)
    decoded = decode_bytes("native", body, content_type=content_type)
    assert [fix.fix_id for fix in decoded.fixes] == ["a-2", "a-1"]
    (refusal,) = decoded.refused
    assert refusal.index == 1
    assert refusal.reason.startswith(f'"{name}" must be ')
    assert refusal.reason.endswith(".")
    assert str(value) not in refusal.reason or str(value) in {"", "5", "1", "-1", "360", "True"}


@pytest.mark.parametrize("name", ["id", "time", "lat", "lon"])
def test_a_missing_field_is_named(name):
    bad = {key: value for key, value in FULL.items() if key != name}
    assert decode_bytes("native", fixes(bad)).refused == (Refusal(0, f'"{name}" is missing.'),)


@pytest.mark.parametrize(
    ("name", "value"), [("event", "party"), ("event", None), ("time", 5), ("detail", "x" * 65), ("battery_pct", 100.5), ("id", "")]
)
def test_a_wrong_event_is_refused_with_an_index_after_the_fixes(name, value):
    decoded = decode_bytes("native", json.dumps({"fixes": [FULL, FULL], "events": [EVENT, EVENT | {name: value}]}).encode())
    assert len(decoded.fixes) == 2
    assert len(decoded.events) == 1
    (refusal,) = decoded.refused
    assert refusal.index == 3
    assert refusal.reason.startswith(f'"{name}" must be ')


@pytest.mark.parametrize(("name", "value"), [("time", 5), ("time", "now"), ("detail", 7), ("battery_pct", 1000)])
def test_an_sos_is_kept_whatever_else_is_wrong(name, value):
    decoded = decode_bytes("native", events(EVENT | {"event": "sos", name: value}))
    assert decoded.events == (DeviceEvent("e-1", EventKind.SOS),)
    assert decoded.refused[0].reason.startswith("The SOS was kept, but not all of it: ")


@pytest.mark.parametrize("item", [{"event": "sos"}, {"event": "sos", "id": ""}])
def test_an_sos_without_a_name_is_kept(item):
    decoded = decode_bytes("native", events(item))
    assert decoded.events[0].kind is EventKind.SOS
    assert decoded.events[0].event_id.startswith(UNTIMED)


def test_a_broken_cancellation_cancels_nothing():
    decoded = decode_bytes("native", events(EVENT | {"event": "sos_cancel", "time": "now"}))
    assert decoded.events == ()
    assert len(decoded.refused) == 1


def test_lines_may_hold_fixes_and_events_and_nothing():
    decoded = decode_bytes("native", lines(FULL, b"", EVENT, b"  ", LEAST, b""), content_type=f"{NDJSON}; charset=utf-8")
    assert [fix.fix_id for fix in decoded.fixes] == ["a-1", "a-2"]
    assert [event.event_id for event in decoded.events] == ["e-1"]
    assert decoded.refused == ()


def test_a_line_that_is_no_json_costs_itself_alone():
    decoded = decode_bytes("native", lines(FULL, b"{", b"[]", b"\xff", b'{"id": "\xff"}', LEAST), content_type=NDJSON)
    assert len(decoded.fixes) == 2
    assert [refusal.index for refusal in decoded.refused] == [1, 2, 3, 4]


def test_a_cut_last_line_keeps_the_others():
    whole = lines(FULL, LEAST)
    for end in range(len(lines(FULL)) + 1, len(whole)):
        decoded = decode_bytes("native", whole[:end], content_type=NDJSON)
        assert len(decoded.fixes) == 1
        assert len(decoded.refused) == (1 if whole[len(lines(FULL)) : end].strip() else 0)


def test_every_cut_of_an_object_is_refused_whole():
    body = json.dumps({"fixes": [FULL], "events": [EVENT]}).encode()
    for end in range(len(body)):
        with pytest.raises(DecodeError):
            decode_bytes("native", body[:end])


@pytest.mark.parametrize("tail", [b"x", b"{}", b"\0", b",", b"]"])
def test_what_follows_the_object_refuses_it(tail):
    with pytest.raises(DecodeError, match="not valid JSON"):
        decode_bytes("native", fixes(FULL) + tail)


def test_white_space_may_follow():
    assert len(decode_bytes("native", b" \n" + fixes(FULL) + b"\r\n ").fixes) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"fix": []}',
        b'{"fixes": {}}',
        b'{"fixes": 5, "events": 5}',
        b'{"fixes": null, "events": null}',
        b'{"fixes": [' + b"[" * 100_000,
        b'{"fixes": [{"id": "\xff"}], "events": \xff}',
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_no_batch_is_refused_in_one_sentence(body):
    with pytest.raises(DecodeError) as caught:
        decode_bytes("native", body)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
@pytest.mark.parametrize("name", ["lat", "error_m", "speed_mps", "time"])
def test_what_is_not_finite_never_comes_in(name, word):
    body = fixes(FULL | {name: "@"}).replace(b'"@"', word.encode())
    try:
        decoded = decode_bytes("native", body)
    except DecodeError:
        return
    assert all(getattr(fix, name) is None for fix in decoded.fixes)


SOS = {"id": "s1", "event": "sos"}
BARE = json.dumps(SOS)


@pytest.mark.parametrize(
    "body",
    [
        '{"fixes": [{"id": "n1", "time": 1795000000250, "lat": NaN, "lon": 1}], "events": [' + BARE + "]}",
        '{"events": [{"id": "s1", "event": "sos", "battery_pct": NaN}]}',
        '{"events": [{"id": "s1", "event": "sos", "detail": "\\ud83d"}]}',
        '{"events": [{"id": "s1", "event": "sos", "detail": "a\nb"}]}',
        '{"events": [{"id": "s1", "event": "SOS"}]}',
        '{"fixes": 5, "events": [' + BARE + "]}",
        '{"fixes": {}, "events": [' + BARE + "]}",
    ],
)
def test_an_sos_is_never_lost_to_a_slip_beside_it(body):
    decoded = decode_bytes("native", body.encode())
    assert [(event.event_id, event.kind) for event in decoded.events] == [("s1", EventKind.SOS)]


def test_an_sos_on_a_line_of_its_own_is_never_lost_to_a_slip():
    body = b'{"id": "s1", "event": "sos", "battery_pct": NaN}\n{"id": "s2", "event": "sos", "detail": "\\ud83d"}'
    assert [event.event_id for event in decode_bytes("native", body, content_type=NDJSON).events] == ["s1", "s2"]


def test_a_bare_nan_costs_its_own_item_alone():
    body = fixes(FULL, FULL | {"id": "b", "lat": "@"}, FULL | {"id": "c", "speed_mps": "@"}).replace(b'"@"', b"NaN")
    decoded = decode_bytes("native", body)
    assert [(fix.fix_id, fix.speed_mps) for fix in decoded.fixes] == [(FULL["id"], FULL["speed_mps"]), ("c", None)]
    assert [one.index for one in decoded.refused] == [1]


def test_a_nested_item_costs_itself_alone():
    deep = b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    decoded = decode_bytes("native", lines(FULL, deep), content_type=NDJSON)
    assert (len(decoded.fixes), decoded.refused[0].index) == (1, 1)


def test_the_limit_is_ten_thousand_items_together():
    least = [LEAST] * 9_999
    assert len(decode_bytes("native", json.dumps({"fixes": least, "events": [EVENT]}).encode()).fixes) == 9_999
    with pytest.raises(TooMuchError):
        decode_bytes("native", json.dumps({"fixes": least, "events": [EVENT, EVENT]}).encode())
    with pytest.raises(TooMuchError):
        decode_bytes("native", json.dumps({"fixes": [*least, {}, {}]}).encode())
    with pytest.raises(TooMuchError):
        decode_bytes("native", lines(*least, LEAST, LEAST), content_type=NDJSON)
    with pytest.raises(TooMuchError):
        decode_bytes("native", lines(*least, EVENT, EVENT), content_type=NDJSON)


def test_unknown_fields_are_passed_over():
    assert decode_bytes("native", fixes(FULL | {"later": {"x": [1]}})).fixes[0].fix_id == "a-1"


def test_the_answer_counts():
    decoded = decode_bytes("native", fixes(FULL, {}))
    assert json.loads(native.answer(Receipt(accepted=1, repeated=2), decoded)) == {
        "accepted": 1,
        "repeated": 2,
        "refused": [{"index": 1, "reason": '"id" is missing.'}],
    }
