"""Every reader: the documented form, the recorded files, and input that is broken in one place."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.model.fix import Source
from jikimi.scenarios.tracks import Track, TrackError, TrackPoint, parse, read

DATA = Path(__file__).parents[2] / "data"
MUNICH = Path(__file__).parents[3] / "src/jikimi/scenarios/data/munich-drive.json"

GPX_10 = b"""<?xml version="1.0"?>
<gpx version="1.0" xmlns="http://www.topografix.com/GPX/1/0"><trk><trkseg>
<trkpt lat="37.5" lon="127.25"><time>2026-01-02T03:04:05Z</time><course>360</course><speed>1.5</speed></trkpt>
</trkseg></trk></gpx>"""
GPX_11 = b"""<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1" xmlns:x="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">
<metadata><time>2020-01-01T00:00:00Z</time></metadata>
<wpt lat="1" lon="2"/>
<trk><trkseg>
<trkpt lat="37.5" lon="127.25"><ele>3</ele><time>2026-01-02T03:04:05.250</time>
 <extensions><x:TrackPointExtension><x:speed>1.5</x:speed><x:course>90</x:course></x:TrackPointExtension></extensions></trkpt>
</trkseg><trkseg>
<trkpt lat="-37.5" lon="-180"><time>2026-01-02T03:04:04+09:00</time></trkpt>
</trkseg></trk></gpx>"""
CSV = b"time,latitude,longitude,error_m,speed_mps,course_deg\r\n2026-01-02T03:04:05Z,37.5,127.25,4,1.5,90\n1767323046000,37.5,127.5,,,\n"
LINE = {
    "type": "Feature",
    "geometry": {"type": "LineString", "coordinates": [[127.25, 37.5], [127.5, 37.5, 12.0]]},
    "properties": {"coordTimes": ["2026-01-02T03:04:05Z", 1767323046000]},
}
POINTS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [127.25, 37.5]},
            "properties": {"time": "2026-01-02T03:04:05Z", "error_m": 4, "speed_mps": 0, "course_deg": 0},
        }
    ],
}
MUNICH_LIKE = [
    {"point": "POINT(11.5 48.25)", "time": "2014-09-10 06:54:07+0200", "id": "a"},
    {"point": "POINT (11.5  48.5)", "time": "2014-09-10 06:54:08+0200", "id": "a"},
]
AT = 1767323045000


def as_bytes(document: object) -> bytes:
    return json.dumps(document).encode()


def refusal(data: bytes, suffix: str) -> str:
    with pytest.raises(TrackError) as caught:
        parse(data, suffix)
    return str(caught.value)


def with_(document: dict, path: str, value: object) -> dict:
    """A copy of the document with one value replaced; ``path`` is dotted."""
    copy = json.loads(json.dumps(document))
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner = copy
    for step in steps:
        inner = inner[step]
    inner[last] = value
    return copy


def test_gpx_1_0_has_speed_and_course_of_its_own():
    assert parse(GPX_10, ".gpx") == (TrackPoint(AT, 37.5, 127.25, None, 1.5, 0.0),)


def test_gpx_1_1_reads_extensions_and_sorts_segments_by_time():
    assert parse(GPX_11, ".GPX") == (
        TrackPoint(AT - 1000 - 9 * 3600 * 1000, -37.5, -180.0),
        TrackPoint(AT + 250, 37.5, 127.25, None, 1.5, 90.0),
    )


def test_csv_reads_iso_and_milliseconds_and_keeps_the_unknown():
    assert parse(CSV, ".csv") == (TrackPoint(AT, 37.5, 127.25, 4.0, 1.5, 90.0), TrackPoint(AT + 1000, 37.5, 127.5))


def test_csv_column_order_is_free_and_a_byte_order_mark_is_skipped():
    data = '\ufefflongitude,note,latitude,time\n127.25,"a, b",37.5,1767323045000\n\n'.encode()
    assert parse(data, ".csv") == (TrackPoint(AT, 37.5, 127.25),)


@pytest.mark.parametrize("properties", [{"times": LINE["properties"]["coordTimes"]}, {"coordinateProperties": LINE["properties"]}])
def test_geojson_line_finds_times_where_converters_put_them(properties):
    expected = (TrackPoint(AT, 37.5, 127.25), TrackPoint(AT + 1000, 37.5, 127.5))
    assert parse(as_bytes(LINE), ".geojson") == expected
    assert parse(as_bytes({**LINE, "properties": properties}), ".json") == expected


def test_geojson_multi_line_has_a_list_of_times_for_each_line():
    document = with_(LINE, "geometry", {"type": "MultiLineString", "coordinates": [[[127.25, 37.5]], [[127.5, 37.5]]]})
    times = [[time] for time in LINE["properties"]["coordTimes"]]
    assert len(parse(as_bytes(with_(document, "properties.coordTimes", times)), ".geojson")) == 2
    assert (
        refusal(as_bytes(with_(document, "properties.coordTimes", times[:1])), ".geojson") == "feature 1: the times do not match the lines."
    )


def test_geojson_points_keep_zero_as_zero():
    assert parse(as_bytes(POINTS), ".geojson") == (TrackPoint(AT, 37.5, 127.25, 4.0, 0.0, 0.0),)


def test_barefoot_json_has_longitude_first():
    assert parse(as_bytes(MUNICH_LIKE), ".json") == (TrackPoint(1410324847000, 48.25, 11.5), TrackPoint(1410324848000, 48.5, 11.5))


def test_the_recorded_drive_is_whole():
    track = read(MUNICH)
    assert len(track) == 1194
    assert track[0] == TrackPoint(1410324847000, 48.16350662940509, 11.564388282625075)
    assert {b.time_ms - a.time_ms for a, b in itertools.pairwise(track)} == {1000, 2000}


def test_the_recorded_receivers_are_whole():
    folder = DATA / "comma2k19-gnss"
    truth, ublox, qcom = (read(folder / name) for name in ("ground_truth_20hz.csv", "live_gnss_ublox.csv", "live_gnss_qcom.csv"))
    assert (len(truth), len(ublox), len(qcom)) == (1200, 579, 30)
    assert (truth[0].time_ms, truth[-1].time_ms - truth[0].time_ms) == (1533226488397, 59949)
    assert (qcom[0].speed_mps, qcom[0].course_deg, qcom[0].error_m) == (7.43, 6.2, None)


def test_the_recorded_phone_names_its_providers():
    track = read(DATA / "pixel-walk-fixes" / "fixes.csv")
    assert [sum(point.source is source for point in track) for source in (Source.GNSS, Source.FUSED, Source.UNKNOWN)] == [94, 95, 54]
    assert track[0].error_m == 4.2366138
    assert list(track) == sorted(track, key=lambda point: point.time_ms)


def gpx(point: bytes, head: bytes = b"") -> bytes:
    return head + b'<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>\n' + point + b"</trkseg></trk></gpx>"


TIME = b"<time>2026-01-02T03:04:05Z</time>"
BOMB = b'<?xml version="1.0"?>\n<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>\n'
NO_POSITION = "feature 1, position 1: the position is not a list of longitude and latitude."
NO_LINE = "feature 1: the geometry is not a Point, LineString or MultiLineString."
NOT_UTF8 = b"time,latitude,longitude\n1767323045000,1,1\n1767323045000,1,\xff\n"


@pytest.mark.parametrize(
    ("data", "suffix", "sentence"),
    [
        (gpx(b"", BOMB), ".gpx", "line 2: a document type declaration is not allowed."),
        (gpx(b'<trkpt lat="1" lon="1"/>'), ".gpx", "line 2: the time is missing or not a text."),
        (gpx(b'\n<trkpt lat="1" lon="1"><time>yesterday</time></trkpt>'), ".gpx", "line 3: the time is not ISO 8601."),
        (gpx(b'<trkpt lat="91" lon="1">' + TIME + b"</trkpt>"), ".gpx", "line 2: latitude lies outside -90 to 90 degrees."),
        (gpx(b'<trkpt lon="1">' + TIME + b"</trkpt>"), ".gpx", "line 2: latitude is not a number."),
        (gpx(b'<trkpt lat="nan" lon="1">' + TIME + b"</trkpt>"), ".gpx", "line 2: latitude is not a number."),
        (gpx(b'<trkpt lat="1_0" lon="1">' + TIME + b"</trkpt>"), ".gpx", "line 2: latitude is not a number."),
        (gpx(b'<trkpt lat="1" lon="1">' + TIME + b"<speed>-1</speed></trkpt>"), ".gpx", "line 2: speed is negative."),
        (gpx(b'<trkpt lat="1" lon="1">' + TIME + b"<course>361</course></trkpt>"), ".gpx", "line 2: course is above 360."),
        (b"<kml/>", ".gpx", "line 1: the file is not GPX 1.0 or 1.1."),
        (gpx(b""), ".gpx", "The file holds no track point."),
        (gpx(b"&a;"), ".gpx", "line 2: the XML is broken (undefined entity)."),
        (b'<?xml version="1.0" encoding="cp949"?><gpx/>', ".gpx", "line 1: the XML names an encoding that is not read."),
        (b'<?xml version="1.0" encoding="nonsense"?><gpx/>', ".gpx", "line 1: the XML names an encoding that is not read."),
        (b"", ".gpx", "line 1: the XML is broken (no element found)."),
        (b"", ".csv", "line 1: the header needs the columns time, latitude and longitude."),
        (b"time,latitude\n", ".csv", "line 1: the header needs the columns time, latitude and longitude."),
        (b"time,utc_ms,latitude,longitude\n", ".csv", "line 1: a column stands twice in the header."),
        (b"time,latitude,longitude\n", ".csv", "The file holds no track point."),
        (b"time,latitude,longitude\n\n1767323045000,1\n", ".csv", "line 3: 2 values stand under 3 columns."),
        (b"time,latitude,longitude\n2026-01-02T03:04:05,1,1\n", ".csv", "line 2: the time has no zone."),
        (b"time,latitude,longitude\n2026-13-02T03:04:05Z,1,1\n", ".csv", "line 2: the time is not ISO 8601."),
        (b"time,latitude,longitude\n1767323045000000,1,1\n", ".csv", "line 2: the time lies outside the years 1970 to 2099."),
        (b"time,latitude,longitude\n1960-01-01T00:00:00Z,1,1\n", ".csv", "line 2: the time lies outside the years 1970 to 2099."),
        (b"time,latitude,longitude\n1767323045000,1,181\n", ".csv", "line 2: longitude lies outside -180 to 180 degrees."),
        (b"gps_week,gps_tow_s,latitude,longitude\n1000,5,1,1\n", ".csv", "line 2: GPS weeks before 2017 are not read."),
        (b"gps_week,gps_tow_s,latitude,longitude\n,5,1,1\n", ".csv", "line 2: the GPS week or the second in it is missing."),
        (b"time,latitude,longitude,Provider\n1767323045000,1,1,X\n", ".csv", "line 2: the provider is not GPS, FLP or NLP."),
        (NOT_UTF8, ".csv", "line 3: the text is not UTF-8."),
        (as_bytes(with_(LINE, "properties", {})), ".geojson", "feature 1: properties hold no list coordTimes or times."),
        (as_bytes(with_(LINE, "properties.coordTimes", [1767323045000])), ".geojson", "feature 1: 1 times stand for 2 positions."),
        (as_bytes(with_(LINE, "properties.coordTimes.1", None)), ".geojson", "feature 1, position 2: the time is missing or not a text."),
        (as_bytes(with_(LINE, "properties.coordTimes.1", True)), ".geojson", "feature 1, position 2: the time is missing or not a text."),
        (as_bytes(with_(LINE, "geometry.coordinates.0", [127.0])), ".geojson", NO_POSITION),
        (as_bytes(with_(LINE, "geometry.coordinates", 7)), ".geojson", "feature 1: the coordinates are not a list."),
        (as_bytes(with_(LINE, "geometry", None)), ".geojson", "feature 1, geometry: it is not an object."),
        (as_bytes(with_(LINE, "geometry.type", "Polygon")), ".geojson", NO_LINE),
        (as_bytes(with_(POINTS, "features.0.properties", None)), ".geojson", "feature 1: the time is missing or not a text."),
        (as_bytes(LINE["geometry"]), ".geojson", "document: it is not a GeoJSON Feature or FeatureCollection, where times could stand."),
        (as_bytes(7), ".geojson", "document: it is not an object."),
        (as_bytes({"type": "FeatureCollection", "features": []}), ".geojson", "The file holds no track point."),
        (b"[" * 100_000, ".json", "document: the JSON is nested too deeply."),
        (b"[]", ".json", "The file holds no track point."),
        (as_bytes([7]), ".json", "record 1: it is not an object."),
        (as_bytes([MUNICH_LIKE[0], {**MUNICH_LIKE[1], "id": "b"}]), ".json", "record 2: a second id; one file holds one track."),
        (as_bytes([{**MUNICH_LIKE[0], "point": "POINT(11.5)"}]), ".json", "record 1: point is not the well-known text of a point."),
        (as_bytes([{**MUNICH_LIKE[0], "point": "POINT(x 48)"}]), ".json", "record 1: longitude is not a number."),
        (as_bytes([{**MUNICH_LIKE[0], "time": "2014-09-10 06:54:07"}]), ".json", "record 1: the time has no zone."),
        (b"", ".txt", "The file's name does not end in .gpx, .csv, .geojson or .json."),
    ],
)  # fmt: skip
def test_a_broken_file_gets_one_sentence_with_its_place(data, suffix, sentence):
    assert refusal(data, suffix) == sentence


def test_broken_json_and_csv_say_so():
    assert refusal(b'[{"point": ', ".json").startswith("document: the JSON is broken (")
    assert refusal(b'["\xff"]', ".json").startswith("document: the JSON is broken (")
    assert refusal(b'time,latitude,longitude\n"1,1,1', ".csv") == "line 2: the CSV is broken (unexpected end of data)."


FORMS = [
    (GPX_10, ".gpx"),
    (GPX_11, ".gpx"),
    (CSV, ".csv"),
    (as_bytes(LINE), ".geojson"),
    (as_bytes(POINTS), ".geojson"),
    (as_bytes(MUNICH_LIKE), ".json"),
]


def held(data: bytes, suffix: str) -> Track | None:
    """The track, or None when it was refused; anything else escapes and fails the test."""
    try:
        return parse(data, suffix)
    except TrackError as error:
        sentence = str(error)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return None


@pytest.mark.parametrize(("data", "suffix"), FORMS)
def test_truncated_at_every_byte_it_is_refused_or_shorter(data, suffix):
    whole = parse(data, suffix)
    for end in range(len(data)):
        track = held(data[:end], suffix)
        assert track is None or len(track) <= len(whole)


@settings(max_examples=150, deadline=None)
@given(form=st.sampled_from(FORMS), at=st.integers(0, 2000), junk=st.binary(min_size=1, max_size=6))
def test_with_junk_put_in_anywhere_it_is_refused_or_a_track_within_bounds(form, at, junk):
    data, suffix = form
    at %= len(data)
    for point in held(data[:at] + junk + data[at + len(junk) :], suffix) or ():
        assert -90.0 <= point.latitude <= 90.0
        assert -180.0 <= point.longitude <= 180.0
        assert point.course_deg is None or 0.0 <= point.course_deg < 360.0


def test_a_huge_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "long.csv"
    path.write_bytes(CSV)
    monkeypatch.setattr("jikimi.scenarios.tracks.MOST_BYTES", len(CSV) - 1)
    with pytest.raises(TrackError, match="larger than"):
        read(path)
