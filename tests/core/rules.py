"""Rules and small builders for the core's tests. Numbers are those of the Korean preset at the time of writing."""

from __future__ import annotations

from typing import Any

import msgspec

from jikimi.core.engine import Engine
from jikimi.core.geodesy import displacement, offset
from jikimi.core.pair import Watched
from jikimi.model.decision import Cause, Tier, Transition
from jikimi.model.fix import Fix, Source, Verdict
from jikimi.model.order import Pair
from jikimi.model.policy import PairRules, TrackRules
from jikimi.model.zone import Zone

TRACK = TrackRules(
    accel_mps2=1.0,
    gate_sigma=4.0,
    reset_after_s=120.0,
    max_speed_mps=100.0,
    shown_memory_s=300.0,
    rest_begins_s=60.0,
    rest_gate_sigma=3.0,
    rest_sway_m=9.0,
    rest_alike_s=120.0,
    future_tolerance_s=5.0,
    floor_gnss_m=5.0,
    floor_wifi_m=20.0,
    floor_cell_m=300.0,
    floor_fused_m=8.0,
    floor_unknown_m=15.0,
    default_gnss_m=15.0,
    default_wifi_m=60.0,
    default_cell_m=2000.0,
    default_fused_m=30.0,
    default_unknown_m=100.0,
)
PAIR = PairRules(
    version="test-1",
    watch_m=2000.0,
    warning_m=1000.0,
    danger_m=100.0,
    warning_floor_m=100.0,
    watch_s=900.0,
    warning_s=300.0,
    danger_s=120.0,
    leave_margin_m=50.0,
    leave_dwell_s=20.0,
    stale_after_s=90.0,
    blind_after_s=300.0,
    vague_error_m=500.0,
    assumed_speed_mps=1.5,
    assumed_closing_mps=1.5,
    growth_max_s=600.0,
    close_contact_s=60.0,
    overdue_intervals=2.0,
    lull_most_s=3600.0,
    soon_intervals=1.5,
    soon_slope=0.4,
    turn_spread_deg=3.0,
    cone_sigmas=0.7,
    warning_cone_m=600.0,
    danger_cone_m=150.0,
    heading_reach_m=1700.0,
    heading_reach_s=150.0,
    evidence_memory_s=300.0,
    soon_least_m=250.0,
    seldom_s=45.0,
    seldom_slope=0.7,
    untold_s=150.0,
    creep_mps=0.1,
    creep_stride_s=90.0,
    suspect_share=0.5,
    follow_s=300.0,
    follow_deg=60.0,
)
T0 = 1_790_000_000_000
HOME = (37.5, 127.0)


def pair(zone: Zone | None = None, **rules: Any) -> Pair:
    """Return a pair of two persons, or of one and a place."""
    return Pair(
        pair_id="pair",
        order_id="order",
        monitored_id="m",
        owner_id="p",
        protected_id=None if zone is not None else "p",
        place_id=None if zone is None else "place",
        zone=zone,
        rules=msgspec.structs.replace(PAIR, **rules),
    )


def fix(t_ms: int, east_m: float, north_m: float, *, error_m: float | None = 8.0, source: Source = Source.GNSS, **more: Any) -> Fix:
    """Return a fix at a place given in metres from HOME."""
    lat, lon = offset(*HOME, east_m, north_m)
    return Fix(fix_id=f"f{t_ms}", fix_time_ms=t_ms, latitude=lat, longitude=lon, error_m=error_m, source=source, **more)


class Scene:
    """One engine and what it said. Times in seconds from T0, places in metres from HOME."""

    def __init__(self, *specs: Pair, track: TrackRules = TRACK) -> None:
        self.engine = Engine(track)
        self.out: list[Transition] = []
        for spec in specs:
            self.out += self.engine.put(spec, T0)

    def hear(self, person: str, at_s: float, east_m: float, north_m: float, *, aged_s: float = 0.0, **more: Any) -> Verdict:
        """Let a person's fix come in; return the verdict."""
        now_ms = T0 + round(at_s * 1000)
        return self.receive(person, at_s, fix(now_ms - round(aged_s * 1000), east_m, north_m, **more))

    def receive(self, person: str, at_s: float, item: Fix) -> Verdict:
        """Let any fix come in; return the verdict."""
        now_ms = T0 + round(at_s * 1000)
        self.out += self.engine.advance(now_ms)
        return self.engine.fix(person, item, now_ms, self.out)

    def wait(self, until_s: float) -> list[Transition]:
        """Let time pass; return what it alone changed."""
        found = self.engine.advance(T0 + round(until_s * 1000))
        self.out += found
        return found

    def pair(self, pair_id: str = "pair") -> Watched:
        """Return a pair under watch."""
        found = self.engine.pair(pair_id)
        assert found is not None
        return found

    @property
    def tier(self) -> Tier:
        """The first pair's tier."""
        return Tier(self.pair().tier)

    @property
    def causes(self) -> set[Cause]:
        """Why the last transition happened."""
        return {reason.cause for reason in self.out[-1].reasons}

    def place_of(self, person: str) -> tuple[float, float]:
        """Return where a person is believed to be, metres from HOME."""
        track = self.engine.track(person)
        assert track is not None
        return displacement(*HOME, track.lat, track.lon)
