"""A court that is served here, its petitioners, and the register that its decisions become orders of; at a time that a test says."""

from __future__ import annotations

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
import pyrage

from jikimi.apps.petition import Petition, given_of
from jikimi.delivery.words import read_book
from jikimi.identity.roles import Role
from jikimi.identity.second import Present, Step
from jikimi.orders.codes import new_code
from jikimi.petitions.status import Act
from jikimi.policy.durations import tables
from jikimi.policy.load import presets
from jikimi.runtime.courtkey import CourtKey
from jikimi.runtime.courts import FilingRoom, doors_of
from jikimi.runtime.docket import Court, DocketRoom, Here
from jikimi.runtime.office import Office
from jikimi.runtime.settings import CourtSettings
from jikimi.runtime.stores import Stores
from jikimi.runtime.telling import Telling
from jikimi.storage.docket import SqlDocket
from jikimi.storage.identity import SqlStaff
from jikimi.storage.outbox import SqlShelf
from jikimi.storage.papers import SqlPapers
from jikimi.storage.second import SqlSecond
from tests.petitions.case import ANSWERS, FORM, answers
from tests.runtime.fake_ledger import FakeLedger
from tests.runtime.test_server import House

KEY = pyrage.x25519.Identity.generate()
ZONE = ZoneInfo("Asia/Seoul")
DECLINED = dt.date.fromisoformat(ANSWERS["declined_on"])
HERE, ELSEWHERE = "seoul-central", "seoul-east"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

ACCOUNTS = (
    ("judge", Role.COURT, (HERE,)),
    ("president", Role.COURT, (HERE,)),
    ("clerk", Role.COURT_CLERK, (HERE,)),
    ("usher", Role.COURT_CLERK, (HERE,)),
    ("stranger", Role.COURT, (ELSEWHERE,)),
)


def noon(day):
    return int(dt.datetime.combine(day, dt.time(12), ZONE).timestamp() * 1000)


class CourtHouse:
    """Everything between her phone and the register of orders."""

    def __init__(self, folder, day=DECLINED + dt.timedelta(days=3), *, decisions=None):
        self.house = House(folder / "data", 21_000)
        self.now_ms = noon(day)
        self.key_file = folder / "court-key.txt"
        self.key_file.write_text(f"# the court's\n{KEY}\n")
        court = CourtSettings(key=str(KEY.to_public()), way="here", key_file=str(self.key_file), owner="officer", region="KR-11")
        self.courts = {name: Court(court, CourtKey(name, court, folder / "data")) for name in (HERE, ELSEWHERE)}
        engine = self.house.register.engine
        self.books, self.filings, self.ledger = SqlDocket(engine), SqlPapers(engine), FakeLedger()
        self.staff, at = SqlStaff(engine), self.now_ms
        self.staff.add("chief", Role.ADMINISTRATOR, "chief", None, now_ms=at, until_ms=at)
        for name, role, courts in ACCOUNTS:
            self.staff.add(name, role, "chief", new_code(), now_ms=at, until_ms=at + DAY_MS, courts=courts)
        self.clerk = Stores(self.house.settings).clerk(self.house.register, tables())
        self.office = Office(self.clerk, self.clock, lambda: None)
        forms = {FORM.form_id: FORM}
        self.shelf, self.woken = SqlShelf(engine), 0
        self.telling = Telling(decisions or {}, self.shelf, read_book(), presets(), self.office, self.wake)
        self.room = DocketRoom(
            self.courts,
            forms,
            presets(),
            tables(),
            self.books,
            self.filings,
            SqlSecond(engine),
            self.office,
            lambda _person, policy_id: policy_id,
            self.ledger,
            self.clock,
            self.telling,
        )
        here = {name: Here(name, one.key, forms, self.books, self.room.changed, one.settings.region) for name, one in self.courts.items()}
        doors = doors_of({name: one.settings for name, one in self.courts.items()}, None, here)
        self.filing = FilingRoom(
            forms, lambda _: "kr", doors, self.filings, self.books, lambda _: (None, None, None), self.ledger, self.clock
        )

    def wake(self):
        self.woken += 1

    def clock(self):
        return self.now_ms

    def later(self, *, hours=0, days=0):
        self.now_ms += hours * HOUR_MS + days * DAY_MS
        self.clerk.advance(self.now_ms)

    def file(self, petition_id="0123456789abcdef", person_id="p", **changed):
        head = msgspec.json.encode(Petition(form_id=FORM.form_id, petition_id=petition_id, answers=answers(**changed)))
        return asyncio.run(self.filing.file(person_id, given_of(len(head).to_bytes(4) + head)))

    def present(self, name):
        """Return somebody in front of a screen of the court who proved it this minute."""
        return Present(name, "court", self.now_ms)

    def ask(self, name, *args, **named):
        if name in {"act", "decide", "change", "second"}:
            args = (*args[:-1], self.present(args[-1]))
        return asyncio.run(getattr(self.room, name)(*args, **named))

    def decide(self, number, act, *, reasons="", only=None, days=None, by="judge"):
        """Make a decision as its draft proposes it, with these changes."""
        draft = self.ask("draft", HERE, number, act, by)
        measures = tuple(one for one in draft.measures if only is None or one.kind.value in only)
        if days is not None:
            measures = tuple(msgspec.structs.replace(one, until_ms=self.now_ms + days * DAY_MS) for one in measures)
        return self.ask(
            "decide",
            HERE,
            number,
            msgspec.structs.replace(draft, measures=measures, reasons=reasons, why="no_danger_shown" if act is Act.REFUSE else None),
            by,
        )

    def act(self, number, act, *, at_ms=None, detail="", by="clerk"):
        return self.ask("act", HERE, number, act, by, at_ms=at_ms, detail=detail)

    def orders(self):
        """Return what became of petitions in the register."""
        with self.clerk._books.reading() as page:
            return {one.order.order_id: one.order.status for one in page.dossiers() if one.order.order_id.startswith("petition")}

    def waiting(self, number):
        return next(one for one in self.ask("inbox", HERE).lines if one.number == number).waiting

    def second(self, number, step=Step.CONFIRM, by="president", reason=""):
        """Let another account settle what waits."""
        return self.ask("second", HERE, number, self.waiting(number).request, step, by, reason=reason)

    def said(self):
        return [one.act for one in self.ledger.acts if one.audience == "court"]


__all__ = ["DAY_MS", "DECLINED", "ELSEWHERE", "HERE", "HOUR_MS", "KEY", "Act", "CourtHouse"]
