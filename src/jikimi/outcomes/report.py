"""A release as a page and as a table: every figure with its definition, and beside it what others published."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

import msgspec

from jikimi.outcomes.release import HIDDEN, Release
from jikimi.outcomes.suppress import LEAST
from jikimi.outcomes.table import CUTS, EVERYWHERE, MEDIAN_LEAST, name_of

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;margin:.5rem 0 2rem;display:block;overflow-x:auto}"
    "th,td{border:1px solid #767676;padding:.25rem .6rem;text-align:right}"
    "th:first-child{text-align:left}caption{text-align:left;padding:.25rem 0}"
    "h2{margin-top:2.5rem}.note{color:#454545}"
)


class Definitions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What figures mean: by the path, or the path with the way it is parted; and of spans."""

    cuts: dict[str, str]
    spans: dict[str, str]


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure of others: what it is, of what, what it counts, beside which of our figures it stands, and where it comes from."""

    id: str
    title: str
    value: str
    of: str
    counts: str
    beside: str
    source: str


@cache
def definitions() -> Definitions:
    """Return what the figures mean."""
    return msgspec.convert(_data("definitions.toml"), Definitions)


@cache
def published() -> list[Published]:
    """Return what others published."""
    return msgspec.convert(_data("published.toml")["figure"], list[Published])


def _data(name: str) -> dict[str, object]:
    return tomllib.loads(files("jikimi.outcomes").joinpath(name).read_text(encoding="utf-8"))


def tables(release: Release) -> Iterator[tuple[str, str, list[str]]]:
    """Yield every table of a release: the path, how it is parted, and the paths of its rows."""
    for path, cuts in CUTS.items():
        for cut, parts in cuts.items():
            rows = [*([path] if release.quarter is None else []), *(f"{path}/{cut}={part}" for part in parts)]
            if all(name_of(row, EVERYWHERE) in release.figures for row in rows):
                yield path, cut, rows


def csv_of(release: Release) -> str:
    """Return a release as one table: a line for each figure."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["policy", "year", "quarter", "figure", "region", "value", "unit", "definition"])
    head = [release.policy_id, release.year, release.quarter or ""]
    for name, value in release.figures.items():
        path, _, region = name.partition("|")
        writer.writerow([*head, path, region, HIDDEN if value is None else value, "count", meaning(path)])
    for span, value in release.medians.items():
        writer.writerow([*head, span, EVERYWHERE, value, "s, median over orders", definitions().spans[span]])
    if release.blind_hours is not None:
        writer.writerow([*head, "blind_hours", EVERYWHERE, release.blind_hours, "h", definitions().spans["blind_s"]])
    return out.getvalue()


def meaning(path: str) -> str:
    """Return what a figure means: its own definition, or that of the way in which it is parted off."""
    return definitions().cuts.get(path) or definitions().cuts[path.rpartition("=")[0]]


def html_of(release: Release) -> str:
    """Return a release as a page that needs nothing but itself."""
    title = f"What protection did: {release.policy_id}, {release.year}" + (
        "" if release.quarter is None else f", quarter {release.quarter}"
    )
    return "\n".join(
        [
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body><main>',
            f"<h1>{escape(title)}</h1>",
            *_reading(release),
            *(line for path, cut, rows in tables(release) for line in _table(release, path, cut, rows)),
            *_spans(release),
            *_others(),
            "</main></body></html>\n",
        ]
    )


def _reading(release: Release) -> Iterator[str]:
    made = dt.datetime.fromtimestamp(release.made_ms / 1000, dt.UTC).date().isoformat()
    yield f"<p>Made on {made}, once, and never made anew: two versions of one time would tell by their difference.</p>"
    if release.quarter is None:
        yield (
            f"<p>{escape(HIDDEN)}: hidden, because fewer than {LEAST} cases or {LEAST} orders stand behind it, or because another figure "
            "could be worked out from it. Regions with fewer orders are counted together as “other”.</p>"
        )
    else:
        yield (
            f"<p>Each figure bears chance noise (discrete Laplace, scale {release.noise_scale:g}; ε = {release.epsilon:g} for all tables "
            "of this quarter), so that nobody can tell whether a certain order is in it. Small figures say little. They do not sum up.</p>"
        )


def _table(release: Release, path: str, cut: str, rows: Sequence[str]) -> Iterator[str]:
    yield f"<h2>{escape(_words(path))}: {escape(cut)}</h2><p>{escape(meaning(path))}</p>"
    head = "".join(f'<th scope="col">{escape(region)}</th>' for region in release.regions)
    caption = f"<caption>{escape(definitions().cuts[f'{path}/{cut}'])}</caption>"
    yield f'<table>{caption}<thead><tr><th scope="col"></th>{head}</tr></thead><tbody>'
    for row in rows:
        cells = "".join(f"<td>{_cell(release.figures[name_of(row, region)])}</td>" for region in release.regions)
        yield f'<tr><th scope="row">{escape("all" if row == path else row.rpartition("=")[2])}</th>{cells}</tr>'
    yield "</tbody></table>"


def _words(path: str) -> str:
    return path.rpartition("/")[2].rpartition("=")[2]


def _cell(value: int | None) -> str:
    return escape(HIDDEN) if value is None else f"{value:,}"


def _spans(release: Release) -> Iterator[str]:
    if release.quarter is not None:
        return
    yield f"<h2>Times</h2><p>Medians over orders, of each order its own median; told where at least {MEDIAN_LEAST} stand behind them.</p>"
    yield '<table><thead><tr><th scope="col">time</th><th scope="col">median</th><th scope="col">what it is</th></tr></thead><tbody>'
    for span, meant in definitions().spans.items():
        value = release.medians.get(span)
        said = "too few" if value is None else f"{value:,} s"
        yield f'<tr><th scope="row">{escape(span)}</th><td>{said}</td><td style="text-align:left">{escape(meant)}</td></tr>'
    hours = "too few" if release.blind_hours is None else f"{release.blind_hours:,} h"
    yield f'<tr><th scope="row">blind hours</th><td>{hours}</td><td style="text-align:left">All of them together.</td></tr></tbody></table>'


def _others() -> Iterator[str]:
    yield "<h2>What others published</h2><p>They count differently: compare with care.</p>"
    head = "".join(f'<th scope="col">{word}</th>' for word in ("figure", "value", "of", "what it counts", "beside our", "source"))
    yield f"<table><thead><tr>{head}</tr></thead><tbody>"
    for one in published():
        cells = "".join(
            f'<td style="text-align:left">{escape(text)}</td>' for text in (one.value, one.of, one.counts, one.beside, one.source)
        )
        yield f'<tr><th scope="row">{escape(one.title)}</th>{cells}</tr>'
    yield "</tbody></table>"
