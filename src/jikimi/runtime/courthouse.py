"""The court of a demonstration: its key in a folder of its own, and petitions of people who never were, sealed to it."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from jikimi.petitions.package import new_secret, packed, public_of
from jikimi.runtime.courtkey import CourtKey
from jikimi.runtime.docket import Here
from jikimi.runtime.policies import forms
from jikimi.runtime.settings import CourtSettings
from jikimi.scenarios.petitions import COURT, FORM, played
from jikimi.storage.docket import SqlDocket

if TYPE_CHECKING:
    from jikimi.runtime.server import Server

_KEY_FILE: Final = "court-key.txt"
_HOUR_MS: Final = 3_600_000


class Courthouse:
    """A court that a demonstration's server serves.

    Args:
        folder: where its key lies; not the data folder.
        owner: who answers for its orders.
    """

    def __init__(self, folder: Path, owner: str) -> None:
        secret = new_secret()
        path = folder / _KEY_FILE
        path.touch(mode=0o600)
        path.write_text(secret, encoding="utf-8")
        self.settings = CourtSettings(key=public_of(secret), way="here", key_file=str(path), owner=owner, region="KR-11")

    async def receive(self, server: Server, now_ms: int) -> None:
        """Have the petitions come in, by the door that hers would take: packed, sealed, and so many hours ago."""
        found = forms(server.settings)
        key = CourtKey(COURT, self.settings, server.settings.data)
        door = Here(COURT, key, found, SqlDocket(server.register.engine), server.docket.changed)
        today = dt.datetime.fromtimestamp(now_ms / 1000, ZoneInfo(found[FORM].time_zone)).date()
        for one in played(found[FORM], today):
            package = await asyncio.to_thread(packed, one.papers, one.exhibits, self.settings.key)
            await door.hand(package, now_ms - int(one.hours_ago * _HOUR_MS))
