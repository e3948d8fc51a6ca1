"""A deployer's map is looked at before it replaces anything; what is wrong is one sentence."""

from __future__ import annotations

import gzip
import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.basemap.header import MapRefusedError, read_info
from jikimi.basemap.install import install, lines

METADATA = {
    "name": "Seoul",
    "attribution": '<a href="https://x.example">&copy; OpenStreetMap contributors</a>\x1b[31m',
    "vector_layers": [{"id": "roads"}, {"id": "water"}],
    "other": [1],
}


def pmtiles(  # a map of one tile, byte by byte (specification 3, section 3)
    metadata: object = METADATA,
    *,
    version=3,
    packed=2,
    tile_packed=2,
    kind=1,
    zooms=(0, 14),
    bounds=(126.7, 37.4, 127.3, 37.7),
    tiles=b"tile",
    raw=None,
) -> bytes:
    text = msgspec.json.encode(metadata) if raw is None else raw
    meta = gzip.compress(text) if packed == 2 and raw is None else text
    root = b"root"
    starts = [127, 127 + len(root), 127 + len(root) + len(meta), 127 + len(root) + len(meta)]
    sections = [starts[0], len(root), starts[1], len(meta), starts[2], 0, starts[3], len(tiles)]
    head = b"PMTiles" + bytes([version]) + struct.pack("<11Q", *sections, 1, 1, 1)
    head += bytes([1, packed, tile_packed, kind, *zooms]) + struct.pack("<4i", *(round(value * 1e7) for value in bounds))
    head += struct.pack("<B2i", 10, 0, 0)
    assert len(head) == 127
    return head + root + meta + tiles


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "mine.pmtiles"
    path.write_bytes(pmtiles())
    return path


def test_a_good_map_is_told_and_copied(source, tmp_path):
    target = tmp_path / "data" / "base.pmtiles"
    info = install(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert (info.lowest_zoom, info.highest_zoom, info.layers, info.name) == (0, 14, ("roads", "water"), "Seoul")
    assert (info.west, info.south, info.east, info.north) == (126.7, 37.4, 127.3, 37.7)
    assert info.attribution == "© OpenStreetMap contributors[31m"
    assert [path.name for path in target.parent.iterdir()] == ["base.pmtiles"]
    assert target.stat().st_mode & 0o777 == 0o644
    assert lines(info)[2:4] == ["zoom levels: 0 to 14", "bounds: west 126.700, south 37.400, east 127.300, north 37.700"]


def test_what_the_file_does_not_say_is_said(tmp_path):
    path = tmp_path / "bare.pmtiles"
    path.write_bytes(pmtiles({}, packed=1))
    assert lines(read_info(path))[0] == "name: the file does not say"
    assert lines(read_info(path))[-1].startswith("attribution: the file names no source")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "does not begin with the word PMTiles"),
        (b"SQLite format 3\0" + bytes(200), "does not begin with the word PMTiles"),
        (pmtiles()[:100], "cut off within its header"),
        (pmtiles(version=2), "PMTiles version 2; version 3 is needed"),
        (pmtiles()[:-1], "cut off: its tiles should end at byte"),
        (pmtiles(kind=2), "tiles are PNG pictures; vector tiles"),
        (pmtiles(kind=99), "tiles are of kind 99"),
        (pmtiles(packed=3), "directories are packed with brotli; browsers can read gzip or none"),
        (pmtiles(tile_packed=4), "tiles are packed with zstd"),
        (pmtiles(zooms=(9, 3)), "zoom levels 9 to 3 make no sense"),
        (pmtiles(zooms=(0, 99)), "zoom levels 0 to 99 make no sense"),
        (pmtiles(bounds=(127, 37, 126, 38)), "bounds make no sense"),
        (pmtiles(bounds=(0, -91, 1, 0)), "bounds make no sense"),
        (pmtiles(tiles=b""), "holds no tile"),
        (pmtiles(raw=b"not gzip"), "metadata cannot be read"),
        (pmtiles(raw=gzip.compress(b"{}")[:-3]), "metadata cannot be read: it is cut off"),
        (pmtiles(raw=gzip.compress(b'"' + bytes(20_000_000) + b'"')), "metadata cannot be read: it is cut off or far too long"),
        (pmtiles([1, 2]), "metadata cannot be read: it must be JSON"),
        (pmtiles({"vector_layers": 5}), "metadata cannot be read"),
    ],
)
def test_a_bad_map_changes_nothing(tmp_path, data, sentence):
    target = tmp_path / "data" / "base.pmtiles"
    target.parent.mkdir()
    target.write_bytes(b"the map before")
    (tmp_path / "bad").write_bytes(data)
    with pytest.raises(MapRefusedError, match=sentence):
        install(tmp_path / "bad", target)
    assert [path.name for path in target.parent.iterdir()] == ["base.pmtiles"]
    assert target.read_bytes() == b"the map before"


def test_an_absent_source_is_the_systems_word(tmp_path):
    with pytest.raises(FileNotFoundError):
        install(tmp_path / "none", tmp_path / "base.pmtiles")


@given(st.integers(0, 126), st.binary(min_size=1, max_size=20))
def test_no_header_breaks_it(tmp_path_factory, place, junk):
    data = pmtiles()
    path = tmp_path_factory.mktemp("map") / "odd.pmtiles"
    path.write_bytes(data[:place] + junk + data[place + len(junk) :])
    try:
        info = read_info(path)
    except MapRefusedError:
        return
    assert info.lowest_zoom <= info.highest_zoom
