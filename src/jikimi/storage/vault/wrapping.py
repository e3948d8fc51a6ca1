"""Wrapping under a master key that this process holds; a key management service stands behind the same port."""

from __future__ import annotations

from jikimi.storage.seal import Sealer


class LocalWrapper:
    """Implements ``KeyWrapper``.

    Args:
        key: 32 bytes, from ``storage.keys.subkey`` of a master key out of a file or the environment.
    """

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer(key)

    def wrap(self, key: bytes, place: bytes) -> bytes:
        """Return the key sealed and bound to a place."""
        return self._sealer.seal(key, place)

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        """Return what ``wrap`` wrapped for the same place.

        Raises:
            NotAuthenticError: it was changed, moved, or wrapped under another master key.
        """
        return self._sealer.open(wrapped, place)
