"""What the vault needs of others: somebody who wraps keys. Permission to read is ``disclosure.proof.Proof``, which only the gate makes."""

from __future__ import annotations

from typing import Protocol


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
