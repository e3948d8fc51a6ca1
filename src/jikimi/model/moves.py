"""Tables of moves, drawn: what a state becomes by what is done."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TypeVar

State = TypeVar("State", bound=enum.StrEnum)
Act = TypeVar("Act", bound=enum.StrEnum)


def arrows(table: Mapping[State, Mapping[Act, State]], first: State) -> list[str]:
    """Return a table as a Mermaid state diagram without its ends, one line for each pair of states."""
    lines = ["stateDiagram-v2", f"    [*] --> {first}"]
    for state, moves in table.items():
        for target in type(first):
            acts = [act.value for act, to in moves.items() if to is target]
            if acts:
                lines.append(f"    {state} --> {target}: {' / '.join(acts)}")
    return lines
