"""Which bytes an HTTP Range header asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re

_ONE_RANGE = re.compile(rb"bytes=[ \t]*(\d{0,40})-(\d{0,40})[ \t]*", re.IGNORECASE)


class UnsatisfiableError(Exception):
    """The range lies wholly outside the file: the answer is 416 (section 15.5.17)."""


def wanted(header: bytes | None, size: int) -> tuple[int, int] | None:
    """Return the wanted bytes as (first, end), end exclusive, or None for the whole file.

    A header that is malformed, in another unit, or asks for several ranges is ignored, as section 14.2 allows; nobody who
    reads PMTiles sends one.

    Raises:
        UnsatisfiableError: no byte of the range exists.
    """
    match = _ONE_RANGE.fullmatch(header or b"")
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        first, end = max(size - int(match[2]), 0), size
    else:
        first, end = int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
        if match[2] and int(match[2]) < first:
            return None
    if first >= size or first == end:
        raise UnsatisfiableError
    return first, end
