"""Who is who: the words staff know a person by, and the keyed marks of what identifies her or him."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import sqlalchemy as sa

from jikimi.orders.matching import Mark
from jikimi.storage.rows import Rows
from jikimi.storage.schema import marks, persons

AT_ONCE: Final = 500
"""Databases take only so many values in one query."""


class PeopleRows(Rows):
    """The tables ``persons`` and ``marks``."""

    def put_label(self, person_id: str, label: str) -> None:
        """Know a person by these words."""
        self._put(persons, {"person_id": person_id, "label": label})

    def add_marks(self, person_id: str, many: Iterable[Mark]) -> None:
        """Add marks to those a person has."""
        new = set(many) - self.marks(person_id)
        rows = [{"person_id": person_id, "kind": mark.kind, "digest": mark.digest, "exact": mark.exact} for mark in sorted(new)]
        if rows:
            self._connection.execute(sa.insert(marks), rows)

    def marks(self, person_id: str) -> frozenset[Mark]:
        """Return a person's marks."""
        found = self._connection.execute(sa.select(marks.c.kind, marks.c.exact, marks.c.digest).where(marks.c.person_id == person_id))
        return frozenset(Mark(row.kind, bool(row.exact), bytes(row.digest)) for row in found)

    def persons_with(self, many: Iterable[Mark]) -> set[str]:
        """Return who has any of these marks."""
        found: set[str] = set()
        for digests in _parts(mark.digest for mark in many):
            found |= set(self._connection.execute(sa.select(marks.c.person_id).where(marks.c.digest.in_(digests))).scalars())
        return found


def _parts(digests: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(digests)
    while part := list(islice(rest, AT_ONCE)):
        yield part
