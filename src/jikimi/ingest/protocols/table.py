"""The shape every protocol has."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from jikimi.ingest.credentials import Claim
from jikimi.ingest.ports import Decoded, Receipt, Request


class Protocol(msgspec.Struct, frozen=True, kw_only=True):
    """One format that devices speak over HTTP.

    Attributes:
        name: its name on the command line and in the journal.
        path: where the devices' door listens for it.
        methods: HTTP methods it may come with.
        max_body_bytes: largest body, as sent and after decompression.
        decode: turns a request into fixes and events; raises ``DecodeError`` only.
        claim: finds how the sender proves itself; raises ``DecodeError`` only.
        claim_in_body: True when the proof may stand in the body.
        answer: the body of a 200, made only once what was decoded is durable.
        media_type: of that answer; empty when it has no body.
        challenge: what ``WWW-Authenticate`` asks for.
        unseal: opens an encrypted body with the device's key; None where the format has no encryption.
        gateway: True when the sender speaks for other devices.
    """

    name: str
    path: str
    methods: frozenset[str] = frozenset({"POST"})
    max_body_bytes: int
    decode: Callable[[Request], Decoded]
    claim: Callable[[Request], Claim | None]
    claim_in_body: bool = False
    answer: Callable[[Receipt, Decoded], bytes]
    media_type: bytes = b""
    challenge: bytes = b"Bearer"
    unseal: Callable[[bytes, bytes | None], bytes] | None = None
    gateway: bool = False
