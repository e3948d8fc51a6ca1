"""One scored case: what truly happened, what the server heard of it, and what a judge said.

Truth and hearing are kept apart: a judge is given ``heard`` alone. Whatever is scored is computed from ``truth`` by exact
geodesics, never by the core.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from jikimi.model.decision import Approach, Sight, Tier
from jikimi.model.fix import Fix
from jikimi.model.policy import PairRules, TrackRules
from jikimi.model.zone import Zone

Side = Literal["monitored", "protected"]
Degrees = npt.NDArray[np.float64]


class Heard(NamedTuple):
    """One fix of one side, as the server received it."""

    now_ms: int
    side: Side
    fix: Fix


class Way(NamedTuple):
    """Where one person truly was, one value a step; NaN where nobody knows (a gap of a recording)."""

    latitude: Degrees
    longitude: Degrees


class Truth(NamedTuple):
    """Where both truly were, at ``start_ms``, ``start_ms + step_ms`` and so on. Both ways are as long."""

    start_ms: int
    step_ms: int
    monitored: Way
    protected: Way


class Kind(enum.StrEnum):
    """What a case is asked about."""

    APPROACH = "approach"
    """Somebody comes into contact: it must be warned of."""
    PASS_BY = "pass_by"  # noqa: S105 - a way past somebody, no password
    """A way that leads past her and goes on: it should stay quiet above the legal floor."""
    ORDINARY = "ordinary"
    """Two lives in one city; whether they meet, the truth says."""
    STILL = "still"
    """Two who rest: nothing should change."""
    JUMP = "jump"
    """Rest, and single wrong positions: nothing should change."""
    SILENCE = "silence"
    """A device falls silent: it must be said."""
    CROSSING = "crossing"
    """A straight way through a protected place, seen seldom: it must be found."""


class Mode(enum.StrEnum):
    """How the one who moves travels; lead times are told by it."""

    FOOT = "foot"
    BICYCLE = "bicycle"
    CAR = "car"
    BUS = "bus"
    METRO = "metro"
    MIXED = "mixed"
    STILL = "still"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One story in one variant from one seed.

    Attributes:
        story: its name, one of the suite's table (``on_foot``, ``ring_road``).
        variant: what is different here (``interval 15 s, urban``).
        seed: the only source of chance.
        kind: what it is asked about.
        mode: how the mover travels.
        interval_s: longest time between two fixes while a device works; None where it varies.
        heard: in order of reception; all that a judge gets.
        truth: all that the score gets.
        zone: the place protected, or None for a person.
        approacher: who truly comes, where the story lets nobody else come; else None.
        silent: (side, from_ms, until_ms) of each time in which a device was truly silent.
    """

    story: str
    variant: str
    seed: int
    kind: Kind
    mode: Mode
    interval_s: float | None
    heard: Sequence[Heard]
    truth: Truth
    zone: Zone | None = None
    approacher: Approach | None = None
    silent: tuple[tuple[Side, int, int], ...] = ()


class Said(NamedTuple):
    """What a judge says from ``at_ms`` on, until it says something else. ``WARNING`` and above are audible."""

    at_ms: int
    tier: Tier
    monitored: Sight
    protected: Sight
    approach: Approach


class Judge(Protocol):
    """Anything that decides. It is silent (clear, both blind) until it says something."""

    name: str

    def judge(self, case: Case, rules: PairRules, track_rules: TrackRules) -> list[Said]:
        """Return what it says over the case, in order of time, from ``case.heard`` and ``case.zone`` alone."""
        ...
