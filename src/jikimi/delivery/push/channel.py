"""Web Push as a channel."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

import httpx2
import msgspec

from jikimi.delivery.answers import verdict_of
from jikimi.delivery.message import Answer, Message, Verdict
from jikimi.delivery.push.encrypt import TEXT_BYTES, encrypt
from jikimi.delivery.push.vapid import Vapid, base64url, from_base64url

MOST_TTL_S: Final = 60


class Keys(msgspec.Struct, frozen=True):
    """What a browser gave us to encrypt to it."""

    p256dh: str
    auth: str


class Subscription(msgspec.Struct, frozen=True):
    """A browser's ``PushSubscription`` as JSON, which is the address of this channel."""

    endpoint: str
    keys: Keys


_subscription = msgspec.json.Decoder(Subscription).decode


class WebPush:
    """Hands messages to the push services that browsers chose.

    A push service is a third party: only the hosts that the operator named are ever called, so that an address made up by
    somebody cannot make the server call another machine. It sees the time, the size and the receiver; the text is encrypted.

    Args:
        client: an HTTP client with its time limits set.
        vapid: signs the requests.
        hosts: the push services allowed, by host name.
    """

    name = "web_push"
    is_idempotent = True

    def __init__(self, client: httpx2.AsyncClient, vapid: Vapid, hosts: Collection[str]) -> None:
        self._client = client
        self._vapid = vapid
        self._hosts = frozenset(hosts)

    async def hand(self, message: Message, now_ms: int) -> Answer:
        """Encrypt a message and hand it to its push service."""
        try:
            subscription = _subscription(message.address)
            if urlsplit(subscription.endpoint).netloc not in self._hosts:
                return Answer(Verdict.REFUSED, why="host_not_allowed")
            body = encrypt(body_of(message), from_base64url(subscription.keys.p256dh), from_base64url(subscription.keys.auth))
        except (msgspec.DecodeError, ValueError):
            return Answer(Verdict.REFUSED, why="address_unreadable", is_gone=True)
        try:
            response = await self._client.post(subscription.endpoint, content=body, headers=self._headers(subscription, message, now_ms))
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return verdict_of(error)
        return _answer(response)

    async def close(self) -> None:
        """Close the client."""
        await self._client.aclose()

    def _headers(self, subscription: Subscription, message: Message, now_ms: int) -> dict[str, str]:
        return {
            "Authorization": self._vapid.authorization(subscription.endpoint, now_ms),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            # The service drops it after this time (RFC 8030 section 5.2); rounded down, so that it never outlives the notice.
            "TTL": str(max(0, min(MOST_TTL_S, (message.until_ms - now_ms) // 1000))),
            "Urgency": "high" if message.urgent else "normal",
            "Topic": topic_of(message.topic),
        }


def topic_of(topic: str) -> str:
    """Return 32 characters that stand for a topic (RFC 8030 section 5.4 allows no more) and tell a push service nothing."""
    return base64url(hashlib.sha256(topic.encode()).digest()[:24])


def body_of(message: Message) -> bytes:
    """Return what the page's service worker gets: it shows it under ``tag``, so that a repetition replaces and never doubles."""
    fields: dict[str, object] = {
        "key": message.key,
        "tag": topic_of(message.topic),
        "title": message.title,
        "text": message.text,
        "lang": message.language,
        "urgent": message.urgent,
        "until_ms": message.until_ms,
        "drill": message.is_drill,
        "ends": message.ends,
        "replaces": message.update_of,
    }
    body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) <= TEXT_BYTES:
        return body
    # A long text is read on the page; the alarm itself must not fail for it.
    return json.dumps({**fields, "text": ""}, ensure_ascii=False, separators=(",", ":")).encode()


def _answer(response: httpx2.Response) -> Answer:
    if response.status_code in {200, 201, 202}:
        return Answer(Verdict.ACCEPTED, reference=None)
    if response.status_code in {404, 410}:  # RFC 8030 section 7.3: the subscription has ended
        return Answer(Verdict.REFUSED, why="gone", is_gone=True)
    return verdict_of(response)
