"""What the vault needs of others: permission to read, and somebody who wraps keys."""

from __future__ import annotations

from typing import Protocol


class Grant(Protocol):
    """The gate's permission to read history. Only the gate makes one, after its ledger line is written."""

    def covers(self, person_id: str, from_ms: int, until_ms: int) -> bool:
        """Return whether the gate permits reading this person's fixes measured in [from_ms, until_ms)."""
        ...


class KeyWrapper(Protocol):
    """Wraps day keys under a master key. ``LocalWrapper`` holds that key itself; a key management service may stand here."""

    def wrap(self, key: bytes, place: bytes) -> bytes:
        """Return the key sealed and bound to a place."""
        ...

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        """Return what ``wrap`` wrapped for the same place.

        Raises:
            NotAuthenticError: it was changed, moved, or wrapped under another master key.
        """
        ...
