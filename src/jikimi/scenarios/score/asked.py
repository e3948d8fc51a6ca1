"""What asking for intervals is worth: the same approaches with devices that obey, and what their reports cost in charge."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Final

from jikimi.model.decision import Tier, Transition
from jikimi.orders.advice import rules_for
from jikimi.policy.load import preset
from jikimi.scenarios.asked import CHOICES, DAYS, STORIES, Story, lead_s, play
from jikimi.scenarios.battery import TAG, life_h
from jikimi.scenarios.score.goals import Figure

SEEDS: Final = range(6)


def asked_figures(name: str) -> Iterator[Figure]:
    """Yield, for each way of asking his tag, the median first alarm of the approaches and how long the tag lasts."""
    policy = preset(name)
    rules = rules_for(policy)
    for choice, sampling in CHOICES:
        life = f"a tag lasts {life_h(DAYS[choice], TAG):.0f} h"
        for story in STORIES:
            leads = [_lead_s(story, play(story.way, story.contact_s, sampling, rules, policy.track, seed).said) for seed in SEEDS]
            yield Figure(f"first alarm, tag asked by {choice}: {story.name}", median(leads), "s", None, "higher", life)


def _lead_s(story: Story, said: list[Transition]) -> float:
    return lead_s(said, story.contact_s, Tier.WARNING) or 0.0
