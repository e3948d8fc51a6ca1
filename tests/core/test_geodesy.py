"""Distances against two oracles that share no code: PROJ and Karney's own geographiclib."""

from __future__ import annotations

import math

import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from jikimi.core.geodesy import displacement, metric, offset, turn_deg

EARTH = Geod(ellps="WGS84")
latitudes = st.floats(-60.0, 70.0)
longitudes = st.floats(-180.0, 180.0, exclude_min=True)
azimuths = st.floats(0.0, 360.0)
lengths = st.floats(0.01, 50_000.0)
steps = st.floats(-50_000.0, 50_000.0)


@given(latitudes, longitudes, azimuths, lengths)
def test_length_is_right_to_a_thousandth_at_all_bearings(lat: float, lon: float, azimuth: float, length: float) -> None:
    lon_2, lat_2, _ = EARTH.fwd(lon, lat, azimuth, length)
    exact = Geodesic.WGS84.Inverse(lat, lon, lat_2, lon_2)["s12"]
    assert exact == pytest.approx(length, abs=1e-6)
    assert math.hypot(*displacement(lat, lon, lat_2, lon_2)) == pytest.approx(exact, rel=1e-3, abs=1e-6)


@given(st.floats(33.0, 39.0), longitudes, azimuths)
def test_length_in_korea_is_right_to_a_millimetre_at_ten_kilometres(lat: float, lon: float, azimuth: float) -> None:
    lon_2, lat_2, _ = EARTH.fwd(lon, lat, azimuth, 10_000.0)
    assert math.hypot(*displacement(lat, lon, lat_2, lon_2)) == pytest.approx(10_000.0, abs=2e-3)


@pytest.mark.parametrize("lat", [-60.0, -33.0, 0.0, 37.5, 70.0])
@pytest.mark.parametrize("azimuth", range(0, 360, 15))
@pytest.mark.parametrize("length", [1.0, 1_000.0, 50_000.0])
def test_across_the_antimeridian(lat: float, azimuth: int, length: float) -> None:
    for lon in (180.0, 179.9999, -179.9999):
        lon_2, lat_2, _ = EARTH.fwd(lon, lat, azimuth, length)
        assert math.hypot(*displacement(lat, lon, lat_2, lon_2)) == pytest.approx(length, rel=1e-3, abs=1e-6)


@given(latitudes, longitudes, azimuths, lengths)
def test_direction_is_that_of_the_way_at_its_middle(lat: float, lon: float, azimuth: float, length: float) -> None:
    line = Geodesic.WGS84.Line(lat, lon, azimuth)
    end, middle = line.Position(length), line.Position(length / 2)
    east, north = displacement(lat, lon, end["lat2"], end["lon2"])
    assert abs(math.remainder(math.degrees(math.atan2(east, north)) - middle["azi2"], 360.0)) < 0.1


@given(latitudes, longitudes, steps, steps)
def test_offset_inverts_displacement(lat: float, lon: float, east: float, north: float) -> None:
    there = offset(lat, lon, east, north)
    assert displacement(lat, lon, *there) == pytest.approx((east, north), rel=1e-4, abs=1e-5)
    assert -180.0 < there[1] <= 180.0


@given(latitudes, longitudes, latitudes, longitudes)
def test_the_way_back_is_the_way_there_reversed(lat_1: float, lon_1: float, lat_2: float, lon_2: float) -> None:
    east, north = displacement(lat_1, lon_1, lat_2, lon_2)
    back_east, back_north = displacement(lat_2, lon_2, lat_1, lon_1)
    if abs(turn_deg(lon_1, lon_2)) < 179.9:
        assert (back_east, back_north) == pytest.approx((-east, -north), rel=1e-9, abs=1e-9)


def test_haversine_would_be_wrong_here() -> None:
    east_degree_m, north_degree_m = metric(37.5)
    sphere = math.radians(1.0) * 6_371_008.8
    assert abs(north_degree_m / sphere - 1.0) > 0.0015
    assert abs(east_degree_m / (sphere * math.cos(math.radians(37.5))) - 1.0) > 0.0015


@pytest.mark.parametrize(
    ("one", "other", "turn"), [(179.0, -179.0, 2.0), (-179.0, 179.0, -2.0), (0.0, 180.0, 180.0), (0.0, -180.0, 180.0), (10.0, 10.0, 0.0)]
)
def test_turn_takes_the_short_way(one: float, other: float, turn: float) -> None:
    assert turn_deg(one, other) == pytest.approx(turn)


def test_no_distance_is_nothing_and_not_unknown() -> None:
    assert displacement(0.0, 0.0, 0.0, 0.0) == (0.0, 0.0)
    assert offset(37.5, 127.0, 0.0, 0.0) == pytest.approx((37.5, 127.0), abs=1e-12)
