"""Notices on her phone: where they may be pushed to, and what became of them there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Any, Final, Literal, Protocol
from urllib.parse import urlsplit

import msgspec
from litestar import Request, delete, post
from litestar.di import NamedDependency

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.session import Signed
from jikimi.delivery.message import Receipt, Step
from jikimi.delivery.push.channel import Subscription
from jikimi.ingest.limits import Meter

CHANNEL: Final = "web_push"
MAX_ENDPOINT: Final = 2_000
_encode = msgspec.json.Encoder().encode


class Addresses(Protocol):
    """Where recipients of notices are reached; called in a thread."""

    def put(self, recipient_id: str, channel: str, address: str) -> None:
        """Keep an address; it takes the place of the one before on this channel."""
        ...

    def drop(self, recipient_id: str, channel: str) -> None:
        """Forget it."""
        ...

    def of(self, recipient_id: str) -> dict[str, str]:
        """Return what is kept of a recipient, by channel; her language among it."""
        ...


class ReceiptBody(msgspec.Struct, frozen=True):
    """How far a notice came on a device."""

    key: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16,64}$")]
    step: Literal["delivered", "shown", "seen"]


class PushDesk:
    """Keeps subscriptions and takes receipts.

    Args:
        addresses: where they are kept.
        receive: takes receipts: the outbox's runner.
        now_ms: the clock.
        public_key: what a page needs to subscribe (RFC 8292, base64url); None while Web Push is not set up.
        hosts: the push services that may be called.
        test: sends a test to somebody's handset.
    """

    def __init__(
        self,
        addresses: Addresses,
        receive: Callable[[Receipt], None],
        now_ms: Callable[[], int],
        public_key: str | None = None,
        hosts: Collection[str] = (),
        test: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self.addresses = addresses
        self.public_key = public_key
        self._receive = receive
        self._now_ms = now_ms
        self._hosts = frozenset(hosts)
        self._send_test = test
        self._meter = Meter(0.1, 3)

    def admit(self, subscription: Subscription) -> None:
        """Pass a subscription that may be used.

        Raises:
            RefusedError: Web Push is not set up, or its service is none of those allowed.
        """
        if self.public_key is None:
            raise RefusedError(409, "push_off", "This server sends no push notices.")
        if urlsplit(subscription.endpoint).netloc not in self._hosts or len(subscription.endpoint) > MAX_ENDPOINT:
            raise RefusedError(400, "push_service_unknown", "This server does not send to that push service.")

    async def test(self, person_id: str) -> None:
        """Push a test to her handset now.

        Raises:
            RefusedError: Web Push is not set up, or she asked too often.
        """
        if self._send_test is None or self.public_key is None:
            raise RefusedError(409, "push_off", "This server sends no push notices.")
        if not self._meter.allow(person_id, self._now_ms()):
            raise RefusedError(429, "too_often", "A test has just been sent.", retry_after_s=self._meter.wait_s(person_id, self._now_ms()))
        await self._send_test(person_id)

    def receipt(self, body: ReceiptBody, person_id: str) -> None:
        """Take word of a notice from her device; of a notice to somebody else it says nothing."""
        self._receive(Receipt(key=body.key, step=Step(body.step), at_ms=self._now_ms(), from_device=True, by=person_id))


_subscription = msgspec.json.Decoder(Subscription)
_receipt = msgspec.json.Decoder(ReceiptBody)


@post("/api/push", status_code=204)
async def subscribe(request: Request[Any, Any, Any], signed: NamedDependency[Signed], push: NamedDependency[PushDesk]) -> None:
    """Push notices to this browser from now on, and to no other of hers."""
    asked = await read_as(request, _subscription, 'a PushSubscription as JSON: "endpoint" and "keys" with "p256dh" and "auth"')
    push.admit(asked)
    await asyncio.to_thread(push.addresses.put, signed.subject, CHANNEL, _encode(asked).decode())


@delete("/api/push", status_code=204)
async def unsubscribe(signed: NamedDependency[Signed], push: NamedDependency[PushDesk]) -> None:
    """Push nothing to her any more."""
    await asyncio.to_thread(push.addresses.drop, signed.subject, CHANNEL)


@post("/api/push/test", status_code=202)
async def test_push(signed: NamedDependency[Signed], push: NamedDependency[PushDesk]) -> None:
    """Push a test notice to this phone: whether it comes is what she wants to know."""
    await push.test(signed.subject)


@post("/api/receipts", status_code=204)
async def receipts(request: Request[Any, Any, Any], signed: NamedDependency[Signed], push: NamedDependency[PushDesk]) -> None:
    """Take word of how far a notice came. The same word again changes nothing."""
    push.receipt(await read_as(request, _receipt, 'a JSON object with "key" and "step": delivered, shown or seen'), signed.subject)
