"""Every story keeps in truth what its name promises."""

from __future__ import annotations

import numpy as np
import pytest

from jikimi.model.decision import Approach
from jikimi.model.zone import Circle
from jikimi.scenarios.score.case import Kind
from jikimi.scenarios.score.stories import STORIES
from tests.scenarios.score.told import WGS84, contact_s, distances, every, times_ms, told, way_m, with_sizes


@pytest.mark.parametrize(
    ("story", "begins_m", "least_s"),
    [
        ("on_foot", 2600.0, 1500.0),
        ("by_bicycle", 4500.0, 900.0),
        ("by_car_fast", 6000.0, 900.0),
        ("by_car_city", 6000.0, 900.0),
        ("by_bus", 5500.0, 900.0),
        ("by_metro", 6500.0, 900.0),
        ("stops_and_waits", 2600.0, 1500.0),
        ("slow_creep", 2600.0, 5400.0),
        ("following_contact", 2600.0, 1800.0),
        ("both_sides", 2900.0, 900.0),
        ("she_walks", 2600.0, 900.0),
        ("same_train", 6500.0, 900.0),
        ("battery_death", 2600.0, 900.0),
        ("late_burst", 2600.0, 900.0),
        ("tag_clock", 2600.0, 900.0),
        ("mixed_intervals", 2600.0, 900.0),
    ],
)
def test_an_approach_begins_far_away_and_long_before_contact(story, begins_m, least_s):
    for case in told()[story]:
        assert case.kind is Kind.APPROACH
        assert distances(case)[0] >= begins_m
        met_s = contact_s(case)
        assert met_s is not None
        assert met_s >= least_s


@pytest.mark.parametrize("story", ["on_foot", "by_bicycle", "by_car_city", "by_bus"])
def test_ways_through_a_city_are_no_beelines(story):
    """Way over distance as the crow flies: 1.27 for a grid on average over directions, 1 along a street."""
    ratios = []
    for case in told()[story]:
        here = int(np.flatnonzero(distances(case) <= 100.0)[0])
        latitude, longitude = (axis[: here + 1] for axis in case.truth.monitored)
        ratios.append(way_m(latitude, longitude) / distances(case)[0])
    assert np.mean(ratios) > 1.1
    assert max(ratios) < 2.0


@pytest.mark.parametrize("story", ["ring_road", "bus_pass_by", "opposite_directions"])
def test_a_pass_by_comes_as_near_as_it_says_and_no_nearer(story):
    for case, lateral_m in with_sizes(story):
        assert case.kind is Kind.PASS_BY
        assert lateral_m - 20.0 <= distances(case).min() <= lateral_m + 20.0


def test_who_passes_comes_from_far_and_goes_far():
    for story in ("ring_road", "bus_pass_by", "opposite_directions"):
        for case, lateral_m in with_sizes(story):
            metres = distances(case)
            assert min(metres[0], metres[-1]) > lateral_m + 1500.0


def test_who_follows_at_a_distance_never_comes_into_contact_but_stays_near():
    for case, gap_m in with_sizes("following"):
        metres = distances(case)
        assert case.kind is Kind.ORDINARY
        assert metres.min() > 100.0
        assert np.mean(metres < gap_m + 100.0) > 0.15


def test_edge_play_crosses_the_ring_again_and_again():
    for case, ring_m in with_sizes("edge_play"):
        inside = distances(case) < ring_m
        assert np.count_nonzero(inside[1:] != inside[:-1]) >= 14
        assert distances(case).min() > ring_m - 120.0


def test_he_waits_ten_minutes_at_the_distance_stated():
    for case, wait_m in with_sizes("stops_and_waits"):
        metres = distances(case)
        assert np.count_nonzero(np.abs(metres - wait_m) < 60.0) >= 550


def test_labels_say_who_comes_and_the_truth_agrees():
    """At contact the one named is much farther from where he or she began than the other; or both are far, if both."""
    for case in every():
        if case.zone is not None or case.kind is not Kind.APPROACH or case.story in {"following_contact", "same_train"}:
            continue
        met = int(np.flatnonzero(distances(case) <= 100.0)[0])
        his, hers = (
            WGS84.inv(way.longitude[0], way.latitude[0], way.longitude[met], way.latitude[met])[2]
            for way in (case.truth.monitored, case.truth.protected)
        )
        if case.approacher is Approach.BOTH:
            assert 0.4 <= his / hers <= 2.5
        else:
            mover, other = (his, hers) if case.approacher is Approach.MONITORED else (hers, his)
            assert mover > 4.0 * other, (case.story, case.variant)


def test_underground_nothing_is_heard_for_minutes():
    for case in told()["by_metro"]:
        ((side, from_ms, until_ms),) = case.silent
        assert side == "monitored"
        assert until_ms - from_ms > 300_000
        heard = times_ms(case, side)
        assert max(at for at in heard if at < from_ms + 20_000) < min(at for at in heard if at >= until_ms)


def test_in_one_train_they_ride_together_some_carriages_apart():
    for case in told()["same_train"]:
        near = np.flatnonzero(distances(case) <= 100.0)
        assert near.size >= 100
        latitude, longitude = (axis[near] for axis in case.truth.protected)
        assert way_m(latitude, longitude) > 2000.0


def test_a_silent_tag_was_as_near_as_stated():
    for case, last_m in with_sizes("tag_silent"):
        ((side, from_ms, _),) = case.silent
        assert side == "monitored"
        assert abs(distances(case)[(from_ms - case.truth.start_ms) // 1000] - last_m) < 90.0


def test_a_battery_says_that_it_runs_empty_and_then_says_nothing():
    for case in told()["battery_death"]:
        ((side, from_ms, _),) = case.silent
        last = [heard for heard in case.heard if heard.side == side][-1]
        assert last.fix.battery_pct == 0.0
        assert last.now_ms <= from_ms + 20_000


def test_a_burst_brings_late_fixes_at_once():
    for case in told()["late_burst"]:
        ((_, from_ms, until_ms),) = case.silent
        late = [heard for heard in case.heard if heard.side == "monitored" and from_ms <= heard.fix.fix_time_ms < until_ms]
        assert len(late) >= 10
        assert all(until_ms <= heard.now_ms <= until_ms + 30_000 for heard in late)


def test_a_wrong_clock_is_wrong_by_what_is_stated():
    for case, offset_s in with_sizes("tag_clock"):
        errors = [h.fix.fix_time_ms - h.now_ms for h in case.heard if h.side == "monitored"]
        assert abs(float(np.median(errors)) * 0.001 - offset_s) < 5.0


@pytest.mark.parametrize("story", ["still_pair", "both_indoors", "resting_jump"])
def test_a_resting_pair_rests_at_the_distance_stated(story):
    for case, apart_m in with_sizes(story):
        metres = distances(case)
        assert np.ptp(metres) == 0.0
        assert abs(metres[0] - apart_m) < 1.0


def errors_m(case, side):
    """Return each fix's distance from a resting side's truth."""
    way = getattr(case.truth, side)
    fixes = [heard.fix for heard in case.heard if heard.side == side]
    ends = np.full(len(fixes), way.longitude[0]), np.full(len(fixes), way.latitude[0])
    return np.asarray(WGS84.inv([f.longitude for f in fixes], [f.latitude for f in fixes], *ends)[2]), fixes


def test_a_still_pair_is_seen_fifty_metres_off():
    shares = [np.mean(errors_m(case, side)[0] < 50.0) for case in told()["still_pair"] for side in ("monitored", "protected")]
    assert 0.55 < np.mean(shares) < 0.75


def test_a_resting_phone_jumps_alone_and_boldly():
    """Single fixes about 200 m off that claim 2 m; never two in a row."""
    for case in told()["resting_jump"]:
        side = "monitored" if "his tag" in case.variant else "protected"
        metres, fixes = errors_m(case, side)
        bold = np.array([fix.error_m == 2.0 for fix in fixes])
        assert np.count_nonzero(bold) >= 2
        assert metres[bold].min() > 150.0
        assert metres[~bold].max() < 100.0
        assert not np.any(bold[1:] & bold[:-1])


def test_indoors_errors_are_mostly_of_50_to_300_metres():
    metres = np.concatenate([errors_m(case, "monitored")[0] for case in told()["both_indoors"]])
    assert np.mean((metres >= 50.0) & (metres <= 300.0)) > 0.7


def test_a_crossing_is_straight_through_with_a_fix_every_hundred_metres():
    for case in told()["crossing"]:
        assert isinstance(case.zone, Circle)
        assert case.zone.radius_m == 60.0
        metres = distances(case)
        assert metres.min() < 50.0
        assert metres[0] > 400.0
        assert {heard.side for heard in case.heard} == {"monitored"}
        inner = [h.now_ms for h in case.heard]
        speed_mps = float(case.variant.split(", ")[2].split(" ")[0]) if "recorded" not in case.variant else 18.0
        assert case.interval_s * speed_mps == pytest.approx(100.0)
        assert len(inner) > 20


def test_eighty_stops_are_made():
    for case, size in with_sizes("delivery"):
        latitude, longitude = case.truth.monitored
        rests = np.asarray(WGS84.inv(longitude[:-8], latitude[:-8], longitude[8:], latitude[8:])[2]) < 1.0
        assert np.count_nonzero(rests[1:] & ~rests[:-1]) >= 75
        assert (contact_s(case) is not None) == (size == 1.0)


def test_lives_that_do_not_overlap_are_never_within_a_kilometre():
    for case in told()["lives_apart"]:
        assert distances(case).min() > 950.0
        assert len(case.truth.monitored.latitude) * case.truth.step_ms == pytest.approx(86_400_000, abs=60_000)


def test_neighbours_live_near_and_everybody_leaves_home():
    for story in ("lives_apart", "lives_overlap", "neighbours"):
        for case in told()[story]:
            assert story != "neighbours" or distances(case)[0] < 900.0
            for way in (case.truth.monitored, case.truth.protected):
                assert way_m(*way) > 800.0


def test_every_story_of_the_issue_is_there():
    assert len(STORIES) >= 32
