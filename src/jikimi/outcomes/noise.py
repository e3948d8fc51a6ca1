"""Figures of a quarter, with noise: differentially private, because they are released often and would tell by their differences.

What an order gives to a table is cut to ``MOST_OF_ONE`` cases, so that its being there or not changes the table by that much at most
(L1); discrete Laplace noise of OpenDP then hides whether it was there. Method: Dwork and Roth, *The Algorithmic Foundations of
Differential Privacy* (2014), section 3.3; Canonne, Kamath and Steinke, *The Discrete Gaussian for Differential Privacy* (2020), for
the discrete form.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import opendp.prelude as dp

from jikimi.outcomes.row import Row
from jikimi.outcomes.table import CUTS, EVERYWHERE, name_of, paths_of

MOST_OF_ONE: Final = 3
"""So many cases of one order count in a quarter's table; which ones, chance decides."""
EPSILON: Final = 1.0
"""What one quarter's release costs, all its tables together; four of them a year."""
TABLES: Final = tuple((path, cut) for path, cuts in CUTS.items() for cut in cuts)
SCALE: Final = MOST_OF_ONE * len(TABLES) / EPSILON
"""Of the noise in every figure: half of all figures are within 0.7 of it, 95 of 100 within 3 times of it."""


def noised(rows: Sequence[Row]) -> dict[str, int]:
    """Return the figures of a whole jurisdiction's quarter with noise; none is below 0. Each call draws anew: release one only.

    Figures of one table are noised each by itself: they need not sum up, and a sum of them is no secret's difference.
    """
    dp.enable_features("contrib")
    noise = dp.m.make_laplace(dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int), scale=SCALE)
    spent = len(TABLES) * noise.map(MOST_OF_ONE)
    assert spent <= EPSILON * (1 + 1e-9), "the scale was made for this much"
    found: dict[str, int] = {}
    for path, cut in TABLES:
        names = [f"{path}/{cut}={part}" for part in CUTS[path][cut]]
        counts = _counts(rows, names)
        found |= {name_of(name, EVERYWHERE): max(0, value) for name, value in zip(names, noise(counts), strict=True)}
    return found


def _counts(rows: Iterable[Row], names: Sequence[str]) -> list[int]:
    of: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        of[row.group].extend(path for path in paths_of(row) if path in names)
    counts = dict.fromkeys(names, 0)
    chance = secrets.SystemRandom()
    for group in of.values():
        for path in chance.sample(group, min(MOST_OF_ONE, len(group))):
            counts[path] += 1
    return list(counts.values())
