"""From a petition's text to the package in the court's folder: printed, sealed, kept, written down, handed over."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec
import pyrage

from bench.door import percentile
from bench.figures import Figure
from jikimi.apps.petition import Adding, Given, Petition, given_of
from jikimi.delivery.courts.drop import Drop
from jikimi.policy.petitions import forms
from jikimi.runtime.courts import FilingRoom
from jikimi.runtime.settings import CourtSettings, Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.docket import SqlDocket
from jikimi.storage.papers import SqlPapers

NOW_MS: Final = 1_812_600_000_000
"""9 June 2027, when the form may be filed."""
TIMES: Final = 20
PHOTO: Final = bytes(2_000_000)
ANSWERS: Final[dict[str, str | bool | tuple[str, ...]]] = {
    "your_name": "김하나", "your_birth": "1990-01-02", "your_address": "보라시 연두동 77-1", "your_contact": "safe@example.org",
    "his_name": "박둘", "relation": "former_partner", "declined_by": "police", "declined_on": "2027-05-01",
    "acts": ("approach", "messages"),
    "first_act": "2027-01-01", "last_act": "2027-04-30", "story": "집 앞에서 기다렸습니다. " * 600, "threats": False, "violence": False,
    "fear": "혼자 있을 때 무섭습니다.", "measures": ("no_approach", "no_contact"), "places": ("보라시 연두동 77-1",), "interim": False,
    "ground": "act", "court": "seoul-central", "truth": True,
}  # fmt: skip


def measure() -> list[Figure]:
    """File a petition with a long story and three photos of 2 MB, again and again."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        took = asyncio.run(filed(Path(folder)))
    note = f"{TIMES} filings, a story of {len(str(ANSWERS['story'])):,} characters, three photos of 2 MB"
    return [
        Figure("petition: from its text to the filed package, worst", max(took), "s", 2.0, "lower", note),
        Figure("petition: the same, p50", percentile(took, 0.5), "s", None, "lower", note),
    ]


async def filed(folder: Path) -> list[float]:
    """Return the seconds of each filing; the first one, which loads the fonts, is among them."""
    (folder / "court").mkdir()
    key = str(pyrage.x25519.Identity.generate().to_public())
    court = CourtSettings(key=key, way="folder", to=str(folder / "court"))
    stores = Stores(Settings(data_dir=str(folder / "data")))
    register = stores.register()
    ledger, books, dockets = stores.ledger(), SqlPapers(register.engine), SqlDocket(register.engine)
    doors = {"seoul-central": (court, Drop(folder / "court"))}
    room = FilingRoom(forms(), lambda _: "kr", doors, books, dockets, lambda _: (None, None, None), ledger, lambda: NOW_MS)
    took = []
    for number in range(TIMES):
        given = _given(number)
        began = time.perf_counter()
        await room.file("p", given)
        took.append(time.perf_counter() - began)
    ledger.close()
    assert len(list((folder / "court").iterdir())) == TIMES
    return took


def _given(number: int) -> Given:
    adding = tuple(Adding(name=f"{each}.jpg", about="", media_type="image/jpeg", length=len(PHOTO)) for each in range(3))
    petition = Petition(form_id="kr-stalking-protection", petition_id=f"{number:016x}", answers=ANSWERS, exhibits=adding)
    head = msgspec.json.encode(petition)
    return given_of(len(head).to_bytes(4) + head + PHOTO * 3)
