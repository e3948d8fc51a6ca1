"""GPX 1.0 and 1.1 (topografix.com/GPX/1/0 and /1/1): track points with times.

Read by the event parser, so that an error names its line and no tree is built. A document type declaration is
refused before anything in it is read: without one there are no entities to expand.
"""

from __future__ import annotations

from typing import Final
from xml.parsers import expat

from jikimi.scenarios.tracks.moments import moment_ms
from jikimi.scenarios.tracks.track import Track, TrackError, TrackPoint, course, finished, latitude, longitude, measure

NAMESPACES: Final = ("http://www.topografix.com/GPX/1/0", "http://www.topografix.com/GPX/1/1")
POINT: Final = "trkpt"
FIELDS: Final = frozenset({"time", "speed", "course"})
"""``speed`` (m/s) and ``course`` are GPX 1.0's own; 1.1 has them in extensions of several makers, under the same names."""


def read_gpx(data: bytes) -> Track:
    """Return the track points of all tracks and segments. A point without a time, or with none that can be read, is an error."""
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        msg = f"line {error.lineno}: the XML is broken ({expat.ErrorString(error.code)})."
        raise TrackError(msg) from None
    except TrackError:
        raise
    except (LookupError, ValueError):
        msg = "line 1: the XML names an encoding that is not read."
        raise TrackError(msg) from None
    return finished(reader.points)


class _Reader:
    """Collects points from the parser's events."""

    def __init__(self) -> None:
        self.points: list[TrackPoint] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._root = True
        self._where = ""
        self._place: dict[str, str] | None = None
        self._fields: dict[str, str] = {}
        self._open: str | None = None

    def _line(self) -> str:
        return f"line {self.parser.CurrentLineNumber}"

    def _refuse_doctype(self, *_: object) -> None:
        msg = f"{self._line()}: a document type declaration is not allowed."
        raise TrackError(msg)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self._root:
            self._check_root(namespace, local)
        elif local == POINT and namespace in NAMESPACES:
            self._where = self._line()
            self._place = attributes
            self._fields = {}
        elif self._place is not None and local in FIELDS:
            self._open = local
            self._fields[local] = ""

    def _check_root(self, namespace: str, local: str) -> None:
        self._root = False
        if local != "gpx" or namespace not in NAMESPACES:
            msg = f"{self._line()}: the file is not GPX 1.0 or 1.1."
            raise TrackError(msg)

    def _text(self, text: str) -> None:
        if self._open is not None:
            self._fields[self._open] += text

    def _end(self, name: str) -> None:
        self._open = None
        if name.endswith(" " + POINT) and self._place is not None:
            self.points.append(self._point(self._place))
            self._place = None

    def _point(self, place: dict[str, str]) -> TrackPoint:
        where, fields = self._where, self._fields
        return TrackPoint(
            time_ms=moment_ms(fields.get("time"), where, naive_is_utc=True),
            latitude=latitude(place.get("lat"), where),
            longitude=longitude(place.get("lon"), where),
            speed_mps=measure(fields.get("speed", "").strip(), "speed", where),
            course_deg=course(fields.get("course", "").strip(), where),
        )
