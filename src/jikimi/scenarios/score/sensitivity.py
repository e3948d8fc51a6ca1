"""One knob over everything that decides how readily an alarm sounds beyond the floor. The floor itself never moves."""

from __future__ import annotations

from typing import Final

import msgspec

from jikimi.model.policy import PairRules

SETTINGS: Final = (0.0, 0.25, 0.5, 0.75, 0.85, 1.0, 1.5, 2.5, 4.0)
CONE: Final = 0.25
REACH: Final = 0.75
SOON: Final = 2.0
"""Below 1 the knob turns each number by a power of its own: first what costs the most false alarms for the least warning. At 0 no
course and no nearness counts: what is left is the floor, and who is lost or turns up anew."""


def scaled(rules: PairRules, sensitivity: float) -> PairRules:
    """Return the rules with cones, reach, times and intervals of an alarm multiplied; ``watch_s`` stays the longest time."""
    less = sensitivity < 1.0
    cone = sensitivity**CONE if less else sensitivity
    reach = sensitivity**REACH if less else sensitivity
    soon = sensitivity**SOON if less else sensitivity
    return msgspec.structs.replace(
        rules,
        warning_cone_m=rules.warning_cone_m * cone,
        danger_cone_m=rules.danger_cone_m * cone,
        cone_sigmas=rules.cone_sigmas * sensitivity,
        heading_reach_m=rules.heading_reach_m * reach,
        heading_reach_s=rules.heading_reach_s * soon,
        soon_slope=rules.soon_slope * soon,
        soon_intervals=rules.soon_intervals * soon,
        soon_least_m=rules.soon_least_m * soon,
        warning_s=min(rules.warning_s * max(sensitivity, 1.0), rules.watch_s),
        warning_m=min(max(rules.warning_m * reach, rules.warning_floor_m), rules.watch_m),
    )
