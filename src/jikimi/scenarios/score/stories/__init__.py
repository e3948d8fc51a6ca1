"""The scored suite: stories with labelled truth, each in several variants, drawn from a seed.

>>> cases = suite([1], only={"on_foot"})
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from jikimi.scenarios.score.case import Case
from jikimi.scenarios.score.stories.stage import Stage
from jikimi.scenarios.score.stories.table import STORIES

__all__ = ["STORIES", "suite"]


def suite(seeds: Sequence[int], only: Collection[str] | None = None) -> Iterator[Case]:
    """Yield every story in every variant, seed by seed, always the same for a seed.

    A case depends on its seed, story and variant alone, so leaving stories out changes no other.

    Args:
        seeds: each gives the whole suite once, in other cities, directions, distances and errors.
        only: names of ``STORIES``; None for all.

    Raises:
        ValueError: ``only`` names no story of the suite.
    """
    if unknown := sorted(set(only or ()) - STORIES.keys()):
        msg = f"No story of the suite is called {', '.join(unknown)}."
        raise ValueError(msg)
    return _suite(seeds, STORIES.keys() if only is None else only)


def _suite(seeds: Sequence[int], names: Collection[str]) -> Iterator[Case]:
    for seed in seeds:
        for name, story in STORIES.items():
            if name in names:
                for variant in story.variants:
                    yield story.tell(Stage(seed, name, variant))
