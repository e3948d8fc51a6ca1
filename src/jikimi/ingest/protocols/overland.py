"""Overland for iOS and Android: a batch of GeoJSON features.

Source: README of Overland-iOS, section "API"; Core Location for the meaning of negative numbers. The app deletes a
batch from the phone once it reads ``{"result":"ok"}``, so that answer may be given only when the batch is durable.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from jikimi.ingest.credentials import Claim, bearer
from jikimi.ingest.ports import Decoded, DecodeError, Receipt, Request
from jikimi.ingest.protocols.reading import (
    ABSENT,
    Item,
    build_fix,
    check_count,
    derived_event,
    gather,
    is_there,
    iso_ms,
    json_of,
    loose,
    loose_text,
    scaled,
    unless_negative,
)
from jikimi.model.event import EventKind
from jikimi.model.fix import Fix

_SHAPE: Final = 'a JSON object with "locations", a list of GeoJSON features'


class _Batch(msgspec.Struct):
    locations: list[msgspec.Raw]
    current: msgspec.Raw = ABSENT


class _Geometry(msgspec.Struct):
    coordinates: Annotated[list[float], Meta(min_length=2)]


class _Properties(msgspec.Struct):
    timestamp: str | None = None
    altitude: object = None
    speed: object = None
    course: object = None
    horizontal_accuracy: object = None
    vertical_accuracy: object = None
    battery_level: object = None
    action: object = None
    type: object = None


class _Feature(msgspec.Struct):
    properties: _Properties
    geometry: _Geometry | None = None


_batch = msgspec.json.Decoder(_Batch)
_feature = msgspec.json.Decoder(_Feature)


def decode(request: Request) -> Decoded:
    """Return the batch; ``current``, which no batch repeats, counts as its last item.

    Raises:
        DecodeError: the body as a whole cannot be read.
        TooMuchError: it holds more than 10,000 items.
    """
    batch = json_of(_batch, request.body, _SHAPE)
    current = [batch.current] if is_there(batch.current) else []
    items = batch.locations + current
    check_count(len(items))
    return gather(items, _read)


def _read(data: msgspec.Raw) -> Item:
    feature = json_of(_feature, data, "a GeoJSON feature")
    told = feature.properties
    time_ms = None if told.timestamp is None else iso_ms(told.timestamp, "timestamp")
    word = loose_text(told.action) or loose_text(told.type)
    if told.action is not None or told.type is not None:
        return Item(events=(derived_event(EventKind.OTHER, time_ms, word, scaled(loose(told.battery_level), 100)),))
    if time_ms is None:
        raise DecodeError('"timestamp" is missing.')
    return Item(fixes=(_fix(time_ms, feature.geometry, told),))


def _fix(time_ms: int, geometry: _Geometry | None, told: _Properties) -> Fix:
    """Build the fix. A negative horizontal accuracy means an invalid position, a negative vertical one an invalid altitude."""
    if geometry is None:
        raise DecodeError('"geometry" is missing.')
    longitude, latitude = geometry.coordinates[:2]
    vertical, horizontal = loose(told.vertical_accuracy), loose(told.horizontal_accuracy)
    return build_fix(
        time_ms,
        latitude,
        longitude,
        error_m=unless_negative(horizontal),
        speed_mps=unless_negative(loose(told.speed)),
        course_deg=unless_negative(loose(told.course)),
        altitude_m=None if vertical is not None and vertical < 0 else loose(told.altitude),
        battery_pct=scaled(unless_negative(loose(told.battery_level)), 100),
        valid=False if horizontal is not None and horizontal < 0 else None,
    )


def claim(request: Request) -> Claim | None:
    """Return how the sender proves itself: the access token of its settings, sent as a bearer token."""
    return bearer(request.headers)


def answer(receipt: Receipt, decoded: Decoded) -> bytes:  # noqa: ARG001 - one shape for every protocol
    """Return what makes the app delete the batch from the phone."""
    return b'{"result":"ok"}'
