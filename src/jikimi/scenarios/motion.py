"""How bodies move, exactly: where one truly is at any time, from which sensors then see something else.

A journey follows a line and is a chain of phases of constant acceleration, so position and speed are continuous and
can be asked for at any time, in any order. Times are seconds since the movement's start.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import atan2, cos, degrees, hypot, inf, pi, sin, sqrt
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import msgspec

from jikimi.core.geodesy import displacement, offset

if TYPE_CHECKING:
    from random import Random

    from jikimi.scenarios.tracks import Track

REST_MPS: Final = 1e-6
"""Slower than this is rounding, not movement."""

Place = tuple[float, float]
"""(latitude, longitude), degrees."""


class Pose(msgspec.Struct, frozen=True):
    """Where a body truly is and how it moves. ``course_deg`` is None at rest."""

    latitude: float
    longitude: float
    speed_mps: float
    course_deg: float | None


class Mover(Protocol):
    """Anything that has a pose at any time; before 0 it is at its start, after ``length_s`` at its end."""

    length_s: float

    def at(self, time_s: float) -> Pose:
        """Return the pose at a time."""
        ...


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody travels.

    Attributes:
        cruise_mps: speed on a free straight way.
        accel_mps2: how fast it is taken up.
        brake_mps2: how fast it is given up.
        corner_mps: speed through a right angle; gentler turns lie between this and the cruise.
        stop_every_m: mean way between stops (crossings, traffic lights).
        stop_s: shortest and longest stop.
    """

    cruise_mps: float
    accel_mps2: float
    brake_mps2: float
    corner_mps: float
    stop_every_m: float
    stop_s: tuple[float, float]


WALK: Final = Style(cruise_mps=1.4, accel_mps2=0.7, brake_mps2=0.9, corner_mps=0.8, stop_every_m=150.0, stop_s=(3.0, 25.0))
CYCLE: Final = Style(cruise_mps=4.5, accel_mps2=0.8, brake_mps2=1.5, corner_mps=2.0, stop_every_m=500.0, stop_s=(5.0, 40.0))
DRIVE: Final = Style(cruise_mps=13.9, accel_mps2=1.8, brake_mps2=2.5, corner_mps=4.0, stop_every_m=400.0, stop_s=(8.0, 60.0))
"""50 km/h between traffic lights."""
RIDE: Final = Style(cruise_mps=10.0, accel_mps2=0.4, brake_mps2=0.5, corner_mps=8.0, stop_every_m=600.0, stop_s=(10.0, 40.0))
"""A full bus: slow to get going, gentle with those who stand in it."""


class Line:
    """A chain of straight legs on the local metric; each leg up to 50 km."""

    def __init__(self, places: Sequence[Place]) -> None:
        """Take at least two places; equal neighbours are one.

        Raises:
            ValueError: fewer than two different places.
        """
        self.places = [place for before, place in pairwise([None, *places]) if place != before and place is not None]
        if len(self.places) < 2:
            msg = "A line needs two different places."
            raise ValueError(msg)
        self.legs = [displacement(*a, *b) for a, b in pairwise(self.places)]
        self.marks_m = list(accumulate((hypot(*leg) for leg in self.legs), initial=0.0))

    @property
    def length_m(self) -> float:
        """Return the way from end to end."""
        return self.marks_m[-1]

    def at(self, way_m: float) -> tuple[float, float, float]:
        """Return (latitude, longitude, course in degrees) after so much way, clamped to the line."""
        way_m = min(max(way_m, 0.0), self.length_m)
        index = min(bisect_right(self.marks_m, way_m) - 1, len(self.legs) - 1)
        east, north = self.legs[index]
        share = (way_m - self.marks_m[index]) / (self.marks_m[index + 1] - self.marks_m[index])
        lat, lon = offset(*self.places[index], east * share, north * share)
        return lat, lon, degrees(atan2(east, north)) % 360.0

    def turns_deg(self) -> list[float]:
        """Return how sharply the line turns at each inner place, 0 (straight on) to 180 (back)."""
        courses = [degrees(atan2(east, north)) for east, north in self.legs]
        return [abs((after - before + 180.0) % 360.0 - 180.0) for before, after in pairwise(courses)]


class Node(NamedTuple):
    """A point of the way that limits the speed; with ``stop_s`` one waits there."""

    way_m: float
    limit_mps: float
    stop_s: float


class Phase(NamedTuple):
    """A stretch of constant acceleration."""

    from_s: float
    from_m: float
    speed_mps: float
    accel_mps2: float


class Journey:
    """Travelling along a line from rest to rest, in a style, with stops."""

    def __init__(self, line: Line, style: Style, stops: Sequence[tuple[float, float]] = ()) -> None:
        """Plan the journey. ``stops`` are (way in metres, seconds of waiting), inside the line."""
        self.line = line
        self.style = style
        self.phases: list[Phase] = []
        self.length_s = 0.0
        self._plan(_feasible(_nodes(line, style, stops), style))
        self._starts = [phase.from_s for phase in self.phases]

    def at(self, time_s: float) -> Pose:
        """Return the pose at a time."""
        time_s = min(max(time_s, 0.0), self.length_s)
        phase = self.phases[max(bisect_right(self._starts, time_s) - 1, 0)]
        since = time_s - phase.from_s
        lat, lon, course = self.line.at(phase.from_m + since * (phase.speed_mps + 0.5 * phase.accel_mps2 * since))
        speed = max(phase.speed_mps + phase.accel_mps2 * since, 0.0)
        moving = 0.0 < time_s < self.length_s and speed > REST_MPS
        return Pose(lat, lon, speed if moving else 0.0, course if moving else None)

    def _plan(self, nodes: list[Node]) -> None:
        for before, after in pairwise(nodes):
            self._go(before, after)
            if after.stop_s > 0.0:
                self._add(after.way_m, 0.0, 0.0, after.stop_s)

    def _go(self, before: Node, after: Node) -> None:
        """Speed up, cruise, brake: the fastest way between two nodes."""
        up, down = self.style.accel_mps2, self.style.brake_mps2
        v0, v1, way = before.limit_mps, after.limit_mps, after.way_m - before.way_m
        if way <= 0.0:  # a stop on a corner
            return
        peak = min(sqrt((2.0 * up * down * way + down * v0 * v0 + up * v1 * v1) / (up + down)), self.style.cruise_mps)
        peak = max(peak, v0, v1)
        rise, fall = (peak * peak - v0 * v0) / (2.0 * up), (peak * peak - v1 * v1) / (2.0 * down)
        flat = max(way - rise - fall, 0.0)
        self._add(before.way_m, v0, up, (peak - v0) / up)
        self._add(before.way_m + rise, peak, 0.0, flat / peak)
        self._add(after.way_m - fall, peak, -down, (peak - v1) / down)

    def _add(self, from_m: float, speed_mps: float, accel_mps2: float, length_s: float) -> None:
        if length_s > 0.0:
            self.phases.append(Phase(self.length_s, from_m, speed_mps, accel_mps2))
            self.length_s += length_s


def _nodes(line: Line, style: Style, stops: Sequence[tuple[float, float]]) -> list[Node]:
    ease = style.cruise_mps - style.corner_mps
    corners = [
        Node(way_m, style.corner_mps + ease * (1.0 - min(turn, 90.0) / 90.0), 0.0)
        for way_m, turn in zip(line.marks_m[1:-1], line.turns_deg(), strict=True)
    ]
    halts = [Node(way_m, 0.0, wait_s) for way_m, wait_s in stops if 0.0 < way_m < line.length_m]
    return sorted([Node(0.0, 0.0, 0.0), *corners, *halts, Node(line.length_m, 0.0, 0.0)])


def _feasible(nodes: list[Node], style: Style) -> list[Node]:
    """Lower the limits so that each can be reached from the one before and braked for the one after."""
    for order, rate in ((range(1, len(nodes)), style.accel_mps2), (range(len(nodes) - 2, -1, -1), style.brake_mps2)):
        step = order.step
        for index in order:
            near = nodes[index - step]
            most = sqrt(near.limit_mps**2 + 2.0 * rate * abs(nodes[index].way_m - near.way_m))
            nodes[index] = nodes[index]._replace(limit_mps=min(nodes[index].limit_mps, most))
    return nodes


def chance_stops(rng: Random, line: Line, style: Style) -> list[tuple[float, float]]:
    """Return stops at random distances (exponential, as lights and crossings come), each of random length."""
    stops: list[tuple[float, float]] = []
    way_m = rng.expovariate(1.0 / style.stop_every_m)
    while way_m < line.length_m:
        stops.append((way_m, rng.uniform(*style.stop_s)))
        way_m += rng.expovariate(1.0 / style.stop_every_m)
    return stops


def stroll(rng: Random, centre: Place, radius_m: float, length_s: float, style: Style = WALK) -> Journey:
    """Return a walk from place to place within a disc, with turns and stops, at least ``length_s`` long."""
    places = [centre]
    journey = None
    while journey is None or journey.length_s < length_s:
        for _ in range(8):
            course, way_m = rng.uniform(0.0, 2.0 * pi), radius_m * sqrt(rng.random())
            places.append(offset(*centre, way_m * sin(course), way_m * cos(course)))
        journey = Journey(Line(places), style)
    line = journey.line
    return Journey(line, style, chance_stops(rng, line, style))


class Standing:
    """Somebody who stays at a place."""

    def __init__(self, place: Place, length_s: float = inf) -> None:
        self.place = place
        self.length_s = length_s

    def at(self, time_s: float) -> Pose:  # noqa: ARG002 - the pose is the same at every time
        """Return the pose, the same at every time."""
        return Pose(*self.place, 0.0, None)


class Recorded:
    """A recorded track as truth: straight and even between its points."""

    def __init__(self, track: Track, from_s: float = 0.0) -> None:
        """Take a track; ``from_s`` of its beginning are left out."""
        self.track = track
        self._begin_ms = track[0].time_ms + round(from_s * 1000.0)
        self._times_ms = [point.time_ms for point in track]
        self.length_s = (track[-1].time_ms - self._begin_ms) * 0.001

    def at(self, time_s: float) -> Pose:
        """Return the pose at a time; exactly a recorded point at its moment."""
        time_ms = min(max(self._begin_ms + time_s * 1000.0, self._times_ms[0]), self._times_ms[-1])
        index = bisect_right(self._times_ms, time_ms) - 1
        here = self.track[index]
        if index + 1 == len(self.track):
            return Pose(here.latitude, here.longitude, 0.0, None)
        there = self.track[index + 1]
        east, north = displacement(here.latitude, here.longitude, there.latitude, there.longitude)
        between_ms = there.time_ms - here.time_ms
        share = (time_ms - here.time_ms) / between_ms
        place = (here.latitude, here.longitude) if share == 0.0 else offset(here.latitude, here.longitude, east * share, north * share)
        way_m = hypot(east, north)
        return Pose(*place, way_m / between_ms * 1000.0, degrees(atan2(east, north)) % 360.0 if way_m > 0.0 else None)


class Stages:
    """One movement after another."""

    def __init__(self, movers: Sequence[Mover]) -> None:
        """Take at least one mover; all but the last must end."""
        self.movers = list(movers)
        self._starts_s = list(accumulate((mover.length_s for mover in self.movers), initial=0.0))
        self.length_s = self._starts_s.pop()

    def at(self, time_s: float) -> Pose:
        """Return the pose at a time."""
        index = max(bisect_right(self._starts_s, time_s) - 1, 0)
        return self.movers[index].at(time_s - self._starts_s[index])
