"""`jikimi invite`, `clear-pin` and `decline`: what the office does for a protected person, most of it once it made sure who she is."""

from __future__ import annotations

from pathlib import Path

from jikimi.disclosure.ledger.leaf import LeafError
from jikimi.identity.guests import AT_THE_OFFICE, Check, InvitationError, Seen, Waiver, check_named
from jikimi.model.register import CourtOrder
from jikimi.orders.codes import new_code
from jikimi.orders.status import ENDED
from jikimi.runtime.commands import CODE_MS, fail, now_ms, say
from jikimi.runtime.counter import Counter
from jikimi.runtime.shell import os_account
from jikimi.storage.app_locks import SqlAppLocks
from jikimi.storage.guests import SqlGuests


def invite(config: Path | None, person: str, order_id: str, seen: str, by: str) -> None:
    """Write the check down and print the code."""
    counter = Counter(config)
    give(counter, person, order_id, Seen(seen), by)


def give(counter: Counter, person: str, order_id: str, seen: Seen, by: str) -> None:
    """Give a person whom an order protects a code, and end with a sentence where that cannot be."""
    order = counter.order(order_id)
    if order.status in ENDED:
        raise fail("This order has ended, so nobody is invited under it.")
    code, at_ms = new_code(), now_ms()
    try:
        check = _check(order, person, seen, by, at_ms)
        SqlGuests(counter.register.engine, shell=os_account()).invite(check, code, at_ms + CODE_MS)
    except (InvitationError, LeafError) as error:
        raise fail(str(error)) from error
    say(f"pairing     {code}   for {person}, once, within 7 days; a phone that she signed in on before is turned off by it")


def clear_pin(config: Path | None, person: str, order_id: str, seen: str, by: str) -> None:
    """Write the check down and take a forgotten PIN away, or end with a sentence why not."""
    counter = Counter(config)
    try:
        check = _check(counter.order(order_id), person, Seen(seen), by, now_ms())
        was_set = SqlAppLocks(counter.register.engine, shell=os_account()).reset(check)
    except (InvitationError, LeafError) as error:
        raise fail(str(error)) from error
    say(f"The PIN of {person} is gone; she may set another one." if was_set else f"{person} has no PIN; nothing was changed.")


def waive_passkey(config: Path | None, person: str, order_id: str, why: str, by: str) -> None:
    """Let her see the map without a passkey, or no longer; or end with a sentence why not."""
    counter = Counter(config)
    try:
        check_named(person, (one.person_id for one in counter.order(order_id).protected))
        waiver = None if why == "ended" else Waiver(why)
        SqlAppLocks(counter.register.engine, shell=os_account()).waive(person, order_id, waiver, by, now_ms())
    except (InvitationError, LeafError) as error:
        raise fail(str(error)) from error
    say(f"The map of {person} waits for a passkey again." if waiver is None else f"The map of {person} opens without a passkey.")


def _check(order: CourtOrder, person: str, seen: Seen, by: str, at_ms: int) -> Check:
    check_named(person, (one.person_id for one in order.protected))
    return Check(person_id=person, order_id=order.order_id, seen=seen, by=by, at_ms=at_ms)


def decline(config: Path | None, person: str, order_id: str, by: str) -> None:
    """Note that she will not take part."""
    counter = Counter(config)
    counter.ask(lambda: counter.clerk.consent(order_id, person, given=False, terms=AT_THE_OFFICE, now_ms=now_ms(), by=by))
    counter.note("consent:declined", by, "told at the office", order_id=order_id, person=person)
    say("Noted. Her officer has a task, due in a minute.")
