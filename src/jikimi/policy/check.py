"""What ``jikimi policy check FILE`` prints."""

from __future__ import annotations

from pathlib import Path

from jikimi.policy.defect import PolicyError
from jikimi.policy.load import load


def check(path: Path) -> list[str]:
    """Return one line for each defect of a policy file, in the order of its lines; empty when the policy is good."""
    try:
        load(path)
    except PolicyError as error:
        return [f"{error.name}, {defect}" for defect in error.defects]
    return []
