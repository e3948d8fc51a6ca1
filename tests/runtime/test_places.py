"""A place on the command line: a circle, corners, or a GeoJSON file; and a sentence for whatever is none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.core.zone import Shape
from jikimi.model.zone import Circle, Polygon
from jikimi.runtime import counter
from jikimi.runtime.places import place

YARD = ((37.570, 126.980), (37.571, 126.980), (37.571, 126.982), (37.570, 126.982))
RING = [[lon, lat] for lat, lon in (*YARD, YARD[0])]


def corners(points):
    return " ".join(f"{lat},{lon}" for lat, lon in points)


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def test_a_circle_is_read_as_before():
    found = place("home:37.57,126.98,100", 3)
    assert (found.place_id, found.label, found.zone) == ("place-3", "home", Circle(37.57, 126.98, 100.0))


@pytest.mark.parametrize("points", [YARD, (*YARD, YARD[0]), (YARD[0], *YARD)], ids=["open", "closed", "one corner twice"])
def test_corners_are_an_area(points):
    assert place(f"school:{corners(points)}", 1).zone == Polygon(YARD)


@pytest.mark.parametrize(
    "document",
    [
        polygon(RING),
        {"type": "Feature", "properties": {"name": "yard"}, "geometry": polygon(RING)},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": None, "geometry": polygon(RING)}]},
        polygon([[*position, 38.0] for position in RING]),
    ],
    ids=["geometry", "feature", "collection", "with heights"],
)
def test_a_geojson_file_is_an_area_with_latitude_and_longitude_the_right_way_round(tmp_path, document):
    file = tmp_path / "yard.geojson"
    file.write_text(json.dumps(document))
    assert place(f"school:@{file}", 1).zone == Polygon(YARD)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("castle:37.57,126.98,100", "kind is one of"),
        ("home:here", "is written as"),
        ("home:", "is written as"),
        ("home:37.57,126.98", "three different corners"),
        ("home:37.57,126.98 37.58,126.98", "three different corners"),
        ("home:37.57,126.98,100 37.58,126.98", "is written as"),
        ("home:97,126.98,100", "point on Earth"),
        ("home:nan,126.98,100", "point on Earth"),
        ("home:37.57,126.98,50001", "50,000 m"),
        ("home:37.57,126.98 37.58,126.98 nan,126.99", "point on Earth"),
        ("home:37.57,126.98 37.58,126.98 37.59,126.98", "on one line"),
        ("home:37.57,126.98 37.58,126.99 37.57,126.99 37.58,126.98", "crosses itself"),
        ("home:37.57,126.98 37.58,126.98 47.57,126.99", "exchanged"),
    ],
)
def test_what_cannot_be_meant_ends_with_a_sentence(capsys, text, word):
    with pytest.raises(SystemExit):
        place(text, 1)
    assert word in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"type": "Polygon"}',
        json.dumps(polygon(RING, RING)).encode(),
        json.dumps(polygon()).encode(),
        json.dumps({"type": "MultiPolygon", "coordinates": [[RING]]}).encode(),
        json.dumps({"type": "FeatureCollection", "features": []}).encode(),
        json.dumps({"type": "Point", "coordinates": [126.98, 37.57]}).encode(),
    ],
)
def test_a_file_that_holds_no_single_area_ends_with_a_sentence(tmp_path, capsys, content):
    file = tmp_path / "yard.geojson"
    file.write_bytes(content)
    with pytest.raises(SystemExit):
        place(f"home:@{file}", 1)
    assert "one Polygon" in capsys.readouterr().err


@pytest.mark.parametrize("size", [None, 1_000_001])
def test_a_file_that_is_missing_or_huge_ends_with_a_sentence(tmp_path, capsys, size):
    file = tmp_path / "yard.geojson"
    if size is not None:
        file.write_bytes(b" " * size)
    with pytest.raises(SystemExit):
        place(f"home:@{file}", 1)
    assert "GeoJSON file" in capsys.readouterr().err


@given(st.text(st.sampled_from("0123456789.,-e @"), max_size=40))
def test_any_text_is_a_sound_place_or_a_sentence(text):
    try:
        zone = place(f"home:{text}", 1).zone
    except SystemExit:
        return
    assert Shape(zone).distance_m((1e6, 0.0)) > 0.0


def test_an_order_with_an_area_is_judged_by_its_outline(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path))
    counter.order_add(
        None, "kr", "m", ["p"], "kr-provisional", None, "officer", 30.0, 100.0, None, [f"school:{corners(YARD)}"], region=None, tagged=True
    )
    told = counter.Counter(None).register.orders()
    assert [one.zone for order in told for one in order.places] == [Polygon(YARD)]
    assert "order-" in capsys.readouterr().out
