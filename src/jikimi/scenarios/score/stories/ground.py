"""The plane in which stories are drawn, and where on the Earth it lies."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from jikimi.core.geodesy import ECCENTRICITY_2, EQUATOR_DEGREE_M, MERIDIAN_DEGREE_M, offset
from jikimi.scenarios.score.case import Way

if TYPE_CHECKING:
    from random import Random

    from jikimi.scenarios.motion import Place

Metres = npt.NDArray[np.float64]
"""Shape (n, 2): metres right and up in the plane."""
Point = tuple[float, float]
"""Metres right and up in the plane."""

ANCHORS: Final[tuple[Place, ...]] = ((37.55, 126.98), (35.16, 129.06), (48.14, 11.57), (40.42, -3.70), (48.86, 2.35), (-34.88, -56.17))
"""Seoul, Busan, Munich, Madrid, Paris, Montevideo: north and south, east and west."""


class Ground:
    """A plane turned by a chance angle; its ``centre`` comes to lie in one of the cities."""

    def __init__(self, rng: Random, centre: Point = (0.0, 0.0)) -> None:
        self.centre = centre
        self._lat, self._lon = rng.choice(ANCHORS)
        self._lat += rng.uniform(-0.05, 0.05)
        self._lon += rng.uniform(-0.05, 0.05)
        turn = rng.uniform(0.0, 2.0 * pi)
        self._turn = np.array(((cos(turn), sin(turn)), (-sin(turn), cos(turn))))

    def place(self, point: Point) -> Place:
        """Return (latitude, longitude) of a point."""
        east, north = (np.array(point) - self.centre) @ self._turn
        return offset(self._lat, self._lon, float(east), float(north))

    def turned(self, steps: Metres) -> Metres:
        """Return steps in the plane as metres (east, north)."""
        turned: Metres = steps @ self._turn
        return turned

    def way(self, points: Metres) -> Way:
        """Return latitudes and longitudes of points; ``core.geodesy.offset`` for many at once."""
        east, north = ((points - self.centre) @ self._turn).T
        _, north_degree_m = _metric(np.array(self._lat))
        middle = self._lat + north * 0.5 / north_degree_m
        east_degree_m, north_degree_m = _metric(middle)
        return Way(self._lat + north / north_degree_m, self._lon + east / east_degree_m)


def _metric(lat: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return metres per degree (of longitude, of latitude) at latitudes in degrees."""
    phi = np.radians(lat)
    w = 1.0 - ECCENTRICITY_2 * np.sin(phi) ** 2
    return EQUATOR_DEGREE_M * np.cos(phi) / np.sqrt(w), MERIDIAN_DEGREE_M / w**1.5
