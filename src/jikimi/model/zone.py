"""Static places an order names: home, work, school, shelter."""

from __future__ import annotations

import msgspec


class Circle(msgspec.Struct, frozen=True, tag="circle"):
    """A disc. ``radius_m`` may be 0: then the place is a point."""

    latitude: float
    longitude: float
    radius_m: float


class Polygon(msgspec.Struct, frozen=True, tag="polygon"):
    """A simple ring of (latitude, longitude) corners, not closed (the last joins the first), at least three."""

    corners: tuple[tuple[float, float], ...]


Zone = Circle | Polygon
