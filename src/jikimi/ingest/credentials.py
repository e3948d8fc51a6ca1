"""How a device proves itself. Knowing a device's name is never enough.

Secrets are 256 random bits, so a plain SHA-256 of them is kept (no password hashing is needed), and compared in
constant time. An unknown device costs the same work and gets the same answer as a wrong secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Final

import msgspec

from jikimi.ingest.ports import Directory, Request
from jikimi.ingest.replays import WINDOW_MS, Replays
from jikimi.model.order import Device

SCHEME: Final = "Jikimi-HMAC"

_NOBODY: Final = secrets.token_bytes(32)
"""Digest and key that no secret has: what an unknown device is compared with."""

_PARAMETER: Final = re.compile(r'(\w+)="?([^",\s]*)"?\s*(?:,\s*|$)')
_NONCE: Final = re.compile(r"[\x21-\x7e]{0,64}")


class SecretClaim(msgspec.Struct, frozen=True):
    """A device says its secret."""

    device_id: str
    secret: str


class SignedClaim(msgspec.Struct, frozen=True):
    """A device signs the request with its secret (``signature``: hexadecimal HMAC-SHA256)."""

    device_id: str
    time_ms: int
    nonce: str
    signature: str


Claim = SecretClaim | SignedClaim


class Denied(msgspec.Struct, frozen=True):
    """A claim that does not hold.

    Attributes:
        kind: a word for the journal.
        device_id: the device it was made for; None when there is none of that name (a stranger's word is not kept).
        sentence: what the sender may be told; only one who holds the right secret learns more than the usual.
    """

    kind: str
    device_id: str | None = None
    sentence: str = "The credential is not accepted."


def new_secret() -> tuple[str, bytes]:
    """Return a new secret of 256 random bits, as URL-safe text, and its SHA-256. Only the digest need be kept."""
    secret = secrets.token_urlsafe(32)
    return secret, digest(secret)


def digest(secret: str) -> bytes:
    """Return the SHA-256 under which a secret is kept."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def token_claim(token: str) -> Claim | None:
    """Return the claim in ``<device>.<secret>``. A secret holds no dot, so the last one parts them."""
    device_id, _, secret = token.rpartition(".")
    return SecretClaim(device_id, secret) if device_id and secret else None


def bearer(headers: Mapping[str, str]) -> Claim | None:
    """Return the claim of ``Authorization: Bearer <device>.<secret>`` (RFC 6750, section 2.1)."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token_claim(token.strip()) if scheme.lower() == "bearer" else None


def basic(headers: Mapping[str, str]) -> Claim | None:
    """Return the claim of ``Authorization: Basic`` (RFC 7617): the user is the device, the password its secret."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        device_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return SecretClaim(device_id, secret) if device_id and secret else None


def signature(headers: Mapping[str, str]) -> Claim | None:
    """Return the claim of ``Authorization: Jikimi-HMAC device=…,time=…,nonce=…,signature=…`` (nonce may be left out)."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if scheme.lower() != SCHEME.lower():
        return None
    found = dict(_PARAMETER.findall(rest))
    time, nonce = found.get("time", ""), found.get("nonce", "")
    if not (time.isascii() and time.isdecimal() and len(time) <= 15 and _NONCE.fullmatch(nonce)):
        return None
    if not (found.get("device") and found.get("signature")):
        return None
    return SignedClaim(found["device"], int(time), nonce, found["signature"].lower())


def sign(key: bytes, request: Request, time_ms: int, nonce: str) -> str:
    """Return the signature of a request, in hexadecimal.

    Signed are five lines, joined by a line feed and in this order: the method, the path (with ``?`` and the query if it
    has one), the time in whole milliseconds, the nonce (empty if none), and the SHA-256 of the body as sent (before any
    decompression) in lower-case hexadecimal.
    """
    target = request.path + ("?" + request.query.decode("latin-1") if request.query else "")
    lines = (request.method, target, str(time_ms), nonce, hashlib.sha256(request.body).hexdigest())
    return hmac.new(key, "\n".join(lines).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


class Guard:
    """Decides whether a claim holds."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._replays = Replays()

    def check(self, claim: Claim | None, request: Request, now_ms: int) -> Device | Denied:
        """Return the device that proved itself, or why none did.

        Args:
            claim: what the sender says of itself.
            request: the request, with its body as sent when the claim is signed.
            now_ms: the time.
        """
        if claim is None:
            return Denied("no_credential")
        device = self._directory.find(claim.device_id)
        denied = _check(device, claim, request)
        if device is not None and isinstance(denied, Denied) and (earlier := _before(device)) is not None:
            device, denied = earlier, _check_earlier(earlier, claim, request, denied, now_ms)
        if denied is None and isinstance(claim, SignedClaim):
            denied = self._check_fresh(claim, now_ms)
        if denied is not None or device is None:
            return denied or Denied("unknown_device")
        return Denied("revoked_device", device.device_id) if device.revoked else device

    def _check_fresh(self, claim: SignedClaim, now_ms: int) -> Denied | None:
        """Check a signature that is right, so its maker may be told what is wrong with its time."""
        if abs(now_ms - claim.time_ms) > WINDOW_MS:
            sentence = "The signature's time is more than 5 minutes away from the server's clock."
            return Denied("stale_signature", claim.device_id, sentence)
        if not self._replays.is_new(claim.device_id, claim.time_ms, claim.signature, now_ms):
            return Denied("replayed", claim.device_id, "This signature was used before; sign each request anew.")
        return None


def _check(device: Device | None, claim: Claim, request: Request) -> Denied | None:
    return _check_secret(device, claim) if isinstance(claim, SecretClaim) else _check_signature(device, claim, request)


def _before(device: Device) -> Device | None:
    """Return a device as it was before its secret was rotated, so that an encrypted body opens with the key that sealed it."""
    if device.earlier_sha256 is None:
        return None
    return msgspec.structs.replace(device, secret_sha256=device.earlier_sha256, sealing_key=device.earlier_key)


def _check_earlier(earlier: Device, claim: Claim, request: Request, denied: Denied, now_ms: int) -> Denied | None:
    """Check by the secret from before the rotation; too late it is told apart from a wrong one, and not believed either."""
    if _check(earlier, claim, request) is not None:
        return denied
    if earlier.earlier_until_ms is not None and now_ms < earlier.earlier_until_ms:
        return None
    return Denied("rotated_secret", earlier.device_id, "This secret was replaced by a new one; set the device up with that.")


def _check_secret(device: Device | None, claim: SecretClaim) -> Denied | None:
    known = _NOBODY if device is None else device.secret_sha256
    right = hmac.compare_digest(digest(claim.secret), known)
    if device is None:
        return Denied("unknown_device")
    return None if right else Denied("wrong_secret", device.device_id)


def _check_signature(device: Device | None, claim: SignedClaim, request: Request) -> Denied | None:
    key = None if device is None else device.sealing_key
    right = hmac.compare_digest(
        sign(key or _NOBODY, request, claim.time_ms, claim.nonce).encode(), claim.signature.encode("utf-8", "surrogatepass")
    )
    if device is None:
        return Denied("unknown_device")
    return None if right and key is not None else Denied("wrong_signature", device.device_id)
