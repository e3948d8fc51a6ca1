"""Random histories for the differential test: walks, drives, silence, jumps, lies and late mail."""

from __future__ import annotations

import math
from random import Random

import msgspec

from jikimi.core.geodesy import offset
from jikimi.core.spec.judge import Input, Side
from jikimi.model.fix import Fix, Source
from jikimi.model.order import Pair
from jikimi.model.zone import Circle, Polygon, Zone
from tests.core.rules import HOME, PAIR, T0, pair

SPEEDS = (0.0, 0.0, 1.4, 1.4, 4.0, 14.0, 28.0)


class Mover:
    """One side: moves in legs, reports with errors, sometimes not at all."""

    def __init__(self, rnd: Random, side: Side, east: float, north: float) -> None:
        self.rnd, self.side = rnd, side
        self.east, self.north = east, north
        self.interval = rnd.choice((1, 1, 5, 10, 15, 30, 60, 120, 300))
        self.noise = rnd.choice((0.0, 3.0, 10.0, 50.0))
        self.source = rnd.choice((Source.GNSS, Source.GNSS, Source.GNSS, Source.UNKNOWN))
        self.turn()

    def turn(self) -> None:
        """Take a new course and speed."""
        self.speed = self.rnd.choice(SPEEDS)
        self.course = self.rnd.uniform(0, 2 * math.pi)

    def move(self, seconds: float) -> None:
        """Go on for so long."""
        if self.rnd.random() < 0.1:
            self.turn()
        if self.rnd.random() < 0.05:  # towards the middle, where the other one is
            self.course = math.atan2(-self.east, -self.north)
        self.east += self.speed * seconds * math.sin(self.course)
        self.north += self.speed * seconds * math.cos(self.course)

    def report(self, now_ms: int, number: int) -> Fix:
        """Return what the device says now."""
        rnd = self.rnd
        east, north = self.east + rnd.gauss(0, self.noise), self.north + rnd.gauss(0, self.noise)
        source, error, t_ms, valid = self.source, rnd.choice((None, 2.0, 8.0, 30.0)), now_ms - rnd.randrange(0, 900), None
        dice = rnd.random()
        if dice < 0.04:  # an over-confident jump
            east, north, error = east + rnd.uniform(-400, 400), north + rnd.uniform(-400, 400), 2.0
        elif dice < 0.06:  # impossible
            east += 40_000.0
        elif dice < 0.09:
            source, error = rnd.choice(((Source.CELL, None), (Source.CELL, 900.0), (Source.WIFI, 60.0), (Source.FUSED, None)))
        elif dice < 0.11:
            t_ms = now_ms + rnd.choice((1_000, 4_000, 60_000))
        elif dice < 0.15:
            t_ms = now_ms - rnd.choice((5_000, 40_000, 200_000, 500_000))
        elif dice < 0.16:
            valid = False
        lat, lon = offset(*HOME, east, north)
        if dice > 0.99:
            lat = lon = 0.0
        return Fix(f"{self.side}{number}", t_ms, lat, lon, error, source, None, None, None, None, valid)


def zone(rnd: Random) -> Zone | None:
    """Return no zone, mostly; else a circle or a polygon around HOME."""
    dice = rnd.random()
    if dice < 0.7:
        return None
    if dice < 0.85:
        return Circle(*HOME, rnd.choice((0.0, 50.0, 120.0, 500.0)))
    corners = [(rnd.uniform(100, 400), angle) for angle in sorted(rnd.sample(range(0, 360, 15), rnd.randrange(3, 8)))]
    return Polygon(tuple(offset(*HOME, r * math.sin(math.radians(a)), r * math.cos(math.radians(a))) for r, a in corners))


def rules(rnd: Random) -> dict[str, float]:
    """Return some of the pair rules changed."""
    if rnd.random() < 0.5:
        return {}
    danger = rnd.choice((100.0, 200.0, 500.0))
    warning = danger * rnd.choice((1.0, 2.0, 4.0))
    return {
        "danger_m": danger,
        "warning_m": warning,
        "warning_floor_m": rnd.choice((danger, warning)),
        "watch_m": warning * rnd.choice((1.0, 2.0)),
        "leave_margin_m": rnd.choice((0.0, 50.0)),
        "leave_dwell_s": rnd.choice((0.0, 10.0, 60.0)),
        "stale_after_s": rnd.choice((30.0, 90.0)),
        "growth_max_s": rnd.choice((60.0, 600.0)),
        "overdue_intervals": rnd.choice((1.0, 2.0, 5.0)),
        "lull_most_s": rnd.choice((0.0, 600.0, 3600.0)),
        "soon_intervals": rnd.choice((0.0, 1.0, 2.0)),
        "soon_slope": rnd.choice((0.0, 0.5, 10.0)),
        "turn_spread_deg": rnd.choice((0.0, 6.0, 20.0)),
        "cone_sigmas": rnd.choice((0.0, 1.0, 3.0)),
        "warning_cone_m": rnd.choice((200.0, 350.0, 2000.0)),
        "danger_cone_m": rnd.choice((50.0, 200.0)),
        "heading_reach_m": rnd.choice((600.0, 2500.0)),
        "heading_reach_s": rnd.choice((0.0, 150.0, 400.0)),
        "evidence_memory_s": rnd.choice((0.0, 60.0, 300.0)),
        "soon_least_m": rnd.choice((0.0, 250.0, 600.0)),
        "seldom_s": rnd.choice((5.0, 45.0)),
        "seldom_slope": rnd.choice((0.0, 0.7)),
        "untold_s": rnd.choice((60.0, 150.0)),
        "creep_mps": rnd.choice((0.05, 0.1, 0.3)),
        "creep_stride_s": rnd.choice((0.0, 90.0)),
        "suspect_share": rnd.choice((0.0, 0.5, 1.0)),
        "follow_s": rnd.choice((0.0, 300.0)),
        "follow_deg": rnd.choice((20.0, 60.0, 120.0)),
    }


def history(seed: int, steps: int) -> tuple[Pair, list[Input], int]:
    """Return a pair, what is received of it in order, and when the story ends."""
    rnd = Random(seed)
    spec = pair(zone(rnd), **rules(rnd))
    far = rnd.choice((200.0, 800.0, 3000.0, 12_000.0))
    movers = [Mover(rnd, "monitored", rnd.uniform(-far, far), rnd.uniform(-far, far))]
    if spec.zone is None:
        movers.append(Mover(rnd, "protected", 0.0, 0.0))
    due = [T0 + rnd.randrange(1000) for _ in movers]
    last = [T0 for _ in movers]
    inputs: list[Input] = []
    while len(inputs) < steps:
        which = due.index(min(due))
        mover, now_ms = movers[which], due[which]
        mover.move((now_ms - last[which]) / 1000)
        last[which] = now_ms
        item = mover.report(now_ms, len(inputs))
        inputs.append(Input(now_ms, mover.side, item))
        if rnd.random() < 0.03:  # the same again
            inputs.append(Input(now_ms, mover.side, msgspec.structs.replace(item, fix_id=item.fix_id + "'")))
        pause = rnd.choice((200, 400, 700)) if rnd.random() < 0.015 else 1
        due[which] += int(mover.interval * 1000 * rnd.uniform(0.9, 1.1)) + (pause * 1000 if pause > 1 else 0)
    return spec, inputs, inputs[-1].now_ms + rnd.choice((0, 60_000, 400_000))


assert PAIR.danger_m < PAIR.warning_m < PAIR.watch_m
