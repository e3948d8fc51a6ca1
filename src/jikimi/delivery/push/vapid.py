"""Who sends the push: a signed statement to the push service (VAPID, RFC 8292)."""

from __future__ import annotations

import base64
import json
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LIFE_S: Final = 12 * 3600
"""RFC 8292 section 2 allows 24 h at most; half of it forgives a wrong clock."""
_REUSE_S: Final = 3600


def base64url(data: bytes) -> str:
    """Return URL-safe base64 without padding, as all of Web Push writes it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Return the bytes.

    Raises:
        ValueError: it is none.
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


class Vapid:
    """Signs for one sender, and keeps a signature for each push service for an hour.

    Args:
        key: on P-256.
        contact: ``mailto:`` or ``https:`` address at which the push service reaches the operator.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey, contact: str) -> None:
        self._key = key
        self._contact = contact
        self.public = base64url(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
        """The key that a page needs to subscribe (``applicationServerKey``)."""
        self._kept: dict[str, tuple[int, str]] = {}

    def authorization(self, endpoint: str, now_ms: int) -> str:
        """Return the header for a request to this endpoint; its service alone can use it (``aud``)."""
        parts = urlsplit(endpoint)
        audience = f"{parts.scheme}://{parts.netloc}"
        now_s = now_ms // 1000
        made_s, token = self._kept.get(audience, (0, ""))
        if not made_s <= now_s < made_s + _REUSE_S:
            token = self._token(audience, now_s)
            self._kept[audience] = (now_s, token)
        return f"vapid t={token}, k={self.public}"

    def _token(self, audience: str, now_s: int) -> str:
        head = {"typ": "JWT", "alg": "ES256"}
        claims = {"aud": audience, "exp": now_s + LIFE_S, "sub": self._contact}
        signed = ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims))
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
