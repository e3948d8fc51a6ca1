"""Which channels an operator set up. With no settings there is the live stream and nothing else: no third party by default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from jikimi.delivery.client import http_client
from jikimi.delivery.endpoint import Endpoint, Poster
from jikimi.delivery.mail import Mail, Relay
from jikimi.delivery.message import Message, Receipt
from jikimi.delivery.ports import Channel
from jikimi.delivery.push.channel import WebPush
from jikimi.delivery.push.vapid import Vapid, from_base64url
from jikimi.delivery.rules import DeliveryRules
from jikimi.delivery.smpp.channel import SmppSms
from jikimi.delivery.smpp.session import Centre
from jikimi.delivery.sms_gateway import GATEWAY, SmsGateway
from jikimi.delivery.stream import LiveStream, Screens
from jikimi.delivery.voice import BRIDGE, Voice
from jikimi.delivery.webhook import Webhook

_KEY_BYTES: Final = 32


class Push(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Web Push: the private key (P-256, 32 bytes in base64url), a ``mailto:`` or ``https:`` contact, and the services allowed."""

    key: str
    contact: str
    hosts: tuple[str, ...]


class DeliverySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not there is off.

    ``endpoints`` by name: ``sms`` and ``voice`` are bridges, every other one takes webhooks. ``source`` names this deployment in events.
    """

    push: Push | None = None
    smpp: Centre | None = None
    mail: Relay | None = None
    endpoints: dict[str, Endpoint] = {}
    source: str = "/jikimi"


def vapid_of(push: Push) -> Vapid:
    """Return the signer; its ``public`` is what a page needs to subscribe.

    Raises:
        ValueError: the key is none.
    """
    key = from_base64url(push.key)
    if len(key) != _KEY_BYTES:
        raise ValueError("The key for Web Push is 32 bytes in base64url.")
    return Vapid(ec.derive_private_key(int.from_bytes(key), ec.SECP256R1()), push.contact)


def channels_of(
    settings: DeliverySettings,
    rules: DeliveryRules,
    screens: Screens,
    receive: Callable[[Receipt], None],
    now_ms: Callable[[], int],
    attach: Callable[[Message], str] | None = None,
) -> list[Channel]:
    """Return the channels that are set up.

    Args:
        settings: the operator's.
        rules: time limits.
        screens: the open pages.
        receive: gets providers' receipts: ``Runner.receive``.
        now_ms: the clock.
        attach: makes the CAP message inside a webhook, or None for none.
    """
    channels: list[Channel] = [LiveStream(screens)]
    if settings.push is not None:
        channels.append(WebPush(http_client(rules.lane), vapid_of(settings.push), settings.push.hosts))
    if settings.smpp is not None:
        channels.append(SmppSms(settings.smpp, receive, now_ms))
    if settings.mail is not None:
        channels.append(Mail(settings.mail))
    return channels + _posting(settings, rules, attach)


def _posting(settings: DeliverySettings, rules: DeliveryRules, attach: Callable[[Message], str] | None) -> list[Channel]:
    bridges: dict[str, Callable[[Poster], Channel]] = {GATEWAY: SmsGateway, BRIDGE: Voice}
    channels = [
        make(Poster(http_client(rules.lane), {name: settings.endpoints[name]}))
        for name, make in bridges.items()
        if name in settings.endpoints
    ]
    others = {name: one for name, one in settings.endpoints.items() if name not in bridges}
    if others:
        channels.append(Webhook(Poster(http_client(rules.lane), others), settings.source, attach))
    return channels
