"""Which channels an operator set up. With no settings there is the live stream and nothing else: no third party by default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from jikimi.delivery.client import http_client
from jikimi.delivery.cot_line import MapServer
from jikimi.delivery.decision import TOLD_BY_MACHINE, DecisionPost
from jikimi.delivery.endpoint import Endpoint, Poster
from jikimi.delivery.mail import Mail, Relay
from jikimi.delivery.message import Receipt
from jikimi.delivery.ports import Channel
from jikimi.delivery.providers import FORMS
from jikimi.delivery.push.channel import WebPush
from jikimi.delivery.push.vapid import Vapid, from_base64url
from jikimi.delivery.rules import DeliveryRules
from jikimi.delivery.signing import secret_bytes
from jikimi.delivery.smpp.channel import SmppSms
from jikimi.delivery.smpp.session import Centre
from jikimi.delivery.sms_gateway import GATEWAY, SmsGateway
from jikimi.delivery.stream import LiveStream, Screens
from jikimi.delivery.voice import BRIDGE, Voice
from jikimi.delivery.webhook import Attach, Webhook

_BRIDGES: Final[dict[str, Callable[[Poster], Channel]]] = {GATEWAY: SmsGateway, BRIDGE: Voice}
_KEY_BYTES: Final = 32
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-5; SP 800-186, section 3.2.1.3)."""


class Push(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Web Push: a ``mailto:`` or ``https:`` contact, the push services allowed, and the private key where it is not our own.

    ``key``: P-256, 32 bytes in base64url; None: one made from the server's master key, the same at every start.
    """

    contact: str
    hosts: tuple[str, ...]
    key: str | None = None


class DeliverySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not there is off.

    ``endpoints`` by name: ``sms`` and ``voice`` are bridges, the secret of ``email`` signs bounces, every other
    one takes webhooks. ``decisions``: at which endpoint each authority takes notices of courts' decisions (``police = "records"``).
    ``source`` names this deployment in events.
    """

    push: Push | None = None
    smpp: Centre | None = None
    mail: Relay | None = None
    endpoints: dict[str, Endpoint] = {}
    cot: MapServer | None = None
    source: str = "/jikimi"
    decisions: dict[str, str] = {}

    def __post_init__(self) -> None:
        """Refuse to tell whom no machine may tell, or where there is no address."""
        if not self.decisions.keys() <= TOLD_BY_MACHINE:
            raise ValueError("By machine, decisions are told to police and prosecutor alone: the sides are served by an officer.")
        if not set(self.decisions.values()) <= self.agencies().keys():
            raise ValueError("Each of [delivery.decisions] names an endpoint that takes webhooks.")

    def bridges(self) -> dict[str, bytes]:
        """Return the key shared with each provider's bridge, by which its receipts are known."""
        return {name: secret_bytes(one.secret) for name, one in self.endpoints.items() if name in FORMS}

    def agencies(self) -> dict[str, bytes]:
        """Return the key shared with each receiver of webhooks, by which its answers are known as well."""
        return {name: secret_bytes(one.secret) for name, one in self.endpoints.items() if name not in FORMS}


def vapid_of(push: Push, own_key: bytes) -> Vapid:
    """Return the signer; its ``public`` is what a page needs to subscribe.

    Args:
        push: the operator's settings.
        own_key: 32 bytes of the server's, for this purpose alone.

    Raises:
        ValueError: the key in the settings is none, the contact is no address, or no service is allowed.
    """
    if not push.contact.startswith(("mailto:", "https://")):
        raise ValueError("The contact for Web Push is a mailto: or an https: address.")
    if not push.hosts:
        raise ValueError("Name the push services that Web Push may use, or leave the push settings out.")
    key = own_key if push.key is None else from_base64url(push.key)
    if len(key) != _KEY_BYTES:
        raise ValueError("The key for Web Push is 32 bytes in base64url.")
    # A private key is a number from 1 to the order of the curve less one (SEC 1, section 3.2.1).
    number = int.from_bytes(key) if push.key is not None else int.from_bytes(key) % (_ORDER - 1) + 1
    return Vapid(ec.derive_private_key(number, ec.SECP256R1()), push.contact)


def channels_of(
    settings: DeliverySettings,
    rules: DeliveryRules,
    screens: Screens,
    receive: Callable[[Receipt], None],
    now_ms: Callable[[], int],
    vapid: Vapid | None = None,
    attach: Attach | None = None,
) -> list[Channel]:
    """Return the channels that are set up.

    Args:
        settings: the operator's.
        rules: time limits.
        screens: the open pages.
        receive: gets providers' receipts: ``Runner.receive``.
        now_ms: the clock.
        vapid: signs Web Push, where that is set up.
        attach: makes what goes with the words of a webhook, or None for nothing.
    """
    channels: list[Channel] = [LiveStream(screens)]
    if settings.push is not None and vapid is not None:
        channels.append(WebPush(http_client(rules.lane), vapid, settings.push.hosts))
    if settings.smpp is not None:
        channels.append(SmppSms(settings.smpp, receive, now_ms))
    if settings.mail is not None:
        channels.append(Mail(settings.mail))
    return channels + _posting(settings, rules, attach)


def _posting(settings: DeliverySettings, rules: DeliveryRules, attach: Attach | None) -> list[Channel]:
    channels = [
        make(Poster(http_client(rules.lane), {name: settings.endpoints[name]}))
        for name, make in _BRIDGES.items()
        if name in settings.endpoints
    ]
    others = {name: one for name, one in settings.endpoints.items() if name not in FORMS}
    if others:
        channels.append(Webhook(Poster(http_client(rules.lane), others), settings.source, attach))
    if settings.decisions:
        told = {name: settings.endpoints[name] for name in settings.decisions.values()}
        channels.append(DecisionPost(Poster(http_client(rules.lane), told), settings.source))
    return channels
