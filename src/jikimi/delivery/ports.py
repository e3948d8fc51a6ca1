"""What delivery asks of a channel and of whoever keeps the outbox. Tests have a fake of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jikimi.delivery.message import Answer, Message
from jikimi.delivery.passage import Passage
from jikimi.model.storing import NotStoredError


class Channel(Protocol):
    """One way to a person or to a machine.

    ``name`` is its name in the policy. ``is_idempotent``: the eye sees one of each key, however often it is handed over.
    """

    @property
    def name(self) -> str: ...

    @property
    def is_idempotent(self) -> bool: ...

    async def hand(self, message: Message, now_ms: int) -> Answer:
        """Hand a message over. Raises nothing but ``asyncio.CancelledError``."""
        ...

    async def close(self) -> None:
        """Leave in order."""
        ...


class ShelfFailedError(NotStoredError):
    """The outbox could not be read or written now. Nothing of the call took effect; asking again is right."""


class Shelf(Protocol):
    """The outbox as it is kept. Blocking; called from one thread."""

    def fresh(self, after: int) -> list[tuple[int, Passage]]:
        """Return open passages numbered above ``after``, by number. Numbers grow in the order of commits."""
        ...

    def save(self, passages: Sequence[Passage]) -> None:
        """Keep passages as they are now, all or none. Returns when they are durable."""
        ...

    def passage(self, key: str) -> Passage | None:
        """Return one, open or ended."""
        ...
