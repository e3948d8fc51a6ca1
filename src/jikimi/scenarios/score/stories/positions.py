"""Wrong and vague positions: rest under noise, wild jumps of a resting phone, buildings, cells, intervals that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from jikimi.model.decision import Approach
from jikimi.model.fix import Source
from jikimi.scenarios.noise import CELL, CLAIM_SIGMAS, INDOOR, OPEN_SKY, PHONE, Jumps, Noise
from jikimi.scenarios.score.case import Case, Kind, Mode, Side
from jikimi.scenarios.score.stories.body import Body
from jikimi.scenarios.score.stories.people import at_home, by_car_to_her, on_foot_to_her
from jikimi.scenarios.score.stories.variant import Sky, Variant, sizes

if TYPE_CHECKING:
    from jikimi.scenarios.score.stories.ground import Point
    from jikimi.scenarios.score.stories.stage import Stage
    from jikimi.scenarios.sensor import Sensor

HOUR_S: Final = 3600.0
EDGES_M: Final = (100.0, 300.0, 500.0, 1000.0, 1500.0, 2000.0)
ERROR_M: Final = 50.0
"""Radius that holds 68 % of a still pair's fixes."""
SIGMA_M: Final = ERROR_M / CLAIM_SIGMAS
QUICK: Final = Noise(source=Source.GNSS, drift_m=0.3 * SIGMA_M, drift_s=60.0, jitter_m=0.9539 * SIGMA_M, tail_share=0.03, tail_factor=3.0)
"""New with every fix: the widest swing from one to the next."""
SLOW: Final = Noise(source=Source.GNSS, drift_m=0.95 * SIGMA_M, drift_s=90.0, jitter_m=0.3122 * SIGMA_M, tail_share=0.03, tail_factor=4.0)
"""Wanders about, as between tall buildings."""
BOLD: Final = msgspec.structs.replace(SLOW, claim_factor=0.2, claim_spread=0.3)
"""The same, claiming a fifth of it."""
KINDS: Final = {"50 m error": QUICK, "slow 50 m error": SLOW, "50 m error claimed as 10": BOLD}
JUMP_M: Final = 200.0
JUMP_EVERY_S: Final = 240.0
CELL_STILL_M: Final = 6000.0

STILL_PAIR: Final = (
    *(
        Variant(interval_s=interval_s, what=f"{edge:g} m apart, {kind}", size=edge)
        for edge in EDGES_M
        for kind, interval_s in zip(KINDS, (15.0, 15.0, 5.0), strict=True)
    ),
    Variant(interval_s=1.0, what="1000 m apart, slow 50 m error", size=1000.0),
)
BOTH_INDOORS: Final = sizes("{} m apart", (300.0, 800.0, 1500.0, 4000.0), sky=Sky.INDOOR)
RESTING_JUMP: Final = (
    *sizes("his tag, {} m apart", (650.0, 1100.0, 2100.0, 3000.0)),
    *sizes("her phone, {} m apart", (650.0, 1100.0, 2100.0)),
    *sizes("his tag, {} m apart", (1100.0,), interval_s=60.0),
    *sizes("his tag, {} m apart", (1100.0,), interval_s=1.0),
)
CELL_ONLY: Final = (
    Variant(interval_s=60.0, what="he comes on foot"),
    Variant(interval_s=60.0, what="he comes by car"),
    Variant(interval_s=60.0, what="both rest", size=CELL_STILL_M),
    Variant(interval_s=300.0, what="both rest", size=CELL_STILL_M),
)
MIXED_INTERVALS: Final = (
    Variant(interval_s=None, what="his 300 s, hers 5 s, on foot", size=300.0),
    Variant(interval_s=None, what="his 5 s, hers 300 s, on foot", size=5.0),
    Variant(interval_s=None, what="his 60 s, hers 1 s, by car", size=60.0),
    Variant(interval_s=None, what="his 1 s, hers 60 s, by car", size=1.0),
)
HERS_S: Final = {300.0: 5.0, 5.0: 300.0, 60.0: 1.0, 1.0: 60.0}


def still_pair(stage: Stage) -> Case:
    """Both rest, a ring's radius apart (to half a metre), and both are seen with an error of 50 m."""
    noise = next(KINDS[kind] for kind in KINDS if stage.variant.what.endswith(f", {kind}"))
    return _rest(stage, Kind.STILL, stage.variant.size + 0.5, (noise, noise))


def both_indoors(stage: Stage) -> Case:
    """Both rest inside buildings, and are seen 50 to 300 m off."""
    return _rest(stage, Kind.STILL, stage.variant.size, (INDOOR, INDOOR))


def resting_jump(stage: Stage) -> Case:
    """Both rest; every few minutes one device gives a single fix 200 m off that claims 2 m."""
    interval_s = stage.variant.interval_s if stage.variant.interval_s is not None else 15.0
    jumps = Jumps(every_s=JUMP_EVERY_S, length_m=JUMP_M, last_s=(interval_s, interval_s), claim_m=2.0, calm_s=2.0 * interval_s)
    his, hers = OPEN_SKY, PHONE
    if stage.variant.what.startswith("his"):
        his = msgspec.structs.replace(his, jumps=jumps)
    else:
        hers = msgspec.structs.replace(hers, jumps=jumps)
    return _rest(stage, Kind.JUMP, stage.variant.size, (his, hers))


def cell_only(stage: Stage) -> Case:
    """His tag knows the cell alone, some 2 km; he comes, or rests far away."""
    if stage.variant.size == CELL_STILL_M:
        return _rest(stage, Kind.STILL, CELL_STILL_M, (CELL, PHONE))
    return _comes(stage, (stage.sensor("monitored", CELL), stage.sensor("protected")))


def mixed_intervals(stage: Stage) -> Case:
    """He comes; one device reports often, the other seldom."""
    interval_s = stage.variant.size
    return _comes(stage, (_every(stage, "monitored", interval_s), _every(stage, "protected", HERS_S[interval_s])))


def _rest(stage: Stage, kind: Kind, apart_m: float, noises: tuple[Noise, Noise]) -> Case:
    there: Point = stage.around(stage.home, apart_m, apart_m)
    him, her = (Body(place).until(HOUR_S) for place in (there, stage.home))
    sensors = stage.sensor("monitored", noises[0]), stage.sensor("protected", noises[1])
    return stage.case(kind, Mode.STILL, him, her, sensors=sensors)


def _comes(stage: Stage, sensors: tuple[Sensor, Sensor]) -> Case:
    drives = stage.variant.what.endswith("by car")
    him, points = by_car_to_her(stage, 7200.0, 8800.0) if drives else on_foot_to_her(stage, 2900.0, 3400.0)
    him.along(stage.rng, points, "drive" if drives else "walk").stay(360.0)
    mode = Mode.CAR if drives else Mode.FOOT
    return stage.case(Kind.APPROACH, mode, him, at_home(stage, him.now_s), sensors=sensors, approacher=Approach.MONITORED)


def _every(stage: Stage, side: Side, interval_s: float) -> Sensor:
    first_s = stage.rng.uniform(0.5, interval_s)
    return msgspec.structs.replace(stage.sensor(side), interval_s=interval_s, changes=((first_s, interval_s),))
