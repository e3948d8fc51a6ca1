"""What the desk's page is sent of incidents; the wire contract is in docs/architecture.md."""

from __future__ import annotations

import msgspec

from jikimi.disclosure.wire import Moment, ReasonFrame
from jikimi.incidents.incident import Kind, Outcome, Where
from jikimi.incidents.status import TaskStatus


class DeskTaskOf(msgspec.Struct, frozen=True):
    """A responder's part."""

    where: Where
    responder: str
    status: TaskStatus
    changed_ms: int


class DeskIncident(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the queue. ``pair`` is the name under which this session may open the pair; ``others``: merged in a flood."""

    incident: str
    pair: str
    label_monitored: str | None
    label_protected: str | None
    kinds: tuple[Kind, ...]
    standing: tuple[Kind, ...]
    status: str
    outcome: Outcome | None
    level: str
    tier: str
    sight: str
    contact_s: float | None
    low_m: float | None
    opened_ms: int
    owner: str | None
    mine: bool
    rung: int
    rung_due_ms: int | None
    contact_due_ms: int | None
    task_due_ms: int | None
    tasks: list[DeskTaskOf]
    members: DeskCount | None
    others: int
    drill: bool


class DeskCount(msgspec.Struct, frozen=True):
    """How many pairs a mass silence holds, and of how many the silence lasts."""

    total: int
    standing: int


class DeskMember(msgspec.Struct, frozen=True, kw_only=True):
    """One pair of a mass silence, how bad it was there when it fell silent, and when it was seen again."""

    pair: str
    label_monitored: str | None
    label_protected: str | None
    level: str
    tier: str
    contact_s: float | None
    low_m: float | None
    since_ms: int
    ended_ms: int | None


class MembersPage(msgspec.Struct, frozen=True):
    """Some members, those whose silence lasts first, the worst first."""

    rows: list[DeskMember]


class DeskDuty(msgspec.Struct, frozen=True, kw_only=True):
    """One operator on duty, with so many open incidents. ``offered_to``: to whom the shift is offered."""

    operator: str
    since_ms: int
    load: int
    offered_to: str | None


class QueuePage(msgspec.Struct, frozen=True, kw_only=True):
    """The queue at one moment. ``total`` are open, of which the worst are here; ``failed`` could not become incidents."""

    version: str
    at_ms: int
    me: str
    on_duty: bool
    rows: list[DeskIncident]
    total: int
    failed: int
    duties: list[DeskDuty]


class DeskTold(msgspec.Struct, frozen=True, kw_only=True):
    """What the core said when a line was written, and why."""

    tier: str
    sight: str
    low_m: float | None
    contact_s: float | None
    reasons: list[ReasonFrame]


class DeskEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an incident's history. ``place``: at which place of hers, or null where it was she herself, or nobody's place."""

    number: int
    at_ms: int
    what: str
    by: str
    reason: str | None
    place: str | None
    told: DeskTold | None


class DeskNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice and how far it came.

    ``to``: ``protected``, ``monitored``, ``supervisor``, an agency or an operator. ``short``: for danger there are too few channels.
    ``receipts``: what the recipient's device said of it.
    """

    to: str
    title: str
    text: str
    state: str
    short: bool
    made_ms: int
    tries: list[DeskTry]
    receipts: list[DeskReceipt]


class DeskReceipt(msgspec.Struct, frozen=True):
    """``delivered``, ``shown`` or ``seen``."""

    step: str
    at_ms: int


class DeskTry(msgspec.Struct, frozen=True):
    """One handing over: on which channel, when, and what the provider said."""

    channel: str
    at_ms: int
    verdict: str | None
    why: str | None


class DeskScript(msgspec.Struct, frozen=True):
    """What to check, say, read to him and send."""

    kind: Kind
    check: list[str]
    say: list[str]
    him: list[str]
    send: list[str]


class IncidentPage(msgspec.Struct, frozen=True, kw_only=True):
    """One incident in full.

    ``moments``: the core's transitions around it that its history does not tell; ``places``: which of its pairs are places;
    ``reports``: when his device said where it was, the times alone; ``agencies``: what the agencies are called.
    """

    row: DeskIncident
    entries: list[DeskEntry]
    moments: list[Moment]
    places: dict[str, str]
    reports: list[int]
    agencies: dict[str, str]
    notices: list[DeskNotice]
    scripts: list[DeskScript]
