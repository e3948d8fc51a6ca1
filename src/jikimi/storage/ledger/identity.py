"""Who a ledger is: its name and its signing key, both made from the ledger's key."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jikimi.disclosure.ledger.note import Signer
from jikimi.storage.keys import subkey

_PREFIX: Final = "jikimi-ledger"


def signer_of(key: bytes) -> Signer:
    """Return the key that signs a ledger's checkpoints.

    The ledger's name, which stands in every checkpoint, is made from the public key: so no two ledgers share one, and nobody has to
    choose it before the first entry.

    Args:
        key: 32 bytes, the ledger's.
    """
    seed = subkey(key, "signing")
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return Signer(f"{_PREFIX}/{sha256(public).hexdigest()[:16]}", seed)
