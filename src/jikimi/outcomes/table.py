"""The public figures: counts in a tree, by region, with the sums that hold between them, made of the register's rows.

A figure's name is its path in the tree and its region: ``incidents/kind=approach/warned=before|KR-11``. A path is parted in one way or in
several (``cuts``); whatever way, its parts sum up to it. Since one number has one name, what is hidden in one table is hidden in all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple, TypeAlias

from jikimi.incidents.incident import Kind, Outcome
from jikimi.model.register import Status
from jikimi.outcomes.row import DROPPED, REFUSED, Decision, HarmDone, IncidentRow, OrderRow, PetitionRow, Row, Warned
from jikimi.outcomes.suppress import LEAST, Sum

EVERYWHERE: Final = "all"
ELSEWHERE: Final = "other"
"""The regions together that are too small to be named, and orders of which no region was entered."""
MEDIAN_LEAST: Final = 10
"""So many orders at least stand behind a median or a sum of hours."""
SHARE_MOST: Final = 10
"""What is left of a sum without its two greatest parts is at least a tenth of the greatest (the p % rule)."""
UNKNOWN: Final = "unknown"
_APPROACH: Final = "incidents/kind=approach"
_NOT: Final = "protected/part=not"
_REFUSED: Final = "petitions/decision=refused"

Cuts: TypeAlias = Mapping[str, Mapping[str, Sequence[str]]]
CUTS: Final[Cuts] = {
    "incidents": {"kind": tuple(Kind)},
    _APPROACH: {
        "warned": tuple(Warned),
        "outcome": (*Outcome, UNKNOWN),
        "breach": ("yes", "no", UNKNOWN),
        "arrested": ("yes", "no", UNKNOWN),
        "false": ("yes", "no", UNKNOWN),
        "harm": (*HarmDone, UNKNOWN),
    },
    "protected": {"tag": ("yes", "no"), "part": ("takes_part", "not", UNKNOWN), "status": tuple(Status)},
    _NOT: {"why": (*DROPPED, UNKNOWN)},
    "petitions": {"decision": tuple(Decision)},
    _REFUSED: {"why": (*REFUSED, UNKNOWN)},
}
"""How each path is parted. All parts are listed, also those that never occur: that one is missing would tell, too."""


class Span(NamedTuple):
    """A time in seconds, of which the median over orders is told: its field in a row, and the path whose rows have it."""

    field: str
    path: str


SPANS: Final = (
    *(Span(field, _APPROACH) for field in ("lead_s", "acknowledged_s", "contact_s", "sent_s", "arrived_s")),
    Span("blind_s", "incidents"),
    Span("protecting_s", "protected"),
    Span("decided_s", "petitions"),
)


class Figures(NamedTuple):
    """Counts by name, how many orders stand behind each, the sums that hold between them, and the regions that are named."""

    counts: dict[str, int]
    orders: dict[str, int]
    sums: list[Sum]
    regions: tuple[str, ...]


def name_of(path: str, region: str) -> str:
    """Return a figure's name."""
    return f"{path}|{region}"


def regions_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """Return the regions with orders enough to be named, and ``other`` behind them where it is not empty."""
    orders: dict[str | None, set[str]] = defaultdict(set)
    for row in rows:
        orders[row.region].add(row.group)
    named = sorted(region for region, groups in orders.items() if region is not None and len(groups) >= LEAST)
    return (*named, *([ELSEWHERE] if orders.keys() - set(named) else []))


def figures(rows: Sequence[Row]) -> Figures:
    """Return every figure of one jurisdiction's year, or quarter, with nothing hidden yet."""
    regions = regions_of(rows)
    cuts = told_cuts(rows)
    counts = {name_of(path, region): 0 for path in paths(cuts) for region in (EVERYWHERE, *regions)}
    orders: dict[str, set[str]] = {name: set() for name in counts}
    for row in rows:
        region = row.region if row.region in regions else ELSEWHERE
        for path in paths_of(row):
            for name in (name_of(path, EVERYWHERE), name_of(path, str(region))):
                if name in counts:
                    counts[name] += 1
                    orders[name].add(row.group)
    return Figures(counts, {name: len(groups) for name, groups in orders.items()}, list(_sums(cuts, regions)), regions)


def told_cuts(rows: Iterable[Row]) -> Cuts:
    """Return the ways of parting of which anything is known: a table of nothing but "unknown" says nothing, and is left out."""
    seen = {path for row in rows for path in paths_of(row)}
    return {
        path: {cut: parts for cut, parts in cuts.items() if any(f"{path}/{cut}={part}" in seen for part in parts if part != UNKNOWN)}
        for path, cuts in CUTS.items()
    }


def paths(cuts: Cuts = CUTS) -> list[str]:
    """Return every path, a parted one before its parts."""
    heads = [path for path in cuts if "/" not in path]
    return [path for head in heads for path in (head, *_below(cuts, head))]


def _below(cuts: Cuts, path: str) -> Iterator[str]:
    for cut, parts in cuts.get(path, {}).items():
        for part in parts:
            yield f"{path}/{cut}={part}"
            yield from _below(cuts, f"{path}/{cut}={part}")


def _sums(cuts: Cuts, regions: Sequence[str]) -> Iterator[Sum]:
    for path in paths(cuts):
        yield Sum(name_of(path, EVERYWHERE), tuple(name_of(path, region) for region in regions))
        for cut, parts in cuts.get(path, {}).items():
            for region in (EVERYWHERE, *regions):
                yield Sum(name_of(path, region), tuple(name_of(f"{path}/{cut}={part}", region) for part in parts))


def paths_of(row: Row) -> Iterator[str]:
    """Return the paths in which a row is counted."""
    match row:
        case IncidentRow():
            yield "incidents"
            yield f"incidents/kind={row.kind}"
            if row.warned is not None:
                yield from (f"{_APPROACH}/{cut}={word}" for cut, word in _approach(row, row.warned))
        case OrderRow():
            part = {True: "takes_part", False: "not", None: UNKNOWN}[row.took_part]
            yield from ("protected", f"protected/tag={_word(row.tagged)}", f"protected/part={part}", f"protected/status={row.status}")
            if row.took_part is False:
                yield f"{_NOT}/why={row.dropped_why or UNKNOWN}"
        case PetitionRow():
            yield from ("petitions", f"petitions/decision={row.decision}")
            if row.decision is Decision.REFUSED:
                yield f"{_REFUSED}/why={row.why or UNKNOWN}"


def _approach(row: IncidentRow, warned: Warned) -> Iterator[tuple[str, str]]:
    yield "warned", warned
    yield "outcome", row.outcome
    yield "breach", _word(row.breach)
    yield "arrested", _word(row.arrested)
    yield "false", _word(row.is_false)
    yield "harm", UNKNOWN if row.harm is None else row.harm


def _word(value: object) -> str:
    return UNKNOWN if value is None else "yes" if value else "no"


def medians(rows: Iterable[Row]) -> dict[str, int]:
    """Return each span's median over orders (of each order its own median), where orders enough stand behind it."""
    found = {span.field: _by_order(rows, span) for span in SPANS}
    return {field: round(median(median(each) for each in of.values())) for field, of in found.items() if len(of) >= MEDIAN_LEAST}


def blind_hours(rows: Iterable[Row]) -> int | None:
    """Return the hours in which somebody could not be seen, all together; None where few orders, or one above all, stand behind it."""
    sums = sorted((sum(each) for each in _by_order(rows, Span("blind_s", "incidents")).values()), reverse=True)
    if len(sums) < MEDIAN_LEAST or sum(sums[2:]) * SHARE_MOST < sums[0]:
        return None
    return round(sum(sums) / 3600)


def _by_order(rows: Iterable[Row], span: Span) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        value = getattr(row, span.field, None)
        if value is not None and span.path in paths_of(row):
            found[row.group].append(value)
    return found
