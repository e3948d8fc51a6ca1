"""The keeper: takes the journal's fixes over into the vault, lets go of what the journal need not hold, and erases what fell due.

It runs in a process of its own beside the server, for one round at a time: whatever goes wrong here, a full disk or a damaged vault,
no decision waits for it. Every step can be killed and done again.

A round is ``look`` (take over, tidy up, say what is due) or ``erase``. Before an erasure the server has stopped to take anything in of
those who leave, has forgotten them, and has begun a new segment of the journal: so all that may be left of them has a number up to the
one that ``erase`` is given.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
import structlog

from jikimi.disclosure.ledger.leaf import MOST_VALUE, MOST_WHOSE, Act, Client, Personal
from jikimi.disclosure.ledger.place import looks_like_a_place
from jikimi.disclosure.retention.due import DAY_MS, Calendar, Claim
from jikimi.disclosure.retention.plan import PersonDay, Plan, Present, due_persons, plan, unclaimed_days
from jikimi.model.policy import TrackRules
from jikimi.model.retention import DataClass, Hold
from jikimi.policy.resolve import track_rules
from jikimi.runtime import logs, policies, recovery
from jikimi.runtime.cases import TooManyError, keep_cases
from jikimi.runtime.response import JOURNAL
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage import files
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.personal import court_order
from jikimi.storage.retention import Erasure, SqlRetention
from jikimi.storage.seal import NotAuthenticError
from jikimi.storage.vault.follow import catch_up
from jikimi.storage.vault.store import Vault
from jikimi.storage.vault.subjectkeys import incidents_of, person_of, register_of

LOCK: Final = "keeper.lock"
LOOKED: Final = "looked-through"
"""Holds the day on which the whole vault was looked through last: once a day is enough for what nobody asked for."""
SETTLED_MS: Final = 2 * 3_600_000
"""A day is compacted so long after its end: devices that were out of reach send what they stored."""
COMPACTED: Final = 2_000
"""Days compacted in one round at most."""
COUNTS: Final = {DataClass.POSITIONS: "days", DataClass.INCIDENTS: "incidents", DataClass.REGISTER: "persons"}

UNSPEAKABLE: Final = "words that the ledger does not take"

log = structlog.get_logger()


class KeeperError(Exception):
    """The round could not be finished. The text names nobody."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a round found.

    Attributes:
        taken: the journal's last record that the vault has.
        due: whether something is to be erased.
        leaving: persons who leave, from whom nothing is to be taken in any more.
        forget: persons of whom nothing may be known any more, though the register may know them.
        devices: the devices of both.
        subjects: whom the ledger is to forget now.
        since_ms, next_ms, overdue: as in ``Plan``.
    """

    taken: int
    due: bool
    leaving: tuple[str, ...] = ()
    forget: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    since_ms: int | None = None
    next_ms: int | None = None
    overdue: bool = False


class Keeper:
    """One round's tools.

    Args:
        settings: of the server.
        stores: its folder.
        now_ms: the time of the round.
    """

    def __init__(self, settings: Settings, stores: Stores, now_ms: int) -> None:
        self._settings = settings
        self._now_ms = now_ms
        self._tables = policies.retention(settings)
        self._journal = stores.reading()
        self.register = stores.register()
        self.retention = SqlRetention(self.register.engine, policies.load(settings))
        self._books = SqlIncidents(self.register.engine)
        stores.vault_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = stores.vault_folder / LOCK
        self._looked = stores.vault_folder / LOOKED
        self.vault = stores.vault()
        self._keys = stores.subject_keys(self.vault)
        self._oversight = stores.oversight()

    def close(self) -> None:
        """Close everything."""
        self._oversight.close()
        self.vault.close()
        self.register.close()

    def behind(self) -> int:
        """Return how many records of the journal the vault has not taken over."""
        return self._journal.last() - self.vault.taken()

    def look(self) -> Look:
        """Take over, tidy up, and say what is due."""
        with files.alone(self._lock):
            taken = self._take_over()
            compact(self.vault, self._now_ms)
            self._drop_old()
            whole = self._is_day_new()
            found = self.plan(unclaimed_too=whole)
            self._erase_unclaimed(found)
            if whole:
                self._note_day()
            for subject in found.subjects:
                self._oversight.erase_reviews(subject)
            return self._said(found, taken)

    def plan(self, *, unclaimed_too: bool = False) -> Plan:
        """Return what is due now; ``unclaimed_too`` looks through the whole vault for days that no order claims."""
        claims = self.retention.claims()
        incidents = self.retention.incidents({claim.order_id for claim in claims})
        persons = self.retention.persons() | {name for claim in claims for name in claim.persons}
        calendar = Calendar(self._tables, self.retention.holds(self._now_ms), self._now_ms)
        days = {name: self.vault.days(name) for name in due_persons(claims, calendar, self._now_ms)}
        present = Present(
            claims=tuple(claims),
            days=self._unclaimed(claims, persons) | days if unclaimed_too else days,
            incidents={order_id: any(each.values()) for order_id, each in incidents.items()},
            persons=persons,
            subjects=self.retention.subjects(),
        )
        return plan(present, calendar, self._now_ms)

    def _unclaimed(self, claims: Sequence[Claim], persons: Iterable[str]) -> dict[str, list[int]]:
        """Return the days that no order claims. Whom the register does not know stands under the vault's own name."""
        names = {self.vault.person(name): name for name in persons}
        of: dict[str, list[Claim]] = {}
        for claim in claims:
            for name in claim.persons:
                of.setdefault(name, []).append(claim)
        found: dict[str, list[int]] = {}
        for mark, days in self.vault.everybody():
            name = names.get(mark, mark.hex())
            alone = unclaimed_days(days, of.get(name, ()))
            if alone:
                found[name] = alone
        return found

    def _is_day_new(self) -> bool:
        """Return whether nobody looked through the whole vault today."""
        today = dt.datetime.fromtimestamp(self._now_ms / 1000, dt.UTC).date().isoformat()
        return not self._looked.exists() or self._looked.read_text(encoding="ascii", errors="replace") != today

    def _note_day(self) -> None:
        today = dt.datetime.fromtimestamp(self._now_ms / 1000, dt.UTC).date().isoformat()
        files.replace(self._looked, today.encode())

    def _take_over(self) -> int:
        if self.vault.taken() > self._journal.last():
            raise KeeperError("The vault has more of the journal than the journal ever held: one of them was put back from a copy.")
        return catch_up(self.vault, self._journal.read(self.vault.taken()))

    # -- the journal ---------------------------------------------------------------------------------------------

    def _needed(self) -> int:
        """Return the last record that nobody needs the journal for: neither the vault, nor a start, nor the incidents."""
        cursor = self._books.cursor(JOURNAL)
        kept = self._journal.checkpoints.kept()
        return min([self.vault.taken(), *([cursor] if cursor is not None else []), *(kept or [0])])

    def _drop_old(self) -> None:
        """Let the journal go of days that past cases are not run again for any more; a base is kept to begin replays from."""
        today = dt.datetime.fromtimestamp(self._now_ms / 1000, dt.UTC).date()
        bases, yesterday = self._journal.checkpoints.bases(), self._journal.last_before(today)
        if yesterday > max(bases, default=0):
            found = recovery.recover(self._journal, self._rules())
            state = recovery.dump(found.mind)
            self._journal.checkpoints.save_base(found.number, state)
            # Where little is reported nobody else writes one for weeks, and a start would need all of them.
            self._journal.checkpoints.save(found.number, state)
        window = self._journal.last_before(today - dt.timedelta(days=self._settings.journal_days))
        base = min((number for number in self._journal.checkpoints.bases() if number >= window), default=None)
        if window and base is not None and base <= self._needed():
            self._journal.drop(window)
            self._journal.checkpoints.drop_bases(base)
        case = self._journal.cases.load()
        if case is not None and case.head.newest_ms < self._now_ms - self._settings.journal_days * DAY_MS:
            self._journal.cases.drop()

    def _gone(self, claims: Mapping[str, Claim]) -> frozenset[str] | None:
        """Return whose records no past case may hold; None where that cannot be told apart from what others need."""
        calendar = Calendar(self._tables, self.retention.holds(self._now_ms), self._now_ms)
        due = due_persons(claims.values(), calendar, self._now_ms)
        living = {name for claim in claims.values() if claim.end is None or claim.end.at_ms > self._now_ms for name in claim.persons}
        # Of whom another order needs, single days go; and an erasure that was killed after the register forgot is finished without names.
        known = {erasure.order_id for erasure in self.retention.under_way()} <= claims.keys()
        return due if known and due.isdisjoint(living) else None

    def _keep_cases(self, until: int, gone: frozenset[str] | None) -> None:
        """Keep what past cases of others are run again from; where that fails, it is done without, and said."""
        try:
            if gone is None:
                self._journal.cases.drop()
                log.warning("past cases cannot be run again from before this erasure")
            else:
                keep_cases(self._journal, until, gone, self._now_ms, int(self._settings.journal_days * DAY_MS), self._rules())
        except (OSError, sqlite3.Error, NotAuthenticError, TooManyError) as error:
            self._journal.cases.drop()
            log.error("past cases cannot be run again from before this erasure", kind=type(error).__name__)  # noqa: TRY400

    def _drop_all(self, until: int, gone: frozenset[str] | None) -> None:
        """Let the journal, its checkpoints and bases go of everything up to a record.

        Raises:
            KeeperError: something still needs it.
        """
        found = recovery.recover(self._journal, self._rules())
        if found.number < until:
            raise KeeperError("The journal has not been read up to where an erasure must reach.")
        if found.difference is not None:
            log.critical("the core no longer says what it said", number=found.difference.number)
        self._keep_cases(until, gone)
        state, checkpoints = recovery.dump(found.mind), self._journal.checkpoints
        checkpoints.save(found.number, state)
        checkpoints.lone()
        checkpoints.save_base(found.number, state)
        checkpoints.drop_bases(found.number)
        if self._needed() < until:
            raise KeeperError("Something still needs what the journal is to let go of: it is tried again.")
        self._journal.drop(until)
        if self._journal.first() <= until:
            raise KeeperError("The journal still holds what must be gone.")

    def _rules(self) -> TrackRules:
        return track_rules(next(iter(policies.load(self._settings).values())))

    # -- erasing -------------------------------------------------------------------------------------------------

    def erase(self, until: int) -> Look:
        """Erase what is due: keys first, then data; the register last, for the rest is found by it."""
        with files.alone(self._lock):
            self._take_over()
            found = self.plan()
            claims = {claim.order_id: claim for claim in self.retention.claims()}
            gone = self._gone(claims)
            self._begin(found, claims)
            self._erase_days(found, claims)
            self._erase_copies(found, claims)
            self._erase_incidents(found)
            self._drop_all(until, gone)
            self._erase_register(found, claims)
            if not self.retention.scrubbed():
                raise KeeperError("The register's log file could not be cut now: somebody reads it. It is tried again.")
            for erasure in self.retention.under_way():
                self.retention.finish(erasure, certificate(erasure, claims.get(erasure.order_id), self._now_ms))
            return self._said(self.plan(), self.vault.taken())

    def _begin(self, found: Plan, claims: Mapping[str, Claim]) -> None:
        due_ms = found.since_ms if found.since_ms is not None else self._now_ms
        wanted = [(order_id, DataClass.POSITIONS) for order_id in _concerned(found.days, claims)]
        wanted += [(order_id, DataClass.INCIDENTS) for order_id in found.incidents]
        wanted += [(order_id, DataClass.REGISTER) for order_id in found.orders]
        for order_id, data in wanted:
            self.retention.begin(order_id, data, now_ms=self._now_ms, due_ms=due_ms)

    def _erase_days(self, found: Plan, claims: Mapping[str, Claim]) -> None:
        for one in found.days:
            self.vault.erase(one.person_id, one.day)
            for order_id in _concerned([one], claims):
                self.retention.add(order_id, DataClass.POSITIONS, 1)

    def _erase_copies(self, found: Plan, claims: Mapping[str, Claim]) -> None:
        """Erase what was copied for an investigation under these orders: it is of the same days."""
        for orders, wholly in (({*_concerned(found.days, claims)}, False), ({*found.orders}, True)):
            if orders:
                self._oversight.erase_copies(lambda name, orders=orders: court_order(name, claims.keys()) in orders, wholly=wholly)  # type: ignore[misc]

    def _erase_incidents(self, found: Plan) -> None:
        known = self.retention.incidents({*found.incidents}) if found.incidents else {}
        self._keys.destroy(incidents_of(order_id) for order_id in found.incidents)
        for order_id in found.incidents:
            self.retention.add(order_id, DataClass.INCIDENTS, self.retention.erase_incidents(known.get(order_id, ())))

    def _erase_register(self, found: Plan, claims: Mapping[str, Claim]) -> None:
        gone: set[str] = set()
        for order_id in found.orders:
            gone.add(order_id)
            still = {name for claim in claims.values() if claim.order_id not in gone for name in claim.persons}
            leaving = claims[order_id].persons - still
            dues = {name: due_ms for name, due_ms in found.ledger.items() if name == order_id or name in leaving}
            self._keys.destroy([register_of(order_id), incidents_of(order_id), *(person_of(name) for name in sorted(leaving))])
            self.retention.add(order_id, DataClass.REGISTER, len(leaving))
            self.retention.erase_order(order_id, leaving, dues)

    def _erase_unclaimed(self, found: Plan) -> None:
        """Erase days that no order ever asked for; the journal has let go of them by itself."""
        if not found.unclaimed:
            return
        names = {name: self.vault.person(name) for name in self.retention.persons()}
        for one in found.unclaimed:
            self.vault.erase_named(names.get(one.person_id) or bytes.fromhex(one.person_id), one.day)
        self.retention.note(unclaimed(len(found.unclaimed), self._now_ms))

    def _said(self, found: Plan, taken: int) -> Look:
        living = {
            name for claim in self.retention.claims() if claim.end is None or claim.end.at_ms > self._now_ms for name in claim.persons
        }
        forget = {*found.persons, *(one.person_id for one in found.days)} - living
        due = bool(found.days or found.incidents or found.orders or self.retention.under_way())
        return Look(
            taken=taken,
            due=due,
            leaving=found.persons,
            forget=tuple(sorted(forget)),
            devices=tuple(self.retention.devices_of(forget)) if forget else (),
            subjects=found.subjects,
            since_ms=found.since_ms,
            next_ms=found.next_ms,
            overdue=found.overdue,
        )


def compact(vault: Vault, now_ms: int) -> None:
    """Join what lies scattered of days that are over."""
    for person, day in vault.scattered((now_ms - SETTLED_MS) // DAY_MS, COMPACTED):
        vault.compact_named(person, day)


def sayable(subject: str, words: str) -> Personal:
    """Return what the ledger says of a subject; what looks like a coordinate it does not take, and what must be said is said without."""
    return Personal(subject, UNSPEAKABLE if looks_like_a_place(words) else words[:MOST_VALUE])


def _concerned(days: list[PersonDay] | tuple[PersonDay, ...], claims: Mapping[str, Claim]) -> list[str]:
    """Return the orders that claimed any of these days."""
    return sorted(
        {claim.order_id for one in days for claim in claims.values() if one.person_id in claim.persons and claim.touches(one.day)}
    )


def certificate(erasure: Erasure, claim: Claim | None, now_ms: int) -> Act:
    """Return what the ledger says of an erasure that is finished: of which order and persons, what, how much, how it ended."""
    persons = sorted(claim.persons)[:MOST_WHOSE] if claim is not None else []
    outcome = claim.end.outcome.value if claim is not None and claim.end is not None else "ended"
    due = dt.datetime.fromtimestamp(erasure.due_ms / 1000, dt.UTC).date().isoformat()
    words = f"{outcome}; due since {due}; {COUNTS[erasure.data]}: {erasure.done}; keys, then data; no backup tells of it"
    return Act(
        at_ms=now_ms,
        act="erased",
        what=erasure.data.value,
        purpose="retention",
        audience="service",
        client=Client.SERVICE,
        whose=tuple(sayable(name, name) for name in persons),
        order=sayable(erasure.order_id, erasure.order_id),
        reason=sayable(erasure.order_id, words),
    )


def held(hold: Hold, what: str, second: str | None = None) -> Act:
    """Return what the ledger says of a court's hold: ``held``, or ``released`` where it was ended early; ``second`` confirmed it."""
    until = dt.datetime.fromtimestamp(hold.until_ms / 1000, dt.UTC).date().isoformat()
    return Act(
        at_ms=hold.from_ms,
        act=what,
        what="retention",
        purpose="retention",
        audience="service",
        client=Client.SERVICE,
        who=sayable(hold.by, hold.by),
        order=sayable(hold.order_id, hold.order_id),
        reason=sayable(
            hold.order_id, f"{hold.authority}: {hold.reason}; until {until}{'' if second is None else f'; second person {second}'}"
        ),
    )


def unclaimed(days: int, now_ms: int) -> Act:
    """Return what the ledger says of days that no order ever asked for."""
    words = f"days on which no order was in force: {days}"
    return Act(
        at_ms=now_ms,
        act="erased",
        what="positions:unclaimed",
        purpose="retention",
        audience="service",
        client=Client.SERVICE,
        reason=Personal("retention", words),
    )


@contextlib.contextmanager
def opened(settings: Settings, now_ms: int) -> Iterator[Keeper]:
    """Give a keeper for one round."""
    keeper = Keeper(settings, Stores(settings), now_ms)
    try:
        yield keeper
    finally:
        keeper.close()


def main() -> None:
    """Do one round: settings as JSON on standard input, what was found as JSON on standard output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("look", "erase"))
    parser.add_argument("--now", type=int, required=True)
    parser.add_argument("--until", type=int, default=0)
    arguments = parser.parse_args()
    settings = msgspec.json.decode(sys.stdin.buffer.read(), type=Settings)
    logs.configure(settings.log_level)
    with opened(settings, arguments.now) as keeper:
        found = keeper.look() if arguments.what == "look" else keeper.erase(arguments.until)
    told(msgspec.json.encode(found))


def told(found: bytes) -> None:
    """Say what was found. Where the server is gone, nobody hears it: what was done is done, and the next server asks anew."""
    try:
        sys.stdout.buffer.write(found)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at the end, and would complain of the same pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    # The server goes first.
    os.nice(10)
    main()
