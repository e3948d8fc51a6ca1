"""The running core of one process: takes input in, decides, stores, tells.

A fix is judged on the event loop the moment it is decoded and everybody is told at once; the journal is written in
parallel, and only when it is durable is the device answered. What was told but not stored is not acknowledged: the
device sends it again.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
import structlog

from jikimi.apps.ports import Change, DeviceHealth, Sos, TrailPoint
from jikimi.core import view as core_view
from jikimi.core.limits import BLIND, CLEAR
from jikimi.core.pair import Watched
from jikimi.core.sampling import person_interval_s
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.ports import Ledger
from jikimi.disclosure.views import Views
from jikimi.disclosure.vigil import TOWARDS
from jikimi.ingest.ports import Decoded, Intake, IntakeFailedError, Receipt
from jikimi.model.access import Grant, Purpose
from jikimi.model.decision import PairView, Tier, Transition
from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix
from jikimi.model.order import Device, Order, Pair
from jikimi.model.policy import Policy, TrackRules
from jikimi.model.record import Decided, Disclosed, Events, Fixes, Forget, Gap, PairEnd, PairPut, Record, Security, TrackRulesPut, encode
from jikimi.runtime import recovery
from jikimi.runtime.asking import Asking
from jikimi.runtime.clock import Clock
from jikimi.runtime.entries import entry, granted
from jikimi.runtime.feed import Feed
from jikimi.runtime.mind import Mind
from jikimi.runtime.ports import Journal, JournalFailedError
from jikimi.runtime.repeats import event_mark, fix_mark

log = structlog.get_logger()

SLICE: Final = 250
"""Fixes of one request judged in one go; then others get their turn, so that a big batch delays nobody by more than ms."""
BUSY_APPENDS: Final = 20_000
LATE_S: Final = 1.0
"""A shorter delay is not worth a word on a screen."""
GAP_RETRY_S: Final = 5.0
"""A disk that was full may be full again: the mark of a gap is tried no oftener."""
MOST_GAP_PAIRS: Final = 20_000
"""With more, writing down what is believed would hold decisions up for a second: then the gap is marked alone."""
LONG_S: Final = 1e9
"""Sorts a pair behind all that could meet."""
APP_DEVICE: Final = "app"
"""Stands for her app where a record names a device."""


class _Taken(NamedTuple):
    """What was new of a report and is judged; ``stored`` ends when it is durable."""

    device_id: str
    person_id: str
    events: Sequence[DeviceEvent]
    fixes: Sequence[Fix]
    repeated: int
    stored: asyncio.Future[Any]


class Hub:
    """Implements ``Intake`` and ``Watch`` over one ``Mind``, one ``Journal`` and one ``Ledger``."""

    def __init__(
        self,
        mind: Mind,
        journal: Journal,
        ledger: Ledger,
        clock: Clock,
        policies: Mapping[str, Policy],
    ) -> None:
        self.intake: Intake = self
        self._mind = mind
        self._journal = journal
        self._ledger = ledger
        self._clock = clock
        self._policies = policies
        self._orders: dict[str, Order] = {}
        self._by_owner: dict[str, list[Pair]] = {}
        self._protecting: dict[str, list[Order]] = {}
        self._hot: dict[str, Watched] = {}
        self._waiting: dict[int, float] = {}
        self._ticket = 0
        self._loop_late_s = 0.0
        self._unstored_s: float | None = None
        """Since when the journal keeps nothing, by the loop's clock."""
        self._lost_ms: int | None = None
        """Since when something that came in was not stored and no gap is marked in the journal."""
        self._next_gap_s = 0.0
        self._appended = 0
        self._asking = Asking()
        self._grants: dict[str, Grant] = {}
        self._renewals: dict[str, int] = {}
        self.her_views = Views()
        """What the gate remembers of her views."""
        self.feed = Feed(clock())
        self.located: Callable[[str], None] = _nobody
        """Told of each device whose position was just taken in."""
        self.heard: Callable[[Decided | Events], None] = _nothing
        """Told of each transition and each batch of events as it is handed to the journal: what people may have to act on."""
        self.looked: Callable[[Disclosed], None] = _unwatched
        """Told of each look as it is handed to the ledger: what may be unusual."""
        self.attended: Callable[[Pair], bool] = _unattended
        """Tells whether an incident of a pair's two persons is open in which somebody must be found."""
        self.accepting: Callable[[str], bool] = _everybody
        """Tells whether somebody accepted the terms that stand before his position."""

    # -- time ----------------------------------------------------------------------------------------------------

    def now_ms(self) -> int:
        """Return the server's time, never before the engine's."""
        return self._clock()

    def tick(self) -> None:
        """Let time pass: ring what is due. Called often; costs nothing when nothing is due."""
        alarm = self._mind.engine.next_alarm_ms()
        now = self._clock()
        if alarm is not None and alarm <= now:
            self._tell(self._mind.engine.advance(now), now)

    def next_alarm_ms(self) -> int | None:
        """Return when ``tick`` has work next."""
        return self._mind.engine.next_alarm_ms()

    def note_loop_late(self, late_s: float) -> None:
        """Take over how late the event loop runs, measured by its own alarm clock."""
        self._loop_late_s = late_s

    def late_s(self) -> float:
        """Return how far the server is behind: of its loop, its journal, or its clock."""
        stored_late = 0.0
        if self._waiting:
            oldest = next(iter(self._waiting.values()))
            stored_late = asyncio.get_running_loop().time() - oldest
        if self._unstored_s is not None:
            # Nothing is kept since then: that is said at once, and until something is kept again.
            stored_late = max(stored_late, asyncio.get_running_loop().time() - self._unstored_s, 2 * LATE_S)
        late = max(self._loop_late_s, stored_late, abs(self._clock.off_s))
        return late if late > LATE_S else 0.0

    # -- intake --------------------------------------------------------------------------------------------------

    def busy(self) -> bool:
        """Return whether devices should be told to come back."""
        return len(self._waiting) > BUSY_APPENDS

    def offer(self, device: Device, decoded: Decoded) -> asyncio.Future[Receipt]:
        """Judge at once what a device sent; the future ends when it is durable.

        Raises (from the future):
            IntakeFailedError: it could not be stored.
        """
        if len(decoded.fixes) > SLICE:
            return asyncio.get_running_loop().create_task(self._offer_slices(device, decoded))
        if device.person_id is None:
            refused: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
            refused.set_exception(IntakeFailedError())
            return refused
        taken = self._take(device.device_id, device.person_id, decoded.events, decoded.fixes)
        # Of the same loop: asking for the running one is a call into the system each time.
        receipt: asyncio.Future[Receipt] = taken.stored.get_loop().create_future()
        taken.stored.add_done_callback(partial(self._receive, receipt, taken))
        return receipt

    async def _offer_slices(self, device: Device, decoded: Decoded) -> Receipt:
        if device.person_id is None:
            raise IntakeFailedError
        batch = len(decoded.fixes) + len(decoded.events)
        self._mind.known(device.device_id, batch)
        taken: list[_Taken] = []
        for start in range(0, len(decoded.fixes), SLICE):
            if start:
                await asyncio.sleep(0)
            events = () if start else decoded.events
            taken.append(self._take(device.device_id, device.person_id, events, decoded.fixes[start : start + SLICE], batch))
        found = await asyncio.gather(*(one.stored for one in taken), return_exceptions=True)
        if any(isinstance(one, BaseException) for one in found):
            for one in taken:
                self._forget_marks(one)
            raise IntakeFailedError
        return self._receipt(taken)

    def _take(self, device_id: str, person_id: str, events: Sequence[DeviceEvent], fixes: Sequence[Fix], batch: int = 0) -> _Taken:
        """Judge what is new of this and append it. What is known is marked as it is taken, so nobody's repetition overtakes it."""
        known = self._mind.known(device_id, len(fixes) + len(events))
        new_events = [event for event in events if known.add_event(event)]
        new_fixes = known.new_fixes(fixes)
        stored: list[asyncio.Future[int]] = []
        if new_events:
            stored.append(self._take_events(device_id, person_id, new_events))
        if new_fixes:
            stored.append(self._take_fixes(device_id, person_id, new_fixes, batch))
        repeated = len(events) + len(fixes) - len(new_events) - len(new_fixes)
        if repeated or not stored:
            # A repeated report must wait too: its first sending may not be durable yet.
            stored.append(self._journal.append([]))
        together: asyncio.Future[Any] = stored[0] if len(stored) == 1 else asyncio.gather(*stored)
        return _Taken(device_id, person_id, new_events, new_fixes, repeated, together)

    def _receive(self, receipt: asyncio.Future[Receipt], taken: _Taken, stored: asyncio.Future[Any]) -> None:
        """Tell that a report is durable, or could not be stored."""
        is_lost = stored.cancelled() or stored.exception() is not None
        if is_lost:
            self._forget_marks(taken)
        if receipt.done():
            return
        if is_lost:
            receipt.set_exception(IntakeFailedError())
        else:
            receipt.set_result(self._receipt([taken]))

    def _receipt(self, taken: Sequence[_Taken]) -> Receipt:
        accepted = sum([len(one.events) + len(one.fixes) for one in taken])
        repeated = sum([one.repeated for one in taken])
        asked_s = self._ask(taken[0].device_id, taken[0].person_id, unheard=repeated > 0)
        return Receipt(accepted=accepted, repeated=repeated, interval_s=asked_s)

    def _forget_marks(self, taken: _Taken) -> None:
        """Take back what could not be stored: sent again it is new."""
        known = self._mind.known(taken.device_id, 0)
        for event in taken.events:
            known.forget(event_mark(event))
        for fix in taken.fixes:
            known.forget(fix_mark(fix.fix_id, fix.fix_time_ms))

    def _ask(self, device_id: str, person_id: str, *, unheard: bool) -> float | None:
        """Return the interval to ask a device for, or None when it knows. A batch sent again says that an answer was lost."""
        engine = self._mind.engine
        # What was new has just brought the engine's time up; what was known has not.
        now = max(self._clock(), engine.now_ms) if unheard else engine.now_ms
        pairs = [(pair, self.policy(pair.spec.order_id).sampling) for pair in engine.pairs_of(person_id)]
        wanted_s = person_interval_s(person_id, engine.track(person_id), pairs, now)
        repeat_s = min((rules.repeat_s for _pair, rules in pairs), default=0.0)
        return self._asking.ask(device_id, wanted_s, repeat_s, now, unheard=unheard)

    def security(self, kind: str, device_id: str | None, protocol: str) -> None:
        """Record an attempt. Nobody waits for it."""
        record = Security(self._clock(), kind, device_id, protocol)
        self._keep([record])
        self.feed.alarmed(record)

    def _take_fixes(self, device_id: str, person_id: str, fixes: list[Fix], batch: int) -> asyncio.Future[int]:
        now = self._clock()
        verdicts, out = self._mind.fixes(now, person_id, fixes)
        records: list[Record] = [Fixes(now, device_id, person_id, fixes, verdicts, batch)]
        if out:
            records += self._noticed(out, now)
        stored = self._keep(records)
        self._publish(out)
        for pair in self._mind.engine.pairs_of(person_id):
            self.feed.moved(pair.spec.pair_id)
        self.located(device_id)
        return stored

    def _take_events(self, device_id: str, person_id: str | None, events: list[DeviceEvent]) -> asyncio.Future[int]:
        now = self._clock()
        before = self._mind.sos.get(person_id) if person_id is not None else None
        out = self._mind.events(now, person_id, events)
        record = Events(now, device_id, person_id, events)
        stored = self._keep([record, *self._noticed(out, now)])
        self.heard(record)
        self._publish(out)
        if person_id is not None:
            self._tell_sos(person_id, before, now)
        return stored

    def _tell_sos(self, person_id: str, before: Sos | None, now: int) -> None:
        after = self._mind.sos.get(person_id)
        if after == before:
            return
        told = after if after is not None else msgspec.structs.replace(before, cancelled_ms=now) if before is not None else None
        if told is None:
            return
        pairs = self.pairs_of_owner(person_id)
        for pair in pairs:
            self._heat(pair.pair_id)
            self.feed.called(pair.pair_id, told)
        if not pairs:  # an order without a tag has none, and her call must reach the desk all the same
            self.feed.called("", told)

    # -- keeping and telling -------------------------------------------------------------------------------------

    def _keep(self, records: Sequence[Record]) -> asyncio.Future[int]:
        """Append records as one; note how long the oldest waits."""
        self._ticket += 1
        ticket = self._ticket
        self._appended += len(records)
        future = self._journal.append([encode(record) for record in records])
        self._waiting[ticket] = future.get_loop().time()
        future.add_done_callback(lambda done: self._kept(ticket, records[0].at_ms, done))
        return future

    def _kept(self, ticket: int, at_ms: int, done: asyncio.Future[int]) -> None:
        self._waiting.pop(ticket, None)
        if done.cancelled():
            return
        if done.exception() is None:
            self._unstored_s = None
            self._mark_gap()
        else:
            self._lost_ms = at_ms if self._lost_ms is None else self._lost_ms
            self._unstored_s = self._unstored_s if self._unstored_s is not None else asyncio.get_running_loop().time()
            log.error("the journal cannot store; devices are told to send again", records=1)

    def _mark_gap(self) -> None:
        """Write down that something was not stored and what is believed now, so that a replay can go on from there."""
        if self._lost_ms is None:
            return
        now_s = asyncio.get_running_loop().time()
        if now_s < self._next_gap_s:
            return
        self._next_gap_s = now_s + GAP_RETRY_S
        pairs = sum(1 for _ in self._mind.engine.pairs())
        state = recovery.belief(self._mind) if pairs <= MOST_GAP_PAIRS else None
        self._keep([Gap(self._clock(), self._lost_ms, state)]).add_done_callback(self._marked)

    def _marked(self, done: asyncio.Future[int]) -> None:
        # What failed before it is in it, and what fails after it is told after this.
        if not done.cancelled() and done.exception() is None:
            self._lost_ms = None

    def _noticed(self, out: Sequence[Transition], now: int) -> list[Record]:
        return [Decided(now, transition) for transition in out]

    def _tell(self, out: Sequence[Transition], now: int) -> None:
        """Store and publish transitions that no input caused."""
        if out:
            self._keep(self._noticed(out, now))
            self._publish(out)

    def _publish(self, out: Sequence[Transition]) -> None:
        for transition in out:
            self._heat(transition.pair_id)
            if transition.tier < Tier.WATCH:
                self.her_views.over(transition.pair_id)
            self.feed.changed(transition)
            self.heard(Decided(transition.at_ms, transition))

    def _heat(self, pair_id: str) -> None:
        pair = self._mind.engine.pair(pair_id)
        if pair is not None and (pair.tier > CLEAR or pair.sight_m > 0 or pair.sight_p > 0 or pair.spec.owner_id in self._mind.sos):
            self._hot[pair_id] = pair
        else:
            self._hot.pop(pair_id, None)

    async def durable(self) -> int | None:
        """Wait until everything appended so far is durable; return the last record's number, or None if there is none."""
        try:
            number = await self._journal.append([])
        except JournalFailedError:
            return None
        return number if number > 0 else None

    @property
    def appended(self) -> int:
        """How many records were appended since the start."""
        return self._appended

    # -- orders --------------------------------------------------------------------------------------------------

    def forget(self, person_ids: Sequence[str], device_ids: Sequence[str]) -> None:
        """Forget persons that no order in force names, and their devices: the time for keeping what is known of them is over."""
        now = self._clock()
        record = Forget(now, list(person_ids), [*device_ids, *(f"{APP_DEVICE}:{name}" for name in person_ids)])
        out = self._mind.forget(record)
        for device_id in record.device_ids:
            self._asking.forget(device_id)
        self._keep([record, *self._noticed(out, now)])
        self._publish(out)

    def set_track_rules(self, rules: TrackRules, *, first: bool = False) -> None:
        """Judge fixes by these rules from now on; the ``first`` ones of a journal are written down in any case."""
        if first or rules != self._mind.engine.rules:
            now = self._clock()
            out = self._mind.engine.advance(now)
            self._mind.engine.set_track_rules(rules)
            self._keep([TrackRulesPut(now, rules), *self._noticed(out, now)])
            self._publish(out)

    def set_orders(self, orders: Sequence[Order], pairs: Sequence[Pair]) -> None:
        """Watch exactly these pairs from now on; what did not change is not touched."""
        self._orders = {order.order_id: order for order in orders}
        self._protecting = {}
        for order in orders:
            for person_id in order.protected_ids:
                self._protecting.setdefault(person_id, []).append(order)
        wanted = {pair.pair_id: pair for pair in pairs}
        for pair in [p.spec for p in self._mind.engine.pairs()]:
            if pair.pair_id not in wanted:
                self._end(pair.pair_id)
        for pair in pairs:
            watched = self._mind.engine.pair(pair.pair_id)
            if watched is None or watched.spec != pair:
                self._put(pair)
        self._by_owner = {}
        for pair in pairs:
            self._by_owner.setdefault(pair.owner_id, []).append(pair)
            self._heat(pair.pair_id)

    def _put(self, pair: Pair) -> None:
        now = self._clock()
        out = self._mind.put(now, pair)
        self._keep([PairPut(now, pair), *self._noticed(out, now)])
        self._publish(out)

    def _end(self, pair_id: str) -> None:
        now = self._clock()
        out = self._mind.end(now, pair_id)
        self._hot.pop(pair_id, None)
        self.her_views.over(pair_id)
        self._keep([PairEnd(now, pair_id), *self._noticed(out, now)])
        self._publish(out)

    # -- what the apps ask ---------------------------------------------------------------------------------------

    def pair(self, pair_id: str) -> Pair | None:
        """Return a pair under watch."""
        watched = self._mind.engine.pair(pair_id)
        return watched.spec if watched is not None else None

    def pairs(self) -> Sequence[Pair]:
        """Return all pairs under watch."""
        return [pair.spec for pair in self._mind.engine.pairs()]

    def pairs_of_owner(self, person_id: str) -> Sequence[Pair]:
        """Return the pairs that protect a person, places included."""
        return self._by_owner.get(person_id, ())

    def pairs_binding(self, person_id: str) -> Sequence[Pair]:
        """Return the pairs in which a person is the monitored one."""
        return [pair.spec for pair in self._mind.engine.pairs_of(person_id) if pair.spec.monitored_id == person_id]

    def order(self, order_id: str) -> Order | None:
        """Return an order in force."""
        return self._orders.get(order_id)

    def protected(self) -> Sequence[str]:
        """Return whom an order in force protects."""
        return list(self._protecting)

    def orders_protecting(self, person_id: str) -> Sequence[Order]:
        """Return the orders in force that protect a person, also those without a tag, which have no pair."""
        return self._protecting.get(person_id, ())

    def calls_without_pair(self) -> Sequence[Sos]:
        """Return the SOS calls that stand and show on no pair: her order has no tag, or it is not she who calls."""
        return [call for call in self._mind.sos.values() if not self._by_owner.get(call.person_id)]

    def policy(self, order_id: str) -> Policy:
        """Return the policy of an order in force."""
        return self._policies[self._orders[order_id].policy_id]

    def view(self, pair_id: str) -> PairView | None:
        """Return what is believed of a pair now. Holds coordinates: for the gate only."""
        watched = self._mind.engine.pair(pair_id)
        return core_view.view(watched, max(self._clock(), self._mind.engine.now_ms)) if watched is not None else None

    def worst(self, limit: int) -> Sequence[PairView]:
        """Return the most urgent pairs, an SOS first, then the worst; quiet ones fill up what is left."""
        now = max(self._clock(), self._mind.engine.now_ms)
        worst = heapq.nsmallest(
            limit, self._hot.values(), key=lambda pair: (pair.spec.owner_id not in self._mind.sos, *_urgency(pair, now))
        )
        if len(worst) < limit:
            for pair in self._mind.engine.pairs():
                if pair.spec.pair_id not in self._hot:
                    worst.append(pair)
                    if len(worst) == limit:
                        break
        return [core_view.view(pair, now) for pair in worst]

    def trail(self, pair_id: str, since_ms: int) -> Sequence[TrailPoint]:
        """Return the monitored person's way during the running alarm. Coordinates: for the gate only."""
        watched = self._mind.engine.pair(pair_id)
        return self._mind.trail(watched.spec.monitored_id, since_ms) if watched is not None else ()

    def transitions(self, pair_id: str, limit: int) -> Sequence[Transition]:
        """Return the newest transitions of a pair, newest first."""
        return self.feed.transitions(pair_id, limit)

    def number(self) -> int:
        """Return the number of the newest change."""
        return self.feed.number

    def changes_after(self, number: int, pair_ids: Sequence[str] | None) -> Sequence[Change] | None:
        """Return what was told after ``number``, or None when part of it is forgotten."""
        return self.feed.after(number, pair_ids)

    def health(self, person_id: str) -> DeviceHealth | None:
        """Return how a person's device is doing."""
        return self._mind.health.get(person_id)

    def sos_of(self, person_id: str) -> Sos | None:
        """Return the SOS that stands for a person."""
        return self._mind.sos.get(person_id)

    def in_incident(self, pair: Pair) -> bool:
        """Return whether an incident of a pair's two persons is open in which somebody must be found."""
        return self.attended(pair)

    def subscribe(self, pair_ids: Sequence[str] | None, wake: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``wake`` for each change of these pairs (None: of all); return the way to stop."""
        return self.feed.subscribe(pair_ids, wake)

    async def raise_sos(self, sos: Sos) -> None:
        """Record an SOS of her app, or its end; return when it is durable. The same id again changes nothing.

        Raises:
            IntakeFailedError: it could not be stored.
        """
        ended = sos.cancelled_ms is not None
        event = DeviceEvent(
            event_id=f"{sos.sos_id}/cancel" if ended else sos.sos_id,
            kind=EventKind.SOS_CANCEL if ended else EventKind.SOS,
            detail="silent" if sos.silent else None,
        )
        app = f"{APP_DEVICE}:{sos.person_id}"
        fresh = self._mind.known(app, 1).add_event(event)
        try:
            await (self._take_events(app, sos.person_id, [event]) if fresh else self._journal.append([]))
        except JournalFailedError as failure:
            self._mind.known(app, 1).forget(event_mark(event))
            raise IntakeFailedError from failure

    def disclosed(self, recipient: str, audience: str, pair_id: str, purpose: str, scope: str) -> Awaitable[None]:
        """Record that a view opened or closed, in the ledger and the journal: both, or it fails and nothing may be shown."""
        record = Disclosed(self._clock(), recipient, audience, pair_id, purpose, scope)
        self.looked(record)
        return self._disclosed(record)

    async def _disclosed(self, record: Disclosed) -> None:
        await asyncio.gather(self._ledger.append(entry(record, self.pair(record.pair_id))), self._keep([record]))

    # -- her view of him ---------------------------------------------------------------------------------------

    def grant(self, pair_id: str) -> Grant | None:
        """Return the view of him that a person at the desk opened to her, or None. A restart ends it: what is unknown is closed."""
        return self._grants.get(pair_id)

    async def give_view(self, pair_id: str, grant: Grant) -> None:
        """Open a view of him to her, once that is written down with its reason.

        Raises:
            LedgerUnavailableError: it could not be; nothing opens.
            LeafError: the reason cannot stand in the ledger.
        """
        await self._ledger.append(granted(self._clock(), grant, self.pair(pair_id)))
        self._grants[pair_id] = grant
        self.feed.moved(pair_id)

    def renewed_ms(self, person_id: str) -> int | None:
        """Return when she last renewed her view, or None."""
        return self._renewals.get(person_id)

    def has_accepted(self, person_id: str) -> bool:
        """Return whether she accepted the terms of her law, or it has none."""
        return self.accepting(person_id)

    def renew_view(self, person_id: str) -> None:
        """Take note that she still looks; her screens look again."""
        self._renewals[person_id] = self._clock()
        self.look_again(person_id)

    def look_again(self, person_id: str) -> None:
        """Have her screens look again: what may be shown to her may be something else."""
        for pair in self.pairs_of_owner(person_id):
            self.feed.moved(pair.pair_id)

    def went_towards(self, recipient: str, pair_id: str) -> None:
        """Take note that she goes towards him while she sees where he is."""
        self.looked(Disclosed(self._clock(), recipient, Audience.PROTECTED.value, pair_id, Purpose.OWN_SAFETY.value, TOWARDS))


def _urgency(pair: Watched, now_ms: int) -> tuple[int, int, float]:
    """Sort key: tier first, then blindness, then the time to contact."""
    contact_s = pair.contact_s(pair.low_m(now_ms)) if pair.placed else None
    return -pair.tier, -(pair.sight_m == BLIND) - (pair.sight_p == BLIND), LONG_S if contact_s is None else contact_s


def _nobody(_device_id: str) -> None:
    """Nobody waits for a device."""


def _nothing(_record: Decided | Events) -> None:
    """Nobody acts on it."""


def _unattended(_pair: Pair) -> bool:
    """Nobody keeps incidents."""
    return False


def _everybody(_person_id: str) -> bool:
    """Nobody is asked to accept anything."""
    return True


def _unwatched(_record: Disclosed) -> None:
    """Nobody watches those who look."""
