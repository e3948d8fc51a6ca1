"""What is unusual about looking, by the policy's own numbers."""

from __future__ import annotations

import msgspec

from jikimi.disclosure.viewer import QUIET
from jikimi.disclosure.vigil import TOWARDS, Unusual, Vigil
from jikimi.model.record import Disclosed
from tests.disclosure.cases import KOREA, NOW_MS

RULES = msgspec.structs.replace(
    KOREA.access, many_views=3.0, many_views_s=60.0, without_incident=2.0, without_incident_s=60.0, colleagues=2.0, colleagues_s=60.0
)


def look(scope="map:tier", at_s=0, who="operator", audience="desk"):
    return Disclosed(NOW_MS + at_s * 1000, who, audience, "pair-1", "response", scope)


def kinds(vigil, *looks, colleagues=False):
    return [[finding.kind for finding in vigil.saw(one, RULES, colleagues=colleagues)] for one in looks]


def test_many_views_within_the_time_and_then_counted_anew():
    vigil = Vigil()
    assert kinds(vigil, *(look(at_s=at) for at in (0, 10, 20, 30))) == [[], [], [Unusual.MANY_VIEWS], []]
    assert kinds(Vigil(), *(look(at_s=at) for at in (0, 30, 60, 90))) == [[], [], [], []], "spread out they are work"


def test_each_viewer_counts_alone():
    assert kinds(Vigil(), *(look(who=who) for who in "abcabc")) == [[]] * 6


def test_look_ups_without_an_incident():
    (_, (found,)) = [Vigil().saw(look(), RULES, colleagues=False), _last(look(QUIET), look(QUIET, 5))]
    assert (found.kind, found.viewer, found.times) == (Unusual.WITHOUT_INCIDENT, "operator", 2)


def _last(*looks):
    vigil = Vigil()
    return [vigil.saw(one, RULES, colleagues=False) for one in looks][-1]


def test_look_ups_of_colleagues_cases_count_for_staff_only():
    assert kinds(Vigil(), look(), look(at_s=1), colleagues=True) == [[], [Unusual.COLLEAGUES]]
    hers = [look(audience="protected"), look(at_s=1, audience="protected")]
    assert kinds(Vigil(), *hers, colleagues=True) == [[], []]


def test_going_towards_him_is_one_finding_each_time():
    assert kinds(Vigil(), look(TOWARDS), look(TOWARDS, 1)) == [[Unusual.TOWARDS_HIM]] * 2


def test_closing_a_view_counts_for_nothing():
    assert kinds(Vigil(), *(look("closed", at) for at in range(9))) == [[]] * 9
