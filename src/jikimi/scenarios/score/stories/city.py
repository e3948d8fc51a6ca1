"""A city of irregular blocks: bent streets, arterials, one-ways, closed edges; and ways through it by its streets."""

from __future__ import annotations

from functools import lru_cache
from heapq import heappop, heappush
from math import hypot, inf
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt

from jikimi.scenarios.score.stories.ground import Point

HALF_M: Final = 10_500.0
"""From the middle to the edge: room for 20 minutes of city traffic in every direction."""
BLOCK_M: Final = (65.0, 170.0)
WOBBLE_M: Final = 9.0
"""How far crossings lie off the straight line, standard deviation."""
BEND_M: Final = 90.0
"""How far streets swing out, over a kilometre or two."""
MINOR_MPS: Final = 8.0
ARTERIAL_MPS: Final = 13.0
CLOSED: Final = 6.0
"""An edge that is not there costs so many times its length: nobody takes it, yet no place is cut off."""
AGAINST: Final = 5.0
"""The same for driving against a one-way street."""
EAGER: Final = 1.1
"""The search's heuristic is taken so many times: nearly shortest ways at a fraction of the work, as people find them."""

Node = int
"""Column times the city's side, plus row."""
Grid = list[list[float]]


class City:
    """Streets in two directions, numbered; a crossing is a ``Node``."""

    def __init__(self, rng: Random) -> None:
        chance = np.random.default_rng(rng.getrandbits(64))
        self._across, self._up = _lines(chance), _lines(chance)
        self.side = len(self._across)
        across, up = np.meshgrid(self._across, self._up, indexing="ij")
        bends = chance.uniform(900.0, 2200.0, 2), chance.uniform(0.0, 6.0, 2)
        across, up = (
            across + BEND_M * np.sin(up / bends[0][0] + bends[1][0]) + chance.normal(0.0, WOBBLE_M, across.shape),
            up + BEND_M * np.sin(across / bends[0][1] + bends[1][1]) + chance.normal(0.0, WOBBLE_M, up.shape),
        )
        self.points: list[Point] = list(zip(across.ravel().tolist(), up.ravel().tolist(), strict=True))
        whims = chance.uniform(1.0, 1.35, (2, self.side, self.side))
        whims[chance.random(whims.shape) < 0.07] = CLOSED
        self._whims: list[Grid] = whims.tolist()
        self.arterial = [_arterials(chance, self.side), _arterials(chance, self.side)]
        self._one_way: list[list[int]] = chance.choice((-1, 0, 0, 1), (2, self.side)).tolist()

    def nearest(self, point: Point) -> Node:
        """Return the crossing at (about) a point."""
        column = int(np.abs(self._across - point[0]).argmin())
        row = int(np.abs(self._up - point[1]).argmin())
        return column * self.side + row

    def walk(self, rng: Random, start: Node, goal: Node) -> list[Point]:
        """Return a way on foot: any street, either way, and now and then across a corner or a yard."""
        nodes = self._search(start, goal, drives=False)
        kept = [nodes[0]]
        for node in nodes[1:-1]:
            if kept[-1] == nodes[0] or rng.random() > 0.2:
                kept.append(node)
        return [self.points[node] for node in (*kept, nodes[-1])]

    def drive(self, start: Node, goal: Node) -> list[Point]:
        """Return a way by car: arterials where they help, one-ways kept."""
        return [self.points[node] for node in self._search(start, goal, drives=True)]

    def _search(self, start: Node, goal: Node, *, drives: bool) -> list[Node]:
        """Return the crossings of a quick way (A*, Hart, Nilsson, Raphael 1968)."""
        ends = self.points[goal]
        guess = EAGER / ARTERIAL_MPS if drives else EAGER
        best: dict[Node, float] = {start: 0.0}
        before: dict[Node, Node] = {}
        queue: list[tuple[float, Node]] = [(0.0, start)]
        while queue:
            _, node = heappop(queue)
            if node == goal:
                break
            spent = best[node]
            for there, cost in self._edges(node, drives=drives):
                if spent + cost < best.get(there, inf):
                    best[there] = spent + cost
                    before[there] = node
                    point = self.points[there]
                    heappush(queue, (spent + cost + guess * (abs(point[0] - ends[0]) + abs(point[1] - ends[1])), there))
        way = [goal]
        while way[-1] != start:
            way.append(before[way[-1]])
        return way[::-1]

    def _edges(self, node: Node, *, drives: bool) -> list[tuple[Node, float]]:
        column, row = divmod(node, self.side)
        edges = []
        for axis, step, along, line in ((0, 1, column, row), (0, -1, column, row), (1, 1, row, column), (1, -1, row, column)):
            if not 0 <= along + step < self.side:
                continue
            there = node + (step * self.side if axis == 0 else step)
            edge = min(along, along + step)
            whim = self._whims[axis][edge][line]
            edges.append((there, self._cost(node, there, axis, line, step, drives=drives) * whim))
        return edges

    def _cost(self, node: Node, there: Node, axis: int, line: int, step: int, *, drives: bool) -> float:
        here, next_ = self.points[node], self.points[there]
        length_m = hypot(next_[0] - here[0], next_[1] - here[1])
        if not drives:
            return length_m
        if self.arterial[axis][line]:
            return length_m / ARTERIAL_MPS
        return length_m / MINOR_MPS * (AGAINST if self._one_way[axis][line] == -step else 1.0)


def _lines(chance: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return where the streets of one direction lie, from one edge to the other; as many in each direction."""
    count = round(2.0 * HALF_M / (0.5 * sum(BLOCK_M)))
    marks = np.cumsum(chance.uniform(*BLOCK_M, count))
    middled: npt.NDArray[np.float64] = marks - marks[count // 2]
    return middled


def _arterials(chance: np.random.Generator, side: int) -> list[bool]:
    """Return which streets are arterials: every third to seventh."""
    lines = [False] * side
    line = int(chance.integers(0, 4))
    while line < side:
        lines[line] = True
        line += int(chance.integers(3, 8))
    return lines


@lru_cache(maxsize=4)
def city_of(seed: int, number: int) -> City:
    """Return one of a seed's cities; the same whatever was built before."""
    return City(Random(f"{seed}/city/{number}"))  # noqa: S311 - a story's chance, no secret
