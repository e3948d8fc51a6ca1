"""What a PMTiles file says about itself (PMTiles specification, version 3), and whether our pages can draw it."""

from __future__ import annotations

import html
import re
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import msgspec

_HEADER = struct.Struct("<7sB11Q6B4iB2i")
"""Section 3 of the specification: magic, version, five ranges and three counts, types and zooms, bounds and centre."""
_FIRST_READ = 16_384
"""The root directory must lie within the first 16 KiB (section 2)."""
_METADATA_MAX = 8 * 1024 * 1024
_TEXT_MAX = 2_000
_MARKUP = re.compile(r"<[^>]*>")
_NONE, _GZIP = 1, 2
_COMPRESSIONS = {0: "unknown", _NONE: "none", _GZIP: "gzip", 3: "brotli", 4: "zstd"}
_MVT = 1
_KINDS = {0: "unknown", _MVT: "vector", 2: "PNG pictures", 3: "JPEG pictures", 4: "WebP pictures", 5: "AVIF pictures"}


class MapRefusedError(Exception):
    """The file is no base map that our pages can draw. The text is one sentence for the deployer."""


class MapInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One base map.

    Attributes:
        size_bytes: of the whole file.
        lowest_zoom, highest_zoom: levels it holds; nearer ones are enlarged on the screen.
        west, south, east, north: bounds, degrees.
        name, attribution: as the file says, without markup; None where it does not.
        layers: names of its vector layers.
    """

    size_bytes: int
    lowest_zoom: int
    highest_zoom: int
    west: float
    south: float
    east: float
    north: float
    name: str | None
    attribution: str | None
    layers: tuple[str, ...]


class _Layer(msgspec.Struct, frozen=True):
    id: str


class _Metadata(msgspec.Struct, frozen=True):
    """The part of the metadata that we read (section 5)."""

    vector_layers: tuple[_Layer, ...] = ()
    name: str | None = None
    attribution: str | None = None


def read_info(path: Path) -> MapInfo:
    """Return what the map at ``path`` is.

    Raises:
        MapRefusedError: it is no PMTiles 3 file of vector tiles, is cut off, or is packed in a way that browsers cannot read.
        OSError: it cannot be opened.
    """
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        return _info(file, size_bytes)


def _info(file: BinaryIO, size_bytes: int) -> MapInfo:
    head = file.read(_HEADER.size)
    if not head.startswith(b"PMTiles"):
        raise MapRefusedError("This is not a PMTiles file: it does not begin with the word PMTiles.")
    if len(head) < _HEADER.size:
        raise MapRefusedError("This PMTiles file is cut off within its header.")
    _, version, *rest = _HEADER.unpack(head)
    if version != 3:
        raise MapRefusedError(f"This is PMTiles version {version}; version 3 is needed.")
    offsets, (_, packed, tile_packed, kind, lowest, highest), bounds = rest[:11], rest[11:17], rest[17:21]
    _check_sections(offsets, size_bytes)
    _check_kind(kind, packed, tile_packed)
    if lowest > highest or highest > 26:
        raise MapRefusedError(f"The zoom levels {lowest} to {highest} make no sense.")
    west, south, east, north = (value / 1e7 for value in bounds)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise MapRefusedError("The bounds make no sense: west must be below east and south below north, within the world.")
    metadata = _metadata(file, offsets[2], offsets[3], packed)
    return MapInfo(
        size_bytes=size_bytes,
        lowest_zoom=lowest,
        highest_zoom=highest,
        west=west,
        south=south,
        east=east,
        north=north,
        name=_plain(metadata.name),
        attribution=_plain(metadata.attribution),
        layers=tuple(_plain(layer.id) or "?" for layer in metadata.vector_layers),
    )


def _check_sections(offsets: list[int], size_bytes: int) -> None:
    for place, what in enumerate(("root directory", "metadata", "leaf directories", "tiles")):
        start, length = offsets[2 * place], offsets[2 * place + 1]
        if start + length > size_bytes:
            raise MapRefusedError(f"The file is cut off: its {what} should end at byte {start + length}, and it has {size_bytes}.")
    if offsets[0] + offsets[1] > _FIRST_READ:
        raise MapRefusedError("The root directory is not within the first 16 KiB.")
    if offsets[7] == 0:
        raise MapRefusedError("The map holds no tile.")


def _check_kind(kind: int, packed: int, tile_packed: int) -> None:
    if kind != _MVT:
        raise MapRefusedError(f"The tiles are {_KINDS.get(kind, f'of kind {kind}')}; vector tiles (MVT) are needed.")
    for what, method in (("directories", packed), ("tiles", tile_packed)):
        if method not in (_NONE, _GZIP):
            name = _COMPRESSIONS.get(method, f"method {method}")
            raise MapRefusedError(f"The {what} are packed with {name}; browsers can read gzip or none.")


def _metadata(file: BinaryIO, start: int, length: int, packed: int) -> _Metadata:
    file.seek(start)
    raw = file.read(min(length, _METADATA_MAX))
    try:
        text = _unpacked(raw) if packed == _GZIP else raw
        return msgspec.json.decode(text, type=_Metadata)
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MapRefusedError("The metadata cannot be read: it must be JSON.") from error


def _unpacked(raw: bytes) -> bytes:
    """Unpack gzip, but no more than a map's metadata can need."""
    unpacker = zlib.decompressobj(wbits=31)
    text = unpacker.decompress(raw, _METADATA_MAX)
    if not unpacker.eof:
        raise MapRefusedError("The metadata cannot be read: it is cut off or far too long.")
    return text


def _plain(text: str | None) -> str | None:
    """Return the text without markup and control characters: it is printed on a terminal."""
    if text is None:
        return None
    words = html.unescape(_MARKUP.sub("", text[:_TEXT_MAX]))
    return "".join(letter for letter in words if letter.isprintable()).strip() or None
