"""A Traccar server in front: its position forwarding as JSON (``forward.type = json``).

Source: Traccar's ``PositionData``, ``Position``, ``Network`` and ``Device`` models. Their numbers are Java primitives, which
cannot say "unknown" but by zero: an accuracy of 0 is unknown, and so are a speed and a course that are both 0.
"""

from __future__ import annotations

from typing import Final

import msgspec

from jikimi.ingest.credentials import Claim, bearer
from jikimi.ingest.ports import Decoded, DecodeError, Receipt, Request
from jikimi.ingest.protocols.alarms import alarm_events
from jikimi.ingest.protocols.reading import (
    ABSENT,
    KNOT_MPS,
    Item,
    alone,
    build_fix,
    derived_event,
    iso_ms,
    json_of,
    loose,
    only,
    scaled,
    told,
    unless_zero,
)
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix, Source

_SHAPE: Final = 'a JSON object with "position" and "device"'


class _Network(msgspec.Struct, rename="camel"):
    wifi_access_points: list[msgspec.Raw] | None = None


class _Attributes(msgspec.Struct, rename="camel"):
    alarm: object = None
    battery_level: object = None
    sat: object = None
    approximate: object = None


class _Position(msgspec.Struct, rename="camel"):
    fix_time: str | None = None
    valid: object = None
    latitude: float | None = None
    longitude: float | None = None
    altitude: object = None
    speed: object = None
    course: object = None
    accuracy: object = None
    network: msgspec.Raw = ABSENT


class _Remarks(msgspec.Struct, rename="camel"):
    """What is beside the position, read apart from it: a position that cannot be read must not cost an alarm."""

    device_time: object = None
    outdated: object = None
    attributes: msgspec.Raw = ABSENT


class _Device(msgspec.Struct, rename="camel"):
    unique_id: str


class _Forward(msgspec.Struct):
    position: msgspec.Raw
    device: _Device


_forward = msgspec.json.Decoder(_Forward)
_position = msgspec.json.Decoder(_Position)
_remarks = msgspec.json.Decoder(_Remarks)
_attributes = msgspec.json.Decoder(_Attributes)
_network = msgspec.json.Decoder(_Network)


def decode(request: Request) -> Decoded:
    """Return what one forwarded position holds, with the name under which the gateway knows the device.

    Raises:
        DecodeError: the body cannot be read, or its position cannot and nothing else is in it.
    """
    forward = json_of(_forward, request.body, _SHAPE)
    if not forward.device.unique_id:
        raise DecodeError('"uniqueId" of the device is empty.')
    decoded = only(_read(forward.position))
    return msgspec.structs.replace(decoded, device_name=forward.device.unique_id)


def _read(data: msgspec.Raw) -> Item:
    remarks = json_of(_remarks, data, 'an object as "position"')
    attributes = told(_attributes, remarks.attributes) or _Attributes()
    device_ms = _device_ms(remarks.device_time)
    events = _alarms(attributes, device_ms)
    if remarks.outdated is True:
        alive = derived_event(EventKind.ALIVE, device_ms, "outdated", loose(attributes.battery_level))
        return Item(events=(*events, alive))
    try:
        return Item(fixes=(_fix(json_of(_position, data, "a position"), attributes),), events=events)
    except DecodeError as error:
        return alone(events, error)


def _fix(position: _Position, attributes: _Attributes) -> Fix:
    if position.fix_time is None:
        raise DecodeError('"fixTime" is missing.')
    if position.latitude is None or position.longitude is None:
        raise DecodeError('"latitude" and "longitude" are required.')
    speed, course, altitude = loose(position.speed), loose(position.course), loose(position.altitude)
    untold = speed in {None, 0} and course in {None, 0}
    return build_fix(
        iso_ms(position.fix_time, "fixTime"),
        position.latitude,
        position.longitude,
        error_m=unless_zero(loose(position.accuracy)),
        source=_source(attributes, told(_network, position.network)),
        speed_mps=None if untold else scaled(speed, KNOT_MPS),
        course_deg=None if untold else course,
        altitude_m=None if altitude == 0 else altitude,
        battery_pct=loose(attributes.battery_level),
        valid=position.valid if isinstance(position.valid, bool) else None,
    )


def _source(attributes: _Attributes, network: _Network | None) -> Source:
    """Say what the position came from: "approximate" is one looked up by Wi-Fi or cell, satellites in use mean GNSS."""
    if attributes.approximate is True:
        return Source.WIFI if network is not None and network.wifi_access_points else Source.CELL
    satellites = loose(attributes.sat)
    return Source.GNSS if satellites is not None and satellites > 0 else Source.UNKNOWN


def _alarms(attributes: _Attributes, time_ms: int | None) -> tuple[DeviceEvent, ...]:
    alarm = attributes.alarm
    if alarm is None or alarm is False:
        return ()
    return alarm_events(alarm if isinstance(alarm, str) else "general", time_ms, loose(attributes.battery_level))


def _device_ms(value: object) -> int | None:
    try:
        return iso_ms(value, "deviceTime") if isinstance(value, str) else None
    except DecodeError:
        return None


def claim(request: Request) -> Claim | None:
    """Return how the gateway proves itself: a bearer token, set in ``forward.header``."""
    return bearer(request.headers)


def answer(receipt: Receipt, decoded: Decoded) -> bytes:  # noqa: ARG001 - one shape for every protocol
    """Return nothing: Traccar looks at the status alone."""
    return b""
