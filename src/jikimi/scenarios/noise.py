"""How receivers err: slow drift, jitter with a heavy tail, sudden jumps, and what they claim meanwhile.

The drift is a Gauss-Markov process of first order (Gelb, *Applied Optimal Estimation*, 1974, section 3.8): errors of
neighbouring seconds are alike, as multipath and the ionosphere make them. Numbers of ``OPEN_SKY``, ``PHONE`` and
``NETWORK`` were set against the recordings in ``tests/data``; a test states how near they come.
"""

from __future__ import annotations

from math import cos, exp, hypot, pi, sin, sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from jikimi.model.fix import Source

if TYPE_CHECKING:
    from random import Random

CLAIM_SIGMAS: Final = 1.515
"""Radius that holds 68 % of a circular normal error, in standard deviations of one axis."""


class Jumps(msgspec.Struct, frozen=True, kw_only=True):
    """Sudden wrong positions that are claimed to be good.

    Attributes:
        every_s: mean time between two.
        length_m: how far off.
        last_s: shortest and longest.
        claim_m: the error radius claimed meanwhile.
        calm_s: shortest time from the end of one to the next.
    """

    every_s: float
    length_m: float
    last_s: tuple[float, float]
    claim_m: float
    calm_s: float = 0.0


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of reception.

    Attributes:
        source: what its fixes say they come from.
        drift_m: standard deviation of the slow part, per axis.
        drift_s: time in which it forgets (correlation falls to 1/e).
        jitter_m: standard deviation of the part that is new each time, per axis.
        tail_share: how often the jitter is ``tail_factor`` times as wide.
        tail_factor: see there.
        claim_factor: claimed radius over the true 68 % radius; below 1 is over-confident.
        claim_spread: standard deviation of the claim's logarithm.
        jumps: sudden wrong positions, or None.
        gust_spread: standard deviation of the logarithm by which the drift swells and shrinks; the claim knows nothing of it.
        gust_s: time in which that is forgotten.
    """

    source: Source
    drift_m: float
    drift_s: float
    jitter_m: float
    tail_share: float = 0.0
    tail_factor: float = 1.0
    claim_factor: float = 1.0
    claim_spread: float = 0.1
    jumps: Jumps | None = None
    gust_spread: float = 0.0
    gust_s: float = 240.0

    @property
    def claim_m(self) -> float:
        """Return the typical claimed radius."""
        return self.claim_factor * CLAIM_SIGMAS * hypot(self.drift_m, self.jitter_m)


OPEN_SKY: Final = Noise(
    source=Source.GNSS, drift_m=2.0, drift_s=60.0, jitter_m=0.5, tail_share=0.02, tail_factor=5.0, claim_factor=1.1, claim_spread=0.1
)
PHONE: Final = Noise(
    source=Source.FUSED, drift_m=2.8, drift_s=40.0, jitter_m=1.0, tail_share=0.03, tail_factor=4.0, claim_factor=1.25, claim_spread=0.22
)
URBAN_JUMPS: Final = Jumps(every_s=900.0, length_m=200.0, last_s=(1.0, 4.0), claim_m=2.0)
"""Phones at rest report points 200 m off and claim 2 m."""
URBAN: Final = Noise(
    source=Source.GNSS,
    drift_m=7.0,
    drift_s=45.0,
    jitter_m=2.0,
    tail_share=0.04,
    tail_factor=5.0,
    claim_factor=0.7,
    claim_spread=0.3,
    jumps=URBAN_JUMPS,
)
CANYON: Final = msgspec.structs.replace(URBAN, gust_spread=0.7)
"""Between tall buildings: minutes of good fixes, and minutes in which reflections lead tens of metres astray, at the same claim."""
NETWORK: Final = Noise(source=Source.WIFI, drift_m=18.0, drift_s=30.0, jitter_m=19.0, claim_factor=0.9, claim_spread=0.5)
INDOOR: Final = Noise(source=Source.WIFI, drift_m=95.0, drift_s=120.0, jitter_m=35.0, claim_factor=0.8, claim_spread=0.4)
"""Errors mostly of 50 to 300 m."""
CELL: Final = Noise(source=Source.CELL, drift_m=1250.0, drift_s=300.0, jitter_m=400.0, claim_factor=1.0, claim_spread=0.2)
"""No more than the cell: about 2 km."""

KINDS: Final = {"open_sky": OPEN_SKY, "phone": PHONE, "urban": URBAN, "canyon": CANYON, "network": NETWORK, "indoor": INDOOR, "cell": CELL}


class Deviation(NamedTuple):
    """How far a fix lies from the truth, and the radius claimed for it."""

    east_m: float
    north_m: float
    claim_m: float


class Leap(NamedTuple):
    """One jump, from (inclusive) to (exclusive)."""

    east_m: float
    north_m: float
    from_s: float
    until_s: float


class Receiver:
    """One receiver's errors over time."""

    def __init__(self, noise: Noise, rng: Random) -> None:
        self.noise = noise
        self._rng = rng
        self._at_s: float | None = None
        self._east_m = rng.gauss(0.0, noise.drift_m)
        self._north_m = rng.gauss(0.0, noise.drift_m)
        self._gust = rng.gauss(0.0, noise.gust_spread) if noise.gust_spread > 0.0 else 0.0
        self._jump: Leap | None = None

    def deviation(self, time_s: float) -> Deviation:
        """Return the error at a time; times must not go back."""
        self._drift(time_s)
        claim_m = self.noise.claim_m * exp(self._rng.gauss(0.0, self.noise.claim_spread))
        jitter_m = self.noise.jitter_m * (self.noise.tail_factor if self._rng.random() < self.noise.tail_share else 1.0)
        swell = exp(self._gust)
        east_m = swell * self._east_m + self._rng.gauss(0.0, jitter_m)
        north_m = swell * self._north_m + self._rng.gauss(0.0, jitter_m)
        if self.noise.jumps is not None and (jump := self._jumped(self.noise.jumps, time_s)):
            return Deviation(east_m + jump[0], north_m + jump[1], self.noise.jumps.claim_m)
        return Deviation(east_m, north_m, claim_m)

    def _drift(self, time_s: float) -> None:
        if self._at_s is not None:
            keep = exp((self._at_s - time_s) / self.noise.drift_s)
            fresh_m = self.noise.drift_m * sqrt(max(1.0 - keep * keep, 0.0))
            self._east_m = keep * self._east_m + self._rng.gauss(0.0, fresh_m)
            self._north_m = keep * self._north_m + self._rng.gauss(0.0, fresh_m)
            self._blow(time_s - self._at_s)
        self._at_s = time_s

    def _blow(self, since_s: float) -> None:
        """Let the drift's strength change, slowly."""
        spread = self.noise.gust_spread
        if spread > 0.0:
            keep = exp(-since_s / self.noise.gust_s)
            self._gust = keep * self._gust + self._rng.gauss(0.0, spread * sqrt(max(1.0 - keep * keep, 0.0)))

    def _jumped(self, jumps: Jumps, time_s: float) -> tuple[float, float] | None:
        """Return the jump (east, north) that holds at this time, or None. One that came and went between two fixes is not seen."""
        if self._jump is None:
            self._jump = self._leap(jumps, time_s)
        while time_s >= self._jump.until_s:
            self._jump = self._leap(jumps, self._jump.until_s + jumps.calm_s)
        return self._jump[:2] if time_s >= self._jump.from_s else None

    def _leap(self, jumps: Jumps, after_s: float) -> Leap:
        from_s = after_s + self._rng.expovariate(1.0 / jumps.every_s)
        course = self._rng.uniform(0.0, 2.0 * pi)
        return Leap(jumps.length_m * sin(course), jumps.length_m * cos(course), from_s, from_s + self._rng.uniform(*jumps.last_s))
