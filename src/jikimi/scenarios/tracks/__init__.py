"""Recorded tracks from files: GPX, CSV, GeoJSON with times, and the JSON of the recorded Munich drive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from jikimi.scenarios.tracks.barefoot import read_barefoot
from jikimi.scenarios.tracks.geojson import read_geojson
from jikimi.scenarios.tracks.gpx import read_gpx
from jikimi.scenarios.tracks.table import read_table
from jikimi.scenarios.tracks.track import Track, TrackError, TrackPoint

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Track", "TrackError", "TrackPoint", "parse", "read"]

MOST_BYTES: Final = 64 * 1024 * 1024
"""A day at 10 Hz is below this in every format."""


def read(path: Path) -> Track:
    """Return the track in a file; the name's ending says which format it is.

    Raises:
        TrackError: the file is not such a track; one sentence with the line or element.
        OSError: the file cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        msg = f"The file is larger than {MOST_BYTES // 1024 // 1024} MiB."
        raise TrackError(msg)
    return parse(path.read_bytes(), path.suffix)


def parse(data: bytes, suffix: str) -> Track:
    """Return the track in ``data``; ``suffix`` is ``.gpx``, ``.csv``, ``.geojson`` or ``.json``.

    Raises:
        TrackError: as ``read``.
    """
    match suffix.lower():
        case ".gpx":
            return read_gpx(data)
        case ".csv":
            return read_table(data)
        case ".geojson" | ".json":
            document = _decode(data)
            return read_barefoot(document) if isinstance(document, list) else read_geojson(document)
        case _:
            msg = "The file's name does not end in .gpx, .csv, .geojson or .json."
            raise TrackError(msg)


def _decode(data: bytes) -> object:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        msg = f"document: the JSON is broken ({error})."
        raise TrackError(msg) from None
    except RecursionError:
        msg = "document: the JSON is nested too deeply."
        raise TrackError(msg) from None
