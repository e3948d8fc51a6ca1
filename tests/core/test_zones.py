"""Static places: circle and polygon, concave too, across the antimeridian; and no crossing is ever missed."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString
from shapely import Point as ShapelyPoint
from shapely import Polygon as ShapelyPolygon

from jikimi.core.geodesy import offset
from jikimi.core.zone import Shape, segment_point_m
from jikimi.model.decision import Cause, Sight, Tier
from jikimi.model.fix import Fix, Source, Verdict
from jikimi.model.zone import Circle, Polygon
from tests.core.rules import HOME, T0, Scene, pair

DATE_LINE = (-16.8, 179.9995)
# An L: its bounding box holds a corner that the shape does not.
L_SHAPE = [(0, 0), (600, 0), (600, 100), (100, 100), (100, 600), (0, 600)]
metres = st.integers(-2_000_000, 2_000_000).map(lambda mm: mm / 1000.0)


def polygon(corners: list[tuple[float, float]], at: tuple[float, float] = HOME) -> Polygon:
    return Polygon(tuple(offset(*at, east, north) for east, north in corners))


@pytest.mark.parametrize("at", [HOME, DATE_LINE])
@given(metres, metres, metres, metres)
def test_distance_of_a_way_to_a_concave_polygon(at: tuple[float, float], a: float, b: float, c: float, d: float) -> None:
    shape = Shape(polygon(L_SHAPE, at))
    way = shape.local(*offset(*at, a, b)), shape.local(*offset(*at, c, d))
    exact = ShapelyPolygon(shape.corners).distance(LineString(way) if way[0] != way[1] else ShapelyPoint(way[0]))
    assert shape.segment_m(*way) == pytest.approx(exact, abs=1e-6)
    plane = ShapelyPolygon(L_SHAPE).distance(ShapelyPoint(a, b))
    assert shape.distance_m(way[0]) == pytest.approx(plane, abs=0.5), "a plane and the ellipsoid differ by half a metre here"


@given(st.lists(st.tuples(st.floats(50, 900), st.floats(0, 360)), min_size=3, max_size=9, unique_by=lambda c: round(c[1])), metres, metres)
def test_distance_to_any_star_shaped_polygon(corners: list[tuple[float, float]], east: float, north: float) -> None:
    ring = [(r * math.sin(math.radians(a)), r * math.cos(math.radians(a))) for r, a in sorted(corners, key=lambda c: c[1])]
    shape = Shape(polygon(ring))
    here = shape.local(*offset(*HOME, east, north))
    outline = ShapelyPolygon(shape.corners)
    if outline.is_valid:
        assert shape.distance_m(here) == pytest.approx(outline.distance(ShapelyPoint(here)), abs=1e-6)


@given(metres, metres, metres, metres, metres, metres)
def test_distance_from_point_to_segment(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> None:
    way = LineString([(ax, ay), (bx, by)]) if (ax, ay) != (bx, by) else ShapelyPoint(ax, ay)
    assert segment_point_m(ax, ay, bx, by, px, py) == pytest.approx(way.distance(ShapelyPoint(px, py)), abs=1e-6)


def test_point_without_radius_is_a_place() -> None:
    scene = Scene(pair(Circle(*HOME, 0.0)))
    scene.hear("m", 0, 50, 0)
    assert scene.tier is Tier.DANGER


def test_place_needs_no_phone_and_is_always_seen() -> None:
    scene = Scene(pair(Circle(*HOME, 120.0)))
    scene.hear("m", 0, 9000, 0)
    scene.wait(1000)
    assert {t.protected for t in scene.out} == {Sight.LIVE}
    assert scene.pair().sight_m == Sight.BLIND


def test_inner_corner_of_a_concave_place_is_outside() -> None:
    rules = {"danger_m": 50.0, "warning_m": 50.0, "watch_m": 50.0, "danger_s": 0.0, "warning_s": 0.0, "watch_s": 0.0}
    scene = Scene(pair(polygon(L_SHAPE), **rules))
    scene.hear("m", 0, 400, 400, error_m=5.0)
    assert scene.tier is Tier.CLEAR, "inside the bounding box, 300 m from the shape"
    scene.hear("m", 600, 50, 500, error_m=5.0)
    assert scene.tier is Tier.DANGER


@pytest.mark.parametrize("kind", ["circle", "polygon"])
def test_place_across_the_antimeridian(kind: str) -> None:
    zone = Circle(*DATE_LINE, 120.0) if kind == "circle" else polygon(L_SHAPE, DATE_LINE)
    for east_m in (-100.0, 200.0):
        scene = Scene(pair(zone))
        lat, lon = offset(*DATE_LINE, east_m, 50.0)
        scene.receive("m", 0, Fix("f", T0, lat, lon, 5.0, Source.GNSS))
        assert scene.tier is Tier.DANGER
        assert scene.out[-1].high_m is not None
        assert scene.out[-1].high_m < 400


def crossing(seed: int) -> Scene:
    """Cross a place of 120 m across on a straight line anywhere through it, seen every 100 m, with no growth to help."""
    rnd = Random(seed)
    rules = {"growth_max_s": 0.0, "danger_m": 0.0, "warning_m": 0.0, "warning_floor_m": 0.0, "watch_m": 0.0}
    rules |= {"danger_s": 0.0, "warning_s": 0.0, "watch_s": 0.0}
    scene = Scene(pair(Circle(*HOME, 60.0), **rules))
    angle, aside = rnd.uniform(0, 2 * math.pi), rnd.uniform(-59.0, 59.0)
    start, speed, noise = rnd.uniform(0, 100), rnd.choice((1.4, 5.0, 14.0, 28.0)), rnd.choice((0.0, 2.0))
    for step in range(24):
        along = start + 100 * step - 1200
        east = along * math.sin(angle) + aside * math.cos(angle) + rnd.gauss(0, noise)
        north = along * math.cos(angle) - aside * math.sin(angle) + rnd.gauss(0, noise)
        verdict = scene.hear("m", 100 / speed * step, east, north, error_m=5.0)
        assert verdict in {Verdict.USED, Verdict.CONFIRMED}, seed
    return scene


@pytest.mark.parametrize("shard", range(4))
def test_straight_crossing_of_a_120_m_place_is_always_found(shard: int) -> None:
    missed = [seed for seed in range(shard, 400, 4) if Tier.DANGER not in {t.tier for t in crossing(seed).out}]
    assert missed == []


def test_crossing_seen_on_neither_side_names_the_way() -> None:
    rules = {"growth_max_s": 0.0, "danger_m": 0.0, "warning_m": 0.0, "warning_floor_m": 0.0, "watch_m": 0.0}
    rules |= {"danger_s": 0.0, "warning_s": 0.0, "watch_s": 0.0}
    scene = Scene(pair(Circle(*HOME, 60.0), **rules))
    for step in range(24):
        scene.hear("m", 7 * step, 100 * step - 1150, 55, error_m=5.0)
    rises = [t for t in scene.out if t.tier > t.tier_before]
    assert [(t.tier, [reason.cause for reason in t.reasons]) for t in rises] == [(Tier.DANGER, [Cause.SEGMENT])]
