"""Small cases whose scores can be worked out by hand: he walks along a line at 1 m/s, she stands at its origin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jikimi.core.geodesy import offset
from jikimi.model.decision import Approach, Sight, Tier
from jikimi.model.fix import Fix
from jikimi.scenarios.score.case import Case, Heard, Kind, Mode, Said, Side, Truth, Way

T0 = 1_800_000_000_000
HOME = (37.5, 127.0)


def way(norths: Sequence[float | None]) -> Way:
    """Return where one is at each second, metres north of HOME; None is not known."""
    places = [(np.nan, np.nan) if north is None else offset(*HOME, 0.0, north) for north in norths]
    return Way(np.array([lat for lat, _ in places]), np.array([lon for _, lon in places]))


def case(his: Sequence[float | None], hers: Sequence[float | None] | None = None, **more: object) -> Case:
    """Return a case of one value a second; his device reports every 10 s where he is known."""
    hers = [0.0] * len(his) if hers is None else hers
    heard = [
        Heard(T0 + 1000 * second, side, Fix(f"{side}{second}", T0 + 1000 * second, *offset(*HOME, 0.0, north), 5.0))
        for second in range(0, len(his), 10)
        for side, norths in (("monitored", his), ("protected", hers))
        if (north := norths[second]) is not None
    ]
    fields: dict[str, object] = {
        "story": "by hand",
        "variant": "",
        "seed": 1,
        "kind": Kind.APPROACH,
        "mode": Mode.FOOT,
        "interval_s": 10.0,
        "heard": heard,
        "truth": Truth(T0, 1000, way(his), way(hers)),
    }
    return Case(**{**fields, **more})  # type: ignore[arg-type]


def coming(start_m: int, rest_s: int = 60) -> list[float]:
    """Return him walking from so far to her, and resting there."""
    return [float(start_m - second) for second in range(start_m + 1)] + [0.0] * rest_s


def said(second: float, tier: Tier, *, unseen: Side | None = None, approach: Approach = Approach.MONITORED) -> Said:
    """Return what a judge says from a second on."""
    sights = [Sight.STALE if unseen == side else Sight.LIVE for side in ("monitored", "protected")]
    return Said(T0 + int(second * 1000), tier, sights[0], sights[1], approach)
