"""Movement is continuous, within its style's bounds, and goes where it should."""

from __future__ import annotations

from itertools import pairwise
from math import hypot
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.core.geodesy import displacement, offset
from jikimi.scenarios.motion import CYCLE, DRIVE, RIDE, WALK, Journey, Line, Recorded, Stages, Standing, chance_stops, stroll
from jikimi.scenarios.tracks import read

HOME = (37.55, 126.99)
MUNICH = Path(__file__).parents[2] / "src/jikimi/scenarios/data/munich-drive.json"
corners = st.tuples(st.floats(-3000.0, 3000.0), st.floats(-3000.0, 3000.0))


def way(a, b) -> float:
    return hypot(*displacement(a.latitude, a.longitude, b.latitude, b.longitude))


@settings(max_examples=60, deadline=None)
@given(
    corners=st.lists(corners, min_size=2, max_size=8, unique_by=lambda c: (round(c[0]), round(c[1]))),
    style=st.sampled_from([WALK, CYCLE, DRIVE, RIDE]),
    seed=st.integers(0, 1000),
)
def test_a_journey_is_continuous_and_keeps_its_bounds(corners, style, seed):
    line = Line([offset(*HOME, *corner) for corner in corners])
    journey = Journey(line, style, chance_stops(Random(seed), line, style))
    step_s = journey.length_s / 400
    hardest = max(style.accel_mps2, style.brake_mps2)
    before = journey.at(0.0)
    for number in range(1, 401):
        pose = journey.at(number * step_s)
        assert 0.0 <= pose.speed_mps <= style.cruise_mps + 1e-9
        assert way(before, pose) <= style.cruise_mps * step_s * 1.0001 + 1e-6
        assert abs(pose.speed_mps - before.speed_mps) <= hardest * step_s + 1e-6
        assert (pose.course_deg is None) == (pose.speed_mps == 0.0)
        before = pose
    end = offset(*HOME, *corners[-1])
    assert hypot(*displacement(before.latitude, before.longitude, *end)) < 0.01
    assert journey.at(-5.0) == journey.at(0.0)
    assert journey.at(journey.length_s + 99.0) == before


@settings(max_examples=30, deadline=None)
@given(share=st.floats(0.0, 0.999))
def test_the_speed_told_is_the_change_of_place(share):
    line = Line([HOME, offset(*HOME, 0.0, 700.0), offset(*HOME, 500.0, 700.0)])
    journey = Journey(line, DRIVE, [(300.0, 20.0)])
    at_s = share * journey.length_s
    told = journey.at(at_s).speed_mps
    assert way(journey.at(at_s), journey.at(at_s + 0.01)) / 0.01 == pytest.approx(told, abs=0.06)


def test_one_stops_where_stops_are_and_slows_at_corners():
    line = Line([HOME, offset(*HOME, 0.0, 600.0), offset(*HOME, 600.0, 600.0)])
    free = Journey(line, DRIVE)
    held = Journey(line, DRIVE, [(300.0, 20.0)])
    assert held.length_s > free.length_s + 20.0
    standing = [t for t in range(int(held.length_s)) if held.at(t).speed_mps == 0.0]
    assert 19 <= len(standing) <= 23
    corner = min((free.at(t / 10) for t in range(300, int(free.length_s * 10) - 300)), key=lambda pose: pose.speed_mps)
    assert corner.speed_mps == pytest.approx(DRIVE.corner_mps, abs=0.3)
    assert hypot(*displacement(corner.latitude, corner.longitude, *offset(*HOME, 0.0, 600.0))) < 1.5


def test_courses_are_clockwise_from_north():
    for east, north, course in ((0, 500, 0.0), (500, 0, 90.0), (0, -500, 180.0), (-500, 0, 270.0)):
        pose = Journey(Line([HOME, offset(*HOME, east, north)]), CYCLE).at(30.0)
        assert pose.course_deg == pytest.approx(course, abs=0.01)


def test_a_line_needs_two_places():
    with pytest.raises(ValueError, match="two different places"):
        Line([HOME, HOME])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 500))
def test_a_stroll_stays_in_its_disc_for_long_enough(seed):
    walk = stroll(Random(seed), HOME, 50.0, 600.0)
    assert walk.length_s >= 600.0
    poses = [walk.at(t) for t in range(0, int(walk.length_s), 5)]
    assert all(hypot(*displacement(*HOME, pose.latitude, pose.longitude)) <= 50.1 for pose in poses)
    assert any(pose.speed_mps == 0.0 for pose in poses[1:-1])


def test_stages_follow_each_other_without_a_leap():
    there = offset(*HOME, 100.0, 0.0)
    stages = Stages([Standing(HOME, 10.0), Journey(Line([HOME, there]), WALK), Standing(there)])
    assert (stages.at(9.9).latitude, stages.at(9.9).longitude) == HOME
    poses = [stages.at(t / 2) for t in range(400)]
    assert max(way(a, b) for a, b in pairwise(poses)) < 0.71
    assert (stages.at(1e6).latitude, stages.at(1e6).longitude) == there


def test_a_recording_is_exact_at_its_moments_and_even_between():
    track = read(MUNICH)
    drive = Recorded(track, from_s=440.0)
    first = next(point for point in track if point.time_ms == track[0].time_ms + 500_000)
    pose = drive.at(60.0)
    assert (pose.latitude, pose.longitude) == (first.latitude, first.longitude)
    assert way(pose, drive.at(60.5)) == pytest.approx(way(pose, drive.at(61.0)) / 2, abs=1e-3)
    assert drive.at(9e9).speed_mps == 0.0
    assert (drive.at(9e9).latitude, drive.at(9e9).longitude) == (track[-1].latitude, track[-1].longitude)


def test_the_recorded_receiver_froze_in_a_tunnel_and_then_leapt():
    """What real input does: half a minute of one place, then 470 m in a second."""
    track = read(MUNICH)
    drive = Recorded(track)
    assert way(drive.at(590.0), drive.at(618.0)) < 1.0
    assert way(drive.at(619.0), drive.at(620.0)) > 450.0
