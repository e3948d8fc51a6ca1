"""Where a story is played: its chance, its city, its ground, and the devices that turn ways into what is heard."""

from __future__ import annotations

from heapq import merge
from math import atan2, cos, degrees, hypot, pi, sin
from random import Random
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from jikimi.model.decision import Approach
from jikimi.scenarios.motion import REST_MPS, Pose
from jikimi.scenarios.noise import CANYON, INDOOR, NETWORK, OPEN_SKY, PHONE, Noise
from jikimi.scenarios.score.case import Case, Heard, Kind, Mode, Side, Truth, Way
from jikimi.scenarios.score.stories.city import City, city_of
from jikimi.scenarios.score.stories.ground import Ground, Metres, Point
from jikimi.scenarios.score.stories.variant import Sky, Variant
from jikimi.scenarios.sensor import Sensor, sendings

if TYPE_CHECKING:
    from jikimi.model.zone import Zone
    from jikimi.scenarios.score.stories.body import Body

START_MS: Final = 1_791_180_000_000
"""5 October 2026, 06:00 UTC: a day like any other."""
CITIES: Final = 4
"""Cities of one seed."""
HIS_NOISE: Final = {Sky.OPEN: OPEN_SKY, Sky.URBAN: CANYON, Sky.INDOOR: CANYON}
HER_NOISE: Final = {Sky.OPEN: PHONE, Sky.URBAN: NETWORK, Sky.INDOOR: INDOOR}
SIDES: Final[tuple[Side, Side]] = ("monitored", "protected")
LATENCY_S: Final = 1.0
MIXED_S: Final = (5.0, 10.0, 15.0, 30.0, 60.0)

Silence = tuple[Side, float, float]
"""(side, from, until) in seconds of the story."""


class Carried:
    """A told way as a body with a pose: even between its steps."""

    def __init__(self, way: Way, points: Metres, ground: Ground, step_s: float) -> None:
        self.length_s = (len(points) - 1) * step_s
        self._step_s = step_s
        self._lat, self._lon = way.latitude.tolist(), way.longitude.tolist()
        east, north = ground.turned(np.diff(points, axis=0)).T / step_s
        self._east, self._north = [*east.tolist(), 0.0], [*north.tolist(), 0.0]

    def at(self, time_s: float) -> Pose:
        """Return the pose at a time."""
        step = min(max(time_s / self._step_s, 0.0), len(self._lat) - 1.0)
        index = int(step)
        after, share = min(index + 1, len(self._lat) - 1), step - index
        lat = self._lat[index] + share * (self._lat[after] - self._lat[index])
        lon = self._lon[index] + share * (self._lon[after] - self._lon[index])
        east, north = self._east[index], self._north[index]
        speed = hypot(east, north)
        return Pose(lat, lon, speed, degrees(atan2(east, north)) % 360.0) if speed > REST_MPS else Pose(lat, lon, 0.0, None)


class Stage:
    """One case in the making. ``home`` is where she lives: a crossing near the middle of the city, and the ground's centre."""

    def __init__(self, seed: int, story: str, variant: Variant) -> None:
        self.seed, self.story, self.variant = seed, story, variant
        self.rng = Random(f"{seed}/{story}/{variant.label}")  # noqa: S311 - a story's chance, no secret
        self.city: City = city_of(seed, self.rng.randrange(CITIES))
        self.home_node = self.city.nearest(self.around((0.0, 0.0), 0.0, 1200.0))
        self.home = self.door(self.home_node)
        self.ground = Ground(self.rng, self.home)

    def around(self, point: Point, least_m: float, most_m: float) -> Point:
        """Return a chance point in a ring around another."""
        course, way_m = self.rng.uniform(0.0, 2.0 * pi), self.rng.uniform(least_m, most_m)
        return point[0] + way_m * cos(course), point[1] + way_m * sin(course)

    def door(self, node: int) -> Point:
        """Return a door near a crossing."""
        return self.around(self.city.points[node], 8.0, 35.0)

    def sensor(self, side: Side, noise: Noise | None = None) -> Sensor:
        """Return the device that this side carries in this variant; ``noise`` replaces the variant's."""
        usual = HIS_NOISE if side == "monitored" else HER_NOISE
        interval_s = self.variant.interval_s
        first_s = self.rng.uniform(0.5, min(interval_s, 30.0)) if interval_s is not None else self.rng.uniform(0.5, 5.0)
        changes = ((first_s, interval_s),) if interval_s is not None else self._mixed(first_s)
        return Sensor(
            interval_s=interval_s if interval_s is not None else 30.0,
            changes=changes,
            noise=noise if noise is not None else usual[self.variant.sky],
            claims_speed=self.rng.random() < 0.5,
            latency_s=LATENCY_S,
        )

    def case(
        self,
        kind: Kind,
        mode: Mode,
        his: Body,
        hers: Body,
        *,
        sensors: tuple[Sensor, Sensor | None] | None = None,
        approacher: Approach | None = None,
        silences: tuple[Silence, ...] = (),
        zone: Zone | None = None,
    ) -> Case:
        """Return the case: both ways as long as the longer one, what each device reports of them, and the labels.

        Args:
            kind: what is asked.
            mode: how the mover travels.
            his: the monitored person's way.
            hers: the protected side's way, in the same steps.
            sensors: both devices, the second None for a place; by default those of the variant.
            approacher: who comes.
            silences: when a device says nothing though it should.
            zone: the place, if it is one.
        """
        tag, phone = sensors if sensors is not None else (self.sensor("monitored"), self.sensor("protected"))
        ways = _as_long(his.way(), hers.way())
        told = [self.ground.way(points) for points in ways]
        streams = [
            self._heard(side, sensor, Carried(way, points, self.ground, his.step_s))
            for side, sensor, way, points in zip(SIDES, (tag, phone), told, ways, strict=True)
            if sensor is not None
        ]
        return Case(
            story=self.story,
            variant=self.variant.label,
            seed=self.seed,
            kind=kind,
            mode=mode,
            interval_s=self.variant.interval_s,
            heard=tuple(merge(*streams, key=lambda heard: heard.now_ms)),
            truth=Truth(START_MS, round(his.step_s * 1000.0), *told),
            zone=zone,
            approacher=approacher,
            silent=tuple((side, START_MS + round(a * 1000.0), START_MS + round(b * 1000.0)) for side, a, b in silences),
        )

    def _heard(self, side: Side, sensor: Sensor, mover: Carried) -> list[Heard]:
        run = f"{side[0]}{self.seed}"
        received = sendings(sensor, mover, self.rng, device_id=side, run=run, start_ms=START_MS, length_s=mover.length_s)
        return [Heard(sending.received_ms, side, sending.fix) for sending in received]

    def _mixed(self, first_s: float) -> tuple[tuple[float, float], ...]:
        """Return changes of interval every few minutes."""
        changes, at_s = [], first_s
        while at_s < 4.0 * 3600.0:
            changes.append((at_s, self.rng.choice(MIXED_S)))
            at_s += self.rng.uniform(120.0, 600.0)
        return tuple(changes)


def _as_long(his: Metres, hers: Metres) -> tuple[Metres, Metres]:
    """Return both ways; who is done earlier stays where he or she is."""
    longest = max(len(his), len(hers))
    first, second = (np.concatenate((way, np.repeat(way[-1:], longest - len(way), axis=0))) for way in (his, hers))
    return first, second


def at_rest(sensor: Sensor, way: Metres, step_s: float, rest_s: float) -> Sensor:
    """Return the device as one that measures only every ``rest_s`` while its wearer rests.

    Rest is seen as devices see it, two minutes late; movement at once.
    """
    moved = np.hypot(*np.diff(way, axis=0).T) > 0.05 * step_s
    late = max(round(120.0 / step_s), 1)
    awake = np.convolve(moved, np.ones(late), mode="full")[: len(moved)] > 0.0
    turns = np.flatnonzero(np.diff(awake.astype(np.int8))) + 1
    marks = [0, *turns.tolist()]
    own_s = sensor.interval_s
    changes = tuple((mark * step_s, own_s if awake[mark] else rest_s) for mark in marks)
    return msgspec.structs.replace(sensor, changes=tuple((max(a, 0.5), b) for a, b in changes))
