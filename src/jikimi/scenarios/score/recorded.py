"""Recorded simultaneous tracks of real people as cases: one CSV a person, every ordered pair an order.

Columns: ``time`` (ISO 8601 with its offset, or seconds or milliseconds since 1970), ``latitude``, ``longitude``, and where
known ``error_m``, ``speed_mps``, ``course_deg``. What the judges hear are the rows as they are. Truth lies straight between two
rows no more than ``GAP_S`` apart; beyond that nobody knows, and time that is unknown for either counts nowhere.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from math import isfinite
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from jikimi.model.fix import Fix
from jikimi.scenarios.score.case import Case, Heard, Kind, Mode, Side, Truth, Way

GAP_S: Final = 120.0
STEP_MS: Final = 5_000
EPISODE_MS: Final = 3 * 3_600_000
"""A case ends where both are unknown for so long: the night between two days is no case."""
NEEDED: Final = ("time", "latitude", "longitude")
OPTIONAL: Final = ("error_m", "speed_mps", "course_deg")


class Person(NamedTuple):
    """One person's rows, in order of time."""

    name: str
    times_ms: npt.NDArray[np.int64]
    latitude: npt.NDArray[np.float64]
    longitude: npt.NDArray[np.float64]
    fixes: Sequence[Fix]


class FolderError(ValueError):
    """A folder that holds no tracks, in a sentence."""


def read_folder(folder: Path) -> tuple[list[Person], list[str]]:
    """Return the persons of a folder and a sentence for each row that was left out.

    Raises:
        FolderError: there are not two readable tracks.
    """
    defects: list[str] = []
    people = [person for path in sorted(folder.glob("*.csv")) if (person := _read(path, defects)) is not None]
    if len(people) < 2:
        raise FolderError(" ".join([f"{folder.name} holds {len(people)} readable tracks; two are needed.", *defects[:3]]))
    return people, defects


def _read(path: Path, defects: list[str]) -> Person | None:
    found: dict[int, Fix] = {}
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = csv.DictReader(file)
        try:
            missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
            if missing:
                defects.append(f"{path.name}: no column {', '.join(missing)}.")
                return None
            for row in rows:
                _take(row, f"{path.name}, line {rows.line_num}", found, defects)
        except csv.Error:
            defects.append(f"{path.name}, line {rows.line_num}: the rest of the file is no table.")
    fixes = [found[time_ms] for time_ms in sorted(found)]
    if not fixes:
        defects.append(f"{path.name}: no readable row.")
        return None
    times = np.array([fix.fix_time_ms for fix in fixes], dtype=np.int64)
    return Person(path.stem, times, np.array([fix.latitude for fix in fixes]), np.array([fix.longitude for fix in fixes]), fixes)


def _take(row: Mapping[str, str | None], where: str, found: dict[int, Fix], defects: list[str]) -> None:
    """Take one row in, or say what is wrong with it."""
    try:
        fix = _fix(row, len(found))
    except ValueError as error:
        defects.append(f"{where}: {error}.")
    else:
        found.setdefault(fix.fix_time_ms, fix)


def _fix(row: Mapping[str, str | None], number: int) -> Fix:
    latitude, longitude = _within(row, "latitude", 90.0), _within(row, "longitude", 180.0)
    error_m, speed_mps, course_deg = (_optional(row.get(name), name) for name in OPTIONAL)
    course_deg = None if course_deg is None else course_deg % 360.0
    return Fix(str(number), _time_ms(row["time"]), latitude, longitude, error_m, speed_mps=speed_mps, course_deg=course_deg)


def _within(row: Mapping[str, str | None], name: str, most: float) -> float:
    value = _number(row[name])
    if value is None or not -most <= value <= most:
        raise ValueError(f"the {name} is not a number from -{most:g} to {most:g}")
    return value


def _optional(text: str | None, name: str) -> float | None:
    """Return a number of 0 or more; None where there is none, and for what is below 0: so phones say that they do not know.

    Raises:
        ValueError: it is no number.
    """
    if text is None or not text.strip():
        return None
    value = _number(text)
    if value is None:
        raise ValueError(f"{name} is not a number")
    return value if value >= 0.0 else None


def _number(text: str | None) -> float | None:
    """Return a finite number, or None of anything else: the text itself is never repeated, it may be a place."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) else None


def _time_ms(text: str | None) -> int:
    if text is None or not text.strip():
        raise ValueError("the time is missing")
    number = _number(text)
    if number is None:
        return _moment_ms(text.strip())
    if not 0.0 <= number < 1e14:
        raise ValueError("the time is no time since 1970")
    # 1e11 s lie in the year 5138, 1e11 ms in 1973: whoever recorded tracks meant milliseconds.
    return round(number if number >= 1e11 else number * 1000.0)


def _moment_ms(text: str) -> int:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("the time is neither ISO 8601 nor a number") from None
    if moment.tzinfo is None:
        raise ValueError("the time has no offset: write Z or +09:00")
    return round(moment.timestamp() * 1000.0)


def cases(people: Sequence[Person]) -> Iterator[Case]:
    """Yield every ordered pair, episode by episode, where both were recorded at the same time."""
    for number, (him, her) in enumerate(permutations(people, 2)):
        for from_ms, until_ms in _episodes(him, her):
            case = _case(him, her, from_ms, until_ms, number)
            if np.isfinite(case.truth.monitored.latitude + case.truth.protected.latitude).any():
                yield case


def _episodes(him: Person, her: Person) -> Iterator[tuple[int, int]]:
    """Yield the times in which both have rows, cut where either has none for long."""
    begin, end = max(him.times_ms[0], her.times_ms[0]), min(him.times_ms[-1], her.times_ms[-1])
    if begin >= end:
        return
    cuts = [(int(begin), int(begin))]
    for person in (him, her):
        inside = person.times_ms[(person.times_ms >= begin) & (person.times_ms <= end)]
        edges = np.concatenate(([begin], inside, [end]))
        for index in np.flatnonzero(np.diff(edges) > EPISODE_MS):
            cuts.append((int(edges[index]), int(edges[index + 1])))  # noqa: PERF401 - two numbers of one index
    cuts.sort()
    start = int(begin)
    for gap_from, gap_to in [*cuts, (int(end), int(end))]:
        if gap_from - start > STEP_MS:
            yield start, gap_from
        start = max(start, gap_to)


def _case(him: Person, her: Person, from_ms: int, until_ms: int, number: int) -> Case:
    grid = np.arange(from_ms, until_ms, STEP_MS, dtype=np.int64)
    heard = sorted([*_heard(him, "monitored", from_ms, until_ms), *_heard(her, "protected", from_ms, until_ms)], key=lambda one: one[:2])
    return Case(
        story="recorded",
        variant=f"{him.name} and {her.name}",
        seed=number,
        kind=Kind.ORDINARY,
        mode=Mode.MIXED,
        interval_s=None,
        heard=heard,
        truth=Truth(from_ms, STEP_MS, _way(him, grid), _way(her, grid)),
    )


def _heard(person: Person, side: Side, from_ms: int, until_ms: int) -> Iterator[Heard]:
    first, last = np.searchsorted(person.times_ms, (from_ms, until_ms))
    for index in range(int(first), int(last)):
        yield Heard(int(person.times_ms[index]), side, person.fixes[index])


def _way(person: Person, grid: npt.NDArray[np.int64]) -> Way:
    """Return where a person was at each time of the grid: straight between rows, NaN in gaps; longitudes by the shorter way."""
    after = np.clip(np.searchsorted(person.times_ms, grid, side="left"), 0, len(person.times_ms) - 1)
    exact = person.times_ms[after] == grid
    before = np.where(exact, after, np.maximum(after - 1, 0))
    span = (person.times_ms[after] - person.times_ms[before]).astype(float)
    known = (span <= GAP_S * 1000.0) & (person.times_ms[before] <= grid) & (grid <= person.times_ms[after])
    share = np.where(span > 0.0, (grid - person.times_ms[before]) / np.where(span > 0.0, span, 1.0), 0.0)
    turn = (person.longitude[after] - person.longitude[before] + 180.0) % 360.0 - 180.0
    latitude = person.latitude[before] + share * (person.latitude[after] - person.latitude[before])
    longitude = (person.longitude[before] + share * turn + 180.0) % 360.0 - 180.0
    return Way(np.where(known, latitude, np.nan), np.where(known, longitude, np.nan))
