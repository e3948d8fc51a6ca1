"""What the decoders of other people's formats share: reading JSON and numbers, and building a ``Fix`` within its ranges.

Two rules hold for every such format. A position or a time that is out of range refuses the item. Any other number
out of its range is read as unknown: a nonsense battery must never cost a position. The native format is stricter,
since its sender is ours to mend.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import msgspec

from jikimi.ingest.ports import Decoded, DecodeError, Refusal
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix, Source

MAX_ITEMS: Final = 10_000
"""Fixes and events that one request may hold."""

LATEST_MS: Final = 4_102_444_800_000
"""2100-01-01. Times are kept however wrong the device's clock is, but they must be times."""

MAX_ERROR_M: Final = 20_037_508.0
"""Half the way round the Earth: "somewhere"."""

MAX_SPEED_MPS: Final = 12_000.0
MIN_ALTITUDE_M: Final = -20_000.0
MAX_ALTITUDE_M: Final = 1_000_000.0
MAX_ID: Final = 128
"""Characters of a device's own name for a fix or event."""

MAX_DETAIL: Final = 64
"""Characters kept of a format's own word."""

KNOT_MPS: Final = 1852 / 3600
"""One international knot in metres a second."""

KMH_MPS: Final = 1 / 3.6
"""One kilometre an hour in metres a second."""

UNTIMED: Final = "~"
"""How the id of an event begins that has neither a name nor a time of its own (see ``derived_event``)."""

ABSENT: Final = msgspec.Raw()
"""A part of a JSON object that is not there."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

_SLIPS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|-?\b(?:NaN|Infinity)\b', re.DOTALL)
"""Texts, an unfinished one too, so that nothing is read twice; and the bare words that JSON does not know."""
_HALVES: Final = re.compile(rb"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
"""Escaped surrogates: in pairs (and escaped backslashes, which are none) in group 1, else alone."""
_CONTROLS: Final = re.compile(rb"[\x00-\x1f]")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)

T = TypeVar("T")


class TooMuchError(DecodeError):
    """The payload is larger than stated limits allow (413)."""


class SealError(DecodeError):
    """An encrypted payload does not open with the device's key (401)."""


class Item(msgspec.Struct, frozen=True):
    """What one item of a batch held."""

    fixes: tuple[Fix, ...] = ()
    events: tuple[DeviceEvent, ...] = ()
    reason: str | None = None
    """Why a part of it could not be read, while the rest was."""


def json_of(decoder: msgspec.json.Decoder[T], data: bytes | msgspec.Raw, shape: str) -> T:
    """Return ``data`` read by ``decoder``.

    Args:
        decoder: a typed decoder.
        data: JSON.
        shape: what is expected, for the sentence: "a JSON object with ...".

    Raises:
        DecodeError: it is not JSON of that shape. The sentence names the field and never its value.
    """
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise DecodeError(f"Expected {shape}: {_place(error)}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        sound = mended(bytes(data))
        if sound != bytes(data):
            return json_of(decoder, sound, shape)
        raise DecodeError(f"The body is not valid JSON; expected {shape}.") from None
    except RecursionError:
        raise DecodeError("The JSON is nested too deeply.") from None


def mended(data: bytes) -> bytes:
    """Return JSON without the slips that careless writers make, so that one of them does not cost what stands beside it.

    A bare ``NaN`` or ``Infinity``, which C and Python write, becomes null: not known. In texts a raw control character becomes a blank,
    and half a surrogate pair and a byte that is no UTF-8 become U+FFFD. All else stays as it is.
    """
    sound = data.decode("utf-8", "replace").encode()
    return _SLIPS.sub(_mended_part, sound)


def _mended_part(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if not text.startswith(b'"'):
        return b"null"
    return _CONTROLS.sub(b" ", _HALVES.sub(lambda pair: pair[0] if pair[1] else b"\\ufffd", text))


def is_there(data: msgspec.Raw) -> bool:
    """Tell whether a part of an object is there, and not null."""
    return bytes(data) not in {b"", b"null"}


def told(decoder: msgspec.json.Decoder[T], data: msgspec.Raw) -> T | None:
    """Return a side remark of an item, or None when it is absent or of another shape: it must not cost the rest."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _place(error: msgspec.ValidationError) -> str:
    """Say which field was wrong. msgspec's own text may quote the value, so only the field's name is taken."""
    text = str(error)
    if text.startswith("Object missing required field"):
        return f'"{text.split("`")[1]}" is missing'
    _, found, path = text.rpartition(" - at `$")
    return f'"{path.strip("`").lstrip(".")}" has a wrong type or range' if found else "the outermost value has a wrong type"


def check_count(count: int) -> None:
    """Refuse a batch above the stated limit.

    Raises:
        TooMuchError: ``count`` is above ``MAX_ITEMS``.
    """
    if count > MAX_ITEMS:
        raise TooMuchError(f"A request may hold {MAX_ITEMS} items at most; send the rest in a second one.")


def number(text: str, name: str) -> float:
    """Return a decimal number from text, as every format writes one: no digits of other scripts, no underscores.

    Raises:
        DecodeError: it is not one, or not finite.
    """
    if _DECIMAL.fullmatch(text.strip()) is None:
        raise DecodeError(f'"{name}" must be a number.')
    value = float(text)
    if not math.isfinite(value):
        raise DecodeError(f'"{name}" must be a finite number.')
    return value


def loose(value: object) -> float | None:
    """Return a number beside a position; anything else there is unknown, and costs nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def loose_text(value: object) -> str | None:
    """Return a text beside a position; anything else there is unknown, and costs nothing."""
    return value if isinstance(value, str) else None


def iso_ms(text: str, name: str, *, naive_is_utc: bool = False) -> int:
    """Return ISO 8601 text as whole milliseconds since 1970.

    Args:
        text: the time, with an offset or ``Z``.
        name: the field, for the sentence.
        naive_is_utc: take a time without an offset as UTC.

    Raises:
        DecodeError: it is not such a time.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise DecodeError(f'"{name}" must be an ISO 8601 time.') from None
    if moment.tzinfo is None:
        if not naive_is_utc:
            raise DecodeError(f'"{name}" must carry an offset from UTC or "Z".')
        moment = moment.replace(tzinfo=UTC)
    return moment_ms(moment)


def moment_ms(moment: datetime) -> int:
    """Return an aware time as whole milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def seconds_ms(seconds: float) -> int:
    """Return finite Unix seconds as whole milliseconds, rounded to the nearest."""
    milliseconds = seconds * 1000
    # Far beyond any time a float overflows; a whole number does not, and is refused for what it says.
    return round(milliseconds) if math.isfinite(milliseconds) else round(seconds) * 1000


def unless_negative(value: float | None) -> float | None:
    """Return the value, or None where a format says "unknown" by a negative number."""
    return None if value is None or value < 0 else value


def unless_zero(value: float | None) -> float | None:
    """Return the value, or None where a format cannot say "unknown" but by zero (an error radius of 0 m exists nowhere)."""
    return None if value is None or value <= 0 else value


def scaled(value: float | None, factor: float) -> float | None:
    """Return a known value in another unit."""
    return None if value is None else value * factor


def derived_id(*parts: object) -> str:
    """Return a name made of what an item says, so that the same item sent again has the same name (96 bits)."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()


def build_fix(
    time_ms: int,
    latitude: float,
    longitude: float,
    *,
    fix_id: str | None = None,
    error_m: float | None = None,
    source: Source = Source.UNKNOWN,
    speed_mps: float | None = None,
    course_deg: float | None = None,
    altitude_m: float | None = None,
    battery_pct: float | None = None,
    valid: bool | None = None,
) -> Fix:
    """Return a fix within its ranges, named after its own content if it has no name.

    Raises:
        DecodeError: the position or the time is out of range.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise DecodeError("The latitude must be from -90 to 90 degrees and the longitude from -180 to 180.")
    if not 0 <= time_ms < LATEST_MS:
        raise DecodeError("The time of the fix must be from 1970 to 2099.")
    if not fix_id or len(fix_id) > MAX_ID:
        fix_id = derived_id(time_ms, latitude, longitude, error_m, speed_mps, course_deg, altitude_m, valid)
    return Fix(
        fix_id=fix_id,
        fix_time_ms=time_ms,
        latitude=float(latitude),
        longitude=float(longitude),
        error_m=_within(error_m, 0, math.inf, ceiling=MAX_ERROR_M),
        source=source,
        speed_mps=_within(speed_mps, 0, MAX_SPEED_MPS),
        course_deg=_course(course_deg),
        altitude_m=_within(altitude_m, MIN_ALTITUDE_M, MAX_ALTITUDE_M),
        battery_pct=_within(battery_pct, 0, 100),
        valid=valid,
    )


def _within(value: float | None, low: float, high: float, ceiling: float = math.inf) -> float | None:
    """Return a value in its range, else None. A radius above the ceiling is the ceiling: vague is not unknown."""
    return None if value is None or not low <= value <= high else float(min(value, ceiling))


def _course(value: float | None) -> float | None:
    """Return a course in [0, 360): 360 is north too."""
    return None if value is None or not 0 <= value <= 360 else float(value % 360)


def derived_event(
    kind: EventKind, time_ms: int | None, detail: str | None = None, battery_pct: float | None = None, mark: object = None
) -> DeviceEvent:
    """Return an event of a format in which events have no name.

    With a time (or a ``mark`` that differs between two events) its id comes from its content, so that a resend is
    harmless. With neither, two SOS presses a day apart would look the same; dropping the second as a repeat is worse
    than hearing one twice, so its id begins with ``UNTIMED`` and the door adds when it was received.
    """
    time_ms = time_ms if time_ms is not None and 0 <= time_ms < LATEST_MS else None
    detail = None if detail is None else detail[:MAX_DETAIL]
    battery_pct = _within(battery_pct, 0, 100)
    prefix = UNTIMED if time_ms is None and mark is None else ""
    return DeviceEvent(prefix + derived_id(kind.value, time_ms, detail, mark), kind, time_ms, detail, battery_pct)


def stamped(decoded: Decoded, received_ms: int) -> Decoded:
    """Return ``decoded`` with the time of reception added to the ids of events that have nothing of their own."""
    if not decoded.events or not any(event.event_id.startswith(UNTIMED) for event in decoded.events):
        return decoded
    events = tuple(
        msgspec.structs.replace(event, event_id=f"{event.event_id}.{received_ms}") if event.event_id.startswith(UNTIMED) else event
        for event in decoded.events
    )
    return msgspec.structs.replace(decoded, events=events)


def alone(events: tuple[DeviceEvent, ...], error: DecodeError) -> Item:
    """Return the alarms of an item whose position cannot be read: an SOS with no position is still an SOS.

    Raises:
        DecodeError: the error given, when there is no alarm.
    """
    if not events:
        raise error
    return Item(events=events, reason=f"The event was kept without its position: {error}")


def gather(items: Iterable[T], read: Callable[[T], Item]) -> Decoded:
    """Read every item of a batch; what one cannot be read for is kept beside its index, and the rest is kept."""
    fixes: list[Fix] = []
    events: list[DeviceEvent] = []
    refused: list[Refusal] = []
    for index, item in enumerate(items):
        try:
            found = read(item)
        except DecodeError as error:
            refused.append(Refusal(index, str(error)))
            continue
        fixes += found.fixes
        events += found.events
        if found.reason is not None:
            refused.append(Refusal(index, found.reason))
    return Decoded(fixes=tuple(fixes), events=tuple(events), refused=tuple(refused))


def only(item: Item) -> Decoded:
    """Return the content of a request that holds one item."""
    refused = () if item.reason is None else (Refusal(0, item.reason),)
    return Decoded(fixes=item.fixes, events=item.events, refused=refused)
