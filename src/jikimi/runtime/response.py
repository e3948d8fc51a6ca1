"""Incidents beside a running server: what the core says becomes work for people, and that becomes notices.

The books are a database, so all of it happens on one thread; a fix is never kept waiting for it. That thread shares the interpreter with
the decisions: so it works in small pieces and rests as long as it worked while more waits, and who is in danger waits behind nobody.

Nothing is lost and nothing doubled: what the journal holds above a kept number is taken in again at the start, and a signal that was
taken in changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import msgspec
import sqlalchemy as sa
import structlog

from jikimi.apps.incident_desk import Dossier
from jikimi.delivery.ports import ShelfFailedError
from jikimi.incidents.duty import Duty
from jikimi.incidents.incident import Kind, Member
from jikimi.incidents.opening import Signal, kinds_of, of_event, of_transition
from jikimi.incidents.ranking import Row
from jikimi.incidents.room import Room
from jikimi.model.record import Decided, Events, decode
from jikimi.orders.clerk import Clerk
from jikimi.runtime import parties
from jikimi.runtime.hub import Hub
from jikimi.runtime.notices import NoticeDesk
from jikimi.runtime.outage import Outage
from jikimi.runtime.ports import Journal
from jikimi.runtime.waiting import Waiting
from jikimi.storage.incidents import SqlIncidents

log = structlog.get_logger()

JOURNAL: Final = "incidents"
"""The cursor under which it is kept how far the journal was taken in."""
LONGEST_S: Final = 5.0
"""The clock on the wall may be set while we sleep; and so often distances are looked at and the cursor is kept."""
STEP_M: Final = 10.0
"""A separation that changed by less is not written down: no policy tells anybody of so little."""
RETRY_S: Final = 0.25
BATCH: Final = 16
"""Signals of one transaction: some 20 ms of work."""
OUTAGE_BATCH: Final = 500
"""Silences of an outage taken in with one transaction: some 20 ms of work as well."""
TELL: Final = 32
"""Members of a mass silence told at once; then others get their turn."""
T = TypeVar("T")


class Response:
    """Runs the room of incidents.

    Args:
        hub: the running core.
        journal: what it stores in, to be read at a start.
        room: the incidents.
        books: their storage.
        clerk: the register of orders, for the law each party stands under.
        notices: makes passages of notices.
        noticed: called on the event loop when notices may have come into the outbox.
        changed: called with the new ``number`` when incidents, or what became of their notices, may have changed.
    """

    def __init__(
        self,
        hub: Hub,
        journal: Journal,
        room: Room,
        books: SqlIncidents,
        clerk: Clerk,
        notices: NoticeDesk,
        noticed: Callable[[], None],
        changed: Callable[[int], None],
    ) -> None:
        self.room = room
        self.books = books
        self.number = 0
        """Another one whenever incidents, or what became of their notices, may have changed."""
        self.failed = 0
        """What could not become an incident since the start, by a fault of ours."""
        self._hub = hub
        self._journal = journal
        self._clerk = clerk
        self._notices = notices
        self._noticed = noticed
        self._changed = changed
        self._thread = ThreadPoolExecutor(1, "incidents")
        self._wake = asyncio.Event()
        self._waiting = Waiting()
        self._outage = Outage(room.responders)
        self._untold = True
        """Whether members of a mass silence may wait to be told: an earlier process may have left some."""
        self._taken: int | None = None
        """The record of the journal up to which everything is done when nothing waits."""
        self._measured: dict[str, float] = {}
        self._appended = -1
        self._look_s = 0.0

    # -- what happens --------------------------------------------------------------------------------------------

    def heard(self, record: Decided | Events) -> None:
        """Take note of what the core said or a device told. Called while a fix is judged; most records mean nothing here."""
        for signal in self._signals(record):
            self.signal(signal)

    def signal(self, signal: Signal) -> None:
        """Take in what another watch of the server found. Returns at once."""
        pair_id = signal.party.pair_id
        passes = self._waiting.has(pair_id) and not self._outage.waits_with(pair_id)
        if passes or not self._outage.takes(signal):
            self._waiting.add(signal)
        self._wake.set()

    def _signals(self, record: Decided | Events) -> Iterable[Signal]:
        if isinstance(record, Decided):
            # Most transitions ask nothing of anybody, and this is called while fixes are judged.
            party = parties.of_pair(self._hub, record.transition.pair_id) if kinds_of(record.transition) else None
            yield from () if party is None else of_transition(record.transition, party)
        elif record.person_id is not None:
            concerned = list(parties.of_person(self._hub, record.person_id))
            for one in record.events:
                for party in concerned:
                    signal = of_event(f"{record.device_id}.{one.event_id}", (one.kind, one.detail), record.at_ms, party, record.person_id)
                    if signal is not None:
                        yield signal

    async def begin(self, number: int) -> None:
        """Take in what happened since the last word of an earlier process.

        Args:
            number: the journal's last record at this start; where incidents are new here, they begin after it.
        """
        done = await self.ask(self.books.cursor, JOURNAL)
        policies = await self.ask(self.room.silences, [], self._hub.now_ms())
        silences = await self.ask(self._silences)
        self._outage.policies = policies
        self._outage.remember(silences)
        if done is None:
            await self.ask(self.books.keep_cursor, JOURNAL, number)
        elif done < number:
            now, self._waiting, self._outage = [*self._waiting, *self._outage], Waiting(), Outage(self.room.responders)
            self._outage.policies = policies
            self._outage.remember(silences)
            for record in await self.ask(self._missed, done):
                self.heard(record)
            for signal in now:
                self.signal(signal)
            self._taken = number

    def _silences(self) -> list[tuple[str, int]]:
        """Return policy and begin of the silences that stand one by one."""
        with self.books.reading() as page:
            found = [one for one in page.open_incidents() if one.kinds[0] is Kind.SILENCE and Kind.SILENCE in one.standing]
        return [(one.party.policy_id, one.opened_ms) for one in found]

    def _missed(self, after: int) -> list[Decided | Events]:
        records = (decode(record) for _, record in self._journal.read(after))
        return [record for record in records if isinstance(record, Decided | Events)]

    # -- work ----------------------------------------------------------------------------------------------------

    async def work(self) -> None:
        """Take in what happens and meet every clock, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            began_s = loop.time()
            wait_s = await self._round()
            if self._busy():
                await asyncio.sleep(max(wait_s, loop.time() - began_s))
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait_s)

    async def ask(self, call: Callable[..., T], *args: object) -> T:
        """Do something with the books, on their thread, after all that was asked before."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)

    async def act(self, call: Callable[[Room], T]) -> T:
        """Have the room change something; notices that follow go out at once.

        Raises:
            NotAllowedError: the act does not fit.
        """
        done: T = await self.ask(self._noted, call, self._hub.now_ms())
        self._told()
        return done

    def _noted(self, call: Callable[[Room], T], now_ms: int) -> T:
        """On the thread: change something, and put the notices that follow in the outbox, in one transaction."""
        try:
            with self.books.together():
                done = call(self.room)
                self._notices.take(now_ms)
        except BaseException:
            self._notices.forget()
            raise
        return done

    async def queue(self) -> tuple[list[Row], list[Duty]]:
        """Return what is open, worst first, and who is on duty."""
        return await self.ask(self._queue)

    def _queue(self) -> tuple[list[Row], list[Duty]]:
        with self.books.reading() as page:
            duties = page.duties()
        return self.room.queue(), duties

    async def dossier(self, incident_id: str) -> Dossier | None:
        """Return one incident with its history and its notices, or None."""
        return await self.ask(self._dossier, incident_id)

    def _dossier(self, incident_id: str) -> Dossier | None:
        with self.books.reading() as page:
            incident = page.incident(incident_id)
            return None if incident is None else Dossier(incident, page.entries(incident_id), self._notices.of(incident_id))

    async def call_seen_ms(self, person_id: str, since_ms: int) -> int | None:
        """Return when an operator first acted on a person's call for help that began at a time, or None."""
        pair_ids = frozenset(pair.pair_id for pair in self._hub.pairs_of_owner(person_id))
        return await self.ask(self.room.call_seen_ms, person_id, pair_ids, since_ms)

    async def members(self, incident_id: str, skip: int, most: int) -> list[Member]:
        """Return members of a mass silence, those whose silence lasts first, the worst first."""
        return await self.ask(self.room.members, incident_id, skip, most)

    def touched(self) -> None:
        """Take note that something changed which the queue or an incident's page shows."""
        self.number += 1
        self._changed(self.number)

    def _told(self) -> None:
        self._noticed()
        self.touched()

    async def close(self) -> None:
        """Let what is under way end."""
        await asyncio.to_thread(self._thread.shutdown)

    async def _round(self) -> float:
        """Do what is to be done now; return for how long there is nothing else, as far as the clocks know."""
        signals, now_ms = self._waiting.next(BATCH), self._hub.now_ms()
        # Nobody of an outage is looked at while one waits whom somebody comes near, or who calls.
        silences = [] if self._waiting.is_urgent else self._outage.next(OUTAGE_BATCH)
        try:
            due_ms, changed = await self.ask(self._meet, signals, silences, now_ms)
            self._waiting.done(signals)
            self._outage.done(len(silences))
            if changed:
                self._told()
            if not self._waiting and not self._outage:
                await self._look()
        except (sa.exc.DBAPIError, ShelfFailedError) as error:
            log.warning("incidents cannot be kept now; it is tried again", kind=type(error).__name__)
            return RETRY_S
        if self._busy():
            return 0.0
        return LONGEST_S if due_ms is None else min(LONGEST_S, max(0.0, (due_ms - self._hub.now_ms()) / 1000.0))

    def _busy(self) -> bool:
        return bool(self._waiting or self._outage or self._untold)

    def _meet(self, signals: list[Signal], silences: list[Signal], now_ms: int) -> tuple[int | None, bool]:
        """On the thread: take signals in, ring what is due, make passages, in one transaction.

        Returns:
            When to ring next, and whether anything changed.
        """
        try:
            with self.books.together():
                return self._met(signals, silences, now_ms)
        except BaseException:
            # None of it is kept.
            self._notices.forget()
            self._untold = True
            raise

    def _met(self, signals: list[Signal], silences: list[Signal], now_ms: int) -> tuple[int | None, bool]:
        self._take_signals(signals, now_ms)
        if silences:
            self._outage.policies = self.room.silences(silences, now_ms)
            self._untold = True
        elif self._untold and not signals:
            self._untold = self.room.tell_members(TELL, now_ms) == TELL
        due_ms = self.room.next_due_ms()
        if due_ms is not None and due_ms <= now_ms:
            self.room.advance(now_ms)
            due_ms = self.room.next_due_ms()
        told = self._notices.take(now_ms)
        return due_ms, told or bool(signals) or bool(silences)

    def _take_signals(self, signals: list[Signal], now_ms: int) -> None:
        """Take signals in together; where that fails by a fault of ours, each by itself, so that one case cannot hurt another."""
        try:
            if signals:
                self.room.signals(self._lawful(signals), now_ms)
        except sa.exc.DBAPIError:
            raise
        except Exception:
            log.exception("signals could not be taken in together; each is taken by itself")
            for one in signals:
                self._take_alone(one, now_ms)

    def _take_alone(self, signal: Signal, now_ms: int) -> None:
        try:
            self.room.signals(self._lawful([signal]), now_ms)
        except sa.exc.DBAPIError:
            raise
        except Exception:
            # Her alarm does not depend on it, and the desk's board shows the pair; that no incident stands is said there.
            self.failed += 1
            log.exception("a signal could not become an incident")

    def _lawful(self, signals: list[Signal]) -> list[Signal]:
        """Return signals with the law that their parties stand under: one question to the register for all."""
        bound = self._clerk.binding({one.party.monitored_id for one in signals})
        return [msgspec.structs.replace(one, party=parties.with_bases(one.party, bound[one.party.monitored_id])) for one in signals]

    async def _look(self) -> None:
        """Tell how near the open approaches are, and keep how far the journal is taken in. Runs at most every ``LONGEST_S``."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._look_s:
            return
        self._look_s = loop.time() + LONGEST_S
        if self._taken is not None:
            await self.ask(self.books.keep_cursor, JOURNAL, self._taken)
            self._taken = None
        elif self._appended != self._hub.appended:
            # Whatever was stored up to here waited before: records and signals are made in one go. It is kept when nothing waits any more.
            appended, self._taken = self._hub.appended, await self._hub.durable()
            self._appended = appended if self._taken is not None else self._appended
        moved = self._moved(await self.ask(self.room.approaches))
        if moved:
            now_ms = self._hub.now_ms()
            await self.ask(self._noted, lambda room: room.measured(moved, now_ms), now_ms)
            self._told()

    def _low_m(self, pair_id: str) -> float | None:
        """Return how near the two may be, a report that waits to be confirmed included; None where it is not known."""
        seen = self._hub.view(pair_id)
        return (
            None
            if seen is None or seen.low_m is None
            else min(seen.low_m, seen.low_m if seen.unconfirmed is None else seen.unconfirmed.low_m)
        )

    def _moved(self, approaches: dict[str, str]) -> dict[str, dict[str, float]]:
        """Return the separations that are others than when they were told last, by incident and pair."""
        now = {pair_id: low_m for pair_id in approaches if (low_m := self._low_m(pair_id)) is not None}
        before = {pair_id: low_m for pair_id, low_m in self._measured.items() if pair_id in now}
        found = {pair_id: low_m for pair_id, low_m in now.items() if abs(low_m - before.get(pair_id, math.inf)) >= STEP_M}
        self._measured = before | found
        moved: dict[str, dict[str, float]] = {}
        for pair_id, low_m in found.items():
            moved.setdefault(approaches[pair_id], {})[pair_id] = low_m
        return moved
