"""One knob over everything that decides how readily an alarm sounds beyond the floor. The floor itself never moves."""

from __future__ import annotations

from typing import Final

import msgspec

from jikimi.model.policy import PairRules

SETTINGS: Final = (0.25, 0.5, 0.75, 0.85, 1.0, 1.5, 2.5, 4.0)


def scaled(rules: PairRules, sensitivity: float) -> PairRules:
    """Return the rules with cones, reach, times and intervals of an alarm multiplied; ``watch_s`` stays the longest time."""
    return msgspec.structs.replace(
        rules,
        warning_cone_m=rules.warning_cone_m * sensitivity,
        danger_cone_m=rules.danger_cone_m * sensitivity,
        cone_sigmas=rules.cone_sigmas * sensitivity,
        heading_reach_m=rules.heading_reach_m * sensitivity,
        heading_reach_s=rules.heading_reach_s * sensitivity,
        soon_slope=rules.soon_slope * sensitivity,
        soon_intervals=rules.soon_intervals * sensitivity,
        warning_s=min(rules.warning_s * max(sensitivity, 1.0), rules.watch_s),
        warning_m=min(max(rules.warning_m * sensitivity, rules.warning_floor_m), rules.watch_m),
    )
