"""The command line's orders and devices. Every order is the clerk's: what it keeps is undone by nobody else."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from jikimi.disclosure.ledger.leaf import MOST_VALUE, Act, Client, Personal
from jikimi.disclosure.ledger.place import looks_like_a_place
from jikimi.identity.second import Deed
from jikimi.ingest.credentials import new_secret
from jikimi.model.order import Device, DeviceKind, Order
from jikimi.model.policy import Policy
from jikimi.model.register import REGION, CourtOrder, Measure, MeasureKind, Protected, Standing
from jikimi.model.register import Act as OrderAct
from jikimi.orders.clerk import Clerk
from jikimi.orders.days import begin_ms
from jikimi.orders.dossier import Link
from jikimi.orders.funnel import Step
from jikimi.orders.pairs import pairs_of
from jikimi.orders.permissions import Flaw, Permission
from jikimi.orders.project import core_orders
from jikimi.policy.resolve import order_doubts, pair_rules
from jikimi.runtime import policies, second
from jikimi.runtime.commands import DAY_MS, fail, now_ms, say, settings, utc
from jikimi.runtime.identifying import identifiers
from jikimi.runtime.places import place
from jikimi.runtime.shell import os_account
from jikimi.runtime.staffing import shell_words
from jikimi.runtime.stores import Stores
from jikimi.storage.lines import SqlLines
from jikimi.storage.register import SqlRegister
from jikimi.storage.second import SqlSecond

NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
"""What a device and its gateway may be called: the name stands in credentials and headers."""
MOST_DAYS: Final = 36_600.0
MOST_M: Final = 100_000.0
T = TypeVar("T")


class Counter:
    """The register of one server, and its clerk."""

    def __init__(self, config: Path | None) -> None:
        self.settings = settings(config)
        self.durations = policies.durations(self.settings)
        stores = Stores(self.settings)
        self.register: SqlRegister = stores.register()
        self.clerk: Clerk = stores.clerk(self.register, self.durations)

    def ask(self, call: Callable[[], T]) -> T:
        """Have the clerk do something; end with the sentence of whatever it refuses."""
        try:
            return call()
        except (ValueError, LookupError) as error:
            raise fail(str(error)) from error

    def device(self, device_id: str) -> Device:
        """Return a device, or end with the sentence that there is none."""
        found = next((device for device in self.register.devices() if device.device_id == device_id), None)
        if found is None:
            raise fail("There is no device of that name.")
        return found

    def note(self, what: str, by: str, reason: str, *, order_id: str | None = None, person: str | None = None) -> None:
        """Write an act of the command line down for the ledger: who says to have done it, and by which account of the machine.

        ``person``: whom it is about; without one all whom the order names.
        """
        named = (person,) if person is not None else () if order_id is None else _named(self.order(order_id))
        SqlLines(self.register.engine).add(
            Act(
                at_ms=now_ms(),
                act="administered",
                what=what,
                purpose="administration",
                audience="service",
                client=Client.COMMAND_LINE,
                who=Personal(by, said(by)),
                whose=tuple(Personal(one, one) for one in named),
                order=None if order_id is None else Personal(order_id, order_id),
                reason=Personal(by, said(f"{reason}{shell_words(os_account())}")),
            )
        )

    def in_two(self, deed: Deed, target: str, detail: str | None, by: str, reason: str) -> None:
        """Propose a deed that two accounts must stand for."""
        requests = SqlSecond(self.register.engine, shell=os_account())
        second.proposed(requests, second.Hands(self.register, self.clerk), deed, target, detail, by, reason)

    def order(self, order_id: str) -> CourtOrder:
        """Return an order that the clerk keeps."""
        return self.ask(lambda: self.clerk.order(order_id))


def _named(order: CourtOrder) -> tuple[str, ...]:
    return (*order.monitored_ids, *(one.person_id for one in order.protected))


def said(reason: str) -> str:
    """Return a reason as the ledger takes it: one that looks like a coordinate is not repeated there."""
    return "a reason that the ledger does not take" if looks_like_a_place(reason) else reason[:MOST_VALUE]


def device_add(
    config: Path | None,
    kind: str,
    person: str | None,
    device_id: str | None,
    behind: str | None,
    known_as: str | None,
    order_id: str | None,
    by: str,
) -> None:
    """Register a device, note under which order it is given out, and print its credential."""
    _check_words(kind, person, device_id, behind, known_as, order_id)
    secret, digest = new_secret()
    made = Device(
        device_id=device_id or f"{kind}-{secrets.token_hex(4)}",
        kind=DeviceKind(kind),
        person_id=person,
        secret_sha256=digest,
        sealing_key=secret.encode(),
        gateway_id=behind,
        gateway_name=known_as,
    )
    counter = Counter(config)
    _check_register(counter, made)
    if person is not None and order_id is not None:
        # Given out first, entered second: the entry is what a running server notices, and then it awaits the device.
        links = counter.ask(lambda: counter.clerk.give_out(order_id, made.device_id, made.kind, person, now_ms=now_ms(), by=by))
        _say_links(links)
    if person is not None and counter.register.label(person) is None:
        counter.register.add_person(person, person)
    counter.register.add_device(made)
    counter.note("device:added", by, f"a {kind}", order_id=order_id, person=person)
    say(f"device      {made.device_id}")
    say(f"credential  {made.device_id}.{secret}")
    say("The credential is shown only now. docs/protocols.md says where each app or tracker wants it.")


def _check_words(
    kind: str, person: str | None, device_id: str | None, behind: str | None, known_as: str | None, order_id: str | None
) -> None:
    if (kind == DeviceKind.GATEWAY) != (person is None):
        raise fail("A tag or a handset is carried by a --person; a gateway by nobody.")
    if (behind is None) != (known_as is None):
        raise fail("--behind and --known-as belong together.")
    if order_id is not None and person is None:
        raise fail("--order belongs to a device that a person carries.")
    for word, name in (("--device", device_id), ("--behind", behind)):
        if name is not None and NAME.fullmatch(name) is None:
            raise fail(f"The name after {word} has 1 to 64 letters, digits, dots, hyphens or underscores.")
    if person is not None and not person.strip():
        raise fail("The name after --person is empty.")


def _check_register(counter: Counter, made: Device) -> None:
    known = {device.device_id: device for device in counter.register.devices()}
    if made.device_id in known:
        raise fail("There is a device of that name already; another secret would silence it. `jikimi device rotate` gives it one.")
    if made.gateway_id is not None and (made.gateway_id not in known or known[made.gateway_id].kind is not DeviceKind.GATEWAY):
        raise fail("There is no gateway of that name; add it first with --kind gateway.")
    orders = counter.register.orders()
    monitored = made.person_id in {one.monitored_id for one in orders}
    if monitored and any(one.person_id == made.person_id and not one.revoked for one in known.values()):
        raise fail(
            "This person is monitored and has a device already; another one beside it could say that he is elsewhere. "
            "`jikimi device rotate` gives it another secret, `jikimi device revoke` unpairs it: two accounts confirm either."
        )
    persons = {person for one in orders for person in (one.monitored_id, *one.protected_ids)}
    if made.person_id is not None and made.person_id not in persons:
        say("Please check: no order names this person. What the device sends is kept, and nothing is judged by it.")


def device_revoke(config: Path | None, device_id: str, by: str, reason: str | None) -> None:
    """Believe a device no longer, and wait for it no longer. To unpair a tag or a gateway two accounts are asked."""
    counter = Counter(config)
    if counter.device(device_id).kind is not DeviceKind.HANDSET:
        if reason is None:
            raise fail("To unpair a tag or a gateway two accounts are asked: give the reason with --reason.")
        return counter.in_two(Deed.UNPAIR_TAG, device_id, None, by, reason)
    carried_by = counter.device(device_id).person_id
    second.unpair(counter.register, counter.clerk, device_id, now_ms(), by)
    counter.note("device:revoked", by, "at the command line", person=carried_by)
    return say("Revoked. A running server refuses it within a second.")


def device_rotate(config: Path | None, device_id: str, overlap_h: float, by: str, reason: str | None) -> None:
    """Give a device a new secret; the old one is believed for some hours more.

    Of a tag or a gateway two accounts must confirm it: a secret that nobody carries to the device silences it when the hours are over. One
    whose secret was cut off is silent already, so it gets another at once.
    """
    if not 0 <= overlap_h <= second.MOST_OVERLAP_H:
        raise fail(f"The old secret may be believed for 0 to {second.MOST_OVERLAP_H} hours more.")
    counter = Counter(config)
    old = counter.device(device_id)
    if old.revoked:
        raise fail("That device was revoked: add a new one instead.")
    if old.kind is not DeviceKind.HANDSET and not old.cut:
        return _propose_secret(counter, old, overlap_h, by, reason)
    secret, digest = new_secret()
    counter.register.add_device(second.rotated(old, secret, digest, now_ms() + round(overlap_h * second.HOUR_MS)))
    counter.note("device:rotated", by, f"the earlier secret is believed for {overlap_h:g} hours more", person=old.person_id)
    say(f"credential  {device_id}.{secret}")
    more = f" The earlier one is believed for {overlap_h:g} hours more." if overlap_h > 0 else ""
    return say(f"The credential is shown only now.{more}")


def _propose_secret(counter: Counter, old: Device, overlap_h: float, by: str, reason: str | None) -> None:
    """Print a secret that is believed once two accounts confirmed it."""
    if reason is None:
        raise fail("For a new secret of a tag or a gateway two accounts are asked: give the reason with --reason.")
    counter.in_two(Deed.RENEW_CREDENTIAL, old.device_id, f"{overlap_h:g}", by, reason)
    secret, digest = new_secret()
    key = None if old.sealing_key is None else secret.encode()
    counter.register.add_device(msgspec.structs.replace(old, next_sha256=digest, next_key=key))
    say(f"credential  {old.device_id}.{secret}")
    say("The credential is shown only now, and believed once two accounts confirmed it.")
    say(f"The earlier one is believed until then, and for {overlap_h:g} hours after.")


def order_add(
    config: Path | None,
    policy_id: str,
    monitored: str,
    protected: Sequence[str],
    basis_id: str,
    article: str | None,
    owner: str,
    days: float,
    distance_m: float | None,
    alert_m: float | None,
    places: Sequence[str],
    *,
    region: str | None,
    tagged: bool,
    monitored_is: Path | None = None,
) -> None:
    """Enter an order that the court has decided, from now on."""
    if not 0 < days <= MOST_DAYS:
        raise fail("An order is in force for more than 0 and at most 36,600 days.")
    for word, metres in (("--distance-m", distance_m), ("--alert-m", alert_m)):
        if metres is not None and not 0 < metres <= MOST_M:
            raise fail(f"The distance after {word} is more than 0 and at most 100,000 m.")
    if region is not None and REGION.fullmatch(region) is None:
        raise fail("The region is a code of ISO 3166-2, such as KR-11.")
    counter = Counter(config)
    policy, found = policies.load(counter.settings).get(policy_id), counter.durations.get(policy_id)
    if policy is None or found is None:
        raise fail(f"There is no policy with durations called {policy_id}; known are {', '.join(sorted(counter.durations))}.")
    basis = found.basis(basis_id)
    if basis is None:
        raise fail(f"The policy {policy_id} knows these bases: {', '.join(one.basis_id for one in found.bases)}.")
    who = {} if monitored_is is None else {monitored: identifiers(monitored_is)}
    begin = now_ms()
    until = begin + round(days * DAY_MS)
    away = Measure(
        measure_id="no-approach", kind=MeasureKind.NO_APPROACH, from_ms=begin, until_ms=until, distance_m=distance_m, alert_m=alert_m
    )
    tag = (Measure(measure_id="tag", kind=MeasureKind.MONITORING, from_ms=begin, until_ms=until),) if tagged else ()
    order = CourtOrder(
        order_id=f"order-{secrets.token_hex(4)}",
        policy_id=policy_id,
        basis_id=basis_id,
        legal_basis=article if article is not None else basis.article,
        owner=owner,
        monitored_ids=(monitored,),
        protected=tuple(Protected(person_id=person, standing=Standing.VICTIM) for person in protected),
        places=tuple(place(text, number) for number, text in enumerate(places, start=1)),
        measures=(away, *tag),
        decided_ms=begin,
        region=region,
    )
    told = core_orders(order)
    _judged(counter, told, policy)
    entered = counter.ask(lambda: counter.clerk.enter(order, now_ms=begin, by=owner, who=who, labels=_labels(counter.register, order)))
    counter.note("order:entered", owner, "at the command line", order_id=order.order_id)
    for doubt in dict.fromkeys(doubt for one in told for doubt in order_doubts(policy, one)):
        say(f"Please check: {doubt}")
    _say_links(entered.links)
    if not counter.clerk.is_identified(monitored):
        say("Please check: nothing says who must stay away; it will be matched by its record name alone.")
        say(f"`jikimi order identify {order.order_id} --monitored-is FILE --by NAME` says it (docs/register.md).")
    say(f"order       {order.order_id}")
    say("Her app opens with a code that `jikimi invite` gives, once somebody made sure who she is.")


def _say_links(links: Sequence[Link]) -> None:
    """Say whose it is to look, where records may be one man's."""
    if links:
        owners = ", ".join(sorted({link.owner for link in links}))
        say(f"Please check: records that may be one man's ({len(links)}). The desk shows them to whoever decides: {owners}.")


def order_identify(config: Path | None, order_id: str, file: Path, monitored: str | None, by: str) -> None:
    """Say who a monitored person of an order is, and compare once more."""
    counter = Counter(config)
    persons = counter.order(order_id).monitored_ids
    if monitored is None and len(persons) > 1:
        raise fail("The order binds several persons: say which with --monitored.")
    person = persons[0] if monitored is None else monitored
    if person not in persons:
        raise fail("The order binds nobody of that record name.")
    who = identifiers(file)
    links = counter.ask(lambda: counter.clerk.identify(person, who, now_ms=now_ms()))
    counter.note("order:identified", by, "at the command line", order_id=order_id)
    _say_links(links)
    say(
        "Kept as keyed marks, and compared with every tag and every order. The register has none of the words; the file is yours to delete."
    )


def _judged(counter: Counter, told: Sequence[Order], policy: Policy) -> None:
    for one in told:
        counter.ask(lambda one=one: pairs_of(one, policy, pair_rules))  # type: ignore[misc]


def _labels(register: SqlRegister, order: CourtOrder) -> dict[str, str]:
    persons = (*order.monitored_ids, *(one.person_id for one in order.protected))
    return {person: person for person in persons if register.label(person) is None}


def order_end(config: Path | None, order_id: str, how: str, by: str, reason: str) -> None:
    """Ask a second person to end an order now: revoked, or by acquittal or dismissal."""
    Counter(config).in_two(Deed.END_ORDER, order_id, how, by, reason)


def order_suspend(config: Path | None, order_id: str, by: str, reason: str) -> None:
    """Ask a second person to let an order rest."""
    Counter(config).in_two(Deed.SUSPEND_ORDER, order_id, None, by, reason)


def order_resume(config: Path | None, order_id: str, by: str, reason: str) -> None:
    """Let a suspended order hold again. Nobody loses protection by it, so nobody else is asked."""
    counter, now = Counter(config), now_ms()
    counter.ask(lambda: counter.clerk.act(order_id, OrderAct.RESUME, at_ms=now, now_ms=now, by=by, reason=reason))
    counter.note("order:resumed", by, reason, order_id=order_id)
    say("It holds again.")


def order_extend(config: Path | None, order_id: str, last_day: dt.date, measures: Sequence[str], by: str, reason: str) -> None:
    """Extend measures of an order, or all that have an end, through a last day."""
    counter, now = Counter(config), now_ms()
    order = counter.order(order_id)
    until_ms = begin_ms(last_day + dt.timedelta(days=1), ZoneInfo(counter.durations[order.policy_id].time_zone))
    names = measures or [one.measure_id for one in order.measures if one.until_ms is not None]
    counter.ask(lambda: counter.clerk.extend(order_id, dict.fromkeys(names, until_ms), at_ms=now, now_ms=now, by=by, reason=reason))
    counter.note("order:extended", by, reason, order_id=order_id)
    say(f"Extended through {last_day.isoformat()}.")


def order_permit(config: Path | None, order_id: str, file: Path, by: str) -> None:
    """Set the allowed meetings of an order from a file, and ask about what is doubtful in them."""
    counter = Counter(config)
    try:
        listed = msgspec.json.decode(file.read_bytes(), type=list[dict[str, object]])
        meetings = [msgspec.convert(one | {"order_id": order_id}, Permission) for one in listed]
    except OSError as error:
        raise fail(f"The file cannot be read: {error.strerror}.") from None
    except msgspec.MsgspecError as error:
        raise fail(f"The file is none of allowed meetings (docs/register.md): {error}") from None
    doubts = counter.ask(lambda: counter.clerk.permit(order_id, meetings, now_ms=now_ms()))
    counter.note("order:permitted", by, f"{len(meetings)} allowed meetings", order_id=order_id)
    for doubt in doubts:
        say(f"Please check: {', '.join(doubt.permission_ids)}: {DOUBTS[doubt.flaw]} (first at {utc(doubt.span.from_ms)}).")
    say(f"{len(meetings)} allowed meetings. Each makes an alarm less urgent for those who would be sent, and hides nothing.")


DOUBTS: Final[Mapping[Flaw, str]] = {
    Flaw.EMPTY: "it permits nothing at all",
    Flaw.OUTSIDE: "it permits something when the order is not in force",
    Flaw.OVERLAP: "at one time he may be at two places that do not touch",
    Flaw.GAP: "between a way and what it leads to some time is not permitted",
}


def order_step(config: Path | None, order_id: str, step: str, by: str) -> None:
    """Note that a step on the way to protection was done."""
    counter = Counter(config)
    counter.ask(lambda: counter.clerk.step(order_id, Step(step), at_ms=now_ms(), by=by))
    counter.note("order:step_noted", by, "at the command line", order_id=order_id)
    say("Noted.")
