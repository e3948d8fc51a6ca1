"""Which characters can be printed. PDF/A allows none that no font holds, and an emoji in her story must not keep it from the court."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

FONTS: Final = Path(__file__).parent / "fonts"
INSTEAD: Final = "□"
_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
"""Controls, marks that turn the direction of what follows, and what has no meaning: PDF/A forbids some, and none is for a reader."""


class FontsMissingError(RuntimeError):
    """The fonts were not installed with the pages: without Hangul no sheet is printed."""


@cache
def known() -> frozenset[int]:
    """Return the code points that every weight of some family holds.

    Raises:
        FontsMissingError: there is no font with Hangul.
    """
    from fontTools.ttLib import TTFont  # noqa: PLC0415  a third of a second that only printing pays

    held: dict[str, set[int]] = {}
    for path in sorted([*FONTS.glob("*.otf"), *FONTS.glob("*.ttf")]):
        with TTFont(path, lazy=True) as font:
            points = set(font.getBestCmap())
            family = font["name"].getBestFamilyName()
        held[family] = held[family] & points if family in held else points
    if not any(ord("가") in points for points in held.values()):
        raise FontsMissingError("The fonts for printing are missing; build the pages (make setup).")
    return frozenset[int]().union(*held.values())


def printable(text: str) -> str:
    """Return the text with ``□`` for each character that cannot be printed."""
    held = known()
    return "".join(one if one in "\n\t" or (ord(one) in held and unicodedata.category(one) not in _UNSEEN) else INSTEAD for one in text)
