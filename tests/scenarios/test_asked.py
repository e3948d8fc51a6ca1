"""Two devices that obey: they get as many reports as they need, and what his own movement asks for costs no early notice."""

from __future__ import annotations

from itertools import pairwise
from statistics import mean

import pytest

from jikimi.model.decision import Tier
from jikimi.model.sampling import SAMPLING
from jikimi.policy.load import preset
from jikimi.scenarios.asked import CHOICES, STORIES, T0_MS, fixed, lead_s, main, play
from jikimi.scenarios.battery import cost
from tests.core.rules import PAIR

KOREA = preset("kr")
CHOSEN = dict(CHOICES)


def played(story, sampling, seed=1):
    return play(story.way, story.contact_s, sampling, PAIR, KOREA.track, seed)


def gaps_s(heard, side):
    times = [item.now_ms for item in heard if item.side == side]
    return [(after - before) / 1000 for before, after in pairwise(times)]


def test_a_fixed_interval_is_kept():
    assert set(gaps_s(played(STORIES[0], fixed(15.0)).heard, "monitored")) == {15.0}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_approach_is_seen_coming_and_his_own_movement_costs_no_notice(story):
    seeds = range(4)
    leads = {
        name: [lead_s(played(story, CHOSEN[name], seed).said, story.contact_s, Tier.WATCH) for seed in seeds]
        for name in ("own_movement", "danger")
    }
    assert None not in leads["own_movement"]
    assert None not in leads["danger"]
    assert mean(leads["own_movement"]) >= mean(leads["danger"]) - 60.0, "at most one interval of rest"


def test_his_tag_follows_him_and_her_phone_the_pair():
    story = next(story for story in STORIES if story.name.startswith("car 50 km/h, from 8"))
    heard = played(story, SAMPLING).heard
    his, hers = gaps_s(heard, "monitored"), gaps_s(heard, "protected")
    assert 60.0 in his[:10]
    assert his[-5:] == [5.0] * 5
    assert 60.0 in hers[:10]
    assert hers[-2:] == [5.0] * 2


def test_what_is_asked_for_costs_less_than_always_asking():
    story = STORIES[0]
    asked = cost(played(story, SAMPLING).heard, "monitored")
    always = cost(played(story, fixed(5.0)).heard, "monitored")
    assert asked < always


def test_a_lead_counts_from_the_first_word():
    said = played(STORIES[0], SAMPLING).said
    contact_s = STORIES[0].contact_s
    first = next(item for item in said if item.tier >= Tier.WATCH)
    assert lead_s(said, contact_s, Tier.WATCH) == pytest.approx(contact_s - (first.at_ms - T0_MS) / 1000)
    assert lead_s([], contact_s, Tier.WATCH) is None
    assert lead_s(said, 0.0, Tier.WATCH) is None, "what is said after contact came too late"


def test_the_table_names_every_story_and_choice(capsys, monkeypatch):
    monkeypatch.setattr("jikimi.scenarios.asked.RUNS", 1)
    main()
    out = capsys.readouterr().out
    assert all(f"| {story.name} | {name} |" in out for story in STORIES for name, _ in CHOICES)
    assert "own_movement: 70 h" in out
