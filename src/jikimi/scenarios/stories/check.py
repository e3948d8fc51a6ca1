"""Whether a pair's transitions tell the story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jikimi.model.decision import Tier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jikimi.model.decision import Transition
    from jikimi.scenarios.stories.story import Expected


def missing(expected: Expected, transitions: Sequence[Transition]) -> str | None:
    """Return a sentence about the first step that was not noticed, or None when all were, in order."""
    entered = _entered(transitions)
    for number, step in enumerate(expected.steps, start=1):
        if step not in entered:  # consumes the iterator up to the step: order matters
            return f"Step {number} ({step}) was not noticed after the steps before it."
    tier = (transitions[-1].tier if transitions else Tier.CLEAR).name.lower()
    return None if tier == expected.last else f"The story ends in {tier}, not in {expected.last}."


def _entered(transitions: Sequence[Transition]) -> Iterator[str]:
    for transition in transitions:
        if transition.tier is not transition.tier_before:
            yield transition.tier.name.lower()
        if transition.monitored is not transition.monitored_before:
            yield transition.monitored.name.lower()
