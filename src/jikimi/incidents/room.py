"""The room of incidents: what happens goes in, work for people comes out. It has no clock; each call is one transaction.

Whoever runs it sleeps until ``next_due_ms()`` and calls ``advance(now_ms)``, whether or not any page is open.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from jikimi.incidents.duty import Duty, Hands, least_loaded, load
from jikimi.incidents.incident import CALLS, Entry, Incident, Kind, Member, Outcome, Party, Strand, Where, name_of
from jikimi.incidents.ladder import ring
from jikimi.incidents.links import part_of
from jikimi.incidents.mass import begun_mass, is_over, key_of_mass, take_members, tell_some
from jikimi.incidents.opening import Signal, begun, merged, settles, strands_of, with_strands
from jikimi.incidents.ports import Books, Page
from jikimi.incidents.ranking import Row, is_flood, ranked, rows
from jikimi.incidents.status import Act, NotAllowedError, Status, TaskStatus, moved
from jikimi.incidents.work import ALARMS, CLOCK, Work
from jikimi.model.notice import Side, Urgency
from jikimi.model.responders import MergeBy, Responders

MOST_CLOSED: Final = 2_000
"""Resolved incidents with calls that are remembered: her phone asks every 4 s, and after a day without a line."""


class Said(NamedTuple):
    """How an incident ended for those who were sent: a word, and a sentence or None."""

    outcome: Outcome
    note: str | None


class Room:
    """Incidents, their owners and their clocks.

    Args:
        books: where they are kept.
        responders: each jurisdiction's routing and clocks, by policy id.
    """

    def __init__(self, books: Books, responders: Mapping[str, Responders]) -> None:
        self._books = books
        self.responders = responders
        self._closed_calls: OrderedDict[str, frozenset[str]] = OrderedDict()
        """The latest resolved incidents in which somebody called for help: whose, and at which pairs."""
        self._has_looked_back = False

    def signal(self, signal: Signal, now_ms: int) -> Incident | None:
        """Open an incident, or merge into the pair's open one. The same signal again changes nothing.

        Returns:
            The incident, or None where the end of something came that no open incident is about.
        """
        with self._books.writing() as page:
            return self._signal(page, signal, now_ms, Hands(page), page.note_signals([signal.signal_id]))

    def signals(self, signals: Iterable[Signal], now_ms: int) -> None:
        """Take many in one transaction: all of them, or after an exception none."""
        signals = list(signals)
        with self._books.writing() as page:
            hands, fresh = Hands(page), page.note_signals(one.signal_id for one in signals)
            page.expect(name for one in signals for name in (self._key(one.party), one.party.pair_id))
            for signal in signals:
                self._signal(page, signal, now_ms, hands, fresh)

    def _signal(self, page: Page, signal: Signal, now_ms: int, hands: Hands, fresh: set[str]) -> Incident | None:
        """Take one of the signals that are ``fresh``, and take it out of them."""
        incident = self._open_of(page, signal.party)
        if signal.signal_id not in fresh:
            return incident
        fresh.remove(signal.signal_id)
        if incident is None:
            return self._opened(page, signal, self._key(signal.party), now_ms, hands) if signal.began else None
        return self._joined(page, incident, signal, now_ms, hands)

    def _joined(self, page: Page, incident: Incident, signal: Signal, now_ms: int, hands: Hands) -> Incident:
        """Merge a signal into an incident of its kind. An exercise joins nothing real, and what is real ends an exercise."""
        if incident.drill is signal.drill:
            return self._merged(page, incident, signal, now_ms)
        if signal.drill or not signal.began:
            return incident
        self._ended_drill(self._work(page, incident, now_ms), "Something real began.")
        return self._opened(page, signal, self._key(signal.party), now_ms, hands)

    def _ended_drill(self, work: Work, reason: str) -> Incident:
        work.act(Act.SETTLE if work.incident.status in {Status.OPEN, Status.ACKNOWLEDGED} else Act.RESOLVE)
        return self._closed(work, CLOCK, Outcome.SETTLED, reason, work.now_ms)

    def end_drills(self, now_ms: int) -> int:
        """Close every drill that stands and return how many: a new process plays none of an earlier one."""
        with self._books.writing() as page:
            found = [one for one in page.open_incidents() if one.drill]
            for one in found:
                self._ended_drill(self._work(page, one, now_ms), "The server began anew; nobody plays this drill any more.")
            return len(found)

    def silences(self, signals: Iterable[Signal], now_ms: int) -> frozenset[str]:
        """Take in silences of an outage, begun and ended, in one transaction; return of which policies a mass silence is open.

        A pair that has an incident of its own is told there; all others are members of the policy's mass silence.
        """
        signals = list(signals)
        with self._books.writing() as page:
            fresh = page.note_signals(one.signal_id for one in signals)
            new = [one for one in signals if one.signal_id in fresh]
            own = page.open_keys({name for one in new for name in (self._key(one.party), one.party.pair_id)})
            hands = Hands(page)
            for policy_id in dict.fromkeys(one.party.policy_id for one in new):
                here = [one for one in new if one.party.policy_id == policy_id]
                self._mass(page, policy_id, [one for one in here if not one.began or self._is_alone(one, own)], now_ms, hands)
            for signal in new:
                # Read anew: the one before it may have closed what was open.
                incident = None if self._is_alone(signal, own) else self._open_of(page, signal.party)
                if incident is not None:
                    self._joined(page, incident, signal, now_ms, hands)
            return frozenset(policy_id for policy_id in self.responders if self._open_mass(page, policy_id) is not None)

    def _is_alone(self, signal: Signal, own: set[str]) -> bool:
        return own.isdisjoint((self._key(signal.party), signal.party.pair_id))

    def _mass(self, page: Page, policy_id: str, signals: list[Signal], now_ms: int, hands: Hands) -> None:
        incident = self._open_mass(page, policy_id)
        first = next((one for one in signals if one.began), None)
        if incident is None and first is None:
            return
        if incident is None:
            assert first is not None
            incident = self._opened(page, begun_mass(first), key_of_mass(policy_id), now_ms, hands)
        work = self._work(page, incident, now_ms)
        if is_over(take_members(page, work, signals, now_ms)):
            work.act(Act.SETTLE)
            self._closed(work, CLOCK, Outcome.SETTLED, "All of them are seen again.", now_ms)
        else:
            work.keep()

    def tell_members(self, most: int, now_ms: int) -> int:
        """Tell some members of mass silences that he cannot be seen, the worst first, and each once; return how many."""
        told = 0
        with self._books.writing() as page:
            for policy_id in self.responders:
                incident = self._open_mass(page, policy_id) if told < most else None
                if incident is not None:
                    told += tell_some(page, self._work(page, incident, now_ms), most - told)
        return told

    def members(self, incident_id: str, skip: int, most: int) -> list[Member]:
        """Return members of a mass silence, those whose silence lasts first, the worst first."""
        with self._books.reading() as page:
            return page.members(incident_id, skip, most)

    def _open_mass(self, page: Page, policy_id: str) -> Incident | None:
        key = key_of_mass(policy_id)
        return page.open_of(key, key)

    def _open_of(self, page: Page, party: Party) -> Incident | None:
        return page.open_of(self._key(party), party.pair_id)

    def _key(self, party: Party) -> str:
        return key_of(party, self._of(party).merge.by)

    def approaches(self) -> dict[str, str]:
        """Return the pairs at which an approach stands, each with the name of its incident."""
        with self._books.reading() as page:
            found = [(strand, one) for one in page.open_incidents() if not one.drill for strand in strands_of(one)]
        return {strand.pair_id: one.incident_id for strand, one in found if Kind.APPROACH in strand.standing}

    def measured(self, moved: Mapping[str, Mapping[str, float]], now_ms: int) -> None:
        """Tell incidents' responders the separation when it changed enough, however often it is called: metres by incident and pair."""
        with self._books.writing() as page:
            for incident_id, low_m in moved.items():
                incident = page.incident(incident_id)
                if incident is not None and Kind.APPROACH in incident.standing:
                    self._measured(self._work(page, with_strands(incident, [_at(one, low_m) for one in strands_of(incident)]), now_ms))

    def _measured(self, work: Work) -> None:
        low_m, told_m = work.incident.harm.low_m, work.incident.told_m
        if low_m is None or work.incident.status is Status.RESOLVED:
            return
        if told_m is None or abs(low_m - told_m) >= work.responders.repeat.every_m:
            work.note("distance", CLOCK, work.now_ms)
            work.repeat_distance()
        work.keep()

    def acknowledge(self, incident_id: str, by: str, now_ms: int) -> Incident:
        """Take an incident: whoever acknowledges it has it.

        Raises:
            NotAllowedError: it is not open any more.
        """
        with self._books.writing() as page:
            work = self._found(page, incident_id, now_ms)
            work.act(Act.ACKNOWLEDGE)
            work.change(owner=by, rung_due_ms=None)
            work.note(Act.ACKNOWLEDGE, by, now_ms)
            return work.keep()

    def call_seen_ms(self, person_id: str, pair_ids: frozenset[str], since_ms: int) -> int | None:
        """Return when an operator first acted on an incident with a person's call for help, at or after a time, or None.

        Whoever had the incident before she called counts only from what he did since: he may not have looked again. One that was
        resolved before her phone asked counts as well: it had been without a line, or the operator was quick.
        """
        with self._books.reading() as page:
            hers = [one for one in page.open_incidents() if not one.drill and one.owner is not None and _calls(one, person_id, pair_ids)]
            self._look_back(page)
            hers += [one for one in map(page.incident, self._closed_of(person_id, pair_ids)) if one is not None]
            acted = [entry.at_ms for one in hers for entry in page.entries(one.incident_id) if _is_by_hand(entry, one)]
        return min((at_ms for at_ms in acted if at_ms >= since_ms), default=None)

    def _look_back(self, page: Page) -> None:
        """Learn once which calls were resolved before the start: her phone may have been without a line since."""
        if not self._has_looked_back:
            for incident in reversed(page.resolved_last(MOST_CLOSED)):
                self._remember_call(incident)
            self._has_looked_back = True

    def _closed_of(self, person_id: str, pair_ids: frozenset[str]) -> list[str]:
        return [name for name, whose in self._closed_calls.items() if person_id in whose or not pair_ids.isdisjoint(whose)]

    def task(self, incident_id: str, where: Where, status: TaskStatus, by: str, now_ms: int) -> Incident:
        """Say how far a responder came. His word may come before an operator acknowledged; the incident then stays open.

        Raises:
            NotAllowedError: no task runs there, or the table has no such move.
        """
        with self._books.writing() as page:
            work = self._found(page, incident_id, now_ms)
            if not any(one.where is where for one in work.incident.tasks):
                raise NotAllowedError(f"The incident has no task at the {where} person.")
            self._step(work, where, status, by)
            return work.keep()

    def _step(self, work: Work, where: Where, status: TaskStatus, by: str) -> None:
        if work.incident.status is not Status.OPEN:
            work.act(Act.RUN_TASKS)
        tasks = list(work.incident.tasks)
        place = max(number for number, one in enumerate(tasks) if one.where is where)
        then = moved(tasks[place].status, status)
        tasks[place] = msgspec.structs.replace(tasks[place], status=then, changed_ms=work.now_ms, pressed=0, pressed_ms=None)
        work.change(tasks=tuple(tasks))
        work.wind_tasks()
        work.note(f"task_{where}_{status}", by, work.now_ms)

    def answer(
        self,
        incident_id: str,
        where: Where,
        status: TaskStatus,
        agency: str,
        now_ms: int,
        *,
        by: str | None = None,
        said: Said | None = None,
    ) -> Incident:
        """Take an agency's own word of how far it came. What it said already changes nothing.

        Args:
            incident_id: which incident.
            where: at whom.
            status: how far it came.
            agency: whose part it is.
            now_ms: the time.
            by: who of them says so; None: the agency's system.
            said: how it ended for them, or None.

        Raises:
            NotAllowedError: nothing was asked of it there, or the table has no such move.
        """
        with self._books.writing() as page:
            incident = page.incident(incident_id)
            before = None if incident is None else part_of(incident, agency, where)
            if incident is None or before is None:
                raise NotAllowedError("Nothing was asked of you there.")
            if before is status:
                return incident
            work = self._work(page, incident, now_ms)
            self._step(work, where, status, by or agency)
            if said is not None:
                work.note(f"outcome_{said.outcome}", by or agency, now_ms, said.note)
            return work.keep()

    def instruct(self, incident_id: str, word: str, by: str, now_ms: int) -> Incident:
        """Have the monitored person told one of the versioned texts.

        Raises:
            NotAllowedError: there is no such incident that is open.
        """
        with self._books.writing() as page:
            work = self._found(page, incident_id, now_ms)
            if work.incident.status is Status.RESOLVED:
                raise NotAllowedError("The incident is resolved; nothing more is said for it.")
            work.note(f"instructed_{word}", by, now_ms)
            work.instruct(word)
            return work.keep()

    def mark(self, incident_id: str, what: str, by: str, now_ms: int, reason: str | None = None) -> Incident:
        """Write down what was done around an incident: a link given, opened, refused or taken back; a call made.

        Raises:
            NotAllowedError: there is no such incident.
        """
        with self._books.writing() as page:
            work = self._found(page, incident_id, now_ms)
            work.note(what, by, now_ms, reason)
            return work.keep()

    def contact(self, incident_id: str, by: str, now_ms: int) -> Incident:
        """Say that somebody spoke with the protected person or is beside her.

        Raises:
            NotAllowedError: nobody acknowledged the incident yet, or it is resolved.
        """
        with self._books.writing() as page:
            work = self._found(page, incident_id, now_ms)
            work.act(Act.CONTACT)
            # Answered: the clock of this alarm has done its work. A new alarm after a retreat winds it again.
            work.change(contact_due_ms=None)
            work.note(Act.CONTACT, by, now_ms)
            return work.keep()

    def write(self, incident_id: str, by: str, text: str, now_ms: int) -> Incident:
        """Write a person's sentence into the history, whatever the state: what was learned afterwards belongs there too.

        Raises:
            NotAllowedError: there is no such incident, or there is nothing to write.
        """
        if not text.strip():
            raise NotAllowedError("A note is a sentence.")
        with self._books.writing() as page:
            work = self._found(page, incident_id, now_ms)
            work.note("note", by, now_ms, text.strip())
            return work.keep()

    def resolve(self, incident_id: str, by: str, outcome: Outcome, reason: str, now_ms: int) -> Incident:
        """Close one incident. There is no way to close several at once.

        Raises:
            NotAllowedError: nobody acknowledged it, it is resolved, no reason is given, or the outcome is the clock's alone.
        """
        if not reason.strip():
            raise NotAllowedError("An incident is closed with a reason, in a sentence.")
        if outcome is Outcome.SETTLED:
            raise NotAllowedError("Only time settles an incident; say how it ended.")
        with self._books.writing() as page:
            work = self._found(page, incident_id, now_ms)
            work.act(Act.RESOLVE)
            return self._closed(work, by, outcome, reason.strip(), now_ms)

    def sign_in(self, operator: str, now_ms: int) -> None:
        """Begin a shift. What nobody had is shared among those on duty, the worst first."""
        with self._books.writing() as page:
            if operator not in {duty.operator for duty in page.duties()}:
                page.put_duty(Duty(operator=operator, since_ms=now_ms))
            self._share(page, [one for one in page.open_incidents() if one.owner is None], now_ms)

    def sign_out(self, operator: str, now_ms: int) -> None:
        """End a shift without a hand-over, or find that an operator's screen is gone: others have the incidents at once."""
        with self._books.writing() as page:
            page.drop_duty(operator)
            self._share(page, [one for one in page.open_incidents() if one.owner == operator], now_ms)

    def offer(self, giver: str, taker: str, now_ms: int) -> None:
        """Offer one's shift to a colleague: the first half of a hand-over.

        Raises:
            NotAllowedError: both are the same, or one of them is not on duty.
        """
        with self._books.writing() as page:
            duties = {duty.operator: duty for duty in page.duties()}
            if giver == taker or not {giver, taker} <= duties.keys():
                raise NotAllowedError("A hand-over takes two operators, both signed in.")
            page.put_duty(Duty(operator=giver, since_ms=min(now_ms, duties[giver].since_ms), offered_to=taker))

    def take(self, taker: str, giver: str, now_ms: int) -> None:
        """Take an offered shift: every incident passes to the taker, and the giver is off duty.

        Raises:
            NotAllowedError: it was not offered to this one.
        """
        with self._books.writing() as page:
            duties = {duty.operator: duty for duty in page.duties()}
            if taker not in duties or giver not in duties or duties[giver].offered_to != taker:
                raise NotAllowedError("This shift was not offered to you.")
            page.drop_duty(giver)
            for one in page.open_incidents():
                if one.owner == giver:
                    work = self._work(page, one, now_ms)
                    work.change(owner=taker)
                    work.note("handed_over", giver, now_ms)
                    work.keep()

    def queue(self) -> list[Row]:
        """Return all that is open, the worst first; in a flood the incidents of one man are one row."""
        with self._books.reading() as page:
            incidents = page.open_incidents()
            return rows(incidents, flood=is_flood(len(incidents), len(page.duties())))

    def next_due_ms(self) -> int | None:
        """Return when time alone next asks something of somebody, or None."""
        with self._books.reading() as page:
            return page.next_due_ms()

    def advance(self, now_ms: int) -> None:
        """Do all that is due until now."""
        with self._books.writing() as page:
            due = page.due_until(now_ms)
            loads = load(page.duties(), page.open_incidents()) if due else {}
            for incident in due:
                work = self._work(page, incident, now_ms)
                ring(work, loads)
                _moved_load(loads, incident.owner, work.incident.owner)
                work.keep()

    def _opened(self, page: Page, signal: Signal, key: str, now_ms: int, hands: Hands) -> Incident:
        responders, strand = self._of(signal.party), begun(signal)
        incident = Incident(
            incident_id=name_of(signal.party.pair_id, signal.signal_id),
            party=signal.party,
            kinds=(signal.kind,),
            standing=strand.standing,
            harm=strand.harm,
            strands=(strand,),
            key=key,
            opened_ms=signal.at_ms,
            owner=hands.next(),
            rung_due_ms=now_ms + 1_000 * responders.ladder[0].after_s,
            drill=signal.drill,
        )
        work = Work(page, incident, responders, now_ms)
        work.note(f"opened_{signal.kind}", CLOCK, signal.at_ms, signal=signal)
        self._begun(work, signal)
        return work.keep()

    def _merged(self, page: Page, incident: Incident, signal: Signal, now_ms: int) -> Incident:
        work = self._work(page, merged(incident, signal), now_ms)
        work.note(f"{'again' if signal.began else 'ended'}_{signal.kind}", CLOCK, signal.at_ms, signal=signal)
        if signal.began and (signal.kind not in incident.standing or _calls_anew(incident, signal)):
            self._begun(work, signal)
            if _calls_anew(incident, signal) or _comes_back(work, signal):
                self._unseen(work)
        elif signal.began:
            work.tell_her(signal.kind, signal.trouble)
            if work.incident.told_tier > incident.told_tier:
                # Her phone sounds anew. Whoever spoke with her before did so about less.
                work.wind_contact(now_ms)
        work.lower_told()
        work.repeat_distance()
        if not signal.began:
            work.wind_contact(now_ms)
            work.change(told_text=None)
            work.wind_tasks()
        if work.incident.drill and not work.incident.standing:
            return self._ended_drill(work, "The drill is over.")
        # Only what nobody works on yet settles; where responders run or somebody spoke with her, a person closes.
        if settles(work.incident) and work.incident.status in {Status.OPEN, Status.ACKNOWLEDGED}:
            work.act(Act.SETTLE)
            return self._closed(work, CLOCK, Outcome.SETTLED, "Its cause has ended.", now_ms)
        return work.keep()

    def _begun(self, work: Work, signal: Signal) -> None:
        work.tell_her(signal.kind, signal.trouble)
        work.tell_owner(f"alarm.operator.{signal.kind}")
        work.tell_him(signal.kind)
        work.send_responders(signal.kind, signal.at_ms)
        if signal.kind in ALARMS:
            work.wind_contact(work.now_ms)

    def _unseen(self, work: Work) -> None:
        """Ask for a new acknowledgement: whoever had the incident before has not looked at this alarm, and may sleep."""
        work.act(Act.ALARM)
        work.note("to_acknowledge", CLOCK, work.now_ms)
        work.change(rung=0, rung_due_ms=work.now_ms + 1_000 * work.responders.ladder[0].after_s)

    def _closed(self, work: Work, by: str, outcome: Outcome, reason: str, now_ms: int) -> Incident:
        work.change(outcome=outcome, resolved_ms=now_ms, rung_due_ms=None, contact_due_ms=None, task_due_ms=None)
        work.note(f"resolved_{outcome}", by, now_ms, reason)
        for responder in dict.fromkeys(task.responder for task in work.incident.tasks):
            work.tell(Side.RESPONDER, responder, "closed.responder.incident", Urgency.QUIET, outcome=outcome.value)
        self._remember_call(work.incident)
        return work.keep()

    def _remember_call(self, incident: Incident) -> None:
        """Keep the name of an incident with a call; only a name, so that a transaction that fails after all tells nothing wrong."""
        if not incident.drill and not CALLS.isdisjoint(incident.kinds):
            pairs = (strand.pair_id for strand in strands_of(incident))
            self._closed_calls[incident.incident_id] = frozenset({incident.party.protected_id, *pairs})
            if len(self._closed_calls) > MOST_CLOSED:
                self._closed_calls.popitem(last=False)

    def _share(self, page: Page, incidents: list[Incident], now_ms: int) -> None:
        loads = load(page.duties(), page.open_incidents())
        for one in ranked(incidents):
            work = self._work(page, one, now_ms)
            work.change(owner=least_loaded(loads))
            _moved_load(loads, None, work.incident.owner)
            work.note("assigned" if work.incident.owner is not None else "unassigned", CLOCK, now_ms)
            work.tell_owner("alarm.operator.assigned")
            work.keep()

    def _found(self, page: Page, incident_id: str, now_ms: int) -> Work:
        incident = page.incident(incident_id)
        if incident is None:
            raise NotAllowedError("There is no such incident.")
        return self._work(page, incident, now_ms)

    def _work(self, page: Page, incident: Incident, now_ms: int) -> Work:
        return Work(page, incident, self._of(incident.party), now_ms)

    def _of(self, party: Party) -> Responders:
        """Return who responds: where an order names a policy that is not installed, those of the first one; somebody always goes."""
        return self.responders.get(party.policy_id) or next(iter(self.responders.values()))


def _moved_load(loads: dict[str, int], before: str | None, after: str | None) -> None:
    for name, by in ((before, -1), (after, 1)):
        if name in loads:
            loads[name] += by


def _at(strand: Strand, low_m: Mapping[str, float]) -> Strand:
    """Return a pair's part with its separation as it is now, where that is told."""
    harm = msgspec.structs.replace(strand.harm, low_m=low_m.get(strand.pair_id, strand.harm.low_m))
    return msgspec.structs.replace(strand, harm=harm)


def key_of(party: Party, by: MergeBy) -> str:
    """Return what people work on as one thing: a pair; or one man and one woman, with every place and measure that joins them."""
    return party.pair_id if by is MergeBy.PAIR else name_of("party", party.monitored_id, party.protected_id)


def _calls(incident: Incident, person_id: str, pair_ids: frozenset[str]) -> bool:
    """Return whether a call for help of this person stands in an incident."""
    calling = [strand.pair_id for strand in strands_of(incident) if not CALLS.isdisjoint(strand.standing)]
    return bool(calling) and (incident.party.protected_id == person_id or not pair_ids.isdisjoint(calling))


def _calls_anew(incident: Incident, signal: Signal) -> bool:
    """Return whether she calls for help in an incident that somebody has already, for the first time or again."""
    return signal.began and signal.kind in CALLS and incident.status is not Status.OPEN


def _comes_back(work: Work, signal: Signal) -> bool:
    """Return whether he comes near, for the first time or again, in an incident that somebody has, and nobody is on the way to her."""
    return signal.kind is Kind.APPROACH and work.incident.status is not Status.OPEN and not work.is_met


def _is_by_hand(entry: Entry, incident: Incident) -> bool:
    return entry.what == Act.ACKNOWLEDGE or entry.by == incident.owner
