"""Stories for demonstrations and tests, and how to load them."""

from __future__ import annotations

from importlib import resources
from typing import Final

import msgspec

from jikimi.scenarios.stories.cast import Member, demonstration, members, order
from jikimi.scenarios.stories.check import missing
from jikimi.scenarios.stories.play import play
from jikimi.scenarios.stories.script import fixes, truth
from jikimi.scenarios.stories.story import Expected, Role, Story

__all__ = ["NAMES", "Expected", "Member", "Role", "Story", "demonstration", "fixes", "load", "members", "missing", "order", "play", "truth"]

NAMES: Final = ("munich", "seoul")


def load(name: str) -> Story:
    """Return a story that comes with the package.

    Raises:
        KeyError: there is none of that name.
    """
    if name not in NAMES:
        raise KeyError(name)
    text = (resources.files(__name__) / f"{name}.toml").read_bytes()
    return msgspec.toml.decode(text, type=Story)
