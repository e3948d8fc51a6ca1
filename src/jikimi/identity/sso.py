"""Single sign-on (OpenID Connect Core 1.0, code flow with PKCE): what is asked of a provider, and what is believed of its answer. No I/O.

The provider says who somebody is, and nothing else: which account that is and what it may do stands in our register.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures by a key that only the provider has; none by a shared secret, and never ``none``."""
FLOW_S: Final = 600.0
LEEWAY_S: Final = 60.0
"""So far may two clocks be apart."""
MOST_FLOWS: Final = 10_000
MOST_SUBJECT: Final = 255


class SsoError(ValueError):
    """An answer is not believed. The text says which rule it broke and names nobody."""


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """An identity provider, as its own discovery document describes it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """One sign-in under way.

    Attributes:
        state: ties the answer to this sign-in; the browser holds it in a cookie, too.
        nonce: ties the token to it.
        verifier: proves at the token endpoint that who asks is who began (RFC 7636).
        begun_ms: when.
        code: our own one-time code, where an account is tied to a subject by it; None otherwise.
        again: whether the provider must have asked somebody anew, for a screen that was locked.
    """

    state: str
    nonce: str
    verifier: str
    begun_ms: int
    code: str | None
    again: bool


class Flows:
    """The sign-ins under way in this process. Each is taken once."""

    def __init__(self) -> None:
        self._flows: OrderedDict[str, Flow] = OrderedDict()

    def begin(self, now_ms: int, *, code: str | None, again: bool) -> Flow:
        """Return a new sign-in."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        flow = self._flows[state] = Flow(state=state, nonce=nonce, verifier=verifier, begun_ms=now_ms, code=code, again=again)
        if len(self._flows) > MOST_FLOWS:
            self._flows.popitem(last=False)
        return flow

    def take(self, state: str, cookie: str | None, now_ms: int) -> Flow:
        """Return the sign-in that an answer is to, and use it up.

        Raises:
            SsoError: none of that state stands, or another browser began it.
        """
        if cookie is None or not secrets.compare_digest(cookie.encode(), state.encode()):
            raise SsoError("The state is not the one that this browser began with.")
        flow = self._flows.pop(state, None)
        if flow is None or now_ms - flow.begun_ms > FLOW_S * 1_000:
            raise SsoError("No sign-in of that state stands any more.")
        return flow


def provider_of(issuer: str, document: Mapping[str, Any]) -> Provider:
    """Return a provider from its discovery document.

    Raises:
        SsoError: the document is of another issuer, or lacks what is needed.
    """
    try:
        found = msgspec.convert(document, Provider)
    except msgspec.ValidationError as error:
        raise SsoError("The provider's discovery document lacks what is needed.") from error
    if found.issuer != issuer:
        raise SsoError("The discovery document is another issuer's.")
    return found


def authorize_url(provider: Provider, client_id: str, redirect_uri: str, flow: Flow) -> str:
    """Return where the browser is sent."""
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid",
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": challenge_of(flow.verifier),
        "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if flow.again else {}),
    }
    return f"{provider.authorization_endpoint}{'&' if '?' in provider.authorization_endpoint else '?'}{urlencode(asked)}"


def token_form(client_id: str, redirect_uri: str, flow: Flow, code: str) -> dict[str, str]:
    """Return what is posted to the token endpoint; the client's secret goes in a header."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": client_id,
        "code_verifier": flow.verifier,
    }


def challenge_of(verifier: str) -> str:
    """Return the challenge of a verifier (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of an ID token."""

    iss: str
    sub: str
    aud: str | list[str]
    exp: float
    iat: float
    nonce: str | None = None
    azp: str | None = None
    auth_time: float | None = None


def subject_of(token: str, keys: Mapping[str, Any], issuer: str, client_id: str, flow: Flow, now_ms: int) -> str:
    """Return the subject of an ID token that is signed, for us, fresh, and the answer to this sign-in (OpenID Connect Core, 3.1.3.7).

    Raises:
        SsoError: it is not.
    """
    claims = _claims(token, keys)
    audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    now_s = now_ms / 1_000
    broken = {
        "The token is of another issuer.": claims.iss != issuer,
        "The token is for another client.": client_id not in audiences or (claims.azp or client_id) != client_id,
        "The token is for several clients, and does not say for which.": len(audiences) > 1 and claims.azp is None,
        "The token has run out.": claims.exp <= now_s - LEEWAY_S,
        "The token is of another time.": abs(claims.iat - now_s) > FLOW_S + LEEWAY_S,
        "The token is the answer to another sign-in.": claims.nonce is None or not _same(claims.nonce, flow.nonce),
        "The provider asked nobody anew.": flow.again and (claims.auth_time or 0.0) < flow.begun_ms / 1_000 - LEEWAY_S,
        "The token names nobody.": not 0 < len(claims.sub) <= MOST_SUBJECT,
    }
    for sentence, is_broken in broken.items():
        if is_broken:
            raise SsoError(sentence)
    return claims.sub


def _claims(token: str, keys: Mapping[str, Any]) -> Claims:
    try:
        found = jwt.decode(token, KeySet.import_key_set({"keys": list(keys["keys"])}), algorithms=ALGORITHMS)
        return msgspec.convert(found.claims, Claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SsoError("The token is not signed by the provider, or is no token.") from error


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())
