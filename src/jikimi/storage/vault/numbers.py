"""Columns of whole numbers as few bytes: differences, zigzag, variable length, deflate.

Zigzag and the variable-length form are those of the Protocol Buffers encoding (its section "Base 128 Varints").
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

ORDERS: Final = 3
"""Values themselves, their differences, or the differences of these: a steady way costs nothing in the last form."""
_RAW: Final = -15
_STORED: Final = 0
_DEFLATED: Final = 1
_MOST_INFLATED: Final = 1 << 26


class DamagedColumnError(Exception):
    """The bytes are no column of this form."""


def varint(number: int) -> bytes:
    """Return a number of 0 or more, seven bits a byte, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def varints(data: bytes) -> list[int]:
    """Return all numbers in ``data``.

    Raises:
        DamagedColumnError: the last one is cut off.
    """
    numbers: list[int] = []
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number = shift = 0
    if shift:
        raise DamagedColumnError
    return numbers


def pack(numbers: Sequence[int]) -> bytes:
    """Return numbers of any sign and size, in whichever order of differences is shortest."""
    packed = []
    differing = list(numbers)
    for order in range(ORDERS):
        packed.append(bytes([order]) + deflate(b"".join(varint(_zigzag(number)) for number in differing)))
        differing = [now - before for now, before in zip(differing, [0, *differing], strict=False)]
    return min(packed, key=len)


def unpack(data: bytes) -> list[int]:
    """Return what ``pack`` packed.

    Raises:
        DamagedColumnError: it packed no such thing.
    """
    if not data or data[0] >= ORDERS:
        raise DamagedColumnError
    numbers = [(number >> 1) ^ -(number & 1) for number in varints(inflate(data[1:]))]
    for _ in range(data[0]):
        numbers = list(accumulate(numbers))
    return numbers


def deflate(data: bytes) -> bytes:
    """Return ``data`` deflated, or as it is where that is shorter."""
    small = zlib.compress(data, 9, _RAW)
    return bytes([_DEFLATED]) + small if len(small) < len(data) else bytes([_STORED]) + data


def inflate(data: bytes) -> bytes:
    """Return what ``deflate`` was given.

    Raises:
        DamagedColumnError: it gave no such thing.
    """
    if data[:1] == bytes([_STORED]):
        return data[1:]
    inflater = zlib.decompressobj(_RAW)
    try:
        whole = inflater.decompress(data[1:], _MOST_INFLATED)
    except zlib.error:
        raise DamagedColumnError from None
    if data[:1] != bytes([_DEFLATED]) or not inflater.eof or inflater.unused_data:
        raise DamagedColumnError
    return whole


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1
