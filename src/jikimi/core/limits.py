"""The numbers of ``PairRules`` as the kernel reads them, and the words in which it counts: tiers, sights, movements."""

from __future__ import annotations

from math import cos, radians
from typing import Final

from jikimi.core.track import Track
from jikimi.model.decision import Movement, Sight, Tier
from jikimi.model.policy import PairRules

CLEAR: Final = 0
WATCH: Final = 1
WARNING: Final = 2
DANGER: Final = 3
LIVE: Final = 0
STALE: Final = 1
BLIND: Final = 2
NEVER_MS: Final = 1 << 62
"""Later than any alarm."""
FAR_M: Final = 1e9
"""Farther than any two places on Earth."""
SLOW_MPS: Final = 0.4
"""A closing speed below this is no movement: people sway, and fixes of a standing phone wander."""

UNKNOWN: Final = 0
STEADY: Final = 1
APPROACHING: Final = 2
LEAVING: Final = 3
MOVEMENTS: Final = (Movement.UNKNOWN, Movement.STEADY, Movement.APPROACHING, Movement.LEAVING)
TIERS: Final = (Tier.CLEAR, Tier.WATCH, Tier.WARNING, Tier.DANGER)
SIGHTS: Final = (Sight.LIVE, Sight.STALE, Sight.BLIND)
RING_RULES: Final = ("", "watch_m", "warning_m", "danger_m")
TIME_RULES: Final = ("", "watch_s", "warning_s", "danger_s")


class Limits:
    """The numbers of ``PairRules`` as the kernel reads them; shared by every pair under the same rules."""

    __slots__ = (
        "assumed_closing_mps", "assumed_speed_mps", "blind_ms", "close_contact_s", "cone_2", "creep_most_m", "creep_mps",
        "creep_stride_s", "danger_cone_m", "dwell_ms", "floors_m", "follow_cosine", "follow_s", "growth_max_s",
        "heading_reach_m", "heading_reach_s", "longest_s", "lull_most_s", "margin_m", "memory_ms", "overdue_intervals",
        "rings_m", "rules", "seldom_s", "seldom_slope", "soon_intervals", "soon_least_m", "soon_slope", "stale_ms",
        "suspect_share", "times_s", "turn_2", "untold_s", "vague_m", "warning_cone_m", "watch_m", "watch_s", "widest_m",
    )  # fmt: skip

    def __init__(self, rules: PairRules) -> None:
        self.rules = rules
        self.rings_m: tuple[float, float, float, float] = (0.0, float(rules.watch_m), float(rules.warning_m), float(rules.danger_m))
        self.floors_m: tuple[float, float, float, float] = (0.0, self.rings_m[1], float(rules.warning_floor_m), self.rings_m[3])
        self.times_s: tuple[float, float, float, float] = (0.0, float(rules.watch_s), float(rules.warning_s), float(rules.danger_s))
        self.watch_m: float = self.rings_m[WATCH]
        self.watch_s: float = self.times_s[WATCH]
        self.widest_m: float = max(*self.rings_m, *self.floors_m)
        self.longest_s: float = max(self.times_s)
        self.creep_most_m: float = self.rings_m[DANGER] + self.times_s[WARNING] * SLOW_MPS
        self.margin_m: float = float(rules.leave_margin_m)
        self.dwell_ms: int = round(rules.leave_dwell_s * 1000.0)
        self.stale_ms: int = round(rules.stale_after_s * 1000.0)
        self.blind_ms: int = round(rules.blind_after_s * 1000.0)
        self.vague_m: float = float(rules.vague_error_m)
        self.assumed_speed_mps: float = float(rules.assumed_speed_mps)
        self.assumed_closing_mps: float = float(rules.assumed_closing_mps)
        self.growth_max_s: float = float(rules.growth_max_s)
        self.close_contact_s: float = float(rules.close_contact_s)
        self.overdue_intervals: float = float(rules.overdue_intervals)
        self.lull_most_s: float = float(rules.lull_most_s)
        self.soon_intervals: float = float(rules.soon_intervals)
        self.soon_slope: float = float(rules.soon_slope)
        self.turn_2: float = radians(rules.turn_spread_deg) ** 2
        self.cone_2: float = float(rules.cone_sigmas) ** 2
        self.heading_reach_m: float = float(rules.heading_reach_m)
        self.heading_reach_s: float = float(rules.heading_reach_s)
        self.warning_cone_m: float = float(rules.warning_cone_m)
        self.danger_cone_m: float = float(rules.danger_cone_m)
        self.memory_ms: int = round(rules.evidence_memory_s * 1000.0)
        self.soon_least_m: float = float(rules.soon_least_m)
        self.seldom_s: float = float(rules.seldom_s)
        self.seldom_slope: float = float(rules.seldom_slope)
        self.untold_s: float = float(rules.untold_s)
        self.creep_mps: float = float(rules.creep_mps)
        self.creep_stride_s: float = float(rules.creep_stride_s)
        self.suspect_share: float = float(rules.suspect_share)
        self.follow_s: float = float(rules.follow_s)
        self.follow_cosine: float = cos(radians(rules.follow_deg))

    def sight(self, track: Track | None, now_ms: int) -> int:
        """Return how well a side is seen."""
        if track is None:
            return BLIND
        age_ms = now_ms - track.t_ms
        if age_ms >= self.stale_ms:
            return BLIND if age_ms >= self.blind_ms else STALE
        return STALE if track.error_m > self.vague_m else LIVE

    def credible_mps(self, track: Track) -> float:
        """Return how fast the person may be while not seen."""
        return track.shown_mps if track.shown_mps > self.assumed_speed_mps else self.assumed_speed_mps

    def growth_max_m(self, m: Track, p: Track | None) -> float:
        """Return by how much the regions of both sides can grow at most."""
        assumed = self.assumed_speed_mps
        credible = m.shown_mps if m.shown_mps > assumed else assumed
        if p is not None:
            credible += p.shown_mps if p.shown_mps > assumed else assumed
        return credible * self.growth_max_s

    def overdue_ms(self, track: Track) -> int:
        """Return the age from which the next fix is overdue: of who rests, when his device was silent for longer than it used to be."""
        if track.pace_s <= 0.0:
            return self.stale_ms
        overdue = int(self.overdue_intervals * track.pace_s * 1000.0)
        overdue = overdue if overdue < self.blind_ms else self.blind_ms
        if not track.rests:
            return overdue
        lull_s = self.overdue_intervals * track.lull_s
        lull = int((lull_s if lull_s < self.lull_most_s else self.lull_most_s) * 1000.0)
        usual = lull if lull > self.stale_ms else self.stale_ms
        return usual if usual > overdue else overdue

    def growth_m(self, track: Track, now_ms: int) -> float:
        """Return by how much a person's region has grown since the last fix."""
        age_s = (now_ms - track.t_ms) * 0.001
        return self.credible_mps(track) * (age_s if age_s < self.growth_max_s else self.growth_max_s)

    def next_sight_ms(self, track: Track | None, now_ms: int) -> int:
        """Return when time alone will worsen that."""
        if track is None:
            return NEVER_MS
        if now_ms - track.t_ms < self.stale_ms:
            return track.t_ms + self.stale_ms
        return track.t_ms + self.blind_ms if now_ms - track.t_ms < self.blind_ms else NEVER_MS
