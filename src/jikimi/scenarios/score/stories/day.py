"""An ordinary day: home, work, meals, errands, an evening out; on foot, by bicycle, car, bus and metro."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING, Final

from jikimi.scenarios.motion import WALK
from jikimi.scenarios.score.stories.body import TRAIN, Body

if TYPE_CHECKING:
    from random import Random

    from jikimi.scenarios.score.stories.city import City, Node
    from jikimi.scenarios.score.stories.ground import Point

DAY_S: Final = 86_400.0
STEP_S: Final = 15.0
HOUR_S: Final = 3600.0
WALK_MOST_M: Final = 1200.0
METRO_LEAST_M: Final = 2500.0
BROWSE_M: Final = 90.0
"""How far from a shop's door one goes in and around it."""
STATION_M: Final = 900.0
"""Between two stations."""

Outages = list[tuple[float, float]]


class Day:
    """One person's day in the city, from midnight to midnight; ``outages`` are the times underground."""

    def __init__(self, rng: Random, city: City, home: Node, radius_m: float) -> None:
        """Live it: ``radius_m`` is how far from home work and errands lie at most."""
        self.rng, self.city, self.outages = rng, city, Outages()
        self.home, self._radius_m = home, radius_m
        self._doors: dict[Node, Point] = {}
        self._where = home
        self._likes = rng.choice(("drive", "ride", "cycle", "metro"))
        self.body = Body(self._door(home), STEP_S)
        if rng.random() < 0.75:
            self._work()
        else:
            self._errands()
        self._evening()
        self.body.until(DAY_S)

    def _work(self) -> None:
        work = self._place(self.home, 0.35 * self._radius_m, 0.9 * self._radius_m)
        self._leave(7.6, 0.8).to(work)
        self._leave(12.2, 0.4).to(self._place(work, 120.0, 450.0)).stay(0.5, 0.15).to(work)
        self._leave(17.6, 1.0)
        if self.rng.random() < 0.6:
            self.to(self._place(self.home, 200.0, 0.5 * self._radius_m)).browse(0.6, 0.3)
        self.to(self.home)

    def _errands(self) -> None:
        for hour in (9.0, 12.0, 15.5):
            self._leave(hour, 0.8).to(self._place(self.home, 150.0, 0.9 * self._radius_m)).browse(0.9, 0.5)
            self.to(self.home)

    def _evening(self) -> None:
        if self.rng.random() < 0.5:
            self._leave(19.5, 0.5).to(self._place(self.home, 400.0, 0.9 * self._radius_m)).stay(1.7, 0.5).to(self.home)
        elif self.rng.random() < 0.6:
            self._leave(20.0, 1.0).to(self._place(self.home, 300.0, 900.0)).browse(0.2, 0.1).to(self.home)

    def stay(self, hours: float, spread_hours: float) -> Day:
        """Stay for about so long."""
        self.body.stay(max(self.rng.gauss(hours, spread_hours), 0.15) * HOUR_S)
        return self

    def browse(self, hours: float, spread_hours: float) -> Day:
        """Go about in shops or a park for about so long."""
        here = self.body.here
        until_s = self.body.now_s + max(self.rng.gauss(hours, spread_hours), 0.15) * HOUR_S
        while self.body.now_s < until_s:
            self.body.stay(self.rng.uniform(60.0, 500.0)).go([_nearby(self.rng, here, 5.0, BROWSE_M)], WALK)
        return self

    def to(self, node: Node) -> Day:
        """Go there, in the way that suits the distance."""
        here, there = self.city.points[self._where], self.city.points[node]
        distance_m = hypot(there[0] - here[0], there[1] - here[1])
        manner = "walk" if distance_m < WALK_MOST_M else self._likes
        if manner == "metro" and distance_m >= METRO_LEAST_M:
            self._ride_metro(node)
        elif manner == "walk":
            self.body.along(self.rng, [*self.city.walk(self.rng, self._where, node), self._door(node)], "walk")
        else:
            self.body.along(self.rng, [*self.city.drive(self._where, node), self._door(node)], "ride" if manner == "metro" else manner)
        self._where = node
        return self

    def _ride_metro(self, node: Node) -> None:
        rng, city = self.rng, self.city
        enters, leaves = (city.nearest(_nearby(rng, city.points[end], 150.0, 450.0)) for end in (self._where, node))
        self.body.along(rng, city.walk(rng, self._where, enters), "walk")
        below_s = self.body.now_s
        underground(rng, self.body, city.points[leaves])
        self.outages.append((below_s, self.body.now_s))
        self.body.along(rng, [*city.walk(rng, leaves, node), self._door(node)], "walk")

    def _leave(self, hour: float, spread_hours: float) -> Day:
        self.body.until(self.rng.gauss(hour, 0.5 * spread_hours) * HOUR_S)
        return self

    def _place(self, centre: Node, least_m: float, most_m: float) -> Node:
        return self.city.nearest(_nearby(self.rng, self.city.points[centre], least_m, most_m))

    def _door(self, node: Node) -> Point:
        """Return the door of a place, the same all day."""
        return self._doors.setdefault(node, _nearby(self.rng, self.city.points[node], 8.0, 35.0))


def underground(rng: Random, body: Body, goal: Point) -> None:
    """Go down, wait for a train, ride by a bent line with a stop at each station, and come up."""
    here = body.here
    body.stay(rng.uniform(60.0, 300.0))
    length_m = hypot(goal[0] - here[0], goal[1] - here[1])
    bow = rng.uniform(-0.2, 0.2)
    middle = 0.5 * (here[0] + goal[0]) - bow * (goal[1] - here[1]), 0.5 * (here[1] + goal[1]) + bow * (goal[0] - here[0])
    halts = [(mark * STATION_M, rng.uniform(*TRAIN.stop_s)) for mark in range(1, int(length_m / STATION_M))]
    body.go([middle, goal], TRAIN, halts).stay(rng.uniform(45.0, 120.0))


def _nearby(rng: Random, point: Point, least_m: float, most_m: float) -> Point:
    """Return a chance point in a square ring around another: streets are counted along two axes."""
    while True:
        east, north = rng.uniform(-most_m, most_m), rng.uniform(-most_m, most_m)
        if least_m <= hypot(east, north) <= most_m:
            return point[0] + east, point[1] + north
