"""Who is on duty, and who gets the next incident."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from jikimi.incidents.incident import Incident

if TYPE_CHECKING:
    from jikimi.incidents.ports import Page


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One operator who is signed in.

    Attributes:
        operator: a member of staff.
        since_ms: signed in since.
        offered_to: to whom the shift is offered; it passes when that one takes it. None mostly.
    """

    operator: str
    since_ms: int
    offered_to: str | None = None


def load(duties: Iterable[Duty], incidents: Iterable[Incident]) -> dict[str, int]:
    """Return how many open incidents each operator on duty has."""
    count = Counter(one.owner for one in incidents)
    return {duty.operator: count[duty.operator] for duty in duties}


class Hands:
    """Who gets the next incident within one transaction: all that is open is counted once, and not for each incident anew."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._loads: dict[str, int] | None = None

    def next(self) -> str | None:
        """Return who gets it, and count it as his; None where nobody is on duty."""
        if self._loads is None:
            duties = self._page.duties()
            self._loads = load(duties, self._page.open_incidents()) if duties else {}
        owner = least_loaded(self._loads)
        if owner is not None:
            self._loads[owner] += 1
        return owner


def least_loaded(loads: dict[str, int], but: str | None = None) -> str | None:
    """Return who has least to do, other than ``but`` where anybody else is there; None where nobody is on duty."""
    others = {name: count for name, count in loads.items() if name != but} or loads
    return min(others, key=lambda name: (others[name], name), default=None)
