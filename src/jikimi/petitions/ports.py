"""What filing needs of the world: a way to each court. ``jikimi.delivery.courts`` has three; the tests have a fake."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from jikimi.petitions.package import Package


class NotHandedError(Exception):
    """A package did not reach the court, or nobody knows whether it did. The text says so in a sentence; she may try again or print it."""


class Handed(NamedTuple):
    """A court's receipt. ``number`` is the court's own for the petition, or None where this way brings none back."""

    at_ms: int
    number: str | None


class CourtDoor(Protocol):
    """Hands packages to one court. The same package may come again and counts once: its name is its key."""

    async def hand(self, package: Package, now_ms: int) -> Handed:
        """Hand a package over.

        Raises:
            NotHandedError: it was not taken, or nobody can tell.
        """
        ...

    async def close(self) -> None: ...
