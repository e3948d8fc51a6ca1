"""One measured figure, and how a list of them is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

RESULTS = Path(__file__).parent / "results.json"


class Figure(msgspec.Struct, frozen=True):
    """A figure beside its goal. ``goal`` is None where it only informs."""

    name: str
    value: float
    unit: str
    goal: float | None
    better: Literal["lower", "higher"]
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        if self.goal is None:
            return True
        return self.value <= self.goal if self.better == "lower" else self.value >= self.goal


def show(figures: Sequence[Figure]) -> str:
    """Return a table, one line a figure."""
    lines = []
    for figure in figures:
        sign = "≤" if figure.better == "lower" else "≥"
        goal = f"{sign} {figure.goal:,g}" if figure.goal is not None else ""
        mark = " " if figure.goal is None else "✓" if figure.met else "✗"
        lines.append(f"{mark} {figure.name:<58} {figure.value:>14,.4g} {figure.unit:<14} {goal:<12} {figure.note}")
    return "\n".join(lines)


def write(figures: Sequence[Figure]) -> None:
    """Write ``bench/results.json``."""
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(list(figures)), indent=1) + b"\n")
