"""Encryption of a push message to one browser: the push service carries it and cannot read it.

RFC 8291 (message encryption for Web Push) on RFC 8188 (``aes128gcm``), a single record.
"""

from __future__ import annotations

import os
import struct
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD_BYTES: Final = 4096
TEXT_BYTES: Final = RECORD_BYTES - 86 - 17
"""The longest text: RFC 8291 section 4 lets a service refuse a body above 4,096 bytes; 86 are the header, 17 tag and delimiter."""


def encrypt(
    text: bytes, receiver: bytes, auth: bytes, *, salt: bytes | None = None, sender: ec.EllipticCurvePrivateKey | None = None
) -> bytes:
    """Return the body of a push request.

    Args:
        text: at most ``TEXT_BYTES``.
        receiver: the browser's public key ``p256dh``, 65 bytes, uncompressed.
        auth: the browser's secret, 16 bytes.
        salt: 16 fresh bytes, unless a test says otherwise.
        sender: a fresh key pair, likewise.

    Raises:
        ValueError: the text is too long, or the key is no point of the curve.
    """
    if len(text) > TEXT_BYTES:
        raise ValueError(f"A push message holds at most {TEXT_BYTES} bytes.")
    salt = os.urandom(16) if salt is None else salt
    sender = ec.generate_private_key(ec.SECP256R1()) if sender is None else sender
    mine = sender.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = sender.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), receiver))
    material = _derive(shared, auth, b"WebPush: info\x00" + receiver + mine, 32)  # RFC 8291 section 3.4
    key = _derive(material, salt, b"Content-Encoding: aes128gcm\x00", 16)  # RFC 8188 section 2.2
    nonce = _derive(material, salt, b"Content-Encoding: nonce\x00", 12)  # RFC 8188 section 2.3
    # 0x02 ends the last record (RFC 8188 section 2).
    sealed = AESGCM(key).encrypt(nonce, text + b"\x02", None)
    return salt + struct.pack(">IB", RECORD_BYTES, len(mine)) + mine + sealed


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
