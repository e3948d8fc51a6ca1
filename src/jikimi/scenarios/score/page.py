"""The report as one self-contained page: no script, nothing from outside, a table under each curve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from math import log10
from typing import Final, NamedTuple

from jikimi.scenarios.score.case import Kind, Mode
from jikimi.scenarios.score.goals import Figure
from jikimi.scenarios.score.table import JUDGES, MISSED, STORIES, goal, judge_rows, mark, missed_rows, shown, story_rows
from jikimi.scenarios.score.totals import Totals, band, middle

Place = Callable[[float, float], tuple[float, float]]
"""From (false alarms, misses) to a point of the picture."""
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 760.0, 420.0, 64.0, 60.0, 16.0, 24.0
LEAD_HEIGHT: Final = 220.0
MOST_MISSED: Final = 30.0
"""A judge that misses more, in percent, stands at the picture's edge: it would flatten all others."""
STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5a6472; --line: #d4d9e0; --paper: #fff; --ours: #0b6bcb; --other: #8a4b08; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf2; --soft: #a8b2c0; --line: #3a4350; --paper: #14181f; --ours: #6cb2ff; --other: #f0a95b; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } p, caption { max-width: 46rem; }
div.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th:first-child, td:first-child, td:last-child { text-align: left; }
.figures :is(th, td):nth-child(2), .figures th:last-child { text-align: left; } svg { width: 100%; height: auto; }
svg text { fill: var(--ink); font-size: 12px; } .axis { stroke: var(--soft); } .grid { stroke: var(--line); }
.ours { fill: var(--ours); stroke: var(--ours); } .curve { fill: none; stroke: var(--ours); stroke-width: 2; }
.dashed { stroke-dasharray: 6 4; } .band { fill: var(--ours); opacity: .12; } .other { fill: var(--other); }
"""
HOW_TO_READ: Final = (
    "To the left is fewer false alarms, down is fewer misses. The line is Jikimi at different sensitivities; the shade, and the numbers "
    "in the table, hold 90 % of what drawing the seeds anew gives. The dashed line is Jikimi on seeds that nobody looks at while the core "
    "is changed. Numbers name the judges as the table below does."
)

HOW_LEADS: Final = (
    "For each way to come: the share of contacts before which the first audible alarm (full line), or the first notice since they "
    "began to close (dashed), had stood for so many minutes. A line that begins below 100 % missed the rest."
)
MOST_LEAD_S: Final = 1800.0


class Dot(NamedTuple):
    """A judge on the curve: false alarms a pair-day and misses in percent, each with its 90 % band."""

    name: str
    false: float
    missed: float
    false_band: tuple[float, float]
    missed_band: tuple[float, float]


def dot(totals: Totals) -> Dot:
    """Return where a judge lies."""
    misses, false = band(totals)
    return Dot(totals.name, totals.false_a_day() or 0.0, 100.0 * totals.missed(), false, (100.0 * misses[0], 100.0 * misses[1]))


def page(
    title: str,
    about: str,
    figures: Sequence[Figure],
    curve: Sequence[Totals],
    others: Sequence[Totals],
    ours: Totals,
    held: Sequence[Totals] = (),
) -> str:
    """Return the report.

    Args:
        title: of the page.
        about: what was scored, in a sentence.
        figures: of the release.
        curve: our judge at each setting, from the least sensitive.
        others: the baselines.
        ours: our judge as it is released.
        held: our judge at each setting on held-out seeds, if it was scored there.
    """
    found: Mapping[str, Totals] = {one.name: one for one in (*curve, *others)}
    rows = ((mark(f), f.name, shown(f.value, 2), f.unit, goal(f), f.note) for f in figures)
    ours_dots, other_dots, held_dots = ([dot(one) for one in some] for some in (curve, others, held))
    dots = (
        (f"{number}  {one.name}", shown(one.missed), _between(one.missed_band), shown(one.false, 2), _between(one.false_band))
        for number, one in enumerate((*ours_dots, *other_dots, *(one._replace(name=f"{one.name}, held-out seeds") for one in held_dots)), 1)
    )
    parts = [
        f"<h1>{escape(title)}</h1><p>{escape(about)}</p>",
        "<h2>Figures</h2>",
        _table("Each figure beside its goal.", ("", "figure", "measured", "unit", "goal", "note"), rows, "figures"),
        "<h2>Misses and false alarms</h2>",
        f"<p>{HOW_TO_READ}</p>",
        drawing(ours_dots, other_dots, held_dots),
        _table("The same in numbers.", ("judge", "missed %", "90 % band", "false a pair-day", "90 % band"), dots),
        "<h2>How long before contact</h2>",
        f"<p>{HOW_LEADS}</p>",
        *(leads_drawing(mode, ours) for mode in Mode if ours.of(kind=Kind.APPROACH, mode=mode).contacts()),
        "<h2>Judges</h2>",
        _table("Leads in seconds before contact, medians unless said; 0 counts where nothing was said.", JUDGES, judge_rows(found)),
        "<h2>Stories</h2>",
        _table("Jikimi as released.", STORIES, story_rows(ours)),
        "<h2>Missed contacts</h2>",
        _table("Each one, and whether any report told of the last way to it.", MISSED, missed_rows(ours)),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><main>{"".join(parts)}</main></body></html>\n'


def _between(values: tuple[float, float]) -> str:
    return f"{shown(values[0], 2)} to {shown(values[1], 2)}"


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "plain") -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(one)}</td>" for one in row) + "</tr>" for row in rows)
    table = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="wide" tabindex="0"><table class="{kind}">{table}</table></div>'


def drawing(curve: Sequence[Dot], others: Sequence[Dot], held: Sequence[Dot] = ()) -> str:
    """Return the curve as a picture: false alarms on a logarithmic axis, misses on a plain one."""
    every = [*curve, *others, *held]
    positive = [one.false for one in every if one.false > 0.0] or [1.0]
    least, most = min(positive) / 1.5, max(positive) * 1.5
    top = max(5.0, *(1.2 * one.missed for one in every if one.missed <= MOST_MISSED))

    def at(false: float, missed: float) -> tuple[float, float]:
        share = log10(max(false, least) / least) / log10(most / least)
        return LEFT + share * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - min(missed / top, 1.0) * (HEIGHT - BOTTOM - TOP)

    parts = [*_axes(at, least, most, top), *(_cloud(at, one) for one in (*curve, *held))]
    for dots, kind in ((curve, "curve"), (held, "curve dashed")):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(d.false, d.missed) for d in dots))
        if len(dots) > 1:
            parts.append(f'<polyline class="{kind}" points="{points}"/>')
    parts += [_dot(at, one, "other" if one in others else "ours", number) for number, one in enumerate(every, 1)]
    words = "Misses in percent against false alarms a pair-day; the table below holds the same numbers."
    return f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{words}">{"".join(parts)}</svg>'


def leads_drawing(mode: Mode, ours: Totals) -> str:
    """Return, for one way to come, which share of the contacts had how long a lead."""
    coming = ours.of(kind=Kind.APPROACH, mode=mode)
    alarms, notices = coming.leads_s(notice=False), coming.leads_s(notice=True, path=True)
    medians = f"first alarm {shown(middle(alarms), 0)} s, first notice {shown(middle(notices), 0)} s, medians"
    words = f"{mode.value}: {len(alarms)} contacts, {medians}"
    parts = _lead_axes()
    for leads, kind in ((alarms, "curve"), (notices, "curve dashed")):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in _stairs(leads))
        parts.append(f'<polyline class="{kind}" points="{points}"/>')
    picture = f'<svg viewBox="0 0 {WIDTH:.0f} {LEAD_HEIGHT:.0f}" role="img" aria-label="{escape(words)}">{"".join(parts)}</svg>'
    return f"<h3>{escape(words)}</h3>{picture}"


def _at_lead(lead_s: float, share: float) -> tuple[float, float]:
    x = LEFT + (WIDTH - LEFT - RIGHT) * min(lead_s, MOST_LEAD_S) / MOST_LEAD_S
    return x, TOP + (LEAD_HEIGHT - TOP - BOTTOM) * (1.0 - share)


def _stairs(leads: Sequence[float]) -> Iterator[tuple[float, float]]:
    """Yield the corners of the line of who had at least so long a lead; who had none is left out at its beginning."""
    share = sum(lead > 0.0 for lead in leads) / len(leads)
    yield _at_lead(0.0, share)
    for number, lead in enumerate(leads, 1):
        if lead > 0.0:
            yield _at_lead(lead, share)
            share = (len(leads) - number) / len(leads)
            yield _at_lead(lead, share)


def _lead_axes() -> list[str]:
    parts = []
    for minutes in range(0, int(MOST_LEAD_S / 60.0) + 1, 5):
        (x, y0), (_, y1) = _at_lead(60.0 * minutes, 0.0), _at_lead(0.0, 1.0)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{y0:.1f}" x2="{x:.1f}" y2="{y1:.1f}"/>')
        parts.append(f'<text x="{x:.1f}" y="{y0 + 18:.1f}" text-anchor="middle">{minutes} min</text>')
    for share in (0.0, 0.5, 1.0):
        (x0, y), (x1, _) = _at_lead(0.0, share), _at_lead(MOST_LEAD_S, share)
        parts.append(f'<line class="grid" x1="{x0:.1f}" y1="{y:.1f}" x2="{x1:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{x0 - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    return parts


def _axes(at: Place, least: float, most: float, top: float) -> list[str]:
    (x0, y0), (x1, _) = at(least, 0.0), at(most, 0.0)
    parts = [
        f'<line class="axis" x1="{x0}" y1="{y0}" x2="{x1}" y2="{y0}"/>',
        f'<line class="axis" x1="{x0}" y1="{y0}" x2="{x0}" y2="{TOP}"/>',
    ]
    for false in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0):
        if least <= false <= most:
            x, _ = at(false, 0.0)
            parts.append(f'<line class="grid" x1="{x:.1f}" y1="{y0}" x2="{x:.1f}" y2="{TOP}"/>')
            parts.append(f'<text x="{x:.1f}" y="{y0 + 18}" text-anchor="middle">{false:g}</text>')
    for missed in range(0, int(top) + 1, 5 if top < 40.0 else 20):
        _, y = at(least, float(missed))
        parts.append(f'<text x="{x0 - 8}" y="{y + 4:.1f}" text-anchor="end">{missed} %</text>')
    parts.append(f'<text x="{(x0 + x1) / 2}" y="{HEIGHT - 8}" text-anchor="middle">false alarms a pair-day</text>')
    parts.append(f'<text x="{x0 + 6}" y="{TOP + 12}">missed</text>')
    return parts


def _cloud(at: Place, one: Dot) -> str:
    (x0, y0), (x1, y1) = at(one.false_band[0], one.missed_band[1]), at(one.false_band[1], one.missed_band[0])
    return f'<rect class="band" x="{x0:.1f}" y="{y0:.1f}" width="{max(x1 - x0, 1.0):.1f}" height="{max(y1 - y0, 1.0):.1f}"/>'


def _dot(at: Place, one: Dot, kind: str, number: int) -> str:
    """Draw a judge with its number in the table below; beyond the picture it stands at its upper edge, with its misses in words."""
    x, y = at(one.false, one.missed)
    shape = f'<circle class="ours" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
    if kind == "other":
        shape = f'<path class="other" d="M{x - 5:.1f} {y + 4:.1f}h10l-5 -9z"/>'
    beyond = f" ({one.missed:.0f} % missed)" if one.missed > MOST_MISSED else ""
    below = 16.0 if kind == "ours" or beyond else -8.0
    return f'{shape}<text x="{x:.1f}" y="{y + below:.1f}" text-anchor="middle">{number}{beyond}</text>'
