"""The daily test of each handset: a notice with a receipt, at an hour when people are awake, not all at once."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from jikimi.delivery.message import Message
from jikimi.delivery.words import Book, said, spoken_in

FIRST_HOUR: Final = 10
HOURS: Final = 8
_LIFE_MS: Final = 60_000


def time_of_test_ms(handset: str, day: dt.date, zone: str) -> int:
    """Return when a handset is tested on a day: between 10:00 and 18:00 there, always at the same minute, each at its own."""
    minute = int.from_bytes(hashlib.sha256(handset.encode()).digest()[:4]) % (HOURS * 60)
    return _moment_ms(day, minute, zone)


@lru_cache(maxsize=4 * HOURS * 60)
def _moment_ms(day: dt.date, minute: int, zone: str) -> int:
    """Return when so many minutes after the first hour have passed; kept, since at a start all handsets fall on the same few."""
    moment = dt.datetime.combine(day, dt.time(FIRST_HOUR + minute // 60, minute % 60), ZoneInfo(zone))
    return round(moment.timestamp() * 1000)


def handset_test(handset: str, name: str, book: Book, language: str, now_ms: int) -> Message:
    """Return a test, sent now. Made twice under one name (a day, a moment), it has one key, so she sees it once."""
    language = spoken_in(book, "daily_test", language)
    title, text = said(book, "daily_test", language, {}, is_drill=False)
    mark = hashlib.sha256(f"daily {handset} {name}".encode()).hexdigest()[:32]
    return Message(
        key=mark,
        topic=f"daily {handset}",
        address="",
        title=title,
        text=text,
        language=language,
        urgent=False,
        sent_ms=now_ms,
        until_ms=now_ms + _LIFE_MS,
    )
