"""Few whole numbers as few bits: differences by the Rice code (R. F. Rice, JPL 79-22, 1979).

Each is cut in two: what is above its lowest ``k`` bits as so many ones and a zero, then these bits. Deflate must learn what it sees; a
column of thirty numbers is over before it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from jikimi.storage.vault.damage import DamagedColumnError
from jikimi.storage.vault.varints import unzigzag, varint, varint_at, zigzag

MOST_K: Final = 62
MOST_NUMBERS: Final = 512


def pack(numbers: Sequence[int], order: int) -> bytes:
    """Return numbers, differenced ``order`` times: ``k``, their count, the first ones, and the rest as bits."""
    heads, rest = _differences(numbers, order)
    values = [zigzag(number) for number in rest]
    k = min(range(MOST_K), key=lambda one: sum(value >> one for value in values) + len(values) * one)
    text = "".join("1" * (value >> k) + "0" + (f"{value & ((1 << k) - 1):0{k}b}" if k else "") for value in values)
    body = int(text.ljust(-(-len(text) // 8) * 8, "0") or "0", 2).to_bytes(-(-len(text) // 8)) if text else b""
    return bytes([k]) + varint(len(numbers)) + b"".join(varint(zigzag(head)) for head in heads) + body


def unpack(data: bytes, order: int) -> list[int]:
    """Return what ``pack`` packed.

    Raises:
        DamagedColumnError: it packed no such thing.
    """
    if not data or data[0] >= MOST_K:
        raise DamagedColumnError
    k = data[0]
    count, at = varint_at(data, 1)
    if not order < count <= MOST_NUMBERS:
        raise DamagedColumnError
    heads = []
    for _ in range(order):
        head, at = varint_at(data, at)
        heads.append(unzigzag(head))
    return _sums(heads, _values("".join(f"{byte:08b}" for byte in data[at:]), k, count - order))


def _values(text: str, k: int, count: int) -> list[int]:
    values = []
    at = 0
    for _ in range(count):
        end = text.find("0", at)
        if end < 0 or end + 1 + k > len(text):
            raise DamagedColumnError
        low = int(text[end + 1 : end + 1 + k], 2) if k else 0
        values.append(unzigzag((end - at) << k | low))
        at = end + 1 + k
    return values


def _differences(numbers: Sequence[int], order: int) -> tuple[list[int], list[int]]:
    heads: list[int] = []
    rest = list(numbers)
    for _ in range(min(order, len(rest))):
        heads.append(rest[0])
        rest = [now - before for now, before in zip(rest[1:], rest, strict=False)]
    return heads, rest


def _sums(heads: Sequence[int], rest: list[int]) -> list[int]:
    for head in reversed(heads):
        rest = list(accumulate(rest, initial=head))
    return rest
