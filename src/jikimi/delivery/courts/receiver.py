"""A court's own HTTP receiver: a signed POST of the package, answered with the court's number.

The request is signed as webhooks are (Standard Webhooks 1.0.0); ``webhook-id`` is the package's hash, by which a receiver counts a
repetition once. The answer is 200 or 202 with ``{"number": "…"}``. docs/petitions.md is the page for whoever builds one.
"""

from __future__ import annotations

import contextlib

import httpx2
import msgspec

from jikimi.delivery.endpoint import Endpoint
from jikimi.delivery.signing import secret_bytes, signed_headers
from jikimi.petitions.package import Package
from jikimi.petitions.ports import Handed, NotHandedError

_TAKEN = frozenset({200, 201, 202})
_MOST_BYTES = 4096


class _Receipt(msgspec.Struct):
    number: str


class Receiver:
    """Posts packages to one court."""

    def __init__(self, client: httpx2.AsyncClient, endpoint: Endpoint) -> None:
        self._client = client
        self._endpoint = endpoint

    async def hand(self, package: Package, now_ms: int) -> Handed:
        """Post one package."""
        headers = signed_headers(secret_bytes(self._endpoint.secret), package.sha256, now_ms // 1000, package.body)
        described = {"content-type": "application/age", "jikimi-package": package.name}
        try:
            response = await self._client.post(self._endpoint.url, content=package.body, headers=headers | described)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise NotHandedError("The court's receiver cannot be reached, or did not answer. Try again: it is counted once.") from None
        if response.status_code not in _TAKEN:
            raise NotHandedError("The court's receiver did not take the petition. Nothing was filed.")
        return Handed(now_ms, _number(response))

    async def close(self) -> None:
        """Close the client."""
        await self._client.aclose()


def _number(response: httpx2.Response) -> str:
    with contextlib.suppress(msgspec.DecodeError, msgspec.ValidationError):
        if len(response.content) <= _MOST_BYTES:
            return msgspec.json.decode(response.content, type=_Receipt).number
    raise NotHandedError("The court's receiver took something, and gave no number. Ask the court before you try again.")
