"""What a distance is worth, against values worked out by hand, and against random ways through a city."""

from __future__ import annotations

import math
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.orders.advice import MODES, Traffic, advise, passes, rules_for, warned_s
from jikimi.policy.load import preset
from tests.core.rules import PAIR

metres = st.floats(1, 50_000)
seconds = st.floats(0, 3_600)


def row(advice, tier, mode):
    (ring,) = [ring for ring in advice.rings if ring.tier == tier]
    (warned,) = [warned for warned in ring.warned if warned.mode.startswith(mode)]
    return warned


def test_the_rings_of_the_brief():
    """DESIGN: a 500 m ring gives 6 minutes on foot and 36 seconds by car."""
    advice = advise(msgspec.structs.replace(PAIR, danger_m=500.0))
    assert row(advice, "danger", "on foot").ring_s == pytest.approx(357.1, abs=0.1)
    assert row(advice, "danger", "car in town, 50").ring_s == pytest.approx(36.0, abs=0.1)
    assert row(advice, "danger", "bicycle").ring_s == pytest.approx(111.1, abs=0.1)
    assert row(advice, "danger", "car in town, 30").ring_s == pytest.approx(60.2, abs=0.1)
    assert row(advice, "danger", "fast").ring_s == pytest.approx(22.7, abs=0.1)


def test_the_times_to_contact_make_up_for_speed():
    advice = advise(PAIR)
    # Warning ring 1,000 m and 300 s. By car at 13.9 m/s the time reaches out to 4,170 m; on foot the ring is farther than 450 m.
    assert row(advice, "warning", "car in town, 50").warned_s == 300.0
    assert row(advice, "warning", "on foot").warned_s == pytest.approx(714.3, abs=0.1)
    # Danger ring 100 m and 120 s, judged at 1.5 m/s at least: 180 m, which takes 128.6 s at 1.4 m/s.
    assert row(advice, "danger", "on foot").warned_s == pytest.approx(128.6, abs=0.1)
    assert row(advice, "danger", "on foot").ring_s == pytest.approx(71.4, abs=0.1)


def test_the_police_are_compared_and_the_distance_they_need_is_told():
    advice = advise(PAIR, 480.0)
    assert row(advice, "warning", "on foot").enough is True
    assert row(advice, "warning", "car in town, 50").enough is False
    assert [round(needed.metres) for needed in advice.needed] == [672, 2160, 3984, 6672, 10560]
    assert advice.needed[0].passes.a_day == pytest.approx(3 * 672 / 10_000)
    assert advice.needed[-1].passes is None, "the ring would be greater than the city"


def test_unknown_police_time_stays_unknown():
    advice = advise(PAIR)
    assert (advice.police_s, advice.needed) == (None, ())
    assert {warned.enough for ring in advice.rings for warned in ring.warned} == {None}
    assert advise(PAIR, 0.0).rings[0].warned[0].enough is True, "0 s is known"


def test_pass_bys_by_hand():
    found = passes(1_000.0, Traffic(trips_a_day=3.0, city_radius_m=10_000.0))
    assert found.a_day == pytest.approx(0.3)
    assert found.days == pytest.approx(1 - math.exp(-0.3))
    # Trips of 5 km: 3 * 2 * 1,000 * 5,000 / (pi * 10^8).
    assert passes(1_000.0, Traffic(trip_m=5_000.0)).a_day == pytest.approx(0.0955, abs=1e-4)
    assert passes(10_000.0, Traffic()) is None
    assert passes(0.0, Traffic()).a_day == 0.0
    assert passes(500.0, Traffic(trips_a_day=0.0)).days == 0.0


def test_pass_bys_agree_with_random_ways_through_a_city():
    """Lines of uniform direction and uniform distance from the centre: the measure of Crofton's formula."""
    rng = random.Random(7)
    radius_m, ring_m, hits, trials = 10_000.0, 1_500.0, 0, 20_000
    place = (4_000.0, -3_000.0)
    for _ in range(trials):
        angle, offset = rng.uniform(0, math.pi), rng.uniform(-radius_m, radius_m)
        hits += abs(place[0] * math.cos(angle) + place[1] * math.sin(angle) - offset) <= ring_m
    expected = passes(ring_m, Traffic(trips_a_day=1.0, city_radius_m=radius_m)).a_day
    assert expected == pytest.approx(0.15)
    assert hits / trials == pytest.approx(expected, abs=4 * math.sqrt(0.15 * 0.85 / trials))


def test_the_distances_of_an_order_count():
    france = preset("fr")
    assert rules_for(france, alert_m=3_000.0).warning_m == 3_000.0
    assert rules_for(preset("kr"), distance_m=1_500.0, place=True).danger_m == 1_500.0
    assert [ring.metres for ring in advise(rules_for(preset("kr"), distance_m=300.0)).rings][-1] == 300.0


@given(metres, st.floats(0, 10_000), seconds, st.sampled_from(MODES), st.floats(0, 20))
def test_a_longer_ring_or_time_never_warns_later(ring_m, more_m, time_s, mode, assumed):
    at = warned_s(ring_m, time_s, mode.speed_mps, assumed)
    assert warned_s(ring_m + more_m, time_s, mode.speed_mps, assumed) >= at
    assert warned_s(ring_m, time_s + 60.0, mode.speed_mps, assumed) >= at
    assert at >= ring_m / mode.speed_mps
    assert at >= time_s * (1 - 1e-12)


@given(metres, seconds, st.floats(0.1, 40), st.floats(0, 20), st.floats(0, 10))
def test_who_comes_faster_is_never_warned_of_earlier(ring_m, time_s, speed, more, assumed):
    assert warned_s(ring_m, time_s, speed + more, assumed) <= warned_s(ring_m, time_s, speed, assumed) * (1 + 1e-12)


@given(st.floats(0, 4_000), st.floats(0, 5_000), st.floats(0, 20), st.floats(10_000, 50_000), st.none() | st.floats(0, 40_000))
def test_a_wider_ring_is_passed_more_often(ring_m, more_m, trips, radius_m, trip_m):
    traffic = Traffic(trips_a_day=trips, city_radius_m=radius_m, trip_m=trip_m)
    near, wide = passes(ring_m, traffic), passes(ring_m + more_m, traffic)
    assert near.a_day <= wide.a_day
    assert 0.0 <= near.days <= wide.days <= 1.0
    assert near.days <= near.a_day


@given(st.floats(0, 7_200), st.floats(0, 3_600))
def test_slower_police_need_a_longer_ring(police_s, more_s):
    for fast, slow in zip(advise(PAIR, police_s).needed, advise(PAIR, police_s + more_s).needed, strict=True):
        assert fast.metres <= slow.metres
    for fast, slow in zip(advise(PAIR, police_s).rings, advise(PAIR, police_s + more_s).rings, strict=True):
        assert all(a.enough or not b.enough for a, b in zip(fast.warned, slow.warned, strict=True))


@pytest.mark.parametrize("wrong", [{"trips_a_day": -1.0}, {"city_radius_m": 0.0}, {"trip_m": math.nan}, {"trips_a_day": math.inf}])
def test_traffic_out_of_range_is_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        Traffic(**wrong)


@pytest.mark.parametrize("police_s", [-1.0, math.nan, math.inf])
def test_a_police_time_out_of_range_is_refused(police_s):
    with pytest.raises(ValueError, match="police"):
        advise(PAIR, police_s)
