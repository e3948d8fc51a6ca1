"""Oversight beside the server: reads the ledger for those who look at those who look, and keeps reviews and copies.

All reading happens on a thread. What an auditor asks is written down before it is answered, like any other look.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from jikimi.apps.her_looks import OTHERS, HerLook
from jikimi.apps.overseeing import Count, Going, Head, Holding, Keep, Lookup, Lookups, Named, Question, Report, RetentionState
from jikimi.disclosure.copying import Copy, Decision
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.leaf import Act, Client, LeafError, Opening, Personal, decode
from jikimi.disclosure.ledger.ports import Ledger
from jikimi.disclosure.retention.due import Calendar
from jikimi.disclosure.review import Outcome, Review
from jikimi.disclosure.review import Status as Standing
from jikimi.identity.roles import Right
from jikimi.model.policy import Policy
from jikimi.model.retention import DataClass, Retention
from jikimi.runtime.copies import CopyRoom
from jikimi.runtime.history import History
from jikimi.runtime.hub import Hub
from jikimi.runtime.staffing import StaffRoom
from jikimi.runtime.stores import Stores
from jikimi.runtime.viewing import ViewKeeper
from jikimi.runtime.vigilance import OVERSIGHT, Vigilance
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.ledger import LedgerReader
from jikimi.storage.register import SqlRegister
from jikimi.storage.retention import SqlRetention

PAGE: Final = 100
MOST_SCANNED: Final = 20_000
"""So many entries are looked through for one page; then the page ends, and says where the next one begins."""
RECENT_MS: Final = 92 * 86_400_000
MOST_OFFICERS: Final = 50
_STAFF: Final = frozenset({Audience.DESK.value, Audience.INVESTIGATOR.value, Audience.OVERSIGHT.value})
_SEEN: Final = frozenset({"disclosed", "consulted", "copied"})
_LOOKS: Final = frozenset({"disclosed", "consulted"})
T = TypeVar("T")
Leaf = Mapping[str, Any]


class Overseeing:
    """Implements ``Overseen``, and runs what belongs to it.

    Args:
        hub: the running core.
        ledger: the ledger, for writing.
        stores: the server's folder.
        register: labels and orders.
        staff: who may look into reviews.
        policies: the policy under each id.
        periods: how long what is kept under each policy id.
        tell: sends the notice of a copy that was erased for want of a permission.
    """

    def __init__(
        self,
        hub: Hub,
        ledger: Ledger,
        stores: Stores,
        register: SqlRegister,
        staff: StaffRoom,
        policies: Mapping[str, Policy],
        periods: Mapping[str, Retention],
        tell: Callable[[Copy], Awaitable[None]],
    ) -> None:
        self._hub = hub
        self._ledger = ledger
        self._stores = stores
        self._register = register
        self._periods = periods
        self._kept = SqlRetention(register.engine)
        self._books = stores.oversight()
        self._reader: LedgerReader | None = None
        self._reading = threading.Lock()
        self._number = 0
        incidents = SqlIncidents(register.engine)
        self._vigilance = Vigilance(
            hub, self._books, ledger, lambda pair_id: owner_of(incidents, pair_id), lambda: staff.holders(Right.SETTLE_REVIEWS)
        )
        self.copies_room = CopyRoom(
            self._books,
            ledger,
            register.orders,
            lambda order: policies.get(order.policy_id),
            History(stores).lines,
            hub.now_ms,
            self._vigilance.open,
            tell,
        )
        self._views = ViewKeeper(hub, self._books)
        hub.looked = self._vigilance.saw

    async def work(self) -> None:
        """Look after looks, views and copies, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._vigilance.work())
            group.create_task(self._views.work())
            group.create_task(self.copies_room.work())

    def close(self) -> None:
        """Close the books."""
        self._books.close()
        with self._reading:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    async def forget(self, person_ids: Sequence[str]) -> None:
        """Know nothing any more of persons whose time is over: their copies, and how often they looked.

        Raises:
            LedgerUnavailableError: it could not be written down.
        """
        await self.copies_room.forget(person_ids)
        self._vigilance.forget(person_ids)
        await asyncio.to_thread(self._books.forget_viewers, person_ids)

    # -- who looked ----------------------------------------------------------------------------------------------

    async def lookups(self, question: Question, by: str) -> Lookups:
        """Return entries, after it was written down that ``by`` asked for them."""
        await self._write("consulted", f"ledger:{_asked(question)}", by, question.person or question.officer)
        return await self._read(lambda reader: self._page(reader, question))

    def _page(self, reader: LedgerReader, question: Question) -> Lookups:
        rows: list[Lookup] = []
        for looked, (entry, leaf, openings) in enumerate(_backwards(reader, question), start=1):
            if _fits(leaf, openings, question):
                rows.append(self._lookup(entry, leaf, openings))
            if len(rows) == PAGE or looked == MOST_SCANNED:
                return Lookups(rows=rows, before=entry if entry > 0 else None)
        return Lookups(rows=rows, before=None)

    def _lookup(self, entry: int, leaf: Leaf, openings: Mapping[str, str]) -> Lookup:
        whose = [Named(value, self._register.label(value)) for field, value in openings.items() if field.startswith("whose/")]
        return Lookup(
            entry=entry,
            at_ms=leaf["at_ms"],
            act=leaf["act"],
            what=leaf["what"],
            purpose=leaf["purpose"],
            audience=leaf["audience"],
            client=leaf["client"],
            network=leaf["network"],
            who=openings.get("who"),
            whose=whose,
            order=openings.get("order"),
            recipient=openings.get("recipient"),
            reason=openings.get("reason"),
        )

    async def looks_at(self, person_id: str, *, names: bool) -> list[HerLook]:
        """Return who looked at a protected person, newest first: which office, what for and when; the name where the policy says so."""
        return await self._read(lambda reader: _looks(reader, person_id, names=names))

    # -- a month -------------------------------------------------------------------------------------------------

    async def report(self, month: str, by: str) -> Report:
        """Return a month, after it was written down that ``by`` asked for it.

        Raises:
            ValueError: that is no month.
        """
        begin_ms, end_ms = month_ms(month)
        await self._write("consulted", "ledger:report", by, None)
        reviews = await self._vigilance.reviews(begin_ms, end_ms)
        copies = await self.copies_room.copies()
        head = await self.head()
        return await self._read(lambda reader: self._month(reader, month, reviews, copies, head))

    def _month(self, reader: LedgerReader, month: str, reviews: Sequence[Review], copies: Sequence[Copy], head: Head | None) -> Report:
        begin_ms, end_ms = month_ms(month)
        first, end = _first_at(reader, begin_ms), _first_at(reader, end_ms)
        counts = {name: Counter[str]() for name in ("purpose", "audience", "act")}
        officers = Counter[str]()
        for entry, leaf in _forwards(reader, first, end):
            for name, counter in counts.items():
                counter[leaf[name]] += 1
            if leaf["act"] in _LOOKS and leaf["audience"] in _STAFF:
                officers[_opened(reader.openings(entry)).get("who", "erased")] += 1
        opened = [one for one in reviews if begin_ms <= one.opened_ms < end_ms]
        decided = [one for one in reviews if one.decided_ms is not None and begin_ms <= one.decided_ms < end_ms]
        mine = [copy for copy in copies if begin_ms <= copy.made_ms < end_ms]
        return Report(
            month=month,
            from_ms=begin_ms,
            until_ms=end_ms,
            first=first if end > first else None,
            last=end - 1 if end > first else None,
            entries=end - first,
            purposes=_counted(counts["purpose"]),
            audiences=_counted(counts["audience"]),
            acts=_counted(counts["act"]),
            officers=_counted(officers)[:MOST_OFFICERS],
            reviews_opened=_counted(Counter(one.kind.value for one in opened)),
            reviews_decided=_counted(Counter(one.outcome.value for one in decided if one.outcome is not None)),
            reviews_late=sum(one.status is Standing.OPEN and one.due_ms <= self._hub.now_ms() for one in reviews),
            copies_made=len(mine),
            copies_permitted=sum(copy.decision is not None for copy in mine),
            copies_unpermitted=sum(copy.unpermitted for copy in mine),
            head=head,
        )

    # -- proofs --------------------------------------------------------------------------------------------------

    async def head(self) -> Head | None:
        """Return the newest checkpoint, or None before the first."""

        def read(reader: LedgerReader) -> Head | None:
            newest = reader.newest()
            if newest is None:
                return None
            checkpoint, note = newest
            return Head(size=checkpoint.size, root=checkpoint.root.hex(), note=note, key=str(reader.verifier))

        return await self._read(read)

    async def proof(self, entry: int, by: str) -> str:
        """Return the proof of one entry, as text.

        Raises:
            LookupError: no checkpoint holds it yet.
        """
        await self._write("exported", "proof:inclusion", by, None)
        return await self._read(lambda reader: str(reader.proof(entry)))

    async def consistency(self, old: int, by: str) -> str:
        """Return the proof that the first ``old`` entries are still the same, as text.

        Raises:
            LookupError: no checkpoint holds that many entries.
        """
        await self._write("exported", "proof:consistency", by, None)
        return await self._read(lambda reader: str(reader.request(old)))

    # -- retention -----------------------------------------------------------------------------------------------

    async def retention(self) -> RetentionState:
        """Return what is kept until when."""
        return await asyncio.to_thread(self._retention)

    def _retention(self) -> RetentionState:
        now_ms = self._hub.now_ms()
        holds = self._kept.holds(now_ms)
        calendar = Calendar(self._periods, holds, now_ms)
        keeps = [
            Keep(
                order=claim.order_id,
                policy=claim.policy_id,
                ended_ms=None if claim.end is None else claim.end.at_ms,
                outcome=None if claim.end is None else claim.end.outcome.value,
                due={data.value: calendar.due_ms(claim, data) for data in DataClass},
            )
            for claim in self._kept.claims()
        ]
        erasures = self._kept.under_way()
        return RetentionState(
            keeps=sorted(
                keeps, key=lambda one: (one.ended_ms is None, min((due for due in one.due.values() if due is not None), default=0))
            ),
            holds=[
                Holding(hold=one.hold_id, order=one.order_id, authority=one.authority, reason=one.reason, by=one.by, until_ms=one.until_ms)
                for one in holds
            ],
            erasures=[
                Going(order=one.order_id, data=one.data.value, begun_ms=one.begun_ms, due_ms=one.due_ms, done=one.done) for one in erasures
            ],
            overdue=sum(due is not None and due <= now_ms for keep in keeps for due in keep.due.values()),
        )

    # -- reviews and copies --------------------------------------------------------------------------------------

    async def reviews(self) -> list[Review]:
        """Return open reviews, and those of the last 92 days."""
        now_ms = self._hub.now_ms()
        return await self._vigilance.reviews(now_ms - RECENT_MS, now_ms + 1)

    async def take(self, review_id: str, by: str) -> None:
        """Make somebody the owner of a review."""
        await self._vigilance.take(review_id, by)
        self._number += 1

    async def decide(self, review_id: str, by: str, outcome: Outcome, reason: str) -> None:
        """Say what a look was, and why."""
        await self._vigilance.decide(review_id, by, outcome, reason)
        self._number += 1

    async def copies(self) -> list[Copy]:
        """Return the copies made for investigations, without what is in them."""
        return list(await self.copies_room.copies())

    async def permit(self, copy_id: str, decision: Decision, by: str) -> None:
        """Record a court's permission."""
        await self.copies_room.permit(copy_id, decision, by)
        self._number += 1

    def number(self) -> int:
        """Return another number whenever something here may have changed."""
        return self._number + self._vigilance.opened

    # -- reading -------------------------------------------------------------------------------------------------

    async def _write(self, act: str, what: str, by: str, whose: str | None) -> None:
        personal = () if whose is None else (Personal(whose, whose),)
        written = Act(
            at_ms=self._hub.now_ms(),
            act=act,
            what=what,
            purpose=OVERSIGHT,
            audience=Audience.OVERSIGHT.value,
            client=Client.BROWSER,
            who=Personal(by, by),
            whose=personal,
        )
        try:
            await self._ledger.append(written)
        except LeafError:
            raise LookupError("The ledger knows nobody of that name.") from None

    async def _read(self, call: Callable[[LedgerReader], T]) -> T:
        return await asyncio.to_thread(self._locked, call)

    def _locked(self, call: Callable[[LedgerReader], T]) -> T:
        with self._reading:
            if self._reader is None:
                self._reader = self._stores.ledger_reader()
            return call(self._reader)


def owner_of(books: SqlIncidents, pair_id: str) -> str | None:
    """Return who has the open incident of a pair, or None."""
    with books.reading() as page:
        found = page.open_incidents()
    mine = (one for one in found if pair_id in {one.party.pair_id, *(strand.pair_id for strand in one.strands)})
    return next((one.owner for one in mine), None)


def _looks(reader: LedgerReader, person_id: str, *, names: bool) -> list[HerLook]:
    found: list[HerLook] = []
    for entry in reversed(reader.about(person_id)):
        leaf, openings = _leaf(reader, entry), _opened(reader.openings(entry))
        named = {value for field, value in openings.items() if field.startswith("whose/")}
        if leaf["act"] in _SEEN and leaf["audience"] in OTHERS and person_id in named:
            who = openings.get("who") if names or leaf["audience"] == Audience.RESPONDER.value else None
            found.append(HerLook(at_ms=leaf["at_ms"], office=leaf["audience"], purpose=leaf["purpose"], name=who))
        if len(found) == PAGE:
            break
    return found


def month_ms(month: str) -> tuple[int, int]:
    """Return a month's first moment and the first of the next one, UTC.

    Raises:
        ValueError: that is no month such as ``2026-11``.
    """
    year, dash, number = month.partition("-")
    if not (dash and len(year) == 4 and len(number) == 2 and (year + number).isascii() and (year + number).isdecimal()):
        raise ValueError(month)
    first = dt.datetime(int(year), int(number), 1, tzinfo=dt.UTC)
    after = (first + dt.timedelta(days=31)).replace(day=1)
    return int(first.timestamp() * 1000), int(after.timestamp() * 1000)


def _asked(question: Question) -> str:
    """Return by what was looked, in a word that may stand in the open."""
    names = [name for name in ("person", "officer", "purpose") if getattr(question, name) is not None]
    return "_".join(names) or "all"


def _opened(openings: Collection[Opening]) -> dict[str, str]:
    return {opening.field: opening.value for opening in openings}


def _backwards(reader: LedgerReader, question: Question) -> Iterator[tuple[int, Leaf, dict[str, str]]]:
    """Yield entries that may fit, newest first."""
    end = reader.size() if question.before is None else min(question.before, reader.size())
    subject = question.person or question.officer
    if subject is not None:
        for entry in reversed(reader.about(subject)):
            if entry < end:
                yield entry, _leaf(reader, entry), _opened(reader.openings(entry))
        return
    while end > 0:
        begin = max(0, end - PAGE)
        for entry, (_, leaf) in reversed(list(enumerate(reader.entries(begin, end), begin))):
            found = decode(leaf)
            if question.purpose is None or found["purpose"] == question.purpose:
                yield entry, found, _opened(reader.openings(entry))
            else:
                yield entry, found, {}
        end = begin


def _forwards(reader: LedgerReader, begin: int, end: int) -> Iterator[tuple[int, Leaf]]:
    for entry, (_, leaf) in enumerate(reader.entries(begin, end), begin):
        yield entry, decode(leaf)


def _fits(leaf: Leaf, openings: Mapping[str, str], question: Question) -> bool:
    at_ms = leaf["at_ms"]
    if question.from_ms is not None and at_ms < question.from_ms:
        return False
    if question.until_ms is not None and at_ms >= question.until_ms:
        return False
    if question.purpose is not None and leaf["purpose"] != question.purpose:
        return False
    if question.officer is not None and openings.get("who") != question.officer:
        return False
    named = {value for field, value in openings.items() if field.startswith("whose/") or field == "order"}
    return question.person is None or question.person in named


def _leaf(reader: LedgerReader, entry: int) -> Leaf:
    ((_, leaf),) = reader.entries(entry, entry + 1)
    return decode(leaf)


def _first_at(reader: LedgerReader, at_ms: int) -> int:
    """Return the first entry at or after a moment. Times grow with the numbers, save for the clock's own small steps."""
    low, high = 0, reader.size()
    while low < high:
        middle = (low + high) // 2
        if _leaf(reader, middle)["at_ms"] < at_ms:
            low = middle + 1
        else:
            high = middle
    return low


def _counted(counter: Counter[str]) -> list[Count]:
    return [Count(name, count) for name, count in sorted(counter.items(), key=lambda item: (-item[1], item[0]))]
