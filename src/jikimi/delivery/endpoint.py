"""Machines that we post to: who they are and the secret we share. Set by the operator, never by a request."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2
import msgspec

from jikimi.delivery.answers import verdict_of
from jikimi.delivery.message import Answer, Verdict
from jikimi.delivery.signing import secret_bytes, signed_headers

_ID_BYTES = 4096


class Endpoint(msgspec.Struct, frozen=True):
    """One receiver. A message's address is its name in the settings, so that no address can point elsewhere."""

    url: str
    secret: str

    def __post_init__(self) -> None:
        """Refuse what cannot be kept secret or signed."""
        if not self.url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("An endpoint's address begins with https://.")
        secret_bytes(self.secret)


class Poster:
    """Posts signed requests to the endpoints that the settings name."""

    def __init__(self, client: httpx2.AsyncClient, endpoints: Mapping[str, Endpoint]) -> None:
        self._client = client
        self._endpoints = dict(endpoints)

    async def post(self, name: str, key: str, body: bytes, content_type: str, now_ms: int) -> Answer:
        """Post a body once; the same ``key`` may come again."""
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            return Answer(Verdict.REFUSED, why="address_unknown", is_gone=True)
        headers = signed_headers(secret_bytes(endpoint.secret), key, now_ms // 1000, body)
        try:
            response = await self._client.post(endpoint.url, content=body, headers={**headers, "content-type": content_type})
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return verdict_of(error)
        answer = verdict_of(response)
        return Answer(answer.verdict, _reference(response), answer.why, answer.is_fault, answer.is_gone)

    async def close(self) -> None:
        """Close the client."""
        await self._client.aclose()


class _Told(msgspec.Struct):
    id: str | None = None


def _reference(response: httpx2.Response) -> str | None:
    """Return the receiver's name for the message, if it told one: ``{"id": "…"}``."""
    if len(response.content) > _ID_BYTES:
        return None
    try:
        return msgspec.json.decode(response.content, type=_Told).id
    except msgspec.DecodeError:
        return None
