"""Jikimi's own format: a JSON object of fixes and events, or one of them a line (NDJSON).

Version 1, ``POST /v1/fixes``; see docs/protocols.md. A good batch is decoded whole and typed. Only when something
in it is wrong is it read item by item, so that one bad item costs itself alone.
"""

from __future__ import annotations

import contextlib
import re
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from jikimi.ingest.credentials import Claim, bearer, signature
from jikimi.ingest.ports import Decoded, DecodeError, Receipt, Refusal, Request
from jikimi.ingest.protocols.reading import (
    ABSENT,
    LATEST_MS,
    MAX_ALTITUDE_M,
    MAX_DETAIL,
    MAX_ERROR_M,
    MAX_ID,
    MAX_SPEED_MPS,
    MIN_ALTITUDE_M,
    Item,
    check_count,
    derived_event,
    gather,
    is_there,
    json_of,
    mended,
    moment_ms,
    told,
)
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix, Source

NDJSON: Final = "application/x-ndjson"

_EARLIEST_MS: Final = 100_000_000_000  # 1973: a smaller number was meant as seconds
_SHAPE: Final = 'a JSON object with "fixes", "events" or both, each a list'

Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID)]
Time = Annotated[int, Meta(ge=_EARLIEST_MS, lt=LATEST_MS)] | Annotated[datetime, Meta(tz=True)]
Percent = Annotated[float, Meta(ge=0, le=100)]


class WireFix(msgspec.Struct, gc=False):
    """A fix on the wire. Names carry the units; absent or null is unknown."""

    id: Id
    time: Time
    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    error_m: Annotated[float, Meta(ge=0, le=MAX_ERROR_M)] | None = None
    source: Source | None = None
    speed_mps: Annotated[float, Meta(ge=0, le=MAX_SPEED_MPS)] | None = None
    course_deg: Annotated[float, Meta(ge=0, lt=360)] | None = None
    altitude_m: Annotated[float, Meta(ge=MIN_ALTITUDE_M, le=MAX_ALTITUDE_M)] | None = None
    battery_pct: Percent | None = None
    valid: bool | None = None


class WireEvent(msgspec.Struct, gc=False):
    """An event on the wire."""

    id: Id
    event: EventKind
    time: Time | None = None
    detail: Annotated[str, Meta(max_length=MAX_DETAIL)] | None = None
    battery_pct: Percent | None = None


class _Batch(msgspec.Struct):
    fixes: list[WireFix] | None = None
    events: list[WireEvent] | None = None


class _RawBatch(msgspec.Struct):
    fixes: msgspec.Raw = ABSENT
    events: msgspec.Raw = ABSENT


class _KindOnly(msgspec.Struct):
    event: str | None = None


class _IdOnly(msgspec.Struct):
    id: Id


class _Word(msgspec.Struct):
    event: msgspec.Raw = ABSENT


class Answer(msgspec.Struct, omit_defaults=True):
    """What a sender is told once its batch is durable. ``interval_s``: report so often from now on; absent: as before."""

    accepted: int
    repeated: int
    refused: tuple[Refusal, ...]
    interval_s: float | None = None


_answer = msgspec.json.Encoder()
_batch = msgspec.json.Decoder(_Batch)
_raw_batch = msgspec.json.Decoder(_RawBatch)
_fix = msgspec.json.Decoder(WireFix)
_event = msgspec.json.Decoder(WireEvent)
_items = msgspec.json.Decoder(list[msgspec.Raw])
_kind_only = msgspec.json.Decoder(_KindOnly)
_id_only = msgspec.json.Decoder(_IdOnly)
_word = msgspec.json.Decoder(_Word)

_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, DecodeError)

_RULES: Final = {
    "id": f'"id" must be a text of 1 to {MAX_ID} characters',
    "time": '"time" must be ISO 8601 with an offset, or whole milliseconds since 1970, from 1973 to 2099',
    "lat": '"lat" must be a number of degrees from -90 to 90',
    "lon": '"lon" must be a number of degrees from -180 to 180',
    "error_m": '"error_m" must be a number of metres from 0 to 20037508, or left out when unknown',
    "source": f'"source" must be one of {", ".join(Source)}',
    "speed_mps": '"speed_mps" must be a number of metres a second from 0 to 12000, or left out when unknown',
    "course_deg": '"course_deg" must be a number of degrees from 0 to below 360, or left out when unknown',
    "altitude_m": '"altitude_m" must be a number of metres from -20000 to 1000000, or left out when unknown',
    "battery_pct": '"battery_pct" must be a number from 0 to 100, or left out when unknown',
    "valid": '"valid" must be true or false, or left out when unknown',
    "event": f'"event" must be one of {", ".join(EventKind)}',
    "detail": f'"detail" must be a text of {MAX_DETAIL} characters at most',
}
_MISSING: Final = re.compile(r"missing required field `(\w+)`")
_FIELD: Final = re.compile(r" - at `\$\.(\w+)")


def decode(request: Request) -> Decoded:
    """Return what a batch holds. Indexes of refusals count the fixes first, then the events (NDJSON: the lines).

    Raises:
        DecodeError: the body as a whole cannot be read.
        TooMuchError: it holds more than 10,000 items.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == NDJSON:
        return _decode_lines(request.body)
    decoded = _decode_whole(request.body)
    return _decode_each(request.body) if decoded is None else decoded


def _decode_whole(body: bytes) -> Decoded | None:
    """Return a batch in which everything is right, or None."""
    try:
        batch = _batch.decode(body)
    except _UNREADABLE:
        return None
    if batch.fixes is None and batch.events is None:
        return None
    return _converted(batch.fixes or [], batch.events or [])


def _converted(fixes: list[WireFix], events: list[WireEvent]) -> Decoded | None:
    check_count(len(fixes) + len(events))
    try:
        return Decoded(fixes=tuple([_to_fix(fix) for fix in fixes]), events=tuple([_to_event(event) for event in events]))
    except DecodeError:
        return None


def _to_fix(wire: WireFix) -> Fix:
    return Fix(
        wire.id,
        wire.time if type(wire.time) is int else _time_ms(wire.time),
        wire.lat,
        wire.lon,
        wire.error_m,
        Source.UNKNOWN if wire.source is None else wire.source,
        wire.speed_mps,
        wire.course_deg,
        wire.altitude_m,
        wire.battery_pct,
        wire.valid,
    )


def _to_event(wire: WireEvent) -> DeviceEvent:
    return DeviceEvent(wire.id, wire.event, None if wire.time is None else _time_ms(wire.time), wire.detail, wire.battery_pct)


def _time_ms(time: int | datetime) -> int:
    time_ms = time if isinstance(time, int) else moment_ms(time)
    if not _EARLIEST_MS <= time_ms < LATEST_MS:
        raise DecodeError(_RULES["time"] + ".")
    return time_ms


def _decode_each(body: bytes) -> Decoded:
    batch = json_of(_raw_batch, body, _SHAPE)
    fixes, events = _listed(batch.fixes), _listed(batch.events)
    if not fixes and not events and not (_is_list(batch.fixes) or _is_list(batch.events)):
        raise DecodeError(f"Expected {_SHAPE}.")
    check_count(len(fixes) + len(events))
    decoded = gather([(_read_fix, fix) for fix in fixes] + [(_read_event, event) for event in events], lambda item: item[0](item[1]))
    if not _is_list(batch.fixes) and is_there(batch.fixes):
        wrong = Refusal(0, '"fixes" must be a list; none of it was read.')
        return msgspec.structs.replace(decoded, refused=(wrong, *decoded.refused))
    return decoded


def _is_list(data: msgspec.Raw) -> bool:
    return bytes(data)[:1] == b"["


def _listed(data: msgspec.Raw) -> list[msgspec.Raw]:
    """Return the parts of a list. What is none has no parts, and costs the other list nothing."""
    return told(_items, data) or []


def _decode_lines(body: bytes) -> Decoded:
    try:
        decoded = _converted(_fix.decode_lines(body), [])
    except _UNREADABLE[:3]:
        decoded = None
    if decoded is not None:
        return decoded
    lines = body.split(b"\n")
    check_count(sum(1 for line in lines if line.strip()))
    return gather(lines, _read_line)


def _read_line(line: bytes) -> Item:
    if not line.strip():
        return Item()
    try:
        is_event = is_there(_word.decode(line).event)
    except _UNREADABLE as error:
        if (sound := mended(line)) != line:
            return _read_line(sound)
        raise DecodeError(_sentence(error)) from None
    return _read_event(line) if is_event else _read_fix(line)


def _read_fix(data: bytes | msgspec.Raw) -> Item:
    try:
        return Item(fixes=(_to_fix(_fix.decode(data)),))
    except _UNREADABLE as error:
        raise DecodeError(_sentence(error)) from None


def _read_event(data: bytes | msgspec.Raw) -> Item:
    try:
        return Item(events=(_to_event(_event.decode(data)),))
    except _UNREADABLE as error:
        return _rescued(data, _sentence(error))


def _rescued(data: bytes | msgspec.Raw, reason: str) -> Item:
    """Keep an SOS although the rest of its item cannot be read: a press must not be lost for a wrong clock."""
    try:
        kind = _kind_only.decode(data).event
    except _UNREADABLE:
        kind = None
    if kind is None or kind.lower() != EventKind.SOS:
        raise DecodeError(reason)
    event = derived_event(EventKind.SOS, None)
    with contextlib.suppress(*_UNREADABLE):
        event = msgspec.structs.replace(event, event_id=_id_only.decode(data).id)
    return Item(events=(event,), reason=f"The SOS was kept, but not all of it: {reason}")


def _sentence(error: Exception) -> str:
    """Say what was wrong with one item, by its field's rule, and never with its value."""
    if isinstance(error, DecodeError):
        return str(error)
    if isinstance(error, msgspec.ValidationError):
        if (missing := _MISSING.search(str(error))) is not None:
            return f'"{missing[1]}" is missing.'
        if (field := _FIELD.search(str(error))) is not None:
            return _RULES[field[1]] + "."
        return "An item must be a JSON object."
    return "The item is not valid JSON."


def claim(request: Request) -> Claim | None:
    """Return how the sender proves itself: a bearer token or a signature."""
    return bearer(request.headers) or signature(request.headers)


def answer(receipt: Receipt, decoded: Decoded) -> bytes:
    """Return the JSON that says what became of a batch."""
    return _answer.encode(Answer(receipt.accepted, receipt.repeated, decoded.refused, receipt.interval_s))
