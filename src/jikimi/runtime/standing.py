"""Whose incidents are open now, in memory: what the gate asks about at each look, so that no look waits for the books.

It is told once a transaction is kept, so what it says stands in the books. What is not known yet, after a start, is closed; an alarm and a
call open by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from jikimi.incidents.incident import Incident, finds
from jikimi.incidents.status import Status
from jikimi.model.order import Pair


class Standing:
    """Open incidents in which somebody must be found, by the two persons they concern."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], frozenset[str]] = {}

    def kept(self, incidents: Iterable[Incident]) -> None:
        """Take over incidents as they are kept now. On the thread of the books alone; the gate reads one entry beside it."""
        for one in incidents:
            persons = (one.party.monitored_id, one.party.protected_id)
            others = self._open.get(persons, frozenset()) - {one.incident_id}
            found = others | {one.incident_id} if finds(one) and one.status is not Status.RESOLVED else others
            if found:
                self._open[persons] = found
            else:
                self._open.pop(persons, None)

    def recalled(self, incidents: Iterable[Incident]) -> None:
        """Take over all that stand, and let go of all others. On the thread of the books, as ``kept``."""
        fresh = Standing()
        fresh.kept(incidents)
        self._open = fresh._open

    def concerns(self, pair: Pair) -> bool:
        """Return whether one of a pair's two persons is open: wherever of her places it began, it is about her."""
        return (pair.monitored_id, pair.owner_id) in self._open
