"""What holds for every history: caution, independence, and the same decisions however the calls are made."""

from __future__ import annotations

import math
from random import Random

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from jikimi.core import state, view
from jikimi.core.engine import Engine
from jikimi.core.geodesy import offset
from jikimi.core.spec.judge import Input
from jikimi.model.decision import Tier, Transition
from jikimi.model.fix import Fix, Source, Verdict
from jikimi.model.order import Pair
from jikimi.model.policy import PairRules, TrackRules
from jikimi.model.zone import Circle
from tests.core.generate import history
from tests.core.rules import HOME, PAIR, T0, TRACK, Scene, fix, pair

Call = tuple[int, str, Fix]
seeds = st.integers(0, 10_000)
metres = st.integers(-8_000_000, 8_000_000).map(lambda mm: mm / 1000.0)
errors = st.integers(0, 400).map(float)


def packed(transitions: list[Transition]) -> bytes:
    return msgspec.msgpack.encode(transitions)


def renamed(seed: int, steps: int = 40) -> tuple[Pair, list[Call], int]:
    """Return a random history whose pair and persons have names of their own."""
    spec, inputs, until_ms = history(seed, steps)
    names = {"monitored": f"m{seed}", "protected": f"p{seed}"}
    spec = msgspec.structs.replace(
        spec,
        pair_id=f"pair{seed}",
        monitored_id=names["monitored"],
        owner_id=names["protected"],
        protected_id=names["protected"] if spec.zone is None else None,
    )
    return spec, [(item.now_ms, names[item.side], item.fix) for item in inputs], until_ms


def play(engine: Engine, calls: list[Call], until_ms: int) -> list[Transition]:
    out: list[Transition] = []
    for now_ms, person, item in calls:
        out += engine.advance(now_ms)
        engine.fix(person, item, now_ms, out)
    return out + engine.advance(until_ms)


def alone(seed: int, steps: int = 40) -> list[Transition]:
    spec, calls, until_ms = renamed(seed, steps)
    engine = Engine(TRACK)
    return engine.put(spec, T0) + play(engine, calls, until_ms)


def tier_at_first_sight(distance_m: float, error_m: float, angle: float = 0.0) -> Tier:
    scene = Scene(pair())
    scene.hear("p", 0, 0, 0)
    scene.hear("m", 0, distance_m * math.sin(angle), distance_m * math.cos(angle), error_m=error_m)
    return scene.tier


# -- caution ---------------------------------------------------------------------------------------------------------


@given(st.floats(0, 5000), st.floats(0, 5000), errors, st.floats(0, 6.28))
def test_nearer_never_means_a_lower_tier(one: float, other: float, error: float, angle: float) -> None:
    near, far = sorted((one, other))
    assert tier_at_first_sight(near, error, angle) >= tier_at_first_sight(far, error, angle)


@given(st.floats(0, 5000), errors, errors)
def test_a_worse_known_position_never_means_a_lower_tier(distance: float, one: float, other: float) -> None:
    better, worse = sorted((one, other))
    assert tier_at_first_sight(distance, worse) >= tier_at_first_sight(distance, better)


@given(seeds)
def test_time_alone_never_lowers_a_tier_nor_betters_a_sight(seed: int) -> None:
    spec, calls, until_ms = renamed(seed)
    engine = Engine(TRACK)
    engine.put(spec, T0)
    for now_ms, person, item in [*calls, (until_ms + 4_000_000, "", None)]:
        for t in engine.advance(now_ms):
            assert t.tier >= t.tier_before
            assert t.monitored >= t.monitored_before
            assert t.protected >= t.protected_before
        if item is not None:
            engine.fix(person, item, now_ms, [])


@given(seeds)
def test_low_end_is_within_the_ring_whenever_a_tier_rises_by_distance(seed: int) -> None:
    for t in alone(seed):
        assert t.reasons
        assert t.low_m is None or t.high_m is None or 0.0 <= t.low_m <= t.high_m + 1e-6


# -- the plane has no corner -------------------------------------------------------------------------------------------


@given(seeds, st.floats(0, 6.28), st.sampled_from([(37.5, 127.0), (37.5, 180.0), (37.5, -60.0), (37.9, 0.0)]))
def test_turning_or_moving_the_whole_story_changes_nothing(seed: int, turn: float, home: tuple[float, float]) -> None:
    rnd = Random(seed)
    places = [(rnd.uniform(-4000, 4000), rnd.uniform(-4000, 4000)) for _ in range(2)]
    told: list[list[tuple[Tier, float]]] = []
    for angle, at in ((0.0, HOME), (turn, home)):
        engine = Engine(TRACK)
        engine.put(pair(), T0)
        out: list[Transition] = []
        for step in range(30):
            walk = Random(seed + step)
            for side, (east, north) in zip("mp", places, strict=True):
                e, n = east * (1 - step / 40) + walk.uniform(-3, 3), north * (1 - step / 40) + walk.uniform(-3, 3)
                lat, lon = offset(*at, e * math.cos(angle) - n * math.sin(angle), e * math.sin(angle) + n * math.cos(angle))
                now_ms = T0 + 20_000 * step
                engine.advance(now_ms)
                engine.fix(side, Fix(f"{side}{step}", now_ms, lat, lon, 8.0, Source.GNSS), now_ms, out)
        watched = engine.pair("pair")
        assert watched is not None
        told.append([(Tier(watched.tier), watched.low_m(engine.now_ms))])
        margin = abs(watched.low_m(engine.now_ms) - watched.reach_m(1))
        assume(margin > 5.0)
    assert told[0][0][1] == pytest.approx(told[1][0][1], rel=2e-4, abs=0.5)


# -- one pair, many pairs ----------------------------------------------------------------------------------------------


@given(st.lists(seeds, min_size=2, max_size=6, unique=True))
def test_pairs_do_not_touch_each_other(chosen: list[int]) -> None:
    stories = [renamed(seed) for seed in chosen]
    engine = Engine(TRACK)
    out: list[Transition] = []
    for spec, _, _ in stories:
        out += engine.put(spec, T0)
    calls = sorted((call for _, story, _ in stories for call in story), key=lambda call: call[0])
    out += play(engine, calls, max(until for _, _, until in stories))
    for seed, (spec, _, until_ms) in zip(chosen, stories, strict=True):
        mine = [t for t in out if t.pair_id == spec.pair_id and t.at_ms <= until_ms]
        assert packed(mine) == packed(alone(seed))


def two_roles() -> list[Pair]:
    """Return a ring: a is kept from b, and b from c."""
    first = msgspec.structs.replace(pair(), pair_id="a-b", monitored_id="a", protected_id="b", owner_id="b")
    return [first, msgspec.structs.replace(first, pair_id="b-c", monitored_id="b", protected_id="c", owner_id="c")]


def test_a_person_may_be_monitored_in_one_pair_and_protected_in_another() -> None:
    scene = Scene(*two_roles())
    for at_s in range(0, 60, 5):
        scene.hear("a", at_s, 9000, 0)
        scene.hear("b", at_s, 0, 0)
        scene.hear("c", at_s, -9000, 0)
    scene.hear("b", 300, -8950, 0)
    scene.hear("c", 300, -9000, 0)
    assert Tier(scene.pair("b-c").tier) is Tier.DANGER
    assert Tier(scene.pair("a-b").tier) is Tier.CLEAR
    assert {t.pair_id for t in scene.out if t.tier is Tier.DANGER} == {"b-c"}


@given(st.permutations(range(4)), seeds)
def test_the_order_of_entry_does_not_matter(order: list[int], seed: int) -> None:
    stories = [renamed(seed + 20_000 * number) for number in range(4)]
    engine = Engine(TRACK)
    out: list[Transition] = []
    for number in order:
        out += engine.put(stories[number][0], T0)
    calls = sorted((call for _, story, _ in stories for call in story), key=lambda call: call[0])
    out += play(engine, calls, max(until for _, _, until in stories))
    mine = [t for t in out if t.pair_id == stories[0][0].pair_id and t.at_ms <= stories[0][2]]
    assert packed(mine) == packed(alone(seed))


def test_put_end_put_begins_anew() -> None:
    scene = Scene(pair())
    scene.hear("p", 0, 0, 0)
    scene.hear("m", 0, 50, 0)
    assert scene.tier is Tier.DANGER
    assert scene.engine.end("pair", T0 + 1000) == []
    assert scene.engine.pair("pair") is None
    assert scene.engine.track("m") is None
    assert scene.hear("m", 2, 50, 0) is Verdict.UNASSIGNED
    scene.engine.put(pair(), T0 + 3000)
    assert scene.tier is Tier.CLEAR
    scene.hear("m", 4, 50, 0)
    scene.hear("p", 4, 0, 0)
    assert scene.tier is Tier.DANGER
    assert scene.pair().number == 2


def test_ending_what_is_not_watched_does_nothing() -> None:
    scene = Scene(pair())
    assert scene.engine.end("nobody", T0 + 1) == []


def test_a_track_lives_as_long_as_one_pair_needs_it() -> None:
    scene = Scene(*two_roles())
    scene.hear("b", 0, 0, 0)
    scene.engine.end("a-b", T0 + 1000)
    assert scene.engine.track("b") is not None
    scene.engine.end("b-c", T0 + 2000)
    assert scene.engine.track("b") is None


def test_a_new_pair_of_known_persons_is_judged_at_once() -> None:
    scene = Scene(two_roles()[0])
    scene.hear("a", 0, 50, 0)
    scene.hear("b", 0, 0, 0)
    place = msgspec.structs.replace(pair(Circle(*HOME, 100.0)), pair_id="place", monitored_id="a")
    out = scene.engine.put(place, T0 + 1000)
    assert [(t.pair_id, t.tier) for t in out] == [("place", Tier.DANGER)]


def test_changed_parties_are_told() -> None:
    scene = Scene(two_roles()[0])
    scene.hear("a", 0, 50, 0)
    scene.hear("b", 0, 0, 0)
    other = msgspec.structs.replace(two_roles()[0], protected_id="d", owner_id="d")
    out = scene.engine.put(other, T0 + 1000)
    assert out[0].protected > out[0].protected_before
    assert out[0].reasons
    assert scene.engine.track("a") is not None
    assert scene.engine.track("b") is None
    assert scene.hear("d", 2, 0, 0) is Verdict.USED


# -- the same calls, the same bytes ------------------------------------------------------------------------------------


@given(seeds)
def test_replay_gives_the_same_bytes(seed: int) -> None:
    assert packed(alone(seed)) == packed(alone(seed))


@given(seeds, st.randoms(use_true_random=False))
def test_it_does_not_matter_how_often_time_is_told(seed: int, rnd: Random) -> None:
    spec, calls, until_ms = renamed(seed)
    engine = Engine(TRACK)
    out = engine.put(spec, T0)
    now_ms = T0
    for at_ms, person, item in calls:
        for moment in sorted(rnd.randrange(now_ms, at_ms + 1) for _ in range(rnd.randrange(6))):
            out += engine.advance(moment)
        now_ms = at_ms
        out += engine.advance(at_ms)
        engine.fix(person, item, at_ms, out)
    while (due := engine.next_alarm_ms()) is not None and due <= until_ms:
        out += engine.advance(due)
    out += engine.advance(until_ms)
    assert packed(out) == packed(alone(seed))


@given(st.lists(seeds, min_size=1, max_size=4, unique=True), st.data())
def test_a_restored_engine_goes_on_with_the_same_bytes(chosen: list[int], data: st.DataObject) -> None:
    stories = [renamed(seed, 25) for seed in chosen]
    calls = sorted((call for _, story, _ in stories for call in story), key=lambda call: call[0])
    cut = data.draw(st.integers(0, len(calls)))
    ended = data.draw(st.sampled_from(stories))[0].pair_id
    until_ms = max(until for _, _, until in stories)
    engine = Engine(TRACK)
    for spec, _, _ in stories:
        engine.put(spec, T0)
    if data.draw(st.booleans()):
        engine.end(ended, T0)
    play(engine, calls[:cut], engine.now_ms if cut == 0 else calls[cut - 1][0])
    written = msgspec.msgpack.encode(state.dump(engine))
    restored = state.load(msgspec.msgpack.decode(written, type=state.EngineState))
    assert msgspec.msgpack.encode(state.dump(restored)) == written
    late = msgspec.structs.replace(stories[0][0], pair_id="late")
    told = [found.put(late, found.now_ms) + play(found, calls[cut:], until_ms) for found in (engine, restored)]
    assert packed(told[0]) == packed(told[1])


def test_restored_pairs_ring_in_the_same_order() -> None:
    # Given the second of three pairs was ended and a fourth took its place, and all go blind in the same millisecond
    specs = [msgspec.structs.replace(pair(), pair_id=f"pair{n}", monitored_id=f"m{n}", protected_id=f"p{n}") for n in range(4)]
    engine = Engine(TRACK)
    for spec in specs[:3]:
        engine.put(spec, T0)
    engine.end("pair1", T0)
    engine.put(specs[3], T0)
    for n in (0, 2, 3):
        engine.fix(f"m{n}", fix(T0, 9000, 0), T0, [])
    restored = state.load(state.dump(engine))
    assert packed(restored.advance(T0 + 400_000)) == packed(engine.advance(T0 + 400_000))


def test_one_person_in_many_pairs_is_told_in_order_of_entry_even_after_new_rules() -> None:
    specs = [msgspec.structs.replace(pair(), pair_id=f"pair{n}", protected_id=f"p{n}") for n in range(3)]
    scene = Scene(*specs)
    scene.engine.put(msgspec.structs.replace(specs[0], rules=msgspec.structs.replace(PAIR, danger_m=150.0)), T0)
    scene.hear("m", 1, 9000, 0)
    assert [t.pair_id for t in scene.out] == ["pair0", "pair1", "pair2"]


def test_rules_are_kept_once() -> None:
    specs = [msgspec.structs.replace(pair(), pair_id=f"pair{n}", rules=msgspec.structs.replace(PAIR)) for n in range(3)]
    scene = Scene(*specs)
    assert len({id(watched.spec.rules) for watched in scene.engine.pairs()}) == 1
    assert len(state.dump(scene.engine).pair_rules) == 1


# -- nothing breaks it -------------------------------------------------------------------------------------------------

positions = st.tuples(st.floats(-89.0, 89.0), st.floats(-180.0, 180.0))
times = st.integers(-(2**60), 2**60) | st.integers(T0 - 1_000_000, T0 + 1_000_000)
fixes = st.builds(
    lambda t_ms, at, error, source, valid: Fix("f", t_ms, *at, error, source, None, None, None, None, valid),
    times,
    positions,
    st.none() | st.floats(0, 1e308),
    st.sampled_from(Source),
    st.none() | st.booleans(),
)
extremes: dict[str, list[float]] = {
    "watch_m": [0.0, 1e5],
    "warning_m": [0.0],
    "danger_m": [0.0],
    "watch_s": [0.0, 86_400.0],
    "warning_s": [0.0],
    "danger_s": [0.0],
    "leave_margin_m": [0.0],
    "leave_dwell_s": [0.0],
    "assumed_speed_mps": [0.0, 60.0],
    "assumed_closing_mps": [0.0, 60.0],
    "growth_max_s": [0.0, 86_400.0],
    "close_contact_s": [0.0],
    "stale_after_s": [0.0, 300.0],
}
rules = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in extremes.items()})


@given(rules, st.lists(st.tuples(st.integers(0, 400_000), st.sampled_from("mp"), fixes), max_size=25), st.booleans())
def test_no_finite_input_breaks_it_and_its_alarms_end(changed: dict[str, float], calls: list[Call], static: bool) -> None:
    engine = Engine(TRACK)
    engine.put(pair(Circle(*HOME, 0.0) if static else None, **changed), T0)
    now_ms = T0
    out: list[Transition] = []
    for pause_ms, person, item in calls:
        now_ms += pause_ms
        out += engine.advance(now_ms)
        verdict = engine.fix(person, item, now_ms, out)
        assert verdict is not Verdict.UNASSIGNED or (static and person == "p")
        watched = engine.pair("pair")
        assert watched is not None
        seen = view.view(watched, now_ms)
        assert seen.low_m is None or seen.low_m >= 0.0
    rings = 0
    while (due := engine.next_alarm_ms()) is not None:
        assert due > engine.now_ms, "a ring moves the alarm on"
        out += engine.advance(due)
        rings += 1
        assert rings < 500
    assert all(math.isfinite(value) for t in out for value in (t.low_m, t.high_m, t.contact_s) if value is not None)


def test_histories_of_the_generator_have_what_they_are_for() -> None:
    items: list[Input] = [item for seed in range(200) for item in history(seed, 40)[1]]
    assert {item.fix.source for item in items} == set(Source)
    assert any(item.fix.valid is False for item in items)
    assert any(item.fix.fix_time_ms > item.now_ms for item in items)


@pytest.mark.parametrize("rule", PairRules.__struct_fields__[1:])
def test_every_pair_rule_is_read(rule: str) -> None:
    # These times are longer than what the histories hold: such bounds can only be missed.
    long = {"lull_most_s", "creep_stride_s", "follow_s"}
    changed = msgspec.structs.replace(PAIR, **{rule: 0.0 if rule in long else getattr(PAIR, rule) * 1.5 + 1.0})

    def tells(seed: int, rules_: PairRules) -> bytes:
        spec, calls, until_ms = renamed(seed)
        engine = Engine(TRACK)
        return packed(engine.put(msgspec.structs.replace(spec, rules=rules_), T0) + play(engine, calls, until_ms))

    assert any(tells(seed, PAIR) != tells(seed, changed) for seed in range(400))


@pytest.mark.parametrize("rule", [name for name in TrackRules.__struct_fields__ if not name.startswith(("floor", "default"))])
def test_every_track_rule_is_read(rule: str) -> None:
    # The floors and defaults have tests of their own: see test_fix_treatment.
    changed = msgspec.structs.replace(TRACK, **{rule: getattr(TRACK, rule) * 20.0 + 1.0})
    assert any(said(seed, TRACK) != said(seed, changed) for seed in range(200))


def said(seed: int, track_rules: TrackRules) -> tuple[bytes, list[Verdict]]:
    spec, calls, _ = renamed(seed)
    engine = Engine(track_rules)
    out = engine.put(spec, T0)
    verdicts = []
    for now_ms, person, item in calls:
        out += engine.advance(now_ms)
        verdicts.append(engine.fix(person, item, now_ms, out))
    return packed(out), verdicts


def test_who_turns_up_anew_right_beside_her_needs_no_time_even_where_nobody_is_credited_with_a_speed() -> None:
    engine = Engine(TRACK)
    engine.put(pair(assumed_closing_mps=0.0, assumed_speed_mps=0.0), T0)
    out: list[Transition] = []

    def hear(person: str, second: int, north_m: float) -> None:
        at_ms = T0 + 1000 * second
        fix = Fix(f"{person}{second}", at_ms, HOME[0] + north_m / 111_000.0, HOME[1], 5.0, Source.GNSS, None, None, None, None, True)
        engine.fix(person, fix, at_ms, out)

    hear("p", 0, 0.0)
    hear("m", 1, 5_000.0)
    hear("p", 200, 0.0)
    hear("m", 201, 0.0)
    assert out[-1].tier is Tier.DANGER


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(-40_000, 40_000), st.integers(-40_000, 40_000)), min_size=3, max_size=12),
    st.sampled_from([3.0, 60.0, 2_000.0]),
)
@example([(1, 0, 0), (1, 530, 0), (1, 1_060, 0), (1, 1_590, 0), (1, 2_120, 0), (1, 2_650, 0)], 60.0)
def test_no_belief_in_jumps_credits_anybody_with_more_than_people_travel_at(jumps: list[tuple[int, int, int]], error_m: float) -> None:
    engine = Engine(TRACK)
    engine.put(pair(), T0)
    at_ms = T0
    out: list[Transition] = []
    engine.fix("m", fix(at_ms, 0.0, 0.0, error_m=error_m), at_ms, out)
    for after_s, east_m, north_m in jumps:
        at_ms += after_s * 1000
        out += engine.advance(at_ms)
        engine.fix("m", fix(at_ms, float(east_m), float(north_m), error_m=error_m), at_ms, out)
        track = engine.track("m")
        assert track is not None
        assert track.shown_mps <= TRACK.max_speed_mps
