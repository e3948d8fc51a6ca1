"""A small identity provider for tests (OpenID Connect Core 1.0, RFC 7636): strict where a real one is, and lies where a test asks it to."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

ISSUER = "https://id.example.org"
CLIENT, SECRET = "jikimi", "a secret of the client"


class IdentityProvider:
    """``lies`` replaces claims of the next tokens; ``sign`` chooses how they are signed."""

    def __init__(self, now_ms, issuer=ISSUER):
        self.now_ms = now_ms
        self.issuer = issuer
        self.key = self._new_key("one")
        self.published = [self.key]
        self.lies = {}
        self.sign = "ES256"
        self.is_down = False
        self.asked = []
        self._codes = {}

    @staticmethod
    def _new_key(kid):
        return ECKey.generate_key("P-256", parameters={"kid": kid, "use": "sig"})

    def rotate(self):
        self.key = self._new_key(secrets.token_hex(4))
        self.published = [self.key]

    def client(self):
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self.serve))

    def consent(self, url, subject):
        """What the browser does: somebody signs in, and is sent back with a code. Returns the query of the way back."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert (query["response_type"], query["client_id"], query["scope"]) == ("code", CLIENT, "openid")
        assert query["code_challenge_method"] == "S256"
        assert SECRET not in url
        code = secrets.token_urlsafe(16)
        self._codes[code] = (query, subject)
        return {"code": code, "state": query["state"]}

    def serve(self, request):
        path = request.url.path
        self.asked.append(path)
        if self.is_down:
            raise httpx2.ConnectError("nobody answers")
        if path == "/.well-known/openid-configuration":
            found = {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize"}
            return httpx2.Response(200, json={**found, "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys"})
        if path == "/keys":
            return httpx2.Response(200, json={"keys": [key.as_dict(private=False) for key in self.published]})
        assert (request.method, path) == ("POST", "/token")
        return self._token(request)

    def _token(self, request):
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        query, subject = self._codes.pop(form["code"], (None, None))
        verifier = form.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if request.headers["authorization"] != basic or query is None or challenge != query["code_challenge"]:
            return httpx2.Response(400, json={"error": "invalid_grant"})
        assert form["redirect_uri"] == query["redirect_uri"]
        return httpx2.Response(200, json={"token_type": "Bearer", "access_token": "x", "id_token": self._signed(query, subject)})

    def _signed(self, query, subject):
        now_s = self.now_ms() // 1_000
        claims = {"iss": self.issuer, "sub": subject, "aud": CLIENT, "iat": now_s, "exp": now_s + 300, "nonce": query["nonce"]}
        if "max_age" in query:
            claims["auth_time"] = now_s
        # Whoever is an administrator over there is nobody here.
        claims |= {"role": "administrator", "groups": ["administrators"]} | self.lies
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.sign == "none":
            head, body = ({"alg": "none"}, claims)
            return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (head, body)) + "."
        if self.sign == "HS256":
            # The classic confusion: the public key as a shared secret.
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(json.dumps(self.key.as_dict(private=False))))
        key = self.key if self.sign == "ES256" else self._new_key("one")
        return jwt.encode({"alg": "ES256", "kid": key.as_dict()["kid"]}, claims, key)
