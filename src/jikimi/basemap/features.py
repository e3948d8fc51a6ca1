"""A thing to draw, as the tiler reads it: newline-delimited GeoJSON with its first zoom level."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import IO, Protocol

import msgspec


class Shape(Protocol):
    """Any geometry that can say itself as GeoJSON coordinates (the geo interface)."""

    @property
    def __geo_interface__(self) -> dict[str, object]: ...


class Feature(msgspec.Struct, frozen=True):
    """One feature: its shape, its attributes, and from which zoom level on it is drawn."""

    shape: Shape
    attributes: Mapping[str, str] = {}
    first_zoom: int = 4


class Plain(msgspec.Struct, frozen=True):
    """A geometry that is GeoJSON already."""

    geojson: dict[str, object]

    @property
    def __geo_interface__(self) -> dict[str, object]:
        return self.geojson


def first_zoom(area_deg2: float, lowest: int = 4, highest: int = 12) -> int:
    """Return the first zoom level at which a patch of this area, in square degrees, is two pixels wide.

    Smaller ones would be drawn as specks.
    """
    pixels_at_0 = math.sqrt(area_deg2) / 360 * 512
    if pixels_at_0 <= 0.0:
        return highest
    return min(max(math.ceil(math.log2(2 / pixels_at_0)), lowest), highest)


def write(features: Iterable[Feature], file: IO[bytes]) -> int:
    """Write one GeoJSON feature a line, as the tiler wants it; return how many."""
    encoder = msgspec.json.Encoder()
    count = 0
    for feature in features:
        geometry = feature.shape.__geo_interface__
        tile = {"minzoom": feature.first_zoom}
        record = {"type": "Feature", "tippecanoe": tile, "properties": feature.attributes, "geometry": geometry}
        file.write(encoder.encode(record) + b"\n")
        count += 1
    return count
