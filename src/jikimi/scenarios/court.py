"""A court's own receiver, played: takes packages, checks who sent them, opens them with its key, and gives each a number once.

It is what docs/petitions.md asks of whoever builds one, in a page of code; tests run the whole way with it.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import msgspec

from jikimi.delivery.signing import is_signed, secret_bytes
from jikimi.petitions.package import Opened, PackageError, opened


class Court:
    """An ASGI app.

    Args:
        secret: shared with Jikimi, ``whsec_…``.
        key: the court's secret key, ``AGE-SECRET-KEY-1…``.
    """

    def __init__(self, secret: str, key: str) -> None:
        self._secret = secret_bytes(secret)
        self._key = key
        self._numbers: dict[str, str] = {}
        self.inbox: dict[str, Opened] = {}
        """Every petition received, by the court's number."""

    async def __call__(self, scope: Mapping[str, Any], receive: Callable[[], Awaitable[MutableMapping[str, Any]]], send: Any) -> None:
        """Take one package."""
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        status, told = self._taken(headers, body)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": msgspec.json.encode(told)})

    def _taken(self, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str]]:
        if not is_signed(self._secret, headers, body, int(time.time())):
            return 401, {"error": "not signed by us"}
        key = headers["webhook-id"]
        if key not in self._numbers:
            try:
                found = opened(body, self._key)
            except PackageError as error:
                return 422, {"error": str(error)}
            self._numbers[key] = f"{found.papers.open.day.year}-{len(self._numbers) + 1}"
            self.inbox[self._numbers[key]] = found
        return 202, {"number": self._numbers[key]}
