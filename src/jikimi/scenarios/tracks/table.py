"""CSV tracks: one line a point, a header that names the columns.

The project's own header is ``time,latitude,longitude`` and, as wanted, ``error_m,speed_mps,course_deg``; ``time`` is
ISO 8601 with a zone or whole milliseconds. The headers of comma2k19 and of Android's GnssLogger fix lines are known
too (see the SOURCE.md beside the test data). Other columns are passed over.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final

from jikimi.model.fix import Source
from jikimi.scenarios.tracks.moments import gps_ms, moment_ms
from jikimi.scenarios.tracks.track import Track, TrackError, TrackPoint, course, finished, latitude, longitude, measure

NAMES: Final = {
    "utc_ms": "time",
    "bearing_deg": "course_deg",
    "UnixTimeMillis": "time",
    "LatitudeDegrees": "latitude",
    "LongitudeDegrees": "longitude",
    "AccuracyMeters": "error_m",
    "SpeedMps": "speed_mps",
    "BearingDegrees": "course_deg",
    "Provider": "provider",
}
"""Column names of other recorders and ours."""
PROVIDERS: Final = {"GPS": Source.GNSS, "FLP": Source.FUSED, "NLP": Source.UNKNOWN}
"""Android's providers. The network provider (NLP) does not say whether Wi-Fi or cells gave the position."""


def read_table(data: bytes) -> Track:
    """Return the points of a CSV file in UTF-8. An error names the line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        msg = f"line {line}: the text is not UTF-8."
        raise TrackError(msg) from None
    return finished([_point(row, where) for where, row in _rows(text)])


def _rows(text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield (``line N``, the row by our column names)."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = _header(next(lines, []))
        for row in lines:
            if not row:
                continue
            where = f"line {lines.line_num}"
            if len(row) != len(names):
                msg = f"{where}: {len(row)} values stand under {len(names)} columns."
                raise TrackError(msg)
            yield where, dict(zip(names, (value.strip() for value in row), strict=True))
    except csv.Error as error:
        msg = f"line {lines.line_num}: the CSV is broken ({error})."
        raise TrackError(msg) from None


def _header(row: list[str]) -> list[str]:
    names = [NAMES.get(name.strip(), name.strip()) for name in row]
    timed = "time" in names or {"gps_week", "gps_tow_s"} <= set(names)
    if not timed or not {"latitude", "longitude"} <= set(names):
        msg = "line 1: the header needs the columns time, latitude and longitude."
        raise TrackError(msg)
    if len(set(names)) != len(names):
        msg = "line 1: a column stands twice in the header."
        raise TrackError(msg)
    return names


def _point(row: Mapping[str, str], where: str) -> TrackPoint:
    return TrackPoint(
        time_ms=_time_ms(row, where),
        latitude=latitude(row["latitude"], where),
        longitude=longitude(row["longitude"], where),
        error_m=measure(row.get("error_m"), "error_m", where),
        speed_mps=measure(row.get("speed_mps"), "speed_mps", where),
        course_deg=course(row.get("course_deg"), where),
        source=_source(row.get("provider"), where),
    )


def _time_ms(row: Mapping[str, str], where: str) -> int:
    if "time" in row:
        return moment_ms(row["time"], where)
    week = measure(row["gps_week"], "gps_week", where)
    seconds = measure(row["gps_tow_s"], "gps_tow_s", where)
    if week is None or seconds is None:
        msg = f"{where}: the GPS week or the second in it is missing."
        raise TrackError(msg)
    return gps_ms(week, seconds, where)


def _source(provider: str | None, where: str) -> Source:
    if provider is None:
        return Source.UNKNOWN
    if provider not in PROVIDERS:
        msg = f"{where}: the provider is not GPS, FLP or NLP."
        raise TrackError(msg)
    return PROVIDERS[provider]
