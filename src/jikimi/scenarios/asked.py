"""Two devices that report as often as they are asked to, and the real engine: what a rule for asking gives and costs.

``python -m jikimi.scenarios.asked`` prints the table of docs/sampling.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from random import Random
from statistics import mean
from typing import Final, NamedTuple

from msgspec.structs import replace

from jikimi.core.engine import Engine
from jikimi.core.geodesy import offset
from jikimi.core.sampling import person_interval_s
from jikimi.model.decision import Tier, Transition
from jikimi.model.fix import Fix, Source
from jikimi.model.order import Pair
from jikimi.model.policy import PairRules, TrackRules
from jikimi.model.sampling import SAMPLING, MonitoredBy, SamplingRules
from jikimi.orders.advice import rules_for
from jikimi.policy.load import preset
from jikimi.scenarios.battery import TAG, Spell, life_h
from jikimi.scenarios.score.case import Heard, Side

Way = Callable[[float], float]
"""Metres from her, by seconds."""

T0_MS: Final = 1_790_000_000_000
START: Final = (37.5, 127.0)
ERROR_M: Final = 8.0
"""Claimed by both devices (68 %); what they truly err by is normal and as large."""
RUNS: Final = 30
HIM: Final = "m"
HER: Final = "p"


class Played(NamedTuple):
    """What was heard and said, in order of time."""

    heard: list[Heard]
    said: list[Transition]


def fixed(interval_s: float) -> SamplingRules:
    """Return rules that ask everybody for one interval."""
    return replace(
        SAMPLING, steps_s=(interval_s,), watch_s=interval_s, unseen_s=interval_s, rest_s=interval_s, walk_s=interval_s, ride_s=interval_s
    )


def play(way: Way, length_s: float, sampling: SamplingRules, rules: PairRules, track: TrackRules, seed: int) -> Played:
    """Let him go his way while she rests; each device reports at the interval it was told in its last answer.

    Args:
        way: how far he is from her, at each second.
        length_s: how long it goes on.
        sampling: the rules for asking.
        rules: the pair's.
        track: the deployment's.
        seed: the only source of chance: the errors, and when each device begins.
    """
    rng = Random(seed)  # noqa: S311 - a simulation, no secret
    engine = Engine(track)
    said = engine.put(Pair(pair_id="pair", order_id="order", monitored_id=HIM, owner_id=HER, protected_id=HER, rules=rules), T0_MS)
    due_s = {HIM: rng.uniform(0.0, 60.0), HER: rng.uniform(0.0, 60.0)}
    sides: dict[str, Side] = {HIM: "monitored", HER: "protected"}
    heard: list[Heard] = []
    while (at_s := min(due_s.values())) < length_s:
        person = min(due_s, key=lambda name: due_s[name])
        now_ms = T0_MS + round(at_s * 1000.0)
        fix = _fix(now_ms, way(at_s) if person == HIM else 0.0, rng)
        said += engine.advance(now_ms)
        engine.fix(person, fix, now_ms, said)
        heard.append(Heard(now_ms, sides[person], fix))
        asked_s = person_interval_s(person, engine.track(person), [(pair, sampling) for pair in engine.pairs_of(person)], now_ms)
        assert asked_s is not None
        due_s[person] = at_s + asked_s
    said += engine.advance(T0_MS + round(length_s * 1000.0))
    return Played(heard, said)


def _fix(now_ms: int, away_m: float, rng: Random) -> Fix:
    spread_m = ERROR_M / 1.515  # of one axis, for a radius of 68 %
    latitude, longitude = offset(*START, away_m + rng.gauss(0.0, spread_m), rng.gauss(0.0, spread_m))
    return Fix(fix_id=str(now_ms), fix_time_ms=now_ms, latitude=latitude, longitude=longitude, error_m=ERROR_M, source=Source.GNSS)


def lead_s(said: list[Transition], contact_s: float, tier: Tier) -> float | None:
    """Return for how long a tier was said before contact; None where it was not."""
    first = next((item for item in said if item.tier >= tier and item.at_ms < T0_MS + contact_s * 1000.0), None)
    return None if first is None else contact_s - (first.at_ms - T0_MS) * 0.001


class Story(NamedTuple):
    """He rests, then comes straight to her, who rests."""

    name: str
    from_m: float
    speed_mps: float
    rest_s: float = 900.0

    def way(self, at_s: float) -> float:
        """Return how far he is from her."""
        return max(0.0, self.from_m - max(0.0, at_s - self.rest_s) * self.speed_mps)

    @property
    def contact_s(self) -> float:
        """Return when he is with her."""
        return self.rest_s + self.from_m / self.speed_mps


STORIES: Final = (
    Story("on foot, from 3 km", 3_000.0, 1.4),
    Story("bicycle, from 4 km", 4_000.0, 4.5),
    Story("car 50 km/h, from 8 km", 8_000.0, 13.9),
    Story("car 50 km/h, from 2.5 km", 2_500.0, 13.9),
    Story("waits at 600 m, then runs", 600.0, 3.0),
)
CHOICES: Final = (
    ("fixed 5 s", fixed(5.0)),
    ("fixed 15 s", fixed(15.0)),
    ("fixed 60 s", fixed(60.0)),
    ("danger", replace(SAMPLING, monitored_by=MonitoredBy.DANGER)),
    ("own_movement", SAMPLING),
)
DAYS: Final = {
    "fixed 5 s": [Spell(5.0, 24.0)],
    "fixed 15 s": [Spell(15.0, 24.0)],
    "fixed 60 s": [Spell(60.0, 24.0)],
    "danger": [Spell(60.0, 24.0)],
    "own_movement": [Spell(60.0, 21.0), Spell(15.0, 1.5), Spell(5.0, 1.5)],
}
"""A day far from her, in hours: 21 at rest, 1.5 on foot, 1.5 on wheels."""


def main() -> None:
    """Print the table."""
    korea = preset("kr")
    rules = rules_for(korea)
    sys.stdout.write("| story | his tag | watch | warning | danger | danger, worst |\n|---|---|---|---|---|---|\n")
    for story in STORIES:
        for name, sampling in CHOICES:
            runs = [play(story.way, story.contact_s, sampling, rules, korea.track, seed).said for seed in range(RUNS)]
            leads = {
                tier: [lead_s(said, story.contact_s, tier) or 0.0 for said in runs] for tier in (Tier.WATCH, Tier.WARNING, Tier.DANGER)
            }
            means = " | ".join(f"{mean(found):.0f} s" for found in leads.values())
            sys.stdout.write(f"| {story.name} | {name} | {means} | {min(leads[Tier.DANGER]):.0f} s |\n")
    for name, day in DAYS.items():
        sys.stdout.write(f"{name}: {life_h(day, TAG):.0f} h\n")


if __name__ == "__main__":
    main()
