"""A text as the octets of one or several short messages (3GPP TS 23.038, 23.040 section 9.2.3.24.1)."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Final, NamedTuple

UCS2: Final = 8
DEFAULT: Final = 0
_ONE: Final = 140
_MANY: Final = 134
_ONE_DEFAULT: Final = 160
_MANY_DEFAULT: Final = 153
_MOST: Final = 255

# The characters that ASCII and the GSM alphabet write alike: no centre can misread them.
_PLAIN: Final = frozenset(string.ascii_letters + string.digits + " \n!\"#%&'()*+,-./:;<=>?")


class Coded(NamedTuple):
    """Octets of each part; with ``has_header`` each begins with the header that joins them."""

    data_coding: int
    has_header: bool
    parts: tuple[bytes, ...]


def coded(text: str, reference: int) -> Coded:
    """Return a text as parts. ``reference`` (a byte) joins them: the same one for all, another for the next text to that phone.

    Raises:
        ValueError: it needs more than 255 parts.
    """
    is_plain = _PLAIN.issuperset(text)
    width, one, many = (1, _ONE_DEFAULT, _MANY_DEFAULT) if is_plain else (2, _ONE, _MANY)
    octets = text.encode("ascii" if is_plain else "utf-16-be")
    coding = DEFAULT if is_plain else UCS2
    if len(octets) <= one:
        return Coded(coding, has_header=False, parts=(octets,))
    parts = list(_cut(octets, many, width))
    if len(parts) > _MOST:
        raise ValueError("The text is too long for a short message.")
    heads = (bytes([5, 0, 3, reference & 0xFF, len(parts), number]) for number in range(1, len(parts) + 1))
    return Coded(coding, has_header=True, parts=tuple(head + part for head, part in zip(heads, parts, strict=True)))


def _cut(octets: bytes, most: int, width: int) -> Iterator[bytes]:
    at = 0
    while at < len(octets):
        end = min(at + most, len(octets))
        # A character of two UTF-16 units is not torn: the phone would show two signs for nothing.
        if width == 2 and end < len(octets) and 0xD8 <= octets[end - 2] < 0xDC:
            end -= 2
        yield octets[at:end]
        at = end
