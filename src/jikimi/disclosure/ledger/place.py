"""Text that looks like a place on Earth. The ledger takes none: it tells who looked at whom, never where anybody was.

Coordinates are written in many ways; this knows the ones that people and programs write. It would rather refuse a harmless
number than take a position. It cannot know a name of a place, nor a code made of words.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SIGNS: Final = (
    r"(?<![\d.])\d{1,3}\.\d{3,}(?!\d*\.\d{1,3}\.\d)",  # 37.566: three decimals of a degree are a hundred metres
    r"(?<![\d,])\d{1,3},\d{4,}",  # 37,5665, as half of Europe writes it
    r"\d{1,3}[.,]\d{2,}\s*[,;/|\s]\s*[-+]?\d{1,3}[.,]\d{2,}",  # 37.56 126.97
    r"\d\s*[\u00b0\u00ba\u02da]",  # 37 and the degree sign
    r"\d\s*\ub3c4\s*\d+\s*\ubd84",  # degrees and minutes in Korean
    r"\d\s*['\u2032\u2019]\s*\d+(\.\d+)?\s*(\"|''|\u2033|\u201d)",  # minutes and seconds
    r"(\b(lat|lon|lng|latitude|longitude)|\uc704\ub3c4|\uacbd\ub3c4)\W{0,3}\d",
    r"\b(?-i:[NSEW])\s*\d{1,3}[.\s]\d{2,}",  # N 37.56
    r"\d{1,3}[.]\d{2,}\s*(?-i:[NSEW])\b",  # 37.56N
    r"geo:",
    r"\b[-+]?\d{7,}\s*[,;/|\s]\s*[-+]?\d{7,}\b",  # 375665000 1269780000, degrees times ten million; metres of a grid
    r"\b\d{6}\s*[,;/|\s]\s*\d{7}\b",  # 322000 4159000, metres of UTM
    r"\b\d{7}\s*[,;/|\s]\s*\d{6}\b",
    r"\b[23456789cfghjmpqrvwx]{4,8}\+[23456789cfghjmpqrvwx]{2,}",  # an open location code
    r"\b\d{1,2}\s?[c-hj-np-x]\s?[a-hj-np-z]{2}\s?\d{3,5}\s?\d{3,5}\b",  # a military grid reference
    r"\d[.,]?\d*e[-+]?\d+\s*[,;/|\s]\s*[-+]?\d",  # 3.75665e1 1.26978e2
    r"\d{1,3}\.\d{2,}e[-+]?\d",
)
_SIGN: Final = re.compile("|".join(f"(?:{sign})" for sign in _SIGNS), re.IGNORECASE)
_DIGIT: Final = re.compile(r"\d|geo:|\+", re.IGNORECASE)


def looks_like_a_place(text: str) -> bool:
    """Return whether some part of the text may be a coordinate."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    return _DIGIT.search(plain) is not None and _SIGN.search(plain) is not None
