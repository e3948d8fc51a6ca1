"""How often courts decided what on petitions of one form, as a court may see it: no count by which a single petition is known. Pure.

Whoever looks may know how many petitions a court decided, so the count of one result must not follow from that number and the other
results. For one sum this is exact, and says what ``outcomes/suppress.py`` says for a table of one sum; a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from jikimi.petitions.docket import Docketed, Entry
from jikimi.petitions.status import Act

LEAST: Final = 5
"""A count below this is hidden, and so is none at all: "all were granted" tells of each."""
WIDTH: Final = LEAST - 1
"""So many more or fewer a hidden count could be, for all that a reader knows."""
RESULTS: Final = (Act.GRANT, Act.GRANT_IN_PART, Act.REFUSE)
"""What ends a petition at its court. A petition is counted once, by what was said first: an appeal is another court's practice."""


def first_result(entries: Iterable[Entry]) -> Entry | None:
    """Return the first decision on a petition, or None while it is undecided."""
    return next((one for one in entries if one.act in RESULTS), None)


def counted(petitions: Iterable[tuple[Docketed, list[Entry]]]) -> dict[Act, int]:
    """Count decided petitions by what was said first; ``GRANT_INTERIM`` among them, by those that had an interim order before."""
    found = dict.fromkeys((Act.GRANT_INTERIM, *RESULTS), 0)
    for _, entries in petitions:
        first = first_result(entries)
        if first is not None:
            found[first.act] += 1
            found[Act.GRANT_INTERIM] += any(one.act is Act.GRANT_INTERIM for one in entries)
    return found


def shown(counts: Mapping[Act, int]) -> dict[Act, int | None]:
    """Return the counts that may be shown; None for one that is hidden.

    The results add up to a number that a reader may know: hidden ones are at least two, and at least ``WIDTH`` together. How many had
    an interim order, and how many had none, add up to the same number.
    """
    total = sum(counts[one] for one in RESULTS)
    gone = _hidden({one: counts[one] for one in RESULTS})
    interim = counts[Act.GRANT_INTERIM]
    if min(interim, total - interim) < LEAST:
        gone |= {Act.GRANT_INTERIM}
    return {one: None if one in gone else count for one, count in counts.items()}


def _hidden(parts: Mapping[Act, int]) -> frozenset[Act]:
    gone = {one for one, count in parts.items() if count < LEAST}
    for one in sorted(parts.keys() - gone, key=lambda other: (parts[other], other)):
        if not gone or (len(gone) > 1 and sum(parts[other] for other in gone) >= WIDTH):
            break
        gone.add(one)
    return frozenset(gone)
