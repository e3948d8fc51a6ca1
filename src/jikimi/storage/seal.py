"""AES-256-GCM with the little we need of it: sealed under a key, bound to a place, opened or refused."""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12


class NotAuthenticError(Exception):
    """Sealed bytes were changed, moved, or sealed under another key."""


class Sealer:
    """Seals and opens under one key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal_counted(self, count: int, data: bytes, place: bytes) -> bytes:
        """Seal under a nonce made from ``count``, which the caller never uses twice with this key."""
        return self._cipher.encrypt(count.to_bytes(NONCE_BYTES), data, place)

    def open_counted(self, count: int, sealed: bytes, place: bytes) -> bytes:
        """Open what ``seal_counted`` sealed with the same count and place.

        Raises:
            NotAuthenticError: it did not seal this.
        """
        return self._open(count.to_bytes(NONCE_BYTES), sealed, place)

    def seal(self, data: bytes, place: bytes) -> bytes:
        """Seal under a random nonce, which goes in front. For few and rare things."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Open what ``seal`` sealed for the same place.

        Raises:
            NotAuthenticError: it did not seal this.
        """
        return self._open(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)

    def _open(self, nonce: bytes, sealed: bytes, place: bytes) -> bytes:
        try:
            return self._cipher.decrypt(nonce, sealed, place)
        except (InvalidTag, ValueError):
            raise NotAuthenticError from None
