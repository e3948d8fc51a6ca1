"""What ingest hands on, and to whom."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Protocol

import msgspec

from jikimi.model.event import DeviceEvent
from jikimi.model.fix import Fix
from jikimi.model.order import Device
from jikimi.model.storing import NotStoredError


class DecodeError(Exception):
    """The payload as a whole cannot be read. Its text is one sentence for whoever built the sender; no positions."""


class Request(msgspec.Struct, frozen=True):
    """An HTTP request as a decoder sees it: bytes only. Header names are lower case."""

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    body: bytes


class Refusal(msgspec.Struct, frozen=True):
    """One item of a batch that cannot be read: its place (from 0) and a sentence."""

    index: int
    reason: str


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """What one request held. ``device_name`` is set where a gateway speaks for another device."""

    fixes: tuple[Fix, ...] = ()
    events: tuple[DeviceEvent, ...] = ()
    refused: tuple[Refusal, ...] = ()
    device_name: str | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a ``Decoded``, once durable. ``repeated`` were known already and are safe.

    ``interval_s`` asks the device to report so often from now on; None leaves it as it is.
    """

    accepted: int
    repeated: int
    interval_s: float | None = None


class Directory(Protocol):
    """Which devices exist. In memory."""

    def find(self, device_id: str) -> Device | None: ...
    def behind(self, gateway_id: str, name: str) -> Device | None: ...


class Intake(Protocol):
    """Takes decoded input in; the awaitable ends when it is durable.

    Raises (from the awaitable):
        IntakeFailedError: it could not be stored. The device must be told to send again.
    """

    def offer(self, device: Device, decoded: Decoded) -> Awaitable[Receipt]: ...
    def security(self, kind: str, device_id: str | None, protocol: str) -> None: ...
    def busy(self) -> bool:
        """True when the queue is so long that a device should be told to come back (503, Retry-After)."""
        ...


class IntakeFailedError(NotStoredError):
    """What was offered could not be stored."""
