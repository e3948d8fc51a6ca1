"""What a score looks like: the table on a terminal, ``bench/score.json``, and the report as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from rich.console import Group
from rich.table import Table

from jikimi.scenarios.score.case import Kind, Mode
from jikimi.scenarios.score.goals import Figure
from jikimi.scenarios.score.measure import Contact
from jikimi.scenarios.score.totals import Totals, low, middle

JUDGES = (
    "judge", "missed %", "silent", "false", "a pair-day", "first alarm: foot", "bicycle", "car", "5th percentile", "top tier right %",
)  # fmt: skip
STORIES = ("story", "cases", "contacts", "missed", "silent", "first notice, median s", "first alarm, median s", "false", "changes an hour")
MISSED = ("story", "variant", "seed", "said", "a report told of it, s before", "what it was")


def shown(value: float | None, digits: int = 1) -> str:
    """Return a number as text, a dash for none."""
    return "-" if value is None else f"{value:,.{digits}f}"


def mark(figure: Figure) -> str:
    """Return whether a goal is reached, as a sign."""
    return {None: " ", True: "✓", False: "✗"}[figure.met]


def goal(figure: Figure) -> str:
    """Return the goal as text."""
    return "" if figure.goal is None else f"{'≤' if figure.better == 'lower' else '≥'} {figure.goal:g}"


def judge_rows(found: Mapping[str, Totals]) -> Iterator[tuple[str, ...]]:
    """Yield one row for each judge."""
    for name, one in found.items():
        coming = one.of(kind=Kind.APPROACH)
        leads = [middle(coming.of(mode=mode).leads_s(notice=False)) for mode in (Mode.FOOT, Mode.BICYCLE, Mode.CAR)]
        warned, precision = one.warned(), one.top_precision()
        yield (
            name,
            shown(None if warned is None else 100.0 * (1.0 - warned)),
            str(one.silent_misses()),
            str(one.false()),
            shown(one.false_a_day(), 2),
            *(shown(lead, 0) for lead in leads),
            shown(low(coming.leads_s(notice=False)), 0),
            shown(None if precision is None else 100.0 * precision),
        )


def story_rows(ours: Totals) -> Iterator[tuple[str, ...]]:
    """Yield one row for each story."""
    for story in dict.fromkeys(score.story for score in ours.scores):
        one = ours.of(story=story)
        contacts = one.contacts()
        yield (
            story,
            str(len(one.scores)),
            str(len(contacts)),
            str(sum(contact.lead_s is None for contact in contacts)),
            str(one.silent_misses()),
            shown(middle(one.leads_s(notice=True)), 0),
            shown(middle(one.leads_s(notice=False)), 0),
            str(one.false()),
            shown(one.changes_an_hour()),
        )


def missed_rows(ours: Totals) -> Iterator[tuple[str, ...]]:
    """Yield one row for each contact that nothing audible came before."""
    for score in ours.scores:
        for contact in score.contacts:
            if contact.lead_s is None:
                said = "nothing" if contact.silent else "a side is unseen"
                yield score.story, score.variant, str(score.seed), said, shown(contact.told_s, 0), _cause(contact)


def _cause(contact: Contact) -> str:
    if contact.told_s is not None:
        return "missed: something was heard of it"
    return "between two reports" if contact.silent else "a device heard nothing, and it was said"


def terminal(figures: Sequence[Figure], found: Mapping[str, Totals], ours: Totals) -> Group:
    """Return the three tables for a terminal."""
    goals = Table("", "figure", "measured", "unit", "goal", "note", title="Figures")
    for figure in figures:
        goals.add_row(mark(figure), figure.name, shown(figure.value, 2), figure.unit, goal(figure), figure.note)
    judges = Table(*JUDGES, title="Judges: misses and false alarms, always together")
    for row in judge_rows(found):
        judges.add_row(*row)
    stories = Table(*STORIES, title="Stories, ours")
    for row in story_rows(ours):
        stories.add_row(*row)
    missed = Table(*MISSED, title="Missed contacts, ours")
    for row in missed_rows(ours):
        missed.add_row(*row)
    return Group(goals, judges, stories, missed)


def results(figures: Sequence[Figure]) -> bytes:
    """Return the figures in the form of ``bench/results.json``; those without a value are left out."""
    kept = [figure for figure in figures if figure.value is not None]
    return msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n"
