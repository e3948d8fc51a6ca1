"""`jikimi retention`, `export` and `import`: what is kept, until when, what holds it back; and whole records as files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from jikimi.disclosure.retention.due import Calendar, Claim
from jikimi.disclosure.retention.plan import Plan
from jikimi.identity.second import Deed, SecondError
from jikimi.model.retention import DataClass, Hold
from jikimi.policy.defect import PolicyError
from jikimi.policy.retention import load
from jikimi.runtime import backup, policies, record
from jikimi.runtime.commands import fail, now_ms, say, settings
from jikimi.runtime.counter import Counter
from jikimi.runtime.keeper import Keeper, KeeperError, opened
from jikimi.runtime.second import waits
from jikimi.runtime.settings import Settings
from jikimi.runtime.shell import os_account
from jikimi.runtime.stores import Stores
from jikimi.storage.archive import digest
from jikimi.storage.retention import SqlRetention
from jikimi.storage.second import SqlSecond
from jikimi.storage.vault.store import VaultDamagedError

DAY_MS: Final = 86_400_000


class OrderState(msgspec.Struct, frozen=True, kw_only=True):
    """When one order's record goes. Times in ms; None: nothing says when yet.

    Attributes:
        order_id: which order.
        ended_ms, outcome: its end, or None while it has not ended.
        due_ms: when each class of data falls due.
        held: holds that keep it back now: name, court and end.
    """

    order_id: str
    ended_ms: int | None
    outcome: str | None
    due_ms: dict[str, int | None]
    held: tuple[tuple[str, str, int], ...]


def states(retention: SqlRetention, tables: policies.RetentionTables, now: int) -> Iterator[OrderState]:
    """Yield the state of every order's record, as the register has it: what oversight shows. Reads nothing of the vault."""
    holds = retention.holds(now)
    calendar = Calendar(tables, holds, now)
    for claim in sorted(retention.claims(), key=lambda one: one.order_id):
        yield _state(claim, calendar, holds)


def _state(claim: Claim, calendar: Calendar, holds: list[Hold]) -> OrderState:
    return OrderState(
        order_id=claim.order_id,
        ended_ms=claim.end.at_ms if claim.end is not None else None,
        outcome=claim.end.outcome.value if claim.end is not None else None,
        due_ms={data.value: calendar.due_ms(claim, data) for data in DataClass},
        held=tuple((hold.hold_id, hold.authority, hold.until_ms) for hold in holds if hold.order_id == claim.order_id),
    )


def status(config: Path | None) -> None:
    """Print when what falls due, and what is held back."""
    found, now = settings(config), now_ms()
    register = Stores(found).register()
    retention = SqlRetention(register.engine)
    for one in states(retention, policies.retention(found), now):
        ended = "in force" if one.ended_ms is None else f"{one.outcome} {_day(one.ended_ms)}"
        dues = ", ".join(f"{data} {_day(due_ms)}" for data, due_ms in one.due_ms.items()) if one.ended_ms is not None else ""
        say(f"{one.order_id:<24} {ended:<24} {dues}".rstrip())
        for name, authority, until_ms in one.held:
            say(f"{'':<24} {name}: held back by {authority} until {_day(until_ms)}")
    for erasure in retention.under_way():
        say(f"under way: {erasure.data.value} of {erasure.order_id}, since {_day(erasure.begun_ms)}")
    register.close()


def check(file: Path) -> None:
    """Check a table of retention."""
    try:
        load(file)
    except PolicyError as error:
        raise fail("\n".join(f"{error.name}, {defect}" for defect in error.defects)) from error
    say(f"{file}: nothing is wrong.")


def erase(config: Path | None) -> None:
    """Say what would be erased now. A running server erases by itself; nothing is erased here."""
    found = settings(config)
    with opened(found, now_ms()) as keeper:
        plan = keeper.plan(unclaimed_too=True)
    for line in _planned(plan):
        say(line)
    say("Nothing was erased: this only looks. A running server erases what is due by itself, within minutes.")


def _planned(plan: Plan) -> Iterator[str]:
    counts = (
        ("days of positions", len(plan.days)),
        ("days that no order asked for", len(plan.unclaimed)),
        ("orders' incidents and notices", len(plan.incidents)),
        ("orders", len(plan.orders)),
        ("persons", len(plan.persons)),
        ("names in the ledger", len(plan.subjects)),
    )
    for words, count in counts:
        if count:
            yield f"due now: {count} {words}"
    if plan.since_ms is None:
        yield "due now: nothing"
    if plan.overdue:
        yield "OVERDUE: something was due for longer than the law allows."
    yield f"next: {_day(plan.next_ms)}"


def hold(config: Path | None, order_id: str, authority: str, reason: str, by: str, last_day: dt.date) -> None:
    """Propose to hold an order's record back, by a court's word."""
    counter = Counter(config)
    if all(claim.order_id != order_id for claim in SqlRetention(counter.register.engine).claims()):
        raise fail("The register knows no order of that name.")
    counter.in_two(Deed.HOLD_RECORD, order_id, f"{last_day.isoformat()} {authority}", by, reason)
    say("Once one account adopted it, nothing of this order is erased while it waits; once confirmed, not before that day is over.")


def release(config: Path | None, hold_id: str, authority: str, reason: str, by: str) -> None:
    """Propose to end a hold early, by a court's word. What is due is erased within minutes after it was confirmed."""
    Counter(config).in_two(Deed.RELEASE_HOLD, hold_id, authority, by, reason)


def export(
    config: Path | None, folder: Path, order_id: str | None, person_id: str | None, by: str, reason: str | None, number: int | None
) -> None:
    """Ask a second person for an export; once that is confirmed (``number``), make it."""
    if (order_id is None) == (person_id is None):
        raise fail("Name an --order or a --person, one of the two.")
    found = settings(config)
    register = Stores(found).register()
    requests = SqlSecond(register.engine, shell=os_account())
    target = order_id or person_id or ""
    try:
        if number is None:
            return waits(requests.propose(Deed.EXPORT_HISTORY, target, by, reason or "", now_ms=now_ms(), order_id=order_id))
        if folder.exists():
            raise fail("There is something of that name already: a record is written into a new folder.")
        request = requests.claim(number, Deed.EXPORT_HISTORY, target, by=by, now_ms=now_ms())
    except SecondError as error:
        raise fail(str(error)) from error
    finally:
        register.close()
    wish = record.Wish(order_id, person_id, by, second=request.settled_by, reason=request.reason)
    return _export(found, wish, folder)


def _export(found: Settings, wish: record.Wish, folder: Path) -> None:
    try:
        done = record.export(found, wish, folder, now_ms())
        said = digest(folder)
    except record.REFUSALS as error:
        raise fail(str(error)) from error
    say(f"Exported {done.fixes} fixes and {done.rows} rows. Send the folder on a way that keeps it secret, and this on another one:")
    say(f"sha256 {said}")


def bring_in(config: Path | None, folder: Path, sha256: str | None, by: str) -> None:
    """Import a record."""
    try:
        done = record.bring_in(settings(config), folder, sha256, now_ms(), by)
    except record.REFUSALS as error:
        raise fail(str(error)) from error
    say(f"Imported {done.fixes} fixes and {done.rows} rows: 0 differences.")
    if sha256 is None:
        say("Its hash was not compared with one you were told: give it with --sha256, or anybody may have made this record.")


def back_up(config: Path | None, folder: Path, *, keys: bool) -> None:
    """Make a backup, or renew the copy of the keys."""
    found = settings(config)
    try:
        if keys:
            backup.back_up_keys(found, folder)
            say("The copy of the keys is renewed. Keep this newest one alone, apart from backups and master key.")
        else:
            say(f"Backed up: history, ledger and {backup.back_up(found, folder, now_ms())} parts of the register. No key is in it.")
    except backup.BackupError as error:
        raise fail(str(error)) from error


def restore(config: Path | None, folder: Path) -> None:
    """Put a backup back."""
    try:
        done = backup.restore(settings(config), folder)
    except backup.BackupError as error:
        raise fail(str(error)) from error
    say(f"Put back {done.parts} parts of the register; {done.erased} were erased since, and stay so.")


def findings(found: Settings, now: int) -> Iterator[str]:
    """Yield what is wrong with keeping and erasing, each in a sentence: for `jikimi doctor`."""
    keeper = Keeper(found, Stores(found), now)
    try:
        plan = keeper.plan()
        if plan.overdue:
            yield f"something fell due on {_day(plan.since_ms)} and is not erased yet. Start the server; its log says what fails."
        lawless = {claim.policy_id for claim in keeper.retention.claims()} - policies.retention(found).keys()
        if lawless:
            yield f"no table of retention is there for {', '.join(sorted(lawless))}: nothing of those orders is erased. docs/policy.md."
        if keeper.behind() > MOST_BEHIND:
            yield f"the vault has not taken over {keeper.behind()} records of the journal. Start the server; if it runs, its log says why."
    except (KeeperError, VaultDamagedError) as error:
        yield str(error)
    finally:
        keeper.close()


MOST_BEHIND: Final = 5_000_000
"""Records that wait for the vault: more than half an hour of a very busy server."""


def _day(at_ms: int | None) -> str:
    return "nothing yet" if at_ms is None else dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).strftime("%Y-%m-%d %H:%M")
