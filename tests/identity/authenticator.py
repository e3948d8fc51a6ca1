"""A software authenticator for tests: makes passkeys and proves them as WebAuthn Level 3 says, and lies where a test asks it to."""

from __future__ import annotations

import hashlib
import json
import secrets

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One key. ``count`` is its counter; ``step`` 0 has it stand still, as a copy would."""

    def __init__(self, origin, *, rp_id=None, verifies=True):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(16)
        self.origin, self.rp_id = origin, rp_id
        self.flags = PRESENT | (VERIFIED if verifies else 0)
        self.count, self.step = 0, 1
        self.handle = None

    def create(self, options):
        asked = json.loads(options)
        self.handle = asked["user"]["id"]
        public = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cose
        data = self._data(asked["rp"]["id"], ATTESTED) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"attestationObject": bytes_to_base64url(statement)}, self._client("webauthn.create", asked))

    def get(self, options, *, origin=None):
        asked = json.loads(options)
        self.count += self.step
        client = self._client("webauthn.get", asked, origin)
        data = self._data(asked["rpId"], 0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"authenticatorData": data, "signature": signature, "userHandle": base64url_to_bytes(self.handle)}
        return self._answer({name: bytes_to_base64url(part) for name, part in parts.items()}, client)

    def _data(self, rp_id, flags):
        return hashlib.sha256((self.rp_id or rp_id).encode()).digest() + bytes([self.flags | flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind, asked, origin=None):
        said = {"type": kind, "challenge": asked["challenge"], "origin": origin or self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, response, client):
        name = bytes_to_base64url(self.credential_id)
        response["clientDataJSON"] = bytes_to_base64url(client)
        said = {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
        return json.dumps(said).encode()
