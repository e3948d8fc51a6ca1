"""OwnTracks over HTTP: one JSON object a request, told apart by its ``_type``.

Source: the OwnTracks Booklet, pages "JSON", "HTTP" and "Payload encryption" (libsodium ``crypto_secretbox``).
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

import msgspec
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from jikimi.ingest.credentials import Claim, basic
from jikimi.ingest.ports import Decoded, DecodeError, Receipt, Request
from jikimi.ingest.protocols.reading import (
    ABSENT,
    KMH_MPS,
    Item,
    SealError,
    alone,
    build_fix,
    derived_event,
    json_of,
    loose,
    loose_text,
    only,
    scaled,
    seconds_ms,
    told,
    unless_zero,
)
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix, Source

_SHAPE: Final = 'a JSON object with "_type"'


class _Message(msgspec.Struct, rename={"type": "_type"}):
    """Every element any of the types uses here; absent is unknown and never zero."""

    type: str
    data: str | None = None
    lat: float | None = None
    lon: float | None = None
    tst: float | None = None
    created_at: object = None
    acc: object = None
    alt: object = None
    batt: object = None
    cog: object = None
    vel: object = None
    source: object = None
    t: object = None
    event: object = None
    desc: object = None
    wtst: object = None
    ios: msgspec.Raw = msgspec.field(default=ABSENT, name="iOS")


class _IosStatus(msgspec.Struct):
    permission: str | None = msgspec.field(default=None, name="locationManagerAuthorizationStatus")


_message = msgspec.json.Decoder(_Message)
_ios_status = msgspec.json.Decoder(_IosStatus)

_SOURCES: Final = {"gps": Source.GNSS, "fused": Source.FUSED}

_TRIGGERS: Final = {
    "1": EventKind.ONLINE,  # Queclink: powered up
    "f": EventKind.ONLINE,  # Greenwich: first report after a restart
    "L": EventKind.OFFLINE,  # Greenwich: last position before a shutdown
    "9": EventKind.BATTERY_LOW,  # Queclink
    "3": EventKind.CHARGING,  # Queclink: began to charge
}
"""Triggers of hardware trackers that say more than why a position was sent."""

_LAST_KNOWN: Final = "l"  # Greenwich: the last known position, after the receiver lost its fix
_PING: Final = "p"

_NO_PERMISSION: Final = frozenset(f"kCLAuthorizationStatus{word}" for word in ("Denied", "Restricted", "NotDetermined"))


def unseal(body: bytes, key: bytes | None) -> bytes:
    """Return the JSON inside an encrypted payload, or the body as it is when it is not encrypted.

    The apps encrypt with ``crypto_secretbox`` under the key as typed, cut to 32 bytes or filled with zeros to 32; ``data``
    is base64 of the nonce (24 bytes) and the box.

    Args:
        body: a request's body.
        key: the device's secret, or None when it has none.

    Raises:
        SealError: it is encrypted and does not open.
        DecodeError: it is not a message at all.
    """
    message = json_of(_message, body, _SHAPE)
    if message.type != "encrypted":
        return body
    if key is None:
        raise SealError("The payload is encrypted, but no encryption key is on record for this device.")
    try:
        sealed = base64.b64decode(message.data or "", validate=True)
        return SecretBox(key[:32].ljust(32, b"\0")).decrypt(sealed)
    except (binascii.Error, ValueError, CryptoError):
        raise SealError("The encrypted payload does not open with this device's encryption key.") from None


def decode(request: Request) -> Decoded:
    """Return what one message holds.

    Raises:
        DecodeError: it is no message, or a location or transition without a right time or position.
    """
    message = json_of(_message, request.body, _SHAPE)
    read = _READERS.get(message.type, _other)
    return only(read(message))


def _location(message: _Message) -> Item:
    fix = _fix(message, valid=_valid(message))
    return Item(fixes=(fix,), events=_trigger_events(message, fix.fix_time_ms))


def _fix(message: _Message, *, valid: bool | None) -> Fix:
    time_ms = _time_ms(message.tst)
    if time_ms is None:
        raise DecodeError('"tst" is missing.')
    if message.lat is None or message.lon is None:
        raise DecodeError('"lat" and "lon" are required.')
    return build_fix(
        time_ms,
        message.lat,
        message.lon,
        error_m=unless_zero(loose(message.acc)),
        source=_SOURCES.get(loose_text(message.source) or "", Source.UNKNOWN),
        speed_mps=scaled(loose(message.vel), KMH_MPS),
        course_deg=loose(message.cog),
        altitude_m=loose(message.alt),
        battery_pct=loose(message.batt),
        valid=valid,
    )


def _valid(message: _Message) -> bool | None:
    """Return False for a position that is older than its time says.

    A ping carries the present time "so that it doesn't look like a duplicate", with a position from before. Only when
    ``created_at`` is given and differs is ``tst`` the time of the fix.
    """
    if message.t == _LAST_KNOWN:
        return False
    created = loose(message.created_at)
    if message.t == _PING and (created is None or message.tst is None or created <= message.tst):
        return False
    return None


def _trigger_events(message: _Message, time_ms: int) -> tuple[DeviceEvent, ...]:
    if message.t == _PING:
        return (derived_event(EventKind.ALIVE, time_ms, "ping", loose(message.batt)),)
    trigger = loose_text(message.t) or ""
    kind = _TRIGGERS.get(trigger)
    return () if kind is None else (derived_event(kind, time_ms, trigger, loose(message.batt)),)


def _transition(message: _Message) -> Item:
    """Read an entry or exit; its position is a fix where it has one."""
    kind = {"enter": EventKind.REGION_ENTER, "leave": EventKind.REGION_LEAVE}.get(loose_text(message.event) or "")
    if kind is None:
        raise DecodeError('"event" of a transition must be "enter" or "leave".')
    event = derived_event(kind, _time_ms(message.tst), loose_text(message.desc), loose(message.batt), mark=loose(message.wtst))
    if message.lat is None and message.lon is None:
        return Item(events=(event,))
    try:
        return Item(fixes=(_fix(message, valid=None),), events=(event,))
    except DecodeError as error:
        return alone((event,), error)


def _lwt(message: _Message) -> Item:
    """Read a last will. Its ``tst`` is when the app first connected, so the time of the loss is unknown."""
    return Item(events=(derived_event(EventKind.OFFLINE, None, "lwt", mark=message.tst),))


def _status(message: _Message) -> Item:
    """Read iOS's status; without leave to locate, the phone will fall silent."""
    ios = told(_ios_status, message.ios)
    kind = EventKind.PERMISSION_LOST if ios is not None and ios.permission in _NO_PERMISSION else EventKind.ALIVE
    return Item(events=(derived_event(kind, _time_ms(message.tst), "status", loose(message.batt)),))


def _other(message: _Message) -> Item:
    """Anything else the apps send (waypoints, steps, cards): the phone was heard, nothing of the content is kept."""
    return Item(events=(derived_event(EventKind.ALIVE, _time_ms(message.tst), message.type),))


def _encrypted(_: _Message) -> Item:
    raise DecodeError("The payload is still encrypted.")


def _time_ms(tst: float | None) -> int | None:
    return None if tst is None else seconds_ms(tst)


_READERS: Final = {"location": _location, "transition": _transition, "lwt": _lwt, "status": _status, "encrypted": _encrypted}


def claim(request: Request) -> Claim | None:
    """Return how the sender proves itself: HTTP Basic, the user being the device."""
    return basic(request.headers)


def answer(receipt: Receipt, decoded: Decoded) -> bytes:  # noqa: ARG001 - one shape for every protocol
    """Return a list of messages for the app; it takes any 2xx as delivery.

    The list is empty, or holds a remote configuration: move mode, and the interval under both names (Booklet, "JSON",
    ``_type=cmd`` and ``_type=configuration``: Android reads ``moveModeLocatorInterval`` in that mode, iOS ``locatorInterval``).
    An app that does not allow remote commands passes it over.
    """
    interval_s = receipt.interval_s
    return b"[]" if interval_s is None else msgspec.json.encode([_interval_command(round(interval_s))])


def _interval_command(interval_s: int) -> dict[str, object]:
    settings = {"_type": "configuration", "monitoring": 2, "locatorInterval": interval_s, "moveModeLocatorInterval": interval_s}
    return {"_type": "cmd", "action": "setConfiguration", "configuration": settings}
