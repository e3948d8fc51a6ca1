"""Beyond the floor an alarm asks whether somebody comes: what counts as coming, and what does not."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.core.limits import WARNING, WATCH
from jikimi.model.decision import Cause, Tier, Transition
from jikimi.model.zone import Circle
from tests.core.rules import HOME, PAIR, Scene, pair

Metres = tuple[float, float]


def follow(scene: Scene, way: list[Metres], *, every_s: float = 5.0, from_s: float = 0.0, noise_m: float = 0.0, seed: int = 0) -> None:
    """Let him report along a way, she at HOME, a fix of both at each of its points."""
    rnd = Random(seed)
    for step, (east, north) in enumerate(way):
        at_s = from_s + step * every_s
        scene.hear("p", at_s, rnd.gauss(0.0, noise_m), rnd.gauss(0.0, noise_m))
        scene.hear("m", at_s + 0.1, east + rnd.gauss(0.0, noise_m), north + rnd.gauss(0.0, noise_m))


def straight(start: Metres, end: Metres, mps: float, every_s: float = 5.0) -> list[Metres]:
    steps = max(1, round(math.dist(start, end) / (mps * every_s)))
    return [tuple(a + (b - a) * step / steps for a, b in zip(start, end, strict=True)) for step in range(steps + 1)]  # type: ignore[misc]


def alarms(scene: Scene) -> list[Transition]:
    return [t for t in scene.out if t.tier >= Tier.WARNING > t.tier_before]


def causes(transition: Transition) -> set[Cause]:
    return {reason.cause for reason in transition.reasons}


def test_a_walker_who_heads_for_her_is_warned_of_minutes_before() -> None:
    scene = Scene(pair())
    follow(scene, straight((2500.0, 0.0), (0.0, 0.0), 1.4))
    first = alarms(scene)[0]
    assert Cause.HEADING in causes(first)
    assert first.low_m is not None
    assert first.low_m > 1.4 * 300.0
    assert [t.tier for t in scene.out if t.tier > t.tier_before] == [Tier.WATCH, Tier.WARNING, Tier.DANGER]


@pytest.mark.parametrize("aside_m", [400.0, 700.0])
def test_who_drives_past_stays_a_watch(aside_m: float) -> None:
    scene = Scene(pair())
    follow(scene, straight((-5000.0, aside_m), (5000.0, aside_m), 14.0))
    assert Tier.WATCH in {t.tier for t in scene.out}
    assert alarms(scene) == []


def test_who_lives_half_a_kilometre_away_is_no_alarm() -> None:
    rnd = Random(4)
    scene = Scene(pair())
    follow(scene, [(550.0 + rnd.uniform(-30.0, 30.0), rnd.uniform(-30.0, 30.0)) for _ in range(500)], every_s=15.0)
    assert scene.tier is Tier.WATCH
    assert alarms(scene) == []


def test_within_the_floor_nobody_asks_where_he_is_heading() -> None:
    scene = Scene(pair(warning_floor_m=1000.0))
    follow(scene, [(900.0, 0.0)] * 3)
    assert scene.tier is Tier.WARNING
    assert not causes(scene.out[-1]) & {Cause.HEADING, Cause.SOON, Cause.LOST, Cause.ANEW}


def test_the_floor_holds_for_who_passes_within_it() -> None:
    scene = Scene(pair())
    follow(scene, straight((-3000.0, 95.0), (3000.0, 95.0), 5.0, every_s=2.0), every_s=2.0)
    assert Tier.DANGER in {t.tier for t in scene.out}


def test_a_corner_on_the_way_does_not_hide_where_it_leads() -> None:
    corners = [(1400.0, 1400.0), (1400.0, 900.0), (900.0, 900.0), (900.0, 400.0), (400.0, 400.0), (400.0, 0.0), (0.0, 0.0)]
    scene = Scene(pair())
    follow(scene, [at for a, b in pairwise(corners) for at in straight(a, b, 1.4)])
    first = alarms(scene)[0]
    assert first.low_m is not None
    assert first.low_m > 300.0


@pytest.mark.parametrize("mirrored", [1.0, -1.0])
def test_round_a_corner_the_way_gone_is_enough_for_a_warning(mirrored: float) -> None:
    # Given a cyclist came straight towards her for kilometres, and now rides a street that leads past her, though nearer
    scene = Scene(pair())
    way = straight((3400.0, 0.0), (940.0, 0.0), 4.5)
    turned = straight((940.0, 0.0), (600.0, 480.0 * mirrored), 4.5)[1:]
    follow(scene, way[:-1])
    for step, (east, north) in enumerate(turned):
        at_s = (len(way) + step) * 5.0
        scene.hear("p", at_s, 0.0, 0.0)
        scene.hear("m", at_s + 0.1, east, north)
    # Then she was warned by where he came from, and not of danger
    assert Tier.WARNING in {t.tier for t in scene.out}
    assert Tier.DANGER not in {t.tier for t in scene.out}


@pytest.mark.parametrize(("seconds", "least_s", "most_s"), [(0.0, 0.0, 126.0), (150.0, 140.0, 160.0)])
def test_of_who_comes_fast_a_direction_counts_from_farther_away(seconds: float, least_s: float, most_s: float) -> None:
    scene = Scene(pair(heading_reach_s=seconds))
    way = straight((6000.0, 0.0), (0.0, 0.0), 14.0)
    follow(scene, way)
    first = alarms(scene)[0]
    assert least_s <= len(way) * 5.0 - (first.at_ms - scene.out[0].at_ms) / 1000.0 <= most_s


@pytest.mark.parametrize("seconds", [0.0, 150.0, 900.0])
def test_of_a_walker_it_counts_from_no_farther(seconds: float) -> None:
    scene = Scene(pair(heading_reach_s=seconds, heading_reach_m=500.0))
    follow(scene, straight((2500.0, 0.0), (0.0, 0.0), 1.4 * 0.35))
    first = alarms(scene)[0]
    assert first.low_m is not None
    assert first.low_m <= 500.0


def test_errors_of_a_phone_do_not_make_a_way_crooked() -> None:
    leads = []
    for seed in range(8):
        scene = Scene(pair())
        follow(scene, straight((2500.0, 0.0), (0.0, 0.0), 1.4), noise_m=6.0, seed=seed)
        leads.append(alarms(scene)[0].low_m or 0.0)
    assert min(leads) > 300.0


def test_who_is_lost_while_coming_nearer_is_warned_of_before_he_can_be_there() -> None:
    # Given he walked towards her, and 1.5 km away his tag fell silent
    scene = Scene(pair())
    way = straight((2500.0, 0.0), (1500.0, 0.0), 1.4)
    follow(scene, way)
    lost_s = len(way) * 5.0
    assert alarms(scene) == []
    # When she goes on reporting and he does not
    for at_s in range(int(lost_s), int(lost_s) + 900, 10):
        scene.hear("p", at_s, 0.0, 0.0)
    # Then she is warned by what he could have walked, and told why
    first = alarms(scene)[0]
    assert Cause.LOST in causes(first)
    assert (first.at_ms - scene.out[0].at_ms) / 1000 < lost_s + 1400.0 / 1.4


def test_who_is_lost_while_going_away_is_not() -> None:
    scene = Scene(pair())
    way = straight((900.0, 0.0), (1500.0, 0.0), 1.4)
    follow(scene, way)
    for at_s in range(len(way) * 5, len(way) * 5 + 900, 10):
        scene.hear("p", at_s, 0.0, 0.0)
    assert alarms(scene) == []


def test_who_turns_up_near_unseen_on_the_way_is_an_alarm() -> None:
    scene = Scene(pair())
    follow(scene, [(3000.0, 0.0)] * 5)
    scene.hear("p", 900.0, 0.0, 0.0)
    scene.hear("m", 900.5, 430.0, 0.0)
    assert scene.tier is Tier.WARNING
    assert Cause.ANEW in causes(scene.out[-1])


def test_a_walker_from_the_next_streets_is_warned_of_from_three_hundred_metres() -> None:
    # Given he sets out 500 m away, by streets that do not point at her, seen every 30 s
    scene = Scene(pair())
    corners = [(330.0, 380.0), (330.0, 180.0), (130.0, 180.0), (130.0, 0.0), (0.0, 0.0)]
    rest = [corners[0]] * 12
    follow(scene, rest + [at for a, b in pairwise(corners) for at in straight(a, b, 1.4, 30.0)[1:]], every_s=30.0)
    first = alarms(scene)[0]
    assert (first.low_m or 0.0) > 280.0


def test_seen_seldom_he_is_warned_of_when_the_next_report_could_be_too_late() -> None:
    scene = Scene(pair(heading_reach_m=100.0, heading_reach_s=0.0))
    follow(scene, straight((9000.0, 500.0), (0.0, 0.0), 14.0, every_s=60.0)[:-1], every_s=60.0)
    assert Cause.SOON in causes(alarms(scene)[0])


def test_seen_every_five_minutes_a_car_is_warned_of_by_the_speed_it_showed() -> None:
    # Given both report every 290 s, and he drives through streets: fast, though at the last report not straight towards her
    scene = Scene(pair())
    for step, place in enumerate([(12_000.0, -4_500.0), (8_600.0, -3_000.0), (5_200.0, -1_500.0), (3_000.0, 900.0)]):
        scene.hear("m", 290.0 * step, *place)
        scene.hear("p", 290.0 * step + 10.0, 0.0, 0.0)
    # Then he is warned of at once, before he can be there unseen, from farther than the closing speed alone says
    first = alarms(scene)[0]
    assert Cause.SOON in causes(first)
    assert (first.low_m or 0.0) > 300.0 * scene.pair().closing_mps


@given(st.floats(1.5, 20.0), st.floats(1_500.0, 12_000.0), st.floats(0.0, 6.3))
def test_nobody_is_warned_of_whom_no_watch_would_notice(mps: float, away_m: float, course: float) -> None:
    scene = Scene(pair(watch_s=300.0, watch_m=1_000.0, warning_s=300.0, warning_m=900.0))
    for step in range(8):
        way = mps * 300.0 * (7 - step)
        scene.hear("m", 300.0 * step, away_m + way * math.cos(course), way * math.sin(course))
        scene.hear("p", 300.0 * step + 10.0, 0.0, 0.0)
        assert scene.pair().reach_m(WARNING) <= scene.pair().reach_m(WATCH)


def test_between_two_reports_that_come_as_always_silence_says_nothing() -> None:
    # Given both report every minute, 280 m apart, at rest
    scene = Scene(pair())
    for minute in range(30):
        scene.hear("p", 60.0 * minute, 0.0, 0.0)
        scene.hear("m", 60.0 * minute + 30.0, 280.0, 0.0)
    assert alarms(scene) == []
    # When one of them is two reports late, it does
    scene.wait(29 * 60.0 + 30.0 + 121.0)
    assert scene.tier is Tier.DANGER
    assert Cause.GROWTH in causes(scene.out[-1])


def test_a_warning_outlives_a_rest_on_the_way_and_ends_when_it_lasts() -> None:
    scene = Scene(pair())
    way = straight((2500.0, 0.0), (500.0, 0.0), 1.4)
    follow(scene, way)
    assert scene.tier is Tier.WARNING
    began_s = len(way) * 5.0
    follow(scene, [(500.0, 0.0)] * 50, from_s=began_s)
    assert scene.tier is Tier.WARNING, "four minutes are no end"
    follow(scene, [(500.0, 0.0)] * 60, from_s=began_s + 250.0)
    assert scene.tier is Tier.WATCH


def test_a_place_is_approached_like_a_person() -> None:
    scene = Scene(pair(Circle(*HOME, 60.0)))
    for step, (east, north) in enumerate(straight((2500.0, 0.0), (0.0, 0.0), 1.4)):
        scene.hear("m", 5.0 * step, east, north)
    first = alarms(scene)[0]
    assert Cause.HEADING in causes(first)
    assert first.low_m is not None
    assert first.low_m > 300.0


@given(st.floats(0.0, 360.0), st.floats(300.0, 2500.0), st.floats(-1.0, 1.0), st.sampled_from((1.4, 5.0, 14.0)))
def test_it_does_not_matter_where_north_is(turn_deg: float, start_m: float, aside: float, mps: float) -> None:
    def told(angle: float) -> list[tuple[int, Tier]]:
        scene = Scene(pair())
        way = straight((start_m, 0.0), (0.0, aside * 400.0), mps)[:150]
        sin, cos = math.sin(angle), math.cos(angle)
        follow(scene, [(e * cos - n * sin, e * sin + n * cos) for e, n in way])
        return [(t.at_ms, t.tier) for t in scene.out if t.tier != t.tier_before]

    plain, turned = told(0.0), told(math.radians(turn_deg))
    # A limit may be met a report earlier or later: metres east and north differ by millionths.
    assert [tier for _, tier in plain] == [tier for _, tier in turned]
    assert all(abs(a - b) <= 10_000 for (a, _), (b, _) in zip(plain, turned, strict=True))


@given(st.floats(150.0, 1500.0), st.floats(0.0, 1400.0))
def test_a_nearer_start_of_the_same_way_never_warns_later(near_m: float, more_m: float) -> None:
    def first_low(start_m: float) -> float:
        scene = Scene(pair())
        follow(scene, straight((start_m, 0.0), (0.0, 0.0), 1.4, every_s=10.0), every_s=10.0)
        return alarms(scene)[0].at_ms - (start_m - 0.0) / 1.4 * 1000.0

    # Times before contact: who starts nearer has shown less of his way, and is warned of at most as early; but always before the floor.
    scene_near, scene_far = first_low(near_m), first_low(near_m + more_m)
    assert scene_near >= scene_far - 40_000.0


def test_who_creeps_too_slowly_for_any_speed_to_show_is_warned_of_minutes_before() -> None:
    scene = Scene(pair())
    follow(scene, [(400.0 - 0.3 * 60.0 * step, 0.0) for step in range(20)], every_s=60.0, noise_m=2.0)
    first = alarms(scene)[0]
    assert causes(first) & {Cause.SOON}
    assert first.low_m is not None
    assert first.low_m > 100.0 + 0.2 * 300.0 - 30.0


def test_who_creeps_past_or_stands_is_no_alarm() -> None:
    for way in ([(400.0 - 0.3 * 60.0 * step, 400.0) for step in range(40)], [(180.0, 0.0)] * 40):
        scene = Scene(pair())
        follow(scene, way, every_s=60.0, noise_m=2.0)
        assert alarms(scene) == []


def test_between_two_reports_a_street_may_turn_towards_her() -> None:
    # Given a cyclist seen once a minute, whose streets bring him nearer
    corners = [(860.0, 2000.0), (860.0, 450.0), (300.0, 450.0)]
    scene = Scene(pair(warning_cone_m=0.0, danger_cone_m=0.0))
    # When he is near, and the street of the last minute leads past her
    follow(scene, [at for a, b in pairwise(corners) for at in straight(a, b, 4.7, every_s=60.0)[1:]], every_s=60.0)
    # Then she is warned: before the next report he could be with her
    assert causes(alarms(scene)[-1]) & {Cause.SOON}


def test_seen_every_few_minutes_whoever_comes_nearer_comes() -> None:
    for every_s in (300.0, 140.0):
        scene = Scene(pair(warning_cone_m=0.0, danger_cone_m=0.0))
        follow(scene, straight((4000.0, 800.0), (450.0, 800.0), 4.0, every_s=every_s), every_s=every_s)
        assert bool(alarms(scene)) is (every_s == 300.0)


def test_near_her_a_slow_approach_is_warned_of_in_time_whatever_the_way_before_was() -> None:
    scene = Scene(pair())
    around = [(500.0, 300.0), (500.0, -300.0), (350.0, -300.0), (350.0, 200.0), (0.0, 0.0)]
    follow(scene, [at for a, b in pairwise(around) for at in straight(a, b, 1.4)])
    first = alarms(scene)[0]
    assert first.low_m is not None
    assert first.low_m > 200.0


def test_one_wrong_fix_beside_the_first_one_makes_no_speed() -> None:
    scene = Scene(pair())
    follow(scene, [(2900.0, 0.0), (2650.0, 0.0), (2900.0, 0.0), (2900.0, 0.0)], every_s=15.0)
    assert {t.tier for t in scene.out} == {Tier.CLEAR}


def test_a_surprising_fix_of_who_drove_lately_counts_from_farther_off() -> None:
    drives = straight((3000.0, 1500.0), (900.0, 1500.0), 14.0)
    for way, heard in ((drives, True), ([(900.0, 1500.0)] * 40, False)):
        scene = Scene(pair())
        follow(scene, [*way, (300.0, 0.0)])
        assert (Cause.SUSPECT in {cause for one in scene.out for cause in causes(one)}) is heard


def test_the_rules_used_here_leave_room_for_evidence() -> None:
    assert PAIR.warning_floor_m < PAIR.warning_m
