"""What the presets promise, in numbers, and that each number has a source."""

from __future__ import annotations

import pytest

from jikimi.model.policy import MapView
from jikimi.policy.load import preset, presets


def test_the_presets():
    assert sorted(presets()) == ["es", "fr", "kr"]
    with pytest.raises(KeyError):
        preset("xx")


def test_korea_shows_the_map_inside_its_ring():
    kr = preset("kr")
    assert kr.view.map_view is MapView.INSIDE_RING
    assert kr.view.map_ring_m == 600
    assert (kr.languages, kr.emergency_number, kr.time_zone) == (("ko", "en"), "112", "Asia/Seoul")


@pytest.mark.parametrize("policy_id", ["es", "fr"])
def test_where_no_rule_opens_his_position_it_stays_closed(policy_id):
    view = preset(policy_id).view
    assert (view.map_view, view.map_ring_m, view.trail_s) == (MapView.NEVER, 0, 0)
    assert view.words_ring_m is not None


def test_frances_alert_is_the_judges():
    ring = preset("fr").rings.warning
    assert (ring.order_field, ring.least_m, ring.most_m) == ("alert_m", 1000, 10_000)
    assert preset("fr").rings.watch.factor == 2


@pytest.mark.parametrize("policy", presets().values(), ids=lambda policy: policy.policy_id)
def test_judging_is_the_same_everywhere_until_measured_otherwise(policy):
    assert policy.judging == preset("kr").judging
    assert policy.track == preset("kr").track


@pytest.mark.parametrize("policy", presets().values(), ids=lambda policy: policy.policy_id)
def test_a_source_is_a_source(policy):
    for citation in policy.citations:
        assert len(citation.source) >= 20, citation.rule
        assert "Example" not in citation.source


def test_every_purpose_and_number_of_access_has_its_source():
    for policy in presets().values():
        cited = {citation.rule for citation in policy.citations}
        assert {f"access.{name}" for name in policy.access.__struct_fields__} <= cited
