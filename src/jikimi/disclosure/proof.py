"""Proof that the gate let somebody read of a past time: whose, and which pieces of it.

Whatever reads history asks for one, and there is no way to one but the gate: the class makes none, and ``prove`` is the gate's alone
(``tests/disclosure/test_law.py`` reads the whole source for it). So a path to the vault that forgot to ask cannot be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Never, Self, final

from jikimi.orders.project import Span, union


@final
class Proof:
    """What may be read: of each person the pieces of time, in order, none touching the next."""

    __slots__ = ("_provable",)
    _provable: Mapping[str, tuple[Span, ...]]

    def __new__(cls) -> Self:
        """Make none.

        Raises:
            TypeError: always.
        """
        raise TypeError("Only the gate makes a proof.")

    def __reduce__(self) -> Never:
        """Leave no process, and be copied by nobody.

        Raises:
            TypeError: always.
        """
        raise TypeError("A proof is not copied.")

    def __eq__(self, other: object) -> bool:
        """Two that let the same be read are the same."""
        return isinstance(other, Proof) and self._provable == other._provable

    def __hash__(self) -> int:
        """Agree with ``__eq__``."""
        return hash(tuple(sorted(self._provable.items())))

    @property
    def persons(self) -> tuple[str, ...]:
        """Of whom something may be read, by name."""
        return tuple(sorted(self._provable))

    def pieces(self, person_id: str) -> tuple[Span, ...]:
        """Return which times of a person may be read; nothing of anybody else."""
        return self._provable.get(person_id, ())

    def covers(self, person_id: str, from_ms: int, until_ms: int) -> bool:
        """Return whether all of [from_ms, until_ms) lies in one of the pieces."""
        return any(one.from_ms <= from_ms <= until_ms <= one.until_ms for one in self.pieces(person_id))


def prove(pieces: Mapping[str, Iterable[Span]]) -> Proof:
    """Make a proof: for the gate alone."""
    proof = object.__new__(Proof)
    joined = {person_id: tuple(union(one for one in spans if one.from_ms < one.until_ms)) for person_id, spans in pieces.items()}
    object.__setattr__(proof, "_provable", MappingProxyType({person_id: spans for person_id, spans in joined.items() if spans}))
    return proof
