"""Whether a text to the monitored person is safe to send: nothing he can read depends on where she is.

Two guards, since each alone could be passed. The first is by construction: only texts of the book, filled only with what is on a short
list, whose values are checked. The second reads the result as a stranger would, and refuses what looks like a place, a distance, a
direction or a movement, whoever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from jikimi.delivery.words import HIS_PLACES, Book, said

_UNITS: Final = r"(?:m|km|mi|ft|meters?|metres?|kilometers?|kilometres?|miles?|yards?|feet|blocks?|미터|킬로미터|킬로|걸음|블록|분\s*거리)"
_BEFORE: Final = r"(?<![A-Za-z])"
_AFTER: Final = r"(?![A-Za-z])"
_TELLTALE: Final = re.compile(
    "|".join(
        (
            rf"\d\s*{_UNITS}{_AFTER}",
            r"\d{1,3}[.,]\d{3,}",  # a coordinate
            r"\d\s*[°˚\u2032\u2033]",
            r"(?:geo:|https?:|www\.|//)",  # a link may show a map
            rf"{_BEFORE}(?:north|south|east|west|left|right|ahead|behind|near|nearby|close|closer|toward|towards|direction|distance){_AFTER}",
            rf"{_BEFORE}(?:her|she|hers|victim|protected|approach\w*|away){_AFTER}",
            r"[동서남북]{1,2}쪽|왼쪽|오른쪽|앞쪽|뒤쪽|근처|가까|방향|거리|접근|다가|멀어",
            r"피해자|그녀|여성|보호\s*대상",
        )
    ),
    re.IGNORECASE,
)
_PHONE: Final = re.compile(r"\+?[0-9][0-9 -]{1,18}[0-9]")


class LeakError(Exception):
    """A text to the monitored person may tell something of her. It is not sent. The sentence repeats nothing of it."""


def told_to_him(book: Book, name: str, language: str, values: Mapping[str, str], *, is_drill: bool = False) -> tuple[str, str]:
    """Return title and text of a notice to the monitored person.

    Raises:
        LeakError: the text is not his, a value may not stand in it, or the whole reads like a place.
    """
    if name not in book.words or book.words[name].to != "monitored":
        raise LeakError("This text is not among those for the monitored person.")
    if not values.keys() <= HIS_PLACES:
        raise LeakError("A value may not stand in a text to the monitored person.")
    if "phone" in values and not _PHONE.fullmatch(values["phone"]):
        raise LeakError("The telephone number is none.")
    title, text = said(book, name, language, values, is_drill=is_drill)
    check(f"{title}\n{text}")
    return title, text


def check(text: str) -> None:
    """Pass a text that tells no place, distance, direction or movement.

    Raises:
        LeakError: it might.
    """
    if _TELLTALE.search(text):
        raise LeakError("The text reads like a place, a distance, a direction or a movement.")
