"""The JSON of the Barefoot map matcher's samples: a list of ``{"point": WKT, "time": ISO 8601, "id": text}``."""

from __future__ import annotations

import re
from typing import Final

from jikimi.scenarios.tracks.moments import moment_ms
from jikimi.scenarios.tracks.track import Track, TrackError, TrackPoint, finished, latitude, longitude

WKT: Final = re.compile(r"POINT ?\( *([^ ()]+) +([^ ()]+) *\)")
"""Well-known text of a point (OGC 06-103r4, section 7): x, here the longitude, stands first."""


def read_barefoot(records: list[object]) -> Track:
    """Return the points of one vehicle. An error names the record, counted from 1."""
    points: list[TrackPoint] = []
    first_id: object = None
    for number, record in enumerate(records, start=1):
        where = f"record {number}"
        if not isinstance(record, dict):
            msg = f"{where}: it is not an object."
            raise TrackError(msg)
        if number == 1:
            first_id = record.get("id")
        elif record.get("id") != first_id:
            msg = f"{where}: a second id; one file holds one track."
            raise TrackError(msg)
        points.append(_point(record, where))
    return finished(points)


def _point(record: dict[object, object], where: str) -> TrackPoint:
    text = record.get("point")
    match = WKT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        msg = f"{where}: point is not the well-known text of a point."
        raise TrackError(msg)
    return TrackPoint(moment_ms(record.get("time"), where), latitude(match[2], where), longitude(match[1], where))
