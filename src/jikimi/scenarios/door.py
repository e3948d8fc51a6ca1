"""The devices' door as a patient client: it asks again until the server has said that it holds the fixes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final, Protocol

import httpx2
import msgspec

from jikimi.model.fix import Fix, Source

FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 10.0
COME_BACK: Final = frozenset({408, 429, 500, 502, 503, 504})
"""Answers that mean "not now"."""


class Clock(Protocol):
    """Wall time. Tests give one of their own."""

    def now_ms(self) -> int: ...  # noqa: D102 - the class says it
    async def sleep(self, seconds: float) -> None: ...  # noqa: D102


class WallClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Return whole milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class RefusedError(Exception):
    """The server refused a whole request for good; sending it again would not help."""


class Refused(msgspec.Struct, frozen=True):
    """One fix that the server refused, by its place in the request."""

    index: int
    reason: str


class Answer(msgspec.Struct, frozen=True):
    """What the server did with a request, once durable."""

    accepted: int
    repeated: int = 0
    refused: tuple[Refused, ...] = ()


class Tally:
    """What became of everything sent."""

    def __init__(self) -> None:
        self.accepted = 0
        self.repeated = 0
        self.retried = 0
        self.refused: dict[str, int] = {}
        """How many fixes the server refused, by its reason."""

    def add(self, answer: Answer) -> None:
        """Count an answer."""
        self.accepted += answer.accepted
        self.repeated += answer.repeated
        for refused in answer.refused:
            self.refused[refused.reason] = self.refused.get(refused.reason, 0) + 1

    def __str__(self) -> str:
        reasons = "".join(f"; refused {count}: {reason}" for reason, count in self.refused.items())
        return f"{self.accepted} fixes accepted, {self.repeated} repeated, {self.retried} requests sent again{reasons}"


class Door:
    """``POST /v1/fixes`` with a bearer credential."""

    def __init__(self, client: httpx2.AsyncClient, url: str, clock: Clock, tally: Tally) -> None:
        """Take the server's address without a path (``http://127.0.0.1:8080``)."""
        self._client = client
        self._url = url.rstrip("/") + "/v1/fixes"
        self._clock = clock
        self._tally = tally

    async def deliver(self, credential: str, fixes: Sequence[Fix]) -> Answer:
        """Send fixes of one device until the server acknowledges them.

        Args:
            credential: ``<device>.<secret>``.
            fixes: of that device, oldest first.

        Raises:
            RefusedError: the server will not have them (wrong secret, unknown device, unreadable).
        """
        body = encode(fixes)
        headers = {"Authorization": f"Bearer {credential}", "Content-Type": "application/json"}
        pause_s = FIRST_PAUSE_S
        while (answer := await self._try(body, headers)) is None or isinstance(answer, float):
            self._tally.retried += 1
            await self._clock.sleep(pause_s if answer is None else answer)
            pause_s = min(pause_s * 2.0, LONGEST_PAUSE_S)
        self._tally.add(answer)
        return answer

    async def _try(self, body: bytes, headers: dict[str, str]) -> Answer | float | None:
        """Return the answer; else the seconds after which the server wants to be asked again, or None where it said none."""
        try:
            response = await self._client.post(self._url, content=body, headers=headers)
        except httpx2.TransportError:
            return None
        if response.status_code in COME_BACK:
            return retry_after_s(response.headers.get("Retry-After"))
        if response.status_code != 200:
            msg = f"The server refused a request with status {response.status_code}."
            raise RefusedError(msg)
        try:
            return msgspec.json.decode(response.content, type=Answer)
        except msgspec.DecodeError:
            msg = "The server's answer cannot be read; is this address the devices' door?"
            raise RefusedError(msg) from None


def retry_after_s(header: str | None) -> float | None:
    """Return the seconds of a ``Retry-After`` header (RFC 9110, section 10.2.3), at most a minute; dates are passed over."""
    if header is None or not (header.isascii() and header.isdigit()):
        return None
    return min(float(header[:9]), 60.0)


def encode(fixes: Sequence[Fix]) -> bytes:
    """Return the native JSON body; what is unknown is left out."""
    return msgspec.json.encode({"fixes": [_plain(fix) for fix in fixes]})


def _plain(fix: Fix) -> dict[str, object]:
    plain: dict[str, object] = {"id": fix.fix_id, "time": fix.fix_time_ms, "lat": fix.latitude, "lon": fix.longitude}
    if fix.source is not Source.UNKNOWN:
        plain["source"] = fix.source.value
    for name in ("error_m", "speed_mps", "course_deg", "altitude_m", "battery_pct", "valid"):
        value = getattr(fix, name)
        if value is not None:
            plain[name] = value
    return plain
