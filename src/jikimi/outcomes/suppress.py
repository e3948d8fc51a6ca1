"""Which figures are hidden, so that none under five can be worked out from those that are shown.

A figure is hidden because fewer than ``LEAST`` orders or cases stand behind it (primary suppression). Whoever subtracts shown figures
from shown sums must not get it back, so further ones are hidden (complementary suppression) until, given everything that is shown,
each hidden figure could still be anything within at least ``WIDTH``. How far it can be narrowed is not guessed: it is the least and
the greatest solution of the linear system of all sums, over the real numbers. Method: Willenborg and de Waal, *Elements of
Statistical Disclosure Control* (2001), chapter 5.

Which further one is hidden, a lot decides and not its size. Were it always the smallest, whoever knows that could work back: of two
hidden parts of 8 beside a shown 5, neither is 3, for then the 5 would have been hidden and not the other 5. Each is 4 (Wong, Fu, Wang
and Pei, *Minimality Attack in Privacy Preserving Data Publishing*, 2007). The lot is drawn once for a release and kept by nobody.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import lil_array

LEAST: Final = 5
WIDTH: Final = LEAST - 1
"""A hidden count must stay as uncertain as "0 to 4"."""
_TINY: Final = 1e-6
_UNBOUNDED: Final = 3
"""What scipy calls it."""
Values: TypeAlias = NDArray[np.float64]


class Sum(NamedTuple):
    """One sum that a reader can do: a figure is the sum of these others, which do not overlap."""

    total: str
    parts: tuple[str, ...]

    @property
    def figures(self) -> tuple[str, ...]:
        """All figures in it."""
        return (self.total, *self.parts)


def drawn(names: Collection[str]) -> dict[str, float]:
    """Draw a lot for each figure; nobody can foresee or repeat it."""
    chance = secrets.SystemRandom()
    return {name: chance.random() for name in names}


def hidden(counts: Mapping[str, int], orders: Mapping[str, int], sums: Sequence[Sum], lot: Mapping[str, float]) -> frozenset[str]:
    """Return which figures may not be shown.

    Args:
        counts: every figure of a release by its name.
        orders: behind each, how many different orders stand; a figure of one woman's hundred alarms is one woman's.
        sums: every sum that holds between them.
        lot: by figure; of those that could be hidden beside another, the one with the least is (``drawn``).
    """
    found = {name for name, count in counts.items() if count < LEAST or orders[name] < LEAST}
    sure: set[str] = set()
    while more := _alone(found, sums, lot) or _narrow(counts, found, sums, sure, lot):
        found |= more
    return frozenset(found)


def bounds(name: str, counts: Mapping[str, int], gone: Collection[str], sums: Sequence[Sum]) -> tuple[float, float]:
    """Return the least and the greatest value that a hidden figure can have for whoever reads all others; infinity: nothing bounds it."""
    system = _System(counts, gone, sums)
    least, greatest = system.extreme(name, 1.0), system.extreme(name, -1.0)
    column = system.columns[name]
    return (
        float("-inf") if least is None else float(least[column]),
        float("inf") if greatest is None else float(greatest[column]),
    )


class _System:
    """What a reader knows: every hidden figure is a number from 0 up, and the sums hold."""

    def __init__(self, counts: Mapping[str, int], gone: Collection[str], sums: Sequence[Sum]) -> None:
        self.columns = {name: number for number, name in enumerate(sorted(gone))}
        touched = [one for one in sums if any(name in self.columns for name in one.figures)]
        self._rows = lil_array((len(touched), len(self.columns)))
        self._values = np.zeros(len(touched))
        for row, one in enumerate(touched):
            for name, sign in ((one.total, -1.0), *((part, 1.0) for part in one.parts)):
                if name in self.columns:
                    self._rows[row, self.columns[name]] += sign
                else:
                    self._values[row] -= sign * counts[name]

    def extreme(self, name: str, sign: float) -> Values | None:
        """Return a solution in which a figure is least (sign 1) or greatest (sign -1); None where nothing bounds it."""
        aim = np.zeros(len(self.columns))
        aim[self.columns[name]] = sign
        found = linprog(aim, A_eq=self._rows.tocsr(), b_eq=self._values, bounds=(0, None), method="highs")
        assert found.status in {0, _UNBOUNDED}, "the true figures are a solution, so there is one"
        return np.asarray(found.x) if found.status == 0 else None


def _alone(gone: Collection[str], sums: Sequence[Sum], lot: Mapping[str, float]) -> set[str]:
    """Return what to hide because a sum hides one figure only, which is the difference of the others: a part rather than the sum."""
    for one in sums:
        shown = [name for name in one.figures if name not in gone]
        if shown and len(one.figures) - len(shown) == 1:
            return {min(shown, key=lambda name: (name == one.total, lot[name]))}
    return set()


def _narrow(counts: Mapping[str, int], gone: AbstractSet[str], sums: Sequence[Sum], sure: set[str], lot: Mapping[str, float]) -> set[str]:
    """Return what to hide because some hidden figure is known too well.

    ``sure`` gathers those that are not: what is hidden later only makes them less certain. A solution that is found for one figure is a
    solution for all, so few of them have to be asked.
    """
    system = _System(counts, gone, sums)
    low = np.array([float(counts[name]) for name in system.columns])
    high = low.copy()
    for name in sorted(gone - sure):
        column = system.columns[name]
        for sign in (1.0, -1.0):
            if high[column] - low[column] < WIDTH and (found := system.extreme(name, sign)) is not None:
                low, high = np.minimum(low, found), np.maximum(high, found)
            elif high[column] - low[column] < WIDTH:
                high[column] = np.inf
        sure |= {other for other, at in system.columns.items() if high[at] - low[at] >= WIDTH - _TINY}
        if name not in sure and (near := _reached(name, gone, sums)):
            return {min(near, key=lot.__getitem__)}
    return set()


def _reached(name: str, gone: Collection[str], sums: Sequence[Sum]) -> list[str]:
    """Return the shown figures nearest to a hidden one, over sums that share hidden figures."""
    known = {name}
    while True:
        touched = [one for one in sums if known & set(one.figures)]
        shown = [other for one in touched for other in one.figures if other not in gone]
        wider = {other for one in touched for other in one.figures}
        if shown or wider <= known:
            return shown
        known |= wider
