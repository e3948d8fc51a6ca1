"""Signatures by which a receiver knows that a request is ours, and we know that an answer is theirs.

Standard Webhooks, specification 1.0.0, symmetric scheme ``v1``: HMAC-SHA256 over ``id.timestamp.body``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

TOLERANCE_S: Final = 300
"""How far a timestamp may be off, so that a recorded request cannot be played again later."""
_PREFIX: Final = "whsec_"


def secret_bytes(secret: str) -> bytes:
    """Return the key of a secret written as ``whsec_<base64>``.

    Raises:
        ValueError: it is not, or it is shorter than 24 bytes.
    """
    key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError("A webhook's secret is written whsec_ and 24 to 64 bytes in base64.")
    return key


def signed_headers(key: bytes, message_id: str, at_s: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a signed request."""
    return {"webhook-id": message_id, "webhook-timestamp": str(at_s), "webhook-signature": f"v1,{_mark(key, message_id, at_s, body)}"}


def is_signed(key: bytes, headers: Mapping[str, str], body: bytes, now_s: int) -> bool:
    """Whether a request bears a fresh signature of this key. Header names are in lower case; several signatures may stand there."""
    message_id, timestamp, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12) or abs(int(timestamp) - now_s) > TOLERANCE_S:
        return False
    expected = f"v1,{_mark(key, message_id, int(timestamp), body)}".encode()
    return any(hmac.compare_digest(expected, one.encode()) for one in signatures.split(" "))


def _mark(key: bytes, message_id: str, at_s: int, body: bytes) -> str:
    signed = f"{message_id}.{at_s}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
