"""GeoJSON (RFC 7946) with times, in the two forms that are about.

- A LineString or MultiLineString whose properties hold ``coordTimes`` or ``times`` (also under
  ``coordinateProperties``): one time for each position. The RFC has no times; common converters write these.
- Point features with a ``time`` property, and ``error_m``, ``speed_mps``, ``course_deg`` as wanted.
"""

from __future__ import annotations

from collections.abc import Iterator

from jikimi.scenarios.tracks.moments import moment_ms
from jikimi.scenarios.tracks.track import Track, TrackError, TrackPoint, course, finished, latitude, longitude, measure


def read_geojson(document: object) -> Track:
    """Return the timed positions of a decoded Feature or FeatureCollection. An error names the feature, counted from 1."""
    points: list[TrackPoint] = []
    for number, feature in enumerate(_features(document), start=1):
        points.extend(_of_feature(feature, f"feature {number}"))
    return finished(points)


def _features(document: object) -> list[object]:
    whole = _object(document, "document")
    if whole.get("type") == "Feature":
        return [whole]
    features = whole.get("features")
    if whole.get("type") != "FeatureCollection" or not isinstance(features, list):
        msg = "document: it is not a GeoJSON Feature or FeatureCollection, where times could stand."
        raise TrackError(msg)
    return features


def _of_feature(feature: object, where: str) -> Iterator[TrackPoint]:
    whole = _object(feature, where)
    geometry = _object(whole.get("geometry"), f"{where}, geometry")
    properties = _object(whole.get("properties") or {}, f"{where}, properties")
    kind = geometry.get("type")
    positions = geometry.get("coordinates")
    if kind == "Point":
        yield _point(positions, properties, where)
    elif kind == "LineString":
        yield from _line(positions, _times(properties), where)
    elif kind == "MultiLineString":
        yield from _lines(positions, _times(properties), where)
    else:
        msg = f"{where}: the geometry is not a Point, LineString or MultiLineString."
        raise TrackError(msg)


def _times(properties: dict[object, object]) -> object:
    """Return the list of times, wherever the writer put it, or None."""
    nested = properties.get("coordinateProperties")
    places = (properties, nested) if isinstance(nested, dict) else (properties,)
    found = [place[name] for place in places for name in ("coordTimes", "times") if place.get(name) is not None]
    return found[0] if found else None


def _lines(lines: object, times: object, where: str) -> Iterator[TrackPoint]:
    if not isinstance(lines, list) or not isinstance(times, list) or len(lines) != len(times):
        msg = f"{where}: the times do not match the lines."
        raise TrackError(msg)
    for number, (line, moments) in enumerate(zip(lines, times, strict=True), start=1):
        yield from _line(line, moments, f"{where}, line {number}")


def _line(positions: object, times: object, where: str) -> Iterator[TrackPoint]:
    if not isinstance(positions, list):
        msg = f"{where}: the coordinates are not a list."
        raise TrackError(msg)
    if not isinstance(times, list):
        msg = f"{where}: properties hold no list coordTimes or times."
        raise TrackError(msg)
    if len(times) != len(positions):
        msg = f"{where}: {len(times)} times stand for {len(positions)} positions."
        raise TrackError(msg)
    for number, (position, time) in enumerate(zip(positions, times, strict=True), start=1):
        at = f"{where}, position {number}"
        lat, lon = _position(position, at)
        yield TrackPoint(moment_ms(time, at), lat, lon)


def _point(position: object, properties: dict[object, object], where: str) -> TrackPoint:
    lat, lon = _position(position, where)
    return TrackPoint(
        time_ms=moment_ms(properties.get("time"), where),
        latitude=lat,
        longitude=lon,
        error_m=measure(properties.get("error_m"), "error_m", where),
        speed_mps=measure(properties.get("speed_mps"), "speed_mps", where),
        course_deg=course(properties.get("course_deg"), where),
    )


def _position(position: object, where: str) -> tuple[float, float]:
    """Return (latitude, longitude); GeoJSON has the longitude first (RFC 7946, section 3.1.1)."""
    if not isinstance(position, list) or not 2 <= len(position) <= 4:
        msg = f"{where}: the position is not a list of longitude and latitude."
        raise TrackError(msg)
    return latitude(position[1], where), longitude(position[0], where)


def _object(value: object, where: str) -> dict[object, object]:
    if not isinstance(value, dict):
        msg = f"{where}: it is not an object."
        raise TrackError(msg)
    return value
