"""`jikimi subject report`: what the office hands to the monitored person on his request."""

from __future__ import annotations

import sys
from pathlib import Path

from jikimi.delivery.leak import LeakError, check
from jikimi.disclosure.ledger.leaf import Act, Client, LeafError, Personal
from jikimi.disclosure.retention.due import Calendar
from jikimi.disclosure.subject import Facts, Named, OwnOrder, document, texts
from jikimi.model.order import Order
from jikimi.model.retention import DataClass
from jikimi.runtime import policies
from jikimi.runtime.commands import fail, now_ms, settings
from jikimi.runtime.stores import Stores
from jikimi.storage.lines import SqlLines
from jikimi.storage.register import SqlRegister
from jikimi.storage.retention import SqlRetention


def report(config: Path | None, person: str, language: str, by: str) -> None:
    """Print the document, once it is written down that it was made.

    It is made whatever happens at that moment: "come back later, an alarm stands" would tell him where she is.
    """
    found = settings(config)
    stores = Stores(found)
    register = stores.register()
    own = [order for order in register.orders() if order.monitored_id == person]
    known = policies.load(found)
    law = next((known[order.policy_id] for order in own if order.policy_id in known), None)
    if law is None:
        raise fail("No order in the register binds a person of that name.")
    books = stores.oversight()
    try:
        calendar = Calendar(policies.retention(found), SqlRetention(register.engine).holds(now_ms()), now_ms())
        facts = Facts(
            made_ms=now_ms(),
            time_zone=law.time_zone,
            purposes=law.access.purposes,
            delay_days=law.access.his_delay_days,
            orders=[_own(order, calendar, register) for order in own],
            copies=[copy for copy in books.copies() if copy.person_id == person],
            forbidden=_forbidden(own, register),
        )
        for text in texts():
            check(text)
        told = document(facts, language)
        SqlLines(register.engine).add(_written(person, by, facts.made_ms))
    except (Named, LeakError):
        raise fail(
            "The document would name a protected person, or read like a place: it is not made. Look at the order's legal basis."
        ) from None
    except LeafError as error:
        raise fail(str(error)) from error
    finally:
        books.close()
        register.close()
    sys.stdout.write(told)


def _own(order: Order, calendar: Calendar, register: SqlRegister) -> OwnOrder:
    # What the core is told of a court's order bears its name, with a mark for each further person and stretch.
    names = (order.order_id, order.order_id.rpartition("~")[0], order.order_id.rpartition(".")[0])
    claim = next((claim for claim in SqlRetention(register.engine).claims() if claim.order_id in names), None)
    due = {data: None if claim is None else calendar.due_ms(claim, data) for data in DataClass}
    return OwnOrder(legal_basis=order.legal_basis, from_ms=order.from_ms, until_ms=order.until_ms, due=due)


def _forbidden(orders: list[Order], register: SqlRegister) -> set[str]:
    """Return the names and ids of everybody whom his orders protect."""
    persons = {person for order in orders for person in order.protected_ids}
    return persons | {label for person in persons if (label := register.label(person)) is not None}


def _written(person: str, by: str, at_ms: int) -> Act:
    return Act(
        at_ms=at_ms,
        act="exported",
        what="subject:report",
        purpose="oversight",
        audience="service",
        client=Client.COMMAND_LINE,
        who=Personal(by, by),
        whose=(Personal(person, person),),
    )
