"""Columns of whole numbers as few bytes: differences, zigzag, variable length, deflate; few numbers as bits.

Zigzag and the variable-length form are those of the Protocol Buffers encoding.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from jikimi.storage.vault import bits
from jikimi.storage.vault.damage import DamagedColumnError
from jikimi.storage.vault.varints import unzigzag, varint, varint_at, varints, zigzag

__all__ = ["DamagedColumnError", "varint", "varints"]

ORDERS: Final = 3
"""Values themselves, their differences, or the differences of these: a steady way costs nothing in the last form."""
_BITS: Final = 3
"""Forms from here on are those of ``bits``, of each order; shorter where numbers are few, and slower."""
_SAME: Final = 6
"""One number many times."""
MOST_BITS: Final = 512
MOST_SAME: Final = 1 << 26
_RAW: Final = -15
_STORED: Final = 0
_DEFLATED: Final = 1
_MOST_INFLATED: Final = 1 << 26


def pack(numbers: Sequence[int]) -> bytes:
    """Return numbers of any sign and size, in whichever form is shortest."""
    if numbers and numbers.count(numbers[0]) == len(numbers):
        return bytes([_SAME]) + varint(len(numbers)) + varint(zigzag(numbers[0]))
    packed = []
    differing = list(numbers)
    for order in range(ORDERS):
        packed.append(bytes([order]) + deflate(b"".join(varint(zigzag(number)) for number in differing)))
        differing = [now - before for now, before in zip(differing, [0, *differing], strict=False)]
    if 1 < len(numbers) <= MOST_BITS:
        packed += [bytes([_BITS + order]) + bits.pack(numbers, order) for order in range(ORDERS)]
    return min(packed, key=len)


def unpack(data: bytes) -> list[int]:
    """Return what ``pack`` packed.

    Raises:
        DamagedColumnError: it packed no such thing.
    """
    if not data or data[0] > _SAME:
        raise DamagedColumnError
    if data[0] == _SAME:
        count, number = _pair(varints(data[1:]))
        return [unzigzag(number)] * count
    if data[0] >= _BITS:
        return bits.unpack(data[1:], data[0] - _BITS)
    numbers = [unzigzag(number) for number in varints(inflate(data[1:]))]
    for _ in range(data[0]):
        numbers = list(accumulate(numbers))
    return numbers


def _pair(found: list[int]) -> tuple[int, int]:
    if len(found) != 2 or found[0] > MOST_SAME:
        raise DamagedColumnError
    return found[0], found[1]


def join(parts: Sequence[bytes]) -> bytes:
    """Return parts as one: each behind its length, but for the last."""
    return b"".join(varint(len(part)) + part for part in parts[:-1]) + parts[-1]


def split(data: bytes, count: int) -> list[bytes]:
    """Return the parts that ``join`` joined.

    Raises:
        DamagedColumnError: there are not so many.
    """
    parts = []
    for _ in range(count - 1):
        length, at = varint_at(data, 0)
        if at + length > len(data):
            raise DamagedColumnError
        parts.append(data[at : at + length])
        data = data[at + length :]
    return [*parts, data]


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
