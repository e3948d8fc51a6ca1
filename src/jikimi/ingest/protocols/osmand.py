"""OsmAnd's query or form, and the JSON of Traccar Client 9 and later, at one address as Traccar has it.

Source: Traccar's page "OsmAnd" and the location template of Traccar Client. Units differ: the query's speed is in
**knots**, the JSON's in metres a second; the query's ``batt`` is per cent, the JSON's ``battery.level`` 0 to 1.
In the JSON -1 means unknown; in the query an accuracy of 0 does (clients sent it for every satellite fix).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from jikimi.ingest.credentials import Claim, bearer, token_claim
from jikimi.ingest.ports import Decoded, DecodeError, Receipt, Request
from jikimi.ingest.protocols.alarms import alarm_events
from jikimi.ingest.protocols.reading import (
    ABSENT,
    KNOT_MPS,
    Item,
    TooMuchError,
    alone,
    build_fix,
    check_count,
    derived_event,
    gather,
    is_there,
    iso_ms,
    json_of,
    loose,
    number,
    only,
    scaled,
    seconds_ms,
    told,
    unless_negative,
    unless_zero,
)
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix

MAX_FIELDS: Final = 200

_SECONDS_BELOW: Final = 2_147_483_647  # as Traccar tells seconds from milliseconds
_SHAPE: Final = 'a JSON object with "location"'


class _Coords(msgspec.Struct):
    latitude: float
    longitude: float
    accuracy: object = None
    speed: object = None
    heading: object = None
    altitude: object = None


class _Battery(msgspec.Struct):
    level: float | None = None


class _Geofence(msgspec.Struct):
    identifier: str | None = None
    action: str | None = None


class _Provider(msgspec.Struct):
    enabled: bool | None = None
    status: int | None = None


class _Extras(msgspec.Struct):
    alarm: object = None


class _Location(msgspec.Struct):
    """A location. Only the position and its time can cost the item; the rest is read where it has the known shape."""

    timestamp: object = None
    coords: msgspec.Raw = ABSENT
    uuid: object = None
    mock: object = None
    battery: msgspec.Raw = ABSENT
    geofence: msgspec.Raw = ABSENT
    provider: msgspec.Raw = ABSENT
    extras: msgspec.Raw = ABSENT


class _Post(msgspec.Struct):
    location: msgspec.Raw
    device_id: str | None = None


class _Owner(msgspec.Struct):
    device_id: object = None


_post = msgspec.json.Decoder(_Post)
_owner = msgspec.json.Decoder(_Owner)
_locations = msgspec.json.Decoder(list[msgspec.Raw])
_location = msgspec.json.Decoder(_Location)
_coords = msgspec.json.Decoder(_Coords)
_battery = msgspec.json.Decoder(_Battery)
_geofence = msgspec.json.Decoder(_Geofence)
_provider = msgspec.json.Decoder(_Provider)
_extras = msgspec.json.Decoder(_Extras)

_DENIED: Final = frozenset({1, 2})  # authorisation restricted, denied
_GEOFENCE: Final = {"ENTER": EventKind.REGION_ENTER, "EXIT": EventKind.REGION_LEAVE}


def decode(request: Request) -> Decoded:
    """Return what a query, a form or a JSON body holds.

    Raises:
        DecodeError: it cannot be read, or its position cannot and nothing else is in it.
        TooMuchError: it holds more than 10,000 locations, or more than 200 fields.
    """
    if is_json(request):
        return _decode_json(request.body)
    return only(_read_fields(fields(request)))


def is_json(request: Request) -> bool:
    """Tell whether this is the JSON form: a body that begins with a brace, and no query that says otherwise."""
    return not request.query and request.body.lstrip()[:1] == b"{"


def owner(request: Request) -> str | None:
    """Return the device id field as sent (``<device>.<secret>``), or None.

    Raises:
        DecodeError: the request cannot be read.
    """
    if is_json(request):
        name = json_of(_owner, request.body, _SHAPE).device_id
        return name if isinstance(name, str) else None
    found = fields(request)
    return found.get("id") or found.get("deviceid") or found.get("device_id")


def fields(request: Request) -> Mapping[str, str]:
    """Return the fields of the query or, when there is none, of the form.

    Raises:
        TooMuchError: there are more than 200.
    """
    text = (request.query or request.body).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, max_num_fields=MAX_FIELDS))
    except ValueError:
        raise TooMuchError(f"A query may hold {MAX_FIELDS} fields at most.") from None


def _read_fields(found: Mapping[str, str]) -> Item:
    if not found:
        raise DecodeError('Expected a query or form with "id", "timestamp", "lat" and "lon", or the JSON of Traccar Client.')
    time_ms, reason = _time_ms(found.get("timestamp"))
    events = alarm_events(found.get("alarm", ""), time_ms, None)
    try:
        position = _position(found)
        battery_pct = _optional(found, "batt")
        if position is None:
            return Item(events=events or (derived_event(EventKind.ALIVE, time_ms, None, battery_pct),))
        return Item(fixes=(_field_fix(found, _known(time_ms, reason), position, battery_pct),), events=events)
    except DecodeError as error:
        return alone(events, error)


def _position(found: Mapping[str, str]) -> tuple[float, float] | None:
    if "location" in found:
        latitude, _, longitude = found["location"].partition(",")
        return number(latitude, "location"), number(longitude, "location")
    if "lat" not in found and "lon" not in found:
        return None
    if "lat" not in found or "lon" not in found:
        raise DecodeError('"lat" and "lon" are required together.')
    return number(found["lat"], "lat"), number(found["lon"], "lon")


def _time_ms(text: object) -> tuple[int | None, str]:
    """Return the time, or None and the sentence that says why there is none."""
    if not isinstance(text, str):
        return None, '"timestamp" is missing.' if text is None else '"timestamp" must be a text.'
    try:
        return (_unix_ms(text) if _is_number(text) else iso_ms(text, "timestamp", naive_is_utc=True)), ""
    except DecodeError as error:
        return None, str(error)


def _known(time_ms: int | None, reason: str) -> int:
    if time_ms is None:
        raise DecodeError(reason)
    return time_ms


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()


def _unix_ms(text: str) -> int:
    value = number(text, "timestamp")
    return seconds_ms(value) if value < _SECONDS_BELOW else round(value)


def _field_fix(found: Mapping[str, str], time_ms: int, position: tuple[float, float], battery_pct: float | None) -> Fix:
    course = "bearing" if "bearing" in found else "heading"
    return build_fix(
        time_ms,
        *position,
        error_m=unless_zero(_optional(found, "accuracy")),
        speed_mps=scaled(unless_negative(_optional(found, "speed")), KNOT_MPS),
        course_deg=unless_negative(_optional(found, course)),
        altitude_m=_optional(found, "altitude"),
        battery_pct=battery_pct,
        valid=_valid(found),
    )


def _optional(found: Mapping[str, str], name: str) -> float | None:
    try:
        return number(found[name], name) if name in found else None
    except DecodeError:
        return None


def _valid(found: Mapping[str, str]) -> bool | None:
    return found["valid"].lower() in {"true", "1"} if "valid" in found else None


def _decode_json(body: bytes) -> Decoded:
    post = json_of(_post, body, _SHAPE)
    if bytes(post.location)[:1] != b"[":
        return only(_read_location(post.location))
    locations = json_of(_locations, post.location, "a list of locations")
    check_count(len(locations))
    return gather(locations, _read_location)


def _read_location(data: msgspec.Raw) -> Item:
    location = json_of(_location, data, "a location")
    battery = told(_battery, location.battery)
    battery_pct = None if battery is None else scaled(unless_negative(battery.level), 100)
    time_ms, reason = _time_ms(location.timestamp)
    events = _told(location, time_ms, battery_pct)
    try:
        return Item(fixes=(_location_fix(location, _known(time_ms, reason), battery_pct),), events=events)
    except DecodeError as error:
        return alone(events, error)


def _location_fix(location: _Location, time_ms: int, battery_pct: float | None) -> Fix:
    if not is_there(location.coords):
        raise DecodeError('"coords" is missing.')
    coords = json_of(_coords, location.coords, "coordinates")
    return build_fix(
        time_ms,
        coords.latitude,
        coords.longitude,
        fix_id=location.uuid if isinstance(location.uuid, str) else None,
        error_m=unless_negative(loose(coords.accuracy)),
        speed_mps=unless_negative(loose(coords.speed)),
        course_deg=unless_negative(loose(coords.heading)),
        altitude_m=loose(coords.altitude),
        battery_pct=battery_pct,
        valid=False if location.mock is True else None,
    )


def _told(location: _Location, time_ms: int | None, battery_pct: float | None) -> tuple[DeviceEvent, ...]:
    """Return what a location says besides where: an alarm, a faked position, a region, a lost permission."""
    extras = told(_extras, location.extras)
    alarm = extras.alarm if extras is not None and isinstance(extras.alarm, str) else ""
    events = list(alarm_events(alarm, time_ms, battery_pct))
    if location.mock is True:
        events.append(derived_event(EventKind.TAMPER, time_ms, "mock", battery_pct))
    fence = told(_geofence, location.geofence)
    region = None if fence is None else _GEOFENCE.get(fence.action or "")
    if fence is not None and region is not None:
        events.append(derived_event(region, time_ms, fence.identifier, battery_pct))
    provider = told(_provider, location.provider)
    if provider is not None and (provider.enabled is False or provider.status in _DENIED):
        events.append(derived_event(EventKind.PERMISSION_LOST, time_ms, "provider", battery_pct))
    return tuple(events)


def claim(request: Request) -> Claim | None:
    """Return how the sender proves itself: a bearer token, or the device id field as ``<device>.<secret>``."""
    found = bearer(request.headers)
    if found is not None:
        return found
    name = owner(request)
    return None if name is None else token_claim(name)


def answer(receipt: Receipt, decoded: Decoded) -> bytes:  # noqa: ARG001 - one shape for every protocol
    """Return nothing: the apps look at the status alone."""
    return b""
