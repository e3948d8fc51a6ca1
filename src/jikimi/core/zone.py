"""Distance from a position to a static place, and from the straight way between two positions.

A place is worked in metres east and north of its anchor. A polygon's distance is measured to its edge from
outside and is 0 inside; a bounding box is never taken for the shape.
"""

from __future__ import annotations

from math import hypot

from jikimi.core.geodesy import displacement, turn_deg
from jikimi.model.zone import Circle, Polygon, Zone

Point = tuple[float, float]


def segment_point_m(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Return the distance from point p to the segment a-b, all in metres of one plane."""
    dx = bx - ax
    dy = by - ay
    length_2 = dx * dx + dy * dy
    if length_2 == 0.0:
        return hypot(px - ax, py - ay)
    share = ((px - ax) * dx + (py - ay) * dy) / length_2
    share = 0.0 if share < 0.0 else min(share, 1.0)
    return hypot(px - ax - share * dx, py - ay - share * dy)


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return (_turn(a, b, c) > 0.0) != (_turn(a, b, d) > 0.0) and (_turn(c, d, a) > 0.0) != (_turn(c, d, b) > 0.0)


class Shape:
    """A zone in metres around its anchor, ready to be asked."""

    __slots__ = ("anchor_lat", "anchor_lon", "corners", "radius_m")

    def __init__(self, zone: Zone) -> None:
        self.corners: list[Point] = []
        self.radius_m: float = 0.0
        if isinstance(zone, Circle):
            self.anchor_lat: float = zone.latitude
            self.anchor_lon: float = zone.longitude
            self.radius_m = zone.radius_m
        else:
            self._set_polygon(zone)

    def _set_polygon(self, zone: Polygon) -> None:
        self.anchor_lat = sum(lat for lat, _ in zone.corners) / len(zone.corners)
        # Corners on both sides of the antimeridian would average to the far side of the world: turn from the first.
        first = zone.corners[0][1]
        self.anchor_lon = first + sum(turn_deg(first, lon) for _, lon in zone.corners) / len(zone.corners)
        self.corners = [displacement(self.anchor_lat, self.anchor_lon, lat, lon) for lat, lon in zone.corners]

    def local(self, lat: float, lon: float) -> Point:
        """Return the position in this zone's plane, metres east and north of the anchor."""
        return displacement(self.anchor_lat, self.anchor_lon, lat, lon)

    def distance_m(self, at: Point) -> float:
        """Return the distance from ``at`` to the zone, 0 inside."""
        return self.segment_m(at, at)

    def segment_m(self, a: Point, b: Point) -> float:
        """Return the least distance from the straight way a-b to the zone, 0 where it touches."""
        if not self.corners:
            return max(0.0, segment_point_m(a[0], a[1], b[0], b[1], 0.0, 0.0) - self.radius_m)
        if self.inside(a) or self.inside(b):
            return 0.0
        return min(self._edge_m(a, b, i) for i in range(len(self.corners)))

    def _edge_m(self, a: Point, b: Point, i: int) -> float:
        c = self.corners[i - 1]
        d = self.corners[i]
        if _cross(a, b, c, d):
            return 0.0
        near = min(segment_point_m(c[0], c[1], d[0], d[1], a[0], a[1]), segment_point_m(c[0], c[1], d[0], d[1], b[0], b[1]))
        far = min(segment_point_m(a[0], a[1], b[0], b[1], c[0], c[1]), segment_point_m(a[0], a[1], b[0], b[1], d[0], d[1]))
        return min(near, far)

    def inside(self, at: Point) -> bool:
        """Return whether the point lies in the polygon (even-odd rule)."""
        x, y = at
        odd = False
        for i in range(len(self.corners)):
            ax, ay = self.corners[i - 1]
            bx, by = self.corners[i]
            if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                odd = not odd
        return odd

    def centre_direction(self, at: Point) -> Point:
        """Return the unit vector from the zone's anchor to ``at``, or (0, 0) on the anchor itself."""
        length = hypot(at[0], at[1])
        return (at[0] / length, at[1] / length) if length > 0.0 else (0.0, 0.0)
