"""The interval that the core asks for: what it is, that it is monotone, and that his says nothing about her."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.core.sampling import Need, interval_s, need, own_interval_s, person_interval_s, stepped_s, time_s
from jikimi.model.sampling import SAMPLING, MonitoredBy, SamplingRules
from jikimi.model.zone import Circle
from tests.core.rules import HOME, PAIR, T0, Scene, pair

DANGER = msgspec.structs.replace(SAMPLING, monitored_by=MonitoredBy.DANGER)
QUIET = Need(tier=0, worst_sight=0, next_ring_m=50_000.0, speed_mps=3.0, stale_after_s=90.0)


def changed(**more):
    return msgspec.structs.replace(QUIET, **more)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (QUIET, 60.0),
        (changed(next_ring_m=3.0 * 240), 60.0),  # four reports a minute apart
        (changed(next_ring_m=3.0 * 239), 30.0),
        (changed(next_ring_m=3.0 * 120), 30.0),
        (changed(next_ring_m=3.0 * 119), 15.0),
        (changed(next_ring_m=0.0), 15.0),
        (changed(next_ring_m=-1.0), 15.0),
        (changed(worst_sight=1), 30.0),
        (changed(worst_sight=2, next_ring_m=None), 30.0),
        (changed(tier=1), 15.0),
        (changed(tier=1, next_ring_m=3.0 * 59), 5.0),
        (changed(tier=2), 5.0),
        (changed(tier=3), 5.0),
        (changed(speed_mps=0.0), 60.0),
        (changed(stale_after_s=60.0), 30.0),
        (changed(stale_after_s=1.0), 5.0),
    ],
)
def test_intervals_are_as_the_page_says(found, expected):
    assert interval_s(found, SAMPLING) == expected


needs = st.builds(
    Need,
    tier=st.integers(0, 3),
    worst_sight=st.integers(0, 2),
    next_ring_m=st.none() | st.floats(-1e4, 1e6),
    speed_mps=st.floats(0, 100),
    stale_after_s=st.floats(1, 600),
)


@given(needs, st.data())
def test_nearer_faster_or_worse_known_never_asks_for_longer(found, data):
    worse = msgspec.structs.replace(
        found,
        tier=data.draw(st.integers(found.tier, 3)),
        worst_sight=data.draw(st.integers(found.worst_sight, 2)),
        next_ring_m=None if found.next_ring_m is None else found.next_ring_m - data.draw(st.floats(0, 1e5)),
        speed_mps=found.speed_mps + data.draw(st.floats(0, 50)),
    )
    assert SAMPLING.steps_s[0] <= interval_s(worse, SAMPLING) <= interval_s(found, SAMPLING) <= SAMPLING.steps_s[-1]
    assert interval_s(found, SAMPLING) in SAMPLING.steps_s


@given(needs)
def test_whoever_obeys_does_not_look_silent(found):
    asked = interval_s(found, SAMPLING)
    assert asked <= max(SAMPLING.steps_s[0], SAMPLING.stale_share * found.stale_after_s)


@given(needs)
def test_time_to_the_ring_is_never_negative(found):
    assert time_s(found) >= 0.0


def at(distance_m, *, error_m=8.0, him_mps=0.0, seconds=120):
    """Two who are ``distance_m`` apart at the end; he comes straight at such a speed, both seen every 5 s."""
    scene = Scene(pair())
    for second in range(0, seconds + 1, 5):
        scene.hear("p", second, 0.0, 0.0, error_m=error_m)
        scene.hear("m", second, distance_m + him_mps * (seconds - second), 0.0, error_m=error_m)
    return scene


def asked(scene, person, seconds=120, rules=SAMPLING):
    engine = scene.engine
    return person_interval_s(person, engine.track(person), [(pair, rules) for pair in engine.pairs_of(person)], T0 + seconds * 1000)


@settings(max_examples=40, deadline=None)
@given(st.floats(10, 40_000), st.floats(0, 20_000), st.sampled_from([0.0, 1.4, 4.5, 13.9]))
def test_a_nearer_pair_never_gives_her_a_longer_interval(near_m, more_m, speed):
    assert asked(at(near_m, him_mps=speed), "p") <= asked(at(near_m + more_m, him_mps=speed), "p")


@pytest.mark.parametrize(("distance_m", "speed", "expected"), [(30_000, 0.0, 60.0), (2_500, 0.0, 30.0), (1_900, 0.0, 15.0), (90, 0.0, 5.0)])
def test_hers_depends_on_him(distance_m, speed, expected):
    assert asked(at(distance_m, him_mps=speed), "p") == expected


@pytest.mark.parametrize(("speed", "expected"), [(0.0, 60.0), (1.4, 15.0), (4.5, 5.0), (13.9, 5.0)])
@pytest.mark.parametrize("distance_m", [50, 900, 5_000, 200_000])
def test_his_depends_on_his_own_movement_alone(distance_m, speed, expected):
    assert asked(at(distance_m, him_mps=speed), "m") == expected


def test_by_danger_his_is_hers():
    assert asked(at(90), "m", rules=DANGER) == asked(at(90), "p") == 5.0
    assert asked(at(30_000), "m", rules=DANGER) == 60.0


def test_his_is_short_while_a_surprise_waits():
    scene = at(5_000)
    scene.hear("m", 125, 9_000.0, 0.0)
    assert scene.engine.track("m").suspect is not None
    assert asked(scene, "m", 125) == 5.0


def test_his_keeps_to_the_policy_that_calls_him_stale_soonest():
    scene = Scene(pair(stale_after_s=40.0))
    scene.hear("m", 0, 0.0, 0.0)
    assert asked(scene, "m", 0) == 15.0, "0.7 of 40 s"


def test_under_two_policies_the_shorter_counts_and_one_that_hides_her_hides_her():
    scene = at(300.0)
    (one,) = scene.engine.pairs_of("m")
    slow = msgspec.structs.replace(SAMPLING, steps_s=(5.0, 15.0, 30.0), rest_s=30.0)

    def asked(person, *rules):
        return person_interval_s(person, scene.engine.track(person), [(one, each) for each in rules], T0 + 120_000)

    assert asked("p", SAMPLING, DANGER) == asked("p", SAMPLING) == 5.0
    assert asked("m", DANGER) == 5.0
    assert asked("m", SAMPLING, slow) == asked("m", slow, SAMPLING) == 30.0
    assert asked("m", SAMPLING, DANGER) == asked("m", SAMPLING), "no interval of his depends on her while one law says so"


def test_nobody_is_asked_whom_no_order_watches():
    assert person_interval_s("m", None, (), T0) is None


def test_never_heard_is_asked_for_often():
    scene = Scene(pair())
    assert own_interval_s(None, SAMPLING) == 5.0
    assert asked(scene, "m", 0) == 5.0
    assert asked(scene, "p", 0) == 30.0


def test_who_is_monitored_and_protected_counts_as_monitored():
    mutual = msgspec.structs.replace(pair(), pair_id="back", monitored_id="p", owner_id="m", protected_id="m")
    scene = Scene(pair(), mutual)
    for second in range(0, 121, 5):
        scene.hear("p", second, 0.0, 0.0)
        scene.hear("m", second, 50.0, 0.0)
    assert asked(scene, "p") == asked(scene, "m") == 60.0


def test_a_place_counts_for_nothing_on_his_side():
    scene = Scene(pair(zone=Circle(*HOME, 100.0)))
    for second in range(0, 121, 5):
        scene.hear("m", second, 30.0, 0.0)
    found = need(scene.pair(), T0 + 120_000)
    assert (found.tier, found.worst_sight) == (3, 0)
    assert asked(scene, "m") == 60.0
    assert asked(scene, "m", rules=DANGER) == 5.0


def test_both_clocks_of_a_stale_side_are_noted():
    scene = at(30_000)
    assert need(scene.pair(), T0 + 120_000).worst_sight == 0
    assert need(scene.pair(), T0 + 220_000).worst_sight == 1
    assert asked(scene, "p", 220) == 30.0
    assert need(scene.pair(), T0 + 120_000).stale_after_s == PAIR.stale_after_s


@given(st.lists(st.tuples(st.integers(1, 60), st.floats(-3e4, 3e4), st.floats(-3e4, 3e4)), min_size=1, max_size=12), st.data())
@settings(max_examples=60, deadline=None)
def test_his_interval_is_the_same_wherever_she_is(his, data):
    """Promise 5 as non-interference: his fixes alone decide, whatever hers are."""
    told = []
    for _ in range(2):
        scene = Scene(pair(), pair_of_two := msgspec.structs.replace(pair(), pair_id="other", protected_id="q", owner_id="q"))
        assert pair_of_two.monitored_id == "m"
        second, answers = 0, []
        for wait, east, north in his:
            second += wait
            for her in ("p", "q"):
                if data.draw(st.booleans()):
                    scene.hear(her, second, data.draw(st.floats(-3e4, 3e4)), data.draw(st.floats(-3e4, 3e4)))
            scene.hear("m", second, east, north)
            answers.append(asked(scene, "m", second))
        told.append(answers)
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps_s": ()},
        {"steps_s": (15.0, 5.0)},
        {"steps_s": (0.0, 15.0)},
        {"watch_s": 14.0},
        {"watch_s": 30.0, "unseen_s": 15.0},
        {"ride_s": 60.0},
        {"rest_mps": 3.0},
        {"stale_share": 1.5},
        {"reports_before": 0.5},
        {"repeat_s": 0.0},
    ],
)
def test_numbers_that_would_break_the_order_are_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        SamplingRules(**wrong)


def test_a_step_is_never_longer_than_wanted():
    assert [stepped_s(wanted, SAMPLING) for wanted in (0.0, 5.0, 14.9, 15.0, 59.0, 1e9)] == [5.0, 5.0, 5.0, 15.0, 30.0, 60.0]
