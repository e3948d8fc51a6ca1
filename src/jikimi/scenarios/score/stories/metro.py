"""An approach by metro: nothing is measured below ground, and he surfaces near her."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from jikimi.model.decision import Approach
from jikimi.scenarios.score.case import Case, Kind, Mode
from jikimi.scenarios.score.stories.day import underground
from jikimi.scenarios.score.stories.people import at_home, far, lingers, near_her, waiting
from jikimi.scenarios.score.stories.variant import Sky, Variant, intervals
from jikimi.scenarios.sensor import Outage

if TYPE_CHECKING:
    from jikimi.scenarios.score.stories.stage import Stage

RIDE_M: Final = (7500.0, 9500.0)
SURFACE_M: Final = (380.0, 750.0)

BY_METRO: Final = (*intervals((5.0, 15.0, 60.0)), Variant(sky=Sky.URBAN))


def by_metro(stage: Stage) -> Case:
    """He walks to a station, rides underground, surfaces some 500 m from her and walks the rest."""
    rng, city = stage.rng, stage.city
    start, leaves = far(stage, *RIDE_M), far(stage, *SURFACE_M)
    enters = city.nearest(stage.around(city.points[start], 200.0, 500.0))
    him = waiting(stage, start).along(rng, city.walk(rng, start, enters), "walk")
    below_s = him.now_s
    underground(rng, him, city.points[leaves])
    surface_s = him.now_s
    him.along(rng, [*city.walk(rng, leaves, stage.home_node), near_her(stage)], "walk")
    lingers(stage, him, goes=False)
    tag = msgspec.structs.replace(stage.sensor("monitored"), outages=(Outage(from_s=below_s, to_s=surface_s),))
    return stage.case(
        Kind.APPROACH,
        Mode.METRO,
        him,
        at_home(stage, him.now_s),
        sensors=(tag, stage.sensor("protected")),
        approacher=Approach.MONITORED,
        silences=(("monitored", below_s, surface_s),),
    )
