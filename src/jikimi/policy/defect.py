"""What is wrong with a policy file, where, and why. The reader is whoever wrote the file."""

from __future__ import annotations

from typing import NamedTuple

from jikimi.policy.lines import Path

Finding = tuple[Path, str]
"""Where in the data, and one sentence that says what is wrong there."""


class Defect(NamedTuple):
    """One defect: its line from 1, the key (``rings.watch.metres``; empty for the whole file), one sentence."""

    line: int
    path: str
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.path}: {self.sentence}" if self.path else f"line {self.line}: {self.sentence}"


class PolicyError(Exception):
    """A policy file is refused. ``defects`` holds every defect found, in the order of the lines."""

    def __init__(self, name: str, defects: list[Defect]) -> None:
        self.name = name
        self.defects = sorted(defects)
        super().__init__("\n".join(f"{name}, {defect}" for defect in self.defects))


def dotted(path: Path) -> str:
    """Return the path as people write it: ``citations[2].rule``, the first element being 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
