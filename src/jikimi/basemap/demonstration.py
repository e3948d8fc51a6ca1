"""What the demonstration's map shows besides boundaries: metro lines, the road of the Munich drive, land to drive on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jikimi.basemap.features import Feature, Plain

DATA = Path(__file__).parent / "data"
"""Each folder has a SOURCE.md with origin and licence."""

METRO_SOURCE = "© OpenStreetMap contributors (metro lines)"
ROAD_SOURCE = "BMW Barefoot, Apache-2.0 (Munich road)"

_METRO_ZOOM = 8
_ROAD_ZOOM = 8
_MUNICH = (11.0, 47.9, 12.1, 48.4)
"""West, south, east, north of the plain under the drive; wide enough that its edge is not seen while following it."""


def metro() -> Iterator[Feature]:
    """Yield each metro line once, with its ``name`` and ``colour`` (``#rrggbb``)."""
    colours = _colours()
    lines: dict[str, list[Any]] = {}
    for file in ("north_subway.geojson", "south_subway.geojson"):
        for feature in json.loads((DATA / "seoul-metro-osm" / file).read_text(encoding="utf-8"))["features"]:
            lines.setdefault(feature["properties"]["lineway"], []).extend(feature["geometry"]["coordinates"])
    for name, coordinates in sorted(lines.items()):
        shape = Plain({"type": "MultiLineString", "coordinates": coordinates})
        yield Feature(shape, {"name": name, "colour": colours[name]}, first_zoom=_METRO_ZOOM)


def road() -> Feature:
    """Return the road of the recorded drive in Munich."""
    line = json.loads((DATA / "barefoot-munich-1hz" / "x0001-001.geojson").read_text(encoding="utf-8"))
    return Feature(Plain({"type": line["type"], "coordinates": line["coordinates"]}), first_zoom=_ROAD_ZOOM)


def plain() -> Feature:
    """Return land under the drive in Munich, where the map holds nothing else."""
    west, south, east, north = _MUNICH
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return Feature(Plain({"type": "Polygon", "coordinates": [corners]}), {"kind": "plain"}, first_zoom=6)


def _colours() -> dict[str, str]:
    """Return the operators' colours. The file's first column has no name."""
    with (DATA / "seoul-metro-osm" / "subway_color.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row[""]: f"#{int(row['R']):02x}{int(row['G']):02x}{int(row['B']):02x}" for row in csv.DictReader(file)}
