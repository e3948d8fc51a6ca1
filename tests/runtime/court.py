"""A court that is served here, its petitioners, and the register that its decisions become orders of; at a time that a test says."""

from __future__ import annotations

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
import pyrage

from jikimi.apps.petition import Petition, given_of
from jikimi.petitions.status import Act
from jikimi.policy.durations import tables
from jikimi.policy.load import presets
from jikimi.runtime.courtkey import CourtKey
from jikimi.runtime.courts import FilingRoom, doors_of
from jikimi.runtime.docket import Court, DocketRoom, Here
from jikimi.runtime.office import Office
from jikimi.runtime.settings import CourtSettings
from jikimi.runtime.stores import Stores
from jikimi.storage.docket import SqlDocket
from jikimi.storage.papers import SqlPapers
from tests.petitions.case import ANSWERS, FORM, answers
from tests.runtime.fake_ledger import FakeLedger
from tests.runtime.test_server import House

KEY = pyrage.x25519.Identity.generate()
ZONE = ZoneInfo("Asia/Seoul")
DECLINED = dt.date.fromisoformat(ANSWERS["declined_on"])
HERE, ELSEWHERE = "seoul-central", "seoul-east"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def noon(day):
    return int(dt.datetime.combine(day, dt.time(12), ZONE).timestamp() * 1000)


class CourtHouse:
    """Everything between her phone and the register of orders."""

    def __init__(self, folder, day=DECLINED + dt.timedelta(days=3)):
        self.house = House(folder / "data", 21_000)
        self.now_ms = noon(day)
        self.key_file = folder / "court-key.txt"
        self.key_file.write_text(f"# the court's\n{KEY}\n")
        court = CourtSettings(key=str(KEY.to_public()), way="here", key_file=str(self.key_file), owner="officer", region="KR-11")
        self.courts = {name: Court(court, CourtKey(name, court, folder / "data")) for name in (HERE, ELSEWHERE)}
        engine = self.house.register.engine
        self.books, self.filings, self.ledger = SqlDocket(engine), SqlPapers(engine), FakeLedger()
        self.clerk = Stores(self.house.settings).clerk(self.house.register, tables())
        self.office = Office(self.clerk, self.clock, lambda: None)
        forms = {FORM.form_id: FORM}
        self.room = DocketRoom(
            self.courts,
            forms,
            presets(),
            tables(),
            self.books,
            self.filings,
            self.office,
            lambda _person, policy_id: policy_id,
            self.ledger,
            self.clock,
        )
        here = {name: Here(name, one.key, forms, self.books, self.room.changed, one.settings.region) for name, one in self.courts.items()}
        doors = doors_of({name: one.settings for name, one in self.courts.items()}, None, here)
        self.filing = FilingRoom(
            forms, lambda _: "kr", doors, self.filings, self.books, lambda _: (None, None, None), self.ledger, self.clock
        )

    def clock(self):
        return self.now_ms

    def later(self, *, hours=0, days=0):
        self.now_ms += hours * HOUR_MS + days * DAY_MS
        self.clerk.advance(self.now_ms)

    def file(self, petition_id="0123456789abcdef", person_id="p", **changed):
        head = msgspec.json.encode(Petition(form_id=FORM.form_id, petition_id=petition_id, answers=answers(**changed)))
        return asyncio.run(self.filing.file(person_id, given_of(len(head).to_bytes(4) + head)))

    def ask(self, name, *args, **named):
        return asyncio.run(getattr(self.room, name)(*args, **named))

    def decide(self, number, act, *, reasons="", only=None, days=None):
        """Make a decision as its draft proposes it, with these changes."""
        draft = self.ask("draft", HERE, number, act, "judge")
        measures = tuple(one for one in draft.measures if only is None or one.kind.value in only)
        if days is not None:
            measures = tuple(msgspec.structs.replace(one, until_ms=self.now_ms + days * DAY_MS) for one in measures)
        return self.ask(
            "decide",
            HERE,
            number,
            msgspec.structs.replace(draft, measures=measures, reasons=reasons, why="no_danger_shown" if act is Act.REFUSE else None),
            "judge",
        )

    def act(self, number, act, *, at_ms=None, detail=""):
        return self.ask("act", HERE, number, act, "clerk", at_ms=at_ms, detail=detail)

    def said(self):
        return [one.act for one in self.ledger.acts if one.audience == "court"]


__all__ = ["DAY_MS", "DECLINED", "ELSEWHERE", "HERE", "HOUR_MS", "KEY", "Act", "CourtHouse"]
