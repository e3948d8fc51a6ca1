"""Devices that fall silent: his tag near her, her phone, a battery on the way, an outage that ends in a burst; a wrong clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from jikimi.model.decision import Approach
from jikimi.scenarios.motion import WALK
from jikimi.scenarios.score.case import Case, Kind, Mode, Side
from jikimi.scenarios.score.stories.people import at_home, by_car_to_her, cut, far, on_foot_to_her, waiting
from jikimi.scenarios.score.stories.variant import Sky, Variant, sizes
from jikimi.scenarios.sensor import Battery, Loss, Outage

if TYPE_CHECKING:
    from jikimi.scenarios.score.stories.body import Body
    from jikimi.scenarios.score.stories.ground import Point
    from jikimi.scenarios.score.stories.stage import Silence, Stage
    from jikimi.scenarios.sensor import Sensor

BY_CAR: Final = "by car"
FOOT_M: Final = (2900.0, 3400.0)
CAR_M: Final = (7200.0, 8800.0)
STAYS_S: Final = 1500.0
"""How long a story of silence goes on after it began."""
LIFE_H: Final = 30.0
"""A tag's battery from full to empty."""
GOES_ON_S: Final = 900.0
"""At least so long a dead battery is looked at."""

TAG_SILENT: Final = (
    *sizes("stays at {} m", (300.0, 800.0)),
    *sizes("stays at {} m", (800.0,), interval_s=60.0),
    *sizes("comes on from {} m", (500.0, 1200.0)),
)
PHONE_SILENT: Final = (
    Variant(what="he is far"),
    Variant(interval_s=60.0, what="he is far"),
    Variant(what="he comes", size=1.0),
    Variant(sky=Sky.URBAN, what="he comes", size=1.0),
)
LATE_BURST: Final = (
    Variant(what="on foot, 6 min", size=360.0),
    Variant(interval_s=5.0, what="on foot, 10 min", size=600.0),
    Variant(what="by car, 4 min", size=240.0),
)
TAG_CLOCK: Final = (
    Variant(what="on foot, 5 min slow", size=-300.0),
    Variant(what="on foot, 3 min fast", size=180.0),
    Variant(what="by car, 2 min slow", size=-120.0),
    Variant(what="by car, 7 min fast", size=420.0),
    Variant(interval_s=60.0, what="on foot, 2 min slow", size=-120.0),
)
BATTERY_DEATH: Final = (
    Variant(what="on foot, at 600 m", size=600.0),
    Variant(what="on foot, at 1500 m", size=1500.0),
    Variant(what="by car, at 2000 m", size=2000.0),
)


def tag_silent(stage: Stage) -> Case:
    """He comes near, his tag falls silent for good, and he stays there, or comes on to her door."""
    him, points = on_foot_to_her(stage, *FOOT_M)
    before, after = cut(points, stage.home, stage.variant.size)
    him.along(stage.rng, before, "walk").stay(20.0)
    silent_s = him.now_s - 10.0
    comes_on = stage.variant.what.startswith("comes on")
    if comes_on:
        him.along(stage.rng, after, "walk")
    him.until(silent_s + STAYS_S)
    return _silenced(stage, him, at_home(stage, him.now_s), "monitored", silent_s, Approach.MONITORED if comes_on else None)


def phone_silent(stage: Stage) -> Case:
    """Her phone falls silent at home; he is kilometres away, about his own business, or comes."""
    if stage.variant.size == 1.0:
        him, points = on_foot_to_her(stage, *FOOT_M)
        silent_s = him.now_s + stage.rng.uniform(300.0, 900.0)
        him.along(stage.rng, points, "walk").stay(300.0)
        return _silenced(stage, him, at_home(stage, him.now_s), "protected", silent_s, Approach.MONITORED)
    silent_s = stage.rng.uniform(600.0, 1200.0)
    start = far(stage, 5500.0, 7000.0)
    him = waiting(stage, start)
    while him.now_s < silent_s + STAYS_S:
        him.stay(stage.rng.uniform(60.0, 300.0)).go([stage.around(stage.city.points[start], 50.0, 500.0)], WALK)
    return _silenced(stage, him, at_home(stage, him.now_s), "protected", silent_s, None)


def late_burst(stage: Stage) -> Case:
    """On the way to her his tag has no coverage for some minutes; then all its fixes come at once, and he comes on."""
    him, points, mode = _coming(stage)
    starts_s = him.now_s
    him.along(stage.rng, points, "walk" if mode is Mode.FOOT else "drive")
    from_s = starts_s + stage.rng.uniform(0.3, 0.45) * (him.now_s - starts_s)
    to_s = from_s + stage.variant.size
    tag = msgspec.structs.replace(stage.sensor("monitored"), outages=(Outage(from_s=from_s, to_s=to_s, loss=Loss.HELD),))
    return _comes(stage, him, mode, tag, (("monitored", from_s, to_s),))


def tag_clock(stage: Stage) -> Case:
    """He comes, and his tag's clock is minutes wrong."""
    him, points, mode = _coming(stage)
    him.along(stage.rng, points, "walk" if mode is Mode.FOOT else "drive")
    return _comes(stage, him, mode, msgspec.structs.replace(stage.sensor("monitored"), clock_offset_s=stage.variant.size), ())


def battery_death(stage: Stage) -> Case:
    """On the way to her his tag's battery runs empty, as it had said it would."""
    him, points, mode = _coming(stage)
    manner = "walk" if mode is Mode.FOOT else "drive"
    before, after = cut(points, stage.home, stage.variant.size)
    dies_s = him.along(stage.rng, before, manner).now_s
    him.along(stage.rng, after, manner)
    battery = Battery(start_pct=100.0 * dies_s / (LIFE_H * 3600.0), life_h=LIFE_H)
    tag = msgspec.structs.replace(stage.sensor("monitored"), battery=battery)
    him.until(dies_s + GOES_ON_S)
    return _comes(stage, him, mode, tag, (("monitored", dies_s, him.now_s + 300.0),))


def _coming(stage: Stage) -> tuple[Body, list[Point], Mode]:
    """Return him before he sets out, his way, and how he travels in this variant."""
    if stage.variant.what.startswith(BY_CAR):
        return (*by_car_to_her(stage, *CAR_M), Mode.CAR)
    return (*on_foot_to_her(stage, *FOOT_M), Mode.FOOT)


def _comes(stage: Stage, him: Body, mode: Mode, tag: Sensor, silences: tuple[Silence, ...]) -> Case:
    him.stay(300.0)
    return stage.case(
        Kind.APPROACH,
        mode,
        him,
        at_home(stage, him.now_s),
        sensors=(tag, stage.sensor("protected")),
        approacher=Approach.MONITORED,
        silences=silences,
    )


def _silenced(stage: Stage, him: Body, her: Body, side: Side, from_s: float, approacher: Approach | None) -> Case:
    """Return the case in which one side's device is lost from a time to the end."""
    end_s = max(him.now_s, her.now_s)
    lost = (Outage(from_s=from_s, to_s=end_s + 60.0),)
    tag, phone = stage.sensor("monitored"), stage.sensor("protected")
    sensors = msgspec.structs.replace(tag, outages=lost), phone
    if side == "protected":
        sensors = tag, msgspec.structs.replace(phone, outages=lost)
    silences: tuple[Silence, ...] = ((side, from_s, end_s),)
    return stage.case(Kind.SILENCE, Mode.FOOT, him, her, sensors=sensors, approacher=approacher, silences=silences)
