"""Whole numbers in as many bytes as they need, as the Protocol Buffers encoding has them (its section "Base 128 Varints")."""

from __future__ import annotations

from jikimi.storage.vault.damage import DamagedColumnError


def varint(number: int) -> bytes:
    """Return a number of 0 or more, seven bits a byte, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def varint_at(data: bytes, at: int) -> tuple[int, int]:
    """Return the number that stands at a place, and the place behind it.

    Raises:
        DamagedColumnError: it is cut off.
    """
    number = shift = 0
    for place in range(at, len(data)):
        number |= (data[place] & 0x7F) << shift
        shift += 7
        if data[place] < 0x80:
            return number, place + 1
    raise DamagedColumnError


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


def zigzag(number: int) -> int:
    """Return a number of 0 or more that stands for one of any sign: small for what is near 0."""
    return number << 1 if number >= 0 else (-number << 1) - 1


def unzigzag(number: int) -> int:
    """Return the number of any sign that a number of 0 or more stands for."""
    return (number >> 1) ^ -(number & 1)
