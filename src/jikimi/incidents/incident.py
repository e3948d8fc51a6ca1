"""An incident: what happened, how bad it is, whose it is, and all that was done about it. Holds no coordinates."""

from __future__ import annotations

import enum
import hashlib
from typing import Final

import msgspec

from jikimi.incidents.status import Status, TaskStatus
from jikimi.model.decision import Reason, Sight, Tier


class Kind(enum.StrEnum):
    """What opens an incident."""

    SOS = "sos"
    SILENT_SOS = "silent_sos"
    """She called without a sound: whatever rings near her may give her away."""
    APPROACH = "approach"
    STRAP = "strap"
    REMOVAL = "removal"
    JAMMING = "jamming"
    FALSE_DATA = "false_data"
    NO_SHOW = "no_show"
    """He did not come to have the tag fitted."""
    SILENCE = "silence"
    MASS_SILENCE = "mass_silence"
    """Many pairs fell silent at once: one cause, one incident, with the list of its members."""
    BATTERY = "battery"
    """His tag's."""
    PHONE_BATTERY = "phone_battery"
    """Her handset's: nothing of it may ever reach him."""
    HANDSET = "handset"
    """Her device failed: lost permission, killed, silent."""
    ORDER = "order"
    """Something is wrong with the order."""


CALLS: Final = frozenset({Kind.SOS, Kind.SILENT_SOS})
"""Her calls for help."""
TAMPER: Final = frozenset({Kind.STRAP, Kind.REMOVAL, Kind.JAMMING, Kind.FALSE_DATA, Kind.NO_SHOW})
SETTLING: Final = frozenset({Kind.SILENCE, Kind.MASS_SILENCE, Kind.BATTERY, Kind.PHONE_BATTERY, Kind.HANDSET})
"""Only these may close by themselves, when their cause has ended. An approach, tamper and SOS wait for a person."""


FINDING: Final = frozenset({*CALLS, Kind.APPROACH, Kind.STRAP, Kind.REMOVAL, Kind.JAMMING, Kind.FALSE_DATA, Kind.SILENCE, Kind.HANDSET})
"""Those in which somebody must be found, so that the gate opens positions to those who bring help. An empty battery, an order to be
looked at, or one cause for many silences does not ask where anybody is; whoever comes near her meanwhile has an incident of his own."""


class Where(enum.StrEnum):
    """At whom a task is."""

    MONITORED = "monitored"
    PROTECTED = "protected"


class Outcome(enum.StrEnum):
    """How an incident ended."""

    HELPED = "helped"
    ARRESTED = "arrested"
    WARNED = "warned"
    NO_BREACH = "no_breach"
    TECHNICAL = "technical"
    SETTLED = "settled"
    """Its cause ended by itself."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an incident concerns and under which law.

    Attributes:
        pair_id: the pair.
        order_id, policy_id: the order, and whose numbers apply.
        basis_id: the kind of that order in the table of durations.
        tag_basis_id: the kind of order under which he wears the tag; the same one mostly. None: not known.
        monitored_id, protected_id: the two persons.
        breaches: confirmed breaches of his before now.
    """

    pair_id: str
    order_id: str
    policy_id: str
    basis_id: str
    tag_basis_id: str | None
    monitored_id: str
    protected_id: str
    breaches: int = 0


class Harm(msgspec.Struct, frozen=True, kw_only=True):
    """What the order of the queue goes by. Each part is the latest known.

    ``contact_s`` is the time to contact in seconds, or None while unknown; ``low_m`` the least separation in metres, or None.
    """

    tier: Tier = Tier.CLEAR
    contact_s: float | None = None
    low_m: float | None = None
    sight: Sight = Sight.LIVE
    breaches: int = 0
    tampered: bool = False
    sos: bool = False


class Strand(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident holds of one pair, her or a place of hers: ``standing``, what lasts there, and ``harm``, how bad it is there."""

    pair_id: str
    standing: frozenset[Kind] = frozenset()
    harm: Harm = Harm()


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One responder's part. ``responder`` is an agency of the policy; times in ms, None until it happened.

    ``pressed``: how often its clock rang since it stands as it does, ``pressed_ms``: when last, or when it was asked anew.
    """

    where: Where
    responder: str
    status: TaskStatus = TaskStatus.WAITING
    changed_ms: int
    pressed: int = 0
    pressed_ms: int | None = None

    @property
    def since_ms(self) -> int:
        """Since when its clock runs."""
        return self.changed_ms if self.pressed_ms is None else self.pressed_ms


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the core said when a line was written: the pair's transition by its number, with its reasons. Holds no coordinates."""

    number: int
    tier: Tier
    sight: Sight
    low_m: float | None
    contact_s: float | None
    reasons: tuple[Reason, ...]


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One pair of a mass silence: whom it concerns, how bad it was there when it fell silent, and when it was seen again."""

    party: Party
    harm: Harm
    since_ms: int
    ended_ms: int | None = None


class Count(msgspec.Struct, frozen=True):
    """How many pairs are, or were, members of a mass silence, and of how many that lasts; ``said``: what its history said last."""

    total: int
    standing: int
    said: int = 0


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an incident's history; 1 for its first, then without gaps. ``what`` is a word, ``reason`` a person's sentence.

    ``pair_id``: at which of its pairs; ``told``: what the core said. None where a person or a clock wrote the line.
    """

    number: int
    at_ms: int
    what: str
    by: str
    reason: str | None = None
    pair_id: str | None = None
    told: Told | None = None


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as it stands now.

    Attributes:
        incident_id: its name.
        party: whom it concerns; of its pairs the one where it is worst now.
        kinds: all that was merged into it, the first one first.
        standing: those of them whose cause lasts, at any of its pairs.
        harm: how bad it is, all its pairs together.
        strands: what it holds of each pair, in the order in which they came.
        key: what people work on as one thing; one incident at most is open under it.
        status, outcome: where it stands, and how it ended, or None.
        opened_ms, resolved_ms: when; None while it is open.
        owner: the operator who has it, or None while nobody is signed in.
        tasks: the responders' parts, in the order of first contact.
        rung, rung_due_ms: how many steps of the ladder were taken, and when the next is due; None when acknowledged.
        contact_due_ms: when a person must have spoken with her, or None.
        task_due_ms: when a responder who was asked must have gone on: received it, sent a unit, arrived; or None.
        told_tier: the tier she was last told.
        told_text: which text about her own device or his silence she was last told, or None.
        told_m: the separation the responders were last told, in metres, or None.
        members: how many pairs it holds, where it is a mass silence; else None.
        said: the newest notice of each recipient and text, so that the next one takes its place.
        entries: how many lines its history has.
        drill: whether it is an exercise.
    """

    incident_id: str
    party: Party
    kinds: tuple[Kind, ...]
    standing: frozenset[Kind]
    harm: Harm
    strands: tuple[Strand, ...] = ()
    key: str = ""
    status: Status = Status.OPEN
    outcome: Outcome | None = None
    opened_ms: int
    resolved_ms: int | None = None
    owner: str | None = None
    tasks: tuple[Task, ...] = ()
    rung: int = 0
    rung_due_ms: int | None = None
    contact_due_ms: int | None = None
    task_due_ms: int | None = None
    told_tier: Tier = Tier.CLEAR
    told_text: str | None = None
    told_m: float | None = None
    members: Count | None = None
    said: dict[str, str] = {}
    entries: int = 0
    drill: bool = False

    @property
    def due_ms(self) -> int | None:
        """When time alone next asks something of somebody."""
        return min((due for due in (self.rung_due_ms, self.contact_due_ms, self.task_due_ms) if due is not None), default=None)


def finds(incident: Incident) -> bool:
    """Return whether somebody must be found in an incident. Nobody must in an exercise."""
    return not incident.drill and not FINDING.isdisjoint(incident.kinds)


def name_of(*parts: str) -> str:
    """Return a name for these things: 24 hexadecimal digits that tell a reader nothing."""
    digest = hashlib.sha256(b"jikimi incident 1")
    for part in parts:
        digest.update(b"%d:%b" % (len(part.encode()), part.encode()))
    return digest.hexdigest()[:24]
