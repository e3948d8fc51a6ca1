"""The organisation's identity provider, asked over HTTP: its description, its keys, and a token for a code. Nobody else is asked."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import httpx2
import msgspec

from jikimi.apps.signing import SsoDownError
from jikimi.identity.sso import Flow, Provider, SsoError, authorize_url, provider_of, subject_of, token_form
from jikimi.runtime.settings import SsoSettings

TIMEOUT_S: Final = 5.0
KEPT_S: Final = 3_600.0
"""The provider's description and keys are believed so long; an unknown key has them asked for anew."""
AGAIN_S: Final = 30.0
"""No more often, whatever tokens come."""
MOST_BYTES: Final = 256 * 1024
_token: Final = msgspec.json.Decoder(dict[str, Any])


def client() -> httpx2.AsyncClient:
    """Return what asks: no proxy of the environment, no redirect to elsewhere."""
    return httpx2.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)


class Vouching:
    """One provider.

    Args:
        settings: which.
        asks: the HTTP client.
    """

    def __init__(self, settings: SsoSettings, asks: httpx2.AsyncClient) -> None:
        self.name = settings.name
        self.issuer = settings.issuer
        self._settings = settings
        self._asks = asks
        self._known: tuple[Provider, dict[str, Any], float] | None = None

    async def url(self, flow: Flow, redirect_uri: str) -> str:
        """Return where the browser is sent.

        Raises:
            SsoDownError: the provider cannot be asked.
        """
        provider, _ = await self._provider(KEPT_S)
        return authorize_url(provider, self._settings.client_id, redirect_uri, flow)

    async def subject(self, flow: Flow, redirect_uri: str, code: str, now_ms: int) -> str:
        """Return whom the provider vouches for.

        Raises:
            SsoError: its answer is not believed.
            SsoDownError: it cannot be asked.
        """
        provider, keys = await self._provider(KEPT_S)
        form = token_form(self._settings.client_id, redirect_uri, flow, code)
        secret = (self._settings.client_id, self._settings.client_secret)
        answer = await self._ask("POST", provider.token_endpoint, data=form, auth=secret)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SsoError("The provider gave no token for the code.")
        try:
            return subject_of(token, keys, self.issuer, self._settings.client_id, flow, now_ms)
        except SsoError:
            # A provider may have changed its keys a moment ago.
            _, fresh = await self._provider(AGAIN_S)
            if fresh == keys:
                raise
            return subject_of(token, fresh, self.issuer, self._settings.client_id, flow, now_ms)

    async def _provider(self, kept_s: float) -> tuple[Provider, dict[str, Any]]:
        now_s = asyncio.get_running_loop().time()
        if self._known is None or now_s - self._known[2] > kept_s:
            document = await self._ask("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            try:
                provider = provider_of(self.issuer, document)
            except SsoError as error:
                raise SsoDownError from error
            self._known = provider, await self._ask("GET", provider.jwks_uri), now_s
        return self._known[0], self._known[1]

    async def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        """Return a JSON object; what the provider refuses (4xx) is an empty one."""
        try:
            answer = await self._asks.request(method, url, **more)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise SsoDownError from error
        if method == "POST" and answer.is_client_error:
            return {}
        if not answer.is_success or len(answer.content) > MOST_BYTES:
            raise SsoDownError
        try:
            return _token.decode(answer.content)
        except msgspec.MsgspecError as error:
            raise SsoDownError from error
