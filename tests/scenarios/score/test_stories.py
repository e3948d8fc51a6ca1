"""The suite as a whole: deterministic, in order, complete, and cheap enough to build."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from jikimi.scenarios.score.case import Kind
from jikimi.scenarios.score.stories import STORIES, suite
from tests.scenarios.score.told import WGS84, contact_s, distances, every

MOST_CASES = 200


def test_variants_of_a_story_have_names_of_their_own():
    for story in STORIES.values():
        labels = [variant.label for variant in story.variants]
        assert len(set(labels)) == len(labels)


def test_the_suite_stays_small_enough_to_be_run_often():
    assert sum(len(story.variants) for story in STORIES.values()) <= MOST_CASES


def test_a_case_is_the_same_for_its_seed_whatever_else_is_built():
    alone = list(suite([5], only={"by_car_city"}))
    among = [case for case in suite([5], only={"on_foot", "by_car_city"}) if case.story == "by_car_city"]
    other = list(suite([6], only={"by_car_city"}))
    for a, b, c in zip(alone, among, other, strict=True):
        assert a.heard == b.heard
        assert np.array_equal(a.truth.monitored.latitude, b.truth.monitored.latitude)
        assert a.heard != c.heard


def test_an_unknown_story_is_refused_before_anything_is_built():
    with pytest.raises(ValueError, match="No story of the suite is called on_wings"):
        suite([1], only={"on_wings"})


def test_no_story_is_meant_by_an_empty_choice():
    assert list(suite([1], only=())) == []


def test_fixes_are_heard_in_order_within_the_truth_and_named_once():
    for case in every():
        assert case.heard
        assert all(a.now_ms <= b.now_ms for a, b in pairwise(case.heard))
        end_ms = case.truth.start_ms + case.truth.step_ms * len(case.truth.monitored.latitude)
        assert case.truth.start_ms <= case.heard[0].now_ms
        assert case.heard[-1].now_ms <= end_ms + 60_000
        for side in ("monitored", "protected"):
            ids = [heard.fix.fix_id for heard in case.heard if heard.side == side]
            assert len(set(ids)) == len(ids)


def test_both_ways_are_as_long_and_in_one_city():
    for case in every():
        ways = (*case.truth.monitored, *case.truth.protected)
        assert len({len(way) for way in ways}) == 1
        assert all(np.isfinite(way).all() for way in ways)
        assert distances(case).max() < 45_000.0


def test_nobody_is_ever_faster_than_people_travel():
    """Up to 110 km/h, and the recorded drive; a jump in the truth would be a mistake of the story."""
    for case in every():
        for latitude, longitude in (case.truth.monitored, case.truth.protected):
            metres = np.asarray(WGS84.inv(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:])[2])
            assert metres.max() <= 36.0 * case.truth.step_ms * 0.001, (case.story, case.variant)


def test_short_stories_are_told_by_the_second_and_days_by_a_quarter_of_a_minute():
    for case in every():
        length_s = len(case.truth.monitored.latitude) * case.truth.step_ms * 0.001
        assert case.truth.step_ms == (1000 if length_s <= 4 * 3600 else 5000 if length_s <= 12 * 3600 else 15000)


def test_an_approach_ends_in_contact_and_a_pass_by_or_rest_does_not():
    for case in every():
        if case.kind is Kind.APPROACH:
            assert contact_s(case) is not None, (case.story, case.variant)
        elif case.kind in {Kind.PASS_BY, Kind.STILL, Kind.JUMP}:
            assert contact_s(case) is None, (case.story, case.variant)


def test_devices_report_as_often_as_the_case_says_while_they_work():
    """Between two fixes of a device lies at most the interval and the way to the server, save in a stated silence."""
    for case in every():
        if case.interval_s is None:
            continue
        for side in ("monitored", "protected"):
            silent = [(a, b) for who, a, b in case.silent if who == side]
            for before, after in pairwise(heard.now_ms for heard in case.heard if heard.side == side):
                excused = any(a - case.interval_s * 1000.0 <= before <= b and after >= a for a, b in silent)
                assert excused or after - before <= case.interval_s * 1000.0 + 30_000.0, (case.story, case.variant)


def test_a_silent_device_says_nothing():
    for case in every():
        for side, from_ms, until_ms in case.silent:
            assert from_ms < until_ms
            measured = [h.fix.fix_time_ms for h in case.heard if h.side == side and from_ms + 20_000 < h.now_ms < until_ms]
            assert not measured, (case.story, case.variant)
