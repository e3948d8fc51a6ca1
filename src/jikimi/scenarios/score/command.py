"""What ``jikimi score`` does: judges on the suite or on recorded tracks, a table, figures as JSON and a page."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from jikimi.policy.load import preset
from jikimi.scenarios.score.asked import asked_figures
from jikimi.scenarios.score.goals import Figure, figures, held_out_figures, recorded_figures
from jikimi.scenarios.score.page import page
from jikimi.scenarios.score.recorded import read_folder
from jikimi.scenarios.score.run import ASKED, OURS, PRESETS, named, run, run_recorded, setting_name
from jikimi.scenarios.score.sensitivity import SETTINGS
from jikimi.scenarios.score.table import results, terminal
from jikimi.scenarios.score.totals import Totals

SEEDS: Final = 6
HELD_OUT: Final = (9001, 9002, 9003, 9004)
"""Seeds that nobody looks at while the core is changed; ours alone is scored on them, at every setting."""
WIDTH: Final = 170
MOST_DEFECTS: Final = 20
"""So many broken rows are named; of the others, how many there are."""


def seeds_of(count: int, *, fresh: bool) -> list[int]:
    """Return the release's seeds, or as many that nobody has seen."""
    first = time.time_ns() // 1_000_000_000 if fresh else 1
    return list(range(first, first + count))


def score(*, seeds: int, fresh: bool, only: Sequence[str] | None, name: str, foreign: Sequence[str] = (), out: Path) -> None:
    """Score the suite under one preset; print the table and write ``score.json`` and ``score.html``.

    Raises:
        ValueError: a story or a judge is not known.
    """
    console = _console()
    named(tuple(foreign))
    drawn = seeds_of(seeds, fresh=fresh)
    console.print(f"Preset {preset(name).policy_id} {preset(name).version}, seeds {drawn[0]} to {drawn[-1]}.")
    found = run(drawn, name=name, only=only, foreign=tuple(foreign), told=_teller(console, len(drawn), "seeds"))
    held = run(HELD_OUT, name=name, only=only, others=False, told=_teller(console, len(HELD_OUT), "held-out seeds"))
    about = f"Preset {name}, seeds {drawn[0]} to {drawn[-1]}, {len(found[OURS].scores)} cases. docs/scoring.md says what each number means."
    told = [*figures(found), *held_out_figures(held[OURS]), *asked_figures(name)]
    _tell(console, "Jikimi: scored scenarios", about, told, found, out / "score", held)


def score_recorded(folder: Path, *, foreign: Sequence[str] = (), out: Path) -> None:
    """Score recorded tracks under each preset; print the tables and write JSON and a page for each.

    Raises:
        FolderError: there are no two readable tracks.
        ValueError: a judge is not known.
    """
    named(tuple(foreign))
    console = _console()
    people, defects = read_folder(folder)
    console.print(f"{len(people)} tracks, {sum(len(person.fixes) for person in people)} rows.")
    for defect in defects[:MOST_DEFECTS]:
        console.print(f"Left out: {defect}")
    if len(defects) > MOST_DEFECTS:
        console.print(f"Left out: {len(defects) - MOST_DEFECTS} more rows.")
    for name in PRESETS:
        found = run_recorded(folder, name=name, foreign=tuple(foreign), told=_teller(console, 8, "parts"))
        if not found:
            console.print("No two of the tracks were recorded at the same time.")
            return
        about = (
            f"Recorded tracks of {len(people)} persons, every ordered pair an order under preset {name}, {found[OURS].days:.1f} pair-days."
        )
        _tell(console, f"Jikimi: recorded tracks, preset {name}", about, recorded_figures(found), found, out / f"score-tracks-{name}")


def _console() -> Console:
    """Return a console; written to a file, it is as wide as the tables need."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


def _teller(console: Console, every: int, what: str) -> Callable[[int], object]:
    return lambda done: console.print(f"  {done} of {every} {what}", highlight=False)


def _tell(
    console: Console,
    title: str,
    about: str,
    told: Sequence[Figure],
    found: Mapping[str, Totals],
    to: Path,
    held: Mapping[str, Totals] | None = None,
) -> None:
    found = {one: totals for one, totals in found.items() if one != ASKED}
    names = [setting_name(sensitivity) for sensitivity in SETTINGS]
    curve = [found[one] for one in names if one in found]
    others = [totals for one, totals in found.items() if one not in names]
    console.print(terminal(told, {OURS: found[OURS], **{one.name: one for one in others}}, found[OURS]))
    to.with_suffix(".json").write_bytes(results(told))
    to.with_suffix(".html").write_text(page(title, about, told, curve, others, found[OURS], list((held or {}).values())), encoding="utf-8")
    console.print(f"Written: {to.with_suffix('.json')} and {to.with_suffix('.html')}")
