"""A place as the command line writes it: a circle, corners one after the other, or a GeoJSON file with one area."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Annotated, Final

import msgspec

from jikimi.core.zone import Point, Shape
from jikimi.model.order import Place
from jikimi.model.zone import Circle, Polygon, Zone
from jikimi.runtime.commands import fail

LABELS: Final = frozenset({"home", "work", "school", "shelter", "other"})
MOST_RADIUS_M: Final = 50_000.0
MOST_CORNERS: Final = 500
"""Each is asked for at every report of his: an outline of a school has some dozens."""
MOST_BYTES: Final = 1_000_000
LEAST_M2: Final = 1.0
"""Less is a line, or latitude and longitude typed twice."""
FORMS: Final = (
    "A place is written as KIND:LATITUDE,LONGITUDE,RADIUS, for example home:37.57,126.98,100; "
    "as KIND:LATITUDE,LONGITUDE LATITUDE,LONGITUDE … with three corners or more (in quotes); or as KIND:@FILE, a GeoJSON file."
)
_FILE: Final = "The GeoJSON file after @ holds one Polygon, alone or as the only feature, with longitude before latitude and without holes."


def place(text: str, number: int) -> Place:
    """Read one place; whatever cannot be meant ends with a sentence."""
    label, _, rest = text.partition(":")
    if label not in LABELS:
        raise fail(f"A place's kind is one of {', '.join(sorted(LABELS))}. {FORMS}")
    return Place(f"place-{number}", label, _zone(rest.strip()))


def _zone(text: str) -> Zone:
    if text.startswith("@"):
        return _area(_from_file(Path(text[1:])))
    corners = [_numbers(part) for part in text.split()]
    if len(corners) == 1 and len(corners[0]) == 3:
        return _circle(*corners[0])
    if any(len(corner) != 2 for corner in corners):
        raise fail(FORMS)
    return _area([(latitude, longitude) for latitude, longitude in corners])


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise fail(FORMS) from error


def _circle(latitude: float, longitude: float, radius_m: float) -> Circle:
    if not _on_earth((latitude, longitude)) or not 0 <= radius_m <= MOST_RADIUS_M:
        raise fail("A place's centre is a point on Earth, its radius 0 to 50,000 m.")
    return Circle(latitude, longitude, radius_m)


def _on_earth(at: Point) -> bool:
    return -90 <= at[0] <= 90 and -180 <= at[1] <= 180


def _area(corners: Sequence[Point]) -> Polygon:
    """Return corners as an area. The ring of GeoJSON is closed; here its last corner joins the first by itself."""
    if not all(_on_earth(corner) for corner in corners):
        raise fail("Every corner of a place is a point on Earth: latitude -90 to 90, longitude -180 to 180.")
    ring = [corner for corner, after in pairwise((*corners, *corners[:1])) if corner != after]
    if not 3 <= len(ring) <= MOST_CORNERS:
        raise fail(f"A place has three different corners at least, and at most {MOST_CORNERS}. {FORMS}")
    _sound(zone := Polygon(tuple(ring)))
    return zone


def _sound(zone: Polygon) -> None:
    corners = Shape(zone).corners
    if max(hypot(x, y) for x, y in corners) > MOST_RADIUS_M:
        raise fail("A corner of the place is more than 50,000 m from its middle: are latitude and longitude exchanged?")
    if any(_crossing(*edges) for edges in _far_edges(corners)):
        raise fail("The outline of the place crosses itself: give its corners one after the other, as one walks around it.")
    if abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in _edges(corners))) / 2 < LEAST_M2:
        raise fail("The corners of the place lie on one line: it has no inside.")


def _edges(corners: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(zip(corners, (*corners[1:], corners[0]), strict=True))


def _far_edges(corners: Sequence[Point]) -> Iterator[tuple[Point, Point, Point, Point]]:
    """Give each two edges that share no corner."""
    edges = _edges(corners)
    for first, one in enumerate(edges):
        for second in range(first + 2, len(edges) - (first == 0)):
            yield (*one, *edges[second])


def _crossing(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


_Position = Annotated[list[float], msgspec.Meta(min_length=2, max_length=4)]


class _Geometry(msgspec.Struct):
    type: str
    coordinates: list[list[_Position]]


class _Feature(msgspec.Struct):
    geometry: _Geometry


class _Collection(msgspec.Struct):
    features: list[_Feature]


class _Kind(msgspec.Struct):
    type: str


def _from_file(path: Path) -> list[Point]:
    """Return the corners of the one area in a GeoJSON file (RFC 7946: the longitude stands first)."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise fail(f"The GeoJSON file has more than {MOST_BYTES} bytes: one place needs a few thousand.")
        found = _geometries(path.read_bytes())
    except OSError as error:
        raise fail("The GeoJSON file after @ cannot be read.") from error
    except msgspec.MsgspecError as error:
        raise fail(_FILE) from error
    if len(found) != 1 or found[0].type != "Polygon" or len(found[0].coordinates) != 1:
        raise fail(_FILE)
    return [(position[1], position[0]) for position in found[0].coordinates[0]]


def _geometries(data: bytes) -> list[_Geometry]:
    kind = msgspec.json.decode(data, type=_Kind).type
    if kind == "FeatureCollection":
        return [one.geometry for one in msgspec.json.decode(data, type=_Collection).features]
    if kind == "Feature":
        return [msgspec.json.decode(data, type=_Feature).geometry]
    return [msgspec.json.decode(data, type=_Geometry)]
