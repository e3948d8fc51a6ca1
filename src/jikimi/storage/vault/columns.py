"""Columns of other things than whole numbers: decimals, texts, and what may be unknown."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import msgspec

from jikimi.storage.vault.numbers import DamagedColumnError, deflate, inflate, join, pack, split, unpack

MOST_DECIMALS: Final = 7
_AS_IS: Final = MOST_DECIMALS + 1
"""Numbers that are no short decimals stand as IEEE 754 doubles, all first bytes, then all second ones, and so on."""
_LIMIT: Final = 2.0**52

_encode = msgspec.msgpack.Encoder().encode
_texts = msgspec.msgpack.Decoder(list[str]).decode

Value = TypeVar("Value")


def pack_optional(values: Sequence[Value | None], pack_known: Callable[[Sequence[Value]], bytes]) -> bytes:
    """Return a column with its unknowns: which are known, and these."""
    known = [value for value in values if value is not None]
    return join((pack([value is not None for value in values]), pack_known(known)))


def unpack_optional(data: bytes, unpack_known: Callable[[bytes], list[Value]]) -> list[Value | None]:
    """Return what ``pack_optional`` packed.

    Raises:
        DamagedColumnError, msgspec.MsgspecError: it packed no such thing.
    """
    marks, body = split(data, 2)
    present = unpack(marks)
    known = iter(unpack_known(body))
    try:
        return [next(known) if one else None for one in present]
    except StopIteration:
        raise DamagedColumnError from None


def pack_decimals(values: Sequence[float]) -> bytes:
    """Return numbers to the last bit: as decimals where all have at most seven digits after the point, else as they are."""
    for digits in range(MOST_DECIMALS + 1):
        whole = _whole(values, 10**digits)
        if whole is not None:
            return bytes([digits]) + pack(whole)
    raw = struct.pack(f">{len(values)}d", *values)
    return bytes([_AS_IS]) + deflate(b"".join(raw[start::8] for start in range(8)))


def unpack_decimals(data: bytes) -> list[float]:
    """Return what ``pack_decimals`` packed.

    Raises:
        DamagedColumnError: it packed no such thing.
    """
    if not data or data[0] > _AS_IS:
        raise DamagedColumnError
    if data[0] < _AS_IS:
        scale = 10 ** data[0]
        return [number / scale for number in unpack(data[1:])]
    planes = inflate(data[1:])
    count, rest = divmod(len(planes), 8)
    if rest:
        raise DamagedColumnError
    raw = b"".join(planes[place::count] for place in range(count))
    return list(struct.unpack(f">{count}d", raw))


def pack_texts(values: Sequence[str]) -> bytes:
    """Return texts; few different ones cost little."""
    different = list(dict.fromkeys(values))
    places = {text: place for place, text in enumerate(different)}
    return join((deflate(_encode(different)), pack([places[text] for text in values])))


def unpack_texts(data: bytes) -> list[str]:
    """Return what ``pack_texts`` packed.

    Raises:
        DamagedColumnError, msgspec.MsgspecError: it packed no such thing.
    """
    different, places = split(data, 2)
    texts = _texts(inflate(different))
    try:
        return [texts[place] for place in unpack(places)]
    except IndexError:
        raise DamagedColumnError from None


def _whole(values: Sequence[float], scale: int) -> list[int] | None:
    whole = []
    for value in values:
        if not abs(value) < _LIMIT / scale:
            return None
        number = round(value * scale)
        # Compared as bytes: -0.0 equals 0.0 and is not the same.
        if struct.pack(">d", number / scale) != struct.pack(">d", value):
            return None
        whole.append(number)
    return whole
