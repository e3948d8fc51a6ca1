"""The stories: their data, their determinism, and that the engine notices what it must."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import msgspec
import pytest

from jikimi.core.engine import Engine
from jikimi.core.geodesy import displacement
from jikimi.model.decision import Approach, Movement, Sight, Tier, Transition
from jikimi.model.order import DeviceKind, Pair
from jikimi.policy.load import preset
from jikimi.policy.resolve import pair_rules
from jikimi.scenarios.noise import KINDS
from jikimi.scenarios.stories import NAMES, Expected, Role, Story, demonstration, fixes, load, members, missing, order, truth
from jikimi.scenarios.stories.script import EPOCH_MS, recording

START = 1_800_000_000_000


def pairs_of(story: Story, policy) -> list[Pair]:
    court = order(story, 0, START * 2)
    her = court.protected_ids[0]
    shared = {"order_id": court.order_id, "monitored_id": court.monitored_id, "owner_id": her}
    people = [Pair(pair_id="person", protected_id=her, rules=pair_rules(policy, court, place=False), **shared)]
    return people + [
        Pair(pair_id=p.place_id, place_id=p.place_id, zone=p.zone, rules=pair_rules(policy, court, place=True), **shared)
        for p in court.places
    ]


def judged(story: Story, seed: int, pace: float, times: int = 1) -> dict[str, list[Transition]]:
    """The engine's transitions by pair, on simulated time; played again as soon as it ends."""
    policy = demonstration(preset(story.policy_id), story)
    engine = Engine(policy.track)
    out: list[Transition] = []
    pairs = pairs_of(story, policy)
    for pair in pairs:
        out += engine.put(pair, EPOCH_MS)
    persons = {member.device_id: member.person_id for member in members(story)}
    start_ms = EPOCH_MS
    for number in range(times):
        for sending in fixes(story, seed + number, pace=pace, start_ms=start_ms, run=f"r{number}"):
            start_ms = sending.received_ms
            out += engine.advance(start_ms)
            engine.fix(persons[sending.device_id], sending.fix, start_ms, out)
    return {pair.pair_id: [t for t in out if t.pair_id == pair.pair_id] for pair in pairs}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("own_pace", [False, True])
def test_the_engine_notices_every_step_of_the_story(name, seed, own_pace):
    story = load(name)
    found = judged(story, seed, story.pace if own_pace else 1.0)
    assert {expected.place_id or "person": missing(expected, found[expected.place_id or "person"]) for expected in story.expected} == {
        expected.place_id or "person": None for expected in story.expected
    }


@pytest.mark.parametrize("name", NAMES)
def test_played_in_a_loop_it_is_noticed_each_time(name):
    """The leap back to the start looks like a fast approach, so the second time may begin above ``watch``."""
    story = load(name)
    found = judged(story, 0, story.pace, times=2)
    for expected in story.expected:
        twice = msgspec.structs.replace(expected, steps=(*expected.steps, "warning", "clear"))
        assert missing(twice, found[expected.place_id or "person"]) is None


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_bytes_in_order_of_reception(name):
    story = load(name)
    first = list(fixes(story, 3, start_ms=START))
    assert msgspec.json.encode(first) == msgspec.json.encode(list(fixes(story, 3, start_ms=START)))
    assert msgspec.json.encode(first) != msgspec.json.encode(list(fixes(story, 4, start_ms=START)))
    assert all(a.received_ms <= b.received_ms for a, b in pairwise(first))
    assert {s.device_id for s in first} == {actor.device_id for actor in story.actors}


@pytest.mark.parametrize("name", NAMES)
def test_a_story_is_complete(name):
    story = load(name)
    assert story.name == name
    assert set(story.titles) == {"en", "ko"}
    assert [actor.role for actor in story.actors].count(Role.MONITORED) == 1
    assert {actor.kind for actor in story.actors} == {DeviceKind.TAG, DeviceKind.HANDSET}
    assert all(actor.noise is None or actor.noise in KINDS for actor in story.actors)
    assert {expected.place_id for expected in story.expected} == {None, *(place.place_id for place in story.places)}
    court = order(story, 1, 2)
    assert (court.monitored_id, court.from_ms, court.until_ms) == (f"{name}-monitored-1", 1, 2)
    assert {member.person_id for member in members(story)} == {court.monitored_id, *court.protected_ids}


def separations(name: str) -> list[float]:
    story = load(name)
    him, her = truth(story).values()
    poses = [(him.at(float(t)), her.at(float(t))) for t in range(int(story.length_s) + 1)]
    return [hypot(*displacement(a.latitude, a.longitude, b.latitude, b.longitude)) for a, b in poses]


def test_the_drive_begins_far_off_passes_within_80_m_and_ends_far_off():
    distances = separations("munich")
    assert distances[0] > 3000.0
    assert 40.0 <= min(distances) <= 80.0
    assert distances[-1] > 5000.0
    assert 270 <= distances.index(min(distances)) <= 290


def test_the_walk_begins_a_kilometre_off_and_the_tag_is_silent_near_her():
    story = load("seoul")
    distances = separations("seoul")
    assert 900.0 <= distances[0] <= 1200.0
    outage = story.actors[0].outages[0]
    assert all(distance < 260.0 for distance in distances[int(outage.from_s) : int(outage.to_s)])
    assert (outage.to_s - outage.from_s) / story.pace > story.judging["blind_after_s"] + 5.0
    heard = {(s.received_ms - EPOCH_MS) // 1000 for s in fixes(story) if s.device_id == "seoul-tag"}
    assert not heard & set(range(int(outage.from_s) + 1, int(outage.to_s)))
    assert story.length_s / story.pace < 360.0


def test_the_recorded_drive_is_sent_as_recorded():
    story = load("munich")
    tag = [s.fix for s in fixes(story) if s.device_id == "munich-tag"]
    sent = {(fix.latitude, fix.longitude) for fix in tag}
    track = recording("munich-drive.json")
    assert sent >= {(point.latitude, point.longitude) for point in track if point.time_ms >= track[0].time_ms + 440_000}
    assert all((fix.error_m, fix.speed_mps, fix.course_deg) == (None, None, None) for fix in tag)
    assert {round((b.fix_time_ms - a.fix_time_ms) / 1000, 3) for a, b in pairwise(tag)} == {1.0}


def test_a_part_of_a_story_is_its_beginning():
    story = load("seoul")
    whole = list(fixes(story, length_s=story.length_s))
    part = list(fixes(story, length_s=100.0))
    assert part == whole[: len(part)]


def test_a_demonstration_says_that_its_numbers_are_not_the_presets():
    story = load("seoul")
    policy = preset("kr")
    changed = demonstration(policy, story)
    assert changed.judging.blind_after_s == story.judging["blind_after_s"] != policy.judging.blind_after_s
    assert changed.judging.leave_margin_m == policy.judging.leave_margin_m
    assert changed.version != policy.version
    other_law = demonstration(policy, load("munich"))
    assert (other_law.judging, other_law.version) == (policy.judging, "2026-06-munich")


def test_an_unknown_story_and_an_unknown_field_are_refused():
    with pytest.raises(KeyError):
        load("../seoul")
    with pytest.raises(msgspec.ValidationError, match="sped"):
        msgspec.toml.decode('name = "x"\nsped = 1', type=Story)


def transition(before: Tier, after: Tier, sight_before=Sight.LIVE, sight=Sight.LIVE) -> Transition:
    return Transition(
        "p", 1, 0, before, after, sight_before, sight, Sight.LIVE, Sight.LIVE, (), None, None, None,
        Movement.UNKNOWN, Approach.CANNOT_TELL, None, None, "o", "r",
    )  # fmt: skip


def test_missing_wants_the_steps_in_order_and_allows_others_between():
    up = transition(Tier.CLEAR, Tier.WATCH)
    lost = transition(Tier.WATCH, Tier.WATCH, Sight.LIVE, Sight.BLIND)
    down = transition(Tier.WATCH, Tier.CLEAR, Sight.BLIND, Sight.LIVE)
    whole = Expected(steps=("watch", "blind", "clear"), last="clear")
    assert missing(whole, [up, lost, down]) is None
    assert missing(whole, [lost, up, down]) == "Step 2 (blind) was not noticed after the steps before it."
    assert missing(Expected(steps=("watch",), last="clear"), [up]) == "The story ends in watch, not in clear."
    assert missing(Expected(steps=(), last="clear"), []) is None
