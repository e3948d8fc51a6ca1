"""A report that nobody believes yet and that would put the two nearer is told beside what is believed, until a second one decides."""

from __future__ import annotations

import pytest

from jikimi.core.view import view
from jikimi.model.decision import Tier
from jikimi.model.zone import Circle
from tests.core.rules import HOME, T0, Scene, pair


def seen(scene: Scene, at_s: float):
    return view(scene.pair(), T0 + round(at_s * 1000))


def test_a_jump_to_her_is_danger_at_once_and_told_as_unconfirmed_until_a_second_report_agrees():
    scene = Scene(pair())
    scene.hear("p", 0, 0.0, 0.0)
    for at_s in (0, 10, 20):
        scene.hear("m", at_s, 0.0, 5_000.0)
    assert seen(scene, 20).unconfirmed is None
    scene.hear("m", 30, 0.0, 60.0)
    found = seen(scene, 30)
    assert scene.tier is Tier.DANGER
    assert found.low_m > 4_000.0, "the position that is believed is the old one"
    assert found.unconfirmed.side == "monitored"
    assert found.unconfirmed.low_m < 60.0
    scene.hear("m", 31, 0.0, 60.0)
    found = seen(scene, 31)
    assert found.unconfirmed is None
    assert found.low_m < 60.0


def test_a_report_that_goes_away_from_her_is_not_told():
    scene = Scene(pair())
    scene.hear("p", 0, 0.0, 0.0)
    for at_s in (0, 10, 20):
        scene.hear("m", at_s, 0.0, 900.0)
    scene.hear("m", 30, 0.0, 9_000.0)
    assert seen(scene, 30).unconfirmed is None


@pytest.mark.parametrize("zone", [None, Circle(*HOME, 50.0)])
def test_hers_is_named_hers_and_a_place_is_no_report(zone):
    scene = Scene(pair(zone))
    scene.hear("p", 0, 0.0, 0.0)
    for at_s in (0, 10, 20):
        scene.hear("m", at_s, 0.0, 5_000.0)
        scene.hear("p", at_s, 0.0, 0.0)
    scene.hear("p", 30, 0.0, 4_950.0)
    found = seen(scene, 30).unconfirmed
    assert (None if found is None else found.side) == (None if zone is not None else "protected")
