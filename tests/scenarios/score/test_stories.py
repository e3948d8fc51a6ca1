"""Every story keeps what it promises, in truth; and the suite is the same for the same seed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from pyproj import Geod

from jikimi.scenarios.score.case import Case, Kind
from jikimi.scenarios.score.stories import STORIES, suite

WGS84 = Geod(ellps="WGS84")
CONTACT_M = 100.0


def distances(case: Case):
    """Metres between both, one value a step, by the exact geodesic."""
    his, hers = case.truth.monitored, case.truth.protected
    return WGS84.inv(his.longitude, his.latitude, hers.longitude, hers.latitude)[2]


@pytest.fixture(scope="module")
def told() -> dict[str, list[Case]]:
    cases: dict[str, list[Case]] = {name: [] for name in STORIES}
    for case in suite([11]):
        cases[case.story].append(case)
    return cases


def every(told: dict[str, list[Case]]):
    return [case for cases in told.values() for case in cases]


def test_variants_of_a_story_have_names_of_their_own():
    for story in STORIES.values():
        labels = [variant.label for variant in story.variants]
        assert len(set(labels)) == len(labels)


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


def test_fixes_are_heard_in_order_within_the_truth_and_named_once(told):
    for case in every(told):
        assert case.heard
        assert all(a.now_ms <= b.now_ms for a, b in pairwise(case.heard))
        end_ms = case.truth.start_ms + case.truth.step_ms * len(case.truth.monitored.latitude)
        assert case.truth.start_ms <= case.heard[0].now_ms
        assert case.heard[-1].now_ms <= end_ms + 60_000
        for side in ("monitored", "protected"):
            ids = [heard.fix.fix_id for heard in case.heard if heard.side == side]
            assert len(set(ids)) == len(ids)


def test_both_ways_are_as_long_and_in_one_city(told):
    for case in every(told):
        ways = (*case.truth.monitored, *case.truth.protected)
        assert len({len(way) for way in ways}) == 1
        assert all(np.isfinite(way).all() for way in ways)
        assert distances(case).max() < 45_000.0


@pytest.mark.parametrize(
    ("story", "begins_m", "way_s"),
    [
        ("on_foot", 2600.0, 1500.0),
        ("by_bicycle", 4500.0, 900.0),
        ("by_car_fast", 6000.0, 900.0),
        ("by_car_city", 6000.0, 900.0),
        ("by_bus", 5500.0, 900.0),
    ],
)
def test_an_approach_begins_far_away_and_ends_in_contact(told, story, begins_m, way_s):
    for case in told[story]:
        metres = distances(case)
        assert case.kind is Kind.APPROACH
        assert metres[0] >= begins_m
        contact = np.flatnonzero(metres <= CONTACT_M)
        assert contact.size
        assert contact[0] * case.truth.step_ms * 0.001 >= way_s


@pytest.mark.parametrize("story", ["ring_road", "bus_pass_by"])
def test_a_pass_by_comes_as_near_as_it_says_and_no_nearer(told, story):
    for case, variant in zip(told[story], STORIES[story].variants, strict=True):
        assert case.kind is Kind.PASS_BY
        assert variant.size - 20.0 <= distances(case).min() <= variant.size + 20.0


def test_lives_that_do_not_overlap_are_never_within_a_kilometre(told):
    for case in told["lives_apart"]:
        assert distances(case).min() > 1000.0
        assert len(case.truth.monitored.latitude) * case.truth.step_ms == pytest.approx(86_400_000, abs=60_000)
